"""Usage points and meters, and where on the network they hang."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cim.network.phases import LIVE, SLOTS
from cim.network.statements import Statements
from cim.network.terminals import Terminals, live
from cim.network.topology import Bools, Ints

Present = Callable[[Ints], Bools]
"""For nodes which places there any supply can reach, SLOTS a node."""


class Points(NamedTuple):
    """Usage points: their object rows; the places that supply them (CSR); what they are on."""

    rows: Ints
    start: Ints
    place: Ints
    on: Ints


@dataclass(frozen=True, eq=False)
class Customers:
    """Usage points by number.

    rows:     object row of each usage point.
    number:   for each object its usage point number, -1 where it is none.
    place:    the places (node x SLOTS + slot) that supply usage points, by usage point.
    start:    for each usage point its first place (CSR), one more at the end.
    by_place: the same places in their own order, and the usage points there.
    on:       for each usage point the equipment it is on, -1 if none is known.
    metered:  for each object the row of the usage point that it meters, -1 where it is no meter.
    """

    rows: Ints
    number: Ints
    place: Ints
    start: Ints
    by_place: tuple[Ints, Ints]
    on: Ints
    metered: Ints

    @classmethod
    def of(
        cls,
        said: Statements,
        terminals: Terminals,
        stated: Ints,
        pairs: tuple[Ints, Ints],
        present: Present,
    ) -> Customers:
        """pairs: of usage points and equipment, see `usage_point_equipment`."""
        rows = said.of_class("UsagePoint")
        number = said.column((rows, np.arange(len(rows), dtype=np.int32)))
        points, equipment = pairs
        owner, place = _supply(number[points], equipment, terminals, stated, present)
        start = np.searchsorted(owner, np.arange(len(rows) + 1)).astype(np.int32)
        order = np.argsort(place, kind="stable")
        first = said.column((points[::-1], equipment[::-1]))
        by_place = (place[order], owner[order])
        return cls(rows, number, place, start, by_place, first[rows], _metered(said))

    @property
    def all(self) -> Points:
        """All usage points."""
        return Points(self.rows, self.start, self.place, self.on)

    def some(self, numbers: Ints) -> Points:
        """The usage points with these numbers."""
        low, count = self.start[numbers], np.diff(self.start)[numbers]
        start = np.concatenate([np.zeros(1, np.int32), count.cumsum(dtype=np.int32)])
        place = self.place[spread(low.astype(np.int64), count.astype(np.int64))]
        return Points(self.rows[numbers], start, place, self.on[numbers])

    def places(self, number: int) -> Ints:
        """The places that supply one usage point."""
        return self.place[self.start[number] : self.start[number + 1]]

    def at(self, places: NDArray[np.int64]) -> Ints:
        """The numbers of the usage points that have one of these places."""
        there, owners = self.by_place
        low = np.searchsorted(there, places, "left")
        count = np.searchsorted(there, places, "right") - low
        found: Ints = np.unique(owners[spread(low, count)])
        return found


def spread(low: NDArray[np.int64], count: NDArray[np.int64]) -> NDArray[np.int64]:
    """All numbers of some ranges, one range after the other."""
    total = int(count.sum())
    found: NDArray[np.int64] = np.repeat(low - (count.cumsum() - count), count)
    return found + np.arange(total)


def usage_point_equipment(said: Statements) -> tuple[Ints, Ints]:
    """Pairs of usage point and equipment, from whichever side they are stated."""
    points, equipment = said.link("UsagePoint.Equipments")
    equipment2, points2 = said.link("Equipment.UsagePoints")
    one = np.concatenate([points, points2]).astype(np.int64)
    pairs = np.unique(one << 32 | np.concatenate([equipment, equipment2]))
    points, equipment = (pairs >> 32).astype(np.int32), (pairs & 0xFFFFFFFF).astype(np.int32)
    known = said.is_of(points, "UsagePoint")
    return points[known], equipment[known]


def _supply(
    number: Ints, equipment: Ints, terminals: Terminals, stated: Ints, present: Present
) -> tuple[Ints, Ints]:
    """Pairs of usage point number and place, sorted."""
    low = np.searchsorted(terminals.equipment, equipment)
    count = np.searchsorted(terminals.equipment, equipment, "right") - low
    at = spread(low, count)
    owner, node = np.repeat(number, count), terminals.node[at]
    bits = _supplying(stated[np.repeat(equipment, count)], node, present)
    pairs = [
        owner[here].astype(np.int64) << 32 | (node[here] * SLOTS + slot)
        for slot in range(SLOTS)
        for here in [bits >> slot & 1 == 1]
    ]
    keys = np.sort(np.concatenate(pairs))
    return (keys >> 32).astype(np.int32), (keys & 0xFFFFFFFF).astype(np.int32)


def _supplying(bits: Ints, node: Ints, present: Present) -> Ints:
    """The phases as stated; else those that reach the node by design; else all three."""
    bits = bits & LIVE
    unsaid = np.flatnonzero(bits == 0)
    if len(unsaid):
        by_design = present(node[unsaid])
        bits[unsaid] = (by_design << np.arange(SLOTS)).sum(axis=1)
    return live(bits)


def _metered(said: Statements) -> Ints:
    metered = said.column(said.link("EndDevice.UsagePoint"))
    points, meters = said.link("UsagePoint.EndDevices")
    metered[meters] = points
    return metered
