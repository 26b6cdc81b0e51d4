"""Customers, tickets and outages in their tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from cim.kept import document, payload_in
from cim.message import Verb
from cim.objects import changed
from cim.profiles.identification import UsagePoint
from cim.profiles.kinds import NotificationTriggerKind
from cim.profiles.trouble_tickets import TroubleTicket, TroubleTickets
from cim.profiles.unplanned_outages import UnplannedOutage
from dms_apps.trouble_calls.places import Key, account_of, points_of
from dms_apps.trouble_calls.tables import (
    customer,
    out,
    outage,
    planned,
    ticket,
    ticket_key,
    wish,
)


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
_KNOWN = sa.select(customer.c.point).where(customer.c.key.in_(_MEMBERS))
_TOLD = [column for column in ticket.c if column is not ticket.c.document]
_ADD = {
    "sqlite": sqlite.insert(ticket).on_conflict_do_nothing().returning(*_TOLD),
    "postgresql": postgresql.insert(ticket).on_conflict_do_nothing().returning(*_TOLD),
}
_TICKET = sa.select(*_TOLD).where(ticket.c.id == _ONE)
_POINTS = sa.select(ticket_key.c.key).where(
    ticket_key.c.ticket == _ONE, ticket_key.c.key.startswith(f"{Key.POINT} ", autoescape=True)
)
_OUTAGES = (
    sa.select(
        *(out.c.outage, outage.c.started_at, out.c.until, outage.c.ert, outage.c.over),
        *(planned.c.begins, planned.c.ends, planned.c.begun),
    )
    .join(outage, outage.c.id == out.c.outage)
    .outerjoin(planned, planned.c.id == out.c.outage)
    .where(out.c.point.in_(_MEMBERS))
    .order_by(outage.c.started_at, out.c.outage)
)
_TIE = (
    sa.update(ticket)
    .where(ticket.c.id == _ONE)
    .values(
        outage=sa.bindparam("behind"), restored_at=sa.bindparam("back"), due_at=sa.bindparam("due")
    )
)


@dataclass(frozen=True)
class Open:
    """An outage at some place, and until when; None: it is not over there.

    over: how it ended as a whole; "" while it is not.
    begins, ends, begun: of one that is planned (`plans.Period`).
    """

    outage: str
    started_at: datetime | None
    until: datetime | None
    ert: datetime | None
    over: str
    begins: datetime | None
    ends: datetime | None
    begun: bool | None

    @property
    def was_none(self) -> bool:
        """Whether it turned out that there was no outage."""
        return self.over in (Verb.CANCELED, Verb.DELETED)

    def began(self, by: datetime) -> bool:
        """Whether it had begun by then, as far as anybody knows."""
        return self.started_at is None or self.started_at <= by


def keep_customer(
    connection: sa.Connection, agreement: str, keys: Iterable[tuple[str, str]]
) -> None:
    """What an agreement says, in place of what it said before."""
    connection.execute(sa.delete(customer).where(customer.c.agreement == agreement))
    rows = [{"agreement": agreement, "key": key, "point": point} for key, point in sorted(keys)]
    if rows:
        connection.execute(sa.insert(customer), rows)


def known_points(connection: sa.Connection, keys: Collection[str]) -> set[str]:
    """The usage points that the customers' data have under any of the keys."""
    return set(connection.scalars(_KNOWN, {"these": list(keys)})) if keys else set()


def places(connection: sa.Connection, keys: Collection[str]) -> set[str]:
    """The usage points of a call: as named, else those of its premises; else, where there is but
    one, that of the account or the telephone.  Which of several is meant nobody can know."""
    by = {kind: {key for key in keys if key.startswith(f"{kind} ")} for kind in Key}
    named = {key.removeprefix(f"{Key.POINT} ") for key in by[Key.POINT]}
    if named:
        return named | known_points(connection, by[Key.POINT])
    if found := known_points(connection, by[Key.PREMISE]):
        return found
    for kind in (Key.ACCOUNT, Key.PHONE):
        if len(found := known_points(connection, by[kind])) == 1:
            return found
    return set()


def add_ticket(
    connection: sa.Connection, one: TroubleTicket, identity: str, keys: Iterable[str]
) -> sa.Row[Any] | None:
    """The ticket; None when it was there before."""
    kind = one.names[0].name_type if one.names else None
    issuer = kind.name_type_authority if kind else None
    row = {
        "id": identity,
        "mrid": one.mrid,
        "name": one.names[0].name if one.names else "",
        "issuer": issuer.name if issuer else "",
        "account": account_of(one.customer),
        "reported_at": one.date_time_of_report,
        "document": _document(one),
    }
    added = connection.execute(_ADD[connection.dialect.name], row).first()
    if added is None:
        return None
    if found := [{"key": key, "ticket": identity} for key in sorted(set(keys))]:
        connection.execute(sa.insert(ticket_key), found)
    _add_wishes(connection, identity, one)
    return added


def said_of(connection: sa.Connection, identity: str) -> TroubleTicket | None:
    """All that was said of a ticket; None where it was not kept yet."""
    kept = connection.scalar(sa.select(ticket.c.document).where(ticket.c.id == identity))
    return None if kept is None else payload_in(kept, TroubleTickets).trouble_ticket[0]


def keep_said(connection: sa.Connection, identity: str, one: TroubleTicket) -> None:
    """What is said of a ticket anew, beside what was said before."""
    before = said_of(connection, identity)
    if before is None:
        return
    whole = changed(before, one)
    assert isinstance(whole, TroubleTicket)  # noqa: S101 - as it was
    update_ticket(connection, identity, document=_document(whole))


def _document(one: TroubleTicket) -> bytes:
    return document(TroubleTickets(trouble_ticket=(one,)))


def keep_wishes(connection: sa.Connection, identity: str, one: TroubleTicket) -> None:
    """Of what its caller wants to be told, in place of what was wanted before."""
    connection.execute(sa.delete(wish).where(wish.c.ticket == identity))
    _add_wishes(connection, identity, one)


def _add_wishes(connection: sa.Connection, identity: str, one: TroubleTicket) -> None:
    rows = [
        {
            "ticket": identity,
            "number": number,
            "trigger": str(notification.trigger),
            "contact_type": notification.contact_type,
            "contact_value": notification.contact_value,
            "earliest": notification.earliest_date_time_to_call,
            "latest": notification.latest_date_time_to_call,
        }
        for number, notification in enumerate(one.notification, 1)
        if notification.trigger
    ]
    if rows:
        connection.execute(sa.insert(wish), rows)


def remove_tickets(connection: sa.Connection, identities: Collection[str]) -> None:
    for column in (wish.c.ticket, ticket_key.c.ticket, ticket.c.id):
        for some in _parts(identities):
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
    for some in _parts(identities):
        condition = sa.and_(wish.c.ticket.in_(some), wish.c.trigger == trigger)
        query = sa.select(wish).where(condition, wish.c.told_at.is_(None))
        for row in connection.execute(query.order_by(wish.c.ticket, wish.c.number)):
            found[row.ticket].append(row)
    return found


def told(
    connection: sa.Connection, identities: Collection[str], found: Iterable[Sequence[Callback]]
) -> None:
    """These tickets are settled, and their callers told so."""
    for some in _parts(identities):
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
    for some in _parts([Key.POINT.of(point) for point in points]):
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


def outages_at(connection: sa.Connection, points: Collection[str]) -> list[Open]:
    """The outages at any of the usage points, over or not; the oldest first."""
    found = connection.execute(_OUTAGES, {"these": list(points)}) if points else ()
    return [Open(*row) for row in found]


def keep_outage(
    connection: sa.Connection, one: UnplannedOutage, identity: str, as_of: datetime, over: str
) -> set[str] | None:
    """What is told of an outage, in place of what was told before; the usage points for which it
    is news.  None when something newer was told already."""
    late = one.energized_usage_point if over else ()
    row = _outage(one, identity, as_of, over)
    return keep_row(connection, row, one.de_energized_usage_point, late)


def points_out(connection: sa.Connection, identity: str) -> set[str]:
    """Whom an outage is about, as far as is told."""
    query = sa.select(out.c.point).where(out.c.outage == identity, out.c.until.is_(None))
    return set(connection.scalars(query))


def hand_on(
    connection: sa.Connection, identity: str, heir: str, points: Collection[str], as_of: datetime
) -> None:
    """Another outage is of these from the beginning, of which theirs became part: until that one
    itself tells of whom it is, supply is not back because of it."""
    for some in _parts(points):
        connection.execute(sa.delete(out).where(out.c.outage == identity, out.c.point.in_(some)))
    query = sa.select(outage).where(outage.c.id == heir)
    before = connection.execute(query).first()
    if before is None:
        connection.execute(sa.insert(outage), {"id": heir, "as_of": as_of, "over": ""})
    had = set(connection.scalars(sa.select(out.c.point).where(out.c.outage == heir)))
    if before is None or not (before.over or before.as_of >= as_of):
        _come(connection, heir, set(points), had)
    elif new := sorted(set(points) - had):  # it has told of whom it is still
        until = before.ended_at or before.as_of
        rows = [{"point": p, "outage": heir, "until": until} for p in new]
        connection.execute(sa.insert(out), rows)


def keep_row(
    connection: sa.Connection,
    row: Mapping[str, Any],
    without: Iterable[UsagePoint],
    late: Iterable[UsagePoint],
) -> set[str] | None:
    """The same of a row.

    without: whom it is about, as long as it is not over; late: whom it was about, of which nothing
             was told while it was not.
    """
    identity, as_of, over = row["id"], row["as_of"], row["over"]
    query = sa.select(outage.c.as_of, outage.c.over).where(outage.c.id == identity)
    before = connection.execute(query).first()
    if before and (before.as_of > as_of or (before.as_of == as_of and before.over and not over)):
        return None
    if before:
        connection.execute(sa.update(outage).where(outage.c.id == identity).values(row))
    else:
        connection.execute(sa.insert(outage), row)
    now = set() if over else {n for p in without for n in points_of(p)}
    were = {n for p in late for n in points_of(p)}
    ended = row["ended_at"] or as_of
    return _moved(connection, identity, now, ended) | _were(connection, identity, were, ended)


def _outage(one: UnplannedOutage, identity: str, as_of: datetime, over: str) -> dict[str, Any]:
    expected, period = one.estimated_restoration_time, one.actual_period
    return {
        "id": identity,
        "as_of": as_of,
        "over": over,
        "kind": one.outage_kind,
        "crew": one.status_kind,
        "cause": one.cause,
        "cause_kind": one.cause_kind,
        "started_at": one.reported_start_time or (period.start if period else None),
        "ended_at": (period.end if period else None) or (as_of if over else None),
        "ert": expected.ert if expected else None,
        "confidence": expected.confidence_kind if expected else None,
        "without": one.meters_affected,
    }


def _moved(connection: sa.Connection, identity: str, now: set[str], at: datetime) -> set[str]:
    """Whom it is about now; those who were not or no longer are."""
    rows = connection.execute(sa.select(out.c.point, out.c.until).where(out.c.outage == identity))
    had = {row.point: row.until for row in rows}
    out_before = {point for point, until in had.items() if until is None}
    gone, come = out_before - now, now - out_before
    for some in _parts(gone):
        connection.execute(_of(identity, some).values(until=at))
    _come(connection, identity, come, had.keys())
    return gone | come


def _come(connection: sa.Connection, identity: str, come: set[str], had: Set[str]) -> None:
    """An outage is about these, too.  had: whom it has ever been about."""
    for some in _parts(come & had):
        connection.execute(_of(identity, some).values(until=None))
    if new := sorted(come - had):
        connection.execute(sa.insert(out), [{"point": p, "outage": identity} for p in new])


def _were(connection: sa.Connection, identity: str, late: set[str], at: datetime) -> set[str]:
    """Whom it was about, of an outage that is told when it is over; those of whom that is news."""
    had = connection.scalars(sa.select(out.c.point).where(out.c.outage == identity))
    if new := sorted(late - set(had)):
        rows = [{"point": p, "outage": identity, "until": at} for p in new]
        connection.execute(sa.insert(out), rows)
    return set(new)


def _of(identity: str, points: Collection[str]) -> sa.Update:
    return sa.update(out).where(out.c.outage == identity, out.c.point.in_(points))


def _parts(values: Collection[str]) -> Iterable[list[str]]:
    ordered = sorted(values)
    return (ordered[start : start + _MANY] for start in range(0, len(ordered), _MANY))


def prune(connection: sa.Connection, before: datetime) -> None:
    """Forget outages that were over, and tickets that were settled or quiet, by then."""
    old = sa.select(outage.c.id).where(outage.c.over != "", outage.c.as_of < before)
    connection.execute(sa.delete(out).where(out.c.outage.in_(old)))
    connection.execute(sa.delete(planned).where(planned.c.id.in_(old)))
    connection.execute(sa.delete(outage).where(outage.c.over != "", outage.c.as_of < before))
    query = sa.select(ticket.c.id).where(
        ticket.c.reported_at < before,
        ticket.c.due_at.is_(None),
        sa.or_(ticket.c.outage.is_(None), ticket.c.outage.not_in(sa.select(outage.c.id))),
    )
    remove_tickets(connection, list(connection.scalars(query)))
