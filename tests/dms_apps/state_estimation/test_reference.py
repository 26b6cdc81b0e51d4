"""Published feeders with seeded noise: errors, gross errors found, false alarms."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cim.electrical import view
from dms_apps.solver.layout import Layout
from tests.cim.electrical.test_reference import model
from tests.dms_apps.state_estimation.noise import Feeder, Setting, Trial, trials

pytestmark = pytest.mark.reference

CASES = Path(__file__).parents[2] / "cases" / "state_estimation_noise"
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


@pytest.mark.parametrize("case", ["ieee123", pytest.param("ieee8500", marks=pytest.mark.fault)])
def test_with_seeded_noise(case: str, shared: Path) -> None:
    said, params = read(case, "input"), read(case, "params")
    setting = Setting(**{one.name: said[one.name] for one in fields(Setting)})
    feeder = Feeder(
        Layout.of(view.read(model(shared / "data/cim/feeders" / said["feeder"]))), setting
    )
    seeds = range(said["seeds"])
    clean = list(trials(feeder, seeds, gross=False))
    spoilt = list(trials(feeder, seeds, gross=True))
    expected = read(case, "expected")
    found = told(clean, spoilt)
    assert found == pytest.approx(expected, rel=params["relative"])
    assert all(one.found for one in spoilt if one.visible > LIMIT + 1)
    assert found["mean_error"] < found["mean_error_of_models"] / 2
