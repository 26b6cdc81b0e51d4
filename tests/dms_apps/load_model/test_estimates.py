"""What a load draws at a moment, computed by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from dms_apps.load_model.days import Calendar
from dms_apps.load_model.estimates import (
    Accuracy,
    Bill,
    Estimate,
    Estimating,
    Facts,
    Quality,
    Source,
    belief,
    counted,
)
from dms_apps.load_model.profiles import Curve, Profiles
from dms_apps.load_model.ratings import shares
from dms_apps.load_model.weather import Response
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from tests.cim.electrical.documents import terminals, viewed
from tests.dms_apps.solver.feeder import Objects, balanced_line, load, source, switch

NOON = datetime(2026, 1, 7, 12, tzinfo=UTC)
CURVE = Curve(np.array([100.0, 200.0, 400.0, 100.0]), np.array([50.0, 50.0, 100.0, 50.0]), 99)
"""By quarters of a day; the mean is 200, at noon there are 400, with a deviation of a quarter."""
BILL = Bill(24 * 7 * 900.0, NOON - timedelta(days=7), NOON)
TAN = np.tan(np.arccos(0.95))


def estimating() -> Estimating:
    profiles = Profiles(Calendar(minutes=360), {}, {("home", ""): CURVE, ("", ""): CURVE})
    return Estimating(profiles)


def test_meters_of_the_moment_come_first() -> None:
    facts = Facts("home", 4, measured=3000 + 1000j, meters=4, bill=BILL, rating=50e3, model=7e3)
    found = estimating().estimate(facts, NOON)
    assert found.power == 3000 + 1000j
    assert found.sigma == pytest.approx(0.02 * abs(3000 + 1000j))
    assert (found.source, found.quality) == (Source.AMI, Quality.MEASURED)


def test_customers_without_a_value_draw_as_the_others_and_make_it_less_sure() -> None:
    facts = Facts("home", 4, measured=complex(3000, np.nan), meters=3)
    found = estimating().estimate(facts, NOON)
    assert found.power.real == pytest.approx(4000)
    assert found.power.imag == pytest.approx(4000 * TAN)
    assert found.sigma == pytest.approx(np.hypot(0.02 * 4000 / 0.95, 0.25 * 1000))
    assert found.quality is Quality.PARTIAL


def test_a_bill_is_spread_by_the_profile() -> None:
    """900 W on the average, twice as much at noon."""
    found = estimating().estimate(Facts("home", 4, bill=BILL, rating=50e3, model=7e3), NOON)
    assert found.power == pytest.approx(complex(1800, 1800 * TAN))
    assert found.sigma == pytest.approx(np.hypot(0.1, 0.25 / 2) * 1800 / 0.95)
    assert (found.source, found.quality) == (Source.BILLING, Quality.ESTIMATED)


def test_a_bill_of_a_mild_month_grows_with_the_cold() -> None:
    cold = replace(
        estimating(),
        responses={"home": Response(heat=0.02)},
        celsius=lambda _: -5.0,
        mean=lambda _, __: 5.0,
    )
    found = cold.estimate(Facts("home", bill=BILL), NOON)
    assert found.power.real == pytest.approx(1800 * 1.4 / 1.2)


def test_a_transformer_is_used_as_its_class_is() -> None:
    found = estimating().estimate(Facts("home", rating=50e3, model=7e3), NOON)
    assert found.power.real == pytest.approx(50e3 * 0.95 * 0.4)
    assert estimating().estimate(
        Facts("home", rating=50e3), NOON - timedelta(hours=6)
    ).power.real == pytest.approx(50e3 * 0.95 * 0.2)
    assert found.source is Source.RATING


def test_the_model_comes_last() -> None:
    found = estimating().estimate(Facts(model=7e3 + 1e3j), NOON)
    assert found == Estimate(7e3 + 1e3j, 0.5 * abs(7e3 + 1e3j), Source.MODEL, Quality.ASSUMED)
    assert counted([found, found]) == "2 of model (assumed)"


def transformer(rating: str = "100000") -> Objects:
    """10 kV at n3, 400 V at n4."""
    found: Objects = {"PowerTransformer t": {}, **terminals("t", "n3", "n4")}
    for number, volts in ((1, "10000"), (2, "400")):
        found[f"PowerTransformerEnd t_e{number}"] = {
            "PowerTransformer": "#t",
            "TransformerEnd.endNumber": str(number),
            "TransformerEnd.Terminal": f"#t_t{number}",
            "TransformerEnd.grounded": "true" if number == 2 else "false",
            "connectionKind": "~WindingConnection.D" if number == 1 else "~WindingConnection.Yn",
            "phaseAngleClock": "0" if number == 1 else "11",
            "ratedU": volts,
            "ratedS": rating,
            "r": "10" if number == 1 else "0",
            "x": "40" if number == 1 else "0",
        }
    return found


def layout() -> Layout:
    """Load d at 10 kV; e and f, three times as large, at 400 V."""
    return Layout.of(
        viewed(
            source(),
            balanced_line(),
            switch(),
            load(name="d"),
            transformer(),
            load(10e3, 0, name="e", node="n4"),
            load(30e3, 0, name="f", node="n4"),
        )
    )


def test_loads_share_the_transformer_that_feeds_them() -> None:
    assert shares(layout(), Given()) == {"e": pytest.approx(25e3), "f": pytest.approx(75e3)}


def test_estimates_are_believed_by_phase_and_meters_only_a_little_off() -> None:
    of = layout()
    one = Estimate(12e3 + 3e3j, 600.0, Source.AMI, Quality.MEASURED)
    other = Estimate(60e3 + 0j, 30e3, Source.BILLING, Quality.ESTIMATED)
    found = belief(of, Given(), {"e": one, "f": other}, Accuracy())
    by_load = found.of(of)
    assert by_load["e"] == pytest.approx(np.full(3, 4e3 + 1e3j))
    assert by_load["d"] == pytest.approx(np.full(3, 300e3 + 100e3j))
    assert found.sigma.reshape(3, 3) == pytest.approx(
        np.repeat([[0.5 * abs(300e3 + 100e3j)], [200.0], [10e3]], 3, axis=1)
    )
    assert found.bound.reshape(3, 3)[:, 0].tolist() == [np.inf, 3, np.inf]
