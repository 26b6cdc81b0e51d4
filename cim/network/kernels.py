"""Compiled loops that trace: breadth first from one node, and later only what changed.

What is said of nodes and places: see `cim.network.words`.

Arrays come one by one, not in tuples: taking one out of
a tuple costs more than a step of a trace.  Where it counts an index is unsigned (`u`): of others
the compiler asks each time whether they count from the end.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cim.network.compiling import lean, stage, step
from cim.network.crossing import closest, expect, mask_of, over
from cim.network.cutting import detached, interrupted
from cim.network.ownership import apart, free_row, own, together
from cim.network.pages import FAR, SHIFT, SIZE, Longs
from cim.network.phases import SLOTS
from cim.network.sorting import put_in_order, span
from cim.network.topology import RESERVED, Bytes, Ints
from cim.network.words import (
    ARC_AT,
    ARCS,
    CAME_AT,
    DEPTH_AT,
    FEEDING_AT,
    LIVE,
    NO_ARC,
    REST,
    STRAIGHT,
    entry_of,
    index_of,
    node_of,
    place_at,
)

_ROOT = ARCS << ARC_AT | 7 << FEEDING_AT | LIVE
"""All slots are supplied, at depth 0, by no way."""

_LOW = np.array([0, *((bits & -bits).bit_length() - 1 for bits in range(1, 32))], np.int64)
_TARGET, _NUMBER, _BACK, _BITS = 0, 1, 2, 3  # columns of arcs, see cim.network.topology.Graph
_NEED, _OUT_FROM, _OUT_TO, _IN_FROM, _IN_TO = 0, 1, 2, 3, 4
_DEPTH_AT, _NODE_AT = 34, 3  # a seed is depth << 34 | node << 3 | slot

u = np.uint64

Whole = Any
"""A whole number, of a size that the compiler chooses."""


@stage
def seeds(
    start: Ints, arcs: Ints, couplings: Bytes, extra: Ints, masks: Bytes, where: Ints,
    barred: Whole, pool: Longs, table: Ints, changed: Ints, beside: Longs, count: Whole,
    found: Longs,
) -> Whole:  # fmt: skip
    """Where the trace goes on: nodes cut off that another way leads to, and ends of `changed`."""
    many = 0
    for number in range(count):
        node, slots = beside[number] >> SLOTS, beside[number] & LIVE
        while slots:
            slot = _LOW[slots]
            slots &= slots - 1
            best = closest(
                start, arcs, couplings, extra, masks, where, barred, pool, table, node, slot
            )
            if best >> 32 < FAR:
                found[many] = best >> 32 << _DEPTH_AT | node << _NODE_AT | slot
                many += 1
    for arc in changed:
        node = np.int64(arcs[arcs[arc, _BACK], _TARGET])
        if not mask_of(masks, where, arcs[arc, _NUMBER]):
            continue
        for slot in range(SLOTS):
            best = over(arcs, couplings, masks, where, barred, pool, table, arc, slot)
            before = place_at(pool, table, node, slot)
            if node >= RESERVED and best < min(before, FAR << 32):
                found[many] = best >> 32 << _DEPTH_AT | node << _NODE_AT | slot
                many += 1
    return many


@stage
def taken(
    start: Ints, arcs: Ints, couplings: Bytes, extra: Ints, masks: Bytes, where: Ints,
    barred: Whole, pool: Longs, table: Ints, room: Longs, begin: Longs, at: Whole, many: Whole,
    queue: Longs, count: Whole,
) -> tuple[Whole, Whole]:  # fmt: skip
    """Take the seeds of the next depth into the queue, each over its nearest neighbour."""
    level, first = begin[at] >> _DEPTH_AT, count
    while at < many and begin[at] >> _DEPTH_AT == level:
        node, slot = begin[at] >> _NODE_AT & 0x7FFFFFFF, begin[at] & 7
        at += 1
        best = closest(start, arcs, couplings, extra, masks, where, barred, pool, table, node, slot)
        before = place_at(pool, table, node, slot)
        if best < before:
            row = apart(pool, table, room, node)
            pool[row + slot] = best
            pool[index_of(table, node)] = together(pool, room, row)
        if level < before >> 32:
            if count > first and node_of(queue[count - 1]) == node:
                count -= 1  # the slots of a node go on together
            else:
                queue[count] = entry_of(NO_ARC, node, 0)
            queue[count] |= 1 << slot
            count += 1
    return at, count


@stage
def nearer(
    arcs: Ints, couplings: Bytes, pool: Longs, table: Ints, room: Longs, arc: Whole,
    slots: Whole, mask: Whole, depth: Whole,
) -> Whole:  # fmt: skip
    """As `advance`, slot by slot: which of them are nearer now."""
    target, bits = np.int64(arcs[arc, _TARGET]), np.int64(arcs[arc, _BITS])
    straight, coupling, feeding = slots & bits & mask, bits >> 8, np.int64(0)
    going = straight
    if coupling and couplings[coupling, _NEED] & mask and slots & couplings[coupling, _OUT_FROM]:
        feeding = _LOW[slots & couplings[coupling, _OUT_FROM]]
        going |= couplings[coupling, _OUT_TO]
    back = depth << 32 | np.int64(arcs[arc, _BACK]) << 3
    begin, news = np.int64(-1), np.int64(0)
    while going:
        slot = _LOW[going]
        going &= going - 1
        way = back | (slot if straight >> slot & 1 else feeding)
        before = place_at(pool, table, target, slot)
        if way < before:
            if begin < 0:
                begin = apart(pool, table, room, target)
            pool[begin + slot] = way
            news |= np.int64(depth < before >> 32) << slot
    if begin >= 0:
        pool[index_of(table, target)] = together(pool, room, begin)
    return news


@step
def advance(
    arcs: Ints, couplings: Bytes, masks: Bytes, where: Ints, barred: Whole, pool: Longs,
    table: Ints, room: Longs, arc: Whole, slots: Whole, depth: Whole,
) -> Whole:  # fmt: skip
    """Over an arc from `slots`: the entry of what is nearer now, at `depth`; 0 where nothing is."""
    target = np.int64(arcs[u(arc), u(_TARGET)])
    bits = np.int64(arcs[u(arc), u(_BITS)])
    mask = mask_of(masks, where, arcs[u(arc), u(_NUMBER)])
    going = slots & bits & mask
    if target < RESERVED or bits & barred or not (going or bits >> 8):
        return np.int64(0)
    at = index_of(table, target)
    before = pool[u(at)]
    way = depth << (DEPTH_AT - ARC_AT) | np.int64(arcs[u(arc), u(_BACK)])
    if before >= 0 and not bits >> 8:
        if way < before >> ARC_AT and not before & LIVE & ~going:
            at = own(pool, table, room, target)
            pool[u(at)] = way << ARC_AT | STRAIGHT << FEEDING_AT | going
            news = going if depth < before >> DEPTH_AT else going & ~before
            return entry_of(arcs[u(arc), u(_BACK)], target, news)
        if before >> ARC_AT < way and not going & ~before:
            return np.int64(0)
    news = nearer(arcs, couplings, pool, table, room, arc, slots, mask, depth)
    return entry_of(arcs[u(arc), u(_BACK)], target, news)


@stage
def spread(
    start: Ints, arcs: Ints, couplings: Bytes, extra: Ints, masks: Bytes, where: Ints,
    barred: Whole, pool: Longs, table: Ints, room: Longs, begin: Longs, many: Whole, queue: Longs,
    count: Whole,
) -> None:  # fmt: skip
    """Level by level, from what is in the queue at depth 0 or from the seeds in `begin`."""
    level, at, head = 0, 0, 0
    while not room[2] and (head < count or at < many):
        if head == count:
            level = begin[at] >> _DEPTH_AT
        if at < many and begin[at] >> _DEPTH_AT == level:
            at, count = taken(
                start, arcs, couplings, extra, masks, where, barred,
                pool, table, room, begin, at, many, queue, count,
            )  # fmt: skip
        level += 1
        for number in range(head, count):
            entry = queue[u(number)]
            node, slots, came = node_of(entry), entry & LIVE, entry >> CAME_AT
            expect(start, arcs, node)
            for arc in range(start[u(node)], start[u(node + 1)]):
                if arc == came:
                    continue  # nothing is nearer by the way that it came
                further = advance(
                    arcs, couplings, masks, where, barred,
                    pool, table, room, arc, slots, level,
                )  # fmt: skip
                queue[u(count)] = further
                count += further & LIVE > 0
            if extra.shape[1]:
                low, high = span(extra, node)
                for place in range(low, high):
                    further = advance(
                        arcs, couplings, masks, where, barred,
                        pool, table, room, np.int64(extra[1, place]), slots, level,
                    )  # fmt: skip
                    queue[u(count)] = further
                    count += further & LIVE > 0
            head += 1


@step
def make_room(room: Longs, first: Whole, used: Whole) -> None:
    """Nothing of a pool is written yet; see `cim.network.ownership` for what `room` says."""
    room[0], room[1], room[2], room[3], room[4] = first, used, 0, 0, 0


@lean
def moved(source: Longs, pages: Ints, pool: Longs, desk: Longs, off: Whole) -> Whole:
    """Copy pages to another pool, one behind the other after the first; the next free page.

    off: nothing in them is reached any more.
    """
    room = desk[3]
    make_room(room, 1, 1 + len(pages))
    for number in range(len(pages)):
        old, new = np.int64(pages[number]) << SHIFT, (number + 1) << SHIFT
        for at in range(SIZE):
            word = source[old + at]
            if word < 0:
                begin = free_row(pool, room)
                for slot in range(SLOTS):
                    place = source[slot - word]
                    pool[begin + slot] = FAR << 32 | (place & 0xFFFFFFFF) if off else place
                pool[new + at] = together(pool, room, begin)
            else:
                pool[new + at] = FAR << DEPTH_AT | (word & REST) if off else word
    return room[1]


@lean
def noted(
    pool: Longs, table: Ints, desk: Longs, used: Whole, nodes: Ints, slots: Ints, ways: Ints
) -> Whole:
    """Note how places that are not reached once were; the next free page, or -1."""
    room = desk[3]
    make_room(room, used, used)
    for number in range(len(nodes)):
        begin = apart(pool, table, room, nodes[number])
        pool[begin + slots[number]] = FAR << 32 | np.int64(ways[number])
        pool[index_of(table, nodes[number])] = together(pool, room, begin)
    return -1 if room[2] else room[1]


@lean
def trace(
    start: Ints, arcs: Ints, couplings: Bytes, extra: Ints, masks: Bytes, where: Ints,
    barred: Whole, pool: Longs, table: Ints, desk: Longs, used: Whole, root: Whole,
) -> Whole:  # fmt: skip
    """All of it, from `root`, where the pages (all ours) say that nothing is reached yet.

    The answer is the next free page, or -1 when there was none.
    """
    queue, begin, room = desk[0], desk[2], desk[3]
    make_room(room, 1, used)
    pool[own(pool, table, room, root)] = _ROOT
    queue[0] = entry_of(NO_ARC, root, LIVE)
    spread(
        start, arcs, couplings, extra, masks, where, barred,
        pool, table, room, begin, 0, queue, 1,
    )  # fmt: skip
    return -1 if room[2] else room[1]


@lean
def retrace(
    start: Ints, arcs: Ints, couplings: Bytes, extra: Ints, masks: Bytes, where: Ints,
    barred: Whole, pool: Longs, table: Ints, desk: Longs, used: Whole, changed: Ints,
) -> Whole:  # fmt: skip
    """What is new since equipment changed; `changed` are its arcs, in both directions.

    No page before `used` is ours.  The answer is the next free page, or -1 when there was none.
    """
    queue, beside, begin, room = desk[0], desk[1], desk[2], desk[3]
    make_room(room, used, used)
    count = interrupted(arcs, couplings, masks, where, pool, table, room, changed, queue)
    found = detached(start, arcs, extra, masks, where, pool, table, room, queue, count, beside)
    if room[2]:
        return -1
    many = seeds(
        start, arcs, couplings, extra, masks, where, barred,
        pool, table, changed, beside, found, begin,
    )  # fmt: skip
    put_in_order(begin, many)
    spread(
        start, arcs, couplings, extra, masks, where, barred,
        pool, table, room, begin, many, queue, 0,
    )  # fmt: skip
    return -1 if room[2] else room[1]
