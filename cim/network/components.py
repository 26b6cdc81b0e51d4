"""Compiled loops that put connected nodes together."""

from __future__ import annotations

import numpy as np

from cim.network.compiling import compiled
from cim.network.crossing import mask_of
from cim.network.topology import RESERVED, Bytes, Ints

_TARGET, _NUMBER, _BITS = 0, 1, 3  # columns of arcs, see cim.network.topology.Graph


@compiled
def components(
    start: Ints,
    arcs: Ints,
    couplings: Bytes,
    extra: Ints,
    masks: Bytes,
    where: Ints,
    slots: Ints,
    numbers: int,
) -> Ints:
    """For each node the number of its component, ascending by its first node; -1 without slots.

    slots:   of each node those on which it counts, bits; two nodes are connected by what conducts
             on a slot of both.
    numbers: equipment numbers below this connect, others do not.
    """
    count = len(start) - 1
    label = np.full(count, -1, np.int32)
    queue = np.empty(count, np.int32)
    number = 0
    for begin in range(RESERVED, count):
        if not slots[begin] or label[begin] >= 0:
            continue
        label[begin], queue[0] = number, begin
        head, many = 0, 1
        while head < many:
            node = np.int64(queue[head])
            head += 1
            end = start[node + 1]
            low = np.searchsorted(extra[0], node, "left")
            high = np.searchsorted(extra[0], node, "right")
            for at in range(start[node], end + high - low):
                arc = np.int64(at if at < end else extra[1, low + at - end])
                target, bits = np.int64(arcs[arc, _TARGET]), arcs[arc, _BITS]
                if target < RESERVED or not slots[target] or label[target] >= 0:
                    continue
                if arcs[arc, _NUMBER] >= numbers:
                    continue
                mask = mask_of(masks, where, arcs[arc, _NUMBER])
                both = slots[node] & slots[target]
                if bits & mask & both or couplings[bits >> 8, 0] & mask:
                    label[target] = number
                    queue[many] = target
                    many += 1
        number += 1
    return label
