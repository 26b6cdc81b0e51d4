"""A planned outage, and how it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """How far a planned outage has come: its Document.status."""

    PLANNED = "planned"
    NOTIFIED = "notified"
    ACTIVE = "active"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


AHEAD = frozenset({State.PLANNED, State.NOTIFIED})
OPEN = AHEAD | {State.ACTIVE}


class DeedKind(StrEnum):
    """What is done to a device for the outage."""

    OPEN = "open"
    CLOSE = "close"
    OUT = "out"  # taken out of service: what is no switch


class Deed(NamedTuple):
    """What is done to one device, by mRID.

    phases: the poles that move, e.g. "A"; "" for all.
    moves:  whether that changes anything: a switch that is open already says nothing of a begin.
    """

    device: str
    kind: DeedKind
    phases: str = ""
    moves: bool = True


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One planned outage.

    deeds, equipment: what is switched for it; what is to be without supply.
    is_fixed: whether whom it concerns was told by somebody, not worked out.
    served:   customers below what is opened; `count`: those without supply of them.
    dark:     how many have no supply now; mark: of who they are, "" before anybody looked.
    started_at, back_at, ended_at: of the interruption itself; back_at as long as all have supply.
    moved_at: when any switch moved last during it, as far as that was reported.
    is_seen:  whether it was seen to begin, not only said.
    why:      of the state, or of what was decided against a rule.
    remarks:  what there is to say about it, in sentences.
    tell_from: not before then is told whom it does not concern any more.
    notify_at: when to look whom to tell.
    is_stale: whether another plan has changed that it shares time with.
    document: the rest of what was said of it, by whomever.
    """

    mrid: str
    state: State
    begins_at: datetime
    ends_at: datetime
    created_at: datetime
    as_of: datetime
    heard_at: datetime
    deeds: tuple[Deed, ...]
    equipment: tuple[str, ...] = ()
    is_fixed: bool = False
    served: int = 0
    count: int = 0
    critical: int = 0
    dark: int = 0
    mark: str = ""
    started_at: datetime | None = None
    back_at: datetime | None = None
    ended_at: datetime | None = None
    moved_at: datetime | None = None
    is_seen: bool = False
    is_overdue: bool = False
    why: str = ""
    remarks: tuple[str, ...] = ()
    tell_from: datetime
    notify_at: datetime | None = None
    is_stale: bool = False
    document: bytes = b""

    @property
    def is_ahead(self) -> bool:
        return self.state in AHEAD

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def overlaps(self, begins_at: datetime, ends_at: datetime) -> bool:
        return self.begins_at < ends_at and begins_at < self.ends_at


@dataclass(frozen=True)
class Seen:
    """What the network shows of a plan.

    is_off:    whether a switch of it is open, and customers are without supply where there are any.
    opened_at: when the first of its switches was opened last; None: none ever was.
    closed_at: when the last of them was closed after that, as far as that is known.
    dark:      customers without supply.
    """

    is_off: bool
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    dark: int = 0


@dataclass(frozen=True)
class Patience:
    """early: how long before its time an opening counts as the begin; grace: after the end."""

    early: timedelta
    grace: timedelta


def advanced(plan: Plan, seen: Seen, now: datetime, patience: Patience) -> Plan:
    """The plan as far as it has come.

    It begins when its switches are open and its time has come; it ends when all have supply again
    and its time is over.  What was only said to have begun must be said to have ended.
    """
    if plan.is_ahead:
        plan = _begun(plan, seen, now, patience)
    if plan.state is not State.ACTIVE:
        return plan
    plan = _seen(plan, seen, now)
    if plan.back_at is not None and now >= plan.ends_at:
        return replace(plan, state=State.COMPLETED, ended_at=plan.back_at, is_overdue=False, dark=0)
    is_late = plan.back_at is None and now >= plan.ends_at + patience.grace
    return replace(plan, is_overdue=is_late)


def times(plan: Plan, patience: Patience) -> Iterator[datetime]:
    """When it may go on by itself."""
    if plan.is_ahead:
        yield from (plan.begins_at - patience.early, plan.begins_at, plan.ends_at)
    elif plan.state is State.ACTIVE:
        yield from (plan.ends_at, plan.ends_at + patience.grace)


def _begun(plan: Plan, seen: Seen, now: datetime, patience: Patience) -> Plan:
    at, earliest = seen.opened_at, plan.begins_at - patience.early
    if at is not None and at < earliest:
        at = plan.begins_at if seen.is_off else None
    is_over = seen.closed_at is not None  # before anybody looked
    if at is not None and at <= now and at < plan.ends_at and (seen.is_off or is_over):
        return replace(plan, state=State.ACTIVE, started_at=at, is_seen=True)
    if now >= plan.ends_at:
        why = "None of its switches was reported open until its planned end."
        return replace(plan, state=State.CANCELLED, why=why, dark=0)
    return plan


def _seen(plan: Plan, seen: Seen, now: datetime) -> Plan:
    """An active one, as the network shows it."""
    if seen.is_off:
        return replace(plan, is_seen=True, dark=seen.dark, back_at=None)
    if not plan.is_seen:
        return replace(plan, dark=plan.count)
    start = plan.started_at or now
    return replace(plan, dark=0, back_at=plan.back_at or max(start, seen.closed_at or now))
