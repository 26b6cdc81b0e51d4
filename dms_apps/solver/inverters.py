"""A load flow in which every inverter is on its curve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from cim.electrical.injections import Generator
from dms_apps.solver.curves import Curves
from dms_apps.solver.given import Given, Powers
from dms_apps.solver.layout import Layout
from dms_apps.solver.naming import titled
from dms_apps.solver.solution import Solution, unsolved

_SETTLED = 1e-6
"""Share of rated apparent power by which no inverter is off its curve in the end."""
_ROUNDS = 100


@dataclass
class _Inverter:
    """One that follows curves, on its way to where it settles."""

    generator: Generator
    curves: Curves
    available: float
    rated: float
    places: list[int]
    power: complex
    step: float = 1.0
    error: complex = field(default=0j)

    def moved(self, solution: Solution, nominal: np.ndarray) -> float:
        """Go towards the curve at this voltage; by how much it was off, share of its rating.

        The step halves when it has gone past, so that steep curves settle, too.
        """
        unit = float(np.mean(np.abs(solution.volts[self.places]) / nominal[self.places]))
        wanted = self.curves.power(unit, self.available, self.rated)
        error = wanted - self.power
        if (error * self.error.conjugate()).real < 0:
            self.step = max(self.step / 2, 0.01)
        self.error = error
        self.power += self.step * error
        return abs(error) / self.rated

    @property
    def fed(self) -> Powers:
        count = len(self.generator.phases)
        return np.full(count, self.power / count)


def follow(layout: Layout, given: Given, solve: Callable[[Given], Solution]) -> Solution:
    """The load flow of what is given, its `curves` with it.

    An inverter without a rating, or that nothing supplies, stays as it is given.

    solve: the load flow of powers.
    """
    solution, remarks = solve(given), _unrated(layout, given)
    if not solution.converged:
        return solution
    found = (_begun(layout, one, given, solution) for one in layout.view.generators)
    following = [one for one in found if one is not None]
    if not following:
        return solution.saying(*solution.remarks, *remarks)
    for _ in range(_ROUNDS):
        off = [one.moved(solution, layout.nominal) for one in following]
        if max(off) < _SETTLED:
            return solution.saying(*solution.remarks, *remarks)
        fed = {one.generator.mrid: one.fed for one in following}
        solution = solve(Given(fed=fed).over(given))
        if not solution.converged:
            return solution
    worst = max(following, key=lambda one: abs(one.error) / one.rated).generator
    why = f"Inverter {titled(worst.name, worst.mrid)} does not settle on its curve."
    return unsolved(layout, solution.engine, solution.island, why)


def _begun(
    layout: Layout, generator: Generator, given: Given, solution: Solution
) -> _Inverter | None:
    """None for one that follows no curve, has no rating or is not supplied."""
    curves = given.curves.get(generator.mrid)
    places = [layout.number[generator.port.node, phase] for phase in generator.phases]
    dead = (solution.island[places] < 0).any() or generator.mrid in given.out
    if curves is None or not generator.rated_s or dead:
        return None
    own = given.fed.get(generator.mrid, generator.p + 1j * generator.q)
    power = complex(own.sum())
    return _Inverter(generator, curves, power.real, generator.rated_s, places, power)


def _unrated(layout: Layout, given: Given) -> tuple[str, ...]:
    return tuple(
        f"Inverter {titled(one.name, one.mrid)} has no ratedS;"
        " its power does not follow its voltage."
        for one in layout.view.generators
        if one.mrid in given.curves and not one.rated_s
    )
