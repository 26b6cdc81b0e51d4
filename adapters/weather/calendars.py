"""Calendars: which day is of which type, as DayTypes."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from lxml import etree

from cim import xml
from cim.message import Outgoing, Verb
from cim.profiles.day_types import CalendarDay, DayType, DayTypes
from cim.profiles.identification import Name
from hub.rows import Row


@dataclass(frozen=True)
class Calendar:
    """All days of one file."""

    origin: str
    raw: bytes
    rows: tuple[Row, ...]


def outgoing(calendar: Calendar, system: str, types: Mapping[str, str]) -> Outgoing:
    """One message.

    types: their code of a type of days -> its name; empty: their codes are the names.
    Raises: ValueError naming row, column, value and rule.
    """
    found: dict[str, list[CalendarDay]] = {}
    seen: dict[date, str] = {}
    for row in calendar.rows:
        day = _date(row)
        if day in seen:
            raise row.wrong("date", f"is already in {seen[day]}")
        seen[day] = row.origin
        found.setdefault(_type(row, types), []).append(
            CalendarDay(date=day, name=row["day_name"] or None)
        )
    payload = DayTypes(
        day_type=tuple(
            DayType(
                mrid=_identity(system, "day type", name),
                calendar_days=tuple(sorted(days, key=lambda one: one.date)),
                names=(Name(name=name),),
            )
            for name, days in found.items()
        )
    )
    digest = hashlib.sha256(etree.tostring(xml.encode(payload))).hexdigest()
    said = _identity(system, "calendar", f"{calendar.origin} {digest}")
    return Outgoing(Verb.CREATED, payload, external_id=said)


def _date(row: Row) -> date:
    try:
        return date.fromisoformat(row["date"])
    except ValueError:
        raise row.wrong("date", "is no ISO 8601 date, e.g. 2026-12-25") from None


def _type(row: Row, types: Mapping[str, str]) -> str:
    if not (code := row["day_type"]):
        raise row.wrong("day_type", "is empty")
    if types and code not in types:
        raise row.wrong("day_type", f"is not in day_types; known are {', '.join(types)}")
    return types.get(code, code)


def _identity(system: str, kind: str, name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:gridbus:{system}:{kind}:{name}"))
