"""The diagonal of the inverse of a sparse matrix, from its factors.

A. M. Erisman, W. F. Tinney, On computing certain elements of the inverse of a sparse matrix,
Communications of the ACM 18 (1975) 177.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from dms_apps.state_estimation.equations import Floats, Sparse


def diagonal(factors: Any) -> Floats:
    """Of the inverse of a matrix.

    It is found from entries of the inverse at the places where the factors may have entries.  These
    places are worked out anew: factors of SciPy lack those that came out as 0.

    factors: of `scipy.sparse.linalg.splu`.
    """
    from dms_apps.state_estimation import kernels  # brings numba, which takes long

    lower, upper = factors.L.tocsc(), factors.U.tocsr()
    size = lower.shape[0]
    at, columns = _places(lower, upper, factors.perm_r, factors.perm_c)
    below, beside = np.zeros(len(columns)), np.zeros(len(columns))
    kernels.spread(at, columns, lower.indptr, lower.indices, lower.data, below)
    kernels.spread(at, columns, upper.indptr, upper.indices, upper.data, beside)
    pivots, found = upper.diagonal(), np.empty(size)
    kernels.inverse(at, columns, pivots, below, beside)
    kernels.picked(at, columns, pivots, below, beside, factors.perm_c, factors.perm_r, found)
    return found


def _places(lower: Sparse, upper: Sparse, rows: Any, columns: Any) -> tuple[Any, Any]:
    """Right of the diagonal, row by row, sorted; with those that elimination adds."""
    from dms_apps.state_estimation import kernels

    size = lower.shape[0]
    where = np.minimum(rows, columns), np.maximum(rows, columns)
    wanted = csr_matrix((np.ones(size), where), (size, size))
    pattern = (abs(lower.T) + abs(upper) + wanted).tocsr()
    at, found = kernels.filled(pattern.indptr, pattern.indices)
    sorted_rows = csr_matrix((np.ones(len(found), np.int8), found, at), (size, size))
    sorted_rows.sort_indices()
    return sorted_rows.indptr, sorted_rows.indices
