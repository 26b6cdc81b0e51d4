"""How a fault indicator is told of, by telemetry and by events, and what a report shows of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cim.codes import Codes
from cim.profile import Reference
from cim.profiles.end_device_events import Asset, EndDeviceEvent, EndDeviceEvents
from cim.profiles.identification import Name, PowerSystemResource
from cim.profiles.measurement_values import (
    Discrete,
    DiscreteValue,
    MeasurementValues,
    Terminal,
    Validity,
)
from cim.profiles.phases import PhaseCode
from dms_apps.outage.indicators import Shown
from tests.dms_apps.outage.conftest import LOST, MORNING, after, event_message, mrid
from tests.dms_apps.outage.test_indicators import TRUNK
from tests.dms_apps.outage.test_rules import report

RTU = (Name(name="RTU-9"),)


def told(run: Any, **discrete: Any) -> None:
    shown = {"measurement_type": "FaultIndicator"} | discrete
    value = DiscreteValue(value=1, time_stamp=after(seconds=-1), discrete=Discrete(**shown))
    run.handle(event_message(MeasurementValues(discrete_value=(value,))))


@pytest.mark.parametrize(
    "discrete",
    [
        {"mrid": mrid("FI2 state")},
        {"names": (Name(name="FI2 state"),)},
        {"power_system_resource": PowerSystemResource(mrid=mrid("FI2"))},
        {"power_system_resource": PowerSystemResource(mrid=mrid("L2")), "names": RTU},
        {"terminal": Terminal(mrid=mrid("L2 terminal 2")), "names": RTU},
    ],
    ids=["its mRID", "its name", "at the indicator", "at equipment", "at a terminal"],
)  # fmt: skip
def test_telemetry_names_an_indicator_in_many_ways(
    start: Callable[..., Any], discrete: dict[str, Any]
) -> None:
    run = start(TRUNK)
    dark(run)
    told(run, **discrete)
    run.settle()
    [outage] = run.outages()
    assert "tripped: the fault is likely beyond it." in outage.comment


def dark(run: Any, *meters: str) -> None:
    run.until(after(seconds=0))
    run.meters([(meter, LOST, MORNING) for meter in meters or ("M1", "M3", "M4", "M5")])


def test_a_discrete_of_another_type_is_no_indicator(start: Callable[..., Any]) -> None:
    run = start(TRUNK)
    dark(run)
    told(run, mrid=mrid("FI2 state"), measurement_type="BatteryLow")
    run.settle()
    assert "indicator" not in run.outages()[0].comment


@pytest.mark.parametrize("validity", [Validity.INVALID, Validity.QUESTIONABLE])
def test_a_value_of_bad_quality_does_not_count(
    start: Callable[..., Any], validity: Validity
) -> None:
    run = start(TRUNK)
    run.indicator("FI1", 1, after(seconds=-1), validity=validity)
    run.indicator("FI2", 0, after(hours=-1))
    run.indicator("FI2", None, after(minutes=-1), validity=validity)
    dark(run)
    run.settle()
    assert "indicator" not in run.outages()[0].comment


def test_codes_are_a_setting(start: Callable[..., Any]) -> None:
    run = start(TRUNK, indicators=Shown(tripped=(2,), reset=(0, 1)))
    run.indicator("FI1", 2, after(seconds=-1))
    run.indicator("FI2", 1, after(hours=-1))
    run.indicator("FI3", 7, after(seconds=-1))
    dark(run)
    run.settle()
    assert "Fault indicator FI1 tripped, FI2 did not" in run.outages()[0].comment
    with pytest.raises(ValueError, match="indicators: 1 is among tripped and among reset"):
        Shown(tripped=(1,), reset=(0, 1))


def test_an_indicator_may_tell_by_events(start: Callable[..., Any]) -> None:
    """Their codes are those of its maker."""
    codes = Codes({"*": {"12.5.6.1": "fault-current", "12.5.6.2": "no-fault-current"}})
    run = start(TRUNK, codes=codes)
    for name, code, seconds in (("FI1", "12.5.6.1", -1), ("FI2", "12.5.6.2", -900)):
        event = EndDeviceEvent(
            created_date_time=after(seconds=seconds),
            assets=Asset(names=(Name(name=name),)),
            end_device_event_type=Reference(code),
        )
        run.handle(event_message(EndDeviceEvents(end_device_event=(event,))))
    dark(run)
    run.settle()
    assert "Fault indicator FI1 tripped, FI2 did not" in run.outages()[0].comment


def test_what_is_told_before_the_model_is_placed_by_it(start: Callable[..., Any]) -> None:
    run = start(TRUNK[:1])
    run.indicator("FI1", 1, after(seconds=-1))
    run.load(TRUNK)
    dark(run)
    run.settle()
    assert "Fault indicator FI1 tripped" in run.outages()[0].comment


def test_one_pole_is_weighed_by_the_indicators_of_its_phase(start: Callable[..., Any]) -> None:
    """Without them two meters of one phase among many would each be out by itself."""
    premises = [f"M{n}:{'ABC'[n % 3]}" for n in range(45)]
    devices = [
        {"id": "CB1", "parent": "SS1", "kind": "breaker"},
        {"id": "L1", "parent": "CB1", "kind": "line", "indicators": ["FI1"]},
        {"id": "F1", "parent": "L1", "kind": "fuse", "premises": premises},
    ]
    places = []
    for phase in ("", "B", "A"):
        run = start(devices, device_share=0.0)
        if phase:
            run.indicator("FI1", 1, after(seconds=-1), phases=PhaseCode(phase))
        dark(run, "M0", "M3")
        run.settle()
        places.append(run.places())
    assert places[0] == places[1]
    assert places[2] == {"F1": 15} != places[0]


def test_reports_tell_what_indicators_show(start: Callable[..., Any]) -> None:
    run = start(TRUNK)
    run.indicator("FI2", 0, after(minutes=-10))
    run.indicator("FI1", 1, after(seconds=-1))
    dark(run)
    run.settle()
    [outage] = run.outages()
    evidence = report(run, "evidence", outage=outage.mrid)
    assert [row[:4] for row in evidence.rows if row[3] == "fault indicator"] == [
        (after(seconds=-1), "FI1", "fault current went through", "fault indicator"),
        (after(minutes=-10), "FI2", "no fault current", "fault indicator"),
    ]
    weighed = report(run, "hypotheses", outage=outage.mrid)
    because = {row[1]: row[-1] for row in weighed.rows}
    assert because["CB1"].endswith("On the way to the fault FI1 tripped.")


def test_what_is_old_is_dropped_but_the_last(start: Callable[..., Any]) -> None:
    run = start(TRUNK, days=1.0)
    run.at = after(days=-3)
    for minutes in (0, 10, 20):
        run.indicator("FI1", 1, after(days=-3, minutes=minutes))
        run.indicator("FI1", 0, after(days=-3, minutes=minutes + 5))
    run.settle()
    run.until(after(seconds=-1))
    run.indicator("FI2", 1, after(seconds=-1))
    dark(run)
    run.settle()
    rows = run.connection.exec_driver_sql("SELECT count(*) FROM outage_indication").scalar()
    assert rows == 2
    assert "Fault indicator FI2 tripped" in run.outages()[0].comment
