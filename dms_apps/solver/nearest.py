"""Loads near to what is believed that meet linear conditions, within bounds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dms_apps.solver.belief import Belief, Floats
from dms_apps.solver.solution import Complex

_ROUNDS = 50
_RANK = 1e-6


@dataclass(frozen=True, eq=False)
class Conditions:
    """What is measured (rows), by watts and then var of the loads (columns).

    by:    its derivatives.
    share: how much of each part is in it when nothing is lost: in these proportions parts move, so
           that a load is not moved for others because of the losses that it causes.
    """

    by: Floats
    share: Floats


@dataclass(frozen=True)
class State:
    """What the loads do that one condition depends on.

    movable: whether any may move.
    bounded: whether all those are at a bound.
    lowest:  whether any of them draws nothing, as low as it may go.
    """

    movable: bool
    bounded: bool
    lowest: bool


@dataclass(frozen=True, eq=False)
class Nearest:
    """Powers by row of `Layout.branches`, and of each condition which parts of them it knows.

    known: conditions by parts, watts first and then var; only those that may move.
    held:  of each part -1 at its lower bound, 1 at its upper one, 0 between.
    zero:  of each part whether its lower bound is that a load does not feed in.
    """

    power: Complex
    known: NDArray[np.bool_]
    held: NDArray[np.int8]
    zero: NDArray[np.bool_]

    @classmethod
    def none(cls, conditions: int) -> Nearest:
        """Of no loads at all."""
        nothing = np.zeros(0, np.bool_)
        known = np.zeros((conditions, 0), np.bool_)
        return cls(np.zeros(0, np.complex128), known, np.zeros(0, np.int8), nothing)

    def state(self, condition: int) -> State:
        """Of one condition."""
        mine = self.known[condition]
        active = mine & (np.arange(len(mine)) < len(mine) // 2)
        at, zero = self.held[active], self.zero[active]
        return State(
            bool(mine.any()),
            bool(mine.any() and (self.held[mine] != 0).all()),
            bool(((at < 0) & zero).any()),
        )


def nearest(
    belief: Belief, spread: Floats, conditions: Conditions, wanted: Floats, sigma: Floats
) -> Nearest:
    """Changes that meet conditions, in proportion to variances and to what each is a share of.

    spread: standard deviations of watts, then of var.
    wanted: what the conditions are to change by.
    sigma:  standard deviation of that; 0: it must be met.
    Conditions that contradict one another are met as nearly as they can be.  Parts that would leave
    their bounds are held there.
    """
    low, high, zero = _bounds(belief, spread)
    held = np.zeros(len(spread), np.int8)
    for _ in range(_ROUNDS):
        fixed = np.where(held < 0, low, np.where(held > 0, high, 0.0))
        free = np.where(held == 0, spread**2, 0.0)
        left = wanted - conditions.by @ fixed
        change = fixed + _least(conditions, free, left, sigma)
        slack = 1e-9 * np.maximum(spread, 1e-3)
        below, above = change < low - slack, change > high + slack
        if not (below | above).any():
            break
        held[below & (held == 0)], held[above & (held == 0)] = -1, 1
    half = len(belief.power)
    power = belief.power + change[:half] + 1j * change[half:]
    return Nearest(power, (conditions.by != 0) & (spread > 0), held, zero)


def _bounds(belief: Belief, spread: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Lowest and highest change of each part, and whether the lowest is that of 0 watts."""
    bound = np.tile(belief.bound, 2)
    reach = np.where(spread > 0, bound, 0.0) * np.where(spread > 0, spread, 1.0)
    draws = np.concatenate([belief.power.real >= 0, np.zeros(len(belief.power), np.bool_)])
    least = np.where(draws, -np.tile(belief.power.real, 2), -np.inf)
    low = np.maximum(-reach, least)
    return np.where(spread > 0, low, 0.0), reach, np.asarray(draws & (least >= -reach), np.bool_)


def _least(conditions: Conditions, variance: Floats, wanted: Floats, sigma: Floats) -> Floats:
    """The change of the parts that may move."""
    along = conditions.share * variance
    gram = conditions.by @ along.T + np.diag(sigma**2)
    size = np.sqrt(np.abs(np.diag(gram)))
    scale = np.where(size > 0, 1 / np.where(size > 0, size, 1), 0.0)
    inverse = np.linalg.pinv(gram * np.outer(scale, scale), rcond=_RANK)
    return np.asarray(along.T @ (scale * (inverse @ (scale * wanted))), np.float64)
