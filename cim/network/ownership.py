"""Compiled parts of lean loops: where nodes are in a pool, and pages of our own."""

from __future__ import annotations

from typing import Any

import numpy as np

from cim.network.compiling import stage, step
from cim.network.pages import Longs
from cim.network.topology import Ints

SHIFT = 8
SIZE = 1 << SHIFT
"""Nodes in a page."""

SLOTS = 5

u = np.uint64
Whole = Any


@step
def row_of(table: Ints, node: Whole) -> Whole:
    """The row of a node in the pool."""
    return np.int64(table[u(node >> SHIFT)]) << SHIFT | (node & (SIZE - 1))


@stage
def fetched(start: Ints, arcs: Ints, page: Whole) -> Whole:
    """Look at the arcs of a page one after the other: for many that costs less than one by one.

    The answer means nothing but that they were looked at.
    """
    seen = 0
    for arc in range(start[page << SHIFT], start[min((page + 1) << SHIFT, len(start) - 1)], 4):
        seen += arcs[u(arc), u(0)]
    return seen


@stage
def copied(start: Ints, arcs: Ints, places: Longs, table: Ints, room: Longs, node: Whole) -> None:
    """Give a node a page of our own, copied from the one that others share.

    room: first page of ours, next free page, whether there was none.  The last page of the pool
          takes what is written when there is none; then everything is void.  (And see `fetched`.)
    """
    page = node >> SHIFT
    fresh = room[1]
    if fresh >= (len(places) >> SHIFT) - 1:
        room[2] = 1
        fresh = (len(places) >> SHIFT) - 1
    else:
        room[1] = fresh + 1
    old, new = np.int64(table[page]) << SHIFT, fresh << SHIFT
    for row in range(SIZE):
        for slot in range(SLOTS):
            places[new + row, slot] = places[old + row, slot]
    table[page] = fresh
    if fresh > room[0]:
        room[3] = fetched(start, arcs, page)


@step
def own(start: Ints, arcs: Ints, places: Longs, table: Ints, room: Longs, node: Whole) -> Whole:
    """The row of a node in a page of our own."""
    if table[u(node >> SHIFT)] < room[u(0)]:
        copied(start, arcs, places, table, room, node)
    return row_of(table, node)
