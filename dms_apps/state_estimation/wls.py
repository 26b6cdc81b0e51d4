"""Weighted least squares under Kirchhoff's current law, by Gauss and Newton.

Every step solves Hachtel's augmented system, in which measurements keep equations of their own and
the laws of the network are constraints (A. Gjelsvik, S. Aam, L. Holten, Hachtel's augmented matrix
method, IEEE Trans. PAS 104 (1985) 2987).  No product of the Jacobian with itself is made, so sigmas
that differ by many orders of magnitude do no harm.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.sparse import block_array, diags_array, eye_array
from scipy.sparse.linalg import splu
from scipy.special import chdtri

from dms_apps.state_estimation.equations import Complex, Floats, Grid, Ints, Quantities, Sparse
from dms_apps.state_estimation.inverse import diagonal

_AT_ONCE = 128
_VOLTS, _AMPERES = 0.1, 1e3
"""Standard deviation over usual size from which on an unknown is said to be told by nothing; what
really is so has the one of `Method.prior`, or a part of it where it is tied to what is told."""
_HALVES = 8
_LAWFUL = 1e-6
_NOISE = 1e-9


@dataclass(frozen=True)
class Method:
    """How to estimate.

    huber:      sigmas beyond which a residual counts by its size, not its square; None for squares
                alone (P. J. Huber, Robust estimation of a location parameter, Annals of
                Mathematical Statistics 35 (1964) 73).
    tolerance:  largest relative change of an unknown at which it stops.
    iterations: most of them.
    prior:      weight of what an unknown was before each step: it decides nothing but what no
                measurement tells.
    """

    huber: float | None = None
    tolerance: float = 1e-7
    iterations: int = 50
    prior: float = 1e-10


@dataclass(frozen=True, eq=False)
class Known:
    """What an estimate is made of.

    value, sigma: by measurement of `quantities`; in its unit.
    used:         which measurements count.
    modelled:     which of them no meter gives, but a model.
    """

    grid: Grid
    quantities: Quantities
    value: Floats
    sigma: Floats
    used: Any
    modelled: Any

    def residual(self, x: Complex) -> Floats:
        """Measured less what would be measured, over sigma."""
        return np.asarray(self.quantities.off(self.value, x) / self.sigma)

    def jacobian(self, x: Complex) -> tuple[Sparse, Complex]:
        """Of what would be measured, over sigma; and its frame."""
        frame = self.grid.scale * np.exp(1j * np.angle(x))
        rows = self.quantities.jacobian(x, frame, self.grid.scale)
        return diags_array(1 / self.sigma) @ rows, frame


@dataclass(frozen=True, eq=False)
class Step:
    """The augmented system at a point: measurements that count, changes of unknowns, laws.

    numbers: of the measurements.
    """

    system: Sparse
    factors: Any
    numbers: Ints
    frame: Complex

    @property
    def parts(self) -> tuple[int, int]:
        """Where changes of unknowns start and end."""
        return len(self.numbers), len(self.numbers) + 2 * len(self.frame)

    def solve(self, right: Floats) -> Floats:
        """Refined once: the system holds numbers of very different size."""
        first = self.factors.solve(right)
        return np.asarray(first + self.factors.solve(right - self.system @ first))

    @cached_property
    def diagonal(self) -> Floats:
        """Of the inverse."""
        return diagonal(self.factors)


@dataclass(frozen=True, eq=False)
class Estimate:
    """The most likely state.

    x:        volts of places, then amperes of branches and into sources.
    fitted:   what the measurements would be.
    residual: measured less fitted, over sigma.
    """

    known: Known
    x: Complex
    fitted: Floats
    residual: Floats
    converged: bool
    iterations: int
    step: Step

    @cached_property
    def share(self) -> Floats:
        """The part of a measurement's variance that its residual has; NaN where it does not count.

        0 when nothing confirms the measurement: no error in it can be seen.
        """
        found = np.full(len(self.residual), np.nan)
        found[self.step.numbers] = np.clip(self.step.diagonal[: self.step.parts[0]], 0, 1)
        return found

    @property
    def objective(self) -> float:
        """The sum of squared residuals over sigma, J."""
        return float(np.square(self.residual[self.step.numbers]).sum())

    @property
    def freedom(self) -> int:
        """How many more measurements there are than it takes."""
        return round(float(np.nansum(self.share)))

    def limit(self, confidence: float = 0.95) -> float:
        """What `objective` stays below with this probability, when errors are as sigma says."""
        return chi_square(self.freedom, confidence)

    def normalised(self, least: float) -> Floats:
        """Residuals over their own standard deviation; NaN where the share is below `least`."""
        share = np.where(self.share < least, np.nan, self.share)
        return np.asarray(self.residual / np.sqrt(share))

    @cached_property
    def variances(self) -> tuple[Floats, Floats]:
        """Of the unknowns: of their relative size, and of their angle in radians; inf where nothing
        tells."""
        start, end = self.step.parts
        found = np.maximum(-self.step.diagonal[start:end], 0).reshape(2, -1)
        places = self.known.grid.places
        widest = np.repeat([_VOLTS, _AMPERES], [places, found.shape[1] - places])
        along, across = np.where(found > np.square(widest), np.inf, found)
        scaled = np.abs(self.step.frame) / np.maximum(np.abs(self.x), 1e-300)
        return along * scaled**2, across * scaled**2

    @property
    def observable(self) -> Any:
        """Whether measurements tell an unknown."""
        along, across = self.variances
        return np.isfinite(along) & np.isfinite(across)

    def beside(self, unknown: int) -> Floats:
        """The covariance of the relative size of an unknown with that of each one."""
        start, end = self.step.parts
        right = np.zeros(self.step.system.shape[0])
        right[start + unknown] = -1
        along = self.step.solve(right)[start:end].reshape(2, -1)[0]
        scaled = np.abs(self.step.frame) / np.maximum(np.abs(self.x), 1e-300)
        return np.asarray(along * scaled * scaled[unknown])

    def sigmas(self, others: Quantities) -> Floats:
        """The standard deviation of other quantities of this state, from its covariance."""
        rows = others.jacobian(self.x, self.step.frame, self.known.grid.scale)
        start, end = self.step.parts
        found = [np.empty(0)]
        for first in range(0, rows.shape[0], _AT_ONCE):
            some = rows[first : first + _AT_ONCE]
            right = np.zeros((self.step.system.shape[0], some.shape[0]))
            right[start:end] = -some.T.toarray()
            solved = self.step.solve(right)[start:end]
            found.append(np.asarray(some.multiply(solved.T).sum(axis=1)).ravel())
        return np.sqrt(np.maximum(np.concatenate(found), 0))


def chi_square(freedom: int, confidence: float = 0.95) -> float:
    """What a sum of `freedom` squared normal errors stays below with this probability."""
    return float(chdtri(freedom, 1 - confidence)) if freedom else 0.0


def estimate(
    known: Known, start: Complex, method: Method | None = None, first: Step | None = None
) -> Estimate:
    """The state that fits best.

    start: a first guess of the unknowns.
    first: the system there, when it is known.
    Raises: ArithmeticError, when the system cannot be solved.
    """
    method = method or Method()
    x, change, iterations = start, np.inf, 0
    while not change <= method.tolerance and iterations < method.iterations:
        step = (first if not iterations else None) or _step(known, x, method)
        changes = _changes(known, x, method, step)
        x, change = shortened(known, x, step.frame * changes, lambda size: _cost(size, method))
        iterations += 1
    return told(known, x, method, converged=bool(change <= method.tolerance), iterations=iterations)


def told(known: Known, x: Complex, method: Method, *, converged: bool, iterations: int) -> Estimate:
    """What follows from a state that was found."""
    step, fitted = _step(known, x, method), known.quantities.values(x)
    return Estimate(known, x, fitted, known.residual(x), converged, iterations, step)


def glimpsed(known: Known, start: Complex, method: Method) -> Estimate:
    """What an estimate would leave as residuals, to first order from a first guess.

    Its `x` is the guess; residuals of what does not count are NaN.
    """
    step = _step(known, start, method)
    residual = np.full(len(known.value), np.nan)
    residual[step.numbers] = step.solve(_right(known, start, method, step))[: step.parts[0]]
    fitted = known.value - residual * known.sigma
    return Estimate(known, start, fitted, residual, converged=False, iterations=0, step=step)


def shortened(known: Known, x: Complex, change: Complex, cost: Any) -> tuple[Complex, float]:
    """The next point, and how far away it is.

    The laws are linear, so a point that keeps them is followed by others that do, however short the
    step: it is halved as long as it makes the fit worse.
    """
    lawful = np.abs(known.grid.residual(x)).max(initial=0) < _LAWFUL
    before = cost(known.residual(x)[known.used]) * (1 + _NOISE)
    for _ in range(_HALVES):
        if not lawful or cost(known.residual(x + change)[known.used]) <= before:
            break
        change = change / 2
    usual = np.maximum(np.abs(x), known.grid.scale)
    return x + change, float(np.abs(change / usual).max(initial=0))


def _cost(residual: Floats, method: Method) -> float:
    """Half the sum of squares, which beyond Huber's limit go on as straight lines."""
    size = np.abs(residual)
    inner = size if method.huber is None else np.minimum(size, method.huber)
    return float((inner * (size - inner / 2)).sum())


def _changes(known: Known, x: Complex, method: Method, step: Step) -> Complex:
    """Along and across the frame of the step."""
    start, end = step.parts
    along, across = step.solve(_right(known, x, method, step))[start:end].reshape(2, -1)
    if not np.isfinite(along + across).all():
        raise ArithmeticError("the equations of the state have no finite solution")
    return np.asarray(along + 1j * across)


def _right(known: Known, x: Complex, method: Method, step: Step) -> Floats:
    """The right side of the system at a point."""
    residual = known.residual(x)
    start, end = step.parts
    right = np.zeros(step.system.shape[0])
    right[:start] = (_weights(residual, method) * residual)[step.numbers]
    right[end:] = -known.grid.residual(x)
    return right


def _step(known: Known, x: Complex, method: Method) -> Step:
    numbers = np.flatnonzero(known.used)
    weights = _weights(known.residual(x), method)
    jacobian, frame = known.jacobian(x)
    rows, laws = jacobian[numbers], known.grid.jacobian(frame)
    prior = -method.prior * eye_array(rows.shape[1])
    weighed = diags_array(weights[numbers]) @ rows
    blocks = [[eye_array(len(numbers)), weighed, None], [rows.T, prior, laws.T], [None, laws, None]]
    system = block_array(blocks, format="csc")
    try:
        factors = splu(system)
    except RuntimeError as error:
        raise ArithmeticError(f"the equations of the state are singular: {error}") from error
    return Step(system, factors, numbers, frame)


def _weights(residual: Floats, method: Method) -> Floats:
    if method.huber is None:
        return np.ones(len(residual))
    return np.minimum(1, method.huber / np.maximum(np.abs(residual), method.huber))
