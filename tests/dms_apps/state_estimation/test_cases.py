"""Published estimates of small networks, and what follows from the equations themselves."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dms_apps.state_estimation.bad_data import cleaned
from tests.dms_apps.state_estimation.plain import from_case

CASES = Path(__file__).parents[2] / "cases" / "state_estimation"


def read(case: str, name: str) -> dict[str, Any]:
    return tomllib.loads((CASES / case / f"{name}.toml").read_text())


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_published(case: str) -> None:
    plain = from_case(read(case, "input"))
    expected, params = read(case, "expected"), read(case, "params")
    found = cleaned(plain.known(), plain.start(), limit=params.get("limit", 4.0))
    volts = found.estimate.x[: plain.buses]
    assert found.closed
    assert np.abs(volts) == pytest.approx(expected["volts"], abs=params["volts"])
    assert np.angle(volts, deg=True) == pytest.approx(expected["degrees"], abs=params["degrees"])
    assert [plain.names[number] for number in found.bad] == expected.get("bad", [])
