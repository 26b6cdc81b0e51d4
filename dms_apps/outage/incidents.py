"""Incidents: what is reported from the field, with dangers that no outage may swallow.

A danger belongs to the outage at its place; where nobody is without power it is there by itself.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from cim.kept import document, payload_in
from cim.message import Message, ObjectId, Outgoing, Reply, Request, Verb
from cim.network import Network
from cim.objects import changed, meant
from cim.profiles.incidents import Incident, IncidentHazard, Incidents
from cim.replies import done, failed, in_part
from cim.violation import Refusal, Violation
from dms_apps.outage import audit, store
from dms_apps.outage.asked import INVALID, MISSING, NO_SUCH, Bounds
from dms_apps.outage.calls import Call
from dms_apps.outage.evidence import counted
from dms_apps.outage.holds import NEW
from dms_apps.outage.tables import incident as table
from dms_apps.outage.tables import ticket

NOUN = "Incidents"
EVENTS = {
    Verb.CREATE: Verb.CREATED,
    Verb.CHANGE: Verb.CHANGED,
    Verb.CLOSE: Verb.CLOSED,
    Verb.CANCEL: Verb.CANCELED,
}
"""Request -> the event that follows from it."""
INCIDENT = "incident "
"""Before the mRID of an incident, where else the number of a call stands."""

_OVER = frozenset({Verb.CLOSED, Verb.CANCELED, Verb.DELETED})
_PAST = frozenset({"cleared", "closed", "over", "removed", "resolved"})  # Hazard.status
_INCIDENTS = uuid.UUID("3f7c9a1e-0f3c-5b3d-9a44-7b7de3a6c5b2")  # namespace of version 5 UUIDs


def record(
    connection: sa.Connection, some: Incidents, verb: Verb, network: Network, now: datetime
) -> bool:
    """Keep what is said of incidents.  Returns whether anything was news."""
    news = False
    for one in some.incident:
        if identity := _called(one):
            news |= _keep(connection, one, identity, verb, network, now)
    return news


def dangers(connection: sa.Connection) -> list[Call]:
    """Those of incidents that are not over, the oldest first; without a place where `point` is
    ""."""
    query = sa.select(table).where(table.c.is_open).order_by(table.c.reported_at, table.c.mrid)
    return [
        Call(r.mrid, f"{INCIDENT}{r.mrid}", r.point, r.reported_at, r.hazards, False, [r.place])
        for r in connection.execute(query)
        if r.hazards
    ]


def take_news(connection: sa.Connection) -> list[str]:
    """The usage points at which something is new of an incident; none is new any more then."""
    fresh = sa.update(table).where(table.c.fresh).values(fresh=False).returning(table.c.point)
    return [point for point in connection.scalars(fresh).all() if point]


def _keep(
    connection: sa.Connection,
    one: Incident,
    identity: str,
    verb: Verb,
    network: Network,
    now: datetime,
) -> bool:
    row = _row(connection, identity)
    as_of = one.last_modified_date_time or now
    if row is not None and row.as_of > as_of:
        return False
    whole = one if row is None else changed(_document(row), replace(one, mrid=identity))
    assert isinstance(whole, Incident)  # noqa: S101 - as it was
    values = {
        "mrid": identity,
        "point": _place(connection, whole, network) or (row.point if row else ""),
        "place": next((n.name for n in whole.location.names), "") if whole.location else "",
        "reported_at": counted(whole.created_date_time or (row.reported_at if row else as_of), now),
        "hazards": [_danger(h) for h in whole.incident_hazard if not _is_past(h)],
        "is_open": verb not in _OVER and (row is None or row.is_open),
        "as_of": as_of,
        "document": _kept(replace(whole, mrid=identity)),
    }
    if row is not None and all(row._mapping[name] == value for name, value in values.items()):
        return False
    _put(connection, values | {"fresh": True})
    return True


def _put(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    adding = dialect.insert(table)
    others = {c.name: adding.excluded[c.name] for c in table.c if c.name != "mrid"}
    connection.execute(adding.on_conflict_do_update(index_elements=["mrid"], set_=others), row)


def _danger(one: IncidentHazard) -> str:
    return ": ".join(filter(None, (one.type, one.description))) or "danger"


def _is_past(one: IncidentHazard) -> bool:
    return bool(one.status) and ((one.status and one.status.value) or "").lower() in _PAST


def _place(connection: sa.Connection, one: Incident, network: Network) -> str:
    """A usage point at which it is: as its location is called, of its tickets, of its outage."""
    for name in (n.name for n in (one.location.names if one.location else ())):
        if (point := network.usage_point_of(name)) is not None:
            return point
        if found := _below(network, name):
            return found
    ids = [called for t in one.trouble_tickets if (called := _called(t))]
    at = sa.select(ticket.c.point).where(
        sa.or_(ticket.c.id.in_(ids), ticket.c.name.in_(ids)), ticket.c.point != ""
    )
    for point in connection.scalars(at.order_by(ticket.c.id).limit(1)):
        return str(point)
    return (
        _of_outage(connection, _called(one.unplanned_outage), network)
        if one.unplanned_outage
        else ""
    )


def _of_outage(connection: sa.Connection, outage: str, network: Network) -> str:
    """A usage point of an outage, which may have been asked for and not been looked at yet."""
    for known in store.named_outages(connection, [outage]):
        return known.anchor
    held = store.hold_of(connection, outage, NEW)
    name = held.members[0][0] if held and held.members else ""
    return (network.usage_point_of(name) or _below(network, name)) if name else ""


def _below(network: Network, name: str) -> str:
    """One of the usage points below a piece of equipment; "" without."""
    if not network.knows(name):
        try:
            name = network.equipment_named(name).mrid
        except KeyError:
            return ""
    return min(network.usage_points_below(name), default="")


# -- requests


def handle(
    message: Message, connection: sa.Connection, now: datetime, bounds: Bounds
) -> Iterator[Outgoing]:
    """The reply, and the event that follows for what can be done."""
    verb, some = message.header.verb, meant(message, Incidents)
    told: list[Incident] = []
    refused: list[Violation] = []
    given = some.incident if some else ()
    if not given:
        rule = "Incidents, Incident: it names none."
        refused.append(Violation(code=MISSING, rule=rule))
        audit.keep_refused(connection, message, 0, [""], rule, now)
    for number, one in enumerate(given):
        try:
            if verb is Verb.CREATE:
                _check_times(one, now, bounds)
                told.append(_new(one, f"{message.header.message_id} {number}", connection, now))
            else:
                told.append(_open(one, connection, now))
        except Refusal as refusal:
            refused += refusal.violations
            _keep_refused(connection, message, number, one, str(refusal), now)
    ids = tuple(ObjectId(value=one.mrid or "") for one in told)
    yield Outgoing(Verb.REPLY, reply=replace(_reply(refused, bool(ids)), ids=ids), noun=NOUN)
    for one in told:
        yield Outgoing(EVENTS[verb], Incidents(incident=(one,)))


def _keep_refused(
    connection: sa.Connection, message: Message, number: int, one: Incident, why: str, now: datetime
) -> None:
    """Of the outage that it is of, where it says so."""
    named = _called(one.unplanned_outage) if one.unplanned_outage else ""
    known = [outage.mrid for outage in store.named_outages(connection, [named])] if named else []
    audit.keep_refused(connection, message, number, known or [named], why, now)


def answer(message: Message, connection: sa.Connection) -> Outgoing:
    """The open incidents, or those of the mRIDs or names asked for; those that were created in the
    period asked for."""
    request = message.request or Request()
    ids = [one.value for one in request.ids]
    query = sa.select(table).order_by(table.c.reported_at, table.c.mrid)
    rows = connection.execute(query.where(table.c.mrid.in_(ids) if ids else table.c.is_open)).all()
    missing = [
        Violation(code=NO_SUCH, rule=f"There is no incident {one}.", value=one)
        for one in ids
        if one not in {row.mrid for row in rows}
    ]
    found = tuple(_document(row) for row in rows if request.within(row.reported_at))
    payload = Incidents(incident=found) if found else None
    return Outgoing(Verb.REPLY, payload, reply=_reply(missing, bool(found)), noun=NOUN)


def _reply(refused: Sequence[Violation], some: bool) -> Reply:
    if not refused:
        return done()
    return in_part(refused) if some else failed(refused)


def _new(one: Incident, identity: str, connection: sa.Connection, now: datetime) -> Incident:
    """Raises: Refusal."""
    mrid = _called(one) or str(uuid.uuid5(_INCIDENTS, identity))
    if _row(connection, mrid) is not None:
        rule = f"The incident {mrid} exists already and can only be changed."
        raise Refusal.of(INVALID, rule, value=mrid)
    if not (one.subject or one.cause or one.comment or one.type or one.incident_hazard):
        rule = (
            f"The incident {mrid} says nothing: subject, cause, type, comment and IncidentHazard"
            " are missing."
        )
        raise Refusal.of(MISSING, rule)
    _check(one, mrid, connection)
    return replace(
        one,
        mrid=mrid,
        created_date_time=one.created_date_time or now,
        last_modified_date_time=one.last_modified_date_time or now,
    )


def _open(one: Incident, connection: sa.Connection, now: datetime) -> Incident:
    """Raises: Refusal."""
    identity = _called(one)
    if not identity:
        raise Refusal.of(MISSING, "Incident, mRID: it is missing; which incident is meant?")
    row = _row(connection, identity)
    if row is None:
        raise Refusal.of(NO_SUCH, f"There is no incident {identity}.", value=identity)
    if not row.is_open:
        rule = f"The incident {identity} is over and stays as it is."
        raise Refusal.of(INVALID, rule, value=identity)
    _check(one, identity, connection)
    return replace(one, mrid=identity, last_modified_date_time=one.last_modified_date_time or now)


def _check(one: Incident, label: str, connection: sa.Connection) -> None:
    """Raises: Refusal for an outage that nobody knows."""
    if one.unplanned_outage:
        of = _called(one.unplanned_outage)
        if not store.named_outages(connection, [of]) and not store.hold_of(connection, of, NEW):
            rule = f"The incident {label}, UnplannedOutage {of}: there is no such outage."
            raise Refusal.of(NO_SUCH, rule, value=of)


def _check_times(one: Incident, now: datetime, bounds: Bounds) -> None:
    """Raises: Refusal for what is to come, or long past."""
    times = {
        "createdDateTime": one.created_date_time,
        "lastModifiedDateTime": one.last_modified_date_time,
    }
    for field, at in times.items():
        if at is not None:
            bounds.past(at, f"Incident, {field}", now)


def _row(connection: sa.Connection, mrid: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(table).where(table.c.mrid == mrid)).first()


def _called(one: Any) -> str:
    """mRID, else the first name."""
    return one.mrid or next((name.name for name in one.names), "")


def _kept(one: Incident) -> bytes:
    return document(Incidents(incident=(one,)))


def _document(row: sa.Row[Any]) -> Incident:
    return payload_in(row.document, Incidents).incident[0]
