"""Inverters on their curves, against one equation solved by itself."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest
from scipy.optimize import brentq

from dms_apps.solver import nodal
from dms_apps.solver.curves import CATEGORY_A, CATEGORY_B, PRESETS, Curves
from dms_apps.solver.given import Given
from dms_apps.solver.inverters import follow
from dms_apps.solver.layout import Layout
from dms_apps.solver.solution import Options, Solution
from dms_apps.solver.unbalanced import Unbalanced
from tests.cim.electrical.documents import terminals
from tests.dms_apps.solver.feeder import VOLTS, drop_by_hand, feeder, load

RATED = 4e6


def inverter(p: float, rated: float = RATED) -> dict[str, dict[str, str]]:
    """CIM counts p as drawn."""
    said = {"p": f"{-p}", "q": "0"} | ({"ratedS": f"{rated}"} if rated else {})
    return {"PowerElectronicsConnection g": said, **terminals("g", "n3")}


def solved(p: float, curves: Curves, rated: float = RATED) -> Solution:
    layout = Layout.of(feeder(load(1.0, 0.0), inverter(p, rated)))
    return follow(layout, Given(curves={"g": curves}), lambda given: nodal.solve(layout, given))


def by_hand(p: float, curves: Curves) -> complex:
    """Power fed in where the curve meets the voltage that this power makes."""

    def off(unit: float) -> float:
        power = curves.power(unit, p, RATED)
        return float(abs(drop_by_hand(1.0 - power)) / (VOLTS / sqrt(3)) - unit)

    return curves.power(float(brentq(off, 0.8, 1.3, xtol=1e-13)), p, RATED)


@pytest.mark.parametrize("curves", [CATEGORY_A, CATEGORY_B, *PRESETS.values()])
@pytest.mark.parametrize("p", [0.5e6, 3e6, 3.9e6])
def test_an_inverter_settles_where_its_curve_meets_its_voltage(p: float, curves: Curves) -> None:
    found = solved(p, curves)
    assert found.converged
    fed = -complex(found.taken[found.layout.element["g"]])
    assert fed == pytest.approx(by_hand(p, curves), abs=3e-5 * RATED)


def test_a_curve_as_steep_as_a_step_settles_too() -> None:
    steep = Curves(volt_var=((1.0, 0.44), (1.001, -0.44)))
    found = solved(2e6, steep)
    assert found.converged
    fed = -complex(found.taken[found.layout.element["g"]])
    assert fed == pytest.approx(by_hand(2e6, steep), abs=1e-3 * RATED)


def test_var_or_watts_prevail_at_the_rating() -> None:
    both = Curves(volt_var=((0.9, 0.6), (1.1, 0.6)))
    assert both.power(1.0, 100.0, 100.0) == pytest.approx(80 + 60j)
    first = replace(both, watts_first=True)
    assert first.power(1.0, 90.0, 100.0) == pytest.approx(90 + 1j * sqrt(100**2 - 90**2))
    assert Curves(power_factor=-0.9).power(1.0, 90.0, 100.0).imag == pytest.approx(
        -43.589, abs=1e-3
    )


def test_one_without_a_rating_is_remarked() -> None:
    found = solved(0.5e6, CATEGORY_B, rated=0.0)
    assert any("has no ratedS" in remark for remark in found.remarks)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"volt_var": ((1.0, 0.1), (0.9, 0.0))}, "volt_var: the voltages of its points must rise"),
        ({"power_factor": 1.1}, "power_factor is 1.1"),
    ],
)
def test_curves_that_cannot_be(said: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Curves(**said)  # type: ignore[arg-type]


def test_opendss_follows_them_like_the_nodal_solver() -> None:
    layout = Layout.of(feeder(load(1.0, 0.0), inverter(3e6)))
    given = Given(curves={"g": CATEGORY_B})
    found = Unbalanced().solve(layout, given, Options())
    assert np.abs(found.volts - solved(3e6, CATEGORY_B).volts).max() < 0.1
