"""Which places of a layout something feeds, and in which island, by the positions of now.

Phase by phase: a conductor passes on its own phase, a transformer whose windings are all earthed
stars too, and any other transformer all of its phases.  A neutral is with the phases of its node.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from cim.electrical.switches import Switch
from cim.electrical.transformers import Transformer
from cim.electrical.yprim import Primitive
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Ints, Layout

Bools = NDArray[np.bool_]


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
        start, end, element, row = table.T
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
        part = self._graph.parts(closed[self.row])
        joined = [
            (self.layout.number[a], self.layout.number[b])
            for a, b in given.joined
            if a in self.layout.number and b in self.layout.number
        ]
        if joined:
            one, two = np.array(joined, np.int64).T
            part = _merged(part, one, two)
        supplied = np.zeros(len(part), np.bool_)
        supplied[part[self._fed(given, more)]] = True
        lit = supplied[part]
        # One island has all phases, which a node brings together.
        rows = np.flatnonzero(lit)
        return _by_size(_merged(part, rows, self.first[rows]), lit)

    def _fed(self, given: Given, more: Sequence[int]) -> Ints:
        places, elements = self.seeds
        out = [self.layout.element[mrid] for mrid in given.out if mrid in self.layout.element]
        fed = places[~np.isin(elements, out)] if out else places
        return np.concatenate([fed, np.array(more, np.int64)])

    @cached_property
    def _graph(self) -> _Graph:
        start = np.concatenate([self.start, self.neutrals[0]])
        end = np.concatenate([self.end, self.neutrals[1]])
        return _Graph.of(start, end, len(self.layout.places), len(self.neutrals[0]))


@dataclass(frozen=True, eq=False)
class _Graph:
    """Edges in rows by the vertex where they start.

    edge:   the number of each.
    always: of the last edges, which are on.
    """

    edge: Ints
    end: NDArray[np.int32]
    rows: Ints
    always: Bools

    @classmethod
    def of(cls, start: Ints, end: Ints, size: int, always: int) -> _Graph:
        edge = np.argsort(start, kind="stable")
        rows = np.concatenate([[0], np.cumsum(np.bincount(start, minlength=size))])
        return cls(edge, end[edge].astype(np.int32), rows, np.ones(always, np.bool_))

    def parts(self, on: Bools) -> Ints:
        """The number of the part that each vertex is in."""
        there = np.concatenate([on, self.always])[self.edge]
        end = self.end[there]
        rows = np.concatenate([[0], np.cumsum(there)])[self.rows].astype(np.int32)
        size = len(self.rows) - 1
        graph = csr_matrix((np.ones(len(end)), end, rows), (size, size))
        return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def closed_rows(layout: Layout, given: Given) -> Bools:
    """Which conductors are connected through: of switches the closed poles, of lines those that are
    not cut, and of everything what is in service."""
    found = np.ones(len(layout.conductors.element), np.bool_)
    for switch in layout.view.switches:
        found[layout.rows(switch.mrid)] = closed_poles(switch, given) * len(switch.ends)
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


def _merged(part: Ints, one: Ints, two: Ints) -> Ints:
    """Parts, when each two of these places are in one."""
    one, two = part[one], part[two]
    apart = one != two
    if not apart.any():
        return part
    count = int(part.max()) + 1
    into = list(range(count))  # of each part the same or a lower one
    for code in np.unique(one[apart] * count + two[apart]).tolist():
        low, high = sorted((_lowest(into, code // count), _lowest(into, code % count)))
        into[high] = low
    for number, other in enumerate(into):
        into[number] = into[other]
    return np.array(into, np.int64)[part]


def _lowest(into: list[int], number: int) -> int:
    while into[number] != number:
        into[number] = number = into[into[number]]
    return number


def _by_size(part: Ints, lit: Bools) -> Ints:
    """Numbers of the parts that are lit, the largest first, then by place; -1 elsewhere."""
    sizes = np.bincount(part, lit)
    first = np.zeros(len(sizes), np.int64)
    first[part[::-1]] = np.arange(len(part))[::-1]
    number = np.full(len(sizes), -1, np.int64)
    fed = np.flatnonzero(sizes)
    number[fed[np.lexsort((first[fed], -sizes[fed]))]] = np.arange(len(fed))
    return np.where(lit, number[part], -1)


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
