"""Who changed what of an outage, and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from cim.bounds import fitting, short
from cim.message import Message
from dms_apps.outage.outages import Outage
from dms_apps.outage.tables import audit as table

FIELDS = {
    "state": "outageKind",
    "device": "OutageIsolationEquipment",
    "started_at": "actualPeriod.start",
    "crew_status": "statusKind",
    "crews": "Crew",
    "ert": "EstimatedRestorationTime.ert",
    "ert_source": "EstimatedRestorationTime.ertSource",
    "ert_confidence": "EstimatedRestorationTime.confidenceKind",
    "cause": "cause",
    "cause_kind": "causeKind",
    "remark": "comment",
    "incidents": "Incident",
    "verified": "status",
    "heir": "merged into",
}
"""What of an outage is audited, in the words of the noun."""
_OF_EVIDENCE = ("state", "device", "started_at", "verified", "heir", "crew_status", "crews")


REFUSED = "refused"
"""Changed.field of what was not done: `after` says why."""
_NEWEST = 500


@dataclass(frozen=True)
class Changed:
    """One field of an outage; `said_at` since when it is so."""

    outage: str
    field: str
    before: str
    after: str
    said_at: datetime


def who(message: Message) -> str:
    """The user, else the system that asks."""
    header = message.header
    return (header.user.user_id if header.user else None) or header.source or ""


def differences(before: Outage, after: Outage, at: datetime) -> Iterator[Changed]:
    """What is other than it was."""
    for name, field in FIELDS.items():
        was, now = getattr(before, name), getattr(after, name)
        if was != now:
            yield Changed(after.mrid, field, _text(was), _text(now), at)


def keep(
    connection: sa.Connection, message: Message, number: int, changed: Iterable[Changed],
    now: datetime,
) -> None:  # fmt: skip
    """What part `number` of a request has changed."""
    header = message.header
    identity = fitting(header.message_id or "", 100)
    rows = [
        {
            "id": f"{identity}-{number}-{fitting(one.outage, 80)}-{one.field}",
            "outage": one.outage, "at": now, "said_at": one.said_at, "who": short(who(message)),
            "verb": str(header.verb), "field": one.field, "before": one.before, "after": one.after,
        }
        for one in changed
    ]  # fmt: skip
    _add(connection, rows)


def keep_refused(
    connection: sa.Connection, message: Message, number: int, outages: Iterable[str], why: str,
    now: datetime,
) -> None:  # fmt: skip
    """Let people see what was not done: who asked may be an application.

    outages: mRIDs, or as they were called whom nobody knows; "" of what is about none.
    """
    refused = (Changed(short(one), REFUSED, "", why, now) for one in outages)
    keep(connection, message, number, refused, now)


def keep_found(
    connection: sa.Connection, before: Outage | None, after: Outage, now: datetime
) -> None:
    """What the evidence has changed."""
    rows = []
    for name in _OF_EVIDENCE:
        was = _text(getattr(before, name)) if before else ""
        if was != (is_now := _text(getattr(after, name))):
            rows.append(
                {
                    "id": f"{after.mrid}-{now.isoformat()}-{FIELDS[name]}", "outage": after.mrid,
                    "at": now, "said_at": now, "who": "", "verb": "", "field": FIELDS[name],
                    "before": was, "after": is_now,
                }
            )  # fmt: skip
    _add(connection, rows)


def history(connection: sa.Connection, outage: str) -> list[sa.Row[Any]]:
    """All that was changed of an outage, the first first."""
    query = sa.select(table).where(table.c.outage == outage)
    return list(connection.execute(query.order_by(table.c.at, table.c.said_at, table.c.id)))


def refusals(connection: sa.Connection) -> list[sa.Row[Any]]:
    """What was not done, of whatever outage, the newest first; 500 of them at most."""
    query = sa.select(table).where(table.c.field == REFUSED)
    return list(connection.execute(query.order_by(table.c.at.desc(), table.c.id).limit(_NEWEST)))


def _add(connection: sa.Connection, rows: list[dict[str, Any]]) -> None:
    if rows:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        connection.execute(dialect.insert(table).on_conflict_do_nothing(), rows)


def _text(value: Any) -> str:
    match value:
        case None | "":
            return ""
        case datetime():
            return value.isoformat()
        case bool():
            return "verified" if value else ""
        case tuple():
            return ", ".join(name or mrid for mrid, name in value)
        case _:
            return str(value)
