"""Loads that fit what is measured in the network: allocation to telemetered points, by phase.

Loads that give the measured powers and currents in a load flow, losses included, near to what was
believed: they change in proportion to their variances.  With variances in proportion to size, loads
between the same points are scaled by the same factor, as in W. H. Kersting, Distribution System
Modeling and Analysis, chapter 2.
Which load a point sees, and how much of it, follows from the admittance matrix: meshes, delta
connections and centre-tapped transformers need no rules of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dms_apps.solver import nodal
from dms_apps.solver.belief import Belief, Floats, by_load
from dms_apps.solver.given import Given, Listed
from dms_apps.solver.layout import Layout
from dms_apps.solver.loads import drawn, served
from dms_apps.solver.nearest import Conditions, Nearest, nearest
from dms_apps.solver.nodal import Nodal
from dms_apps.solver.sensitivity import powers_by_loads, shares
from dms_apps.solver.solution import Complex, Options, Solution
from dms_apps.solver.telemetry import Point, Usable, usable

_SEEN = 0.05
_SLOW = 0.2
"""Share of the residual that may be left by a step before derivatives are made anew."""
_STILL = 1e-12
_HALVINGS = 6


@dataclass(frozen=True)
class Rules:
    """How to allocate.

    tolerance:  largest difference between measured and computed, as a share of the measured.
    iterations: load flows at most.
    stale:      seconds after which a measured value is too old.
    """

    tolerance: float = 1e-6
    iterations: int = 30
    stale: float = 900.0


@dataclass(frozen=True, eq=False)
class Allocation:
    """Loads that fit.

    converged: whether every point that could be used is met within the tolerance.
    power:     volt-amperes at nominal voltage, by row of `Layout.branches`.
    solution:  the load flow with them.
    points:    those that were used.
    residual:  measured less computed: watts and var of each point, or amperes.
    remarks:   a sentence for each point that was left out or is not met, and why.
    """

    converged: bool
    power: Complex
    solution: Solution
    points: tuple[Point, ...]
    residual: Floats
    iterations: int
    remarks: tuple[str, ...]

    @property
    def loads(self) -> Listed:
        """As `Given.loads` has them."""
        return by_load(self.solution.layout, self.power)


def allocate(
    layout: Layout,
    given: Given,
    points: Sequence[Point],
    belief: Belief | None = None,
    options: Options | None = None,
    rules: Rules | None = None,
) -> Allocation:
    """Loads nearest to what is believed that give what the points measure.

    belief: by size of the loads of `given` when None.
    """
    options, rules = options or Options(), rules or Rules()
    belief = belief or Belief.by_size(layout, given)
    matrix = Nodal.of(layout, given, options)
    at = usable(matrix, points, rules.stale)
    allocating = _Allocating(layout, given, options, rules, belief, matrix, at)
    return allocating.run()


@dataclass(frozen=True, eq=False)
class _Allocating:
    layout: Layout
    given: Given
    options: Options
    rules: Rules
    belief: Belief
    matrix: Nodal
    at: Usable

    def run(self) -> Allocation:
        found = Nearest.none(len(self.at.kind))
        conditions, before = None, np.inf
        power, solution = self._begun()
        for count in range(self.rules.iterations + 1):
            if not solution.converged:
                lost = np.full(len(self.at.kind), np.nan)
                return self._allocation(power, solution, lost, count, found)
            residual = self.at.measured - self.at.computed(solution)
            if count == self.rules.iterations or self._is_met(residual, solution).all():
                break
            left = float((np.abs(residual) / self.at.size(solution)).max())
            if conditions is None or left > _SLOW * before:
                conditions = self._conditions(solution, power)
            before = left
            found = self._moved(conditions, power, residual)
            step = found.power - power
            if np.abs(step).max(initial=0) <= _STILL * np.abs(power).max(initial=0):
                break
            after = self._stepped(power, step)
            if after is None:
                break
            power, solution = after
        return self._allocation(power, solution, residual, count, found)

    def _begun(self) -> tuple[Complex, Solution]:
        """What is believed, or a part of it for which the load flow converges."""
        power, solution = self.belief.power, self._solved(self.belief.power)
        for _ in range(_HALVINGS if len(self.at.points) else 0):
            if solution.converged:
                break
            power = power / 2
            solution = self._solved(power)
        return power, solution

    def _stepped(self, power: Complex, step: Complex) -> tuple[Complex, Solution] | None:
        """After the step, or the part of it after which the load flow converges; None: after no
        part of it."""
        for _ in range(_HALVINGS):
            solution = self._solved(power + step)
            if solution.converged:
                return power + step, solution
            step = step / 2
        return None

    def _solved(self, power: Complex) -> Solution:
        now = replace(self.given, loads=by_load(self.layout, power))
        return nodal.solve(self.layout, now, self.options, self.matrix)

    def _is_met(self, residual: Floats, solution: Solution) -> NDArray[np.bool_]:
        allowed = np.maximum(self.rules.tolerance * self.at.size(solution), 3 * self.at.sigma)
        return np.asarray(np.abs(residual) <= allowed, np.bool_)

    def _moved(self, conditions: Conditions, power: Complex, residual: Floats) -> Nearest:
        """The loads near to what was believed that meet the points, to first order."""
        apart = power - self.belief.power
        wanted = residual + conditions.by @ np.concatenate([apart.real, apart.imag])
        spread = self.belief.spread(apart=bool((self.at.kind != "i").any()))
        return nearest(self.belief, spread, conditions, wanted, self.at.sigma)

    def _conditions(self, solution: Solution, power: Complex) -> Conditions:
        """What the points measure, by these loads.

        What a point hardly sees is left to the iterations: phases only coupled by a line's mutual
        impedance must not be moved for one another.
        """
        layout, at = self.layout, self.at
        now, fed = replace(self.given, loads=by_load(layout, power)), solution.island >= 0
        lit, loads = served(layout, now, fed), drawn(layout, now, fed, self.options)
        found = powers_by_loads(self.matrix, solution, loads, lit, at.rows)
        kinds = np.array(layout.kinds)[layout.conductors.element]
        part = shares(self.matrix, solution, at.rows, np.flatnonzero(kinds == "source")) * lit
        by = at.derivatives(found, solution)
        share = at.derivatives(
            np.block([[part.real, -part.imag], [part.imag, part.real]]), solution
        )
        seen = at.seen(found)[at.point].reshape(len(by), 2, -1).max(axis=1)
        hardly = np.tile(seen < _SEEN, 2)
        by[hardly] = share[hardly] = 0
        return Conditions(by, share)

    def _allocation(
        self, power: Complex, solution: Solution, residual: Floats, count: int, found: Nearest
    ) -> Allocation:
        remarks = list(self.at.remarks)
        met = np.isfinite(residual)
        if solution.converged:
            met = self._is_met(residual, solution)
            for i in np.flatnonzero(~met).tolist():
                remarks.append(self._why(i, float(residual[i]), found))
        return Allocation(
            solution.converged and bool(met.all()),
            power,
            solution,
            self.at.points,
            residual,
            count,
            (*remarks, *solution.remarks),
        )

    def _why(self, i: int, residual: float, found: Nearest) -> str:
        """Why a condition is not met."""
        unit = _UNITS[str(self.at.kind[i])]
        state = found.state(i)
        said = (
            f"{self.at.points[self.at.point[i]].called} is not met: "
            f"{self.at.measured[i]:.6g} {unit} measured, {residual:.3g} {unit} left over"
        )
        if not state.movable:
            return f"{said}; no load below it on this phase may change."
        if state.lowest and residual < 0 and self.at.kind[i] != "q":
            return f"{said}; less is measured than the points below and the losses take."
        if state.bounded:
            return f"{said}; the loads below it are as far from their meters as they may be."
        return (
            f"{said}; it contradicts other points, or {self.rules.iterations} rounds are too few."
        )


_UNITS = {"p": "W", "q": "var", "i": "A"}
