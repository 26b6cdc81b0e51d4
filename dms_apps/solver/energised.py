"""Which places of a layout something feeds, and in which island, by the positions of now.

Phase by phase: a conductor passes on its own phase, a transformer whose windings are all earthed
stars too, and any other transformer all of its phases.  A neutral is with the phases of its node.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cim.electrical.switches import Switch
from cim.electrical.transformers import Transformer
from cim.electrical.yprim import Primitive
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Ints, Layout

Bools = NDArray[np.bool_]
_NO_PAIRS = np.empty((2, 0), np.int64)


@dataclass(frozen=True, eq=False)
class Ways:
    """What passes supply on: between two places, through an element, on a phase.

    row:   the conductor of the element at `start`; of a switch it tells the pole.
    seeds: places of sources, with the element each belongs to.
    first: for each place the first one of its node.
    """

    layout: Layout
    start: Ints
    end: Ints
    element: Ints
    row: Ints
    seeds: tuple[Ints, Ints]
    neutrals: tuple[Ints, Ints]
    first: Ints

    @classmethod
    @lru_cache(maxsize=4)
    def of(cls, layout: Layout) -> Ways:
        """The ways of a layout; those of the last four are kept: of the models alone, and with
        sources beside them (`sources`)."""
        table = np.array(list(_ways(layout)), np.int64).reshape(-1, 4)
        sources = [i for i, kind in enumerate(layout.kinds) if kind == "source"]
        at = np.isin(layout.conductors.element, sources)
        seeds = layout.conductors.place[at], layout.conductors.element[at]
        start, end, element, row = np.ascontiguousarray(table.T)
        known: dict[str, int] = {}
        first = [known.setdefault(node, i) for i, (node, _) in enumerate(layout.places)]
        neutrals = _neutrals(layout)
        return cls(layout, start, end, element, row, seeds, neutrals, np.array(first, np.int64))

    def islands(self, given: Given, more: Sequence[int] = (), closed: Bools | None = None) -> Ints:
        """The number of the island of each place, from 0 by size; -1 where nothing feeds it.

        more:   places of other sources, which `given` does not take out of service.
        closed: the `closed_rows` of what is given, where they are known.
        """
        closed = closed_rows(self.layout, given) if closed is None else closed
        known = self.layout.number
        joined = [(known[a], known[b]) for a, b in given.joined if a in known and b in known]
        beside = np.array(joined, np.int64).reshape(-1, 2).T.copy() if joined else _NO_PAIRS
        fed = self._fed(given, more)
        found = self._numbering(
            self._pairs, self.row, closed, self._always, beside, fed, self.first
        )
        return np.asarray(found, np.int64)

    def _fed(self, given: Given, more: Sequence[int]) -> Ints:
        places, elements = self.seeds
        out = [self.layout.element[mrid] for mrid in given.out if mrid in self.layout.element]
        fed = places[~np.isin(elements, out)] if out else places
        return np.concatenate([fed, np.array(more, np.int64)]) if len(more) else fed

    @cached_property
    def _numbering(self) -> Any:
        from dms_apps.solver.joining import islands

        return islands

    @cached_property
    def _pairs(self) -> Ints:
        return np.stack([self.start, self.end])

    @cached_property
    def _always(self) -> Ints:
        return np.stack(self.neutrals)


def closed_rows(layout: Layout, given: Given) -> Bools:
    """Which conductors are connected through: of switches the closed poles, of lines those that are
    not cut, and of everything what is in service."""
    found = _usually_closed(layout).copy()
    for mrid in given.poles:
        at = layout.element.get(mrid, -1) - len(layout.primitives)
        if 0 <= at < len(layout.view.switches):
            switch = layout.view.switches[at]
            found[layout.rows(mrid)] = closed_poles(switch, given) * len(switch.ends)
    for mrid, phases in given.cut.items():
        if mrid in layout.element:
            rows = layout.rows(mrid)
            found[rows] = [phase not in phases for phase in layout.conductors.phase[rows]]
    for mrid in given.out:
        if mrid in layout.element:
            found[layout.rows(mrid)] = False
    for row in _out_with_bank(layout, given):
        found[row] = False
    return found


@lru_cache(maxsize=4)
def _usually_closed(layout: Layout) -> Bools:
    """As the models say; it is not to be changed."""
    found = np.ones(len(layout.conductors.element), np.bool_)
    for switch in layout.view.switches:
        closed = [pole.closed for pole in switch.poles]
        found[layout.rows(switch.mrid)] = closed * len(switch.ends)
    return found


def closed_poles(switch: Switch, given: Given) -> list[bool]:
    """Whether each pole of a switch is closed, be it in service or not."""
    said = given.poles.get(switch.mrid)
    return [p.closed if said is None else _closed(p.one, said) for p in switch.poles]


def _out_with_bank(layout: Layout, given: Given) -> Iterator[slice]:
    """The tanks of a PowerTransformer that is out of service."""
    for transformer in layout.view.transformers if given.out else ():
        if transformer.bank in given.out and transformer.mrid != transformer.bank:
            yield layout.rows(transformer.mrid)


def _closed(phase: str, said: frozenset[str]) -> bool:
    """Whether a pole is closed; the one of a neutral moves with the others."""
    return phase in said or (phase == "N" and bool(said))


def _ways(layout: Layout) -> Iterator[tuple[int, int, int, int]]:
    """Start, end, element and conductor."""
    view, place = layout.view, layout.conductors.place.tolist()
    for at, primitive in enumerate(layout.primitives):
        first = int(layout.first[at])
        if layout.kinds[at] == "line":
            half = len(primitive.places) // 2
            for i in range(first, first + half):
                yield place[i], place[i + half], at, i
        elif layout.kinds[at] == "transformer":
            own = view.transformers[at - len(view.lines)]
            yield from _coupled(own, primitive, place, at, first)
    start = len(layout.primitives)
    for at, switch in enumerate(view.switches, start):
        first, count = int(layout.first[at]), len(switch.poles)
        for i in range(first, first + count) if len(switch.ends) > 1 else ():
            yield place[i], place[i + count], at, i


def _coupled(
    transformer: Transformer, primitive: Primitive, place: Sequence[int], at: int, first: int
) -> Iterator[tuple[int, int, int, int]]:
    windings = transformer.windings
    straight = all(w.is_star and w.grounded and not w.is_zigzag for w in windings)
    by_phase = windings[0].three_phase and straight
    seen: dict[str, int] = {}
    for i, (_, phase) in enumerate(primitive.places, first):
        before = seen.setdefault(phase if by_phase and phase != "N" else "", i)
        if before != i:
            yield place[before], place[i], at, i


def _neutrals(layout: Layout) -> tuple[Ints, Ints]:
    """Each neutral and the first other place of its node."""
    first: dict[str, int] = {}
    for i, (node, phase) in enumerate(layout.places):
        if phase != "N":
            first.setdefault(node, i)
    pairs = [
        (i, first[node])
        for i, (node, phase) in enumerate(layout.places)
        if phase == "N" and node in first
    ]
    table = np.array(pairs, np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]
