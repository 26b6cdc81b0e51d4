"""`gridbus report`: ask an app what it has come to."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import inspect

from cim.network import Network
from hub.cli import show
from hub.cli.journal import opened
from hub.cli.sources import library
from hub.config import Config
from hub.dispatch import reports
from hub.dispatch.reports import Given
from hub.history.past import NEWEST
from hub.interfaces import App
from hub.journal import Journal
from hub.report import Cell, Form, Report, Unanswerable, as_csv, as_json
from hub.workbook import as_workbook

_LISTED = ("app", "report", "parameters", "says")
_TABLES = (("csv", "table"), ("xlsx", "table"))


def register(commands: Any, add: Any) -> None:
    """Add the command."""
    one = add(commands, "report", report, "what an app has come to: a table, a drawing")
    one.add_argument("app", nargs="?", help="default: list all reports")
    one.add_argument("name", nargs="?", help="of the report")
    one.add_argument("asked", nargs="*", metavar="KEY=VALUE", help="parameters of the report")
    for form, says in (*_TABLES, *((form, "drawing") for form in Form)):
        one.add_argument(f"--{form}", type=Path, metavar="FILE", help=f"write the {says} there")


def report(config: Config, options: argparse.Namespace) -> int:
    """List the reports, or ask for one."""
    from hub.main import components, install  # not at the start of every command

    install(config)
    apps = components.apps(config, os.environ)
    if options.name is None:
        _list(apps, options)
        return 0
    try:
        found = _ask(config, apps, options)
    except LookupError as error:
        raise ValueError(error.args[0]) from None
    for remark in found.remarks:
        show.say(remark)
    if not _written(found, options):
        _show(found, options)
    return 0


def _list(apps: Mapping[str, App], options: argparse.Namespace) -> None:
    rows = [
        {
            "app": app,
            "report": one.name,
            "parameters": [f"{p.name}{'' if p.needed else '?'}" for p in one.parameters],
            "says": one.says,
        }
        for app, offers in reports.offers(apps).items()
        for one in offers
        if options.app in (None, app)
    ]
    show.table(rows, _LISTED, as_json=options.json)


def _ask(config: Config, apps: Mapping[str, App], options: argparse.Namespace) -> Report:
    asked = _asked(options.asked)

    @cache
    def network() -> Network:
        with library(config) as past:
            return past.as_of(NEWEST)

    reports.offer(apps, options.app, options.name)
    with opened(config) as journal:
        _check_tables(journal, options.app, apps[options.app])
        with journal.reading() as connection:
            given = Given(connection, datetime.now(UTC), network)
            return reports.ask(apps, options.app, options.name, asked, given)


def _check_tables(journal: Journal, name: str, app: App) -> None:
    """Raises: ValueError, when no hub has ever run the app."""
    wanted = {table.name for table in app.tables.sorted_tables} if app.tables else set()
    if not wanted <= set(inspect(journal.engine).get_table_names()):
        raise ValueError(f"{name} has not run in this hub yet: it has nothing to tell")


def _asked(words: Sequence[str]) -> dict[str, str]:
    """Raises: ValueError for what is no key=value; Unanswerable for a key that comes twice."""
    asked: dict[str, str] = {}
    for word in words:
        key, equals, text = word.partition("=")
        if not (key and equals):
            raise ValueError(f"{word!r}: key=value was expected")
        if key in asked:
            raise Unanswerable("it is given twice", key)
        asked[key] = text
    return asked


def _written(found: Report, options: argparse.Namespace) -> bool:
    """Whether files were asked for, which are written then.  Raises: ValueError, OSError."""
    forms = {form: path for form in Form if (path := getattr(options, form)) is not None}
    if forms and found.draw is None:
        raise ValueError(f"{options.app}: {options.name} has no drawing")
    if options.csv is not None:
        options.csv.write_bytes(as_csv(found))
    if options.xlsx is not None:
        options.xlsx.write_bytes(as_workbook([found]))
    for form, path in forms.items():
        assert found.draw is not None  # noqa: S101 - seen above
        path.write_bytes(found.draw(form))
    return bool(forms) or options.csv is not None or options.xlsx is not None


def _show(found: Report, options: argparse.Namespace) -> None:
    if options.json:
        rows = [[as_json(cell) for cell in row] for row in found.rows]
        said = {"title": found.title, "at": found.at, "columns": found.columns}
        show.data({**said, "rows": rows, "remarks": found.remarks}, as_json=True)
        return
    show.say(found.title)
    headings = [column.heading for column in found.columns]
    lines = [dict(zip(headings, map(_short, row), strict=True)) for row in found.rows]
    show.table(lines, headings, as_json=False)


def _short(cell: Cell) -> Cell:
    """Numbers to six figures, as on the page; files and JSON have all of them."""
    cell = as_json(cell)
    return f"{cell:.6g}" if isinstance(cell, float) else cell
