"""What supplies the usage points: of many of them at once, in columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cim.network.customers import Points
from cim.network.phases import ABC, LIVE, SLOTS
from cim.network.state import State
from cim.network.topology import NOTHING, Bools, Bytes, Ints, at
from cim.network.trace import Longs


@dataclass(frozen=True, eq=False)
class Served:
    """Usage points of a network, and what each hangs on; the same as asking for one by one.

    points:     the usage points.
    supplied:   of each the phases supplied now, bits (`cim.network.phases`).
    dead:       of each whether it is not supplied on all its phases.
    feeders:    of each the feeder, "" without one.
    start, above: of each its protective path, the device next to the source first (CSR); places in
                `devices`.
    devices:    the switches and transformers on these paths.
    protective: of each device whether it opens by itself.
    phases:     of each device its phases, bits.
    rows:       of each device its object row.
    state:      of which all this is told.
    """

    points: Sequence[str]
    supplied: Bytes
    dead: Bools
    feeders: Sequence[str]
    start: Longs
    above: Ints
    devices: Sequence[str]
    protective: Bools
    phases: Ints
    rows: Ints
    state: State

    @classmethod
    def of(cls, state: State, earlier: Served | None = None, only: Ints | None = None) -> Served:
        """earlier: the same of another state: what is as it was there is not worked out again, and
        is the same value.

        only: the numbers of usage points; without them all.
        """
        grid = state.grid
        points = grid.customers.all if only is None else grid.customers.some(only)
        words: Sequence[str] | None = None
        if earlier is not None and earlier.state.grid is grid:
            if not ways_differ(state, earlier.state):
                supplied, dead = _supplied(state, points), _dead(state, points)
                return replace(earlier, supplied=supplied, dead=dead, state=state)
            words = earlier.points
        start, numbers = _chains(state, points)
        seen = np.zeros(len(grid.numbers.rows), np.bool_)
        seen[numbers] = True
        rows, above = grid.numbers.rows[seen], (seen.cumsum(dtype=np.int32) - 1)[numbers]
        return cls(
            _words(state, points.rows) if words is None else words,
            _supplied(state, points),
            _dead(state, points),
            _words(state, _feeders(state, points, start, rows[above])),
            start,
            above,
            _words(state, rows),
            grid.protective[rows],
            np.where(grid.stated[rows] & LIVE, grid.stated[rows] & LIVE, ABC).astype(np.int32),
            rows,
            state,
        )


def ways_differ(one: State, other: State) -> bool:
    """Whether any place is, or was, supplied by another way; that a way is dead makes it no other.

    Both of the same grid.
    """
    nodes = one.supply.differing(other.supply)
    return not np.array_equal(one.supply.ways(nodes), other.supply.ways(nodes))


def _dead(state: State, points: Points) -> Bools:
    """Of each usage point whether it is not supplied on all its phases."""
    dead = np.zeros(len(points.rows), np.bool_)
    dead[state.dead_points(points)] = True
    return dead


def _chains(state: State, points: Points) -> tuple[Longs, Ints]:
    """The equipment numbers of the devices above each usage point (CSR), from the source."""
    grid, trace = state.grid, state.supply
    if not len(points.place):
        return np.zeros(len(points.rows) + 1, np.int64), NOTHING
    from cim.network import chains

    size = grid.graph.nodes * SLOTS
    by, over = chains.crossings(
        grid.graph.arcs, trace.pool.words, trace.table, grid.devices, points.place, size
    )
    found: tuple[Longs, Ints] = chains.chains(points.start, points.place, by, over)
    return found


def _supplied(state: State, points: Points) -> Bytes:
    """Of each usage point the phases that are supplied, bits."""
    reached = state.supplied_places(points)
    bits = np.zeros(len(points.rows), np.uint8)
    owner = np.repeat(np.arange(len(bits)), np.diff(points.start))
    slot = (points.place % SLOTS)[reached]
    np.bitwise_or.at(bits, owner[reached], np.uint8(1) << slot.astype(np.uint8))
    return bits


def _feeders(state: State, points: Points, start: Longs, above: Ints) -> Ints:
    """Of each usage point the object row of its feeder, -1 without one."""
    found = at(state.grid.container, points.on)
    has_device = np.diff(start) > 0
    top = np.full(len(points.on), -1, np.int32)
    top[has_device] = above[start[:-1][has_device]]
    return np.where(found >= 0, found, top)


def _words(state: State, rows: Ints) -> list[str]:
    """The mRIDs of objects; "" where there is none."""
    if not len(rows):
        return []
    distinct, places = np.unique(rows, return_inverse=True)
    known = distinct[distinct >= 0]
    words = [*[""] * (len(distinct) - len(known))]
    words += state.grid.objects.ids.take(known) if len(known) else ()
    return [words[place] for place in places.tolist()]
