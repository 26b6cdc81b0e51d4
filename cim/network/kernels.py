"""Compiled loops that trace: breadth first from one node, and later only what changed.

A place (one phase slot at one node) is told in one number, `depth << 32 | arc << 3 | slot`: how far
it is from the root, and the arc of its own node, and the slot there, that it is supplied through.
The lower of two such numbers is the better way, so a trace says the same however it came about.
Where a place is not reached (any more), the depth is FAR and the rest stays.

A queue holds entries `node << 5 | slots`.  Arrays come one by one, not in tuples: taking one out of
a tuple costs more than a step of a trace.  Where it counts an index is unsigned (`u`): of others
the compiler asks each time whether they count from the end.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cim.network.compiling import lean, stage, step
from cim.network.ownership import own, row_of
from cim.network.pages import Longs
from cim.network.sorting import put_in_order, span
from cim.network.topology import Bytes, Ints

FAR = 1 << 30
"""Depth of a place that is not reached."""

NONE = 0x7FFFFFFF
"""The way to a place that never was reached."""

SLOTS = 5

_LOW = np.array([0, *((bits & -bits).bit_length() - 1 for bits in range(1, 32))], np.int64)
_LIVE, _ABC = 31, 7
_TARGET, _NUMBER, _BACK, _BITS = 0, 1, 2, 3  # columns of arcs, see cim.network.topology.Graph
_NEED, _OUT_FROM, _OUT_TO, _IN_FROM, _IN_TO = 0, 1, 2, 3, 4
_RESERVED = 2
_DEPTH_AT, _NODE_AT = 34, 3  # a seed is depth << 34 | node << 3 | slot

u = np.uint64

Whole = Any
"""A whole number, of a size that the compiler chooses."""


@step
def mask_of(switches: Bytes, others: Bytes, number: Whole) -> Whole:
    """The slots on which equipment conducts."""
    count = len(switches)
    if number < count:
        return np.int64(switches[u(number)])
    return np.int64(others[u(number - count)])


@step
def cut_off(places: Longs, row: Whole, slots: Whole) -> None:
    """Note that these are not reached any more, by the way that stays noted."""
    while slots:
        slot = _LOW[u(slots)]
        slots &= slots - 1
        places[u(row), u(slot)] = FAR << 32 | (places[u(row), u(slot)] & 0xFFFFFFFF)


@step
def over(
    arcs: Ints, couplings: Bytes, switches: Bytes, others: Bytes, barred: Whole, places: Longs,
    table: Ints, arc: Whole, slot: Whole,
) -> Whole:  # fmt: skip
    """What a place of `slot` is when it is supplied through this arc of its node."""
    bits = arcs[arc, _BITS]
    mask = mask_of(switches, others, arcs[arc, _NUMBER])
    row = row_of(table, arcs[arc, _TARGET])
    coupling = bits >> 8
    best: Whole = np.int64(FAR)
    one = slot
    if bits & mask & 1 << slot:
        best = places[row, slot] >> 32
    elif couplings[coupling, _NEED] & mask and couplings[coupling, _IN_TO] >> slot & 1:
        for feeding in range(SLOTS):
            here = couplings[coupling, _IN_FROM] >> feeding & 1
            if here and places[row, feeding] >> 32 < best:
                best, one = places[row, feeding] >> 32, feeding
    if bits & barred:
        best = np.int64(FAR)
    return (best + 1) << 32 | np.int64(arc) << 3 | one


@stage
def closest(
    start: Ints, arcs: Ints, couplings: Bytes, extra: Ints, switches: Bytes, others: Bytes,
    barred: Whole, places: Longs, table: Ints, node: Whole, slot: Whole,
) -> Whole:  # fmt: skip
    """What a place is when it is supplied from its nearest neighbour; FAR << 32 without one."""
    best = np.int64(FAR) << 32
    end, low, high = start[node + 1], 0, 0
    if extra.shape[1]:
        low, high = span(extra, node)
    for at in range(start[node], end + high - low):
        arc = at if at < end else extra[1, low + at - end]
        found = over(arcs, couplings, switches, others, barred, places, table, arc, slot)
        best = min(best, found)
    return best


@stage
def interrupted(
    start: Ints, arcs: Ints, couplings: Bytes, switches: Bytes, others: Bytes, places: Longs,
    table: Ints, room: Longs, changed: Ints, entries: Longs, ups: Longs,
) -> Whole:  # fmt: skip
    """Cut off what was reached through an arc of `changed` that conducts no more; how many."""
    count = 0
    for arc in changed:
        node = np.int64(arcs[arcs[arc, _BACK], _TARGET])
        row = row_of(table, node)
        mask = mask_of(switches, others, arcs[arc, _NUMBER])
        crosses = couplings[arcs[arc, _BITS] >> 8, _NEED] & mask
        lost = 0
        for slot in range(SLOTS):
            place = places[row, slot]
            straight = arcs[arc, _BITS] & mask & 1 << slot
            conducts = straight if place & 7 == slot else crosses
            if place >> 32 < FAR and (place & NONE) >> 3 == arc and not conducts:
                lost |= 1 << slot
        if lost:
            cut_off(places, own(start, arcs, places, table, room, node), lost)
            entries[count] = node << SLOTS | lost
            ups[count] = arc
            count += 1
    return count


@step
def cut_below(
    start: Ints, arcs: Ints, places: Longs, table: Ints, room: Longs, arc: Whole, slots: Whole
) -> tuple[Whole, Whole]:
    """Cut off what `slots` supply through an arc: the entry of that, or 0.

    And whether something else at the other end is reached that may feed them.
    """
    bits, back = arcs[u(arc), u(_BITS)], arcs[u(arc), u(_BACK)]
    target = np.int64(arcs[u(arc), u(_TARGET)])
    row = row_of(table, target)
    lost: Whole = 0
    live: Whole = 0
    if slots & bits == _ABC and not bits >> 8:  # as a rule; the rest would do the same, slower
        way = np.int64(back) << 3
        a, b, c = places[u(row), u(0)], places[u(row), u(1)], places[u(row), u(2)]
        alike = (a & NONE == way) & (b & NONE == way | 1) & (c & NONE == way | 2)
        if alike & (max(max(a, b), c) < FAR << 32):
            row = own(start, arcs, places, table, room, target)
            places[u(row), u(0)] = FAR << 32 | way
            places[u(row), u(1)] = FAR << 32 | way | 1
            places[u(row), u(2)] = FAR << 32 | way | 2
            return target << SLOTS | _ABC, 0
    rest = _LIVE if bits >> 8 else slots & bits
    while rest:
        slot = _LOW[u(rest)]
        rest &= rest - 1
        place = places[u(row), u(slot)]
        below = (place & NONE) >> 3 == back and slots >> (place & 7) & 1
        if place < FAR << 32:
            lost |= np.int64(below) << slot
            live |= np.int64(not below)
    if lost:
        cut_off(places, own(start, arcs, places, table, room, target), lost)
        return target << SLOTS | lost, live
    return 0, live


@stage
def detached(
    start: Ints, arcs: Ints, extra: Ints, places: Longs, table: Ints, room: Longs, entries: Longs,
    count: Whole, ups: Longs, beside: Longs,
) -> Whole:  # fmt: skip
    """Cut off all that is supplied through what was interrupted.

    Put into `beside` those of these nodes that another way may lead to; how many.

    ups: of each entry the arc that supplied it, which does so no more.
    """
    found = 0
    while count and not room[2]:
        count -= 1
        node, slots, up = entries[u(count)] >> SLOTS, entries[u(count)] & _LIVE, ups[u(count)]
        other: Whole = 0
        for arc in range(start[u(node)], start[u(node + 1)]):
            if arc == up and not arcs[u(arc), u(_BITS)] >> 8:
                continue
            entries[u(count)], live = cut_below(start, arcs, places, table, room, arc, slots)
            ups[u(count)] = arcs[u(arc), u(_BACK)]
            count += entries[u(count)] > 0
            other |= live
        if extra.shape[1]:
            low, high = span(extra, node)
            for at in range(low, high):
                patch = np.int64(extra[1, at])
                entries[u(count)], live = cut_below(start, arcs, places, table, room, patch, slots)
                ups[u(count)] = arcs[u(patch), u(_BACK)]
                count += entries[u(count)] > 0
                other |= live
        if other:
            beside[found] = node << SLOTS | slots
            found += 1
    return found


@stage
def seeds(
    start: Ints, arcs: Ints, couplings: Bytes, extra: Ints, switches: Bytes, others: Bytes,
    barred: Whole, places: Longs, table: Ints, changed: Ints, beside: Longs, count: Whole,
    found: Longs,
) -> Whole:  # fmt: skip
    """Where the trace goes on: nodes cut off that another way leads to, and ends of `changed`."""
    many = 0
    for number in range(count):
        node, slots = beside[number] >> SLOTS, beside[number] & _LIVE
        while slots:
            slot = _LOW[slots]
            slots &= slots - 1
            best = closest(
                start, arcs, couplings, extra, switches, others, barred, places, table, node, slot
            )
            if best >> 32 < FAR:
                found[many] = best >> 32 << _DEPTH_AT | node << _NODE_AT | slot
                many += 1
    for arc in changed:
        node = np.int64(arcs[arcs[arc, _BACK], _TARGET])
        row = row_of(table, node)
        for slot in range(SLOTS):
            best = over(arcs, couplings, switches, others, barred, places, table, arc, slot)
            if node >= _RESERVED and best >> 32 < FAR and best < places[row, slot]:
                found[many] = best >> 32 << _DEPTH_AT | node << _NODE_AT | slot
                many += 1
    return many


@stage
def taken(
    start: Ints, arcs: Ints, couplings: Bytes, extra: Ints, switches: Bytes, others: Bytes,
    barred: Whole, places: Longs, table: Ints, room: Longs, begin: Longs, at: Whole, many: Whole,
    queue: Longs, count: Whole, ups: Longs,
) -> tuple[Whole, Whole]:  # fmt: skip
    """Take the seeds of the next depth into the queue, each over its nearest neighbour."""
    level = begin[at] >> _DEPTH_AT
    while at < many and begin[at] >> _DEPTH_AT == level:
        node, slot = begin[at] >> _NODE_AT & 0x7FFFFFFF, begin[at] & 7
        at += 1
        best = closest(
            start, arcs, couplings, extra, switches, others, barred, places, table, node, slot
        )
        before = places[row_of(table, node), slot]
        if best < before:
            places[own(start, arcs, places, table, room, node), slot] = best
        if level < before >> 32:
            queue[count], ups[count] = node << SLOTS | 1 << slot, -1
            count += 1
    return at, count


@step
def advance(
    start: Ints, arcs: Ints, couplings: Bytes, switches: Bytes, others: Bytes, barred: Whole,
    places: Longs, table: Ints, room: Longs, arc: Whole, slots: Whole, depth: Whole,
) -> Whole:  # fmt: skip
    """Over an arc from `slots`: the entry of what is nearer now, at `depth`; 0 where nothing is."""
    target = np.int64(arcs[u(arc), u(_TARGET)])
    bits = np.int64(arcs[u(arc), u(_BITS)])
    mask = mask_of(switches, others, arcs[u(arc), u(_NUMBER)])
    straight = slots & bits & mask
    going, feeding, coupling = straight, np.int64(0), bits >> 8
    if coupling and couplings[coupling, _NEED] & mask and slots & couplings[coupling, _OUT_FROM]:
        feeding = _LOW[slots & couplings[coupling, _OUT_FROM]]
        going |= couplings[coupling, _OUT_TO]
    if target < _RESERVED or bits & barred:
        going = 0
    back = depth << 32 | np.int64(arcs[u(arc), u(_BACK)]) << 3
    row, news = row_of(table, target), 0
    while going:
        slot = _LOW[u(going)]
        going &= going - 1
        way = back | (slot if straight >> slot & 1 else feeding)
        before = places[u(row), u(slot)]
        if way < before:
            row = own(start, arcs, places, table, room, target)
            places[u(row), u(slot)] = way
            news |= np.int64(depth < before >> 32) << slot
    return target << SLOTS | news if news else 0


@stage
def spread(
    start: Ints, arcs: Ints, couplings: Bytes, extra: Ints, switches: Bytes, others: Bytes,
    barred: Whole, places: Longs, table: Ints, room: Longs, begin: Longs, many: Whole, queue: Longs,
    count: Whole, ups: Longs,
) -> None:  # fmt: skip
    """Level by level, from what is in the queue at depth 0 or from the seeds in `begin`.

    ups: of each entry in the queue the arc over which it came there; -1 where that does not matter.
    """
    level, at, head = 0, 0, 0
    while not room[2] and (head < count or at < many):
        if head == count:
            level = begin[at] >> _DEPTH_AT
        if at < many and begin[at] >> _DEPTH_AT == level:
            at, count = taken(
                start, arcs, couplings, extra, switches, others, barred,
                places, table, room, begin, at, many, queue, count, ups,
            )  # fmt: skip
        level += 1
        for number in range(head, count):
            node, slots = queue[u(number)] >> SLOTS, queue[u(number)] & _LIVE
            up = ups[u(number)]
            for arc in range(start[u(node)], start[u(node + 1)]):
                if arc == up:
                    continue  # nothing is nearer by the way that it came
                queue[u(count)] = advance(
                    start, arcs, couplings, switches, others, barred,
                    places, table, room, arc, slots, level,
                )  # fmt: skip
                ups[u(count)] = arcs[u(arc), u(_BACK)]
                count += queue[u(count)] > 0
            if extra.shape[1]:
                low, high = span(extra, node)
                for place in range(low, high):
                    queue[u(count)] = advance(
                        start, arcs, couplings, switches, others, barred,
                        places, table, room, np.int64(extra[1, place]), slots, level,
                    )  # fmt: skip
                    ups[u(count)] = -1
                    count += queue[u(count)] > 0
            head += 1


@lean
def put_off(source: Longs, pages: Longs, target: Longs) -> None:
    """Copy pages, one behind the other after the first; nothing in them is reached any more."""
    for number in range(len(pages)):
        old, new = pages[number] << 8, (number + 1) << 8
        for row in range(1 << 8):
            for slot in range(SLOTS):
                target[new + row, slot] = FAR << 32 | (source[old + row, slot] & 0xFFFFFFFF)


@lean
def trace(
    start: Ints, arcs: Ints, couplings: Bytes, extra: Ints, switches: Bytes, others: Bytes,
    barred: Whole, places: Longs, table: Ints, room: Longs, desk: Longs, root: Whole,
) -> None:  # fmt: skip
    """All of it, from `root`; the pages say that nothing is reached yet."""
    row = own(start, arcs, places, table, room, root)
    for slot in range(SLOTS):
        places[row, slot] = NONE
    desk[0, 0], desk[1, 0] = root << SLOTS | _LIVE, -1
    spread(
        start, arcs, couplings, extra, switches, others, barred,
        places, table, room, desk[3], 0, desk[0], 1, desk[1],
    )  # fmt: skip


@lean
def retrace(
    start: Ints, arcs: Ints, couplings: Bytes, extra: Ints, switches: Bytes, others: Bytes,
    barred: Whole, places: Longs, table: Ints, room: Longs, desk: Longs, changed: Ints,
) -> Whole:  # fmt: skip
    """What is new since equipment changed; `changed` are its arcs, in both directions.

    The answer is the next free page, or -1 when there was none.
    """
    cut, ups, beside, begin = desk[0], desk[1], desk[2], desk[3]
    count = interrupted(
        start, arcs, couplings, switches, others, places, table, room, changed, cut, ups
    )
    found = detached(start, arcs, extra, places, table, room, cut, count, ups, beside)
    if room[2]:
        return -1
    many = seeds(
        start, arcs, couplings, extra, switches, others, barred,
        places, table, changed, beside, found, begin,
    )  # fmt: skip
    put_in_order(begin, many)
    spread(
        start, arcs, couplings, extra, switches, others, barred,
        places, table, room, begin, many, desk[0], 0, desk[1],
    )  # fmt: skip
    return -1 if room[2] else room[1]
