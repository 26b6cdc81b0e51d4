"""Compiled parts of a trace again: what is cut off when something conducts no more."""

from __future__ import annotations

from typing import Any

import numpy as np

from cim.network.compiling import stage, step
from cim.network.crossing import expect, mask_of
from cim.network.ownership import cut_off
from cim.network.pages import FAR, NONE, Longs
from cim.network.phases import SLOTS
from cim.network.sorting import span
from cim.network.topology import Bytes, Ints
from cim.network.words import (
    DEPTH_AT,
    LIVE,
    fed_over,
    index_of,
    place_in,
)

_TARGET, _NUMBER, _BACK, _BITS = 0, 1, 2, 3  # columns of arcs, see cim.network.topology.Graph
_NEED, _OUT_FROM, _OUT_TO, _IN_FROM, _IN_TO = 0, 1, 2, 3, 4

u = np.uint64
Whole = Any


@stage
def interrupted(
    arcs: Ints, couplings: Bytes, masks: Bytes, where: Ints, pool: Longs, table: Ints,
    room: Longs, changed: Ints, entries: Longs, ups: Longs,
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
            entries[count] = node << SLOTS | lost
            ups[count] = arc
            count += 1
    return count


@step
def reached(pool: Longs, word: Whole, slots: Whole) -> Whole:
    """Those of `slots` that are reached, where they lie apart."""
    found: Whole = np.int64(0)
    for slot in range(SLOTS):
        found |= np.int64(pool[u(slot - word)] < FAR << 32) << slot
    return found & slots


@step
def cut_below(
    arcs: Ints, masks: Bytes, where: Ints, pool: Longs, table: Ints, room: Longs, arc: Whole,
    slots: Whole,
) -> tuple[Whole, Whole]:  # fmt: skip
    """Cut off what `slots` supply through an arc: the entry of that, or 0.

    And whether something else at the other end is reached that may feed them.
    """
    bits, back = arcs[u(arc), u(_BITS)], np.int64(arcs[u(arc), u(_BACK)])
    target = np.int64(arcs[u(arc), u(_TARGET)])
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
        return target << SLOTS | lost, live
    if live and not bits >> 8:
        live &= mask_of(masks, where, arcs[u(arc), u(_NUMBER)])
    return 0, live


@stage
def detached(
    start: Ints, arcs: Ints, extra: Ints, masks: Bytes, where: Ints, pool: Longs, table: Ints,
    room: Longs, entries: Longs, count: Whole, ups: Longs, beside: Longs,
) -> Whole:  # fmt: skip
    """Cut off all that is supplied through what was interrupted.

    Put into `beside` those of these nodes that another way may lead to; how many.

    ups: of each entry the arc that supplied it, which does so no more.
    """
    found, head = 0, 0
    while head < count and not room[2]:
        node, slots, up = entries[u(head)] >> SLOTS, entries[u(head)] & LIVE, ups[u(head)]
        head += 1
        other: Whole = 0
        expect(start, arcs, node)
        for arc in range(start[u(node)], start[u(node + 1)]):
            if arc == up and not arcs[u(arc), u(_BITS)] >> 8:
                continue
            entry, live = cut_below(arcs, masks, where, pool, table, room, arc, slots)
            entries[u(count)], ups[u(count)] = entry, arcs[u(arc), u(_BACK)]
            count += entry > 0
            other |= live
        if extra.shape[1]:
            low, high = span(extra, node)
            for at in range(low, high):
                patch = np.int64(extra[1, at])
                entry, live = cut_below(arcs, masks, where, pool, table, room, patch, slots)
                entries[u(count)], ups[u(count)] = entry, arcs[u(patch), u(_BACK)]
                count += entry > 0
                other |= live
        if other:
            beside[found] = node << SLOTS | slots
            found += 1
    return found
