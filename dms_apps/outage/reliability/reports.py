"""What is told of reliability: tables and drawings, of the hub's outages or of files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from functools import partial

import numpy as np

from dms_apps import plots
from dms_apps.outage.reliability.analysis import Analysis, Line, Question
from dms_apps.outage.reliability.calendar import day_of
from dms_apps.outage.reliability.columns import figures, shared, shown
from dms_apps.outage.reliability.conventions import Conventions
from dms_apps.outage.reliability.customers import Each
from dms_apps.outage.reliability.indices import MINUTE
from dms_apps.outage.reliability.interruption import OPEN, Longs, moment
from hub.report import Cell, Column, Draw, Form, Report

_KINDS = {"all": "all days", "normal": "normal days", "major": "major event days"}
_CUSTOMERS = 1000
"""Usage points that are told one by one."""
Row = tuple[Cell, ...]


def summary(analysis: Analysis, question: Question) -> Report:
    """The whole system in the whole time: all days, normal ones, major event days."""
    kinds = {days: said for days, said in _KINDS.items() if question.days in ("all", days)}
    rows = [
        (said, *_cells(analysis, one))
        for days, said in kinds.items()
        for one in analysis.ask(replace(question, by="system", each="whole", days=days))
    ]
    return Report(
        title=f"Reliability, {_time(analysis)}",
        columns=(Column("days"), *(one.column for one in figures(analysis.by))),
        rows=rows,
        draw=_by_month(analysis, question),
        remarks=remarks(analysis),
    )


def indices(analysis: Analysis, question: Question) -> Report:
    """A line for each group in each span."""
    asked = analysis.ask(question)
    grouped = question.by != "system"
    apart = shared(analysis.by) if question.by in ("region", "feeder") else ()
    heads = [Column(question.by)] if grouped else []
    heads += [Column("time")] if question.each != "whole" or not grouped else []
    rows = [
        (
            *((one.group,) if grouped else ()),
            *((one.span,) if Column("time") in heads else ()),
            *_cells(analysis, one),
            *(shown(figure.of(one.whole)) for figure in apart),
        )
        for one in asked
    ]
    what = f" by {question.by}" if grouped else ""
    return Report(
        title=f"Indices of reliability{what}, {_KINDS[question.days]}, {_time(analysis)}",
        columns=(*heads, *(one.column for one in (*figures(analysis.by), *apart))),
        rows=rows,
        draw=_by_month(analysis, question) if not grouped else _ranked(analysis, question, asked),
        remarks=remarks(analysis),
    )


def worst_feeders(analysis: Analysis, question: Question) -> Report:
    """The feeders that cost the system most minutes, and how much of them they together are."""
    asked = analysis.ask(replace(question, by="feeder", each="whole"))
    asked = [one for one in asked if one.group]
    asked.sort(key=lambda one: (-one.whole.tally.micros, -one.whole.tally.sustained, one.group))
    worst, all_ = asked[: analysis.by.worst], sum(one.whole.tally.micros for one in asked)
    rows: list[Row] = []
    until = 0
    for place, one in enumerate(worst, 1):
        until += one.whole.tally.micros
        rows.append(
            (place, one.group, analysis.served.feeders.get(one.group, ""),
             _share(one.whole.tally.micros, all_), _share(until, all_),
             *_cells(analysis, one),
             *(shown(figure.of(one.whole)) for figure in shared(analysis.by)))
        )  # fmt: skip
    heads = (Column("place"), Column("feeder"), Column("region"),
             Column("share of customer minutes", "%"), Column("together", "%"))  # fmt: skip
    every = (*figures(analysis.by), *shared(analysis.by))
    return Report(
        title=f"Worst feeders, {_KINDS[question.days]}, {_time(analysis)}",
        columns=(*heads, *(one.column for one in every)),
        rows=rows,
        draw=_ranked(analysis, replace(question, by="feeder", each="whole"), worst),
        remarks=remarks(analysis),
    )


def causes(analysis: Analysis, question: Question) -> Report:
    """What each cause costs, the most first; these add up to the system's."""
    asked = analysis.ask(replace(question, by="cause", each="whole"))
    asked.sort(key=lambda one: (-one.whole.tally.micros, -one.whole.tally.sustained, one.group))
    outages = _outages_by_cause(analysis, question)
    times, customers = (
        sum(getattr(one.whole.tally, name) for one in asked) for name in ("micros", "sustained")
    )
    rows = [
        (one.group or "unknown", outages.get(one.group, 0),
         _share(one.whole.tally.sustained, customers), _share(one.whole.tally.micros, times),
         *_cells(analysis, one))
        for one in asked
    ]  # fmt: skip
    heads = (Column("cause"), Column("outages"), Column("share of customers interrupted", "%"),
             Column("share of customer minutes", "%"))  # fmt: skip
    return Report(
        title=f"Causes, {_KINDS[question.days]}, {_time(analysis)}",
        columns=(*heads, *(one.column for one in figures(analysis.by))),
        rows=rows,
        draw=_ranked(analysis, replace(question, by="cause", each="whole"), asked),
        remarks=remarks(analysis),
    )


def outages(analysis: Analysis, question: Question) -> Report:
    """What each outage contributes to the indices of the system, and in the last line their sum."""
    asked = analysis.ask(replace(question, by="outage", each="whole"))
    facts = _facts(analysis, question)
    whole = analysis.ask(replace(question, by="system", each="whole"))
    apart = shared(analysis.by)

    def figures_of(one: Line) -> Row:
        tally = one.whole.tally
        return (tally.sustained, shown(one.whole.minutes), tally.momentary, tally.event,
                *(shown(figure.of(one.whole)) for figure in apart))  # fmt: skip

    rows: list[Row] = [(one.group or "none", *facts[one.group], *figures_of(one)) for one in asked]
    rows.sort(key=lambda row: (str(row[6]), str(row[0])))
    rows += [("all", *[""] * 5, None, None, *figures_of(one)) for one in whole]
    heads = ("outage", "device", "feeder", "cause", "planned", "days", "began", "ended")
    return Report(
        title=f"Outages behind the indices, {_KINDS[question.days]}, {_time(analysis)}",
        columns=(
            *(Column(name) for name in heads), Column("customers interrupted"),
            Column("customer minutes", "min"), Column("momentary interruptions"),
            Column("momentary events"), *(one.column for one in apart),
        ),
        rows=rows,
        remarks=remarks(analysis),
    )  # fmt: skip


def worst_customers(analysis: Analysis, question: Question) -> Report:
    """Who is behind CEMI, CEMSMI and CELID: those with most sustained interruptions first."""
    some = analysis.some
    each = Each.of(
        some, analysis.lines, np.where(analysis.counts(question), 0, -1).astype(np.int32)
    )
    order = np.lexsort((each.point, -each.events, -each.total, -each.sustained))
    known = order[each.point[order] > 0]
    feeder_of = _feeders(analysis) if len(known) else {}
    rows = [
        (some.point.words[each.point[at]], feeder_of[int(each.point[at])],
         int(each.customers[at]), int(each.sustained[at]), int(each.events[at]),
         int(each.total[at]) / MINUTE, int(each.longest[at]) / MINUTE)
        for at in known[:_CUSTOMERS].tolist()
    ]  # fmt: skip
    left = len(known) - len(rows)
    more = (f"{left:,} more usage points had an interruption.",) if left else ()
    return Report(
        title=f"Worst-served customers, {_KINDS[question.days]}, {_time(analysis)}",
        columns=(
            Column("usage point", personal=True), Column("feeder"), Column("customers"),
            Column("sustained interruptions"), Column("momentary events"),
            Column("without power", "min"), Column("longest", "min"),
        ),
        rows=rows,
        remarks=(*more, *remarks(analysis)),
    )  # fmt: skip


def major_days(analysis: Analysis, _question: Question) -> Report:
    """The days above the threshold of their year, or named catastrophic."""
    found = analysis.major
    rows = [
        (day.isoformat(), kind, shown(analysis.daily.get(day)),
         found.thresholds[analysis.by.year_of(day)].limit)
        for day, kind in found.days.items()
        if analysis.first <= day <= analysis.last
    ]  # fmt: skip
    return Report(
        title=f"Major event days, {_time(analysis)}",
        columns=(Column("day"), Column("kind"), Column("SAIDI", "min"), Column("T_MED", "min")),
        rows=rows,
        remarks=remarks(analysis),
    )


def thresholds(analysis: Analysis, _question: Question) -> Report:
    """From what days the threshold of each reporting year is made."""
    return Report(
        title=f"Thresholds of major event days, {_time(analysis)}",
        columns=(
            Column("reporting year from"), Column("days that make it"),
            Column("days without an interruption"), Column("alpha"), Column("beta"),
            Column("T_MED", "min"), Column("catastrophic above", "min"),
        ),
        rows=[
            (analysis.by.begins(year).isoformat(), one.days, one.zero, one.alpha, one.beta,
             one.limit, one.catastrophic)
            for year, one in analysis.major.thresholds.items()
        ],
    )  # fmt: skip


def remarks(analysis: Analysis) -> tuple[str, ...]:
    """What is to be known with the figures."""
    some, said = analysis.some, [*analysis.notes]
    if not analysis.served:
        said.append("How many customers are served is not known, so nothing is told by customer.")
    elif analysis.served.first and analysis.served.first > analysis.first:
        said.append(
            f"How many customers are served is known from {analysis.served.first} on; the days"
            " before are taken as that one."
        )
    asked = analysis.counts(Question())
    rows = np.unique(analysis.lines.row[asked])
    if open_ := int((some.ended[rows] == OPEN).sum()):
        lasting = (
            f"counted until {moment(analysis.now):%Y-%m-%d %H:%M} UTC"
            if analysis.by.open == "counted"
            else "left out"
        )
        said.append(f"{open_:,} interruptions are not over; they are {lasting}.")
    if undecided := int(analysis.lines.undecided[asked].sum()):
        said.append(
            f"{undecided:,} customers are out for too short a time to know whether"
            " their interruption is sustained; it is not counted yet."
        )
    without = [year for year, one in analysis.major.thresholds.items() if one.limit is None]
    if without:
        said.append(
            f"No day of the reporting {_years(without, analysis.by)} is major by its SAIDI: of the"
            " years before"
            " fewer than two days with an interruption are known."
        )
    return tuple(said)


def _years(some: Sequence[int], by: Conventions) -> str:
    """When they begin, a run of years by its first and last one."""
    runs: list[list[int]] = []
    for year in some:
        if not runs or year != runs[-1][-1] + 1:
            runs.append([])
        runs[-1].append(year)
    told = (
        " to ".join(by.begins(y).isoformat() for y in dict.fromkeys((r[0], r[-1]))) for r in runs
    )
    return f"year{'s' * (len(some) > 1)} from {', '.join(told)}"


def _cells(analysis: Analysis, one: Line) -> Row:
    return tuple(shown(figure.of(one.own)) for figure in figures(analysis.by))


def _share(part: int, whole: int) -> float | None:
    """Per cent."""
    return float(Fraction(100 * part, whole)) if whole else None


def _time(analysis: Analysis) -> str:
    return f"{analysis.first} to {min(analysis.last, analysis.today)}"


def _by_month(analysis: Analysis, question: Question) -> Draw:
    """SAIDI month by month (or as asked), of normal and of major event days."""
    each = "month" if question.each == "whole" else question.each
    kinds = ("normal", "major") if question.days == "all" else (question.days,)
    named = "CML" if analysis.by.names == "uk" else "SAIDI"

    def draw(form: Form) -> bytes:
        known = {
            _KINDS[days]: analysis.ask(replace(question, by="system", each=each, days=days))
            for days in kinds
        }
        names = tuple(one.span for one in next(iter(known.values())))
        parts = {kind: [float(one.whole.saidi or 0) for one in had] for kind, had in known.items()}
        columns = plots.Columns(names, parts)
        title = f"{named}, {_time(analysis)}"
        return plots.stacked(columns, form, title=title, quantity=f"{named} (min)")

    return draw


def _ranked(analysis: Analysis, question: Question, asked: Sequence[Line]) -> Draw:
    """Customer minutes, the most first."""
    names = tuple(
        (one.group or "unknown") + ("" if question.each == "whole" else f" {one.span}")
        for one in asked
    )
    bars = plots.Bars(names, [float(one.whole.minutes) for one in asked])
    title = f"Customer minutes by {question.by}, {_time(analysis)}"
    return partial(plots.ranked, bars, title=title, quantity="customer minutes (min)")


def _outages_by_cause(analysis: Analysis, question: Question) -> dict[str, int]:
    """Of each cause how many outages it has."""
    some, rows = analysis.some, _rows(analysis, question)
    pairs = {*zip(some.cause.codes[rows].tolist(), some.outage.codes[rows].tolist(), strict=True)}
    found: dict[str, int] = {}
    for cause, outage in pairs:
        word = some.cause.words[cause]
        found[word] = found.get(word, 0) + (outage > 0)
    return found


def _feeders(analysis: Analysis) -> dict[int, str]:
    """By number of a usage point its feeder."""
    point, feeder = analysis.some.point.codes, analysis.some.feeder
    numbers, rows = np.unique(point, return_index=True)
    return {
        number: feeder.at(row) for number, row in zip(numbers.tolist(), rows.tolist(), strict=True)
    }


def _rows(analysis: Analysis, question: Question) -> Longs:
    """The interruptions that a question is of, ordered by outage and beginning."""
    rows = analysis.lines.row[analysis.counts(question)]
    rows = rows[np.append(True, rows[1:] != rows[:-1])[: len(rows)]]  # they are in order
    some = analysis.some
    order = np.lexsort((some.started[rows], some.outage.codes[rows]))
    found: Longs = rows[order]
    return found


def _facts(analysis: Analysis, question: Question) -> dict[str, Row]:
    """Of each outage its device, feeder, cause, whether it was planned, the kind of its day, when
    the first of its interruptions began and the last one ended."""
    some, rows = analysis.some, _rows(analysis, question)
    codes = some.outage.codes[rows]
    begin = np.flatnonzero(np.append(True, codes[1:] != codes[:-1])[: len(rows)])
    found: dict[str, Row] = {}
    for first, end in zip(begin, np.append(begin, len(rows))[1:], strict=True):
        mine = rows[first:end]
        one, last = int(mine[0]), int(some.ended[mine].max())
        began = moment(some.started[one])
        ended: datetime | None = None if last == OPEN else moment(last)
        if not codes[first]:
            found[""] = ("",) * 5 + (began, None)
            continue
        found[some.outage.at(one)] = (
            some.device.at(one), some.feeder.at(one), some.cause.at(one),
            "yes" if some.planned[one] else "no", _kind(analysis, one), began, ended,
        )  # fmt: skip
    return found


def _kind(analysis: Analysis, row: int) -> str:
    day = day_of(int(analysis.some.started[row]), analysis.calendar.zone)
    return analysis.major.days.get(day, "normal")
