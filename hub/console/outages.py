"""The outages, folded from the UnplannedOutages messages in the journal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock

from sqlalchemy import Connection, func, select

from cim.message import Verb
from cim.profiles.unplanned_outages import OutageStatusKind, UnplannedOutage, UnplannedOutages
from hub.journal.canonical import decode
from hub.journal.tables import is_real
from hub.journal.tables import message as messages

NOUN = UnplannedOutages.__name__
NEWEST = 5_000
"""How many messages back the fold begins after a start."""
KEPT = 1_000
"""How many outages that are over stay in the list."""

_EVENTS = (Verb.CREATED, Verb.CHANGED, Verb.CLOSED, Verb.CANCELED, Verb.DELETED)
_ENDED_BY = {Verb.CLOSED: "closed", Verb.CANCELED: "canceled", Verb.DELETED: "deleted"}
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
    """Reads only what is new since the last look."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._after: int | None = None
        self._known: dict[str, Outage] = {}

    def all(self, connection: Connection) -> list[Outage]:
        """Active ones first, then by their start, the newest first."""
        with self._lock:
            self._catch_up(connection)
            known = list(self._known.values())
        known.sort(key=lambda o: (o.active, o.since.timestamp() if o.since else 0.0), reverse=True)
        return known

    def active(self, connection: Connection) -> list[Outage]:
        """Those that are not over."""
        return [outage for outage in self.all(connection) if outage.active]

    def one(self, connection: Connection, mrid: str) -> Outage | None:
        """The outage of that mRID."""
        with self._lock:
            self._catch_up(connection)
            return self._known.get(mrid)

    def _catch_up(self, connection: Connection) -> None:
        if self._after is None:
            self._after = _beginning(connection)
        new = (
            select(messages.c.seq, messages.c.body)
            .where(
                messages.c.noun == NOUN,
                messages.c.seq > self._after,
                is_real,
                messages.c.verb.in_([str(verb) for verb in _EVENTS]),
            )
            .order_by(messages.c.seq)
        )
        for seq, body in connection.execute(new):
            said = decode(body)
            if isinstance(said.payload, UnplannedOutages):
                for outage in said.payload.unplanned_outage:
                    self._take(seq, said.header.verb, outage)
            self._after = seq
        self._forget()

    def _take(self, seq: int, verb: Verb, said: UnplannedOutage) -> None:
        if said.mrid is None:
            return
        before = self._known.get(said.mrid)
        now = _outage(said.mrid, seq, verb, said)
        self._known[said.mrid] = _after(before, now) if before else now

    def _forget(self) -> None:
        over = [o for o in self._known.values() if not o.active]
        for outage in sorted(over, key=lambda o: o.messages[-1])[:-KEPT]:
            del self._known[outage.mrid]


def _beginning(connection: Connection) -> int:
    newest = (
        select(messages.c.seq)
        .where(messages.c.noun == NOUN)
        .order_by(messages.c.seq.desc())
        .limit(NEWEST)
        .subquery()
    )
    oldest = connection.scalar(select(func.min(newest.c.seq)))
    return (oldest or 1) - 1


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
        status=_ENDED_BY.get(verb) or (said.outage_kind or "reported"),
        active=verb not in _ENDED_BY and said.outage_kind not in _OVER,
        why=said.comment or "",
        usage_points=points,
        messages=(seq,),
    )


def _point(mrid: str | None, names: list[str]) -> str:
    return mrid or (names[0] if names else "")
