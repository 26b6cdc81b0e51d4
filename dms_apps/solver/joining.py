"""Islands from pairs of places, in machine code; imported only where they are wanted."""

from __future__ import annotations

from typing import Any

import numpy as np

from cim.compiling import kept


def _up(into: Any, place: int) -> int:
    """The first place of a part, with the way there made shorter."""
    while into[place] != place:
        into[place] = into[into[place]]
        place = into[place]
    return place


_first = kept(_up, ())


def _join(into: Any, one: int, two: int) -> None:
    one, two = _first(into, one), _first(into, two)
    if one < two:
        into[two] = one
    else:
        into[one] = two


_joined = kept(_join, ())


def _number(into: Any, lit: Any, found: Any) -> None:
    """Numbers of the parts that are lit, the largest first, then by place; -1 elsewhere."""
    sizes = np.zeros(len(into), np.int64)
    for place in range(len(into)):
        sizes[_first(into, place)] += lit[place]
    order = np.flatnonzero(sizes)
    for i in range(1, len(order)):  # which are few
        at, k = order[i], i
        while k > 0 and sizes[order[k - 1]] < sizes[at]:
            order[k] = order[k - 1]
            k -= 1
        order[k] = at
    for i in range(len(order)):
        sizes[order[i]] = i
    for place in range(len(into)):
        found[place] = sizes[_first(into, place)] if lit[place] else -1


_numbered = kept(_number, ())


def _islands(
    ways: Any, row: Any, closed: Any, always: Any, joined: Any, fed: Any, first: Any
) -> Any:
    """By place the number of its island; see `energised.Ways.islands`.

    ways, always, joined: pairs of places, one under the other; `ways` pass where `closed` at `row`.
    fed:   places of sources.
    first: for each place the first one of its node.
    """
    size = len(first)
    into = np.arange(size)
    for k in range(len(row)):
        if closed[row[k]]:
            _joined(into, ways[0, k], ways[1, k])
    for pairs in (always, joined):
        for k in range(pairs.shape[1]):
            _joined(into, pairs[0, k], pairs[1, k])
    lit, found = np.zeros(size, np.bool_), np.empty(size, np.int64)
    for k in range(len(fed)):
        lit[_first(into, fed[k])] = True
    for place in range(size):
        lit[place] = lit[_first(into, place)]
    for place in range(size):
        if lit[place]:  # one island has all phases, which a node brings together
            _joined(into, place, first[place])
    _numbered(into, lit, found)
    return found


islands = kept(_islands, ())
