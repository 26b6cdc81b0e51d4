"""Tickets that are asked to be created, changed, closed, cancelled, and shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from cim.message import (
    Header,
    Kind,
    Message,
    ObjectId,
    Outgoing,
    Property,
    Request,
    Result,
    User,
    Verb,
)
from cim.profiles.compounds import Status
from cim.profiles.customer_contacts import Customer
from cim.profiles.identification import UsagePoint
from cim.profiles.premises import ServiceLocation
from cim.profiles.trouble_tickets import TroubleTicket, TroubleTickets
from hub.dispatch.stamp import stamp
from hub.journal.canonical import decode, encode, encode_checked
from tests.dms_apps.trouble_calls.playing import Run, moment, names
from tests.dms_apps.trouble_calls.test_cases import begun


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'calls.db'}")
    with engine.connect() as connection:
        run = begun(connection)
        run.until(moment("10:00"))
        yield run
    engine.dispose()


def ticket(mrid: str | None, reported: datetime | None = None, **said: Any) -> TroubleTicket:
    return TroubleTicket(
        mrid=mrid,
        date_time_of_report=reported,  # type: ignore[arg-type]  # a change says what is new
        **said,
    )


def at(point: str) -> ServiceLocation:
    return ServiceLocation(usage_points=(UsagePoint(names=names(point)),))


def ask(run: Run, verb: Verb, *tickets: TroubleTicket, **of: Any) -> list[Outgoing]:
    """The reply, and what follows."""
    header = Header(
        verb=verb, noun="TroubleTickets", timestamp=run.now, message_id=f"{verb} {run.now}",
        user=User(user_id="anna"),
    )  # fmt: skip
    payload = TroubleTickets(trouble_ticket=tickets) if tickets else None
    request = of["request"] if "request" in of else Request(**of) if of else None
    message = Message(header=header, kind=Kind.REQUEST, payload=payload, request=request)
    said = list(run.app.handle(message, run))  # type: ignore[arg-type]  # enough of a context
    for one in said:
        if one.payload is not None and one.verb is not Verb.REPLY:
            encode_checked(stamp(one, "trouble_calls", run.now))
    assert said[0].verb is Verb.REPLY
    return said


def refused(said: list[Outgoing]) -> list[tuple[str, str | None]]:
    """Codes and sentences."""
    assert said[0].reply is not None
    assert said[0].reply.result is not Result.OK
    return [(error.code, error.details) for error in said[0].reply.errors]


def test_a_ticket_lives_by_requests(run: Run) -> None:
    new = ticket(
        "T-1", moment("09:55"), names=names("77"), customer=Customer(names=names("ACC-7")),
        service_location=at("M1"),
    )  # fmt: skip
    reply, created = ask(run, Verb.CREATE, new)
    assert reply.reply is not None
    assert (reply.reply.result, reply.reply.ids[0].value) == (Result.OK, "T-1")
    assert created.verb is Verb.CREATED
    assert refused(ask(run, Verb.CREATE, new)) == [
        ("6.1", "TroubleTicket T-1: it exists already and can only be changed.")
    ]
    run.play({"at": "10:01", "outage": {"id": "O-1", "verb": "created", "points": ["M1"]}})
    for ids in ((), ("T-1",), ("77",), ("ACC-7",), ("M1",)):
        asked = tuple(ObjectId(value=one) for one in ids)
        [answer] = ask(run, Verb.GET, ids=asked)
        assert isinstance(answer.payload, TroubleTickets)
        [found] = answer.payload.trouble_ticket
        assert (found.mrid, found.date_time_of_report) == ("T-1", moment("09:55"))
        assert found.unplanned_outage is not None
        assert found.unplanned_outage.mrid == "O-1"
    _, changed = ask(run, Verb.CHANGE, ticket(None, names=names("77"), comment="dog in the yard"))
    assert isinstance(changed.payload, TroubleTickets)
    assert changed.payload.trouble_ticket[0].mrid == "T-1"
    _, closed = ask(run, Verb.CLOSE, ticket("T-1"))
    assert isinstance(closed.payload, TroubleTickets)
    assert closed.verb is Verb.CLOSED
    assert closed.payload.trouble_ticket[0].resolved_date_time == run.now
    assert refused(ask(run, Verb.GET, ids=(ObjectId(value="T-1"),))) == [
        ("2.15", "TroubleTicket T-1: no open ticket is called so.")
    ]


def test_what_was_asked_is_learnt_from_the_events(run: Run) -> None:
    """Requests are not told again to an app that is added later."""
    said = ask(run, Verb.CREATE, ticket("T-1", moment("09:55"), service_location=at("M1")))
    run.until(moment("10:01"))
    said += ask(run, Verb.CHANGE, ticket("T-1", comment="dog in the yard"))
    run.until(moment("10:02"))
    said += ask(run, Verb.CHANGE, ticket("T-1", comment="the dog is gone"))
    events = [stamp(one, "trouble_calls", run.now) for one in said if one.verb is not Verb.REPLY]
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        later = begun(connection)
        later.until(moment("11:00"))
        for one in (*events, *events, events[1]):  # also again, and late
            list(later.app.handle(decode(encode(one)), later))  # type: ignore[arg-type]
        [was], [now] = ask(run, Verb.GET), ask(later, Verb.GET)
        assert now.payload == was.payload
    engine.dispose()
    [word] = events[1].header.properties
    assert (word.name, word.value) == ("by", "anna")


def test_a_call_without_a_place_is_taken(run: Run) -> None:
    reply, created = ask(run, Verb.CREATE, ticket(None, moment("09:58")))
    assert reply.reply is not None
    assert isinstance(created.payload, TroubleTickets)
    [made] = created.payload.trouble_ticket
    assert made.mrid == reply.reply.ids[0].value
    _, over = ask(run, Verb.CANCEL, ticket(made.mrid))
    assert over.verb is Verb.CANCELED
    [answer] = ask(run, Verb.GET)
    assert answer.payload is None
    assert answer.reply is not None
    assert answer.reply.result is Result.OK


def test_a_call_back_is_answered_by_request(run: Run) -> None:
    ask(run, Verb.CREATE, ticket("T-1", moment("09:55"), service_location=at("M1")))
    said = Status(reason="callback", value="powerOn", date_time=moment("09:59"))
    told = ask(run, Verb.CHANGE, ticket("T-1", status=said))
    assert [one.verb for one in told] == [Verb.REPLY, Verb.CHANGED, Verb.CLOSED]


@pytest.mark.parametrize(
    ("verb", "one", "code", "sentence"),
    [
        (
            Verb.CREATE,
            ticket("T-2", moment("11:00")),
            "6.1",
            "11:00:00+00:00: it lies in the future.",
        ),
        (
            Verb.CREATE,
            ticket("T-2", moment("10:00") - timedelta(days=31)),
            "6.1",
            "T10:00:00+00:00: it lies more than 30 days in the past.",
        ),
        (Verb.CHANGE, ticket("nobody"), "2.15", "nobody: no open ticket"),
        (Verb.CLOSE, ticket(None), "5.8", "mRID: it is missing"),
        (Verb.CLOSE, ticket("T-1", resolved_date_time=moment("09:00")), "6.1", "before the report"),
        (Verb.CLOSE, ticket("T-1", resolved_date_time=moment("12:00")), "6.1", "in the future"),
    ],
)
def test_what_cannot_be_done_is_named(
    run: Run, verb: Verb, one: TroubleTicket, code: str, sentence: str
) -> None:
    ask(run, Verb.CREATE, ticket("T-1", moment("09:55")))
    [said] = refused(ask(run, verb, one))
    assert said[0] == code
    assert sentence in (said[1] or "")
    [row] = run.app.report("refused", {}, run).rows  # type: ignore[arg-type]
    assert row[1:] == ("anna", str(verb), one.mrid or "", said[1])
    done = ask(run, Verb.CREATE, one if verb is Verb.CREATE else ticket("T-3", moment("09:00")))
    assert len(done) == (1 if verb is Verb.CREATE else 2)


def test_what_of_a_request_can_be_done_is(run: Run) -> None:
    ask(run, Verb.CREATE, ticket("T-1", moment("09:55")))
    told = ask(run, Verb.CLOSE, ticket("T-1"), ticket("nobody"))
    assert told[0].reply is not None
    assert told[0].reply.result is Result.PARTIAL
    assert [one.value for one in told[0].reply.ids] == ["T-1"]
    assert [one.verb for one in told[1:]] == [Verb.CLOSED]


def test_what_was_refused_is_seen_until_it_is_old(run: Run) -> None:
    ask(run, Verb.CLOSE)
    run.until(moment("10:01"))
    ask(run, Verb.CLOSE, ticket(None, names=names("77")), ticket("nobody"))

    def rows() -> list[tuple[Any, ...]]:
        found = run.app.report("refused", {}, run).rows  # type: ignore[arg-type]
        return [tuple(row) for row in found]

    assert [row[:1] + row[3:] for row in rows()] == [
        (moment("10:01"), "77", "TroubleTicket 77: no open ticket is called so."),
        (moment("10:01"), "nobody", "TroubleTicket nobody: no open ticket is called so."),
        (moment("10:00"), "", "TroubleTickets, TroubleTicket: it names none."),
    ]
    run.until(moment("11:02") + timedelta(days=30))  # it looks once an hour
    assert [row[0] for row in rows()] == []


def test_another_option_is_refused(run: Run) -> None:
    option = Property("feeder", "F1")
    assert refused(ask(run, Verb.GET, options=(option,)))[0][0] == "6.1"


def test_who_asks_for_a_ticket_of_a_planned_outage_is_told_until_when(run: Run) -> None:
    period = {"begins": "09:00", "ends": "11:00", "points": ["sp-1"]}
    run.play({"at": "10:00", "plan": {"id": "P-1", "verb": "created", **period}})
    new = ticket("T-1", moment("09:58"), service_location=at("sp-1"))
    said = ask(run, Verb.CREATE, new)
    assert said[0].reply is not None
    assert [error.details for error in said[0].reply.errors] == [
        "Planned interruption of supply from 2025-11-20 09:00 UTC to 2025-11-20 11:00 UTC."
    ]
    [shown] = ask(run, Verb.GET)
    assert isinstance(shown.payload, TroubleTickets)
    status = shown.payload.trouble_ticket[0].status
    assert status is not None
    assert (status.value, status.reason) == ("planned", "P-1")
