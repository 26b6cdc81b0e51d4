"""Blocks of the inverse of a factored matrix, in machine code; imported only where they are wanted.

With Pr A Pc = L U an entry of the inverse is the product of a row of Pc U^-1 and a column of
L^-1 Pr.  Both are sparse: they live on the way from their place to the root of the elimination
tree (W. F. Tinney, V. Brandwajn, S. M. Chan, Sparse vector methods, IEEE Trans. PAS 104 (1985)
295).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cim.compiling import kept
from dms_apps.solver.solution import Complex


def blocks(factors: Any, groups: Sequence[Sequence[int]]) -> list[Complex]:
    """Of each group of rows the square block of the inverse.

    factors: a `scipy.sparse.linalg.SuperLU` of complex numbers.
    """
    sizes = np.array([len(group) for group in groups], np.int64)
    first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    place = np.concatenate([np.empty(0, np.int64), *(np.asarray(g, np.int64) for g in groups)])
    at = np.concatenate([[0], np.cumsum(sizes**2)]).astype(np.int64)
    found = np.zeros(at[-1], np.complex128)
    lower, upper = factors.L.tocsc(), factors.U.tocsr()
    for each in (lower, upper):
        each.sort_indices()
    # The rows of U are the columns of its transpose, a lower triangle like L.
    widest = int(sizes.max(initial=0))
    scratch = np.zeros((2, widest, len(factors.perm_r)), np.complex128)
    _blocks(
        (lower.indptr, lower.indices, lower.data),
        (upper.indptr, upper.indices, upper.data),
        (factors.perm_r[place].astype(np.int64), factors.perm_c[place].astype(np.int64)),
        first,
        at,
        scratch,
        found,
    )
    return [found[a : a + n * n].reshape(n, n) for a, n in zip(at, sizes, strict=False)]


def _down(matrix: Any, one: Any, start: int) -> None:
    """Solve a lower triangle, whose columns begin with the diagonal, for what begins at `start`."""
    ends, rows, values = matrix
    for i in range(start, len(one)):
        if one[i] != 0:
            one[i] /= values[ends[i]]
            for p in range(ends[i] + 1, ends[i + 1]):
                one[rows[p]] -= values[p] * one[i]


_solve = kept(_down, ())


def _loop(
    lower: Any, upper: Any, place: Any, first: Any, at: Any, scratch: Any, found: Any
) -> None:
    """One group after the other; `scratch` is all 0 before and after each."""
    columns, rows = scratch
    for group in range(len(first) - 1):
        start, count = first[group], first[group + 1] - first[group]
        lowest = columns.shape[1]
        for k in range(count):
            row, column = place[0][start + k], place[1][start + k]
            columns[k, row] = rows[k, column] = 1
            _solve(lower, columns[k], row)
            _solve(upper, rows[k], column)
            lowest = min(lowest, row, column)
        for a in range(count):
            for b in range(count):
                entry = 0j
                for i in range(lowest, columns.shape[1]):
                    entry += rows[a, i] * columns[b, i]
                found[at[group] + a * count + b] = entry
        scratch[:, :count, lowest:] = 0


_blocks = kept(_loop, ())
