"""Least absolute values: the state whose residuals have the least sum, by linear programmes.

It fits as many measurements exactly as there are unknowns, and passes gross errors by (M. R.
Irving, R. C. Owen, M. J. H. Sterling, Power-system state estimation using linear programming, Proc.
IEE 125 (1978) 879).  The programmes of thousands of places take minutes.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import block_array, eye_array

from dms_apps.state_estimation.equations import Complex, Floats
from dms_apps.state_estimation.wls import Estimate, Known, Method, shortened, told

_FARTHEST = 0.5
_TOLERANCE = 1e-6


def least_absolute(known: Known, start: Complex, iterations: int = 20) -> Estimate:
    """The state, with variances as if least squares had found it.

    start: a first guess of the unknowns.
    Raises: ArithmeticError, when a linear programme is not solved.
    """
    x, change, done = start, np.inf, 0
    while not change <= _TOLERANCE and done < iterations:
        x, change = shortened(known, x, _change(known, x), lambda left: np.abs(left).sum())
        done += 1
    return told(known, x, Method(), converged=bool(change <= _TOLERANCE), iterations=done)


def _change(known: Known, x: Complex) -> Complex:
    """To where the sum of residuals is least, to first order."""
    numbers = np.flatnonzero(known.used)
    rows, frame = known.jacobian(x)
    laws = known.grid.jacobian(frame)
    count, size = len(numbers), rows.shape[1]
    above = eye_array(count)
    equations = block_array([[rows[numbers], above, -above], [laws, None, None]], format="csr")
    right = np.concatenate([known.residual(x)[numbers], -known.grid.residual(x)])
    costs = np.concatenate([np.zeros(size), np.ones(2 * count)])
    far = _FARTHEST * np.tile(np.maximum(1, np.abs(x) / known.grid.scale), 2)
    bounds = np.concatenate([np.column_stack([-far, far]), np.tile([0.0, np.inf], (2 * count, 1))])
    found = linprog(costs, A_eq=equations, b_eq=right, bounds=bounds, method="highs")
    if found.x is None:
        raise ArithmeticError(f"the linear programme was not solved: {found.message}")
    along, across = np.asarray(found.x[:size]).reshape(2, -1)
    return _complex(along, across) * frame


def _complex(along: Floats, across: Floats) -> Complex:
    return along + 1j * across
