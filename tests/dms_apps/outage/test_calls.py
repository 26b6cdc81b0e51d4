"""Tickets by mRID and by number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from cim.message import Verb
from cim.network import Network
from cim.profiles.identification import Name
from cim.profiles.premises import ServiceLocation, StreetAddress, StreetDetail
from cim.profiles.trouble_tickets import TroubleTicket
from dms_apps.outage import calls
from dms_apps.outage.tables import metadata, ticket
from tests.in_memory import database

NOON = datetime(2026, 7, 14, 12, tzinfo=UTC)


@pytest.fixture
def connection() -> Iterator[sa.Connection]:
    with database(metadata) as opened:
        yield opened


def said(mrid: str | None, number: str) -> TroubleTicket:
    return TroubleTicket(mrid=mrid, date_time_of_report=NOON, names=(Name(name=number),))


@pytest.mark.parametrize("apart", [False, True])
def test_the_number_alone_means_the_ticket_that_was_told_with_it(
    connection: sa.Connection, *, apart: bool
) -> None:
    told = [said("T1", "N1"), said(None, "N1")]
    for some in [told[:1], told[1:]] if apart else [told]:
        calls.record_tickets(connection, some, Verb.CHANGED, Network.empty(), NOON)
    assert list(connection.scalars(sa.select(ticket.c.id))) == ["T1"]
    calls.record_tickets(connection, [said(None, "N1")], Verb.CLOSED, Network.empty(), NOON)
    assert not calls.open_calls(connection)


@pytest.mark.parametrize(
    ("street", "told"),
    [
        (StreetDetail(address_general="7, Mill Lane"), ["7, Mill Lane"]),
        (
            StreetDetail(number="7", name="Mill", type="Lane", building_name="The Mill"),
            ["7 Mill Lane, The Mill"],
        ),
        (StreetDetail(), []),
    ],
)
def test_where_nobody_knows_the_place_is_the_address(
    connection: sa.Connection, street: StreetDetail, told: list[str]
) -> None:
    place = ServiceLocation(main_address=StreetAddress(street_detail=street))
    one = replace(said("T1", "N1"), service_location=place)
    calls.record_tickets(connection, [one], Verb.CREATED, Network.empty(), NOON)
    calls.record_tickets(connection, [one], Verb.CHANGED, Network.empty(), NOON)
    [found] = calls.open_calls(connection)
    assert [*found.called] == told
