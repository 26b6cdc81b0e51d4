"""What the short-circuit app tells, keeps and answers; on the feeder of `protected`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cim.message import Message, Outgoing, Result, Verb
from cim.profile import Reference
from cim.profiles.limit_violations import LimitViolations
from cim.profiles.measurement_values import MeasurementValues
from cim.profiles.state_variables import Model, StateVariables, SvSwitch
from dms_apps.short_circuit import ShortCircuitApp
from dms_apps.short_circuit.notices import HIGHEST, LOWEST
from dms_apps.solver.iec60909 import Curve
from hub.report import Form, Report, Unanswerable
from hub.settings import ConfigError, build
from tests.dms_apps.load_flow.playing import MORNING, Run, modelled, operated, said
from tests.dms_apps.short_circuit.protected import parts
from tests.dms_apps.solver.feeder import VOLTS, load

V = VOLTS / np.sqrt(3)
N3 = 0.001 + 0.01j + 1 + 2j
WEAK = {"r": {"ProtectedSwitch.breakingCapacity": "2000", "Switch.ratedCurrent": "100"}}


def running(*taken: Message, **settings: object) -> tuple[Run, list[Outgoing]]:
    app = ShortCircuitApp(**settings)  # type: ignore[arg-type]
    run = Run(app)  # type: ignore[arg-type]
    for message in taken:
        run.take(message)
    return run, run.wait()


def shown(run: Run, name: str, **asked: str) -> Report:
    return run.app.report(name, asked, run)


def cells(report: Report) -> list[dict[str, object]]:
    names = [column.heading for column in report.columns]
    return [dict(zip(names, row, strict=True)) for row in report.rows]


def violations(out: list[Outgoing]) -> list[Outgoing]:
    return [one for one in out if isinstance(one.payload, LimitViolations)]


def currents(out: list[Outgoing]) -> dict[tuple[str, str], float]:
    return {
        (str(one.analog.power_system_resource.mrid), str(one.analog.measurement_type)): one.value
        for message in out
        if isinstance(message.payload, MeasurementValues)
        for one in message.payload.analog_value
        if one.analog and one.analog.power_system_resource
    }


def test_a_device_beyond_its_rating_is_told_until_it_is_not() -> None:
    run, out = running(said(modelled(*parts(**WEAK))))
    [begun] = violations(out)
    assert begun.verb is Verb.CREATED
    assert isinstance(begun.payload, LimitViolations)
    [breaking] = [
        one
        for one in begun.payload.limit_violation
        if not one.limit_kind and one.limit_value == 2000
    ]
    assert breaking.value == pytest.approx(V / abs(N3), rel=1e-3)
    assert breaking.severity == "high"
    assert str(breaking.equipment.mrid if breaking.equipment else "") == "r"
    assert "beyond its 2.000 kA" in (breaking.description or "")
    run.take(said(operated("b", closed=True)))
    assert violations(run.wait()) == []
    strong = {"r": {"ProtectedSwitch.breakingCapacity": "20000"}}
    run.take(said(modelled(*parts(**strong))))
    [over] = violations(run.wait())
    assert over.verb is Verb.CLOSED


def test_fault_currents_of_devices_are_told_when_they_move() -> None:
    run, out = running(said(modelled(*parts())))
    found = currents(out)
    assert found["r", HIGHEST] == pytest.approx(V / abs(N3), rel=1e-3)
    assert found["r", LOWEST] < found["r", HIGHEST]
    assert ("z", LOWEST) not in found  # nothing is behind an open tie
    run.take(said(operated("b", closed=True)))
    assert run.wait() == []
    run.take(said(operated("r", closed=False)))
    moved = currents(run.wait())
    assert ("f", HIGHEST) not in moved  # nothing feeds it any more
    assert ("b", HIGHEST) not in moved


def test_impedance_in_the_lowest_faults() -> None:
    bolted, less = (
        currents(running(said(modelled(*parts())), ground=ohm)[1]) for ohm in (0.0, 20.0)
    )
    assert less["r", LOWEST] < bolted["r", LOWEST]
    assert less["r", HIGHEST] == pytest.approx(bolted["r", HIGHEST])


def test_levels_are_kept_and_shown_with_a_drawing() -> None:
    run, _ = running(said(modelled(*parts())))
    report = shown(run, "levels")
    rows = {(one["node"], one["fault"]): one for one in cells(report)}
    assert rows["n3", "3ph"]["highest (A)"] == pytest.approx(V / abs(N3), rel=1e-3)
    assert rows["n3", "3ph"]["X/R"] == pytest.approx(2.01 / 1.001, rel=1e-3)
    assert report.draw is not None
    assert b"<svg" in report.draw(Form.SVG)
    kept = run.app.report("levels", {"under": "r"}, run)
    assert {one["node"] for one in cells(kept)} == {"n4", "n6", "n7", "n8"}


def test_a_source_that_is_no_real_network_is_named() -> None:
    """V / |0.001 + 0.01j| is 574 kA, at both sides of the breaker."""
    run, _ = running(said(modelled(*parts())))
    expected = "More than 300 kA flow at 2 nodes, at the most 574 kA at n1: "
    assert any(one.startswith(expected) for one in shown(run, "levels").remarks)


def test_where_nothing_feeds_there_are_no_faults() -> None:
    run, out = running(said(modelled(*parts()[1:])))
    assert out == []
    report = shown(run, "faults")
    assert report.rows == []
    assert "Nothing feeds any node: there are no faults." in report.remarks
    assert shown(run, "levels").rows == []


def test_duty_and_reach() -> None:
    run, _ = running(said(modelled(*parts(**WEAK))))
    duty = {(one["device"], one["what"]): one for one in cells(shown(run, "duty"))}
    assert duty["r", "breaking"]["share (%)"] == pytest.approx(128.6, abs=0.1)
    assert duty["f", "breaking"]["rating (A)"] is None
    reach = {(one["device"], one["seen"]): one for one in cells(shown(run, "reach"))}
    assert reach["r", "in its zone"]["node name"] == "n6"
    assert "times its rated current" in str(reach["r", "in its zone"]["sentence"])
    assert any("No breaking capacity is stated" in one for one in shown(run, "duty").remarks)


def test_duty_by_iec_60909() -> None:
    run, _ = running(said(modelled(*parts(**WEAK))), by="iec60909")
    duty = {(one["device"], one["what"]): one for one in cells(shown(run, "duty"))}
    assert duty["r", "breaking"]["value (A)"] == pytest.approx(1.1 * V / abs(N3), rel=2e-3)


def test_currents_by_iec_60909() -> None:
    run, _ = running(said(modelled(*parts())))
    rows = {one["node"]: one for one in cells(shown(run, "iec60909"))}
    assert rows["n3"]["Ik3 (A)"] == pytest.approx(1.1 * V / abs(N3), rel=2e-3)
    least = {one["node"]: one for one in cells(shown(run, "iec60909", currents="smallest"))}
    assert least["n3"]["Ik3 (A)"] < rows["n3"]["Ik3 (A)"]


def test_faults_may_begin_from_a_load_flow() -> None:
    loaded = said(modelled(*parts(load(4e6, 1e6, node="n3"))))
    flat, flow = (running(loaded, before=how)[0] for how in ("flat", "load-flow"))
    before, after = (
        {one["node"]: one for one in cells(shown(run, "faults")) if one["fault"] == "3ph"}
        for run in (flat, flow)
    )
    assert after["n8"]["current (A)"] < before["n8"]["current (A)"]
    assert after["n8"]["current (A)"] == pytest.approx(before["n8"]["current (A)"], rel=0.2)
    dark = running(said(modelled(*parts(load(9e9, 1e9, node="n8")))), before="load-flow")[0]
    assert any("Faults begin flat" in one for one in shown(dark, "faults").remarks)


def test_one_fault_and_what_feeds_it() -> None:
    run, _ = running(said(modelled(*parts())))
    report = shown(run, "fault", node="n3", phases="A")
    fed = [one for one in cells(report) if one["what it does"] == "feeds in"]
    assert {(one["equipment"], one["phase"]) for one in fed} == {("s", p) for p in "ABC"}
    z = 2 * N3 + 0.001 + 0.01j + 3 + 6j
    assert fed[0]["current (A)"] == pytest.approx(3 * V / abs(z), rel=1e-2)
    assert report.title.startswith("1ph-earth fault of A at n3: ")
    for asked, what in (
        ({"node": "n99"}, "no node has"),
        ({"node": "n3", "phases": "s1"}, "has no phases s1"),
        ({"node": "n3", "phases": "XY"}, "XY"),
        ({"node": "n9"}, "nothing feeds"),
        ({}, "node: it must be said"),
        ({"node": "n3", "arc": "much"}, "no number of ohms"),
    ):
        with pytest.raises(Unanswerable, match=what):
            shown(run, "fault", **asked)


def test_a_request_is_answered_with_the_state_during_a_fault() -> None:
    run, _ = running(said(modelled(*parts())))
    asked = said(None, Verb.CREATE, analysis="short-circuit", node="n3", phases="ABC")
    [reply] = run.take(asked)
    assert isinstance(reply.payload, StateVariables)
    case = reply.payload.model.description or ""
    assert "3ph-earth fault at n3" in case
    assert "by gridbus faults" in case
    assert "inverters 1.2" in case
    assert any(one.v * 1e3 > 0.95 * V for one in reply.payload.sv_voltage)  # at the source
    assert any(one.v < 1e-6 for one in reply.payload.sv_voltage)
    open_switch = StateVariables(
        model=Model(mrid="what-if", scenario_time=MORNING),
        sv_switch=(SvSwitch(open=True, switch=Reference("b")),),
    )
    [dark] = run.take(said(open_switch, Verb.CREATE, analysis="short-circuit", node="n3"))
    assert dark.reply is not None
    assert "nothing feeds" in str(dark.reply.errors[0])
    strange = replace(open_switch, sv_switch=(SvSwitch(open=True, switch=Reference("q")),))
    [partly] = run.take(said(strange, Verb.CREATE, analysis="short-circuit", node="n3"))
    assert partly.reply is not None
    assert partly.reply.result is Result.PARTIAL
    assert run.take(said(None, Verb.CREATE)) == []  # that is for the load flow
    [no] = run.take(said(None, Verb.CREATE, analysis="short-circuit", node="n9"))
    assert no.reply is not None
    assert no.reply.result is Result.FAILED
    assert "nothing feeds" in str(no.reply.errors[0])


def test_without_a_model_there_is_nothing() -> None:
    run, out = running()
    assert out == []
    [no] = run.take(said(None, Verb.CREATE, analysis="short-circuit", node="n3"))
    assert no.reply is not None
    assert no.reply.result is Result.FAILED


def test_curves_of_lambda_are_settings(tmp_path: Path) -> None:
    said = {
        "rotor": "turboSeries1",
        "which": "max",
        "x": 1.8,
        "ratio": [0.0, 8.0],
        "factor": [0, 2],
    }
    app = build(ShortCircuitApp, {"curves": [said]}, tmp_path / "short_circuit.toml")
    assert app.curves == (Curve("turboSeries1", "max", 1.8, (0.0, 8.0), (0.0, 2.0)),)
    with pytest.raises(ConfigError, match="rotor is one of turboSeries1"):
        build(ShortCircuitApp, {"curves": [said | {"rotor": "x"}]}, tmp_path / "a.toml")
