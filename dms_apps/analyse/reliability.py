"""`gridbus analyse reliability`: indices of interruptions in files, or of those of the hub."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import inspect

from dms_apps import plots
from dms_apps.outage import OutageApp
from dms_apps.outage.reliability import files, ledger, reports
from dms_apps.outage.reliability.analysis import Analysis, Question
from dms_apps.outage.reliability.conventions import UK, Conventions
from dms_apps.outage.reliability.interruption import Interruption, Interruptions, micros
from dms_apps.outage.reliability.served import Served, Supply
from dms_apps.outage.tables import interruption
from hub.cli import show
from hub.cli.journal import opened
from hub.cli.sources import library
from hub.config import Config
from hub.history.past import NEWEST
from hub.report import Column, Form, Report, as_csv, as_json
from hub.settings import build, read
from hub.workbook import as_workbook

_MADE = {
    "summary": reports.summary,
    "indices": reports.indices,
    "feeders": reports.worst_feeders,
    "causes": reports.causes,
    "customers": reports.worst_customers,
    "major_days": reports.major_days,
    "thresholds": reports.thresholds,
    "outages": reports.outages,
}


def analyse(config: Config, options: argparse.Namespace) -> int:
    """1 where no interruption is in the time that is asked for."""
    if options.events:
        analysis, remarks = _of_files(options)
    else:
        analysis, remarks = _of_hub(config, options), ()
    question = Question(
        by=options.by, each=options.each, days=options.days, planned=options.planned
    )
    found = {name: make(analysis, question) for name, make in _MADE.items()}
    summary = found["summary"]
    found["summary"] = replace(summary, remarks=(*remarks, *summary.remarks))
    _tell(found, options)
    return int(not analysis.counts(question).any())


def _of_files(options: argparse.Namespace) -> tuple[Analysis, tuple[str, ...]]:
    """And what of the files is not read.  Raises: ValueError."""
    if options.served is None:
        raise ValueError("--served N|FILE: how many customers are served is not in the events")
    by = conventions(options)
    read_ = [files.events(path.name, path.read_bytes(), by.zone) for path in options.events]
    remarks = tuple(remark for one in read_ for remark in one.remarks)
    served = _served(options.served)
    some = [_placed(one, served) for part in read_ for one in part.interruptions]
    history = files.daily(options.daily.name, options.daily.read_bytes()) if options.daily else {}
    first, last = _time(options, some, by)
    analysis = Analysis(
        first=first,
        last=last,
        some=Interruptions.of(some),
        served=served,
        by=by,
        now=_now(options, some, last, ZoneInfo(by.zone)),
        history=history,
    )
    return analysis, remarks


def _of_hub(config: Config, options: argparse.Namespace) -> Analysis:
    """By the conventions of its settings, where the command line does not say otherwise.

    Raises: ValueError, when the hub has no outage app, or it has never run.
    """
    from hub.main import components, install  # takes long, and files do without

    given = [f"--{name}" for name in ("served", "daily") if getattr(options, name) is not None]
    if given:
        raise ValueError(f"{given[0]} goes with files of events: the hub knows by itself")
    install(config)
    app = components.apps(config, os.environ).get("outage")
    if not isinstance(app, OutageApp):
        raise ValueError("outage is not among the apps of this hub: name files of events")
    by = conventions(options, app.reliability)
    with library(config) as past:
        network = past.as_of(NEWEST)
    now = options.at or datetime.now(UTC)
    now = now if now.tzinfo else now.replace(tzinfo=ZoneInfo(by.zone))
    year = by.year_of(options.to or options.from_ or now.astimezone(ZoneInfo(by.zone)).date())
    first = options.from_ or by.begins(year)
    last = options.to or by.begins(year + 1) - timedelta(days=1)
    _check_order(first, last)
    with opened(config) as journal, journal.reading() as connection:
        if not inspect(journal.engine).has_table(interruption.name):
            raise ValueError("outage has not run in this hub yet: it has nothing to tell")
        return ledger.analysis(connection, network, by, first, last, now)


def conventions(options: argparse.Namespace, base: Conventions | None = None) -> Conventions:
    """Those that hold, then those of a file, then those of the command line.

    Raises: ValueError.
    """
    table: dict[str, Any] = vars(base).copy() if base else {}
    table |= UK if options.uk else {}
    path = options.settings or Path("settings")
    if options.settings is not None:
        given = read(options.settings, os.environ)
        if "reliability" not in given:
            raise ValueError(f"{path}: there is no table [reliability]")
        table |= given["reliability"]
    table |= {
        name: value
        for name in ("zone", "sustained", "beta", "years", "deviation")
        if (value := getattr(options, name)) is not None
    }
    return build(Conventions, table, path)


def _served(said: str) -> Served:
    """A number, or a file.  Raises: ValueError."""
    if said.isascii() and said.isdecimal():
        return Served([Supply(day=date(1900, 1, 1), customers=int(said))])
    path = Path(said)
    return files.served(path.name, path.read_bytes())


def _placed(one: Interruption, served: Served) -> Interruption:
    """With the region of its feeder, where it names none."""
    region = one.region or served.feeders.get(one.feeder, "")
    return one if region == one.region else replace(one, region=region)


def _time(
    options: argparse.Namespace, some: Sequence[Interruption], by: Conventions
) -> tuple[date, date]:
    """From when to when: by default the reporting year of the last interruption.

    Raises: ValueError, when nothing says so, or it ends before it begins.
    """
    first, last = options.from_, options.to
    if first is None or last is None:
        if not some:
            raise ValueError("there is no interruption: say --from and --to")
        zone = ZoneInfo(by.zone)
        latest = max(one.started for one in some).astimezone(zone).date()
        year = by.year_of(last or first or latest)
        first = first or by.begins(year)
        last = last or by.begins(year + 1) - timedelta(days=1)
    _check_order(first, last)
    return first, last


def _check_order(first: date, last: date) -> None:
    if last < first:
        raise ValueError(f"--to {last} is before --from {first}")


def _now(
    options: argparse.Namespace, some: Sequence[Interruption], last: date, zone: ZoneInfo
) -> int:
    """When the file was made: the last moment in it, if it has open interruptions, else the end of
    the time asked for."""
    if options.at is not None:
        at: datetime = options.at
        return micros(at if at.tzinfo else at.replace(tzinfo=zone))
    moments = [one.started for one in some] + [one.ended for one in some if one.ended]
    if any(one.ended is None for one in some):
        return micros(max(moments))
    after = last + timedelta(days=1)
    return micros(datetime(after.year, after.month, after.day, tzinfo=zone)) - 1


def _tell(found: dict[str, Report], options: argparse.Namespace) -> None:
    """Remarks go to stderr, the summary to stdout, unless all of it does as JSON."""
    for remark in dict.fromkeys(found["summary"].remarks):
        show.say(remark)
    if options.csv is not None:
        options.csv.mkdir(parents=True, exist_ok=True)
        for name, report in found.items():
            _write(options.csv / f"{name}.csv", as_csv(report))
    if options.xlsx is not None:
        _write(options.xlsx, as_workbook([_named(name, one) for name, one in found.items()]))
    if options.pdf is not None:
        _write(options.pdf, plots.document(found["summary"].title, [*found.values()]))
    drawn = [_drawings(found, form, getattr(options, form)) for form in Form]
    if options.json:
        print(json.dumps({name: _plain(one) for name, one in found.items()}, indent=1))
    elif not any((options.csv, options.xlsx, options.pdf, *drawn)):
        _show(found["summary"])


def _drawings(found: dict[str, Report], form: Form, folder: Path | None) -> bool:
    """Whether they were asked for, and are written."""
    if folder is None:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    for name, report in found.items():
        if report.draw is not None:
            _write(folder / f"{name}.{form}", report.draw(form))
    return True


def _named(name: str, report: Report) -> Report:
    """Sheets are called shortly; what the time is stands in the first one."""
    title = name.replace("_", " ")
    if name != "summary":
        return replace(report, title=title, remarks=())
    about = Column(report.title)
    return replace(
        report,
        title=title,
        columns=(about, *report.columns[1:]),
    )


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    show.say(str(path))


def _plain(report: Report) -> dict[str, Any]:
    heads = [column.heading for column in report.columns]
    rows = [dict(zip(heads, map(_text, row), strict=True)) for row in report.rows]
    return {"title": report.title, "rows": rows, "remarks": report.remarks}


def _text(cell: Any) -> Any:
    return cell.isoformat() if isinstance(cell, datetime) else as_json(cell)


def _show(summary: Report) -> None:
    """Figure by figure, a column for each kind of days."""
    show.say(summary.title)
    heads = [str(row[0]) for row in summary.rows]
    lines = [
        {"index": column.heading}
        | {head: _short(row[at]) for head, row in zip(heads, summary.rows, strict=True)}
        for at, column in enumerate(summary.columns)
        if at
    ]
    show.table(lines, ["index", *heads], as_json=False)


def _short(cell: Any) -> Any:
    """Six digits, but customers and customer minutes to the last one."""
    if isinstance(cell, float) and abs(cell) < 1e5:
        return f"{cell:.6g}"
    return f"{cell:,.15g}" if isinstance(cell, int | float) else cell
