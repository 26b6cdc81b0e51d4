"""What is asked of tickets: create, change, close, cancel, get; done, or refused in words.

What is done is told as the event that it is, and means what it would mean if a voice computer had
told it.  Tickets that are over are not kept here: they are in the journal.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from cim.bounds import LONGEST, whole
from cim.message import Header, Message, ObjectId, Outgoing, Property, Reply, Request, Verb
from cim.objects import meant
from cim.profiles.customer_contacts import Customer
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.premises import ServiceLocation
from cim.profiles.trouble_tickets import TroubleTicket, TroubleTickets
from cim.replies import done, failed, in_part
from cim.violation import Refusal, Violation
from dms_apps.trouble_calls import store, words
from dms_apps.trouble_calls.places import Key, Numbers, too_long
from dms_apps.trouble_calls.plans import Plans
from dms_apps.trouble_calls.tables import ticket, ticket_key
from dms_apps.trouble_calls.words import names

NOUN = "TroubleTickets"
EVENTS = {
    Verb.CREATE: Verb.CREATED,
    Verb.CHANGE: Verb.CHANGED,
    Verb.CLOSE: Verb.CLOSED,
    Verb.CANCEL: Verb.CANCELED,
}
"""Request -> the event that follows from it."""
OUTAGE = "outage"
"""Option of `get`: only tickets of this outage, mRID."""

BY = "by"
"""Header.Property of the event that follows from a request: who asked."""

UNKNOWN, RULE, MISSING = "2.15", "6.1", "5.8"
_AHEAD = timedelta(minutes=5)
_TICKETS = uuid.UUID("6d0f3f6e-5a58-5c0c-8f0e-2f1d7c8f4a20")  # namespace of version 5 UUIDs


@dataclass(frozen=True)
class Asked:
    """What came of a request: tickets to be told, and what could not be done.

    by: the user, else the system that asked.
    """

    by: str
    event: Verb
    told: Sequence[TroubleTicket]
    refused: Sequence[Violation]

    @property
    def events(self) -> Iterator[tuple[TroubleTicket, Outgoing]]:
        """Each ticket, and how it is told."""
        by = (Property(BY, self.by),)
        for one in self.told:
            payload = TroubleTickets(trouble_ticket=(one,))
            yield one, Outgoing(self.event, payload, properties=by)

    def reply(self, remarks: Sequence[str]) -> Outgoing:
        """Done, done in part, or refused; `remarks` are what callers are to be told."""
        ids = tuple(ObjectId(value=one.mrid or "") for one in self.told)
        if not self.refused:
            said = done(" ".join(remarks))
        else:
            said = in_part(self.refused) if ids else failed(self.refused)
        return Outgoing(Verb.REPLY, reply=replace(said, ids=ids), noun=NOUN)


def handle(message: Message, connection: sa.Connection, now: datetime, kept: timedelta) -> Asked:
    """Each ticket by itself: checked, or refused with a reason.

    kept: how long ago a call may have been: as long as tickets are kept.
    """
    verb = message.header.verb
    told: list[TroubleTicket] = []
    refused: list[Violation] = []
    tickets = meant(message, TroubleTickets)
    if tickets is None:
        rule = "TroubleTickets, TroubleTicket: it names none."
        refused.append(Violation(code=MISSING, rule=rule))
        store.keep_refused(connection, message, "", rule, now)
    for number, one in enumerate(tickets.trouble_ticket if tickets else ()):
        try:
            if verb in (Verb.CREATE, Verb.CHANGE):
                _check_lengths(one)
            if verb is Verb.CREATE:
                _past(one, "dateTimeOfReport", one.date_time_of_report, now, kept)
                made = _new(one, f"{message.header.message_id} {number}", connection, now)
            else:
                made = _known(one, verb, connection, now)
            told.append(made)
        except Refusal as refusal:
            refused += refusal.violations
            store.keep_refused(connection, message, _name(one), str(refusal), now)
    return Asked(store.who(message), EVENTS[verb], told, refused)


def is_unheard(header: Header, one: TroubleTicket, connection: sa.Connection) -> bool:
    """Whether an event of ours tells what was asked of a ticket, and that is not kept: the app
    learns anew, for requests are not told again."""
    kept = store.said_of(connection, _name(one))
    if kept is None or all(word.name != BY for word in header.properties):
        return False
    since, at = kept.last_modified_date_time, one.last_modified_date_time
    return since is None or (at is not None and since < at)


def _new(
    one: TroubleTicket, identity: str, connection: sa.Connection, now: datetime
) -> TroubleTicket:
    """A ticket that nobody has yet.  Raises: Refusal."""
    label = _called(one)
    if _find(one, connection) is not None:
        rule = f"TroubleTicket {label}: it exists already and can only be changed."
        raise Refusal.of(RULE, rule, value=label)
    mrid = one.mrid or str(uuid.uuid5(_TICKETS, identity))
    return replace(one, mrid=mrid, created_date_time=one.created_date_time or now)


def _known(
    one: TroubleTicket, verb: Verb, connection: sa.Connection, now: datetime
) -> TroubleTicket:
    """What is said of a ticket that is open.  Raises: Refusal."""
    label = _name(one)
    if not label:
        raise Refusal.of(MISSING, "TroubleTicket, mRID: it is missing; which ticket is meant?")
    row = _find(one, connection)
    if row is None:
        rule = f"TroubleTicket {label}: no open ticket is called so."
        raise Refusal.of(UNKNOWN, rule, value=label)
    said = replace(one, mrid=row.mrid or row.id, names=one.names or names(row))
    said = replace(said, last_modified_date_time=one.last_modified_date_time or now)
    if verb is Verb.CLOSE:
        at = one.resolved_date_time or now
        _past(one, "resolvedDateTime", at, now)
        if at < row.reported_at:
            rule = (
                f"TroubleTicket {label}, resolvedDateTime {at.isoformat()}: it lies before the"
                f" report, {row.reported_at.isoformat()}."
            )
            raise Refusal.of(RULE, rule, value=at.isoformat())
        said = replace(said, resolved_date_time=at)
    return said


def _find(one: TroubleTicket, connection: sa.Connection) -> sa.Row[Any] | None:
    """The open ticket of that mRID or, without one, of that number."""
    if one.mrid:
        found = store.tickets(
            connection, sa.or_(ticket.c.id == one.mrid, ticket.c.mrid == one.mrid)
        )
    else:
        called = [name.name for name in one.names]
        found = store.tickets(connection, ticket.c.name.in_(called)) if called else []
    return found[0] if found else None


def _check_lengths(one: TroubleTicket) -> None:
    """Raises: Refusal for what the tables have no room for."""
    texts = {
        "notification, contactType": (n.contact_type for n in one.notification),
        "notification, contactValue": (n.contact_value for n in one.notification),
    }
    for field, some in texts.items():
        if text := next((text for text in some if text and not whole(text)), None):
            raise _too_long(one, field, text, LONGEST)
    if key := too_long(one):
        kind, _, value = key.partition(" ")
        raise _too_long(one, kind, value, LONGEST - len(kind) - 1)


def _too_long(one: TroubleTicket, field: str, text: str, most: int) -> Refusal:
    rule = f"TroubleTicket {_called(one)}, {field}: it has {len(text):,} characters, and at most"
    return Refusal.of(RULE, f"{rule} {most} may be.", value=text[:20])


def _past(
    one: TroubleTicket, field: str, at: datetime, now: datetime, kept: timedelta | None = None
) -> None:
    """Raises: Refusal for what is to come, or longer ago than is kept."""
    rule = f"TroubleTicket {_called(one)}, {field} {at.isoformat()}: it lies"
    if at > now + _AHEAD:
        raise Refusal.of(RULE, f"{rule} in the future.", value=at.isoformat())
    if kept is not None and at < now - kept:
        days = kept / timedelta(days=1)
        raise Refusal.of(RULE, f"{rule} more than {days:g} days in the past.", value=at.isoformat())


def _called(one: TroubleTicket) -> str:
    return _name(one) or "without mRID"


def _name(one: TroubleTicket) -> str:
    return one.mrid or next((name.name for name in one.names), "")


# -- get


def answer(message: Message, connection: sa.Connection, numbers: Numbers, plans: Plans) -> Outgoing:
    """The open tickets, or those of an mRID, a number, an account, a telephone, a place; those
    that were reported in the period asked for."""
    request = message.request or Request()
    condition: sa.ColumnElement[bool] = sa.true()
    for option in request.options:
        if option.name != OUTAGE:
            rule = f"Request, Option {option.name}: it is not {OUTAGE}."
            return _said(failed([Violation(code=RULE, rule=rule, value=option.name)]), ())
        condition = ticket.c.outage == option.value
    found: dict[str, TroubleTicket] = {}
    missing = []
    for one in request.ids:
        rows = store.tickets(connection, sa.and_(condition, _named(one, numbers)))
        found |= _told(request, rows, connection, plans)
        if not rows:
            rule = f"TroubleTicket {one.value}: no open ticket is called so."
            missing.append(Violation(code=UNKNOWN, rule=rule, value=one.value))
    if not request.ids:
        found = _told(request, store.tickets(connection, condition), connection, plans)
    refused = in_part(missing) if found else failed(missing)
    return _said(refused if missing else done(), tuple(found.values()))


def _said(reply: Reply, found: tuple[TroubleTicket, ...]) -> Outgoing:
    payload = TroubleTickets(trouble_ticket=found) if found else None
    return Outgoing(Verb.REPLY, payload, reply=reply, noun=NOUN)


def _named(one: ObjectId, numbers: Numbers) -> sa.ColumnElement[bool]:
    kinds = [Key(one.id_type)] if one.id_type in set(Key) else list(Key)
    keys = [kind.of(numbers.plain(one.value) if kind is Key.PHONE else one.value) for kind in kinds]
    named = sa.select(ticket_key.c.ticket).where(ticket_key.c.key.in_(keys))
    if one.id_type in set(Key):
        return ticket.c.id.in_(named)
    return sa.or_(ticket.c.id == one.value, ticket.c.name == one.value, ticket.c.id.in_(named))


def _told(
    request: Request, rows: Sequence[sa.Row[Any]], connection: sa.Connection, plans: Plans
) -> dict[str, TroubleTicket]:
    asked = [row for row in rows if request.within(row.reported_at)]
    return {row.id: _ticket(row, connection, plans) for row in asked}


def _ticket(row: sa.Row[Any], connection: sa.Connection, plans: Plans) -> TroubleTicket:
    """All that was said of a ticket, with where it is and which outage is behind it."""
    behind = words.behind(row.outage, plans.sentence(connection, row.outage)) if row.outage else {}
    points: Iterator[str] = iter(store.points_of_ticket(connection, row.id))
    at = tuple(UsagePoint(mrid=point) for point in sorted(points))
    said = store.said_of(connection, row.id) or TroubleTicket(date_time_of_report=row.reported_at)
    account = Customer(names=(Name(name=row.account),)) if row.account else None
    place = said.service_location or (ServiceLocation() if at else None)
    return replace(
        said,
        mrid=row.mrid or row.id,
        names=names(row) or said.names,
        customer=said.customer or account,
        service_location=replace(place, usage_points=at) if place else None,
        **({"unplanned_outage": None} | behind),
    )
