"""Compiled parts of traces: what a place is when it is supplied over one arc, or over the best."""

from __future__ import annotations

from typing import Any

import numpy as np

from cim.network.compiling import soon, stage, step
from cim.network.masks import SHIFT as _SHEET
from cim.network.masks import SIZE as _SHEET_SIZE
from cim.network.pages import FAR, Longs
from cim.network.phases import SLOTS
from cim.network.sorting import span
from cim.network.topology import Bytes, Ints
from cim.network.words import (
    index_of,
    place_in,
)

_TARGET, _NUMBER, _BACK, _BITS = 0, 1, 2, 3  # columns of arcs, see cim.network.topology.Graph
_NEED, _OUT_FROM, _OUT_TO, _IN_FROM, _IN_TO = 0, 1, 2, 3, 4

_AHEAD = 256  # nodes and arcs: how far a trace goes while memory answers
_COLUMNS = 4

u = np.uint64
Whole = Any


@step
def expect(start: Ints, arcs: Ints, node: Whole) -> None:
    """Ask for the arcs of nodes a little further on: what is close is numbered so, as a rule."""
    soon(start, node + _AHEAD)
    soon(arcs, (np.int64(start[u(node)]) + _AHEAD) * _COLUMNS)


@step
def mask_of(masks: Bytes, where: Ints, number: Whole) -> Whole:
    """The slots on which equipment conducts; see `cim.network.masks.Masks.arrays`."""
    return np.int64(masks[u(where[u(number >> _SHEET)]), u(number & (_SHEET_SIZE - 1))])


@step
def over(
    arcs: Ints, couplings: Bytes, masks: Bytes, where: Ints, barred: Whole, pool: Longs,
    table: Ints, arc: Whole, slot: Whole,
) -> Whole:  # fmt: skip
    """What a place of `slot` is when it is supplied through this arc of its node."""
    bits = arcs[arc, _BITS]
    mask = mask_of(masks, where, arcs[arc, _NUMBER])
    word = pool[u(index_of(table, arcs[arc, _TARGET]))]
    coupling = bits >> 8
    best: Whole = np.int64(FAR)
    one = slot
    if bits & mask & 1 << slot:
        best = place_in(pool, word, slot) >> 32
    elif couplings[coupling, _NEED] & mask and couplings[coupling, _IN_TO] >> slot & 1:
        for feeding in range(SLOTS):
            if couplings[coupling, _IN_FROM] >> feeding & 1:
                depth = place_in(pool, word, feeding) >> 32
                if depth < best:
                    best, one = depth, feeding
    if bits & barred:
        best = np.int64(FAR)
    return (best + 1) << 32 | np.int64(arc) << 3 | one


@stage
def closest(
    start: Ints, arcs: Ints, couplings: Bytes, extra: Ints, masks: Bytes, where: Ints,
    barred: Whole, pool: Longs, table: Ints, node: Whole, slot: Whole,
) -> Whole:  # fmt: skip
    """What a place is when it is supplied from its nearest neighbour; FAR << 32 without one."""
    best = np.int64(FAR) << 32
    end, low, high = start[node + 1], 0, 0
    if extra.shape[1]:
        low, high = span(extra, node)
    for at in range(start[node], end + high - low):
        arc = at if at < end else extra[1, low + at - end]
        found = over(arcs, couplings, masks, where, barred, pool, table, arc, slot)
        best = min(best, found)
    return best
