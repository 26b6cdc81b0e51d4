"""Paths: what supplies a place, what is supplied through equipment; rows of objects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cim.network.phases import SLOTS
from cim.network.state import State, entries, places_in
from cim.network.topology import Bools, Ints
from cim.network.trace import Longs


def upstream(state: State, row: int, wanted: Bools | None = None) -> list[int]:
    """The equipment that supplies an object, the nearest first.

    Where its phases are supplied through different equipment, all of it is there.

    wanted: for each object whether it counts; None for all.
    """
    height: dict[int, int] = {}
    nodes, slots = state.places(row)
    for node, slot in zip(nodes.tolist(), slots.tolist(), strict=True):
        rows = state.rows(state.up(node, slot))
        rows = rows[rows >= 0]
        if wanted is not None:
            rows = rows[wanted[rows]]
        for place, equipment in enumerate(rows[::-1].tolist()):
            height[equipment] = max(place, height.get(equipment, 0))
    return sorted(height, key=lambda equipment: -height[equipment])


@dataclass(frozen=True, eq=False)
class Area:
    """Places of one state.

    places: node x SLOTS + slot, ascending.
    """

    state: State
    places: Longs

    @property
    def nodes(self) -> Ints:
        """Their nodes."""
        return np.unique(self.places // SLOTS).astype(np.int32)

    @property
    def node_rows(self) -> Ints:
        """The object rows of their nodes."""
        found: Ints = self.state.grid.node_rows[self.nodes]
        return found

    @property
    def equipment(self) -> Ints:
        """The object rows of the equipment that is at these nodes only."""
        terminals = self.state.grid.terminals
        at = self.state.grid.terminals_at(self.nodes)
        rows, count = np.unique(terminals.equipment[at], return_counts=True)
        all_ = np.searchsorted(terminals.equipment, rows, "right")
        all_ -= np.searchsorted(terminals.equipment, rows, "left")
        inside: Ints = rows[count == all_]
        return inside

    @property
    def usage_points(self) -> Ints:
        """The object rows of the usage points that have a phase there."""
        customers = self.state.grid.customers
        return customers.rows[customers.at(self.places)]


def downstream(state: State, row: int) -> Area:
    """All that is supplied through equipment, or through a node or what is at one."""
    begin = state.entries(row)
    if state.grid.numbers.of[row] < 0:
        begin = entries(*state.places(row))
    return Area(state, places_in(state.below(begin)[0]))


def through(state: State, found: Longs) -> Ints:
    """The object rows of the equipment through which entries are supplied; each once."""
    ways = state.supply.ways((found >> SLOTS).astype(np.int32))
    inside = found[:, np.newaxis] >> np.arange(SLOTS) & 1 == 1
    rows = np.unique(state.rows(ways[inside & (ways >= 0)]))
    return rows[rows >= 0]


def between(state: State, one: int, two: int) -> list[int]:
    """The equipment on the ways from one object up to where they meet, and down to the other.

    Neither object itself is there.  Empty where the ways do not meet.
    """
    found: dict[int, None] = {}
    ends = [dict(_by_slot(state, row)) for row in (one, two)]
    for slot in sorted(ends[0].keys() & ends[1].keys()):
        up, down = (state.up(end[slot], slot) for end in ends)
        if same := common(up, down):
            there = up[: len(up) - same], down[: len(down) - same][::-1]
            found |= dict.fromkeys(state.rows(np.concatenate(there)).tolist())
    return [row for row in found if row not in (-1, one, two)]


def _by_slot(state: State, row: int) -> Iterator[tuple[int, int]]:
    """Slots of an object, and a node of it for each."""
    nodes, slots = state.places(row)
    yield from zip(slots.tolist(), nodes.tolist(), strict=True)


def common(one: Longs, two: Longs) -> int:
    """How many ways at the end of both are the same."""
    most = min(len(one), len(two))
    other = np.flatnonzero(one[len(one) - most :] != two[len(two) - most :])
    return most - 1 - int(other[-1]) if len(other) else most
