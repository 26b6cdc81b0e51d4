"""The indices of a time, by system, region, feeder, cause, device or outage, and by period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np

from dms_apps.outage.reliability.calendar import Calendar, Span, day_of, spans
from dms_apps.outage.reliability.conventions import Conventions
from dms_apps.outage.reliability.counting import Counted, count, group
from dms_apps.outage.reliability.exact import products
from dms_apps.outage.reliability.indices import MINUTE, Indices, Tally, tallies
from dms_apps.outage.reliability.interruption import OPEN, Bools, Interruptions, Ints
from dms_apps.outage.reliability.major_days import Daily, Major, major
from dms_apps.outage.reliability.served import Average, Served

_DAY = timedelta(days=1)
_NOBODY = Average(None, None)
BY = ("system", "region", "feeder", "cause", "device", "outage")
DAYS = ("all", "normal", "major")
PLANNED = ("all", "unplanned", "planned")


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked.

    by:      into which groups interruptions are put, one of `BY`.
    each:    span of time that gets a line of its own, one of `calendar.EACH`.
    days:    whether major event days are counted, one of `DAYS`.
    planned: which interruptions, one of `PLANNED`.
    """

    by: str = "system"
    each: str = "whole"
    days: str = "all"
    planned: str = "all"


@dataclass(frozen=True)
class Line:
    """The indices of one group in one span.

    own:   by what the group itself serves, where it is a region or a feeder; else as `whole`.
    whole: by what the whole system serves: those of the groups add up to the system's.
    """

    group: str
    span: str
    own: Indices
    whole: Indices


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """Interruptions, what is served, and how they are counted.

    first, last: the days that are asked for, both included; interruptions of the reporting years
             before them tell which days are major.
    now:     microseconds since 1970; what is open has lasted until then, and no span goes on after.
    history: daily SAIDI of days of which interruptions are not known one by one.
    since:   the first day of which all interruptions are there; days before it are told by the
             history alone.  None: all days.
    notes:   what is to be known of the interruptions themselves, in sentences.
    """

    first: date
    last: date
    some: Interruptions
    served: Served
    by: Conventions
    now: int
    history: Daily = field(default_factory=dict)
    since: date | None = None
    notes: tuple[str, ...] = ()

    @cached_property
    def calendar(self) -> Calendar:
        """All days that are asked for or on which something is counted, and today."""
        zone = ZoneInfo(self.by.zone)
        over = self.some.ended[self.some.ended != OPEN]
        moments = np.concatenate([self.some.started, over, [self.now]])
        days = {self.first, *(day_of(at, zone) for at in (moments.min(), moments.max()))}
        first, last = min(days), max(days)
        return Calendar(zone, first, (last - first).days + 1)

    @cached_property
    def lines(self) -> Counted:
        """What each interruption counts.  Raises: ValueError, as `count`."""
        return count(self.some, self.calendar, self.by, self.now)

    @cached_property
    def daily(self) -> Daily:
        """SAIDI of each day with a sustained interruption, and of the days of the history."""
        lines, calendar, since = self.lines, self.calendar, self.since
        wanted = np.full(len(lines.row), True)
        if self.by.major_of == "unplanned":
            wanted = ~self.some.planned[lines.row]
        into = np.where(wanted, lines.day, np.int32(-1))
        lost = products(self.some.customers[lines.row], lines.micros, into, calendar.days)
        served = self.served.daily(calendar.first, calendar.days)
        own = {
            calendar.day(number): Fraction(micros, MINUTE * customers)
            for number, (micros, customers) in enumerate(zip(lost, served, strict=False))
            if micros and customers and (since is None or calendar.day(number) >= since)
        }
        return {**self.history, **own}

    @cached_property
    def major(self) -> Major:
        """The major event days of the reporting years that are asked for."""
        last = min(self.last, self.today)
        years = range(self.by.year_of(self.first), self.by.year_of(last) + 1)
        return major(years, self.daily, self.by)

    @property
    def today(self) -> date:
        """The day it is now."""
        return day_of(self.now, ZoneInfo(self.by.zone))

    def ask(self, question: Question) -> list[Line]:
        """A line for each group in each span; regions and feeders that are served have one also
        without an interruption, of others those that had any."""
        asked = self._spans(question.each)
        into, names = self._groups(question, asked)
        found = tallies(self.some, self.lines, into, len(asked) * len(names), self.by)
        return [
            self._line(question, span, name, tally)
            for (span, name), tally in zip(
                ((span, name) for span in asked for name in names), found, strict=True
            )
            if question.by in ("system", "region", "feeder") or _any(tally)
        ]

    @cached_property
    def span(self) -> Span:
        """All the days that are asked for, up to today."""
        whole = self._spans("whole")
        return whole[0] if whole else Span("", 0, 0)

    def counts(self, question: Question) -> Bools:
        """By line, whether the question is of it."""
        return self._into(question, [self.span]) >= 0

    def _spans(self, each: str) -> list[Span]:
        return spans(self.calendar, self.first, min(self.last, self.today), each, self.by)

    def _into(self, question: Question, asked: Sequence[Span]) -> Ints:
        """By line the number of its span, -1 without one."""
        of_day = np.full(self.calendar.days, -1, np.int32)
        for number, span in enumerate(asked):
            of_day[span.first : span.last] = number
        if question.days != "all":
            is_major = np.zeros(self.calendar.days, np.bool_)
            numbers = np.array([self.calendar.number(day) for day in self.major.days], np.int64)
            is_major[numbers[(numbers >= 0) & (numbers < len(is_major))]] = True
            of_day[is_major == (question.days == "normal")] = -1
        found = of_day[self.lines.day]
        if question.planned != "all":
            meant = self.some.planned[self.lines.row]
            found = np.where(meant == (question.planned == "planned"), found, np.int32(-1))
        return found

    def _groups(self, question: Question, asked: Sequence[Span]) -> tuple[Ints, list[str]]:
        """By line the number of its span and group, and the names of the groups."""
        number = self._into(question, asked)
        if question.by == "system":
            return number, [""]
        column = getattr(self.some, question.by)
        mine = group(column, self.lines)
        used = {column.words[code] for code in np.unique(mine[number >= 0]).tolist()}
        if question.by == "feeder":
            used |= self.served.feeders.keys()
        if question.by == "region":
            used |= self.served.regions
        names = sorted(used)
        places = {name: at for at, name in enumerate(names)}
        place = np.array([places.get(word, -1) for word in column.words], np.int32)[mine]
        return np.where(number >= 0, number * np.int32(len(names)) + place, np.int32(-1)), names

    def _line(self, question: Question, span: Span, name: str, tally: Tally) -> Line:
        calendar = self.calendar
        first = calendar.day(span.first)
        last = min(calendar.day(span.last), self.today + _DAY)
        micros = calendar.length(span, self.now)
        whole = Indices(tally, self.served.over(first, last), micros)
        if question.by not in ("region", "feeder"):
            return Line(name, span.name, whole, whole)
        own = self.served.over(first, last, **{question.by: name}) if name else _NOBODY
        return Line(name, span.name, Indices(tally, own, micros), whole)


def _any(tally: Tally) -> bool:
    return bool(tally.sustained or tally.micros or tally.momentary)
