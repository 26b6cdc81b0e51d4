"""Published feeders with seeded noise: errors, gross errors found, false alarms."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cim.electrical import view
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.state_estimation.estimation import estimated
from tests.cim.electrical.test_reference import model
from tests.dms_apps.state_estimation.metering import telemetry
from tests.dms_apps.state_estimation.noise import Feeder, Setting, Trial, dead, trials

pytestmark = pytest.mark.reference

CASES = Path(__file__).parents[2] / "cases" / "state_estimation_noise"
FEEDERS = ["ieee123", pytest.param("ieee8500", marks=pytest.mark.fault)]
LIMIT = 4.0


def read(case: str, name: str) -> dict[str, Any]:
    return tomllib.loads((CASES / case / f"{name}.toml").read_text())


def told(clean: list[Trial], spoilt: list[Trial]) -> dict[str, float]:
    """The figures of a case."""
    return {
        "sensors": clean[0].sensors,
        "mean_error": float(np.mean([one.error[0] for one in clean])),
        "largest_error": max(one.error[1] for one in clean),
        "mean_error_of_models": float(np.mean([one.models[0] for one in clean])),
        "within_two_sigmas": float(np.mean([one.within for one in clean])),
        "false_alarms": sum(one.false[0] for one in clean),
        "load_models_called_bad": sum(one.false[1] for one in clean),
        "found": sum(bool(one.found) for one in spoilt),
        "visible": sum(one.visible > LIMIT for one in spoilt),
    }


def feeder_of(said: dict[str, Any], shared: Path) -> Feeder:
    setting = Setting(**{one.name: said[one.name] for one in fields(Setting)})
    file = shared / "data/cim/feeders" / said["feeder"]
    return Feeder(Layout.of(view.read(model(file))), setting)


@pytest.mark.parametrize("case", FEEDERS)
def test_with_seeded_noise(case: str, shared: Path) -> None:
    said, params = read(case, "input"), read(case, "params")
    feeder = feeder_of(said, shared)
    seeds = range(said["seeds"])
    clean = list(trials(feeder, seeds, gross=False))
    spoilt = list(trials(feeder, seeds, gross=True))
    expected = read(case, "expected")
    found = told(clean, spoilt)
    assert found == pytest.approx(expected, rel=params["relative"])
    assert all(one.found for one in spoilt if one.visible > LIMIT + 1)
    assert found["mean_error"] < found["mean_error_of_models"] / 2


@pytest.mark.parametrize("case", FEEDERS)
@pytest.mark.parametrize("rank", [0, 2])
def test_a_dead_meter_where_most_flows_is_found_at_once(case: str, rank: int, shared: Path) -> None:
    """It says 0, and is believed to a few watts: an estimate with it bends and hardly converges."""
    feeder = feeder_of(read(case, "input"), shared)
    chance = np.random.default_rng(1)
    shown = feeder.sensors(feeder.truth(chance), chance)
    said, wrong = dead(telemetry(shown, 1), shown, rank)
    found = estimated(feeder.layout, Given(), said, feeder.how, feeder.nodal)
    assert found.solution.converged
    assert found.cleaned is not None
    assert wrong in [found.measurements.mrid[number] for number in found.cleaned.bad]
    assert len(found.cleaned.bad) <= 2
    assert found.estimate.iterations <= 6
