"""What trouble calls say: who has no supply, what dangers there are, and where nobody knows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from cim.message import Verb
from cim.network import Network
from cim.profiles.premises import ServiceLocation
from cim.profiles.trouble_symptoms import TroubleSymptomsLightKind
from cim.profiles.trouble_tickets import TroubleTicket
from dms_apps.outage import evidence
from dms_apps.outage.facts import ANSWER, CALL, DARK, RESTORED
from dms_apps.outage.tables import ticket as table
from hub.inserts import insert_all

CALLED_BACK = "callback"
_MANY = 1000  # values in one statement
_ANSWERS = {"powerOn": RESTORED, "powerOff": DARK}
_OVER = frozenset({Verb.CLOSED, Verb.CANCELED, Verb.DELETED})
_WITHOUT = frozenset({None, TroubleSymptomsLightKind.ALL_OUT, TroubleSymptomsLightKind.OTHER})
# Made once: making a statement takes as long as carrying it out.
_BY_ID = sa.select(table).where(table.c.id.in_(sa.bindparam("these", expanding=True)))
_BY_NAME = sa.select(table).where(table.c.name == sa.bindparam("this"))


@dataclass(frozen=True)
class Call:
    """An open ticket: `point` is "" while nobody knows where it belongs."""

    id: str
    name: str
    point: str
    reported_at: datetime
    hazards: Sequence[str]
    is_out: bool
    called: Sequence[str]


def record_tickets(
    connection: sa.Connection,
    tickets: Sequence[TroubleTicket],
    verb: Verb,
    network: Network,
    now: datetime,
) -> bool:
    """Keep what tickets say, each in turn.  Returns whether anything was news."""
    called = [(identity, one) for one in tickets if (identity := _identity(one))]
    known = _known(connection, {identity for identity, _ in called})
    kept, rows, signals = set(known), dict[str, dict[str, Any]](), list[dict[str, Any]]()
    for identity, one in called:
        before = known.get(identity)
        if before is None and verb is not Verb.CREATED:
            before = _by_name(known, one) or _kept_by_name(connection, one)
            kept |= {before["id"]} - known.keys() if before else set()
        row = _row(before, one, identity, verb, network, now)
        known[row["id"]] = row
        if row != before:
            rows[row["id"]] = row | {"fresh": True}
        signals += _signals(row, one, verb, now)
    _keep(connection, rows, kept)
    return bool(evidence.record(connection, signals, now)) or bool(rows)


def _identity(one: TroubleTicket) -> str:
    """The mRID of a ticket, else its number; "" without both."""
    return one.mrid or next((name.name for name in one.names), "")


_CALL = sa.select(*(table.c[name] for name in Call.__dataclass_fields__)).where(table.c.is_open)


def open_calls(connection: sa.Connection) -> list[Call]:
    """The tickets that are not over, the oldest first."""
    return [Call(*row) for row in connection.execute(_CALL.order_by(table.c.reported_at))]


def calls_that_matter(connection: sa.Connection, points: Collection[str]) -> list[Call]:
    """Of the tickets that are not over those that tell of a danger, and those of the usage points;
    the oldest first."""
    found = {call.id: call for call in dangers(connection)}
    every = sorted(points)
    for start in range(0, len(every), _MANY):
        some = _CALL.where(table.c.point.in_(every[start : start + _MANY]))
        found |= {row.id: Call(*row) for row in connection.execute(some)}
    return sorted(found.values(), key=lambda call: (call.reported_at, call.id))


def dangers(connection: sa.Connection) -> list[Call]:
    """The tickets that are not over and tell of a danger."""
    some = _CALL.where(sa.cast(table.c.hazards, sa.Text) != "[]")
    return [Call(*row) for row in connection.execute(some)]


def take_news(connection: sa.Connection) -> list[str]:
    """Where tickets are that were not looked at before; from now on they were."""
    news = sa.update(table).where(table.c.fresh).values(fresh=False).returning(table.c.point)
    return [point for point in connection.scalars(news) if point]


def _known(connection: sa.Connection, identities: Collection[str]) -> dict[str, dict[str, Any]]:
    """What is known of tickets, by their mRID, or number when they have none."""
    every = sorted(identities)
    return {
        row["id"]: dict(row)
        for start in range(0, len(every), _MANY)
        for row in connection.execute(_BY_ID, {"these": every[start : start + _MANY]}).mappings()
    }


def _by_name(known: Mapping[str, dict[str, Any]], one: TroubleTicket) -> dict[str, Any] | None:
    """What is known of a ticket that is only named by its number."""
    name = one.names[0].name if one.names else ""
    return next((row for row in known.values() if name and row["name"] == name), None)


def _kept_by_name(connection: sa.Connection, one: TroubleTicket) -> dict[str, Any] | None:
    """The same, of one that the message has not named otherwise."""
    if not one.names:
        return None
    found = connection.execute(_BY_NAME, {"this": one.names[0].name}).mappings().first()
    return None if found is None else dict(found)


def _row(
    known: Mapping[str, Any] | None,
    one: TroubleTicket,
    identity: str,
    verb: Verb,
    network: Network,
    now: datetime,
) -> dict[str, Any]:
    """What is known of a ticket from now on."""
    row = dict(known) if known else _fresh(one, identity, verb, now)
    row = _placed(row, one, network)
    if one.hazard:
        row["hazards"] = [hazard.type for hazard in one.hazard]
    row["is_open"] = row["is_open"] and verb not in _OVER
    return row


def _fresh(one: TroubleTicket, identity: str, verb: Verb, now: datetime) -> dict[str, Any]:
    """A ticket that is not known yet; one that is only changed does not say that supply is out."""
    symptoms = one.trouble_symptoms
    light = symptoms.trouble_symptoms_light if symptoms else None
    return {
        "id": identity,
        "name": one.names[0].name if one.names else "",
        "point": "",
        "reported_at": evidence.counted(
            one.date_time_of_report or (one.status and one.status.date_time) or now, now
        ),
        "hazards": [],
        "is_out": verb is Verb.CREATED and light in _WITHOUT,
        "is_open": True,
        "called": [],
        "fresh": True,
    }


def _placed(row: dict[str, Any], one: TroubleTicket, network: Network) -> dict[str, Any]:
    """Where it belongs, by whichever name of a usage point the network knows; else what was said
    of where it is, the address last."""
    place = one.service_location
    names = [n for p in place.usage_points for n in (p.mrid, *(m.name for m in p.names)) if n] if (
        place
    ) else []  # fmt: skip
    names += [one for one in (_address(place),) if one]
    names += row["called"]
    for name in names:
        if (point := network.usage_point_of(name)) is not None:
            return row | {"point": point, "called": []}
    return row if row["point"] else row | {"called": list(dict.fromkeys(names))}


def _address(place: ServiceLocation | None) -> str:
    """In one line; "" where nothing is said of it."""
    street = place.main_address.street_detail if place and place.main_address else None
    if street is None:
        return ""
    house = (street.number, street.prefix, street.name, street.type, street.suffix)
    general = (street.address_general, street.address_general2, street.address_general3)
    return ", ".join(filter(None, (" ".join(filter(None, house)), *general, street.building_name)))


def _keep(
    connection: sa.Connection, rows: Mapping[str, Mapping[str, Any]], known: Collection[str]
) -> None:
    """Write rows, in place of those that are known."""
    if new := [row for identity, row in rows.items() if identity not in known]:
        insert_all(connection, table, new)
    for identity in [identity for identity in rows if identity in known]:
        connection.execute(sa.update(table).where(table.c.id == identity).values(rows[identity]))


def _signals(
    row: Mapping[str, Any], one: TroubleTicket, verb: Verb, now: datetime
) -> Iterator[dict[str, Any]]:
    if not row["point"]:
        return
    said = {"point": row["point"], "ref": row["id"]}
    if row["is_out"]:
        yield said | {"at": row["reported_at"], "kind": DARK, "by": CALL}
    status = one.status
    if status and status.reason == CALLED_BACK and (status.value or "") in _ANSWERS:
        kind = _ANSWERS[status.value or ""]
        yield said | {"at": status.date_time or now, "kind": kind, "by": ANSWER}
    if verb is Verb.CLOSED:
        at = one.resolved_date_time or (status and status.date_time) or now
        yield said | {"at": at, "kind": RESTORED, "by": CALL}


def place_again(connection: sa.Connection, network: Network, now: datetime) -> bool:
    """Find the places of calls that could not be placed.  Returns whether any was found."""
    found = False
    for row in connection.execute(sa.select(table).where(table.c.point == "")).mappings().all():
        for name in row["called"]:
            if (point := network.usage_point_of(name)) is not None:
                placed = dict(row) | {"point": point, "called": [], "fresh": True}
                _keep(connection, {row["id"]: placed}, {row["id"]})
                if row["is_out"]:
                    signal = {"point": point, "ref": row["id"], "kind": DARK, "by": CALL}
                    evidence.record(connection, [signal | {"at": row["reported_at"]}], now)
                found = True
                break
    return found
