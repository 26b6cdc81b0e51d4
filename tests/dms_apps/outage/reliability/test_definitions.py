"""Every index, in every group and span and by every convention, is what its definition gives."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dms_apps.outage.reliability.analysis import BY, DAYS, PLANNED, Analysis, Question
from dms_apps.outage.reliability.calendar import EACH
from dms_apps.outage.reliability.columns import figures
from dms_apps.outage.reliability.conventions import Conventions
from dms_apps.outage.reliability.indices import Indices
from dms_apps.outage.reliability.interruption import Interruption, Interruptions, micros
from dms_apps.outage.reliability.served import Served, Supply
from tests.dms_apps.outage.reliability import definitions
from tests.dms_apps.outage.reliability.definitions import DAY, Entry, Rules

BEGIN = datetime(2025, 3, 28, tzinfo=UTC)
FEEDERS = {"F1": "North", "F2": "North", "F3": "South"}

rules = st.fixed_dictionaries(
    {
        "zone": st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns"]),
        "year": st.sampled_from(["01-01", "04-01"]),
        "sustained": st.sampled_from([300, 180, 0]),
        "exactly": st.sampled_from(["momentary", "sustained"]),
        "event": st.just(300),
        "before_sustained": st.booleans(),
        "accrues": st.sampled_from(["start", "days"]),
        "open": st.sampled_from(["counted", "left out"]),
        "multiple": st.sampled_from(["more", "from"]),
        "counts": st.just((1, 2, 3)),
        "single": st.just((1, 8)),
        "total": st.just((4,)),
        "beta": st.sampled_from([2.5, 0.3]),
        "deviation": st.sampled_from(["sample", "population"]),
        "years": st.sampled_from([1, 2]),
        "zero_days": st.sampled_from(["dropped", "lowest"]),
        "major_of": st.sampled_from(["all", "unplanned"]),
    }
)
questions = st.builds(
    Question, by=st.sampled_from(BY), each=st.sampled_from(EACH), days=st.sampled_from(DAYS),
    planned=st.sampled_from(PLANNED),
)  # fmt: skip
minute_by_minute = st.sampled_from(range(0, 361, 60))
gaps = st.one_of(minute_by_minute, st.integers(1, 400), st.integers(400, 250_000))
lengths = st.one_of(
    minute_by_minute, st.integers(0, 400), st.integers(0, 40_000), st.integers(0, 250_000)
)


@st.composite
def ledgers(draw: st.DrawFn) -> list[Interruption]:
    """Of five usage points in the last days of March and the first ones of April; what touches is
    of several outages, and the last one of a usage point may go on."""
    found: list[Interruption] = []
    causes = {outage: draw(st.sampled_from(["", "wind", "tree"])) for outage in ("o1", "o2", "o3")}
    planned = draw(st.sampled_from(["", "o1", "o2"]))
    for number in range(5):
        feeder = draw(st.sampled_from([*FEEDERS, *FEEDERS, ""]))
        va = draw(st.sampled_from([1000, 700, 700, 700, None]))
        at = BEGIN
        for wait, lasts in draw(st.lists(st.tuples(gaps, lengths), max_size=5)):
            start = at + timedelta(seconds=wait)
            at = start + timedelta(seconds=lasts)
            outage = draw(st.sampled_from(["", *causes]))
            found.append(
                Interruption(
                    started=start, ended=at, point=f"p{number}", customers=number + 1, va=va,
                    outage=outage, device=outage and f"of {outage}", feeder=feeder,
                    region=FEEDERS.get(feeder, ""), cause=causes.get(outage, ""),
                    planned=bool(outage) and outage == planned,
                )
            )  # fmt: skip
        if found and found[-1].point == f"p{number}" and draw(st.booleans()):
            found[-1] = replace(found[-1], ended=None)
    return found


@st.composite
def supplies(draw: st.DrawFn) -> list[Supply]:
    """Each feeder is told of from some day on, and may change, move to the other region or go."""
    found = []
    for feeder, region in FEEDERS.items():
        days = draw(st.lists(st.integers(-3, 12), min_size=1, max_size=3, unique=True))
        for number in days:
            found.append(
                Supply(
                    day=BEGIN.date() + number * DAY,
                    customers=draw(st.sampled_from([20, 11, 7, 0])),
                    va=draw(st.sampled_from([9000, 4000, 4000, 4000, None])),
                    feeder=feeder,
                    region=draw(st.sampled_from([region, region, "North"])),
                )
            )
    return found


def asked(some: Sequence[Interruption], on: st.DataObject) -> tuple[datetime, date, date]:
    """When it is asked, after all that is over, and of which days."""
    known = [one.ended or one.started for one in some] or [BEGIN]
    now = max(known) + timedelta(seconds=on.draw(st.sampled_from([1, 250, 90_000, 900_000])))
    first = BEGIN.date() + DAY * on.draw(st.integers(-2, 6))
    last = first + DAY * on.draw(st.integers(0, 20))
    return now, first, last


@settings(max_examples=300)
@given(some=ledgers(), told=supplies(), by=rules, question=questions, on=st.data())
def test_it_is_what_the_definitions_give(
    some: list[Interruption], told: list[Supply], by: Rules, question: Question, on: st.DataObject
) -> None:
    now, first, last = asked(some, on)
    analysis = Analysis(
        first=first, last=last, some=Interruptions.of(some), served=Served(told),
        by=Conventions(**by), now=micros(now),
    )  # fmt: skip
    check(analysis, question, some, told, by, now)


def check(
    analysis: Analysis, question: Question, some: Sequence[Interruption], told: Sequence[Supply],
    by: Rules, now: datetime,
) -> None:  # fmt: skip
    """The lines are those of the definitions, and nothing of theirs is in no line."""
    spans = spans_of(analysis, question, by, now)
    written = definitions.entries(some, by, now)
    major = majors(written, analysis, told, by)
    expected: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for one in written:
        span = definitions.span_of(one.day, question.each, by)
        if one.day in spans.get(span, ()) and meant(one, question, major):
            group = "" if question.by == "system" else getattr(one.row, question.by)
            expected[group, span].append(one)
    for line in analysis.ask(question):
        span = "" if question.each == "whole" else line.span
        first, end = spans[span][0], spans[span][-1] + DAY
        over = min(definitions.midnight(end, by), now)
        length = definitions.minutes(definitions.midnight(first, by), over)
        mine = expected.pop((line.group, span), [])
        whole = own = definitions.served(told, first, end)
        if question.by in ("feeder", "region"):
            own = definitions.served(told, first, end, (question.by, line.group))
        for found, of in ((line.own, own), (line.whole, whole)):
            assert shown(found, analysis) == definitions.indices(mine, *of, length, by)
    rest = [one for mine in expected.values() for one in mine]
    assert not any(one.minutes or one.sustained or one.momentary for one in rest)


def shown(found: Indices, analysis: Analysis) -> dict[str, definitions.Value]:
    """Without the customers and minutes that they are made of."""
    columns = [(figure.column.name, figure.of(found)) for figure in figures(analysis.by)]
    return dict(columns[3:])


def spans_of(
    analysis: Analysis, question: Question, by: Rules, now: datetime
) -> dict[str, list[date]]:
    """The days that are asked for, up to today, by the span in which they are."""
    spans: dict[str, list[date]] = defaultdict(list)
    day, today = analysis.first, definitions.day_of(now, by)
    while day <= min(analysis.last, today):
        spans[definitions.span_of(day, question.each, by)].append(day)
        day += DAY
    return spans


def majors(
    written: Sequence[Entry], analysis: Analysis, told: Sequence[Supply], by: Rules
) -> set[date]:
    """The major event days of the reporting years in question; the analysis has the same."""
    daily = definitions.daily(written, told, by)
    assert until(analysis.daily, analysis) == until(daily, analysis)
    found = set()
    for year in analysis.major.thresholds:
        limit = definitions.limit(daily, year, by)
        found_limit = analysis.major.thresholds[year].limit
        assert (found_limit is None) == (limit is None)
        assert found_limit is None or found_limit == pytest.approx(limit, rel=1e-9)
        for day, saidi in daily.items():
            if limit is not None and definitions.year_of(day, by) == year:
                assume(not math.isclose(saidi, limit, rel_tol=1e-9))
                if saidi > limit:
                    found.add(day)
    assert {*until(analysis.major.days, analysis)} == {day for day in found if day <= analysis.last}
    return found


def until(of: Mapping[date, Any], analysis: Analysis) -> dict[date, Any]:
    """Without the days after the last one: of these not all need be known."""
    return {day: what for day, what in of.items() if day <= analysis.last}


def meant(one: Entry, question: Question, major: set[date]) -> bool:
    is_major = {"all": None, "major": True, "normal": False}[question.days]
    planned = {"all": None, "planned": True, "unplanned": False}[question.planned]
    return is_major in (None, one.day in major) and planned in (None, one.row.planned)
