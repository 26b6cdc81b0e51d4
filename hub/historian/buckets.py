"""Values of a series by equal steps of time: least, greatest, mean, first, last and how many.

Days, months and years are those of a time zone, of 23 to 25 hours where its clocks are changed;
shorter steps are counted from the beginning of each day.  A value of an interval belongs to the
step in which its interval begins: the quarter of an hour up to midnight is of the day before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from hub.historian import questions
from hub.historian.blocks import Instants, instants
from hub.historian.questions import Span, Stored
from hub.historian.tables import moment_of

MOST_VALUES = 2_000_000
MOST_STEPS = 10_000
_STEP = re.compile(r"([1-9][0-9]{0,4})(s|min|h|d|mo|y)")
_SECONDS = {"s": 1, "min": 60, "h": 3600}
_DAY = 86_400


@dataclass(frozen=True)
class Step:
    """A length of time: `count` of "s", "min", "h", "d", "mo" or "y"."""

    count: int
    unit: str

    @classmethod
    def of(cls, text: str) -> Step:
        """E.g. "15min".  Raises: ValueError."""
        found = _STEP.fullmatch(text)
        if found is None:
            raise ValueError(
                f'every: a step such as 15min, 1h, 1d, 1mo or 1y was expected, not "{text[:40]}"'
            )
        step = cls(int(found[1]), found[2])
        if step.unit in _SECONDS and step.count * _SECONDS[step.unit] > _DAY:
            raise ValueError(f"every: {text} is longer than a day: say it in days, e.g. 2d")
        return step


def zone_of(name: str) -> ZoneInfo:
    """The time zone of that name.  Raises: ValueError."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(
            f'zone: a time zone such as Europe/Berlin was expected, not "{name[:40]}"'
        ) from None


@dataclass(frozen=True)
class Bucket:
    """What a series was within a step; `count` values that are there, and finite."""

    start: datetime
    end: datetime
    count: int
    least: float
    greatest: float
    mean: float
    first: float
    last: float


def buckets(
    connection: Connection, series: Stored, span: Span, step: Step, zone: ZoneInfo
) -> list[Bucket]:
    """Those in which there are values, in the order of time.

    Raises: ValueError, when `span` is open at an end or longer than can be answered.
    """
    if span.start is None or span.end is None:
        raise ValueError("start and end must be given with every")
    edges = _edges(span.start, span.end, step, zone)
    wider = Span(span.start, _later(span.end, series.interval), span.as_of)
    times, starts, values = questions.columns(connection, series.id, wider, MOST_VALUES + 1)
    if len(times) > MOST_VALUES:
        raise ValueError(
            f"start and end: there are more than {MOST_VALUES:,} values between; ask for less"
        )
    at = _begun(instants(times), starts, series.interval)
    return list(_buckets(at, np.array(values, np.float64), instants(edges)))


def _later(end: datetime, interval: int | None) -> datetime:
    """Up to which times values begin before `end`: one microsecond lets in what ends there."""
    return end + timedelta(seconds=interval or 0, microseconds=1)


def _begun(at: Instants, starts: Sequence[datetime | None], interval: int | None) -> Instants:
    """To which moment each value counts."""
    begun = at - (interval or 0) * 1_000_000
    given = [n for n, one in enumerate(starts) if one is not None]
    if given:
        begun[given] = instants([starts[n] for n in given])
    return begun


def _buckets(at: Instants, values: NDArray[np.float64], edges: Instants) -> Iterator[Bucket]:
    there = np.isfinite(values) & (at >= edges[0]) & (at < edges[-1])
    order = np.argsort(at[there], kind="stable")
    at, values = at[there][order], values[there][order]
    if not at.size:
        return
    place = np.searchsorted(edges, at, side="right") - 1
    firsts = np.flatnonzero(np.diff(place, prepend=-1))
    for low, high in zip(firsts.tolist(), [*firsts[1:].tolist(), len(at)], strict=True):
        part, n = values[low:high], int(place[low])
        yield Bucket(
            start=moment_of(int(edges[n])),
            end=moment_of(int(edges[n + 1])),
            count=high - low,
            least=float(part.min()),
            greatest=float(part.max()),
            mean=float(part.mean()),
            first=float(part[0]),
            last=float(part[-1]),
        )


def _edges(start: datetime, end: datetime, step: Step, zone: ZoneInfo) -> list[datetime]:
    """Where the steps from `start` to `end` begin, and where the last one ends; both cut short."""
    if start >= end:
        raise ValueError("start: it must be before end")
    found = [start]
    for edge in _grid(start.astimezone(zone), step, zone):
        if edge >= end:
            break
        if edge > start:
            found.append(edge)
        if len(found) > MOST_STEPS:
            raise ValueError(f"every: there are more than {MOST_STEPS:,} steps; take longer ones")
    return [*found, end]


def _grid(local: datetime, step: Step, zone: ZoneInfo) -> Iterator[datetime]:
    """The beginnings of steps from the day, month or year of `local` on, UTC."""
    day = datetime(local.year, local.month, local.day)
    if step.unit == "mo":
        day = datetime(local.year, 1, 1)
    elif step.unit == "y":
        day = datetime(local.year - local.year % step.count or 1, 1, 1)
    while True:
        after = _next(day, step)
        begin, end = (one.replace(tzinfo=zone).astimezone(UTC) for one in (day, after))
        yield begin
        if step.unit in _SECONDS:
            length = timedelta(seconds=step.count * _SECONDS[step.unit])
            edge = begin + length
            while edge < end:
                yield edge
                edge += length
        day = after


def _next(day: datetime, step: Step) -> datetime:
    if step.unit == "y":
        return day.replace(year=day.year + step.count)
    if step.unit == "mo":
        months = day.month - 1 + step.count
        return day.replace(year=day.year + months // 12, month=months % 12 + 1)
    return day + timedelta(days=step.count if step.unit == "d" else 1)
