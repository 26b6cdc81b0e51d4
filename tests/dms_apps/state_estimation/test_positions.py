"""Telemetered positions of switches beside those of the network as operated."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cim.profiles.identification import Name, PowerSystemResource
from cim.profiles.measurement_values import Discrete, DiscreteValue, MeasurementValues
from dms_apps.solver.given import Given
from dms_apps.solver.sensors import POSITION, Sensor, Value
from dms_apps.state_estimation import positions
from dms_apps.state_estimation.estimation import Estimated, estimated
from tests.cim.electrical.documents import model
from tests.dms_apps.load_flow.playing import MORNING, operated, said
from tests.dms_apps.state_estimation.test_app import qualities, run_with
from tests.dms_apps.state_estimation.test_estimation import MODEL, everything, remarks

SENSOR = Sensor("s", "W.POS", POSITION, ("w",), ())
SOON = timedelta(minutes=6)
ALIASES = {
    "Discrete s": {
        "IdentifiedObject.name": "W.POS",
        "Measurement.measurementType": "SwitchPosition",
        "Measurement.PowerSystemResource": "#w",
        "Discrete.ValueAliasSet": "#codes",
    },
    "ValueAliasSet codes": {},
    **{
        f"ValueToAlias v{code}": {
            "IdentifiedObject.name": word,
            "ValueToAlias.value": str(code),
            "ValueToAlias.ValueAliasSet": "#codes",
        }
        for code, word in enumerate(("Intermediate", "Open", "Closed"))
    },
}
"""A double point: 1 is open."""


def telling(
    code: float | None, given: Given, sensor: Sensor = SENSOR, *, invalid: bool = False
) -> Estimated:
    every = everything()
    values = {**every.values, sensor.mrid: Value(code, invalid=invalid)}
    return estimated(MODEL, given, replace(every, sensors=[*every.sensors, sensor], values=values))


def test_a_position_that_agrees_is_not_told() -> None:
    for code, given in ((1, Given()), (0, Given(poles={"w": frozenset()}))):
        found = telling(code, given)
        assert found.contradicted == ()
        assert remarks(found, "W.POS") == []


def test_an_open_switch_that_carries_current_is_named_with_it() -> None:
    found = telling(0, Given())
    assert found.contradicted == (SENSOR,)
    [sentence] = remarks(found, "W.POS")
    assert "shows LoadBreakSwitch w open, and it is closed in the network as operated" in sentence
    amperes = abs(found.solution.current[MODEL.rows("w")][0])
    assert f"{amperes:,.1f} A flow through it by the estimate" in sentence


def test_a_closed_switch_whose_side_is_not_fed_is_named() -> None:
    [sentence] = remarks(telling(1, Given(poles={"w": frozenset("AB")})), "W.POS")
    assert "closed on phase C, and it is open" in sentence
    assert "a side of it is not fed" in sentence


def test_it_is_told_where_nothing_is_fed_and_nothing_estimated() -> None:
    found = telling(0, Given(out=frozenset({"s"})))
    assert not found.solution.converged
    assert len(remarks(found, "W.POS (s) shows")) == 1


def test_a_phase_that_the_sensor_is_not_of_is_not_compared() -> None:
    of_a = replace(SENSOR, phases=("A",))
    assert telling(1, Given(poles={"w": frozenset("AB")}), of_a).contradicted == ()


@pytest.mark.parametrize(
    ("code", "invalid", "at", "why"),
    [
        (None, False, "w", "has no value"),
        (
            3,
            False,
            "w",
            "has the code 3: without a ValueAliasSet 0 is open and 1 closed, and a double point"
            " says so by its measurementType, DoublePoint",
        ),
        (1, True, "w", "is of invalid quality"),
        (1, False, "x", "is the position of no switch: x is not known"),
    ],
)
def test_what_cannot_be_compared_is_named(
    code: float | None, invalid: bool, at: str, why: str
) -> None:
    found = telling(code, Given(), replace(SENSOR, at=(at,)), invalid=invalid)
    assert remarks(found, "W.POS") == [f"Measurement W.POS (s) {why}; it is not used."]


def test_codes_are_those_of_the_model() -> None:
    [sensor] = positions.of_model(model(ALIASES))
    assert dict(sensor.codes) == {1: False, 2: True}
    assert telling(1, Given(), sensor).contradicted == (sensor,)
    assert telling(2, Given(), sensor).contradicted == ()


@pytest.mark.parametrize("kind", ["DoublePoint", "Dbpos"])
def test_of_a_double_point_1_is_open_and_2_closed(kind: str) -> None:
    alone = {"Discrete s": {**ALIASES["Discrete s"], "Measurement.measurementType": kind}}
    del alone["Discrete s"]["Discrete.ValueAliasSet"]
    [sensor] = positions.of_model(model(alone))
    assert telling(1, Given(), sensor).contradicted == (sensor,)
    assert telling(2, Given(), sensor).contradicted == ()
    for code in (0, 3):
        found = telling(code, Given(), sensor)
        assert found.contradicted == ()
        [sentence] = remarks(found, "W.POS")
        assert f"has the code {code}, which means neither open nor closed" in sentence


@pytest.mark.parametrize("code", [0, 1, 2])
def test_codes_that_nothing_explains_are_not_read(code: int) -> None:
    said_of = {**ALIASES["Discrete s"], "Discrete.maxValue": "3"}
    del said_of["Discrete.ValueAliasSet"]
    [sensor] = positions.of_model(model({"Discrete s": said_of}))
    found = telling(code, Given(), sensor)
    assert found.contradicted == ()
    assert remarks(found, "W.POS") == [
        f"Measurement W.POS (s) has the code {code} of 0 to 3, and no ValueAliasSet says what they"
        " mean; it is not used."
    ]


def test_a_double_point_of_a_message_stays_one() -> None:
    run = run_with(every=5, settle=1)
    run.wait()
    run.take(said(discrete(2, "DoublePoint")))
    assert qualities(run.wait(SOON)) == {}
    run.take(said(discrete(1, "DoublePoint")))
    assert qualities(run.wait(SOON)) == {"W.POS": True}


def discrete(value: int, kind: str = "SwitchPosition") -> MeasurementValues:
    at = Discrete(
        measurement_type=kind,
        names=(Name(name="W.POS"),),
        power_system_resource=PowerSystemResource(mrid="w"),
    )
    return MeasurementValues(
        discrete_value=(DiscreteValue(value=value, time_stamp=MORNING, discrete=at),)
    )


def test_a_contradiction_is_flagged_once_and_cleared_once() -> None:
    run = run_with(every=5, settle=1)
    run.wait()
    run.take(said(discrete(0)))
    assert qualities(run.wait(SOON)) == {"W.POS": True}
    assert qualities(run.wait(SOON)) == {}
    shown = run.app.report("summary", {}, run)
    assert any("W.POS shows LoadBreakSwitch" in one for one in shown.remarks)
    run.take(said(operated("w", closed=False)))
    assert qualities(run.wait(SOON)) == {"W.POS": False}
