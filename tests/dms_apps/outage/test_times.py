"""Times that people tell of outages and dangers: not to come, and not before all that is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cim.message import Result, Verb
from cim.profiles.unplanned_outages import CrewStatusKind
from dms_apps.outage.audit import history
from dms_apps.outage.tables import metadata
from tests.dms_apps.outage.asking import ask
from tests.dms_apps.outage.conftest import LOST, Run
from tests.dms_apps.outage.test_app import DEVICES
from tests.dms_apps.outage.test_incidents import ask as ask_of_incidents
from tests.dms_apps.outage.test_incidents import at as place
from tests.dms_apps.outage.test_incidents import incident, refused

DAY = 86400
ENTERED = {"ask": "create", "new": "one", "device": "T3"}
STEP = {"ask": "change", "of": "T1", "kind": "partiallyRestored", "back": ["M1"]}


@pytest.fixture
def run(start: Callable[..., Run]) -> Run:
    """All below T1 are without power for seventy days."""
    run = start(DEVICES)
    run.at -= timedelta(days=70)
    run.meters([(meter, LOST, run.at) for meter in ("M1", "M2", "M3")])
    run.until(run.at + timedelta(minutes=3))
    run.until(run.at + timedelta(days=70))
    return run


@pytest.mark.parametrize(
    ("event", "field"),
    [
        (ENTERED, "start"),
        (STEP, "end"),
        ({"ask": "change", "of": "T1", "kind": "restored"}, "end"),
        ({"ask": "close", "of": "T1"}, "end"),
    ],
)
@pytest.mark.parametrize(
    ("days", "why"),
    [(-71, "it lies more than 60 days in the past."), (1, "it lies in the future.")],
)
def test_a_time_must_not_be_absurd(
    run: Run, event: dict[str, Any], field: str, days: int, why: str
) -> None:
    before = run.connection.execute(metadata.tables["outage_statement"].select()).all()
    said = ask(run, {"at": 0, **event, field: days * DAY}, run.at)
    name = {"start": "reportedStartTime", "end": "actualPeriod.end"}[field]
    at = (run.at + timedelta(days=days)).isoformat()
    assert (said.result, said.errors[0].code) == (Result.FAILED, "6.1")
    assert said.errors[0].details == f"UnplannedOutage, {name} {at}: {why}"
    assert run.connection.execute(metadata.tables["outage_statement"].select()).all() == before
    assert ask(run, {"at": 0, **event, field: -59 * DAY}, run.at).result is Result.OK


def test_an_outage_that_ended_before_all_that_is_kept_is_closed(run: Run) -> None:
    assert ask(run, {"at": 0, "ask": "change", "of": "T1", "kind": "restored", "end": -59 * DAY},
               run.at).result is Result.OK  # fmt: skip
    run.until(run.at + timedelta(minutes=20))
    run.until(run.at + timedelta(days=5))
    assert ask(run, {"at": 0, "ask": "close", "of": "T1"}, run.at).result is Result.OK


@pytest.mark.parametrize(
    ("days", "why"),
    [(-61, "it lies more than 60 days in the past."), (1, "it lies in the future.")],
)
def test_a_danger_is_of_now(run: Run, days: int, why: str) -> None:
    at = run.at + timedelta(days=days)
    one = incident("I-1", "wire down", location=place("M9"), created_date_time=at)
    said = refused(ask_of_incidents(run, Verb.CREATE, one))
    assert said == ("6.1", f"Incident, createdDateTime {at.isoformat()}: {why}")


def test_what_is_open_for_longer_is_closed_with_its_true_end(run: Run) -> None:
    started = run.at - timedelta(days=70, minutes=3)
    end = run.at - timedelta(days=61)
    assert ask(run, {"at": 0, **ENTERED, "start": -61 * DAY}, run.at).result is Result.FAILED
    closed = {"at": 0, "ask": "close", "of": "T1", "end": -61 * DAY}
    assert ask(run, closed, run.at).result is Result.OK
    run.until(run.at + timedelta(minutes=1))
    assert {(began, ended) for _, began, ended, _ in run.ledger()} == {(started, end)}


def test_what_is_open_for_longer_is_changed_by_its_own_notice(run: Run) -> None:
    [told] = run.outages()
    crew = replace(told, status_kind=CrewStatusKind.ASSIGNED)
    assert run.ask(Verb.CHANGE, crew).result is Result.OK
    assert run.outages()[0].status_kind is CrewStatusKind.ASSIGNED
    [at] = [row.at for row in history(run.connection, told.mrid or "") if row.field == "statusKind"]
    assert at == run.outages()[0].last_modified_date_time
