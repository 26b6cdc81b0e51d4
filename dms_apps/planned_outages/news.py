"""Whom to tell of a planned outage, what and when: nobody the same thing twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from dms_apps.planned_outages.plan import Plan, State


class Kind(StrEnum):
    """Of what customers are told."""

    ANNOUNCEMENT = "announcement"
    CHANGE = "change"
    REMINDER = "reminder"
    CANCELLATION = "cancellation"


class Told(Protocol):
    """What was told last about a usage point."""

    @property
    def kind(self) -> str: ...
    @property
    def begins_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def told_at(self) -> datetime: ...


@dataclass(frozen=True)
class Timing:
    """How long before the begin customers are told, and reminded; 0: they are not reminded."""

    announce: timedelta
    remind: timedelta


@dataclass(frozen=True)
class News:
    """What is to be told about which usage points now, and when to look again."""

    now: Mapping[str, Kind]
    then: datetime | None


def news(
    plan: Plan,
    points: Mapping[str, datetime],
    told: Mapping[str, Told],
    now: datetime,
    timing: Timing,
) -> News:
    """points: whom it concerns, and from when on they may be told so.

    Announced in time; told at once that the period has changed, that nothing comes of it, or not
    for them; reminded.  Nothing is told of what is over, and nothing announced that has begun.
    """
    due: dict[str, tuple[datetime, Kind]] = {}
    if plan.state is not State.COMPLETED and plan.ends_at > now:
        concerned = {} if plan.state is State.CANCELLED else points
        for point, tell_from in concerned.items():
            for at, kind in _still(plan, told.get(point), tell_from, timing):
                due[point] = at, kind
        if plan.state is not State.ACTIVE:
            due |= _no_more(plan, concerned, told, now)
    return News(
        {point: kind for point, (at, kind) in due.items() if at <= now},
        min((at for at, _ in due.values() if at > now), default=None),
    )


def is_told(plan: Plan, points: Mapping[str, datetime], told: Mapping[str, Told]) -> bool:
    """Whether all whom it concerns know, and know when."""
    return bool(points) and all(
        (one := told.get(point)) is not None
        and one.kind != Kind.CANCELLATION
        and (one.begins_at, one.ends_at) == (plan.begins_at, plan.ends_at)
        for point in points
    )


def _still(
    plan: Plan, before: Told | None, tell_from: datetime, timing: Timing
) -> Iterator[tuple[datetime, Kind]]:
    """What is told next to one whom it concerns, and when."""
    if before is None or before.kind == Kind.CANCELLATION:
        if plan.is_ahead:
            yield max(plan.begins_at - timing.announce, tell_from), Kind.ANNOUNCEMENT
    elif (before.begins_at, before.ends_at) != (plan.begins_at, plan.ends_at):
        yield before.told_at, Kind.CHANGE
    elif plan.is_ahead and timing.remind and before.kind != Kind.REMINDER:
        at = plan.begins_at - timing.remind
        if before.told_at < at:
            yield at, Kind.REMINDER


def _no_more(
    plan: Plan, concerned: Mapping[str, datetime], told: Mapping[str, Told], now: datetime
) -> dict[str, tuple[datetime, Kind]]:
    """Those who were told and whom it does not concern any more."""
    return {
        point: (plan.tell_from, Kind.CANCELLATION)
        for point, before in told.items()
        if point not in concerned and before.kind != Kind.CANCELLATION and before.ends_at > now
    }
