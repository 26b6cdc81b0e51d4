"""The estimate of a feeder from its sensors: source - line - switch - load (see solver/feeder)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.solver.nodal import solve
from dms_apps.solver.sensors import Sensor, Value
from dms_apps.state_estimation.estimation import Estimated, How, Telemetry, estimated
from tests.dms_apps.solver.feeder import feeder, load
from tests.dms_apps.state_estimation.metering import NOON, flows, telemetry, volts

TRUTH = solve(Layout.of(feeder(load(p=1350e3, q=450e3))))
MODEL = Layout.of(feeder(load(p=900e3, q=300e3)))
NOTHING = Telemetry([], {}, {}, NOON)


def everything() -> Telemetry:
    nodes = [one for node in ("n1", "n2", "n3") for one in volts(TRUTH, node, "ABC", 0.002)]
    return telemetry([*nodes, *flows(TRUTH, "l", 0.01), *flows(TRUTH, "w", 0.01, amperes=True)])


def shown(said: Telemetry, mrid: str, **other: object) -> Telemetry:
    """The same, with something else about one value."""
    value = replace(said.values[mrid], **other)  # type: ignore[arg-type]
    return replace(said, values={**said.values, mrid: value})


def remarks(found: Estimated, about: str) -> list[str]:
    return [one for one in found.solution.remarks if about in one]


def test_sensors_win_over_the_load_model() -> None:
    found = estimated(MODEL, Given(), everything())
    assert found.solution.converged
    assert np.abs(found.solution.volts) == pytest.approx(np.abs(TRUTH.volts), rel=5e-4)
    drawn = found.solution.taken[MODEL.element["d"]]
    assert drawn == pytest.approx(1350e3 + 450e3j, rel=0.01)
    assert np.abs(found.solution.balance).max() < 1
    assert found.solution.remarks == ()


def test_without_sensors_it_is_the_load_flow_and_unsure() -> None:
    flow = solve(MODEL)
    alone, metered = estimated(MODEL, Given(), NOTHING), estimated(MODEL, Given(), everything())
    assert alone.solution.volts == pytest.approx(flow.volts, rel=1e-6)
    assert not alone.metered.any()
    assert metered.metered.all()
    assert (metered.sigma[0] < alone.sigma[0] / 3).all()
    assert 0.005 < alone.sigma[0].max() < 0.05


def test_a_wrong_value_is_named_and_left_out() -> None:
    wrong = shown(everything(), "V n2 B", value=4500.0)
    found = estimated(MODEL, Given(), wrong)
    [sentence] = remarks(found, "is bad")
    assert sentence.startswith("Measurement V n2 B is bad: it says 4,500.0")
    right = estimated(MODEL, Given(), everything())
    assert found.solution.volts == pytest.approx(right.solution.volts, rel=1e-3)


@pytest.mark.parametrize("method", ["huber", "absolute"])
def test_robust_methods_pass_a_wrong_value_by(method: str) -> None:
    wrong = shown(everything(), "V n2 B", value=4500.0)
    found = estimated(MODEL, Given(), wrong, How(method=method))
    assert np.abs(found.solution.volts) == pytest.approx(np.abs(TRUTH.volts), rel=5e-3)
    assert "V n2 B" in remarks(found, "is bad")[0]


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"at": NOON - timedelta(hours=2)}, "too long ago"),
        ({"invalid": True}, "of invalid quality"),
        ({"value": float("nan")}, "has the value nan"),
        ({"value": -5.0}, "below 0"),
    ],
)
def test_values_that_cannot_be_used_are_named(other: dict[str, object], why: str) -> None:
    found = estimated(MODEL, Given(), shown(everything(), "V n2 B", **other))
    [sentence] = remarks(found, "it is not used")
    assert sentence.startswith("Measurement V n2 B ")
    assert why in sentence
    assert found.solution.converged


@pytest.mark.parametrize(
    ("sensor", "why"),
    [
        (Sensor("m", "", "V", ("nowhere",), ("A",)), "is at no node: nowhere is not known"),
        (Sensor("m", "", "W", ("nowhere",), ("A",)), "is at no conductor"),
        (Sensor("m", "", "V", ("n2",), ("s1",)), "of phase s1, which its node does not have"),
        (Sensor("m", "", "V", ("n2",), ()), "does not say between which phases"),
        (Sensor("m", "", "A", ("l",), ()), "does not say of which phase"),
        (Sensor("m", "", "W", ("l",), ("N", "s1")), "of phase s1, which its terminal"),
    ],
)
def test_sensors_that_fit_nothing_are_named(sensor: Sensor, why: str) -> None:
    said = Telemetry([sensor], {"m": Value(1.0, NOON)}, {}, NOON)
    [sentence] = remarks(estimated(MODEL, Given(), said), "Measurement m")
    assert why in sentence


def test_power_of_all_phases_and_voltage_between_two() -> None:
    p = float(TRUTH.power[TRUTH.layout.rows("l")][:3].sum().real)
    between = abs(TRUTH.at("n3", "A") - TRUTH.at("n3", "B"))
    said = Telemetry(
        [
            Sensor("p", "", "W", ("l",), ("A", "B", "C"), factor=1e3, error=0.001),
            Sensor("u", "", "V", ("d",), ("A", "B"), error=0.001),
        ],
        {"p": Value(p / 1e3, NOON), "u": Value(between, NOON)},
        {},
        NOON,
    )
    found = estimated(MODEL, Given(), said)
    rows = found.solution.layout.rows("l")
    assert found.solution.power[rows][:3].sum().real == pytest.approx(p, rel=1e-3)
    volts_ = found.solution.at("n3", "A") - found.solution.at("n3", "B")
    assert abs(volts_) == pytest.approx(between, rel=1e-3)


def test_a_doubtful_value_counts_less() -> None:
    said = everything()
    off = shown(said, "V n3 A", value=said.values["V n3 A"].value * 1.005)
    sure = estimated(MODEL, Given(), off).solution.at("n3", "A")
    unsure = estimated(MODEL, Given(), shown(off, "V n3 A", doubtful=True)).solution.at("n3", "A")
    assert abs(unsure - TRUTH.at("n3", "A")) < abs(sure - TRUTH.at("n3", "A")) / 2


def test_what_is_measured_behind_an_open_switch_speaks_against_its_position() -> None:
    said = everything()
    found = estimated(MODEL, Given(poles={"w": frozenset("AB")}), said)
    hints = " ".join(found.hints)
    assert "Measurement V n3 C shows" in hints
    assert "Measurement A w C shows" in hints
    assert "by the positions of switches: one of them is wrong" in hints
    assert found.solution.converged


def test_no_voltage_where_there_should_be_some_speaks_against_a_position() -> None:
    found = estimated(MODEL, Given(), shown(everything(), "V n3 C", value=2.0))
    assert "Measurement V n3 C shows 2.0 V at node n3, which is fed" in found.hints[0]
    assert np.abs(found.solution.volts) == pytest.approx(np.abs(TRUTH.volts), rel=5e-4)


def test_a_meter_of_another_voltage_is_not_used() -> None:
    found = estimated(MODEL, Given(), shown(everything(), "V n3 C", value=2300.0))
    [sentence] = remarks(found, "it is not used")
    assert "shows 2,300.0 V, far from the 5,773.5 V that are nominal there" in sentence


def test_bad_measurements_at_both_ends_of_a_switch_are_a_hint() -> None:
    said = everything()
    for mrid in ("V n2 A", "V n3 A"):
        said = shown(said, mrid, value=said.values[mrid].value * (1.1 if "n2" in mrid else 0.9))
    found = estimated(MODEL, Given(), said)
    assert any(one.startswith("Switch w may stand otherwise") for one in found.hints)


def test_loads_of_a_model_that_no_line_could_carry_are_overruled() -> None:
    """40 MW would need more than the line can carry; 1.35 MW are measured."""
    model = Layout.of(feeder(load(p=40e6, q=13e6)))
    assert not solve(model).converged
    found = estimated(model, Given(), everything())
    assert np.abs(found.solution.volts) == pytest.approx(np.abs(TRUTH.volts), rel=1e-3)
    assert remarks(found, "starts without loads")


def test_nothing_is_fed() -> None:
    found = estimated(MODEL, Given(out=frozenset({"s"})), everything())
    assert not found.solution.converged
    assert found.solution.remarks[0] == "Nothing feeds the network."
    with pytest.raises(LookupError, match="Nothing feeds"):
        _ = found.estimate
