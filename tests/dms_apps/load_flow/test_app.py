"""What the load flow app tells, and when; on source - line - switch - load (see solver/feeder)."""

from __future__ import annotations

from datetime import timedelta
from math import sqrt

import pytest

from cim.message import Level, Outgoing, Result, Verb
from cim.profile import Reference
from cim.profiles.limit_violations import LimitViolations
from cim.profiles.phases import SinglePhaseKind
from cim.profiles.state_variables import (
    Model,
    StateVariables,
    SvPowerFlow,
    SvSwitch,
    SvTapStep,
)
from dms_apps.load_flow import LoadFlowApp
from dms_apps.solver.curves import Curves
from hub.report import Form, Unanswerable
from tests.dms_apps.load_flow.playing import MORNING, Run, modelled, operated, said
from tests.dms_apps.solver.feeder import VOLTS, balanced_line, drop_by_hand, load, source, switch

NORMAL = (source(), balanced_line(), switch(), load())
HEAVY = (source(), balanced_line(), switch(), load(8e6, 3e6))


def app(**settings: object) -> LoadFlowApp:
    return LoadFlowApp(controls="fixed", **settings)  # type: ignore[arg-type]


def by_hand(power: complex) -> float:
    """Per unit of the load's voltage; its switch has 1e-4 ohm."""
    return abs(drop_by_hand(power)) / (VOLTS / sqrt(3))


def told(out: list[Outgoing], kind: type) -> list[Outgoing]:
    return [one for one in out if isinstance(one.payload, kind)]


def state(out: list[Outgoing]) -> StateVariables:
    [one] = told(out, StateVariables)
    assert isinstance(one.payload, StateVariables)
    return one.payload


def volts(of: StateVariables) -> dict[tuple[str, str], float]:
    """Per unit, by connectivity node and phase."""
    nodes: dict[str, list[str]] = {}
    for one in of.connectivity_node:
        nodes.setdefault(str(one.topological_node), []).append(one.mrid)
    return {
        (node, str(one.phase)): one.v * 1e3 / (VOLTS / sqrt(3))
        for one in of.sv_voltage
        for node in nodes[str(one.topological_node)]
    }


def test_a_new_model_is_solved_and_told_whole() -> None:
    run = Run(app())
    assert run.take(said(modelled(*NORMAL))) == []
    out = run.wait()
    found = state(out)
    assert [one.verb for one in out] == [Verb.CREATED]
    assert set(volts(found)) == {(node, phase) for node in ("n1", "n2", "n3") for phase in "ABC"}
    assert volts(found)["n3", "A"] == pytest.approx(0.985, abs=1e-3)
    drawn = [one for one in found.sv_power_flow if str(one.terminal) == "d_t1"]
    assert sum(one.p for one in drawn) == pytest.approx(0.9, rel=1e-6)
    assert len(found.topological_island) == 1
    assert "Load flow by OpenDSS" in (found.model.description or "")


def test_what_a_switch_moves_is_told_and_nothing_else() -> None:
    run = Run(app())
    run.take(said(modelled(*NORMAL)))
    run.wait()
    run.take(said(operated("w", closed=False)))
    [one] = run.wait()
    assert one.verb is Verb.CHANGED
    assert isinstance(one.payload, StateVariables)
    moved = volts(one.payload)
    assert moved["n3", "A"] == 0
    assert ("n1", "A") not in moved  # the source holds it
    run.take(said(operated("w", closed=False)))
    assert run.wait() == []


def test_the_whole_state_comes_again_by_schedule() -> None:
    run = Run(app(every=15))
    run.take(said(modelled(*NORMAL)))
    run.wait()
    assert run.wait(timedelta(minutes=14)) == []
    [again] = run.wait(timedelta(minutes=2))
    assert again.verb is Verb.CREATED
    assert len(volts(state([again]))) == 9


def test_violations_begin_and_end_once() -> None:
    run = Run(app())
    run.take(said(modelled(*HEAVY)))
    [begun] = told(run.wait(), LimitViolations)
    assert begun.verb is Verb.CREATED
    assert isinstance(begun.payload, LimitViolations)
    found = {(str(one.phases), str(one.direction)) for one in begun.payload.limit_violation}
    assert found == {(phase, "low") for phase in "ABC"}
    first = begun.payload.limit_violation[0]
    assert first.start_date_time == run.app.settle * timedelta(seconds=1) + MORNING
    assert "below its limit" in (first.description or "")
    [by] = first.names
    assert by.name_type is not None
    assert (by.name_type.name, by.name[:8]) == ("computedBy", "OpenDSS ")
    run.take(said(modelled(*NORMAL)))
    [over] = told(run.wait(), LimitViolations)
    assert over.verb is Verb.CLOSED
    assert isinstance(over.payload, LimitViolations)
    ended = {one.mrid for one in over.payload.limit_violation}
    assert ended == {one.mrid for one in begun.payload.limit_violation}


def test_what_cannot_be_solved_is_said_in_the_state() -> None:
    run = Run(app())
    run.take(said(modelled(source(), balanced_line(), switch(), load(9e9, 3e9))))
    found = state(run.wait())
    assert "did not converge" in (found.model.description or "")
    assert found.sv_voltage == ()


def asked(*switches: SvSwitch, **more: object) -> StateVariables:
    model = Model(mrid="what-if", scenario_time=MORNING)
    return StateVariables(model=model, sv_switch=switches, **more)  # type: ignore[arg-type]


def test_a_request_is_answered_with_the_state_of_now() -> None:
    run = Run(app())
    run.take(said(modelled(*NORMAL)))
    [reply] = run.take(said(None, Verb.CREATE))
    assert reply.verb is Verb.REPLY
    assert volts(state([reply]))["n3", "B"] == pytest.approx(0.985, abs=1e-3)


def test_a_request_may_assume_positions_and_powers() -> None:
    run = Run(app())
    run.take(said(modelled(*NORMAL)))
    opened = asked(SvSwitch(open=True, switch=Reference("w"), phase=SinglePhaseKind.A))
    [reply] = run.take(said(opened, Verb.CREATE))
    found = volts(state([reply]))
    assert found["n3", "A"] == 0
    assert found["n3", "B"] > 0.9
    doubled = asked(sv_power_flow=(SvPowerFlow(p=1.8, q=0.6, terminal=Reference("d_t1")),))
    [reply] = run.take(said(doubled, Verb.CREATE))
    assert volts(state([reply]))["n3", "A"] == pytest.approx(by_hand(1.8e6 + 0.6e6j), abs=1e-6)
    assert reply.reply is not None
    assert reply.reply.result is Result.OK


def test_assumptions_that_fit_nothing_are_named() -> None:
    run = Run(app())
    run.take(said(modelled(*NORMAL)))
    strange = asked(sv_tap_step=(SvTapStep(position=3, tap_changer=Reference("t")),))
    [reply] = run.take(said(strange, Verb.CREATE))
    assert reply.reply is not None
    assert reply.reply.result is Result.PARTIAL
    assert "no tap changer t" in str(reply.reply.errors[0].details)


def test_what_is_assumed_of_a_model_makes_no_answer_partial() -> None:
    run = Run(app())
    stiff = source()
    stiff["EnergySource s"] |= {"r": "0", "x": "0", "r0": "0", "x0": "0"}
    run.take(said(modelled(stiff, *NORMAL[1:])))
    [reply] = run.take(said(None, Verb.CREATE))
    assert reply.reply is not None
    assert reply.reply.result is Result.OK
    [told] = reply.reply.errors
    assert (told.code, told.level) == ("0.0", Level.INFORM)
    assert "has no impedance; 1e-06 ohm are taken" in str(told.details)


@pytest.mark.parametrize("analysis", ["state-estimation", "short-circuit", "loads"])
def test_a_request_for_another_analysis_is_not_its_own(analysis: str) -> None:
    run = Run(app())
    run.take(said(modelled(*NORMAL)))
    assert run.take(said(None, Verb.CREATE, analysis=analysis)) == []


def test_an_analysis_that_nobody_knows_is_refused() -> None:
    run = Run(app())
    run.take(said(modelled(*NORMAL)))
    [reply] = run.take(said(None, Verb.CREATE, analysis="loadflow"))
    assert reply.reply is not None
    assert reply.reply.result is Result.FAILED
    assert "'loadflow' is none of load-flow, state-estimation, short-circuit, loads" in str(
        reply.reply.errors[0].details
    )


def test_a_request_without_a_network_is_refused() -> None:
    [reply] = Run(app()).take(said(None, Verb.CREATE))
    assert reply.reply is not None
    assert reply.reply.result is Result.FAILED


def test_estimated_loads_are_taken_from_those_who_may() -> None:
    run = Run(app(loads=("test",)))
    run.take(said(modelled(*NORMAL)))
    before = volts(state(run.wait()))["n3", "A"]
    half = asked(sv_power_flow=(SvPowerFlow(p=0.45, q=0.15, terminal=Reference("d_t1")),))
    run.take(said(half))
    moved = volts(state(run.wait()))
    assert before < moved["n3", "A"] < 1
    double = asked(sv_power_flow=(SvPowerFlow(p=1.8, q=0.6, terminal=Reference("d_t1")),))
    run.take(said(double))
    [again] = told(run.wait(), StateVariables)
    assert volts(state([again]))["n3", "A"] < before


def test_nothing_is_learnt_from_a_study() -> None:
    run = Run(app(loads=("test",)))
    run.take(said(modelled(*NORMAL)))
    run.wait()
    half = asked(sv_power_flow=(SvPowerFlow(p=0.45, q=0.15, terminal=Reference("d_t1")),))
    assert run.take(said(half, context="STUDY")) == []
    assert run.wait() == []
    [reply] = run.take(said(None, Verb.CREATE, context="STUDY"))
    assert reply.verb is Verb.REPLY


def test_reports() -> None:
    run = Run(app())
    run.take(said(modelled(*HEAVY)))
    voltages = run.app.report("voltages", {}, run)
    assert [c.heading for c in voltages.columns][:5] == [
        "node", "node name", "phase", "voltage (V)", "voltage (p.u.)",
    ]  # fmt: skip
    assert len(voltages.rows) == 9
    assert voltages.remarks[-1].startswith("Computed by OpenDSS")
    for name in ("voltages", "loading"):
        draw = run.app.report(name, {}, run).draw
        assert draw is not None
        assert f"{name.title()} at 20".encode() in draw(Form.SVG)
    part = run.app.report("voltages", {"under": "d"}, run)
    assert part.draw is not None
    assert voltages.draw is not None
    assert part.draw(Form.SVG) != voltages.draw(Form.SVG)
    flows = run.app.report("flows", {}, run)
    assert len(flows.rows) == 3 + 6 + 6 + 3
    assert len(run.app.report("violations", {}, run).rows) == 6  # three phases at n2 and n3
    totals = {(str(row[0]), row[2]): row[1] for row in run.app.report("totals", {}, run).rows}
    drawn, lost = totals["drawn by loads", "kW"], totals["lost", "kW"]
    assert drawn == pytest.approx(8000)
    assert totals["supplied by sources", "kW"] == pytest.approx(
        float(str(drawn)) + float(str(lost))
    )
    with pytest.raises(Unanswerable, match="nobody"):
        run.app.report("voltages", {"under": "nobody"}, run)


def test_a_curve_nobody_knows_is_no_setting() -> None:
    with pytest.raises(ValueError, match=r"inverters\.pv1: there is no curve 'steep'"):
        LoadFlowApp(inverters={"pv1": "steep"})
    known = LoadFlowApp(inverters={"pv1": "steep"}, curves={"steep": Curves(power_factor=0.9)})
    assert known.curves["steep"].power_factor == 0.9
