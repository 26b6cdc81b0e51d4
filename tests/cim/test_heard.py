"""Every time that an app hears has a zone and is one, wherever in whatever noun it is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from cim.heard import heard, odd
from cim.message import Header, Kind, Message, Operation, OperationSet, Request, Verb
from cim.model.terms import key
from cim.objects import times
from cim.profile import Profile
from cim.profiles import NOUNS
from cim.profiles.compounds import DateTimeInterval
from cim.profiles.measurement_values import Analog, AnalogValue, MeasurementValues
from cim.profiles.planned_outages import PlannedOutage, PlannedOutages
from cim.profiles.trouble_tickets import TroubleTicket, TroubleTickets
from cim.times import FIRST, LAST
from tests.cim.network.drawing import event, street
from tests.dms_apps.any_time import made, places, put

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
EAST, WEST = timezone(timedelta(hours=14)), timezone(-timedelta(hours=14))
NEVER = [
    at.replace(tzinfo=zone)
    for at in (datetime(1, 1, 1), datetime(1970, 1, 1), datetime(9999, 12, 31, 23, 59, 59))
    for zone in (UTC, EAST, WEST, None)
]


def message(payload: Profile, verb: Verb = Verb.CREATED, at: datetime | None = None) -> Message:
    header = Header(verb=verb, noun=type(payload).__name__, timestamp=at)
    return Message(header=header, kind=Kind.of(verb), payload=payload)


def ticket(at: datetime) -> TroubleTickets:
    return TroubleTickets(trouble_ticket=(TroubleTicket(mrid="t", date_time_of_report=at),))


def reported(of: Message) -> datetime | None:
    assert isinstance(of.payload, TroubleTickets)
    return of.payload.trouble_ticket[0].date_time_of_report


@pytest.mark.parametrize("noun", NOUNS)
def test_no_time_of_a_noun_is_none(noun: str) -> None:
    for place in places(NOUNS[noun]):
        for at in NEVER:
            said = message(put(made(NOUNS[noun]), place, at), at=at)
            assert all(FIRST < one < LAST for one in times(heard(said, NOON).payload)), place
            assert heard(said, NOON).header.timestamp is None


@pytest.mark.parametrize("noun", NOUNS)
def test_what_says_no_zone_is_utc(noun: str) -> None:
    for place in places(NOUNS[noun]):
        said = put(made(NOUNS[noun]), place, NOON.replace(tzinfo=None))
        assert heard(message(said), NOON).payload == put(made(NOUNS[noun]), place, NOON)


def test_what_is_as_it_should_be_is_the_same() -> None:
    said = message(ticket(LATER), at=NOON.astimezone(EAST))
    assert heard(said, NOON) is said


@pytest.mark.parametrize("at", NEVER)
def test_what_must_be_said_counts_as_when_it_is_told(at: datetime) -> None:
    assert reported(heard(message(ticket(at), at=LATER), NOON)) == LATER
    assert reported(heard(message(ticket(at), at=at), NOON)) == NOON
    # A change says only what is new.
    assert reported(heard(message(ticket(at), Verb.CHANGED), NOON)) is None


def test_the_operations_of_a_set_are_heard_alike() -> None:
    never = NEVER[0]
    operations = tuple(
        Operation(operation_id=number, noun="TroubleTickets", verb=verb, payload=ticket(never))
        for number, verb in enumerate((Verb.CREATED, Verb.CHANGED))
    )
    said = message(ticket(NOON), at=LATER)
    found = heard(replace(said, payload=OperationSet(operations=operations)), NOON).payload
    assert isinstance(found, OperationSet)
    assert [reported(message(one.payload)) for one in found.operations] == [LATER, None]  # type: ignore[arg-type]


def test_a_request_for_all_times_asks_for_all() -> None:
    said = message(ticket(NOON), Verb.GET)
    for at in NEVER:
        for start, end in ((at, None), (None, at)):
            asked = heard(replace(said, request=Request(start_time=start, end_time=end)), NOON)
            assert asked.request is not None
            assert all(one in (None, FIRST, LAST) for one in asked.request.period)


@pytest.mark.parametrize("at", NEVER)
def test_what_a_request_says_that_is_no_time_is_named(at: datetime) -> None:
    plan = PlannedOutage(mrid="p", estimated_period=DateTimeInterval(start=NOON, end=at))
    said = message(PlannedOutages(planned_outage=(plan,)), Verb.CREATE)
    [found] = odd(said)
    assert found.rule.startswith(
        f"PlannedOutage p, estimatedPeriod.end {at.isoformat()}: it is no time;"
    )
    assert odd(message(said.payload, Verb.CREATED)) == ()  # type: ignore[arg-type]


@pytest.mark.parametrize("at", NEVER)
def test_a_value_of_no_time_hides_no_later_one(at: datetime) -> None:
    network = street().network()
    for number, stamp in enumerate((at, NOON)):
        one = AnalogValue(value=float(number), time_stamp=stamp, analog=Analog(mrid="m"))
        told = event(Verb.CREATED, MeasurementValues(analog_value=(one,)))
        network = network.after(replace(told, header=replace(told.header, timestamp=at)))
    assert network.overlay.measured[key("m")].value == 1.0
