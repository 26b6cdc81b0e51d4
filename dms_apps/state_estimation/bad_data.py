"""Measurements that contradict the others, found by their largest normalised residuals.

A. Abur, A. Gómez Expósito, Power System State Estimation: Theory and Implementation (2004), 5.7.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from dms_apps.state_estimation.equations import Complex, Floats, Ints
from dms_apps.state_estimation.wls import Estimate, Known, Method, estimate, glimpsed

SEEN = 1e-4
"""Least share of a measurement's variance in its residual at which an error in it can be seen."""
_SUSPECTS = 200
_ROUNDS = 10
_BLATANT, _TRACE = 3.0, 1e-8
"""Times the limit from which on, and least share with which, a measurement is left out before the
first estimate.  What is read as 0 is believed to a few watts, so its error hardly shows in its own
residual, and bends everything else."""


@dataclass(frozen=True, eq=False)
class Cleaned:
    """An estimate without what is bad.

    bad:     numbers of measurements left out, the worst first.
    found:   the normalised residual of each when it was found.
    closed:  whether nothing above the limit is left.
    """

    estimate: Estimate
    bad: tuple[int, ...]
    found: tuple[float, ...]
    closed: bool


def cleaned(
    known: Known, start: Complex, method: Method | None = None, limit: float = 4.0
) -> Cleaned:
    """Estimate, leave out the worst measurement, and so on until none is above the limit.

    Several are found between two estimates: after the worst one, residuals and their variances
    are those that would be without it, to first order; what fits the next estimate is taken back.
    What a meter gives goes before what a model gives, unless its residual is less than half of
    that: an error in one often shows in the other, too, and a load model is seldom off by many of
    its wide sigmas.  What is blatantly wrong, such as a flow of 0 where megawatts flow, goes before
    the first estimate, which would bend to it, slowly and far.

    Raises: ArithmeticError, as `estimate`.
    """
    first = glimpsed(known, start, method or Method())
    bad = dict(_worst(first, _BLATANT * limit, _TRACE))
    found = estimate(_without(known, bad), start, method, None if bad else first.step)
    tried: set[int] = set()
    for _ in range(_ROUNDS):
        worst = _worst(found, limit) if found.converged else []
        back = (
            [] if worst or not bad else _fitting(found, [n for n in bad if n not in tried], limit)
        )
        if not worst and not back:
            return Cleaned(found, tuple(bad), tuple(bad.values()), found.converged)
        tried.update(back)
        bad = {number: size for number, size in bad.items() if number not in back} | dict(worst)
        found = estimate(_without(known, bad), found.x, method)
    return Cleaned(found, tuple(bad), tuple(bad.values()), not _worst(found, limit))


def _without(known: Known, bad: Collection[int]) -> Known:
    used = known.used.copy()
    used[list(bad)] = False
    return replace(known, used=used)


def _fitting(found: Estimate, left_out: list[int], limit: float) -> list[int]:
    """What was left out and fits the estimate without it after all."""
    if not left_out:
        return []
    sigmas = found.sigmas(found.known.quantities.some(left_out)) / found.known.sigma[left_out]
    sizes = np.abs(found.residual[left_out]) / np.sqrt(1 + sigmas**2)
    return [number for number, size in zip(left_out, sizes, strict=True) if size <= limit]


def suspects(found: Estimate, limit: float, least: float = SEEN) -> Ints:
    """Measurements whose normalised residual is above the limit, the worst first.

    least: share of the variance from which on an error is seen.
    """
    sizes = np.nan_to_num(np.abs(found.normalised(least)))
    order = np.argsort(-sizes, kind="stable")
    return np.asarray(order[: int((sizes > limit).sum())][:_SUSPECTS], np.int64)


def _worst(found: Estimate, limit: float, least: float = SEEN) -> list[tuple[int, float]]:
    """Numbers and normalised residuals of what must go, each without those before it."""
    numbers = suspects(found, limit, least)
    if not len(numbers):
        return []
    residual, share = found.residual[numbers].copy(), found.share[numbers].copy()
    whole, gone, before = share.copy(), list[tuple[int, float]](), np.empty((0, len(numbers)))
    for _ in range(len(numbers)):
        seen = (share > least) & (share > SEEN * whole)
        sizes = np.where(seen, np.abs(residual) / np.sqrt(np.where(seen, share, 1)), 0)
        at = _blamed(sizes, found.known.modelled[numbers])
        if sizes.max() <= limit:
            break
        gone.append((int(numbers[at]), float(sizes[at])))
        column = covariance(found, numbers[at], numbers) - before[:, at] @ before
        residual -= column * (residual[at] / column[at])
        share -= column**2 / column[at]
        share[at] = 0
        before = np.vstack([before, column / np.sqrt(column[at])])
    return gone


def _blamed(sizes: Floats, modelled: Ints) -> int:
    """Which is the worst, by rows."""
    measured = np.where(modelled, 0, sizes)
    best = int(np.argmax(measured))
    return best if measured[best] >= sizes.max() / 2 else int(np.argmax(sizes))


def covariance(found: Estimate, number: int, others: Ints) -> Floats:
    """Of the residual of a measurement with those of others, over sigma; all of them count."""
    right = np.zeros(found.step.system.shape[0])
    right[np.searchsorted(found.step.numbers, number)] = 1
    return np.asarray(found.step.solve(right)[np.searchsorted(found.step.numbers, others)])
