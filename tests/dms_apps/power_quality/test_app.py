"""What the power quality app reads, judges and tells."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from cim.message import Outgoing, Verb
from cim.profile import Reference
from cim.profiles.end_device_events import (
    Asset,
    EndDeviceEvent,
    EndDeviceEventDetail,
    EndDeviceEvents,
)
from cim.profiles.identification import PowerSystemResource
from cim.profiles.limit_violations import LimitViolations
from cim.profiles.measurement_values import Analog, AnalogValue, MeasurementValues
from cim.profiles.meter_readings import (
    IntervalBlock,
    IntervalReading,
    MeterReading,
    MeterReadings,
    UsagePoint,
)
from cim.profiles.phases import PhaseCode
from dms_apps.power_quality import PowerQualityApp
from dms_apps.power_quality.limits import Limit
from dms_apps.power_quality.reading import nominal, of_code
from hub.columns import metadata as hub_tables
from hub.report import Form, Report, Unanswerable
from tests.dms_apps.load_flow.playing import Run, modelled, said
from tests.dms_apps.load_model.playing import analog, point, told
from tests.dms_apps.solver.feeder import Objects, balanced_line, load, source, switch

MIDNIGHT = datetime(2026, 1, 15, tzinfo=UTC)
WEEK = Limit("supply voltage", "voltage", 90, 110)
EVEN = Limit("unbalance", "unbalance", high=2.0)


def code(phase: str, aggregate: int = 2) -> str:
    """Volts, means (or least 9, most 8) of ten minutes."""
    numbers = {"A": 129, "B": 65, "C": 33, "AB": 132, "BC": 66, "CA": 40}
    return f"0.{aggregate}.1.0.0.1.54.0.0.0.0.0.0.0.{numbers[phase]}.0.29.0"


def running(*more: Objects, **settings: Any) -> Run:
    """A load of a point a, at 400 V between phases."""
    parts = [source(400), balanced_line(), switch(), load(900, 300), point("a", "d"), *more]
    app = PowerQualityApp(**{"limits": (WEEK, EVEN), **settings})
    run = Run(app, now=MIDNIGHT + timedelta(hours=3))  # type: ignore[arg-type]
    hub_tables.create_all(run.connection)
    run.take(said(modelled(*parts)))
    return run


def volts(run: Run, phase: str, values: list[float], first: datetime, aggregate: int = 2) -> None:
    """Ten minutes each, from `first` on."""
    readings = tuple(
        IntervalReading(time_stamp=first + timedelta(minutes=10 * (n + 1)), value=value)
        for n, value in enumerate(values)
    )
    block = IntervalBlock(
        interval_readings=readings, reading_type=Reference(code(phase, aggregate))
    )
    one = MeterReading(usage_point=UsagePoint(mrid="a"), interval_blocks=(block,))
    told(run, MeterReadings(meter_reading=(one,)))


def violations(outgoing: list[Outgoing]) -> dict[str, tuple[Verb, str]]:
    found = {}
    for one in outgoing:
        assert isinstance(one.payload, LimitViolations)
        for violation in one.payload.limit_violation:
            said_ = violation.description or ""
            found[said_.partition(":")[0]] = one.verb, said_
    return found


def asked(run: Run, name: str, **more: str) -> Report:
    app = run.app
    assert isinstance(app, PowerQualityApp)
    return app.report(name, more, run)


def test_a_week_is_judged_and_judged_again() -> None:
    """8 days of 230 V, of which 60 means are too low on the first; the second week is good."""
    run = running(history=8)
    first = MIDNIGHT - timedelta(days=8)
    low = [200.0] * 60 + [231.0] * 84
    for phase in ("A", "B", "C"):
        volts(run, phase, low if phase == "A" else [231.0] * 144, first)
        for n in range(1, 8):
            volts(run, phase, [231.0] * 144, first + timedelta(days=n))
    outgoing = run.wait(timedelta(minutes=5))
    assert [one.verb for one in outgoing] == [Verb.CREATED, Verb.CLOSED]
    [(verb, sentence)] = violations(outgoing[:1]).values()
    assert verb is Verb.CREATED
    assert sentence == (
        "supply voltage: 58.3 % of the values of phase A at a in 7 days are within, 95 % must be."
    )
    rows = {row[2]: row for row in asked(run, "indices").rows if row[3] == "voltage"}
    assert rows["A"][5] == 7 * 144
    assert rows["B"][8] == pytest.approx(100 * 231 / (400 / np.sqrt(3)))
    [own] = [r for r in asked(run, "compliance").rows if r[2] == "A"]
    assert own[3:9] == ("supply voltage", "yes", 100, 95, 7 * 144, 100)


def test_unbalance_is_of_voltages_between_phases() -> None:
    run = running(history=1)
    first = MIDNIGHT - timedelta(days=1)
    for phase, value in (("AB", 400.0), ("BC", 400.0), ("CA", 380.0)):
        volts(run, phase, [value] * 144, first)
    found = violations(run.wait(timedelta(minutes=5)))
    assert "unbalance: 0.0 % of the values at a" in found["unbalance"][1]
    rows = {row[3]: row for row in asked(run, "indices", days="1").rows}
    assert rows["unbalance"][8] == pytest.approx(3.36, abs=0.05)
    assert rows["unbalance_nema"][8] == pytest.approx(100 * (2 * 20 / 3) / (1180 / 3))


@pytest.mark.parametrize("is_modelled", [True, False])
def test_telemetry_counts_by_its_node(*, is_modelled: bool) -> None:
    """The model says of what a measurement is, or the message that brings its value."""
    more = [analog("va", "PhaseVoltage", "w_t2", "A", unit="none")] if is_modelled else []
    run = running(*more, history=1)
    start = MIDNIGHT - timedelta(days=1)
    said_ = {} if is_modelled else {
        "measurement_type": "PhaseVoltage",
        "phases": PhaseCode.AN,
        "power_system_resource": PowerSystemResource(mrid="d"),
    }  # fmt: skip
    values = tuple(
        AnalogValue(
            analog=Analog(mrid="va", **said_),  # type: ignore[arg-type]
            value=v,
            time_stamp=start + timedelta(minutes=m),
        )
        for v, m in ((230.0, 1), (240.0, 9), (250.0, 15))
    )
    run.take(said(MeasurementValues(analog_value=values)))
    told(run, MeasurementValues(analog_value=values))
    run.wait(timedelta(minutes=5))
    [row] = asked(run, "indices").rows
    assert row[1:6] == ("n3", "A", "voltage", 400, 2)
    assert (row[6], row[11]) == pytest.approx(
        (100 * 235 / 400 * np.sqrt(3), 100 * 250 / 400 * np.sqrt(3))
    )


def test_lowest_values_of_intervals_are_sags() -> None:
    run = running(history=1)
    volts(run, "A", [231.0, 150.0, 231.0], MIDNIGHT - timedelta(days=1), aggregate=9)
    run.wait(timedelta(minutes=5))
    [row] = asked(run, "disturbances").rows
    assert row[3] == "sag"
    assert row[4] == pytest.approx(100 * 150 / 400 * np.sqrt(3))
    assert row[6:8] == ("40-70 %", "unknown")


def test_voltages_that_are_far_from_the_models_are_judged_by_usual_ones_and_it_is_said() -> None:
    run = running(history=1)
    volts(run, "A", [121.0] * 6, MIDNIGHT - timedelta(days=1))
    run.wait(timedelta(minutes=5))
    found = asked(run, "compliance")
    assert found.rows[0][5] == 100
    assert "1 places of 2026-01-14 are judged by the usual voltage" in found.remarks[0]


def event(number: str, at: datetime, **details: str) -> EndDeviceEvents:
    one = EndDeviceEvent(
        created_date_time=at,
        end_device_event_type=Reference(number),
        assets=Asset(mrid="a"),
        end_device_event_details=tuple(
            EndDeviceEventDetail(name=name, value=value) for name, value in details.items()
        ),
    )
    return EndDeviceEvents(end_device_event=(one,))


def test_events_are_classed() -> None:
    run = running(history=1)
    night = MIDNIGHT - timedelta(hours=5)
    for number, minutes, details in (
        ("3.21.38.223", 0, {"residualVoltage": "72 %", "duration": "350 ms"}),
        ("3.26.0.85", 10, {}),
        ("3.26.0.216", 12, {}),
        ("3.21.38.248", 20, {"magnitude": "1.3 pu"}),
    ):
        run.take(said(event(number, night + timedelta(minutes=minutes), **details)))
    rows = {row[3]: row for row in asked(run, "disturbances").rows}
    assert rows["sag"][4:9] == (72, pytest.approx(0.35), "70-80 %", "200-500 ms", "yes")
    assert rows["interruption"][5:8] == (120, "", "short")
    assert rows["swell"][4:7] == (130, None, "120 % and above")
    cells = {row[:3]: row[3] for row in asked(run, "classes").rows if row[3]}
    assert cells["sag", "70-80 %", "200-500 ms"] == 1
    assert sum(cells.values()) == 3  # type: ignore[arg-type]
    draw = asked(run, "classes").draw
    assert draw is not None
    assert b"sag 70-80 %" in draw(Form.SVG)
    with pytest.raises(Unanswerable, match="whole number of days"):
        asked(run, "classes", days="-1")


def test_places_are_read_in_parts() -> None:
    run = running(point("b", "d"), point("c", "d"), history=1, batch=1)
    for of in ("a", "b", "c"):
        one = MeterReading(
            usage_point=UsagePoint(mrid=of),
            interval_blocks=(
                IntervalBlock(
                    interval_readings=(IntervalReading(time_stamp=MIDNIGHT, value=231.0),),
                    reading_type=Reference(code("A")),
                ),
            ),
        )
        told(run, MeterReadings(meter_reading=(one,)))
    run.wait(timedelta(minutes=5))
    assert {row[1] for row in asked(run, "indices").rows} == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("median", "phase", "level", "found"),
    [
        (232.0, "A", 400.0, (400 / np.sqrt(3), 400.0)),
        (200.0, "A", 400.0, (400 / np.sqrt(3), 400.0)),
        (121.0, "s1", 240.0, (120.0, 240.0)),
        (395.0, "AB", 400.0, (400.0, 400.0)),
        (118.0, "A", 12_470.0, (120.0, 120 * np.sqrt(3))),
        (5.0, "A", 400.0, None),
    ],
)
def test_nominal_voltage(
    median: float, phase: str, level: float, found: tuple[float, float] | None
) -> None:
    assert nominal(median, phase, level, (120.0, 230.0, 240.0)) == (found and pytest.approx(found))


def test_reading_types_of_other_things_are_none() -> None:
    assert of_code(code("A")) == ("voltage", "A", "mean", 1.0)
    assert of_code("0.0.2.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0") is None
    assert of_code("nonsense") is None


def test_a_limit_is_there_once() -> None:
    with pytest.raises(ValueError, match="there twice"):
        PowerQualityApp(limits=(WEEK, WEEK))
