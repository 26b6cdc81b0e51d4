"""Losses by device, phase, feeder and time, against hand computation and published totals."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from cim.electrical import view
from cim.message import Message, Outgoing
from cim.profiles.measurement_values import MeasurementValues
from cim.profiles.state_variables import StateVariables
from dms_apps.load_flow import LoadFlowApp
from dms_apps.losses import LossesApp
from dms_apps.losses.feeders import Energy, State, between, states
from dms_apps.losses.split import energy, factor, losses, totals
from dms_apps.solver import nodal
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from hub.report import Form
from tests.cim.electrical.documents import terminals, viewed
from tests.cim.electrical.test_reference import model
from tests.dms_apps.load_flow.playing import MORNING, Run, modelled, said
from tests.dms_apps.solver.feeder import Objects, balanced_line, load, source, switch

CASES = sorted((Path(__file__).parents[2] / "cases" / "losses").iterdir())


def transformer(g: str = "3e-6") -> Objects:
    """10 kV at n3, 400 V at n4; 300 W in its core at 10 kV, 10 ohm at the side of 10 kV."""
    found: Objects = {"PowerTransformer t": {}, **terminals("t", "n3", "n4")}
    for number, volts in ((1, "10000"), (2, "400")):
        found[f"PowerTransformerEnd t_e{number}"] = {
            "PowerTransformer": "#t",
            "TransformerEnd.endNumber": str(number),
            "TransformerEnd.Terminal": f"#t_t{number}",
            "TransformerEnd.grounded": "true",
            "connectionKind": "~WindingConnection.Yn",
            "phaseAngleClock": "0",
            "ratedU": volts,
            "ratedS": "100000",
            "r": "10" if number == 1 else "0",
            "x": "40" if number == 1 else "0",
            "g": g if number == 1 else "0",
            "b": "0",
        }
    return found


def objects() -> list[Objects]:
    return [source(), balanced_line(), switch(), transformer(), load(60e3, 20e3, node="n4")]


def test_losses_are_those_of_currents_and_cores() -> None:
    layout = Layout.of(viewed(*objects()))
    found = nodal.solve(layout)
    split = losses(found, Given())
    amperes = np.abs(found.of("l")[1][0])
    lines = [one for one in split if one.device == "l"]
    assert [one.phase for one in lines] == ["A", "B", "C"]
    assert [one.watts for one in lines] == pytest.approx([amperes**2 * 1.0] * 3, rel=1e-6)
    [tank] = [one for one in split if one.kind == "transformer"]
    volts = abs(found.at("n3", "A"))
    assert tank.no_load == pytest.approx(3 * 3e-6 * volts**2, rel=1e-6)
    through = np.abs(found.of("t")[1][3]) * 400 / 10_000
    assert tank.watts - tank.no_load == pytest.approx(3 * 10 * through**2, rel=1e-4)


def test_nothing_that_is_fed_is_left_out() -> None:
    layout = Layout.of(viewed(*objects(), load(900e3, 300e3, name="e", A=(5e5, 1e5))))
    found = nodal.solve(layout)
    sums = totals(losses(found, Given()))
    assert sum(sums.values()) == pytest.approx(found.losses().real, rel=1e-9)
    supplied = -found.taken[layout.element["s"]].real
    drawn = sum(found.taken[layout.element[m]].real for m in ("d", "e"))
    assert sum(sums.values()) == pytest.approx(supplied - drawn, rel=1e-5)


def test_what_is_out_of_service_loses_nothing() -> None:
    layout = Layout.of(viewed(*objects()))
    out = Given(out=frozenset({"t"}))
    assert totals(losses(nodal.solve(layout, out), out))["transformers, no load"] == 0


def test_a_solution_that_is_none_has_no_losses() -> None:
    layout = Layout.of(viewed(*objects()))
    failed = replace(nodal.solve(layout), converged=False)
    assert losses(failed, Given()) == []


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_case(case: Path) -> None:
    given = tomllib.loads((case / "case.toml").read_text(encoding="utf-8"))
    expected, watts = given["expected"], np.array(given["watts"])
    found, hours = energy(np.array(given["seconds"], np.float64), watts, given["longest"])
    assert found == pytest.approx(expected["energy"], rel=given["tolerance"])
    assert hours == pytest.approx(expected["hours"], rel=given["tolerance"])
    assert factor(found / hours, watts.max()) == pytest.approx(expected["factor"])


def test_without_a_peak_there_is_no_factor() -> None:
    assert np.isnan(factor(0, 0))


@settings(max_examples=20)
@examples(seed=st.integers(0, 10**6), cut=st.integers(1, 18))
def test_energy_of_parts_is_that_of_the_whole(seed: int, cut: int) -> None:
    random = np.random.default_rng(seed)
    seconds, watts = random.uniform(1, 3000, 20).cumsum(), random.uniform(0, 1e5, 20)
    at = [datetime.fromtimestamp(one, UTC) for one in seconds]
    some = [State(a, w, w / 3, w / 7, 9 * w) for a, w in zip(at, watts.tolist(), strict=True)]

    def counted(of: list[State]) -> Energy:
        found = Energy()
        for one, other in pairwise(of):
            found = found.with_more(between(one, other, timedelta(seconds=2500)))
        return found

    parts = counted(some[: cut + 1]).with_more(counted(some[cut:]))
    whole = counted(some)
    for name in ("hours", "lines", "no_load", "load", "drawn", "peak", "most"):
        assert getattr(parts, name) == pytest.approx(getattr(whole, name), rel=1e-9)
    wh, hours = energy(seconds, watts, 2500)
    assert (whole.lines, whole.hours) == (pytest.approx(wh, rel=1e-6), pytest.approx(hours))


def test_states_are_by_feeder() -> None:
    layout = Layout.of(viewed(*objects()))
    found = losses(nodal.solve(layout), Given())
    by = states(found, {"d": 60e3}, {"l": "one", "t": "two", "d": "two"}, MORNING)
    assert by["one"].lines == pytest.approx(sum(x.watts for x in found if x.device == "l"))
    assert by["two"].no_load > 0
    assert by["two"].drawn == 60e3


# -- the app


def told(outgoing: Outgoing, name: str) -> Message:
    message = said(outgoing.payload, outgoing.verb)  # type: ignore[arg-type]
    header = replace(message.header, source=name)
    return replace(message, header=header)


def values(outgoing: list[Outgoing]) -> dict[str, float]:
    [one] = outgoing
    assert isinstance(one.payload, MeasurementValues)
    return {v.analog.measurement_type or "": v.value or 0.0 for v in one.payload.analog_value}


def test_states_of_the_load_flow_become_energy() -> None:
    """Two states of the same loads, a quarter of an hour apart."""
    parts = [*objects(), {"Feeder f": {"IdentifiedObject.name": "F1"}}]
    inside = ("ACLineSegment", "PowerTransformer", "EnergyConsumer", "LoadBreakSwitch")
    for some in parts:
        for what, facts in some.items():
            if what.split()[0] in inside:
                some[what] = {**facts, "Equipment.EquipmentContainer": "#f"}
    flow = Run(LoadFlowApp(controls="fixed"), now=MORNING)
    run = Run(LossesApp(), now=MORNING)  # type: ignore[arg-type]
    flow.take(said(modelled(*parts)))
    run.take(said(modelled(*parts)))
    told_ = flow.wait(timedelta(minutes=16))
    states_ = [one for one in told_ if isinstance(one.payload, StateVariables)]
    assert len(states_) == 2
    first = run.take(told(states_[0], "load_flow"))
    solved = nodal.solve(Layout.of(viewed(*parts)))
    expected = solved.losses().real
    assert values(first)["ActivePowerLoss"] == pytest.approx(expected, rel=1e-3)
    assert values(first)["ActivePowerLossNoLoad"] == pytest.approx(300, rel=0.01)
    run.take(told(states_[1], "load_flow"))
    app = run.app
    assert isinstance(app, LossesApp)
    rows = app.report("feeders", {"by": "all"}, run).rows
    [row] = [one for one in rows if one[1] == "f"]
    assert row[0] == "F1"
    assert row[3:6] == pytest.approx((0.25, 60 * 0.25, expected * 0.25 / 1e3), rel=1e-3)
    assert row[11:13] == pytest.approx((1, 1), rel=1e-3)
    draw = app.report("feeders", {"by": "hour"}, run).draw
    assert draw is not None
    assert b"losses (kW)" in draw(Form.SVG)
    [tank] = app.report("transformers", {}, run).rows
    assert tank[3] == pytest.approx(300, rel=0.01)
    devices = app.report("devices", {}, run).rows
    assert sum(one[5] for one in devices) == pytest.approx(expected, rel=1e-3)
    assert run.take(told(states_[0], "load_flow")) == []
    assert run.take(told(states_[0], "somebody")) == []


@pytest.mark.reference
@pytest.mark.parametrize(("name", "published"), [("ieee13", 111.1), ("ieee123", 95.8)])
def test_published_totals(shared: Path, name: str, published: float) -> None:
    """Kilowatts of the solutions of the IEEE feeders, IEEE PES Test Feeder Working Group."""
    layout = Layout.of(view.read(model(shared / "data/cim/feeders" / f"{name}_opendss.xml")))
    sums = totals(losses(nodal.solve(layout), Given()))
    assert sum(sums.values()) / 1e3 == pytest.approx(published, rel=0.02)


def test_a_state_that_cannot_be_solved_is_no_loss_of_nothing() -> None:
    run = Run(LossesApp(), now=MORNING)  # type: ignore[arg-type]
    run.take(said(modelled(*objects())))
    flow = Run(LoadFlowApp(controls="fixed"), now=MORNING)
    flow.take(said(modelled(*objects())))
    [state] = [one for one in flow.wait() if isinstance(one.payload, StateVariables)]
    payload = state.payload
    assert isinstance(payload, StateVariables)
    absurd = tuple(replace(one, p=1e4) for one in payload.sv_power_flow)
    with pytest.raises(ValueError, match="did not converge"):
        run.take(told(replace(state, payload=replace(payload, sv_power_flow=absurd)), "load_flow"))
