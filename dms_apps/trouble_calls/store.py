"""Customers and tickets in their tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from cim.bounds import short, whole
from cim.kept import document, payload_in
from cim.message import Message
from cim.objects import changed
from cim.profiles.kinds import NotificationTriggerKind
from cim.profiles.trouble_tickets import TroubleTicket, TroubleTickets
from dms_apps.trouble_calls.places import Key, account_of
from dms_apps.trouble_calls.tables import (
    absent,
    customer,
    out,
    outage,
    planned,
    refused,
    ticket,
    ticket_key,
    wish,
)
from hub.inserts import insert_all, insert_new, put_all


class Callback(NamedTuple):
    """One caller to be told of one thing.

    about: the restoration, or the restoration time, that is told.
    """

    ticket: sa.Row[Any]
    wish: sa.Row[Any]
    trigger: NotificationTriggerKind
    about: datetime


_MANY = 500  # values in one statement

# What every call asks for, made once: making a statement takes as long as carrying it out.
_MEMBERS: sa.BindParameter[Any] = sa.bindparam("these", expanding=True)
_ONE: sa.BindParameter[str] = sa.bindparam("this")
_KNOWN = sa.select(customer.c.key, customer.c.point).where(customer.c.key.in_(_MEMBERS))
_TOLD = [column for column in ticket.c if column is not ticket.c.document]
_ABSENT = sa.select(*absent.c).where(absent.c.id.in_(_MEMBERS))
_TICKET = sa.select(*_TOLD).where(ticket.c.id == _ONE)
_POINTS = sa.select(ticket_key.c.key).where(
    ticket_key.c.ticket == _ONE, ticket_key.c.key.startswith(f"{Key.POINT} ", autoescape=True)
)
_TIE = (
    sa.update(ticket)
    .where(ticket.c.id == _ONE)
    .values(
        outage=sa.bindparam("behind"), restored_at=sa.bindparam("back"), due_at=sa.bindparam("due")
    )
)


def keep_customer(
    connection: sa.Connection, agreement: str, keys: Iterable[tuple[str, str]]
) -> None:
    """What an agreement says, in place of what it said before."""
    connection.execute(sa.delete(customer).where(customer.c.agreement == agreement))
    rows = [{"agreement": agreement, "key": key, "point": point} for key, point in sorted(keys)]
    insert_all(connection, customer, rows)


def known_points(connection: sa.Connection, keys: Collection[str]) -> set[str]:
    """The usage points that the customers' data have under any of the keys."""
    return {point for found in points_by(connection, keys).values() for point in found}


def points_by(connection: sa.Connection, keys: Collection[str]) -> dict[str, set[str]]:
    """The same by key."""
    found: dict[str, set[str]] = defaultdict(set)
    for some in parts(keys):
        for key, point in connection.execute(_KNOWN, {"these": some}):
            found[key].add(point)
    return found


def places(keys: Collection[str], known: Mapping[str, Set[str]]) -> set[str]:
    """The usage points of a call: as named, else those of its premises; else, where there is but
    one, that of the account or the telephone.  Which of several is meant nobody can know.

    known: `points_by` of the keys.
    """

    def found(kind: Key) -> set[str]:
        of_kind = (key for key in keys if key.startswith(f"{kind} "))
        return {point for key in of_kind for point in known.get(key, ())}

    named = {k.removeprefix(f"{Key.POINT} ") for k in keys if k.startswith(f"{Key.POINT} ")}
    if named:
        return named | found(Key.POINT)
    if some := found(Key.PREMISE):
        return some
    for kind in (Key.ACCOUNT, Key.PHONE):
        if len(some := found(kind)) == 1:
            return some
    return set()


def add_tickets(
    connection: sa.Connection, given: Mapping[str, tuple[TroubleTicket, Collection[str]]]
) -> dict[str, sa.Row[Any]]:
    """Keep tickets, by identity and with their keys; those that were not there before."""
    if not given:
        return {}
    rows = [_row(identity, one) for identity, (one, _) in given.items()]
    added = {row.id: row for row in insert_new(connection, ticket, rows, *_TOLD)}
    found = [{"key": k, "ticket": i} for i in added for k in sorted(set(given[i][1]))]
    insert_all(connection, ticket_key, found)
    _add_wishes(connection, {identity: given[identity][0] for identity in added})
    return added


def put_points(connection: sa.Connection, identity: str, points: Collection[str]) -> bool:
    """A ticket is at these usage points, in place of where it was; whether that is news."""
    keys = {Key.POINT.of(point) for point in points}
    if keys == set(connection.scalars(_POINTS, {"this": identity})):
        return False
    kinds = (Key.POINT, Key.PREMISE)
    old = sa.or_(*(ticket_key.c.key.startswith(f"{kind} ", autoescape=True) for kind in kinds))
    connection.execute(sa.delete(ticket_key).where(ticket_key.c.ticket == identity, old))
    insert_all(connection, ticket_key, [{"key": key, "ticket": identity} for key in sorted(keys)])
    return True


def _row(identity: str, one: TroubleTicket) -> dict[str, Any]:
    kind = one.names[0].name_type if one.names else None
    issuer = kind.name_type_authority if kind else None
    return {
        "id": identity,
        "mrid": one.mrid,
        "name": one.names[0].name if one.names else "",
        "issuer": issuer.name if issuer else "",
        "account": account_of(one.customer),
        "reported_at": one.date_time_of_report,
        "document": _document(one),
    }


class Absent(NamedTuple):
    """What was said last of a ticket that is not here: that it is over, or what has changed."""

    at: datetime
    over: bool
    change: TroubleTicket | None = None

    def with_call(self, call: TroubleTicket, at: datetime) -> TroubleTicket | None:
        """The ticket of a call that is told now, as of `at`; None when it was over by then."""
        if at > self.at:
            return call
        if self.change is None:
            return None
        known = changed(call, replace(self.change, date_time_of_report=call.date_time_of_report))
        assert isinstance(known, TroubleTicket)  # noqa: S101 - as it was
        return known


def absent_by(connection: sa.Connection, identities: Collection[str]) -> dict[str, Absent]:
    """What was said of tickets that are, or were, not here."""
    found: dict[str, Absent] = {}
    for some in parts(identities):
        for identity, at, over, kept in connection.execute(_ABSENT, {"these": some}):
            found[identity] = Absent(at, over, None if kept is None else _ticket_in(kept))
    return found


def keep_absent(connection: sa.Connection, identity: str, one: TroubleTicket, at: datetime) -> None:
    """What is said of a ticket whose call was not told yet, beside what was said of it before; of
    one that is over nothing."""
    before = absent_by(connection, [identity]).get(identity)
    if before and before.over:
        return
    known = changed(before.change, one) if before and before.change else one
    assert isinstance(known, TroubleTicket)  # noqa: S101 - as it was
    at = max(at, before.at) if before else at
    dated = replace(known, date_time_of_report=known.date_time_of_report or at)  # it must have one
    row = {"id": identity, "at": at, "over": False, "document": _document(dated)}
    put_all(connection, absent, [row])


def end_ticket(connection: sa.Connection, identity: str, at: datetime) -> None:
    """A ticket is over, as of `at`; who tells of its call after that tells what was before."""
    before = absent_by(connection, [identity]).get(identity)
    at = max(at, before.at) if before and before.over else at
    put_all(connection, absent, [{"id": identity, "at": at, "over": True, "document": None}])
    remove_tickets(connection, [identity])


def is_here(connection: sa.Connection, identity: str) -> bool:
    """Whether the ticket is open."""
    return connection.execute(_TICKET, {"this": identity}).first() is not None


def said_of(connection: sa.Connection, identity: str) -> TroubleTicket | None:
    """All that was said of a ticket; None where it was not kept yet."""
    kept = connection.scalar(sa.select(ticket.c.document).where(ticket.c.id == identity))
    return None if kept is None else _ticket_in(kept)


def keep_said(connection: sa.Connection, identity: str, one: TroubleTicket) -> None:
    """What is said of a ticket anew, beside what was said before."""
    before = said_of(connection, identity)
    if before is None:
        return
    now = changed(before, one)
    assert isinstance(now, TroubleTicket)  # noqa: S101 - as it was
    update_ticket(connection, identity, document=_document(now))


def _ticket_in(kept: bytes) -> TroubleTicket:
    return payload_in(kept, TroubleTickets).trouble_ticket[0]


def _document(one: TroubleTicket) -> bytes:
    return document(TroubleTickets(trouble_ticket=(one,)))


def keep_wishes(connection: sa.Connection, identity: str, one: TroubleTicket) -> None:
    """Of what its caller wants to be told, in place of what was wanted before."""
    connection.execute(sa.delete(wish).where(wish.c.ticket == identity))
    _add_wishes(connection, {identity: one})


def _add_wishes(connection: sa.Connection, tickets: Mapping[str, TroubleTicket]) -> None:
    rows = [
        {
            "ticket": identity,
            "number": number,
            "trigger": str(notification.trigger),
            "contact_type": whole(notification.contact_type),
            "contact_value": whole(notification.contact_value),
            "earliest": notification.earliest_date_time_to_call,
            "latest": notification.latest_date_time_to_call,
        }
        for identity, one in tickets.items()
        for number, notification in enumerate(one.notification, 1)
        if notification.trigger
    ]
    insert_all(connection, wish, rows)


def remove_tickets(connection: sa.Connection, identities: Collection[str]) -> None:
    for column in (wish.c.ticket, ticket_key.c.ticket, ticket.c.id):
        for some in parts(identities):
            connection.execute(sa.delete(column.table).where(column.in_(some)))


def ticket_of(connection: sa.Connection, identity: str) -> sa.Row[Any]:
    """Raises: sqlalchemy.exc.NoResultFound."""
    return connection.execute(_TICKET, {"this": identity}).one()


def tickets(
    connection: sa.Connection, condition: sa.ColumnElement[bool], most: int | None = None
) -> list[sa.Row[Any]]:
    """The first to be reported first."""
    query = sa.select(*_TOLD).where(condition).order_by(ticket.c.reported_at, ticket.c.id)
    return list(connection.execute(query.limit(most)))


def untold(
    connection: sa.Connection, identities: Collection[str], trigger: str
) -> dict[str, list[sa.Row[Any]]]:
    """Ticket -> what its caller still wants to be told of this."""
    found: dict[str, list[sa.Row[Any]]] = defaultdict(list)
    for some in parts(identities):
        condition = sa.and_(wish.c.ticket.in_(some), wish.c.trigger == trigger)
        query = sa.select(wish).where(condition, wish.c.told_at.is_(None))
        for row in connection.execute(query.order_by(wish.c.ticket, wish.c.number)):
            found[row.ticket].append(row)
    return found


def told(
    connection: sa.Connection, identities: Collection[str], found: Iterable[Sequence[Callback]]
) -> None:
    """These tickets are settled, and their callers told so."""
    for some in parts(identities):
        connection.execute(sa.update(ticket).where(ticket.c.id.in_(some)).values(due_at=None))
    rows = [
        {"this": one.ticket.id, "that": one.wish.number, "then": one.about}
        for some in found
        for one in some
    ]
    if rows:
        this = sa.and_(wish.c.ticket == _ONE, wish.c.number == sa.bindparam("that"))
        news = sa.update(wish).where(this).values(told_at=sa.bindparam("then"))
        connection.execute(news, rows)


def tickets_at(connection: sa.Connection, points: Collection[str]) -> set[str]:
    """Those at any of the usage points."""
    found: set[str] = set()
    for some in parts([Key.POINT.of(point) for point in points]):
        query = sa.select(ticket_key.c.ticket).where(ticket_key.c.key.in_(some))
        found.update(connection.scalars(query))
    return found


def update_ticket(connection: sa.Connection, identity: str, **values: Any) -> None:
    connection.execute(sa.update(ticket).where(ticket.c.id == identity).values(values))


def tie(
    connection: sa.Connection,
    identity: str,
    outage: str | None,
    back: datetime | None = None,
    due: datetime | None = None,
) -> None:
    """Which outage is behind a ticket; since when supply seems back, and when that is told."""
    values = {"this": identity, "behind": outage, "back": back, "due": due}
    connection.execute(_TIE, values)


def points_of_ticket(connection: sa.Connection, identity: str) -> list[str]:
    found = connection.scalars(_POINTS, {"this": identity})
    return [key.removeprefix(f"{Key.POINT} ") for key in found]


def parts(values: Collection[str]) -> Iterable[list[str]]:
    """The values in order, as many at a time as a statement takes."""
    ordered = sorted(values)
    return (ordered[start : start + _MANY] for start in range(0, len(ordered), _MANY))


def who(message: Message) -> str:
    """The user, else the system that asks."""
    header = message.header
    return short((header.user.user_id if header.user else None) or header.source or "")


def keep_refused(
    connection: sa.Connection, message: Message, called: str, why: str, now: datetime
) -> None:
    """Let people see what was not done: who asked may be an application."""
    row = {"at": now, "who": who(message), "request": str(message.header.verb)}
    row["ticket"] = short(called)
    connection.execute(sa.insert(refused), row | {"why": why})


def prune(connection: sa.Connection, before: datetime) -> None:
    """Forget outages and tickets that were over, tickets that were settled or quiet, and what was
    refused, by then; an outage of which callers are still to be told stays until they are."""
    connection.execute(sa.delete(refused).where(refused.c.at < before))
    connection.execute(sa.delete(absent).where(absent.c.at < before))
    due = sa.select(ticket.c.outage).where(ticket.c.due_at.is_not(None))
    awaited = outage.c.id.in_(due.where(ticket.c.outage.is_not(None)))
    is_old = (outage.c.over != "", outage.c.as_of < before, sa.not_(awaited))
    old = sa.select(outage.c.id).where(*is_old)
    connection.execute(sa.delete(out).where(out.c.outage.in_(old)))
    connection.execute(sa.delete(planned).where(planned.c.id.in_(old)))
    connection.execute(sa.delete(outage).where(*is_old))
    query = sa.select(ticket.c.id).where(
        ticket.c.reported_at < before,
        ticket.c.due_at.is_(None),
        sa.or_(ticket.c.outage.is_(None), ticket.c.outage.not_in(sa.select(outage.c.id))),
    )
    remove_tickets(connection, list(connection.scalars(query)))


def oldest_over(connection: sa.Connection) -> datetime | None:
    """When the first of the outages and tickets that are over, and of what was refused, was."""
    over = sa.select(sa.func.min(outage.c.as_of)).where(outage.c.over != "")
    firsts = (over, *(sa.select(sa.func.min(table.c.at)) for table in (refused, absent)))
    found = [connection.scalar(first) for first in firsts]
    return min((at for at in found if at is not None), default=None)
