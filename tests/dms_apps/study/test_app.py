"""The study app: asked over messages and for reports."""

from __future__ import annotations

import re

import pytest

from cim.message import Outgoing, Result, Verb
from cim.profiles.limit_violations import LimitViolations
from dms_apps.load_flow import LoadFlowApp
from dms_apps.study import StudyApp
from hub.report import Form, Report, Unanswerable
from tests.dms_apps.load_flow.playing import Run, modelled, said
from tests.dms_apps.solver.feeder import balanced_line, load, source, switch

TWO_WAYS = (
    source(),
    balanced_line(),
    switch(),
    load(4e6, 1e6),
    balanced_line("m", ("n1", "n4")),
    switch("x", ("n4", "n3")),
)


@pytest.fixture
def run() -> Run:
    found = Run(LoadFlowApp())
    found.take(said(modelled(*TWO_WAYS)))
    return found


def asked(run: Run, context: str | None = "STUDY") -> Outgoing:
    request = said(None, Verb.CREATE, context, noun="LimitViolations")
    [reply] = StudyApp(controls="fixed").handle(request, run)
    return reply


def shown(run: Run, name: str, **parameters: str) -> Report:
    return StudyApp(controls="fixed").report(name, parameters, run)


def test_n_1_is_answered_in_a_study(run: Run) -> None:
    reply = asked(run)
    assert isinstance(reply.payload, LimitViolations)
    told = {one.description or "" for one in reply.payload.limit_violation}
    assert any(text.startswith("With l out of service") for text in told)
    assert len({one.mrid for one in reply.payload.limit_violation}) == len(
        reply.payload.limit_violation
    )
    assert reply.reply is not None
    assert reply.reply.result is Result.OK
    details = str(reply.reply.errors[0].details)
    assert re.match(r"Computed by OpenDSS .+; controls fixed, tolerance 1e-09", details)
    for one in reply.payload.limit_violation:
        [by] = one.names
        assert by.name_type is not None
        assert by.name_type.name == "computedBy"
        assert f"Computed by {by.name}." in details


def test_what_the_solution_remarks_is_in_every_outcome() -> None:
    stiff = source()
    stiff["EnergySource s"] |= {"r": "0", "x": "0", "r0": "0", "x0": "0"}
    of = Run(LoadFlowApp())
    of.take(said(modelled(stiff, *TWO_WAYS[1:])))
    reply = asked(of).reply
    assert reply is not None
    assert "has no impedance; 1e-06 ohm are taken" in str(reply.errors[0].details)
    for name, parameters in (("n-1", {}), ("hosting-capacity", {"most": "1"})):
        remarks = shown(of, name, **parameters).remarks
        assert any("has no impedance; 1e-06 ohm are taken" in one for one in remarks)
        assert remarks[-1].startswith("Computed by OpenDSS")


def test_a_network_that_cannot_be_solved_is_refused() -> None:
    of = Run(LoadFlowApp())
    of.take(said(modelled(source(), balanced_line(), switch(), load(9e9, 3e9))))
    reply = asked(of).reply
    assert reply is not None
    assert reply.result is Result.FAILED
    assert "The network as it is could not be solved." in str(reply.errors[0])


def test_n_1_is_refused_anywhere_else(run: Run) -> None:
    reply = asked(run, None)
    assert reply.reply is not None
    assert reply.reply.result is Result.FAILED
    assert "ask in the context STUDY" in str(reply.reply.errors[0])


def test_what_if(run: Run) -> None:
    found = shown(run, "what-if", open="w", loads="0.5")
    assert len(found.rows) > 0
    totals = {row[0]: row[2:] for row in shown(run, "what-if-totals", open="w, x").rows}
    assert totals["places without supply"] == pytest.approx((0, 3, 3))


def test_n_1_and_hosting_capacity_as_reports(run: Run) -> None:
    assert {row[2] for row in shown(run, "n-1", kind="line").rows} == {"line"}
    report = shown(run, "hosting-capacity", load="d", most="100")
    assert report.draw is not None
    assert b"hosting capacity (kW)" in report.draw(Form.SVG)
    [one] = report.rows
    assert one[3] == 100


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"open": "nobody"}, "'nobody': no switch"),
        ({"taps": "t"}, "taps: a name, = and a number were expected"),
        ({"loads": "many"}, "loads: a number was expected"),
    ],
)
def test_what_cannot_be_is_named(run: Run, parameters: dict[str, str], says: str) -> None:
    with pytest.raises(Unanswerable, match=says):
        shown(run, "what-if", **parameters)
