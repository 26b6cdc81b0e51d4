"""Crews as they were told: what they can do, when they are on duty, where they are."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cim.profiles import crews as cim
from cim.profiles.compounds import DateTimeInterval
from cim.profiles.maintenance_order_assets import VehicleUsageKind
from dms_apps.crews.parts import Parts, called, text, time, values
from dms_apps.crews.travel import Point

Shift = tuple[datetime | None, datetime | None, str]
"""From when until when, and for what kind of work; None: from ever, or for ever."""

CONTRACTOR = "contractor"


@dataclass(frozen=True, kw_only=True)
class Crew:
    """One crew.

    organisation: who gives it its name; that of a neighbour is on mutual aid.
    skills:       Capability.type, from when until when (`Shift`).
    status:       what it says of itself, e.g. available.
    contracted:   whether it drives vehicles of a contractor.
    """

    mrid: str
    name: str = ""
    organisation: str = ""
    kind: str = ""
    description: str = ""
    skills: tuple[Shift, ...] = ()
    shifts: tuple[Shift, ...] = ()
    place: Point | None = None
    place_name: str = ""
    located_at: datetime | None = None
    status: str = ""
    status_at: datetime | None = None
    contracted: bool = False

    @classmethod
    def of(cls, mrid: str, parts: Parts) -> Crew:
        """From what is known of it."""
        known = values(parts)
        place, status = known.get("place") or {}, known.get("status") or {}
        return cls(
            mrid=mrid,
            name=known.get("name", ""),
            organisation=known.get("organisation", ""),
            kind=known.get("kind", ""),
            description=known.get("description", ""),
            skills=tuple(_intervals(known.get("skills", ()))),
            shifts=tuple(_intervals(known.get("shifts", ()))),
            place=_point(place.get("at")),
            place_name=place.get("name", ""),
            located_at=time(place.get("since")),
            status=status.get("value", ""),
            status_at=time(status.get("since")),
            contracted=known.get("contracted", False),
        )

    @property
    def called(self) -> str:
        """How sentences call it."""
        return self.name or self.mrid

    def on_shift(self, now: datetime) -> bool:
        """Whether it is on duty; one of which no shift was ever told always is."""
        return not self.shifts or any(_holds(one, now) for one in self.shifts)

    def until(self, now: datetime) -> datetime | None:
        """When it goes home, shifts that follow one another taken together; None: nobody knows."""
        end = now
        for start, stop, _ in sorted(self.shifts, key=_begin):
            if start is None or start <= end:
                if stop is None:
                    return None
                end = max(end, stop)
        return end if self.shifts else None

    def next_shift(self, now: datetime) -> datetime | None:
        """When it is on duty again."""
        return min((s for s, _, _ in self.shifts if s is not None and s > now), default=None)

    def able(self, now: datetime) -> frozenset[str]:
        """What it can do now."""
        return frozenset(kind for start, end, kind in self.skills if _holds((start, end, ""), now))

    def is_mutual_aid(self, own: Collection[str]) -> bool:
        """Whether it is another's: of a contractor, or of none of the organisations in `own`."""
        return self.contracted or bool(own and self.organisation and self.organisation not in own)


def told(one: cim.Crew, *, whole: bool) -> dict[str, Any]:
    """The parts that a message tells.

    whole: whether it tells all of the crew, so that what it leaves out is not so any more; but
           where a crew is and what it does is known from others, too.
    """
    said: dict[str, Any] = {
        "name": one.names[0].name if one.names else "",
        "organisation": _organisation(one),
        "kind": called(one.crew_type.mrid, one.crew_type.names) if one.crew_type else "",
        "description": one.description or "",
        "skills": [_interval(c.validity_interval, c.type) for c in one.capabilities],
        "shifts": [
            _interval(s.validity_interval, s.assignment_type or "") for s in one.shift_patterns
        ],
        "contracted": any(a.usage_kind is VehicleUsageKind.CONTRACTOR for a in one.work_assets),
    }
    return said if whole else {part: value for part, value in said.items() if value}


def told_place(one: cim.Crew) -> tuple[datetime | None, dict[str, Any]] | None:
    """Where the message says that it is, and since when; None without."""
    if (place := one.location) is None:
        return None
    since = place.status.date_time if place.status else None
    at = [_number(p.x_position, p.y_position) for p in place.position_points[:1]]
    return since, {
        "at": next(iter(at), None),
        "name": called(None, place.names) or place.type or "",
        "since": text(since) if since else None,
    }


def told_status(one: cim.Crew) -> tuple[datetime | None, dict[str, Any]] | None:
    """What the message says that it does, and since when; None without."""
    if one.status is None or not one.status.value:
        return None
    since = one.status.date_time
    return since, {"value": one.status.value, "since": text(since) if since else None}


def interval(one: Shift) -> DateTimeInterval:
    """As messages have it."""
    return DateTimeInterval(start=one[0], end=one[1])


def _organisation(one: cim.Crew) -> str:
    for name in one.names:
        if name.name_type and name.name_type.name_type_authority:
            return name.name_type.name_type_authority.name
    return ""


def _interval(given: DateTimeInterval | None, kind: str) -> list[str | None]:
    start, end = (given.start, given.end) if given else (None, None)
    return [text(start) if start else None, text(end) if end else None, kind]


def _intervals(told_: Collection[list[str | None]]) -> Iterator[Shift]:
    for start, end, kind in told_:
        yield time(start), time(end), kind or ""


def _holds(one: Shift, now: datetime) -> bool:
    start, end, _ = one
    return (start is None or start <= now) and (end is None or now < end)


def _begin(one: Shift) -> tuple[bool, float]:
    return one[0] is not None, one[0].timestamp() if one[0] else 0.0


def _number(x: str, y: str) -> list[float] | None:
    """A position; what is no number is none."""
    try:
        found = [float(x), float(y)]
    except ValueError:
        return None
    return found if all(map(math.isfinite, found)) else None


def _point(told_: list[float] | None) -> Point | None:
    return (told_[0], told_[1]) if told_ else None
