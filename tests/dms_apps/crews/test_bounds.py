"""What is too long, too large or no number: it is refused, or not said, and stops nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cim.bounds import LARGEST, LONGEST
from dms_apps.crews import CrewsApp, store
from dms_apps.crews.tables import metadata
from hub.journal.database import connect
from hub.report import Unanswerable
from tests.dms_apps.crews.playing import Run, erp, moment

LONG = "x" * (LONGEST + 1)


@pytest.fixture
def run(database_url: str) -> Iterator[Run]:
    """In each of the databases: PostgreSQL has less room."""
    engine = connect(database_url)
    with engine.connect() as connection:
        metadata.create_all(connection)
        yield Run(CrewsApp(), connection, now=moment("08:00"))
    engine.dispose()


def test_a_long_number_of_somebody_else_stops_nothing(run: Run) -> None:
    run.take(erp({"id": "E1", "number": LONG, "verb": "created"}, run.now))
    run.until(moment("08:05"))
    assert run.rows("work-queue", "mRID", "order") == [["E1", LONG[:LONGEST]]]


def test_a_long_source_is_cut(run: Run) -> None:
    run.tell({"at": "08:00", "outage": {"id": "O-1", "customers": 3}, "crew": {"id": "C-1"}})
    run.until(moment("08:01"))
    message = erp({"outage": "O-1", "crews": ["C-1"], "status": "enroute"}, run.now)
    object.__setattr__(message.header, "source", LONG)
    run.take(message)
    assert run.rows("log", "what", "who") == [["enroute", LONG[:LONGEST]]]


def test_a_crew_with_a_long_name_is_there(run: Run) -> None:
    run.tell({"at": "08:00", "crew": {"id": "C-1", "name": LONG}})
    assert run.rows("crews", "mRID", "crew") == [["C-1", LONG]]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"id": LONG}, "TroubleOrder T1, mRID: it has 201 characters, and at most 200 may be"),
        ({"id": "k", "number": LONG}, "Names.name: it has 201 characters"),
        ({"id": "k", "user": LONG}, "Header, UserID: it has 201 characters"),
        ({"id": "k", "rank": LARGEST + 1}, "Priority.rank: it must not be above 2,147,483,647"),
        ({"id": "k", "rank": 10**30}, "Priority.rank: it must not be above 2,147,483,647"),
    ],
)
def test_a_request_that_has_no_room_is_refused(run: Run, given: dict[str, Any], why: str) -> None:
    asked = {"verb": "create", "number": "T1", **given}
    [said] = run.play({"at": "08:00", "ask": asked})
    assert said.startswith("FAILED")
    assert why in said
    assert run.rows("work-queue", "order") == []


@pytest.mark.parametrize("customers", [-1, LARGEST + 1, 2**63, 10**400])
def test_a_number_that_cannot_be_is_not_said(run: Run, customers: int) -> None:
    run.tell({"at": "08:00", "outage": {"id": "O-1", "customers": 3}})
    odd = {"id": "O-1", "verb": "changed", "customers": customers, "critical": customers}
    run.tell({"at": "08:01", "outage": odd})
    run.until(moment("08:05"))
    assert run.rows("work-queue", "customers", "critical") == [[3, 0]]


def test_nor_does_it_stop_what_was_kept_before(begun: Callable[..., Run]) -> None:
    run = begun()
    said = {"customers": 10**400, "critical": 10**400, "place": [float("nan"), 1.0]}
    store.keep_told(run.connection, "UnplannedOutages", "O-1", said, moment("08:00"))
    run.wake_at(moment("08:01"))
    run.until(moment("08:05"))
    assert run.rows("work-queue", "customers", "critical", "why") == [[0, 0, ""]]


@pytest.mark.parametrize("place", [["NaN", "1"], ["1", "1e999"], ["-inf", "1"]])
def test_a_danger_is_there_though_its_place_is_no_place(run: Run, place: list[str]) -> None:
    danger = {"id": "I-1", "says": "Wire down.", "hazards": ["wire"], "at": place}
    run.tell({"at": "08:00", "incident": danger})
    run.until(moment("08:05"))
    assert run.rows("work-queue", "about", "class") == [["Danger: wire. Wire down.", "hazard"]]


def test_an_estimate_that_ends_before_it_begins_is_none(begun: Callable[..., Run]) -> None:
    run = begun()
    run.tell({"at": "08:00", "crew": {"id": "C-1", "shifts": [["07:00", "16:00"]]}})
    run.tell({"at": "08:00", "outage": {"id": "O-1", "customers": 3}})
    run.until(moment("08:01"))
    [[usual]] = run.rows("work-queue", "hours")
    run.tell({"at": "08:01", "work": {"id": "W-1", "estimate": ["12:00", "09:00"]}})
    run.tell({"at": "08:01", "incident": {"id": "I-1", "outage": "O-1", "works": ["W-1"]}})
    run.until(moment("08:05"))
    assert run.rows("work-queue", "hours") == [[usual]]
    assert run.rows("needed-crews", "needed crews") == [[1]]


@pytest.mark.parametrize("hours", ["nan", "inf", "1e9", "1e400", "-5", "0"])
def test_hours_of_the_log_have_bounds(begun: Callable[..., Run], hours: str) -> None:
    with pytest.raises(Unanswerable, match="hours: it must be above 0"):
        begun().report("log", hours=hours)


def test_an_order_of_somebody_else_that_waits_keeps_its_mrid(begun: Callable[..., Run]) -> None:
    run = begun()
    run.tell({"at": "08:00", "outage": {"id": "O-1", "customers": 3, "status": "verify"}})
    run.until(moment("08:01"))
    run.tell({"at": "08:01", "erp": {"id": "X", "number": "N", "verb": "created"}})
    [reply] = run.play({"at": "08:01", "ask": {"verb": "create", "id": "X", "outage": "O-1"}})[:1]
    assert reply.startswith("FAILED")
    assert "there is one with that mRID or number already" in reply
    run.until(moment("08:10"))
    assert run.rows("work-queue", "mRID") == [["X"]]


def test_one_that_was_given_twice_before_stops_nothing(begun: Callable[..., Run]) -> None:
    run = begun()
    run.tell({"at": "08:00", "outage": {"id": "O-1", "customers": 3, "status": "verify"}})
    asked = run.take(erp({"id": "X", "number": "N", "verb": "created"}, moment("08:00")))
    assert asked == []
    order = store.Order(
        id="X", number="M", noun="UnplannedOutages", of="O-1", created_at=moment("08:00")
    )
    store.add_orders(run.connection, [order])
    run.until(moment("08:10"))
    assert run.rows("work-queue", "order") == [["M"]]


def test_a_change_that_names_no_order_is_refused(begun: Callable[..., Run]) -> None:
    run = begun()
    [said] = run.play({"at": "08:00", "ask": {"verb": "change", "orders": []}})
    assert said == "FAILED | TroubleOrders, TroubleOrder: it names none"


def test_a_new_order_begins_as_it_says(begun: Callable[..., Run]) -> None:
    run = begun()
    run.tell({"at": "08:00", "crew": {"id": "C-1"}})
    run.until(moment("08:01"))
    create = {"verb": "create", "id": "D-1", "says": "Patrol"}
    for status, why in (
        ("enroute", "no crew is assigned to it"),
        ("nonsense", "it is none of awaitingCrewAssignment"),
    ):
        said = run.play({"at": "08:01", "ask": create | {"status": status}})
        assert said[0].startswith("FAILED")
        assert why in said[0]
    run.play({"at": "08:02", "ask": create | {"status": "enroute", "crews": ["C-1"]}})
    assert run.rows("work-queue", "crews") == [["Line C-1 enroute"]]
    waits = {"verb": "create", "id": "D-2", "says": "Patrol", "status": "awaitingCrewAssignment"}
    [first, *_] = run.play({"at": "08:03", "ask": waits})
    assert first.startswith("OK")
