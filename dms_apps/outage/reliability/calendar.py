"""Days of a time zone, and the spans of days that a report is of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np

from dms_apps.outage.reliability.conventions import Conventions
from dms_apps.outage.reliability.interruption import Ints, Longs, micros, moment

EACH = ("whole", "year", "month", "day")
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """Some days, by number in a calendar; `last` is the first one after them."""

    name: str
    first: int
    last: int


@dataclass(frozen=True)
class Calendar:
    """The days from `first` on, numbered from 0."""

    zone: ZoneInfo
    first: date
    days: int

    @cached_property
    def starts(self) -> Longs:
        """When each begins, and when the last one is over; microseconds since 1970."""
        dates = (self.day(number) for number in range(self.days + 1))
        midnights = (datetime(d.year, d.month, d.day, tzinfo=self.zone) for d in dates)
        return np.fromiter(map(micros, midnights), np.int64, self.days + 1)

    def day(self, number: int) -> date:
        """Which day it is."""
        return self.first + number * _DAY

    def number(self, day: date) -> int:
        """Of a day; below 0 before the first, `days` and more after the last."""
        return (day - self.first).days

    def of(self, at: Longs) -> Ints:
        """The numbers of the days on which these moments are."""
        return (np.searchsorted(self.starts, at, "right") - 1).astype(np.int32)

    def length(self, span: Span, until: int) -> int:
        """Microseconds of a span, up to a moment; a day with a change of the clock has 23 h or
        25 h."""
        begin, end = int(self.starts[span.first]), int(self.starts[span.last])
        return max(min(end, until) - begin, 0)


def day_of(at: int, zone: tzinfo) -> date:
    """The day of microseconds since 1970."""
    return moment(at).astimezone(zone).date()


def spans(calendar: Calendar, first: date, last: date, each: str, by: Conventions) -> list[Span]:
    """The days from `first` to `last`, both included and in the calendar, as a `whole` or by each
    `year`, `month` or `day`; the outer ones may be parts of one.

    A reporting year that is no calendar year is called e.g. 2025/26.
    """
    found: list[Span] = []
    begin = first
    while begin <= last:
        end = min(_next(begin, each, by, last), last + _DAY)
        name = _name(begin, each, by, first, last)
        found.append(Span(name, calendar.number(begin), calendar.number(end)))
        begin = end
    return found


def _next(day: date, each: str, by: Conventions, last: date) -> date:
    """The first day of the next one."""
    if each == "day":
        return day + _DAY
    if each == "month":
        return date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return by.begins(by.year_of(day) + 1) if each == "year" else last + _DAY


def _name(day: date, each: str, by: Conventions, first: date, last: date) -> str:
    if each == "day":
        return day.isoformat()
    if each == "month":
        return f"{day:%Y-%m}"
    if each == "year":
        year = by.year_of(day)
        return f"{year}" if by.year == "01-01" else f"{year}/{(year + 1) % 100:02d}"
    return f"{first} to {last}"
