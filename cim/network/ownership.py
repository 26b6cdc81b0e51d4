"""Compiled parts of lean loops: words and places of our own, in pages that no other trace has.

room: first page of ours, next free page, whether there was none, and where the next places of one
      node go, and where the page ends that is for those.  The last page of the pool takes what is
      written when there is none; then everything is void.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cim.network.compiling import stage, step
from cim.network.pages import BLANK, FAR, NONE, SHIFT, SIZE, Longs
from cim.network.phases import SLOTS
from cim.network.topology import Ints
from cim.network.words import ARC_AT, DEPTH_AT, FEEDING_AT, LIVE, REST, STRAIGHT, index_of, place_in

u = np.uint64
Whole = Any


@step
def free_page(pool: Longs, room: Longs) -> Whole:
    """The next page."""
    fresh, last = room[1], (len(pool) >> SHIFT) - 1
    if fresh >= last:
        room[2] = 1
        return last
    room[1] = fresh + 1
    return fresh


@stage
def copied(pool: Longs, table: Ints, room: Longs, node: Whole) -> None:
    """Give a node a page of our own, copied from the one that others share."""
    page = node >> SHIFT
    fresh = free_page(pool, room)
    old, new = np.int64(table[page]) << SHIFT, fresh << SHIFT
    for at in range(SIZE):
        pool[u(new + at)] = pool[u(old + at)]
    table[page] = fresh


@step
def own(pool: Longs, table: Ints, room: Longs, node: Whole) -> Whole:
    """Where the word of a node is, in a page of our own."""
    if table[u(node >> SHIFT)] < room[u(0)]:
        copied(pool, table, room, node)
    return index_of(table, node)


@step
def free_row(pool: Longs, room: Longs) -> Whole:
    """Where the places of one more node go."""
    if room[3] + SLOTS > room[4]:
        room[3] = free_page(pool, room) << SHIFT
        room[4] = room[3] + SIZE
    begin = room[3]
    room[3] = begin + SLOTS
    return begin


@stage
def apart(pool: Longs, table: Ints, room: Longs, node: Whole) -> Whole:
    """Where the places of a node are that may be written to one by one, then put `together`."""
    at = own(pool, table, room, node)
    word = pool[at]
    if -word >= room[0] << SHIFT:
        return -word
    begin = free_row(pool, room)
    for slot in range(SLOTS):
        pool[begin + slot] = place_in(pool, word, slot)
    return begin


@step
def alike(pool: Longs, begin: Whole) -> Whole:
    """The one word for these places; -1 where it takes more."""
    slots, straight, same = 0, True, True
    first: Whole = np.int64(BLANK)
    for slot in range(SLOTS):
        place = pool[begin + slot]
        if place == BLANK:
            continue
        if not slots:
            first = place
        if place >> 3 != first >> 3:
            return np.int64(-1)
        same &= place == first
        straight &= place & 7 == slot
        slots |= 1 << slot
    if not (same or straight):
        return np.int64(-1)
    feeding = np.int64(STRAIGHT) if straight and slots else first & 7
    depth, arc = first >> 32, (first & NONE) >> 3
    return depth << DEPTH_AT | arc << ARC_AT | feeding << FEEDING_AT | slots


@stage
def together(pool: Longs, room: Longs, begin: Whole) -> Whole:
    """The word for places that lie apart."""
    word = alike(pool, begin)
    if word < 0:
        return -begin
    if begin + SLOTS == room[3]:
        room[3] = begin  # another node may have this row
    return word


@step
def cut_off(pool: Longs, table: Ints, room: Longs, node: Whole, slots: Whole) -> None:
    """Note that these are not reached any more, by the way that stays noted."""
    at = own(pool, table, room, node)
    word = pool[u(at)]
    if word & LIVE == slots and word >= 0:
        pool[u(at)] = FAR << DEPTH_AT | (word & REST)
    else:
        cut_some_off(pool, table, room, node, slots)


@stage
def cut_some_off(pool: Longs, table: Ints, room: Longs, node: Whole, slots: Whole) -> None:
    """As `cut_off`, where something else at the node may stay reached."""
    begin = apart(pool, table, room, node)
    for slot in range(SLOTS):
        if slots >> slot & 1:
            pool[begin + slot] = FAR << 32 | (pool[begin + slot] & 0xFFFFFFFF)
    pool[index_of(table, node)] = together(pool, room, begin)
