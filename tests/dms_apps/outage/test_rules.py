"""By which rules is predicted, how sure it is, and what comes late or from nowhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from cim.message import Header, Kind, Message, Property, Reply, Request, Result, Verb
from cim.profiles.unplanned_outages import (
    UnplannedOutage,
)
from dms_apps.outage.modes import STORM, Modes, Planned, RuleSet
from dms_apps.outage.tables import signal
from hub.report import Report, Unanswerable
from tests.dms_apps.outage.conftest import MORNING
from tests.dms_apps.outage.test_app import DEVICES

LOST, RESTORED, ON = "3.26.0.85", "3.26.0.216", "3.26.0.1"


def at(minutes: float) -> Any:
    return MORNING + timedelta(minutes=minutes)


@pytest.fixture
def dark(start: Callable[..., Any]) -> Any:
    """T3 is predicted open: M7 and M8 of three have said so."""
    run = start(DEVICES)
    for meter in ("M7", "M8"):
        run.meter(meter, LOST, run.at)
    run.settle()
    return run


def only(run: Any) -> UnplannedOutage:
    [outage] = run.outages()
    assert isinstance(outage, UnplannedOutage)
    return outage


def test_late_words_correct_what_is_closed_and_put_away(dark: Any) -> None:
    """Hours later it turns out when M9, which had said nothing, was without."""
    for meter in ("M7", "M8"):
        dark.meter(meter, RESTORED, at(20))
    dark.settle()
    dark.until(at(600))
    dark.settle()
    assert not dark.connection.execute(signal.select().where(signal.c.live)).all()
    assert ("M9", at(0), at(20)) in {row[:3] for row in dark.ledger()}
    dark.meter("M9", LOST, at(0.5))
    dark.meter("M9", RESTORED, at(19.5))
    dark.settle()
    rows = {name: (start, end, outage) for name, start, end, outage in dark.ledger()}
    # the whole begins to come back with the first
    assert rows["M9"][:2] == (at(0.5), at(19.5))
    assert rows["M7"][:2] == (at(0), at(20))
    assert rows["M7"][2] == rows["M9"][2]
    assert dark.outages() == []


def asked(run: Any, **options: str) -> Reply:
    """Other rules are asked for."""
    header = Header(verb=Verb.CHANGE, noun="UnplannedOutages", source="desk")
    request = Request(options=tuple(Property(name, value) for name, value in options.items()))
    [one] = run.handle(Message(header=header, kind=Kind.REQUEST, request=request))
    assert one.reply is not None
    return one.reply


def report(run: Any, name: str, **given: str) -> Report:
    asking = SimpleNamespace(connection=run.connection, network=run.network, now=run.at)
    found = run.app.report(name, given, asking)
    assert isinstance(found, Report)
    return found


def test_a_storm_is_asked_for_and_holds_outages_back(start: Callable[..., Any]) -> None:
    run = start(DEVICES, modes=Modes(sets={STORM: RuleSet(hold_off=300.0)}))
    run.settle()
    run.at = MORNING
    assert asked(run, mode="storm").result is Result.OK
    run.until(at(0.1))
    run.meter("M1", LOST, at(0.1))
    run.until(at(4))
    assert run.outages() == []
    run.settle()
    assert "Rules of storm since 2025-11-20 10:00:" in (only(run).comment or "")
    [row] = report(run, "outage-rules").rows
    assert row[1] == "storm"
    assert row[3] == "Asked for by desk."
    assert [e.details for e in asked(run, mode="flood").errors] == [
        "Option mode: 'flood' is none of auto, normal, storm."
    ]
    assert [e.details for e in asked(run, mode="storm", region="x").errors] == [
        "Option region: there is no region 'x'."
    ]


def test_a_storm_by_its_calls_and_by_schedule(start: Callable[..., Any]) -> None:
    run = start(DEVICES, modes=Modes(calls=0.3, outages=0, calm=600.0))
    run.settle()
    for number in range(4):
        run.call("M1", at(number / 10), number=f"C{number}")
    run.until(at(5))
    assert report(run, "outage-rules").rows[0][1] == "storm"
    [row] = report(run, "outage-rules").rows
    assert row[2:] == (at(0.2), "0.3 calls a minute.")
    run.settle()  # it ends though nothing is heard
    for minutes, mode in ((10.29, "storm"), (10.3, "normal")):
        run.until(at(minutes))
        assert report(run, "outage-rules").rows[0][1] == mode
    planned = Planned(mode="storm", begins=at(-5), ends=at(5))
    run = start(DEVICES, modes=Modes(schedule=(planned,)))
    run.until(at(1))
    assert report(run, "outage-rules").rows[0][1] == "storm"
    with pytest.raises(ValueError, match="is not after begins"):
        Planned(mode="storm", begins=at(5), ends=at(-5))


def test_why_an_outage_is_believed_in_and_what_else_it_may_be(dark: Any) -> None:
    found = report(dark, "hypotheses", outage=only(dark).mrid or "")
    assert [row[1] for row in found.rows] == ["T3", "CB1", "each service by itself"]
    shares = [row[3] for row in found.rows]
    assert shares == sorted(shares, reverse=True)
    assert 99 < sum(shares) <= 100  # type: ignore[arg-type]
    assert found.rows[0][7] == "2 of 3 below it are without power, 1 said nothing."
    dark.switch("CB1", "close", at(2))
    dark.settle()
    found = report(dark, "hypotheses", outage=only(dark).mrid or "")
    assert found.rows[-1][7] == "Ruled out: telemetry has it closed."
    with pytest.raises(Unanswerable, match="there is no outage nobody"):
        report(dark, "hypotheses", outage="nobody")


def test_calls_that_nobody_can_place_are_a_queue(start: Callable[..., Any]) -> None:
    run = start(DEVICES)
    run.call("M98", at(0), number="C1")
    run.call("M99", at(1), hazards=["WIRE_DOWN"], number="C2")
    run.settle()
    rows = report(run, "unresolved").rows
    assert [(row[0], row[2], row[4]) for row in rows] == [
        ("C2", "WIRE_DOWN", "M99"), ("C1", "", "M98"),
    ]  # fmt: skip
    assert run.outages() == []
    more = [*DEVICES, {"id": "T4", "parent": "CB1", "kind": "transformer", "premises": ["M98"]}]
    run.load(more)
    run.settle()
    assert run.places() == {"T4": 1}
    assert [row[0] for row in report(run, "unresolved").rows] == ["C2"]


def test_a_danger_without_an_outage_is_seen_until_it_is_over(start: Callable[..., Any]) -> None:
    run = start(DEVICES)
    run.call("M1", at(0), hazards=["WIRE_DOWN"])
    run.callback("M1", at(0), at(5), "powerOn")
    run.settle()
    outage = only(run)
    assert outage.status is not None
    assert outage.status.value == "hazard"
    assert outage.meters_affected in (0, None)
