"""What the app shows beside messages: how many have called of each outage, and who is in one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import sqlalchemy as sa

from dms_apps.trouble_calls.places import Key
from dms_apps.trouble_calls.tables import customer, out, outage, refused, ticket
from hub.interfaces import Asking
from hub.report import Cell, Column, Offer, Parameter, Report

CALLS, CALLERS, CUSTOMERS, REFUSED = "by-outage", "callers", "customers", "refused"
_OF = (Parameter("outage", "mRID of the outage, or its name when it has none.", needed=True),)
_TICKETS = frozenset({"UnplannedOutages", "TroubleTickets"})
OFFERS = (
    Offer(CALLS, "How many calls there are of each open outage.", (), _TICKETS),
    Offer(CALLERS, "Who has called of an outage, the first first.", _OF, _TICKETS),
    Offer(
        CUSTOMERS,
        "Who is without supply in an outage: account, telephone and premises.",
        _OF,
        frozenset({"UnplannedOutages", "CustomerAgreements"}),
    ),
    Offer(
        REFUSED,
        "What was asked of tickets and not done, and why, the newest first.",
        (),
        frozenset({"TroubleTickets"}),
    ),
)
_NEWEST = 500
_CUSTOMER = (Key.ACCOUNT, Key.PHONE, Key.PREMISE)


def report(name: str, asked: Mapping[str, str], given: Asking) -> Report:
    """The answer to one of the offers."""
    if name == CALLS:
        return calls(given)
    if name == REFUSED:
        return refusals(given)
    of = asked["outage"]
    return callers(of, given) if name == CALLERS else customers(of, given)


def calls(given: Asking) -> Report:
    """By outage, those with the most first."""
    count = sa.func.count()
    found = (
        sa.select(ticket.c.outage, count, sa.func.min(ticket.c.reported_at))
        .join(outage, outage.c.id == ticket.c.outage)
        .where(outage.c.over == "")
        .group_by(ticket.c.outage)
        .order_by(count.desc(), ticket.c.outage)
    )
    return Report(
        title="Calls by outage",
        at=given.now,
        columns=(Column("outage"), Column("calls"), Column("first")),
        rows=[tuple(row) for row in given.connection.execute(found)],
    )


def refusals(given: Asking) -> Report:
    """500 of them at most."""
    columns = (refused.c.at, refused.c.who, refused.c.request, refused.c.ticket, refused.c.why)
    found = sa.select(*columns).order_by(refused.c.at.desc(), refused.c.number).limit(_NEWEST)
    return Report(
        title="Refused requests",
        at=given.now,
        columns=tuple(Column(column.name) for column in columns),
        rows=[tuple(row) for row in given.connection.execute(found)],
    )


def callers(of: str, given: Asking) -> Report:
    """The tickets that are tied to the outage."""
    found = (
        sa.select(ticket.c.name, ticket.c.reported_at, ticket.c.account, ticket.c.restored_at)
        .where(ticket.c.outage == of)
        .order_by(ticket.c.reported_at, ticket.c.id)
    )
    return Report(
        title=f"Calls of outage {of}",
        at=given.now,
        columns=(
            Column("call"), Column("reported"), Column("account", personal=True),
            Column("supply back"),
        ),
        rows=[tuple(row) for row in given.connection.execute(found)],
    )  # fmt: skip


def customers(of: str, given: Asking) -> Report:
    """Of each usage point without supply what the customers' data have of it.

    Outages and customers may call it by mRID or by name: it is one, where either data say so.
    """
    without = sa.and_(out.c.outage == of, out.c.until.is_(None))
    points = given.connection.scalars(sa.select(out.c.point).where(without)).all()
    called = {given.network.usage_point_of(point) or point for point in points}
    known = (
        sa.select(customer.c.point, customer.c.key)
        .join(out, out.c.point == customer.c.point)
        .where(without)
        .order_by(customer.c.point, customer.c.key)
        .distinct()
    )
    told: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    also: set[str] = set()
    for point, key in given.connection.execute(known):
        kind, _, value = key.partition(" ")
        if kind != Key.POINT:
            told[point][kind].append(value)
        elif value != point:
            also.add(value)
    rows: list[tuple[Cell, ...]] = [
        (point, *(", ".join(told[point][kind]) or None for kind in _CUSTOMER))
        for point in sorted(called - also | told.keys())
    ]
    return Report(
        title=f"Customers without supply in outage {of}",
        at=given.now,
        columns=(
            Column("usage point", personal=True), Column("account", personal=True),
            Column("telephone", personal=True), Column("premises", personal=True),
        ),
        rows=rows,
    )  # fmt: skip
