"""Incidents from the field: asked, told, and what becomes of their dangers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from cim.message import Header, Kind, Message, ObjectId, Outgoing, Request, Result, Verb
from cim.profiles.compounds import Status
from cim.profiles.field_locations import Premises
from cim.profiles.identification import Name
from cim.profiles.incidents import Incident, IncidentHazard, Incidents
from cim.profiles.operations_documents import UnplannedOutage
from dms_apps.outage import reports
from hub.dispatch.reports import Given
from hub.dispatch.stamp import stamp
from hub.journal.canonical import encode_checked
from tests.dms_apps.outage.conftest import LOST, RESTORED, Run, event_message
from tests.dms_apps.outage.test_app import DEVICES


def incident(mrid: str | None, *hazards: str, over: bool = False, **said: Any) -> Incident:
    status = Status(value="cleared") if over else None
    dangers = tuple(IncidentHazard(type=hazard, status=status) for hazard in hazards)
    return Incident(mrid=mrid, incident_hazard=dangers, **said)


def at(name: str) -> Premises:
    return Premises(names=(Name(name=name),))


def ask(run: Run, verb: Verb, *some: Incident, ids: Sequence[str] = ()) -> list[Outgoing]:
    header = Header(
        verb=verb, noun="Incidents", timestamp=run.at, message_id=f"{verb} {run.at} {len(some)}"
    )
    message = Message(
        header=header,
        kind=Kind.REQUEST,
        request=Request(ids=tuple(ObjectId(value=one) for one in ids)) if ids else None,
        payload=Incidents(incident=some) if some else None,
    )
    said = run.handle(message)
    for one in said:
        if one.payload is not None and one.verb is not Verb.REPLY:
            encode_checked(stamp(one, "outage", run.at))
    return said


def after_a_while(run: Run) -> None:
    run.until(run.at + timedelta(minutes=3))


def dangers(run: Run) -> dict[str, list[tuple[str | None, str | None]]]:
    """mRID of the outage -> cause and incident of each danger."""
    return {
        o.mrid or "": [(i.cause, i.mrid) for i in o.incident] for o in run.outages() if o.incident
    }


def refused(said: list[Outgoing]) -> tuple[str, str | None]:
    assert said[0].reply is not None
    assert said[0].reply.result is Result.FAILED
    [error] = said[0].reply.errors
    return error.code, error.details


def test_a_danger_where_nobody_is_out_is_there_by_itself(start: Callable[..., Run]) -> None:
    run = start(DEVICES)
    reply, created = ask(run, Verb.CREATE, incident("I-1", "wire down", location=at("M1")))
    assert reply.reply is not None
    assert (reply.reply.result, reply.reply.ids[0].value) == (Result.OK, "I-1")
    assert created.verb is Verb.CREATED
    after_a_while(run)
    assert [*dangers(run).values()] == [[("wire down", "I-1")]]
    [outage] = run.outages()
    assert outage.status is not None
    assert outage.status.value == "hazard"
    assert "wire down (incident I-1)" in (outage.comment or "")
    run.handle(event_message(Incidents(incident=(incident("I-1", "wire down", over=True),)),
                             Verb.CHANGED))  # fmt: skip
    after_a_while(run)
    assert run.outages() == []


def test_a_danger_stays_the_same_whatever_else_happens_on_its_feeder(
    start: Callable[..., Run],
) -> None:
    run = start(DEVICES)
    ask(run, Verb.CREATE, incident("I-1", "WIRE_DOWN", location=at("M1")))
    after_a_while(run)
    [mrid] = dangers(run)
    for says in (LOST, RESTORED):
        run.meter("M4", says, run.at)
        after_a_while(run)
        assert [*dangers(run)] == [mrid]
    assert [verb for verb, one in run.told if one.mrid == mrid] == [Verb.CREATED]


def test_a_danger_joins_the_outage_at_its_place_and_ends_with_its_incident(
    start: Callable[..., Run],
) -> None:
    run = start(DEVICES)
    run.meters([(meter, LOST, run.at) for meter in ("M7", "M8", "M9")])
    after_a_while(run)
    [outage] = run.outages()
    pointer = UnplannedOutage(mrid=outage.mrid)
    ask(run, Verb.CREATE, incident("I-1", "gas", unplanned_outage=pointer))
    after_a_while(run)
    assert dangers(run) == {outage.mrid: [("gas", "I-1")]}
    ask(run, Verb.CHANGE, incident("I-1", subject="the whole street smells"))
    [answer] = ask(run, Verb.GET, ids=["I-1"])
    assert isinstance(answer.payload, Incidents)
    [known] = answer.payload.incident
    assert (known.subject, known.incident_hazard[0].type) == ("the whole street smells", "gas")
    _, closed = ask(run, Verb.CLOSE, incident("I-1"))
    assert closed.verb is Verb.CLOSED
    after_a_while(run)
    assert dangers(run) == {}
    assert [o.mrid for o in run.outages()] == [outage.mrid]
    assert ask(run, Verb.GET)[0].payload is None
    assert refused(ask(run, Verb.CHANGE, incident("I-1", "gas")))[0] == "6.1"


def test_a_danger_of_a_device_and_one_without_a_place(start: Callable[..., Run]) -> None:
    run = start(DEVICES)
    ask(run, Verb.CREATE, incident("I-1", "pole down", location=at("T3")))
    ask(run, Verb.CREATE, incident("I-2", "fire", location=at("behind the church")))
    after_a_while(run)
    assert [*dangers(run).values()] == [[("pole down", "I-1")]]
    given = Given(run.connection, run.at, lambda: run.network)
    unresolved = reports.answer("unresolved", {}, given)
    assert [(row[0], row[2], row[4]) for row in unresolved.rows] == [
        ("incident I-2", "fire", "behind the church")
    ]


@pytest.mark.parametrize(
    ("verb", "one", "code", "words"),
    [
        (Verb.CREATE, incident("I-1", "gas"), "6.1", "exists already"),
        (Verb.CREATE, incident("I-2"), "5.8", "says nothing"),
        (
            Verb.CREATE,
            incident("I-2", "gas", unplanned_outage=UnplannedOutage(mrid="U-9")),
            "2.15",
            "UnplannedOutage U-9",
        ),
        (Verb.CHANGE, incident("I-9", "gas"), "2.15", "There is no incident I-9"),
        (Verb.CLOSE, incident(None), "5.8", "mRID"),
    ],
)
def test_what_cannot_be_done_is_named(
    start: Callable[..., Run], verb: Verb, one: Incident, code: str, words: str
) -> None:
    run = start(DEVICES)
    ask(run, Verb.CREATE, incident("I-1", "wire down"))
    found = refused(ask(run, verb, one))
    assert found[0] == code
    assert words in (found[1] or "")
    [row] = run.app.report("refused", {}, run).rows
    of = "U-9" if one.unplanned_outage else ""
    assert row[2:] == (str(verb), "", of, found[1])


def test_what_was_refused_of_several_is_seen_of_each(start: Callable[..., Run]) -> None:
    run = start(DEVICES)
    run.call("M8", run.at)
    after_a_while(run)
    [outage] = run.outages()
    pointer = UnplannedOutage(mrid=outage.mrid)
    ask(run, Verb.CHANGE, incident("I-8", unplanned_outage=pointer), incident("I-9"))
    ask(run, Verb.CHANGE)
    rows = run.app.report("refused", {}, run).rows
    assert sorted((row[3], row[4], row[5]) for row in rows) == [
        ("", "", "Incidents, Incident: it names none."),
        ("", "", "There is no incident I-9."),
        (outage.mrid, "", "There is no incident I-8."),
    ]
