"""Estimates of a feeder whose loads differ from their models, from sensors with seeded noise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.solver.nodal import Nodal, solve
from dms_apps.solver.sensors import Value
from dms_apps.solver.solution import Options, Solution
from dms_apps.state_estimation.estimation import Estimated, How, Telemetry, estimated
from dms_apps.state_estimation.measurements import Accuracy, Origin
from dms_apps.state_estimation.wls import Method, told
from tests.dms_apps.state_estimation.metering import Shown, flows, telemetry, volts

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Setting:
    """What is metered, and how well; shares and standard deviations as shares.

    nodes, lines: metered, of all.
    volts, power: of sensors; load: of the load model.
    gross:        standard deviations of a gross error.
    """

    nodes: float = 0.1
    lines: float = 0.1
    volts: float = 0.003
    power: float = 0.01
    load: float = 0.3
    gross: float = 20.0


@dataclass(eq=False)
class Feeder:
    """A layout with its admittances, which all trials share."""

    layout: Layout
    setting: Setting
    nodal: Nodal = field(init=False)

    def __post_init__(self) -> None:
        self.nodal = Nodal.of(self.layout)

    @property
    def how(self) -> How:
        return How(accuracy=Accuracy(load=self.setting.load))

    def truth(self, chance: np.random.Generator) -> Solution:
        """The load flow with loads by chance around their models."""
        loads = {
            load.mrid: np.asarray(
                (load.p + 1j * load.q)
                * (1 + self.setting.load * chance.standard_normal(len(load.p))),
                np.complex128,
            )
            for load in self.layout.view.loads
        }
        found = solve(self.layout, Given(loads=loads), Options(tolerance=1e-10), self.nodal)
        assert found.converged
        return found

    def sensors(self, truth: Solution, chance: np.random.Generator) -> list[Shown]:
        """The same of every source, and by chance of nodes and lines."""
        layout, setting = self.layout, self.setting
        found: list[Shown] = []
        for source in layout.view.sources:
            found += flows(truth, source.mrid, setting.power)
            found += volts(truth, source.port.node, source.phases, setting.volts)
        nodes = sorted({node for node, _ in layout.places})
        for node in chance.choice(nodes, round(setting.nodes * len(nodes)), replace=False):
            phases = [p for n, p in layout.places if n == node and p != "N"]
            found += volts(truth, str(node), phases, setting.volts)
        lines = sorted(line.mrid for line in layout.view.lines)
        for line in chance.choice(lines, round(setting.lines * len(lines)), replace=False):
            found += flows(truth, str(line), setting.power)
        once = {sensor.mrid: (sensor, value, sigma) for sensor, value, sigma in found}
        return [one for one in once.values() if one[2] > 0]


@dataclass(frozen=True)
class Trial:
    """One estimate.

    error:    of voltages, per unit of the true ones: mean and largest.
    models:   the same of the load flow with the loads of the models.
    false:    sensors called bad that are right; load models called bad.
    found:    whether the gross error was found; None without one.
    visible:  the normalised residual that it makes by itself; NaN without one.
    within:   part of all voltages that are off by less than twice their sigma.
    """

    error: tuple[float, float]
    models: tuple[float, float]
    false: tuple[int, int]
    found: bool | None
    visible: float
    within: float
    sensors: int
    iterations: int


def trials(feeder: Feeder, seeds: Sequence[int], *, gross: bool) -> Iterator[Trial]:
    """One for each seed."""
    plain = solve(feeder.layout, nodal=feeder.nodal)
    for seed in seeds:
        chance = np.random.default_rng(seed)
        truth = feeder.truth(chance)
        shown = feeder.sensors(truth, chance)
        said = telemetry(shown, seed)
        wrong = ""
        if gross:
            said, wrong = _spoilt(said, shown, feeder.setting.gross, chance)
        found = estimated(feeder.layout, Given(), said, feeder.how, feeder.nodal)
        yield _trial(found, truth, plain, wrong, shown)


def _spoilt(
    said: Telemetry, shown: Sequence[Shown], gross: float, chance: np.random.Generator
) -> tuple[Telemetry, str]:
    sensor, value, sigma = shown[int(chance.integers(len(shown)))]
    off = value + gross * sigma * float(chance.choice([-1, 1]))
    if sensor.quantity in ("V", "A"):
        off = abs(off)
    return replace(said, values={**said.values, sensor.mrid: Value(off, said.at)}), sensor.mrid


def dead(said: Telemetry, shown: Sequence[Shown], rank: int) -> tuple[Telemetry, str]:
    """A meter of power that shows 0: the one where most flows, or one `rank` places behind it."""
    meters = [(-abs(value), sensor.mrid) for sensor, value, _ in shown if sensor.quantity == "W"]
    mrid = sorted(meters)[rank][1]
    return replace(said, values={**said.values, mrid: Value(0.0, said.at)}), mrid


def _visible(found: Estimated, right: Floats, wrong: str) -> float:
    """Its error in standard deviations, by what it would leave with all measurements used."""
    at = found.measurements.mrid.index(wrong)
    known = replace(found.estimate.known, used=np.ones(len(right), np.bool_))
    share = told(known, found.estimate.x, Method(), converged=True, iterations=0).share[at]
    return float(abs(known.value[at] - right[at]) / known.sigma[at] * np.sqrt(share))


def _trial(
    found: Estimated, truth: Solution, plain: Solution, wrong: str, shown: Sequence[Shown]
) -> Trial:
    assert found.solution.converged, found.solution.remarks
    assert found.cleaned is not None
    right = {s.mrid: v for s, v, _ in shown}
    truth_of = np.array([right.get(mrid, 0.0) for mrid in found.measurements.mrid])
    fed = np.abs(truth.volts) > 0.1 * np.nan_to_num(truth.layout.nominal, nan=np.inf)
    bad = [(found.measurements.mrid[n], found.measurements.origin[n]) for n in found.cleaned.bad]
    measured = {mrid for mrid, origin in bad if origin == Origin.MEASURED}
    off = np.abs(np.abs(found.solution.volts) / np.where(fed, np.abs(truth.volts), 1) - 1)[fed]
    return Trial(
        _sizes(found.solution, truth, fed),
        _sizes(plain, truth, fed),
        (len(measured - {wrong}), len(bad) - len(measured)),
        wrong in measured if wrong else None,
        _visible(found, truth_of, wrong) if wrong else np.nan,
        float((off < 2 * found.sigma[0][fed]).mean()),
        len(shown),
        found.estimate.iterations,
    )


def _sizes(found: Solution, truth: Solution, fed: Any) -> tuple[float, float]:
    off = np.abs(found.volts - truth.volts)[fed] / np.abs(truth.volts)[fed]
    return float(off.mean()), float(off.max())
