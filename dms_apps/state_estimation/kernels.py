"""Compiled loops over the factors of a sparse matrix.

A pattern of places right of the diagonal is `at`, where each row starts, and `columns`, sorted.
The same pattern, turned over, is that of places below the diagonal.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numba
import numpy as np

from cim.compiling import kept

_njit: Any = numba.njit(nogil=True)
_FILES = (Path(__file__),)


@_njit
def _place(at: Any, columns: Any, row: Any, column: Any) -> Any:
    """Where a column stands in its row."""
    start, end = at[row], at[row + 1]
    while start < end:
        middle = (start + end) // 2
        if columns[middle] < column:
            start = middle + 1
        else:
            end = middle
    return start


@_njit
def _entry(at: Any, columns: Any, pivots: Any, below: Any, beside: Any, i: Any, k: Any) -> Any:
    """An entry of a matrix that is kept as its diagonal and what is below and beside it."""
    if i == k:
        return pivots[i]
    if i > k:
        return below[_place(at, columns, k, i)]
    return beside[_place(at, columns, i, k)]


def _filled(at: Any, columns: Any) -> Any:
    """The pattern with the places that elimination adds; its rows are not sorted.

    A row is added to that of its parent, the first place right of its diagonal.
    """
    size = len(at) - 1
    mark, child, sibling = np.full(size, -1), np.full(size, -1), np.full(size, -1)
    starts, found, end = np.zeros(size + 1, np.int64), np.empty(4 * len(columns), np.int32), 0
    for j in range(size):
        if end + size > len(found):
            found = np.concatenate((found, np.empty(len(found) + size, np.int32)))
        first, mark[j], parent = end, j, size
        for p in range(at[j], at[j + 1]):
            if columns[p] > j and mark[columns[p]] != j:
                mark[columns[p]], found[end] = j, columns[p]
                end += 1
        c = child[j]
        while c >= 0:
            for p in range(starts[c], starts[c + 1]):
                if mark[found[p]] != j:
                    mark[found[p]], found[end] = j, found[p]
                    end += 1
            c = sibling[c]
        starts[j + 1] = end
        for p in range(first, end):
            parent = min(parent, found[p])
        if parent < size:
            sibling[j], child[parent] = child[parent], j
    return starts, found[:end]


def _spread(
    at: Any, columns: Any, from_at: Any, from_columns: Any, from_values: Any, values: Any
) -> None:
    """Values right of the diagonal of another pattern, which is a part of this one."""
    for row in range(len(at) - 1):
        for p in range(from_at[row], from_at[row + 1]):
            if from_columns[p] > row:
                values[_place(at, columns, row, from_columns[p])] = from_values[p]


def _inverse(at: Any, columns: Any, pivots: Any, below: Any, beside: Any) -> None:
    """Entries of the inverse of L U take the place of those of L and U, the last ones first.

    pivots: the diagonal of U; below: L, whose diagonal is 1; beside: the rest of U.
    Any two columns of a row meet in the row of the first: so elimination fills the pattern.
    """
    for j in range(len(pivots) - 1, -1, -1):
        start, size = at[j], at[j + 1] - at[j]
        low, up = below[start : start + size].copy(), beside[start : start + size] / pivots[j]
        under, right = np.zeros(size), np.zeros(size)
        for p in range(size):
            a = columns[start + p]
            under[p] -= pivots[a] * low[p]
            right[p] -= pivots[a] * up[p]
            place = at[a]
            for q in range(p + 1, size):
                while columns[place] < columns[start + q]:
                    place += 1
                under[q] -= below[place] * low[p]
                under[p] -= beside[place] * low[q]
                right[q] -= beside[place] * up[p]
                right[p] -= below[place] * up[q]
        value = 1.0 / pivots[j]
        for p in range(size):
            value -= up[p] * under[p]
        below[start : start + size], beside[start : start + size] = under, right
        pivots[j] = value


def _picked(
    at: Any, columns: Any, pivots: Any, below: Any, beside: Any, rows: Any, wanted: Any, found: Any
) -> None:
    """Entries at some rows and columns."""
    for place in range(len(found)):
        found[place] = _entry(at, columns, pivots, below, beside, rows[place], wanted[place])


filled = cast(Any, kept(_filled, _FILES))
spread = cast(Any, kept(_spread, _FILES))
inverse = cast(Any, kept(_inverse, _FILES))
picked = cast(Any, kept(_picked, _FILES))
