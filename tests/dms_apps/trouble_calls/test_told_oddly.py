"""What is told of calls and outages in an order, or in a way, that nobody would expect."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from cim.message import Result, Verb
from cim.profiles.customer_contacts import CustomerNotification
from cim.profiles.kinds import NotificationTriggerKind
from cim.profiles.trouble_tickets import TroubleTickets
from dms_apps.trouble_calls import store
from dms_apps.trouble_calls.tables import outage
from tests.dms_apps.trouble_calls.playing import Run, call, event, moment, plain
from tests.dms_apps.trouble_calls.playing import outage as outage_of
from tests.dms_apps.trouble_calls.test_requests import ask, ticket

CALL = {"id": "T-1", "point": "p", "phone": "123", "wants": ["powerRestored"]}
OUT = {"id": "O-1", "verb": "created", "points": ["p"], "start": "07:50"}


def restored_very_late(run: Run) -> None:
    """Told six weeks after it was over, as of then."""
    run.play({"at": "08:00", "call": CALL})
    run.play({"at": "08:01", "outage": OUT})
    run.now += timedelta(days=45)
    over = {"id": "O-1", "verb": "closed", "start": "07:50", "end": "08:30"}
    list(run.app.handle(outage_of(over, moment("08:30")), run))  # type: ignore[arg-type]
    list(run.app.wake(run))  # type: ignore[arg-type]


def test_an_outage_stays_until_its_callers_are_told(run: Run) -> None:
    restored_very_late(run)
    run.said = []
    run.until(run.now + timedelta(minutes=5))
    assert [line for one in run.said for line in plain(one)] == ["call 123 of T-1: powerRestored"]
    run.until(run.now + timedelta(hours=2))
    assert run.connection.execute(sa.select(outage)).first() is None


def test_an_outage_that_was_forgotten_stops_nobody(run: Run) -> None:
    restored_very_late(run)
    run.connection.execute(sa.delete(outage))  # as it was done before
    run.said = []
    run.until(run.now + timedelta(minutes=5))
    assert run.said == []


def changed(phone: str) -> TroubleTickets:
    wish = CustomerNotification(
        contact_type="phone", contact_value=phone, trigger=NotificationTriggerKind.POWER_RESTORED
    )
    return TroubleTickets(trouble_ticket=(ticket("T-1", notification=(wish,)),))


def told(run: Run, payload: TroubleTickets, verb: Verb, at: str) -> None:
    list(run.app.handle(event(payload, verb, moment(at)), run))  # type: ignore[arg-type]


def called_back(run: Run, at: str) -> list[str]:
    """Who is called when supply is back."""
    run.play({"at": at, "outage": OUT})
    run.play({"at": at, "outage": {"id": "O-1", "verb": "closed", "start": "07:50"}})
    run.said = []
    run.until(run.now + timedelta(minutes=5))
    return [line for one in run.said for line in plain(one)]


def test_a_change_is_told_before_its_call(run: Run) -> None:
    run.until(moment("08:06"))
    told(run, changed("888"), Verb.CHANGED, "08:04")
    told(run, changed("999"), Verb.CHANGED, "08:05")
    list(run.app.handle(call(CALL, moment("08:00")), run))  # type: ignore[arg-type]
    assert called_back(run, "08:10") == ["call 999 of T-1: powerRestored"]


def test_the_end_is_told_before_the_call(run: Run) -> None:
    run.until(moment("08:31"))
    told(run, TroubleTickets(trouble_ticket=(ticket("T-1"),)), Verb.CLOSED, "08:30")
    list(run.app.handle(call(CALL, moment("08:00")), run))  # type: ignore[arg-type]
    assert called_back(run, "08:32") == []


def test_a_call_is_told_again_after_its_end(run: Run) -> None:
    run.play({"at": "08:00", "call": CALL})
    assert called_back(run, "08:10") == ["call 123 of T-1: powerRestored"]
    over = TroubleTickets(trouble_ticket=(ticket("T-1"),))
    told(run, over, Verb.CLOSED, "08:20")
    told(run, changed("999"), Verb.CHANGED, "08:19")  # late
    list(run.app.handle(call(CALL, moment("08:00")), run))  # type: ignore[arg-type]
    run.until(moment("08:30"))
    assert store.tickets(run.connection, sa.true()) == []
    run.play({"at": "09:00", "call": CALL})  # opened again
    run.play({"at": "09:01", "outage": OUT | {"id": "O-2", "start": "08:50"}})
    run.play({"at": "09:02", "outage": {"id": "O-2", "verb": "closed", "start": "08:50"}})
    assert run.play({"at": "09:10"}) == ["call 123 of T-1: powerRestored"]


def test_what_is_asked_comes_after_the_end_of_the_same_moment(run: Run) -> None:
    run.until(moment("08:00"))
    for verb in (Verb.CREATE, Verb.CLOSE, Verb.CREATE):
        said = ask(run, verb, ticket("T-1", moment("07:59")))
        assert said[0].reply is not None
        assert said[0].reply.result is Result.OK
    assert [row.id for row in store.tickets(run.connection, sa.true())] == ["T-1"]


def test_that_a_ticket_is_over_is_forgotten(run: Run) -> None:
    run.play({"at": "08:00", "call": CALL})
    told(run, TroubleTickets(trouble_ticket=(ticket("T-1"),)), Verb.CLOSED, "08:00")
    told(run, TroubleTickets(trouble_ticket=(ticket("T-2", comment="dog"),)), Verb.CHANGED, "08:00")
    assert len(store.absent_by(run.connection, ["T-1", "T-2"])) == 2
    run.until(run.now + timedelta(days=31))
    assert store.absent_by(run.connection, ["T-1", "T-2"]) == {}
