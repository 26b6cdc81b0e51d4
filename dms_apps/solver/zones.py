"""Metering zones: the parts into which telemetered equipment divides a network as operated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from dms_apps.solver.energised import Ways, closed_rows
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Ints, Layout
from dms_apps.solver.solution import Complex, Solution, summed


@dataclass(frozen=True, eq=False)
class Zones:
    """A layout divided at terminals; a divider belongs to the zone beyond its terminal.

    element: zone of each element; -1 where nothing feeds it.
    inflow:  conductors at the dividing terminals, with the zone that they feed and the zone that
             they take from.
    count:   how many zones there are.
    """

    element: Ints
    inflow: tuple[Ints, Ints, Ints]
    count: int

    @classmethod
    def of(cls, layout: Layout, given: Given, island: Ints, terminals: Sequence[str]) -> Zones:
        """The zones between these terminals, by mRID.

        island: by place, as a solution has it.
        What has one terminal only divides nothing; of both ends of one element the first does.
        """
        dividers = _dividers(layout, terminals)
        part = _parts(layout, given, np.array(list(dividers), np.int64))
        zone = np.full(len(part), -1, np.int64)
        fed = island >= 0
        zone[fed] = np.unique(part[fed], return_inverse=True)[1]
        place = layout.conductors.place
        # Of an element some phases may be without supply.
        element = np.full(len(layout.elements), -1, np.int64)
        np.maximum.at(element, layout.conductors.element, zone[place])
        rows: list[int] = []
        for number, terminal in dividers.items():
            own = range(int(layout.first[number]), int(layout.first[number + 1]))
            here = [i for i in own if layout.conductors.terminal[i] == terminal]
            beyond = [i for i in own if layout.conductors.terminal[i] != terminal]
            element[number] = zone[place[beyond]].max()
            rows += here
        at = np.array(rows, np.int64)
        inflow = at, element[layout.conductors.element[at]], zone[place[at]]
        return cls(element, inflow, int(zone.max(initial=-1)) + 1)

    def feeding(self, zone: int) -> list[int]:
        """Conductors at the dividing terminals through which a zone is fed."""
        rows, into, _ = self.inflow
        return [int(row) for row in rows[into == zone]]

    def imported(self, solution: Solution) -> Complex:
        """Volt-amperes that flow into each zone over its borders, less what flows on."""
        rows, into, out = self.inflow
        through = (into >= 0) & (out >= 0)
        power = solution.power[rows[through]]
        return summed(into[through], power, self.count) - summed(out[through], power, self.count)

    def taken(self, solution: Solution, *kinds: str) -> Complex:
        """Volt-amperes that elements of these kinds take in, by zone."""
        layout = solution.layout
        mine = np.isin(np.array(layout.kinds), kinds) & (self.element >= 0)
        return summed(self.element[mine], solution.taken[mine], self.count)


def _dividers(layout: Layout, terminals: Sequence[str]) -> dict[int, str]:
    """Elements by number, and the terminal at which each divides."""
    conductors, wanted = layout.conductors, set(terminals)
    found: dict[int, str] = {}
    for element, terminal in zip(conductors.element.tolist(), conductors.terminal, strict=True):
        own = layout.first[element : element + 2]
        if terminal in wanted and len({conductors.terminal[i] for i in range(*own)}) > 1:
            found.setdefault(element, terminal)
    return found


def _parts(layout: Layout, given: Given, dividers: Ints) -> Ints:
    """The part of each place when nothing passes the dividers."""
    ways = Ways.of(layout)
    on = closed_rows(layout, given)[ways.row] & ~np.isin(ways.element, dividers)
    size = np.arange(len(layout.places))
    start = np.concatenate([ways.start[on], size])
    end = np.concatenate([ways.end[on], ways.first])
    graph = coo_matrix((np.ones(len(start), np.int8), (start, end)), (len(size), len(size)))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)
