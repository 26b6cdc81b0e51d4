"""Outages by what is no switch: cuts, jumpers and mobile sources that go, service, connections."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from cim.message import Result, Verb
from cim.model.terms import key
from cim.profiles.switching_actions import Jumper, JumperAction
from cim.profiles.switching_events import SwitchingEvent, SwitchingEvents
from dms_apps.outage.affected import EVIDENCE
from dms_apps.outage.moves import moves
from dms_apps.outage.tables import alteration, outage
from tests.cim.network.plain import done, terminals
from tests.dms_apps.outage.altering import altered
from tests.dms_apps.outage.conftest import MORNING, Run, event_message, mrid
from tests.dms_apps.outage.test_switched import LINED


def at(minutes: float) -> datetime:
    return MORNING + timedelta(minutes=minutes)


def play(start: Callable[..., Run], *said: tuple[str, str, str, int]) -> Run:
    """What, of what, "open" or "close", at which minute."""
    run = start(LINED)
    run.settle()
    for what, of, kind, when in said:
        run.until(max(run.at, at(when)))
        if what == "switch":
            run.switch(of, kind, at(when))
        else:
            run.handle(altered(what, of, kind, at(when)))
    run.until(at(50))
    return run


CASES = [
    ("cut", "L1", "Line L1 was reported out of operation", {"M6", "M7"}),
    ("service", "L1", "Line L1 was reported out of operation", {"M6", "M7"}),
    ("load", "M1", "Load load M1 was reported out of operation", {"M1"}),
    ("source", "SS1", "Source source SS1 was reported out of operation",
     {"M1", "M2", "M6", "M7", "M8", "M9", "M10"}),
]  # fmt: skip


@pytest.mark.parametrize(("what", "of", "says", "points"), CASES)
def test_what_is_out_of_operation_is_an_outage_until_it_is_back(
    start: Callable[..., Run], what: str, of: str, says: str, points: set[str]
) -> None:
    run = play(start, (what, of, "open", 0), (what, of, "close", 20))
    assert {tuple(row[:3]) for row in run.ledger()} == {(p, at(0), at(20)) for p in points}
    [(created, told), (closed, _)] = run.told
    assert (created, closed) == (Verb.CREATED, Verb.CLOSED)
    assert told.comment.startswith(f"{says} at 2025-11-20 10:00:00 UTC: {len(points)} customer")


@pytest.mark.parametrize(
    ("what", "of", "points"), [("jumper", "L1-CB2", "M6 M7"), ("source", "~L1", "M6 M7")]
)
def test_who_was_supplied_for_a_time_only_is_without_once_it_goes(
    start: Callable[..., Run], what: str, of: str, points: str
) -> None:
    said = [("switch", "S1", "open", 0), (what, of, "close", 10), (what, of, "open", 30)]
    run = play(start, *said)
    assert {tuple(row[:3]) for row in run.ledger()} == {
        (point, *times) for point in points.split() for times in [(at(0), at(10)), (at(30), None)]
    }
    [told] = run.outages()
    gone = f"Device {mrid(f'{what} {of}')} was reported gone at 2025-11-20 10:30:00 UTC"
    assert told.comment.startswith(gone)


def test_what_was_done_is_among_the_evidence(start: Callable[..., Run]) -> None:
    run = play(start, ("cut", "L1", "open", 0))
    of = str(run.connection.scalar(sa.select(outage.c.mrid)))
    report = run.app.report(EVIDENCE, {"outage": of}, run)
    assert [row[:4] for row in report.rows] == [(at(0), "L1", "cut", "cut")]


def test_what_is_told_twice_counts_once(start: Callable[..., Run]) -> None:
    run = start(LINED)
    for _ in range(2):
        run.handle(altered("jumper", "L1-CB2", "close", at(0), "A"))
    [row] = run.connection.execute(sa.select(alteration)).all()
    assert (row.what, row.device, row.kind, row.phases) == (
        "jumper", key(mrid("jumper L1-CB2")), "close", "A",
    )  # fmt: skip


def test_a_jumper_without_a_name_goes_by_where_it_is(start: Callable[..., Run]) -> None:
    """However long the names are of that."""
    run = start(LINED)
    ends = ("one end " * 20, "the other end " * 20)
    for there in (True, False):
        action = JumperAction(
            kind=done(there), jumper=Jumper(terminals=terminals(*ends)), executed_date_time=at(0)
        )
        event = SwitchingEvent(jumper_action=action)
        run.handle(event_message(SwitchingEvents(switching_event=(event,))))
    placed, removed = moves(run.connection)
    assert placed.thing == removed.thing
    assert len(placed.device) <= 200


JUMPER = [
    ("switch", "S1", "open", 0), ("jumper", "L1-CB2", "close", 10), ("jumper", "L1-CB2", "open", 30)
]  # fmt: skip


def test_a_notice_that_comes_back_names_a_jumper_that_is_gone(start: Callable[..., Run]) -> None:
    run = play(start, *JUMPER)
    [told] = run.outages()
    reply = run.ask(Verb.CHANGE, replace(told, cause="taken away too early"))
    assert reply.result is Result.OK
    run.settle()
    [after] = run.outages()
    assert (after.outage_isolation_equipment, after.cause) == (
        told.outage_isolation_equipment, "taken away too early",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (JUMPER, f"follows from {mrid('jumper L1-CB2')}, which is known to be gone"),
        (
            [("cut", "L1", "open", 0)],
            f"follows from L1 ({mrid('L1')}), which is known to be open or out of operation",
        ),
    ],
)
def test_what_is_known_of_a_device_is_not_cancelled(
    start: Callable[..., Run], said: list[tuple[str, str, str, int]], why: str
) -> None:
    run = play(start, *said)
    [told] = run.outages()
    [error] = run.ask(Verb.CANCEL, told).errors
    assert why in error.details
    assert error.details.endswith("it cannot be cancelled. It changes with that alone.")


@pytest.mark.parametrize(
    ("what", "of", "device"),
    [
        ("cut", "L1", "L1"), ("service", "L1", "L1"), ("service", "L1", "S1"),
        ("switch", "S1", "S1"), ("source", "SS1", "source SS1"),
        ("load", "M6", "load M6"),
    ],
)  # fmt: skip
def test_who_is_below_what_is_planned_to_be_out_is_in_no_unplanned_outage(
    start: Callable[..., Run], what: str, of: str, device: str
) -> None:
    run = start(LINED)
    run.settle()
    plan = run.plan(device, at(0), at(60))
    run.until(at(1))
    if what == "switch":
        run.switch(of, "open", at(5))
    else:
        run.handle(altered(what, of, "open", at(5)))
    run.until(at(40))
    ledger = run.ledger()
    below = {"M6"} if what == "load" else {"M6", "M7"}
    assert below <= {point for point, *_ in ledger}
    assert {tuple(row) for _, *row in ledger} == {(at(5), None, plan)}
    assert not run.told
