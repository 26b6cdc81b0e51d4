"""`get` with StartTime and EndTime: of every noun, those of the time that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from cim.message import Header, Kind, Message, ObjectId, Outgoing, Request, Result, Verb
from cim.network import Network
from cim.profiles.incidents import Incidents
from cim.profiles.trouble_orders import TroubleOrders
from cim.profiles.trouble_tickets import TroubleTickets
from cim.profiles.unplanned_outages import UnplannedOutages
from dms_apps.crews import CrewsApp
from dms_apps.crews.tables import metadata as tables_of_crews
from dms_apps.outage import OutageApp
from dms_apps.outage.tables import metadata as tables_of_outages
from tests.dms_apps.crews import playing as crews
from tests.dms_apps.outage import conftest as outages
from tests.dms_apps.outage.test_incidents import ask as ask_of_incidents
from tests.dms_apps.outage.test_incidents import incident
from tests.dms_apps.trouble_calls import playing as calls
from tests.dms_apps.trouble_calls import test_requests as tickets
from tests.dms_apps.trouble_calls.test_cases import begun

Get = Callable[[Request], Outgoing]
NAMES = ("first", "second", "third")
PLACES: list[dict[str, Any]] = [
    {"id": "T1", "parent": "SS1", "kind": "transformer", "premises": ["M1", "M2", "M3"]}
]


@pytest.fixture
def connection() -> Iterator[sa.Connection]:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def asked(noun: str, request: Request) -> Message:
    header = Header(verb=Verb.GET, noun=noun, timestamp=outages.MORNING, message_id="get")
    return Message(header=header, kind=Kind.REQUEST, request=request)


def of_calls(connection: sa.Connection) -> tuple[Get, datetime]:
    """Tickets that were reported an hour apart."""
    run = begun(connection)
    run.until(calls.moment("10:00"))
    first = calls.moment("07:00")
    for hours, name in enumerate(NAMES):
        one = tickets.ticket(name, first + timedelta(hours=hours))
        tickets.ask(run, Verb.CREATE, one)
    return lambda request: tickets.ask(run, Verb.GET, request=request)[0], first


def of_orders(connection: sa.Connection) -> tuple[Get, datetime]:
    """Orders that were created an hour apart."""
    tables_of_crews.create_all(connection)
    run = crews.Run(CrewsApp(), connection)
    for hours, name in enumerate(NAMES):
        run.tell({"at": f"{7 + hours:02}:00", "ask": {"verb": "create", "id": name}})
    return lambda request: run.take(asked("TroubleOrders", request))[0], crews.moment("07:00")


def of_outages(connection: sa.Connection) -> outages.Run:
    tables_of_outages.create_all(connection)
    run = outages.Run(OutageApp(), connection, Network.empty())
    run.load(PLACES)
    return run


def of_incidents(connection: sa.Connection) -> tuple[Get, datetime]:
    """Incidents that were created an hour apart."""
    run = of_outages(connection)
    first = run.at - timedelta(hours=3)
    for hours, name in enumerate(NAMES):
        at = first + timedelta(hours=hours)
        ask_of_incidents(run, Verb.CREATE, incident(name, "fire", created_date_time=at))
    return lambda request: run.handle(asked("Incidents", request))[0], first


def found(said: Outgoing) -> list[str]:
    match said.payload:
        case TroubleTickets() as some:
            return [one.mrid or "" for one in some.trouble_ticket]
        case TroubleOrders() as some:
            return [one.mrid or "" for one in some.trouble_order]
        case Incidents() as some:
            return [one.mrid or "" for one in some.incident]
    return []


@pytest.mark.parametrize("of", [of_calls, of_orders, of_incidents])
@pytest.mark.parametrize(
    ("start", "end", "ids", "told"),
    [
        (None, None, (), ["first", "second", "third"]),
        (1, None, (), ["second", "third"]),
        (None, 1, (), ["first", "second"]),
        (0.5, 1.5, (), ["second"]),
        (3, None, (), []),
        (0.5, 1.5, ("first", "second"), ["second"]),
    ],
)
def test_those_of_a_period(
    of: Callable[[sa.Connection], tuple[Get, datetime]],
    start: float | None,
    end: float | None,
    ids: tuple[str, ...],
    told: list[str],
    connection: sa.Connection,
) -> None:
    get, first = of(connection)
    begins, ends = (None if at is None else first + timedelta(hours=at) for at in (start, end))
    named = tuple(ObjectId(value=one) for one in ids)
    request = Request(start_time=begins, end_time=ends, ids=named)
    said = get(request)
    assert sorted(found(said)) == told
    assert said.reply is not None
    assert said.reply.result is Result.OK


def test_open_outages_until_a_time(connection: sa.Connection) -> None:
    run = of_outages(connection)
    run.meters([(meter, outages.LOST, run.at) for meter in ("M1", "M2", "M3")])
    run.until(run.at + timedelta(minutes=5))
    for minutes, count in ((-1, 0), (1, 1)):
        # What says no zone is UTC.
        end = (outages.MORNING + timedelta(minutes=minutes)).astimezone(UTC).replace(tzinfo=None)
        [said] = run.handle(asked("UnplannedOutages", Request(end_time=end)))
        assert isinstance(said.payload, UnplannedOutages)
        assert len(said.payload.unplanned_outage) == count
