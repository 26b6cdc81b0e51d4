"""The estimate of a network at one moment: from positions, sensors and models to a solution."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from importlib.metadata import version
from typing import Any

import numpy as np

from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.solver.naming import titled_of
from dms_apps.solver.nodal import Nodal
from dms_apps.solver.sensors import POSITIONS, Sensor, Value
from dms_apps.solver.solution import Engine, Solution, unsolved
from dms_apps.state_estimation.bad_data import SEEN, Cleaned, cleaned
from dms_apps.state_estimation.equations import Complex, Floats
from dms_apps.state_estimation.hints import contradictions
from dms_apps.state_estimation.lav import least_absolute
from dms_apps.state_estimation.measurements import (
    Accuracy,
    Gathering,
    Measurements,
    Origin,
    assume,
)
from dms_apps.state_estimation.positions import compared
from dms_apps.state_estimation.telemetry import Sites, telemeter
from dms_apps.state_estimation.unknowns import Unknowns
from dms_apps.state_estimation.wls import Estimate, Known, Method, estimate, told

_NAMED = 10


@dataclass(frozen=True)
class How:
    """How to estimate.

    method: "squares": least squares, bad measurements left out one by one; "huber": they count
            less the farther they are off; "absolute": least absolute values.
    limit:  normalised residual, in standard deviations, above which a measurement is bad.
    huber:  standard deviations from which a residual counts by its size, not its square.
    stale:  how old a measured value may be.
    """

    method: str = "squares"
    limit: float = 4.0
    huber: float = 2.0
    stale: timedelta = timedelta(minutes=30)
    accuracy: Accuracy = field(default_factory=Accuracy)

    def __post_init__(self) -> None:
        if self.method not in ("squares", "huber", "absolute"):
            raise ValueError(f"method is {self.method!r}; it may be squares, huber or absolute")


@dataclass(frozen=True, eq=False)
class Telemetry:
    """What is measured now.

    sensors: where; values: what, by mRID of the sensor.
    nodes:   node by terminal, of equipment that has no electrical part, such as a busbar section.
    """

    sensors: Sequence[Sensor]
    values: Mapping[str, Value]
    nodes: Mapping[str, str]
    at: datetime


@dataclass(frozen=True, eq=False)
class Estimated:
    """The state of a network, and how well it is known.

    solution:     in which `remarks` tells all; not converged where nothing could be estimated.
    measurements: everything that went in.
    hints:        what speaks against the positions of switches, in sentences.
    contradicted: sensors that show a switch otherwise than it is operated.
    """

    unknowns: Unknowns
    measurements: Measurements
    cleaned: Cleaned | None
    solution: Solution
    hints: tuple[str, ...]
    contradicted: tuple[Sensor, ...] = ()

    @property
    def estimate(self) -> Estimate:
        """Raises: LookupError, without one."""
        if self.cleaned is None:
            raise LookupError(self.solution.remarks[0])
        return self.cleaned.estimate

    @cached_property
    def sigma(self) -> tuple[Floats, Floats]:
        """By place of the layout: standard deviation of the voltage as a share of it, and of its
        angle in radians; NaN where nothing feeds it, inf where nothing tells it."""
        count, places = len(self.unknowns.places), self.unknowns.places
        found = []
        for variances in self.estimate.variances:
            every = np.full(len(self.unknowns.nodal.layout.places), np.nan)
            every[places] = np.sqrt(variances[:count])
            found.append(every)
        return found[0], found[1]

    @cached_property
    def metered(self) -> Any:
        """By place, whether its voltage is told without models of loads."""
        found = self.estimate
        known = replace(found.known, used=found.known.used & ~self._of_loads)
        alone = told(known, found.x, Method(), converged=True, iterations=0).observable
        every = np.zeros(len(self.unknowns.nodal.layout.places), np.bool_)
        every[self.unknowns.places] = alone[: len(self.unknowns.places)]
        return every

    @property
    def _of_loads(self) -> Any:
        return self.measurements.origin == Origin.LOAD_MODEL


def estimated(
    layout: Layout,
    given: Given,
    telemetry: Telemetry,
    how: How | None = None,
    nodal: Nodal | None = None,
) -> Estimated:
    """The most likely state.

    nodal: of the same layout and positions, to be used again.
    """
    how = how or How()
    unknowns = Unknowns.of(nodal or Nodal.of(layout, given), given)
    gathering = Gathering(unknowns, how.accuracy)
    assume(gathering)
    sites = Sites(unknowns, telemetry.nodes)
    of_positions = [one for one in telemetry.sensors if one.quantity in POSITIONS]
    others = [one for one in telemetry.sensors if one.quantity not in POSITIONS]
    hints = telemeter(gathering, sites, others, telemetry.values, telemetry.at, how.stale)
    doubted, unused = compared(layout.view.switches, given, of_positions, telemetry.values)
    gathering.remarks += unused
    measurements = gathering.done()
    engine = Engine("gridbus state estimation", version("gridbus"), _options(how))

    def told(solution: Solution, cleaned: Cleaned | None, *remarks: str) -> Estimated:
        said = (*(one.sentence(solution) for one in doubted), *hints)
        whole = solution.saying(*solution.remarks, *said, *remarks)
        sensors_ = tuple(one.sensor for one in doubted)
        return Estimated(unknowns, measurements, cleaned, whole, said, sensors_)

    def untold(why: str) -> Estimated:
        return told(unsolved(layout, engine, unknowns.nodal.island, why), None)

    if not len(unknowns.places):
        return untold("Nothing feeds the network.")
    modelled = measurements.origin != Origin.MEASURED
    known = Known(
        unknowns.grid,
        measurements.quantities,
        measurements.value,
        measurements.sigma,
        np.ones(len(modelled), np.bool_),
        modelled,
    )
    try:
        found = _found(known, unknowns.start, how)
    except ArithmeticError as error:
        return untold(f"The state was not estimated: {error}.")
    hints += contradictions(found, measurements, layout)
    solution = _solution(unknowns, given, engine, found.estimate)
    remarks = (*_remarks(found, measurements, unknowns, how), *measurements.remarks)
    return told(solution, found, *remarks)


def _options(how: How) -> dict[str, object]:
    said = asdict(how)
    return {**said.pop("accuracy"), **said, "stale": how.stale.total_seconds()}


def _found(known: Known, start: Complex, how: How) -> Cleaned:
    if how.method == "squares":
        return cleaned(known, start, Method(), how.limit)
    if how.method == "huber":
        robust = Method(huber=how.huber, tolerance=1e-5, iterations=200)
        found = estimate(known, start, robust)
    else:
        found = least_absolute(known, start)
    sizes = np.nan_to_num(np.abs(found.normalised(SEEN)))
    sizes[known.modelled] = 0
    bad = [int(n) for n in np.argsort(-sizes, kind="stable") if sizes[n] > how.limit]
    return Cleaned(found, tuple(bad), tuple(sizes[bad].tolist()), found.converged)


def _remarks(
    found: Cleaned, measurements: Measurements, unknowns: Unknowns, how: How
) -> Iterator[str]:
    """What was found of the measurements and of the state, in sentences."""
    estimate_ = found.estimate
    if not unknowns.solution.converged:
        yield "The load flow of the models does not converge: the estimate starts without loads."
    if estimate_.converged and not found.closed:
        yield f"More measurements than were left out are off by over {how.limit:g} deviations."
    for number, size in zip(found.bad, found.found, strict=True):
        fitted, value = estimate_.fitted[number], measurements.value[number]
        name = measurements.name[number]
        gone = "it is left out" if how.method == "squares" else "it counts less"
        yield (
            f"{name[:1].upper()}{name[1:]} is bad: it says {value:,.1f} and {fitted:,.1f} fits the"
            f" others, a normalised residual of {size:.1f}; {gone}."
        )
    least = how.method == "squares" and estimate_.freedom
    if least and estimate_.objective > estimate_.limit(0.99):
        yield (
            "The measurements fit worse than their accuracy allows: J is"
            f" {estimate_.objective:,.0f}, and stays below {estimate_.limit(0.99):,.0f} in 99 of"
            " 100 cases."
        )
    yield from _untold(estimate_, unknowns)


def _untold(found: Estimate, unknowns: Unknowns) -> Iterator[str]:
    """Places by island whose voltage nothing tells."""
    lost = ~found.observable[: len(unknowns.places)]
    layout, island = unknowns.nodal.layout, unknowns.nodal.island[unknowns.places]
    for number in np.unique(island[lost]).tolist():
        own = unknowns.places[lost & (island == number)].tolist()
        named = [layout.places[at] for at in own[:_NAMED]]
        some = ", ".join(f"{titled_of(layout.view.names, n)} phase {p}" for n, p in named)
        more = f" and {len(own) - _NAMED} more" if len(own) > _NAMED else ""
        yield (
            f"In island {number} the voltages of {len(own)} places are told by nothing, and stand"
            f" as the load flow has them: {some}{more}."
        )


def _solution(unknowns: Unknowns, given: Given, engine: Engine, found: Estimate) -> Solution:
    nodal = unknowns.nodal
    if not found.converged:
        why = f"The state estimation did not converge within {found.iterations} iterations."
        return unsolved(nodal.layout, engine, nodal.island, why)
    volts = np.zeros(len(nodal.layout.places), np.complex128)
    volts[unknowns.places] = found.x[: len(unknowns.places)]
    taken = np.zeros(len(nodal.layout.conductors.place), np.complex128)
    base = nodal.solution(engine, given, volts, taken)
    current = np.asarray(unknowns.into @ found.x)
    return replace(base, carried=lambda: current)
