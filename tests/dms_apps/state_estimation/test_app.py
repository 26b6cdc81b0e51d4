"""What the state estimation app tells, and when; on source - line - switch - load."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from adapters.ami.requests import Requests, parcels
from cim.message import Outgoing, Result, Verb
from cim.profile import Reference
from cim.profiles.get_meter_readings import GetMeterReadings
from cim.profiles.identification import Name
from cim.profiles.measurement_values import (
    Analog,
    AnalogValue,
    MeasurementValueQuality,
    MeasurementValues,
    Terminal,
    Validity,
)
from cim.profiles.meter_readings import (
    BriefName,
    IntervalBlock,
    IntervalReading,
    MeterReading,
    MeterReadings,
    UsagePoint,
)
from cim.profiles.phases import PhaseCode, SinglePhaseKind
from cim.profiles.state_variables import Model, StateVariables, SvPowerFlow
from cim.profiles.units import UnitMultiplier, UnitSymbol
from dms_apps.solver.layout import Layout
from dms_apps.solver.nodal import solve
from dms_apps.state_estimation import StateEstimationApp
from hub.dispatch.stamp import stamp
from hub.report import Unanswerable
from tests.dms_apps.load_flow.playing import MORNING, Run, modelled, operated, said
from tests.dms_apps.load_flow.test_app import state, volts
from tests.dms_apps.solver.feeder import VOLTS, balanced_line, feeder, load, source, switch

NORMAL = (source(), balanced_line(), switch(), load())
TRUTH = solve(Layout.of(feeder(load(p=1350e3, q=450e3))))
ANALOG = {
    "Analog m": {
        "IdentifiedObject.name": "M1",
        "Measurement.measurementType": "PhaseVoltage",
        "Measurement.unitSymbol": "~UnitSymbol.V",
        "Measurement.unitMultiplier": "~UnitMultiplier.k",
        "Measurement.phases": "~PhaseCode.A",
        "Measurement.Terminal": "#d_t1",
    }
}
VOLTS_OF_A = "0.0.0.12.0.1.54.0.0.0.0.0.0.0.128.0.29.0"
POINT = {"UsagePoint u": {"IdentifiedObject.name": "UP-1", "UsagePoint.Equipments": "#d"}}


def app(**settings: object) -> StateEstimationApp:
    return StateEstimationApp(**settings)  # type: ignore[arg-type]


def run_with(*objects: dict[str, dict[str, str]], **settings: object) -> Run:
    run = Run(app(**settings))  # type: ignore[arg-type]
    run.take(said(modelled(*NORMAL, *objects)))
    return run


def analog(
    name: str,
    value: float | None,
    symbol: UnitSymbol,
    terminal: str,
    phase: str,
    at: datetime = MORNING,
    validity: Validity | None = None,
) -> AnalogValue:
    return AnalogValue(
        value=value,
        time_stamp=at,
        measurement_value_quality=MeasurementValueQuality(validity=validity) if validity else None,
        analog=Analog(
            phases=PhaseCode(phase),
            unit_symbol=symbol,
            unit_multiplier=UnitMultiplier.KILO,
            names=(Name(name=name),),
            terminal=Terminal(mrid=terminal),
        ),
    )


def scanned(wrong: str = "", off: float = 1.2) -> MeasurementValues:
    """Voltages at the load, flows of the line at its source's end; one of them may be wrong."""
    values = []
    for row, phase in enumerate("ABC"):
        power = complex(TRUTH.power[TRUTH.layout.rows("l")][row])
        for name, value, unit, terminal in (
            (f"V{phase}", abs(TRUTH.at("n3", phase)), UnitSymbol.VOLT, "d_t1"),
            (f"U{phase}", abs(TRUTH.at("n2", phase)), UnitSymbol.VOLT, "l_t2"),
            (f"P{phase}", power.real, UnitSymbol.WATT, "l_t1"),
            (f"Q{phase}", power.imag, UnitSymbol.VOLT_AMPERE_REACTIVE, "l_t1"),
        ):
            factor = off if name == wrong else 1.0
            values.append(analog(name, value / 1e3 * factor, unit, terminal, phase))
    return MeasurementValues(analog_value=tuple(values))


def qualities(out: list[Outgoing]) -> dict[str, bool | None]:
    """Measurement -> whether it is suspect, of what is told."""
    payloads = [one.payload for one in out if isinstance(one.payload, MeasurementValues)]
    told = [(one.analog, one.measurement_value_quality) for p in payloads for one in p.analog_value]
    told += [
        (one.discrete, one.measurement_value_quality) for p in payloads for one in p.discrete_value
    ]
    return {
        (of.mrid or of.names[0].name): quality.suspect if quality else None for of, quality in told
    }


def test_a_new_model_is_estimated_by_its_load_model() -> None:
    out = run_with().wait()
    assert [one.verb for one in out] == [Verb.CREATED]
    assert volts(state(out))["n3", "A"] == pytest.approx(0.985, abs=1e-3)
    assert "by gridbus state estimation" in (state(out).model.description or "")
    assert "0 measured values" in (state(out).model.description or "")
    assert "method squares, limit 4.0" in (state(out).model.description or "")


def test_what_messages_measure_is_estimated_by_schedule() -> None:
    run = run_with(every=15)
    run.wait()
    assert run.take(said(scanned())) == []
    [out] = run.wait(timedelta(minutes=16))
    found = state([out])
    true = abs(TRUTH.at("n3", "A")) / (VOLTS / 3**0.5)
    assert volts(found)["n3", "A"] == pytest.approx(true, abs=5e-4)
    drawn = [one for one in found.sv_power_flow if str(one.terminal) == "d_t1"]
    assert sum(one.p for one in drawn) == pytest.approx(1.35, rel=0.01)
    assert "12 measured values, 0 of them bad" in (found.model.description or "")


def test_what_another_application_computed_is_no_measurement() -> None:
    run = run_with(every=15)
    run.wait()
    fault = analog("FA", 3.1, UnitSymbol.AMPERE, "d_t1", "A")
    computed = MeasurementValueQuality(estimator_replaced=True)
    fault = replace(fault, measurement_value_quality=computed)
    run.take(said(MeasurementValues(analog_value=(fault,))))
    [out] = run.wait(timedelta(minutes=16))
    assert "0 measured values" in (state([out]).model.description or "")


def test_a_switch_that_moves_is_estimated_soon() -> None:
    run = run_with(every=0)
    run.wait()
    run.take(said(operated("w", closed=False)))
    assert volts(state(run.wait()))["n3", "A"] == 0


def test_a_bad_measurement_is_flagged_once_and_cleared_once() -> None:
    run = run_with(every=5)
    run.wait()
    run.take(said(scanned("VB")))
    assert qualities(run.wait(timedelta(minutes=6))) == {"VB": True}
    assert qualities(run.wait(timedelta(minutes=5))) == {}
    run.take(said(scanned()))
    assert qualities(run.wait(timedelta(minutes=5))) == {"VB": False}


def test_values_get_old() -> None:
    run = run_with(every=5, stale=12)
    run.wait()
    run.take(said(scanned()))
    assert "12 measured values" in str(state(run.wait(timedelta(minutes=6))).model.description)
    out = run.wait(timedelta(minutes=10))
    assert "0 measured values" in str(state(out[-1:]).model.description)


def test_a_quality_without_a_value_counts_for_the_value_before() -> None:
    run = run_with(every=5)
    run.wait()
    run.take(said(scanned()))
    bad = analog("VA", None, UnitSymbol.VOLT, "d_t1", "A", validity=Validity.INVALID)
    run.take(said(MeasurementValues(analog_value=(bad,))))
    assert "11 measured values" in str(state(run.wait(timedelta(minutes=6))).model.description)
    shown = run.app.report("measurements", {}, run)
    assert "Measurement VA is of invalid quality; it is not used." in shown.remarks


def read(value: float, code: str = VOLTS_OF_A) -> MeterReadings:
    """What a meter reads now, and read before."""
    readings = (
        IntervalReading(time_stamp=MORNING, value=value),
        IntervalReading(time_stamp=MORNING - timedelta(minutes=15), value=1.0),
    )
    block = IntervalBlock(interval_readings=readings, reading_type=Reference(code))
    point = UsagePoint(names=(BriefName(name="UP-1"),))
    return MeterReadings(meter_reading=(MeterReading(usage_point=point, interval_blocks=(block,)),))


def test_voltages_that_meters_read_are_measurements_at_their_loads() -> None:
    run = run_with(POINT, every=5)
    run.wait()
    run.take(said(read(abs(TRUTH.at("n3", "A")))))
    found = state(run.wait(timedelta(minutes=6)))
    assert "1 measured values" in str(found.model.description)
    assert volts(found)["n3", "A"] < volts(found)["n3", "B"] - 1e-3


@pytest.mark.parametrize(
    ("code", "factor", "used"),
    [
        ("0.0.0.12.0.1.54.0.0.0.0.0.0.0.132.3.29.0", 3**0.5 * 1e-3, 1),
        ("0.0.0.12.0.1.12.0.0.0.0.0.0.0.128.0.72.0", 1.0, 0),
        ("0.9.0.12.0.1.54.0.0.0.0.0.0.0.128.0.29.0", 1.0, 0),
    ],
)
def test_reading_types(code: str, factor: float, used: int) -> None:
    """Kilovolts between A and B; energy; the least of an interval."""
    run = run_with(POINT, every=5)
    run.wait()
    run.take(said(read(VOLTS / 3**0.5 * factor, code)))
    out = run.wait(timedelta(minutes=6))
    assert qualities(out) == {}
    said_ = str(state(out).model.description)
    assert f"{used} measured values, 0 of them bad" in said_


def test_a_meter_behind_a_transformer_that_no_model_has_is_named() -> None:
    run = run_with(POINT, every=5)
    run.wait()
    run.take(said(read(230.0)))
    shown = run.app.report("measurements", {}, run)
    [said_] = [one for one in shown.remarks if "of usage point UP-1 (u " in one]
    assert "shows 230.0 V" in said_


def test_what_a_model_says_of_a_sensor_counts_before_the_message() -> None:
    """The message says phase B; the model A."""
    run = run_with(ANALOG, every=5)
    run.wait()
    value = analog("M1", abs(TRUTH.at("n3", "A")) / 1e3, UnitSymbol.VOLT, "d_t1", "B")
    run.take(said(MeasurementValues(analog_value=(value,))))
    out = run.wait(timedelta(minutes=6))
    found = volts(state(out))
    assert "1 measured values" in str(state(out).model.description)
    assert found["n3", "A"] < found["n3", "B"] - 1e-3


def test_estimated_loads_are_learnt() -> None:
    run = run_with(every=5)
    run.wait()
    flows = tuple(
        SvPowerFlow(p=0.6, q=0.2, phase=SinglePhaseKind(p), terminal=Reference("d_t1"))
        for p in "ABC"
    )
    message = said(StateVariables(model=_model(), sv_power_flow=flows))
    object.__setattr__(message.header, "source", "load_model")
    run.take(message)
    drawn = state(run.wait(timedelta(minutes=6))).sv_power_flow
    assert sum(one.p for one in drawn if str(one.terminal) == "d_t1") == pytest.approx(1.8)


def test_requests_for_it_are_answered_and_no_others() -> None:
    run = run_with()
    ask = StateVariables(model=_model())
    assert run.take(said(ask, Verb.CREATE)) == []
    [reply] = run.take(said(ask, Verb.CREATE, analysis="state-estimation"))
    assert reply.verb is Verb.REPLY
    assert reply.reply is not None
    assert reply.reply.result is Result.OK
    assert len(volts(state([reply]))) == 9


def test_without_a_model_a_request_is_refused() -> None:
    run = Run(app())  # type: ignore[arg-type]
    [reply] = run.take(
        said(StateVariables(model=_model()), Verb.CREATE, analysis="state-estimation")
    )
    assert reply.reply is not None
    assert reply.reply.result is Result.FAILED


def test_bellwether_meters_are_asked_as_the_head_end_takes_it() -> None:
    run = run_with(POINT, bellwethers=2, ask_every=24, every=60)
    asked = [one for one in run.wait() if one.verb is Verb.GET]
    assert [one.noun for one in asked] == ["MeterReadings"]
    request = asked[0].request
    assert request is not None
    assert isinstance(request.query, GetMeterReadings)
    assert [point.mrid for point in request.query.usage_point] == ["u"]
    message = stamp(asked[0], "state_estimation", MORNING)
    [parcel] = parcels(message, Requests(ways=("files",), reads=True, format="csv"))
    assert b"READ,,UP-1" in parcel.raw
    assert not [one for one in run.wait(timedelta(hours=23)) if one.verb is Verb.GET]
    assert [one for one in run.wait(timedelta(hours=2)) if one.verb is Verb.GET]


@pytest.mark.parametrize("name", ["voltages", "flows", "measurements", "bellwethers", "summary"])
def test_reports(name: str) -> None:
    run = run_with(POINT)
    run.wait()
    run.take(said(scanned("VB")))
    shown = run.app.report(name, {}, run)
    assert all(len(row) == len(shown.columns) for row in shown.rows)
    assert any("Measurement VB is bad" in one for one in shown.remarks)


def test_reports_tell_what_they_should() -> None:
    run = run_with(POINT)
    run.wait()
    run.take(said(scanned("VB")))
    rows = run.app.report("measurements", {}, run).rows
    verdicts = {row[0]: row[-1] for row in rows if row[2] == "measured"}
    assert verdicts["Measurement VB"] == "bad"
    assert verdicts["Measurement VA"] == ""
    volts_ = run.app.report("voltages", {}, run).rows
    assert {row[-1] for row in volts_} == {"yes"}
    lowest = run.app.report("bellwethers", {"count": "1"}, run).rows
    assert lowest[0][-1] == "UP-1"
    with pytest.raises(Unanswerable, match="whole number"):
        run.app.report("bellwethers", {"count": "many"}, run)


def _model() -> Model:
    return Model(mrid="m", created=MORNING, scenario_time=MORNING)
