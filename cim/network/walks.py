"""Compiled loops that walk over a trace: upstream, downstream, round a place.

Entries are `node << 5 | slots`, ways are `arc << 3 | slot`, words and places of a
trace are as in `cim.network.words`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cim.network.compiling import compiled, step
from cim.network.crossing import mask_of
from cim.network.pages import FAR, NONE, Longs
from cim.network.phases import SLOTS
from cim.network.topology import RESERVED, Bytes, Ints
from cim.network.words import fed_over, index_of, place_at

Whole = Any

_LIVE = 31
_TARGET, _NUMBER, _BACK, _BITS = 0, 1, 2, 3


@compiled
def up(arcs: Ints, pool: Longs, table: Ints, node: Whole, slot: Whole) -> Longs:
    """The ways from a place up to the root, the nearest first."""
    found = np.empty(64, np.int64)
    count = 0
    while True:
        way = place_at(pool, table, node, slot) & NONE
        if way == NONE or node < RESERVED:
            return found[:count]
        if count == len(found):
            longer = np.empty(2 * count, np.int64)
            longer[:count] = found
            found = longer
        found[count] = way
        count += 1
        node, slot = np.int64(arcs[way >> 3, _TARGET]), way & 7


@compiled
def below(
    start: Ints,
    arcs: Ints,
    extra: Ints,
    pool: Longs,
    table: Ints,
    begin: Longs,
    stop: Bytes,
) -> tuple[Longs, Longs]:
    """All that is supplied through `begin`, itself too; and the ways at which it was stopped.

    stop: for each equipment number whether to go no further; empty for none.
    """
    found = np.empty(max(256, 2 * len(begin)), np.int64)
    found[: len(begin)] = begin
    stopped = np.empty(16, np.int64)
    count, head, stops = len(begin), 0, 0
    while head < count:
        node, slots = found[head] >> SLOTS, found[head] & _LIVE
        head += 1
        end = start[node + 1]
        low = np.searchsorted(extra[0], node, "left")
        high = np.searchsorted(extra[0], node, "right")
        for at in range(start[node], end + high - low):
            arc = at if at < end else extra[1, low + at - end]
            target, back = np.int64(arcs[arc, _TARGET]), arcs[arc, _BACK]
            fed = fed_over(pool, pool[index_of(table, target)], back, slots)
            if not fed:
                continue
            if len(stop) and stop[arcs[arc, _NUMBER]]:
                if stops == len(stopped):
                    more = np.empty(2 * stops, np.int64)
                    more[:stops] = stopped
                    stopped = more
                stopped[stops] = np.int64(back) << 3 | fed
                stops += 1
                continue
            if count == len(found):
                longer = np.empty(2 * count, np.int64)
                longer[:count] = found
                found = longer
            found[count] = target << SLOTS | fed
            count += 1
    return found[:count], stopped[:stops]


@compiled
def section(
    start: Ints,
    arcs: Ints,
    extra: Ints,
    masks: Bytes,
    where: Ints,
    switches: int,
    barred: int,
    begin: Ints,
) -> tuple[Ints, Ints]:
    """The nodes that no switch divides from `begin`, and the arcs through the switches around them.

    Equipment that is out of service or cut on all phases divides too, but is no switch.
    """
    seen = {np.int64(-1)}
    found = np.empty(max(64, 2 * len(begin)), np.int32)
    around = np.empty(16, np.int32)
    count, head, many = 0, 0, 0
    for node in begin:
        seen.add(np.int64(node))
        found[count] = node
        count += 1
    while head < count:
        node = np.int64(found[head])
        head += 1
        end = start[node + 1]
        low = np.searchsorted(extra[0], node, "left")
        high = np.searchsorted(extra[0], node, "right")
        for at in range(start[node], end + high - low):
            arc = at if at < end else extra[1, low + at - end]
            target, number = np.int64(arcs[arc, _TARGET]), arcs[arc, _NUMBER]
            if target < RESERVED or arcs[arc, _BITS] & barred:
                continue
            if number < switches:
                if many == len(around):
                    more = np.empty(2 * many, np.int32)
                    more[:many] = around
                    around = more
                around[many] = arc
                many += 1
            elif mask_of(masks, where, number) and target not in seen:
                seen.add(target)
                if count == len(found):
                    longer = np.empty(2 * count, np.int32)
                    longer[:count] = found
                    found = longer
                found[count] = target
                count += 1
    return found[:count], around[:many]


@step
def joined(couplings: Bytes, bits: Whole, mask: Whole, slot: Whole) -> Whole:
    """The slot at the other end that a way joins with `slot`, in both directions; -1 without."""
    if bits & mask & 1 << slot:
        return slot
    coupling = bits >> 8
    both = couplings[coupling, 0] & mask and couplings[coupling, 4]
    if both and couplings[coupling, 1] == 1 << slot:
        for other in range(SLOTS):
            if couplings[coupling, 2] == 1 << other:
                return other
    return -1


@compiled
def chords(
    start: Ints,
    arcs: Ints,
    couplings: Bytes,
    extra: Ints,
    masks: Bytes,
    where: Ints,
    pool: Longs,
    table: Ints,
    nodes: Ints,
) -> Longs:
    """The ways at these nodes that conduct between reached places and are no part of the tree.

    Ways that feed only in one direction are none.  Of the two arcs of a way the lower is told, with
    the slot at its own node.
    """
    found = np.empty(16, np.int64)
    count = 0
    for node in nodes:
        end = start[node + 1]
        low = np.searchsorted(extra[0], node, "left")
        high = np.searchsorted(extra[0], node, "right")
        for at in range(start[node], end + high - low):
            arc = np.int64(at if at < end else extra[1, low + at - end])
            target, number = np.int64(arcs[arc, _TARGET]), arcs[arc, _NUMBER]
            back, bits = np.int64(arcs[arc, _BACK]), arcs[arc, _BITS]
            if node < RESERVED or target < RESERVED:
                continue
            mask = mask_of(masks, where, number)
            for slot in range(SLOTS):
                other = joined(couplings, bits, mask, slot)
                if other < 0:
                    continue
                one = place_at(pool, table, node, slot)
                two = place_at(pool, table, target, other)
                if max(one, two) >> 32 >= FAR:
                    continue
                if one & NONE == (arc << 3 | other) or two & NONE == (back << 3 | slot):
                    continue
                if count == len(found):
                    longer = np.empty(2 * count, np.int64)
                    longer[:count] = found
                    found = longer
                found[count] = arc << 3 | slot if arc < back else back << 3 | other
                count += 1
    return np.unique(found[:count])


@compiled
def heads(
    arcs: Ints, pool: Longs, table: Ints, device: Bytes, keys: Longs, where: Ints
) -> tuple[Ints, Ints, Ints]:
    """For each place of a set, all of them reached: how it is supplied.

    keys:   the places, node x 5 + slot, ascending.
    where:  for every place its number in `keys`, or -1; empty where a search is cheaper.
    device: for each equipment number whether it counts as the first device.
    The answer is equipment numbers: through which the set is entered on the way to it; the one at
    the root; and the first device after the root, -1 without one.
    """
    count = len(keys)
    entrance = np.full(count, -1, np.int32)
    source, first = np.full(count, -1, np.int32), np.full(count, -1, np.int32)
    depths = np.empty(count, np.int64)
    for at in range(count):
        node = keys[at] // SLOTS
        depths[at] = place_at(pool, table, node, keys[at] % SLOTS) >> 32
    for at in np.argsort(depths, kind="mergesort"):
        place, inside = keys[at], True
        while place >= RESERVED * SLOTS:
            node = place // SLOTS
            way = place_at(pool, table, node, place % SLOTS) & NONE
            number = arcs[way >> 3, _NUMBER]
            place = np.int64(arcs[way >> 3, _TARGET]) * SLOTS + (way & 7)
            before = where[place] if len(where) else np.searchsorted(keys, place)
            known = 0 <= before < count and keys[before] == place
            if inside:
                entrance[at] = entrance[before] if known else number
                inside = False
            if known:
                source[at] = source[before]
                above = first[before]
                first[at] = above if above >= 0 else number if device[number] else first[at]
                break
            source[at] = number
            first[at] = number if device[number] else first[at]
    return entrance, source, first


@compiled
def known_near(start: Ints, arcs: Ints, barred: int, value: Ints, begin: int, most: int) -> Whole:
    """The value of the nearest node that has one (not below 0), over no barred way; or -1.

    most: nodes to look at.
    """
    seen = {np.int64(begin)}
    queue = np.empty(most + 1, np.int64)
    queue[0] = begin
    head, count = 0, 1
    while head < count:
        node = queue[head]
        head += 1
        if value[node] >= 0:
            return np.int64(value[node])
        for arc in range(start[node], start[node + 1]):
            target = np.int64(arcs[arc, _TARGET])
            if target < RESERVED or arcs[arc, _BITS] & barred or target in seen:
                continue
            if count > most:
                return -1
            seen.add(target)
            queue[count] = target
            count += 1
    return -1


@compiled
def same_arcs(
    start: Ints,
    arcs: Ints,
    extra: Ints,
    nodes: Ints,
    numbers: Ints,
    targets: Ints,
    slots: Ints,
    feeding: Ints,
) -> Ints:
    """For each node its arc through this equipment to this target that passes `feeding` to a slot.

    -1 where there is none.
    """
    found = np.full(len(nodes), -1, np.int32)
    for number in range(len(nodes)):
        node = nodes[number]
        end = start[node + 1]
        low = np.searchsorted(extra[0], node, "left")
        high = np.searchsorted(extra[0], node, "right")
        for at in range(start[node], end + high - low):
            arc = at if at < end else extra[1, low + at - end]
            bits = arcs[arc, _BITS]
            straight = feeding[number] == slots[number] and bits >> slots[number] & 1
            same = arcs[arc, _NUMBER] == numbers[number] and arcs[arc, _TARGET] == targets[number]
            if same and (straight or bits >> 8):
                found[number] = arc
                break
    return found


@compiled
def leading_on(
    arcs: Ints, pool: Longs, table: Ints, nodes: Ints, slots: Ints, ways: Ints
) -> NDArray[np.bool_]:
    """Which of these ways lead on over one another to what is reached, or to the root."""
    keys = nodes.astype(np.int64) << 3 | slots
    order = np.argsort(keys)
    keys = keys[order]
    keep = np.zeros(len(keys), np.int8)  # 1 being followed, 2 kept, 3 not
    trail = np.empty(len(keys), np.int64)
    for begin in range(len(keys)):
        at, count, verdict = begin, 0, np.int8(0)
        while not verdict:
            if keep[at]:
                verdict = keep[at] if keep[at] > 1 else np.int8(3)
                break
            keep[at] = 1
            trail[count] = at
            count += 1
            way = ways[order[at]]
            node, slot = np.int64(arcs[way >> 3, _TARGET]), way & 7
            if node < RESERVED or place_at(pool, table, node, slot) >> 32 < FAR:
                verdict = np.int8(2)
                break
            key = node << 3 | slot
            at = np.searchsorted(keys, key)
            if at == len(keys) or keys[at] != key:
                verdict = np.int8(3)
        for number in range(count):
            keep[trail[number]] = verdict
    kept = np.zeros(len(keys), np.bool_)
    for at in range(len(keys)):
        kept[order[at]] = keep[at] == 2
    return kept
