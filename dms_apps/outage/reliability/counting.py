"""What each interruption counts: as sustained or momentary, to which day, for how long.

All of it in whole numbers: customers, and microseconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dms_apps.outage.reliability.calendar import Calendar
from dms_apps.outage.reliability.conventions import Conventions
from dms_apps.outage.reliability.events import events
from dms_apps.outage.reliability.interruption import (
    OPEN,
    Bools,
    Coded,
    Interruptions,
    Ints,
    Longs,
    moment,
)

SECOND = 1_000_000


@dataclass(frozen=True, eq=False, kw_only=True)
class Counted:
    """Interruptions by day: one line for each, or for each day of it where it accrues to days.

    row:     of which interruption.
    day:     to which it accrues, by number in the calendar.
    micros:  that it counts as a sustained one.
    sustained, momentary, event: customers that it counts as such; an interruption of the same
             customers that goes on in another outage without a break is one, of the first outage.
    length:  microseconds of the whole interruption that begins here, 0 in the lines that go on.
    undecided: customers out, at the moment of asking, for not so long yet that it is sustained.
    """

    row: Longs
    day: Ints
    micros: Longs
    sustained: Longs
    momentary: Longs
    event: Longs
    length: Longs
    undecided: Longs


@dataclass(frozen=True, eq=False)
class _Whole:
    """By row: the row with which the interruption of these customers begins, how long it is as a
    whole, and whether it is over."""

    first: Longs
    length: Longs
    is_over: Bools

    @property
    def begins(self) -> Bools:
        found: Bools = self.first == np.arange(len(self.first))
        return found


def count(some: Interruptions, calendar: Calendar, by: Conventions, now: int) -> Counted:
    """now: microseconds since 1970, up to which what is open has lasted.

    calendar: has the days of all beginnings, and where they accrue to days of all ends and `now`.
    Raises: ValueError, when one usage point is interrupted twice at once.
    """
    is_open = some.ended == OPEN
    ended = np.where(is_open, np.maximum(some.started, now), some.ended)
    whole = _wholes(some, ended, is_open)
    limit = by.sustained * SECOND
    longer = whole.length >= limit if by.exactly == "sustained" else whole.length > limit
    taken = whole.is_over | (by.open == "counted")
    sustained, momentary = longer & taken, ~longer & whole.is_over
    begins = whole.begins
    number, nothing = some.customers, np.zeros(len(some), np.int64)
    event = events(
        _same(some), some.started, number, begins & momentary, begins & sustained,
        by.event * SECOND, before_sustained=by.before_sustained,
    )  # fmt: skip
    waiting = begins & ~longer & ~whole.is_over
    lines = Counted(
        row=np.arange(len(some)),
        day=calendar.of(some.started[whole.first]),
        micros=np.where(sustained, ended - some.started, 0),
        sustained=np.where(sustained & begins, number, nothing),
        momentary=np.where(momentary & begins, number, nothing),
        event=event,
        length=np.where(sustained & begins, whole.length, 0),
        undecided=np.where(waiting, number, nothing),
    )
    return _by_days(lines, some.started, ended, calendar) if by.accrues == "days" else lines


def _wholes(some: Interruptions, ended: Longs, is_open: Bools) -> _Whole:
    point, size = some.point.codes, len(some)
    order = np.lexsort((ended, some.started, point))
    start, end, at = some.started[order], ended[order], point[order]
    same = (at[1:] == at[:-1]) & (at[1:] > 0)
    if (twice := np.flatnonzero(same & (start[1:] < end[:-1]))).size:
        _overlap(some, int(order[twice[0]]), int(order[twice[0] + 1]))
    begins = np.append(True, ~(same & (start[1:] == end[:-1])))[:size]
    first = np.empty(size, np.int64)
    first[order] = order[begins][begins.cumsum() - 1]
    length, still = np.zeros(size, np.int64), np.zeros(size, np.bool_)
    np.add.at(length, first, ended - some.started)
    np.logical_or.at(still, first, is_open)
    return _Whole(first, length[first], ~still[first])


def _overlap(some: Interruptions, one: int, other: int) -> None:
    begin, next_ = moment(some.started[one]), moment(some.started[other])
    raise ValueError(
        f"usage point {some.point.at(one)}: its interruption from {next_.isoformat()} begins before"
        f" that from {begin.isoformat()} is over"
    )


def _same(some: Interruptions) -> Longs:
    """Equal where the same customers are out: by usage point, else by device, else none are."""
    point, device = some.point.codes.astype(np.int64), some.device.codes.astype(np.int64)
    points, devices = len(some.point.words), len(some.device.words)
    alone = points + devices + np.arange(len(some))
    return np.where(point > 0, point, np.where(device > 0, points + device, alone))


def _by_days(lines: Counted, started: Longs, ended: Longs, calendar: Calendar) -> Counted:
    """To each day what is on it; what is counted once, to the day on which it begins."""
    longer = lines.micros > 0
    first = calendar.of(started)
    last = np.where(longer, calendar.of(np.maximum(ended - 1, started)), first)
    times = (last - first + 1).astype(np.int64)
    row = np.repeat(lines.row, times)
    within = np.arange(len(row)) - np.repeat(times.cumsum() - times, times)
    day = first[row] + within
    begin = np.maximum(started[row], calendar.starts[day])
    end = np.minimum(ended[row], calendar.starts[day + 1])
    once = within == 0
    return Counted(
        row=row,
        day=day.astype(np.int32),
        micros=np.where(longer[row], end - begin, 0),
        sustained=np.where(once, lines.sustained[row], 0),
        momentary=np.where(once, lines.momentary[row], 0),
        event=np.where(once, lines.event[row], 0),
        length=np.where(once, lines.length[row], 0),
        undecided=np.where(once, lines.undecided[row], 0),
    )


def group(column: Coded, lines: Counted) -> Ints:
    """The codes of a column by line."""
    return column.codes[lines.row]
