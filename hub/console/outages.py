"""The outages, folded from the UnplannedOutages messages in the journal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from cim.message import Message, Verb
from cim.profiles.unplanned_outages import OutageStatusKind, UnplannedOutage, UnplannedOutages
from hub.console.folded import ENDED_BY, Folded

NOUN = UnplannedOutages.__name__
_OVER = {OutageStatusKind.CLOSED, OutageStatusKind.RESTORED}


@dataclass(frozen=True, kw_only=True)
class Outage:
    """One outage as last reported.

    device:    mRID of the device behind it; empty when none was named.
    customers: without supply now, or when it was last reported before it ended.
    status:    predicted, confirmed, partiallyRestored, restored, closed ...
    messages:  `seq` of the messages that spoke of it, the oldest first.
    """

    mrid: str
    device: str
    device_name: str
    customers: int
    critical: int | None
    since: datetime | None
    until: datetime | None
    expected: datetime | None
    status: str
    active: bool
    why: str
    usage_points: tuple[str, ...]
    messages: tuple[int, ...]


class Outages:
    """All that were reported of late."""

    def __init__(self) -> None:
        self._folded = Folded(NOUN, _told, _after)

    def all(self, connection: Connection) -> list[Outage]:
        """Active ones first, then by their start, the newest first."""
        with self._folded.up_to_date(connection) as known:
            found = list(known.values())
        found.sort(key=lambda o: (o.active, o.since.timestamp() if o.since else 0.0), reverse=True)
        return found

    def active(self, connection: Connection) -> list[Outage]:
        """Those that are not over."""
        return [outage for outage in self.all(connection) if outage.active]

    def one(self, connection: Connection, mrid: str) -> Outage | None:
        """The outage of that mRID."""
        with self._folded.up_to_date(connection) as known:
            return known.get(mrid)


def _told(seq: int, message: Message) -> Iterator[Outage]:
    if isinstance(message.payload, UnplannedOutages):
        for said in message.payload.unplanned_outage:
            if said.mrid is not None:
                yield _outage(said.mrid, seq, message.header.verb, said)


def _after(before: Outage, now: Outage) -> Outage:
    """`now`, with what it leaves unsaid taken from `before`."""
    return replace(
        now,
        device=now.device or before.device,
        device_name=now.device_name or before.device_name,
        customers=now.customers or (0 if now.active else before.customers),
        critical=before.critical if now.critical is None else now.critical,
        since=now.since or before.since,
        why=now.why or before.why,
        usage_points=now.usage_points or (() if now.active else before.usage_points),
        messages=(*before.messages, *now.messages),
    )


def _outage(mrid: str, seq: int, verb: Verb, said: UnplannedOutage) -> Outage:
    device = said.outage_isolation_equipment[0] if said.outage_isolation_equipment else None
    name = device.names[0].name if device and device.names else None
    points = tuple(_point(p.mrid, [n.name for n in p.names]) for p in said.de_energized_usage_point)
    total = said.summary.total_count if said.summary else None
    period = said.actual_period
    expected = said.estimated_restoration_time
    return Outage(
        mrid=mrid,
        device=(device.mrid or "") if device else "",
        device_name=name or (device.mrid if device else None) or "",
        customers=len(points) if total is None else total,
        critical=said.summary.critical_count if said.summary else None,
        since=(period.start if period else None) or said.reported_start_time,
        until=period.end if period else None,
        expected=expected.ert if expected else None,
        status=ENDED_BY.get(verb) or (said.outage_kind or "reported"),
        active=verb not in ENDED_BY and said.outage_kind not in _OVER,
        why=said.comment or "",
        usage_points=points,
        messages=(seq,),
    )


def _point(mrid: str | None, names: list[str]) -> str:
    return mrid or (names[0] if names else "")
