"""The planned outages, folded from the PlannedOutages messages in the journal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from cim.message import Message, Verb
from cim.profiles.outages import OutageStatusKind
from cim.profiles.planned_outages import PlannedOutage, PlannedOutages
from cim.times import time_of
from hub.console.folded import ENDED_BY, Folded

NOUN = PlannedOutages.__name__
ACTIVE = "active"

_OVER = {"completed", "cancelled", "canceled", "closed"}
_OVER_KINDS = {OutageStatusKind.CLOSED}
_UNDER_WAY = {OutageStatusKind.CONFIRMED, OutageStatusKind.PARTIALLY_RESTORED}


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One planned outage as last reported.

    devices:   that are opened for it, by name; `place`: mRID of the first, or of a usage point.
    customers: that it concerns; `dark`: of these without supply now.
    begins, ends: as planned.
    status:    planned, notified, active ... in the words of who tells it.
    running:   whether customers are without supply because of it.
    active:    whether it is not over.
    reason:    as customers are told it; remark: for colleagues.
    """

    mrid: str
    name: str
    devices: tuple[str, ...]
    place: str
    customers: int
    dark: int
    critical: int | None
    began: datetime | None
    begins: datetime | None
    ends: datetime | None
    status: str
    running: bool
    active: bool
    reason: str
    remark: str
    why: str
    community: str
    messages: tuple[int, ...]

    def overdue(self, now: datetime) -> bool:
        """Whether it should have ended."""
        return self.running and self.ends is not None and self.ends < now


class PlannedOnes:
    """All that were reported of late."""

    def __init__(self) -> None:
        self._folded = Folded(NOUN, _told, _after)

    def active(self, connection: Connection) -> list[Planned]:
        """Those that are not over: what runs first, then by their beginning."""
        with self._folded.up_to_date(connection) as known:
            found = [one for one in known.values() if one.active]
        return sorted(found, key=lambda p: (not p.running, p.begins is None, _time(p), p.mrid))

    def one(self, connection: Connection, mrid: str) -> Planned | None:
        """The planned outage of that mRID."""
        with self._folded.up_to_date(connection) as known:
            return known.get(mrid)


def _time(one: Planned) -> float:
    return one.begins.timestamp() if one.begins else 0.0


def _told(seq: int, message: Message) -> Iterator[Planned]:
    if isinstance(message.payload, PlannedOutages):
        for said in message.payload.planned_outage:
            if said.mrid is not None:
                yield _planned(said.mrid, seq, message.header.verb, said)


def _after(before: Planned, now: Planned) -> Planned:
    """`now`, with what it leaves unsaid taken from `before`."""
    return replace(
        now,
        name=now.name or before.name,
        devices=now.devices or before.devices,
        place=now.place or before.place,
        customers=now.customers or before.customers,
        critical=before.critical if now.critical is None else now.critical,
        began=now.began or before.began,
        begins=now.begins or before.begins,
        ends=now.ends or before.ends,
        reason=now.reason or before.reason,
        remark=now.remark or before.remark,
        why=now.why or before.why,
        community=now.community or before.community,
        messages=(*before.messages, *now.messages),
    )


def _planned(mrid: str, seq: int, verb: Verb, said: PlannedOutage) -> Planned:
    status = said.status.value if said.status and said.status.value else ""
    is_over = verb in ENDED_BY or status.lower() in _OVER or said.outage_kind in _OVER_KINDS
    running = not is_over and (status == ACTIVE or said.outage_kind in _UNDER_WAY)
    points, summary = said.de_energized_usage_point, said.summary
    count = summary.total_count if summary else None
    customers = len(points) if count is None else count
    dark = said.meters_affected if said.meters_affected is not None else customers
    devices = said.outage_isolation_equipment
    places = [*(one.mrid for one in devices), *(one.mrid for one in points)]
    period, actual = said.estimated_period, said.actual_period
    return Planned(
        mrid=mrid,
        name=said.names[0].name if said.names else "",
        devices=tuple((d.names[0].name if d.names else "") or d.mrid or "" for d in devices),
        place=next((mrid for mrid in places if mrid), ""),
        customers=customers,
        dark=dark if running else 0,
        critical=summary.critical_count if summary else None,
        began=time_of(actual.start) if actual else None,
        begins=time_of(period.start) if period else None,
        ends=time_of(period.end) if period else None,
        status=ENDED_BY.get(verb) or status or str(said.outage_kind or "reported"),
        running=running,
        active=not is_over,
        reason=said.reason or "",
        remark=said.comment or "",
        why=(said.status.remark or "") if said.status else "",
        community=said.community_descriptor or "",
        messages=(seq,),
    )
