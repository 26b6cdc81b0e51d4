"""What the app shows: plans with what speaks against them, who was told, who decided."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cim.message import Header, Kind, Message, Verb
from cim.profiles.identification import Name
from cim.profiles.planned_outages import PlannedOutage, PlannedOutages
from dms_apps.planned_outages import PlannedOutagesApp, store
from hub.report import Unanswerable
from tests.dms_apps.planned_outages.conftest import Begin
from tests.dms_apps.planned_outages.playing import Run, moment

SPAN = {"from": "6 08:00", "until": "6 12:00"}


@pytest.fixture
def run(begun: Begin) -> Run:
    made = begun()
    made.play(
        {
            "at": "08:00",
            "customer": {"point": "p1", "account": "A-1", "phone": "1", "need": "dialysis"},
        }
    )
    one = {"id": "P-1", "names": ["PO 17"], "open": ["S1"], **SPAN}
    made.play({"at": "09:00", "create": one})
    made.play({"at": "09:01", "created": {"id": "E-1", "open": ["S1"], **SPAN}})
    made.play({"at": "09:02"})
    return made


def rows(run: Run, name: str, **asked: str) -> list[dict[str, Any]]:
    report = run.app.report(name, asked, run)
    names = [column.name for column in report.columns]
    return [dict(zip(names, row, strict=True)) for row in report.rows]


def test_plans_with_what_speaks_against_them(run: Run) -> None:
    other, mine = rows(run, "planned")
    assert (mine["outage"], mine["name"], mine["status"]) == ("P-1", "PO 17", "notified")
    assert (mine["begin"], mine["devices"]) == (moment("6 08:00"), "open S1 name")
    assert (mine["customers"], mine["critical"], mine["told"]) == (2, 1, 2)
    assert mine["remarks"].startswith("LoadBreakSwitch S1 name (S1) is switched for planned outage")
    assert "2 customers of it are without supply in planned outage E-1" in mine["remarks"]
    assert "P-1" in other["remarks"]
    assert not rows(run, "planned", status="completed")


def test_who_was_told(run: Run) -> None:
    one, other = rows(run, "notified", outage="PO 17")
    assert (one["usage point"], one["name"], one["customer"]) == ("p1", "p1 name", "A-1")
    assert (one["told"], one["begin"]) == ("announcement", moment("6 08:00"))
    assert (other["usage point"], other["customer"]) == ("p2", "")
    report = run.app.report("notified", {"outage": "P-1"}, run)
    assert report.remarks == ("Of 1 usage point no customer is known.",)
    assert [column.name for column in report.columns if column.personal] == [
        "usage point", "name", "customer",
    ]  # fmt: skip
    run.play({"at": "10:00", "cancel": {"id": "P-1", "why": "no crew"}})
    run.play({"at": "10:01"})
    assert {row["told"] for row in rows(run, "notified", outage="P-1")} == {"cancellation"}


def test_who_decided_and_against_which_rule(run: Run) -> None:
    soon = {"from": "1 08:00", "until": "1 12:00", "why": "cracked insulator"}
    run.play({"at": "10:00", "create": {"id": "P-2", "open": ["B2"], **soon}})
    against, created = rows(run, "decided", outage="P-2")
    assert against["what"] == "1 customer would get less notice than 3 days"
    assert (created["what"], created["who"], created["why"]) == (
        "created", "dispatcher", "cracked insulator",
    )  # fmt: skip
    assert len(rows(run, "decided")) == 3


def test_what_was_refused_is_seen_of_outages_that_nobody_knows_too(run: Run) -> None:
    run.play({"at": "10:00", "close": {"id": "P-1"}})
    run.play({"at": "10:01", "close": {"id": "P-9"}})
    refused = [row for row in rows(run, "decided") if row["what"] == "refused"]
    assert [(row["outage"], row["who"]) for row in refused] == [
        ("P-1", "dispatcher"),
        ("P-9", "dispatcher"),
    ]
    assert "it has not begun" in refused[0]["why"]
    assert "PlannedOutage 'P-9': there is none" in refused[1]["why"]


def test_what_was_refused_is_of_the_plan_by_whichever_name_and_is_forgotten_in_time(
    run: Run,
) -> None:
    named = PlannedOutage(names=(Name(name="PO 17"),))
    for one in (named, PlannedOutage(mrid="P-9")):
        header = Header(verb=Verb.CLOSE, noun="PlannedOutages", source="dispatcher")
        payload = PlannedOutages(planned_outage=(one,))
        message = Message(header=header, kind=Kind.REQUEST, payload=payload)
        list(run.app.handle(message, run))  # type: ignore[arg-type]  # enough of it
    refused = [row["outage"] for row in rows(run, "decided") if row["what"] == "refused"]
    assert refused == ["P-1", "P-9"]
    store.prune(run.connection, run.now + timedelta(seconds=1))
    refused = [row["outage"] for row in rows(run, "decided") if row["what"] == "refused"]
    assert refused == ["P-1"]


def test_of_which_there_is_none(run: Run) -> None:
    with pytest.raises(Unanswerable, match="outage: there is no planned outage P-9"):
        run.app.report("notified", {"outage": "P-9"}, run)


def test_a_zone_that_is_none() -> None:
    with pytest.raises(ValueError, match="zone: 'Mars' is no time zone, such as Europe/Zurich"):
        PlannedOutagesApp(zone="Mars")
