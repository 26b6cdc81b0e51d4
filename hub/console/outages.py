"""The outages, folded from the UnplannedOutages messages in the journal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from cim.message import Message, Verb
from cim.profiles.identification import Name
from cim.profiles.unplanned_outages import OutageStatusKind, UnplannedOutage, UnplannedOutages
from cim.times import time_of
from hub.console.folded import ENDED_BY, Folded

NOUN = UnplannedOutages.__name__
HAZARD = "hazard"
"""Document.status of an outage where there is danger: its reason and its incidents say which."""

_OVER = {OutageStatusKind.CLOSED, OutageStatusKind.RESTORED}
_REPORTED = "reported"  # where no status is said
_STEPS = 200
_MESSAGES, _BYTES = 25_000, 64 * 1024 * 1024
"""That are read after a start: those of ten thousand open outages, in some seconds."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """What a message said of an outage that was not so before.

    at: when it was so; when the message was made, where it does not say.
    """

    message: int
    at: datetime | None
    status: str
    customers: int
    crew: str
    expected: datetime | None
    why: str

    def same_as(self, other: Step) -> bool:
        """Whether there is nothing new in it."""
        return replace(self, message=other.message, at=other.at) == other


@dataclass(frozen=True, kw_only=True)
class Outage:
    """One outage as last reported.

    device:    mRID of the device behind it; empty when none was named.
    place:     mRID of the device, else of the first usage point that is named.
    customers: without supply now, or when it was last reported before it ended.
    restored:  customers that have supply again.
    expected:  when supply is expected back; by whom that is told, and how sure it is: high, low.
    status:    predicted, confirmed, partiallyRestored, restored, closed ...
    note:      what has no status of its own, e.g. hazard, verify.
    crew:      how far the crew is, e.g. enroute; crews: which ones.
    hazards:   what is dangerous there; dangers: mRID of the incident that tells it, and what.
    groups:    mRID and name of each Incident that it shares with other outages.
    cause:     as the public is told it; cause_kind: as the CIM names it.
    whole:     whether all was told of it, and not only what is new.
    messages:  `seq` of the messages that spoke of it, the oldest first.
    steps:     what they brought, the oldest first; of very many the newest.
    """

    mrid: str
    device: str
    device_name: str
    place: str
    place_name: str
    customers: int
    restored: int | None
    critical: int | None
    since: datetime | None
    until: datetime | None
    expected: datetime | None
    expected_by: str
    sure: str
    status: str
    note: str
    crew: str
    crews: tuple[str, ...]
    hazards: tuple[str, ...]
    dangers: tuple[tuple[str, str], ...]
    groups: tuple[tuple[str, str], ...]
    cause: str
    cause_kind: str
    community: str
    active: bool
    whole: bool
    why: str
    usage_points: tuple[str, ...]
    messages: tuple[int, ...]
    steps: tuple[Step, ...]

    @property
    def urgency(self) -> tuple[bool, int, int, float]:
        """The most urgent first: danger, critical customers, customers, the oldest."""
        since = self.since.timestamp() if self.since else 0.0
        return not self.hazards, -(self.critical or 0), -self.customers, since

    def overdue(self, now: datetime) -> bool:
        """Whether supply was expected back before now."""
        return self.active and self.expected is not None and self.expected < now


class Outages:
    """All that were reported of late."""

    def __init__(self) -> None:
        self._folded = Folded(NOUN, _told, _after, _BYTES, _MESSAGES)

    @property
    def first(self) -> int:
        """The first message that counts, of the journal or of those read after a start."""
        return self._folded.first

    def all(self, connection: Connection) -> list[Outage]:
        """Active ones first, then by their start, the newest first."""
        with self._folded.up_to_date(connection) as known:
            found = list(known.values())
        found.sort(key=lambda o: (o.active, o.since.timestamp() if o.since else 0.0), reverse=True)
        return found

    def active(self, connection: Connection) -> list[Outage]:
        """Those that are not over, the most urgent first."""
        with self._folded.up_to_date(connection) as known:
            found = [outage for outage in known.values() if outage.active]
        return sorted(found, key=lambda outage: outage.urgency)

    def over(self, connection: Connection) -> list[Outage]:
        """Those that are, the newest first."""
        return [outage for outage in self.all(connection) if not outage.active]

    def one(self, connection: Connection, mrid: str) -> Outage | None:
        """The outage of that mRID."""
        with self._folded.up_to_date(connection) as known:
            return known.get(mrid)


def _told(seq: int, message: Message) -> Iterator[Outage]:
    if isinstance(message.payload, UnplannedOutages):
        for said in message.payload.unplanned_outage:
            if said.mrid is not None:
                yield _outage(said.mrid, seq, message, said)


def _after(before: Outage, now: Outage) -> Outage:
    """`now`, with what it leaves unsaid taken from `before`.

    Who tells the state, or who is without supply, tells of dangers, too: unsaid there is none.  Who
    tells all of it, tells when supply is expected back.
    """
    if now.status == _REPORTED and not now.customers and not now.usage_points:
        now = replace(
            now,
            status=before.status,
            customers=before.customers,
            usage_points=before.usage_points,
            note=now.note or before.note,
            hazards=now.hazards or before.hazards,
            dangers=now.dangers or before.dangers,
            groups=now.groups or before.groups,
        )
    if now.expected is None and not (now.whole and now.active):
        now = replace(
            now, expected=before.expected, expected_by=before.expected_by, sure=before.sure
        )
    told = replace(
        now,
        device=now.device or before.device,
        device_name=now.device_name or before.device_name,
        place=(now.device or before.device) or now.place or before.place,
        place_name=(now.device_name or before.device_name) or now.place_name or before.place_name,
        customers=now.customers or (0 if now.active else before.customers),
        restored=before.restored if now.restored is None else now.restored,
        critical=before.critical if now.critical is None else now.critical,
        since=now.since or before.since,
        crew=now.crew or before.crew,
        crews=now.crews if now.crew else (now.crews or before.crews),
        cause=now.cause or before.cause,
        cause_kind=now.cause_kind or before.cause_kind,
        community=now.community or before.community,
        why=now.why or before.why,
        usage_points=now.usage_points or (() if now.active else before.usage_points),
        messages=(*before.messages, *now.messages),
    )
    step = _step(told, told.messages[-1], now.steps[-1].at)
    is_news = not step.same_as(before.steps[-1])
    return replace(told, steps=(*before.steps, step)[-_STEPS:] if is_news else before.steps)


def _outage(mrid: str, seq: int, message: Message, said: UnplannedOutage) -> Outage:
    verb: Verb = message.header.verb
    device = said.outage_isolation_equipment[0] if said.outage_isolation_equipment else None
    points = tuple(_called(p.mrid, p.names) for p in said.de_energized_usage_point)
    total = said.summary.total_count if said.summary else None
    period, expected = said.actual_period, said.estimated_restoration_time
    there = next(iter((*said.de_energized_usage_point[:1], *said.energized_usage_point[:1])), None)
    place = device or there
    one = Outage(
        mrid=mrid,
        device=(device.mrid or "") if device else "",
        device_name=(_named(device.names) or device.mrid or "") if device else "",
        place=(place.mrid or "") if place else "",
        place_name=(_named(place.names) or place.mrid or "") if place else "",
        customers=len(points) if total is None else total,
        restored=said.customers_restored,
        critical=said.summary.critical_count if said.summary else None,
        since=time_of((period.start if period else None) or said.reported_start_time),
        until=time_of(period.end) if period else None,
        expected=time_of(expected.ert) if expected else None,
        expected_by=(expected.ert_source or "") if expected else "",
        sure=str(expected.confidence_kind or "") if expected else "",
        status=ENDED_BY.get(verb) or (said.outage_kind or _REPORTED),
        note=(said.status.value or "") if said.status else "",
        crew=str(said.status_kind or ""),
        crews=tuple(_named(crew.names) or crew.mrid or "" for crew in said.crew),
        hazards=_hazards(said),
        dangers=tuple((one.mrid, one.cause) for one in said.incident if one.mrid and one.cause),
        groups=tuple((i.mrid or "", _named(i.names)) for i in said.incident if not i.cause),
        cause=said.cause or "",
        cause_kind=str(said.cause_kind or ""),
        community=said.community_descriptor or "",
        active=verb not in ENDED_BY and said.outage_kind not in _OVER,
        whole=None not in (said.original_customers_served, said.outage_kind),
        why=said.comment or "",
        usage_points=points,
        messages=(seq,),
        steps=(),
    )
    at = time_of(said.last_modified_date_time) or time_of(message.header.timestamp)
    return replace(one, steps=(_step(one, seq, at),))


def _step(one: Outage, seq: int, at: datetime | None) -> Step:
    return Step(
        message=seq,
        at=at,
        status=one.status,
        customers=one.customers if one.active else 0,
        crew=one.crew,
        expected=one.expected,
        why=one.why,
    )


def _hazards(said: UnplannedOutage) -> tuple[str, ...]:
    """Incidents tell of dangers where the status says that there are any."""
    if said.status is None or said.status.value != HAZARD:
        return ()
    told = tuple(dict.fromkeys(one.cause for one in said.incident if one.cause))
    return told or (said.status.reason or HAZARD,)


def _named(names: tuple[Name, ...]) -> str:
    return names[0].name if names else ""


def _called(mrid: str | None, names: tuple[Name, ...]) -> str:
    return mrid or _named(names)
