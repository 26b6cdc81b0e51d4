"""Compiled parts of lean loops: sorted arrays, searched and made."""

from __future__ import annotations

from typing import Any

import numpy as np

from cim.network.compiling import stage
from cim.network.pages import Longs
from cim.network.topology import Ints

Whole = Any


@stage
def span(extra: Ints, node: Whole) -> tuple[Whole, Whole]:
    """Where the extra arcs of a node lie."""
    low = np.searchsorted(extra[0], node, "left")
    return low, low + np.searchsorted(extra[0, low:], node, "right")


@stage
def put_in_order(keys: Longs, count: Whole) -> None:
    """Sort the first `count` keys (Shell's method: in place, few of them as a rule)."""
    gap = 1
    while gap < count // 3:
        gap = 3 * gap + 1
    while gap:
        for at in range(gap, count):
            key = keys[at]
            while at >= gap and keys[at - gap] > key:
                keys[at] = keys[at - gap]
                at -= gap
            keys[at] = key
        gap //= 3
