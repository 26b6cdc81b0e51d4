"""Compiled parts of a trace again: what is cut off when something conducts no more."""

from __future__ import annotations

from typing import Any

import numpy as np

from cim.network.compiling import stage, step
from cim.network.crossing import expect, mask_of
from cim.network.ownership import cut_off
from cim.network.pages import FAR, NONE, SHIFT, Longs
from cim.network.phases import SLOTS
from cim.network.sorting import span
from cim.network.topology import Bytes, Ints
from cim.network.words import (
    ARC_AT,
    CAME_AT,
    DEPTH_AT,
    FEEDING_AT,
    LIVE,
    NO_ARC,
    REST,
    STRAIGHT,
    entry_of,
    fed_over,
    index_of,
    node_of,
    place_in,
)

_TARGET, _NUMBER, _BACK, _BITS = 0, 1, 2, 3  # columns of arcs, see cim.network.topology.Graph
_NEED, _OUT_FROM, _OUT_TO, _IN_FROM, _IN_TO = 0, 1, 2, 3, 4

_REST = -1 << 63 | REST
"""Of a word: whether it says all places of its node, and all that but the depth."""

u = np.uint64
Whole = Any


@stage
def interrupted(
    arcs: Ints, couplings: Bytes, masks: Bytes, where: Ints, pool: Longs, table: Ints,
    room: Longs, changed: Ints, queue: Longs,
) -> Whole:  # fmt: skip
    """Cut off what was reached through an arc of `changed` that conducts no more; how many."""
    count = 0
    for arc in changed:
        node = np.int64(arcs[arcs[arc, _BACK], _TARGET])
        word = pool[u(index_of(table, node))]
        mask = mask_of(masks, where, arcs[arc, _NUMBER])
        crosses = couplings[arcs[arc, _BITS] >> 8, _NEED] & mask
        lost = 0
        for slot in range(SLOTS):
            place = place_in(pool, word, slot)
            straight = arcs[arc, _BITS] & mask & 1 << slot
            conducts = straight if place & 7 == slot else crosses
            if place < FAR << 32 and (place & NONE) >> 3 == arc and not conducts:
                lost |= 1 << slot
        if lost:
            cut_off(pool, table, room, node, lost)
            queue[count] = entry_of(NO_ARC if arcs[arc, _BITS] >> 8 else arc, node, lost)
            count += 1
    return count


@step
def reached(pool: Longs, word: Whole, slots: Whole) -> Whole:
    """Those of `slots` that are reached, where they lie apart."""
    found: Whole = np.int64(0)
    for slot in range(SLOTS):
        found |= np.int64(pool[u(slot - word)] < FAR << 32) << slot
    return found & slots


@stage
def cut_below(
    arcs: Ints, masks: Bytes, where: Ints, pool: Longs, table: Ints, room: Longs, arc: Whole,
    slots: Whole,
) -> tuple[Whole, Whole]:  # fmt: skip
    """Cut off what `slots` supply through an arc: the entry of that, or 0.

    And whether something else at the other end is reached that may feed them.
    """
    bits, back = np.int64(arcs[arc, _BITS]), np.int64(arcs[arc, _BACK])
    target = np.int64(arcs[arc, _TARGET])
    word = pool[u(index_of(table, target))]
    lost, live = fed_over(pool, word, back, slots), LIVE if bits >> 8 else slots & bits
    if word >= 0:
        if word >= FAR << DEPTH_AT:
            return 0, 0
        live &= word & ~lost
    else:
        lost, live = reached(pool, word, lost), reached(pool, word, live & ~lost)
    if lost:
        cut_off(pool, table, room, target, lost)
        return entry_of(NO_ARC if bits >> 8 else back, target, lost), live
    if live and not bits >> 8:
        live &= mask_of(masks, where, arcs[arc, _NUMBER])
    return 0, live


@stage
def cut_around(
    start: Ints, arcs: Ints, extra: Ints, masks: Bytes, where: Ints, pool: Longs, table: Ints,
    room: Longs, queue: Longs, count: Whole, entry: Whole,
) -> tuple[Whole, Whole]:  # fmt: skip
    """Cut off what an entry supplies: how long the queue is now, and what else may feed it."""
    node, slots, came = node_of(entry), entry & LIVE, entry >> CAME_AT
    other: Whole = 0
    first, end, low, high = start[u(node)], start[u(node + 1)], 0, 0
    if extra.shape[1]:
        low, high = span(extra, node)
    for at in range(first, end + high - low):
        arc = np.int64(at if at < end else extra[1, low + at - end])
        if arc == came:
            continue  # it supplies the node no more
        below, live = cut_below(arcs, masks, where, pool, table, room, arc, slots)
        queue[u(count)] = below
        count += below > 0
        other |= live
    return count, other


@step
def cut_plainly(
    arcs: Ints, pool: Longs, table: Ints, room: Longs, arc: Whole, slots: Whole
) -> Whole:
    """As `cut_below` where that is simple, as it is nearly everywhere; elsewhere do nothing.

    It is where `slots` are all that a node has, by this way, and its word lies in a page of ours.
    """
    back, target = np.int64(arcs[u(arc), u(_BACK)]), np.int64(arcs[u(arc), u(_TARGET)])
    at = index_of(table, target)
    word = pool[u(at)]
    rest = back << ARC_AT | STRAIGHT << FEEDING_AT | slots
    if word & _REST != rest or word >= FAR << DEPTH_AT or at < room[u(0)] << SHIFT:
        return np.int64(0)
    pool[u(at)] = FAR << DEPTH_AT | rest
    return entry_of(back, target, slots)  # the word itself would be waited for


@stage
def detached(
    start: Ints, arcs: Ints, extra: Ints, masks: Bytes, where: Ints, pool: Longs, table: Ints,
    room: Longs, queue: Longs, count: Whole, beside: Longs,
) -> Whole:  # fmt: skip
    """Cut off all that is supplied through what was interrupted.

    Put into `beside` those of these nodes that another way may lead to; how many.
    """
    found, head = 0, 0
    while head < count and not room[2]:
        entry = queue[u(head)]
        node, slots, came = node_of(entry), entry & LIVE, entry >> CAME_AT
        head += 1
        expect(start, arcs, node)
        left = 0
        if extra.shape[1]:
            low, high = span(extra, node)
            left = high - low
        for arc in range(start[u(node)], start[u(node + 1)]):
            if arc != came:
                below = cut_plainly(arcs, pool, table, room, arc, slots)
                queue[u(count)] = below
                count += below > 0
                left += below == 0
        if left:
            count, other = cut_around(
                start, arcs, extra, masks, where, pool, table, room, queue, count, entry
            )
            if other:
                beside[found] = node << SLOTS | slots
                found += 1
    return found
