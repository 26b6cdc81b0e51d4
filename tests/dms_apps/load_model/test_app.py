"""What the load model learns and tells; on source - line - switch w - loads d and e."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from cim.message import Outgoing, Result, Verb
from cim.profiles.identification import PowerSystemResource
from cim.profiles.kinds import CustomerKind
from cim.profiles.measurement_values import Analog, AnalogValue, MeasurementValues
from cim.profiles.state_variables import StateVariables
from cim.profiles.units import UnitMultiplier, UnitSymbol
from dms_apps.load_flow import LoadFlowApp
from dms_apps.load_model import LoadModelApp
from hub.report import Form, Report, Unanswerable
from tests.dms_apps.load_flow.playing import Run, modelled, said
from tests.dms_apps.load_model.playing import (
    HOURLY,
    NOON,
    agreement,
    analog,
    billed,
    days,
    energy,
    holiday,
    measured,
    running,
    weather,
)
from tests.dms_apps.solver.feeder import balanced_line, load, source, switch


def drawn(outgoing: list[Outgoing]) -> dict[str, complex]:
    """Kilovolt-amperes by load, of the one message."""
    [one] = outgoing
    assert isinstance(one.payload, StateVariables)
    found: dict[str, complex] = {}
    for flow in one.payload.sv_power_flow:
        mrid = str(flow.terminal).removesuffix("_t1")
        found[mrid] = found.get(mrid, 0) + complex(flow.p, flow.q) * 1e3
    return found


def case(outgoing: list[Outgoing]) -> str:
    [one] = outgoing
    assert isinstance(one.payload, StateVariables)
    return one.payload.model.description or ""


def asked(run: Run, name: str, **said_: str) -> Report:
    app = run.app
    assert isinstance(app, LoadModelApp)
    return app.report(name, said_, run)


def test_where_the_model_knows_best_nothing_is_told() -> None:
    run = running()
    assert run.wait(timedelta(hours=1)) == []


def test_meters_of_now_are_told_and_the_others_keep_the_model() -> None:
    run = running()
    energy(run, "a", NOON - timedelta(hours=1), [100, 400])
    energy(run, "b", NOON - timedelta(hours=1), [100, 200])
    found = run.wait()
    assert drawn(found)["d"].real == pytest.approx(600)
    assert drawn(found)["e"].real == pytest.approx(300)
    assert case(found) == (
        "Loads: 1 of ami (measured), 1 of model (assumed); not allocated, for nothing is"
        " telemetered"
    )


def test_half_the_meters_speak_for_the_others() -> None:
    run = running()
    energy(run, "a", NOON, [400])
    assert drawn(run.wait())["d"].real == pytest.approx(800)


def test_billed_energy_is_used_where_no_meter_tells() -> None:
    run = running()
    billed(run, "c", NOON - timedelta(days=30), NOON, 24 * 30 * 150.0)
    found = run.wait()
    assert drawn(found)["e"].real == pytest.approx(150)
    assert "1 of billing (assumed)" in case(found)


def test_loads_are_allocated_to_what_telemetry_shows() -> None:
    run = running(
        analog("pw", "ThreePhaseActivePower", "w_t1"),
        analog("qw", "ThreePhaseReactivePower", "w_t1"),
    )
    measured(run, "pw", 1800.0)
    measured(run, "qw", 450.0)
    energy(run, "c", NOON, [300])
    found = run.wait()
    whole = sum(drawn(found).values())
    assert whole == pytest.approx(1800 + 450j, rel=1e-3)
    assert drawn(found)["e"].real == pytest.approx(300, rel=0.07)
    assert "allocated to 1 points, all met; by gridbus nodal" in case(found)
    [p, q] = asked(run, "allocation").rows
    assert p[2:6] == ("active power", 1800, pytest.approx(1800, rel=1e-4), "kW")
    assert q[2] == "reactive power"
    zones = {row[0]: row[1:] for row in asked(run, "zones").rows}
    assert zones["pw"][0] == pytest.approx(1800, rel=1e-3)
    assert zones["pw"][0] == pytest.approx(zones["pw"][2] + zones["pw"][5], rel=1e-6)
    assert zones["the sources"][2] == 0


def test_sensors_that_no_model_has_are_known_by_their_messages() -> None:
    run = running()
    values = tuple(
        AnalogValue(
            analog=Analog(
                mrid=name,
                measurement_type="ThreePhaseActivePower" if unit is UnitSymbol.WATT else None,
                unit_symbol=unit,
                unit_multiplier=UnitMultiplier.KILO,
                power_system_resource=PowerSystemResource(mrid="w"),
            ),
            value=value,
            time_stamp=NOON,
        )
        for name, unit, value in (
            ("P", UnitSymbol.WATT, 1800.0),
            ("Q", UnitSymbol.VOLT_AMPERE_REACTIVE, 450.0),
        )
    )
    run.take(said(MeasurementValues(analog_value=values)))
    found = run.wait()
    assert sum(drawn(found).values()) == pytest.approx(1800 + 450j, rel=1e-3)


def test_stale_telemetry_is_named_and_not_used() -> None:
    run = running(analog("pw", "ThreePhaseActivePower", "w_t1"))
    measured(run, "pw", 1800.0, at=NOON - timedelta(hours=1))
    energy(run, "a", NOON, [400])
    assert drawn(run.wait())["d"].real == pytest.approx(800)
    assert any("more than 900 s" in one for one in asked(run, "loads").remarks)


def test_profiles_are_learned_day_by_day_and_used() -> None:
    """A shop draws at noon three times what it draws else; the bill is of 24 kWh a day."""
    run = running(history=8, late=1, least=3, minutes=60, classes={"commercialIndustrial": "shop"})
    run.take(said(agreement("c", CustomerKind.COMMERCIAL_INDUSTRIAL)))
    days(run, "c", 8, lambda hour: 3.0 if hour == 12 else 1.0)
    billed(run, "c", NOON - timedelta(days=26), NOON, 26 * 26.0)
    for _ in range(9):
        run.woken = run.now
        run.wait(timedelta(seconds=1))
    rows = [r for r in asked(run, "profiles").rows if r[:3] == ("shop", "year", "working")]
    assert [r[4] for r in rows if r[3] in ("11:00", "12:00")] == [1000, 3000]
    assert rows[0][6] == 6
    draw = asked(run, "profiles").draw
    assert draw is not None
    assert b"shop, year, working" in draw(Form.SVG)
    [told] = [r for r in asked(run, "loads").rows if r[1] == "e"]
    assert told[2:4] == ("billing", "estimated")
    assert told[4] == pytest.approx(3 * 26 / 26, rel=0.01)


def test_energy_of_a_day_past_counts_where_there_is_no_bill() -> None:
    run = running(history=2, late=1)
    days(run, "c", 2, lambda _: 150.0)
    for _ in range(3):
        run.woken = run.now
        run.wait(timedelta(seconds=1))
    [told] = [r for r in asked(run, "loads").rows if r[1] == "e"]
    assert told[2:5] == ("billing", "assumed", pytest.approx(150))


def test_of_several_series_of_a_meter_those_count_that_add_up() -> None:
    run = running()
    for of, kwh in (
        (HOURLY, 300.0),  # delivered
        ("0.0.7.4.20.1.12.0.0.0.0.0.0.0.0.3.72.0", 900.0),  # total
        ("0.0.7.4.1.1.12.0.0.0.0.0.0.0.128.3.72.0", 100.0),  # delivered on phase A
        ("0.0.7.4.19.1.12.0.0.0.0.0.0.0.0.3.72.0", 50.0),  # received
    ):
        energy(run, "c", NOON, [kwh], of)
    assert drawn(run.wait())["e"].real == pytest.approx(300)


def test_a_holiday_is_a_sunday() -> None:
    run = running(history=3, late=1, least=1)
    run.take(said(holiday(date(2026, 1, 13))))
    days(run, "c", 3, lambda hour: 1.0 + hour)
    for _ in range(4):
        run.woken = run.now
        run.wait(timedelta(seconds=1))
    learned = {r[:3]: r[6] for r in asked(run, "profiles").rows if r[0] == "residential"}
    assert learned["residential", "year", "sunday"] == 1
    assert learned["residential", "year", "working"] == 2


def test_cold_raises_what_is_billed() -> None:
    run = running(responses={"residential": {"heat": 0.02, "warm": 15.0}})
    run.app = LoadModelApp(
        profiles={"": {"": (1.0,)}},
        history=0,
        responses={"residential": _response(heat=0.02)},
    )
    run.take(said(weather(NOON - timedelta(days=3), 5.0)))
    run.take(said(weather(NOON - timedelta(minutes=30), -5.0)))
    billed(run, "c", NOON - timedelta(days=10), NOON - timedelta(days=1), 24 * 9 * 120.0)
    assert drawn(run.wait())["e"].real == pytest.approx(120 * 1.4 / 1.2)


def _response(heat: float) -> object:
    from dms_apps.load_model.weather import Response

    return Response(heat=heat)


def test_loads_of_another_time_are_asked_for() -> None:
    run = running(every=0)
    energy(run, "c", NOON - timedelta(days=1), [120])
    yesterday = (NOON - timedelta(hours=23, minutes=30)).isoformat()
    [answer] = run.take(said(None, Verb.CREATE, analysis="loads", at=yesterday))
    assert drawn([answer])["e"].real == pytest.approx(120)
    assert answer.reply is not None
    assert answer.reply.result is Result.OK
    assert "telemetry of another time is not used" in (answer.reply.errors[0].details or "")
    [refused] = run.take(said(None, Verb.CREATE, analysis="loads", at="soon"))
    assert refused.reply is not None
    assert refused.reply.result is Result.FAILED
    assert run.take(said(None, Verb.CREATE)) == []
    with pytest.raises(Unanswerable, match="no time of ISO 8601"):
        asked(run, "loads", at="soon")


def test_the_load_flow_solves_with_these_loads() -> None:
    run = running()
    energy(run, "a", NOON, [300])
    energy(run, "b", NOON, [300])
    [told] = run.wait()
    flow = Run(LoadFlowApp(controls="fixed"), now=NOON)
    flow.take(said(modelled(source(), balanced_line(), switch(), load(), load(300e3, 0, name="e"))))
    message = said(told.payload)  # type: ignore[arg-type]
    flow.take(
        message.__class__(
            header=message.header.__class__(
                verb=Verb.CREATED, noun="StateVariables", source="load_model", message_id="n"
            ),
            kind=message.kind,
            payload=message.payload,
        )
    )
    flow.wait()
    totals = {r[0]: r[1] for r in flow.app.report("totals", {}, flow).rows if r[2] == "kW"}
    assert totals["drawn by loads"] == pytest.approx(900, rel=1e-6)


@pytest.mark.parametrize(
    ("given", "why"),
    [({"profiles": {"x": {"": (0.0,)}}}, "profiles.x.: "), ({"minutes": 7}, "slots of 7")],
)
def test_settings_that_cannot_be_are_refused(given: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        LoadModelApp(**given)  # type: ignore[arg-type]


def test_numbers_stay_numbers() -> None:
    run = running()
    energy(run, "a", NOON, [400])
    run.wait()
    for row in asked(run, "loads").rows:
        assert all(not isinstance(cell, np.generic) for cell in row)
