"""`gridbus historian ...`: series of values, asked for, exported and let go of."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Connection

from hub.cli import show
from hub.cli.journal import opened
from hub.config import Config
from hub.historian import export as files
from hub.historian import questions
from hub.historian.buckets import Step, buckets, zone_of
from hub.historian.export import Chosen
from hub.historian.questions import Span, Stored
from hub.historian.sweep import Keep
from hub.historian.sweep import sweep as swept
from hub.historian.tables import KINDS
from hub.instant import instant

_SERIES = ("id", "kind", "object", "place", "quantity", "unit", "interval")
_VALUES = ("at", "start", "value", "quality", "known", "revision")
_BUCKETS = ("start", "end", "count", "least", "greatest", "mean", "first", "last")
_MOST = 100_000


def register(commands: Any, add: Any) -> None:
    """Add the commands."""
    group = commands.add_parser("historian", help="values of meters and measurements")
    group = group.add_subparsers(required=True, metavar="COMMAND")
    listed = add(group, "series", series, "series: what is measured where")
    listed.add_argument("names", nargs="*", metavar="NAME", help="mRID or name; default all")
    listed.add_argument("--kind", choices=KINDS)
    listed.add_argument("--quantity", help="reading type or measurement type")
    listed.add_argument("--after", type=int, default=0, help="id from which to go on")
    listed.add_argument("--limit", type=int, default=50)
    told = add(group, "values", values, "values of one series")
    told.add_argument("series", help="id, or a name that only one series has")
    _span_options(told)
    told.add_argument("--every", help="by steps: 15min, 1h, 1d, 1mo, 1y")
    told.add_argument("--zone", default="UTC", help="whose days, e.g. Europe/Berlin")
    told.add_argument("--limit", type=int, default=100)
    out = add(group, "export", export, "values of series into a file")
    out.add_argument("file", type=Path, help="*.csv or *.parquet")
    out.add_argument("names", nargs="+", metavar="NAME", help="ids, mRIDs or names")
    _span_options(out)
    add(group, "sweep", sweep, "let go of what is older than [historian] keeps")


def _span_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--start", help="ISO 8601; without an offset it is UTC")
    command.add_argument("--end", help="not included")
    command.add_argument("--as-of", help="as the hub knew it then")


def series(config: Config, options: argparse.Namespace) -> int:
    """Series in the order of their ids."""
    with opened(config) as journal, journal.reading() as connection:
        found = questions.listed(
            connection,
            names=options.names,
            kind=options.kind,
            quantity=options.quantity,
            after=options.after,
            limit=_bounded(options.limit),
        )
    show.table(found, _SERIES, as_json=options.json)
    return 0


def values(config: Config, options: argparse.Namespace) -> int:
    """Values of one series, or what they were by steps."""
    span = _span(options)
    with opened(config) as journal, journal.reading() as connection:
        one = _one(connection, options.series)
        if options.every is not None:
            step, zone = Step.of(options.every), zone_of(options.zone)
            show.table(buckets(connection, one, span, step, zone), _BUCKETS, as_json=options.json)
            return 0
        limit = _bounded(options.limit)
        found = questions.values(connection, one.id, span, limit=limit + 1)
    show.table(found[:limit], _VALUES, as_json=options.json)
    if len(found) > limit:
        show.say(f"there are more from {found[limit].at.isoformat()} on: --start, --limit")
    return 0


def export(config: Config, options: argparse.Namespace) -> int:
    """Write a file."""
    kind = options.file.suffix.lstrip(".").lower()
    if kind not in files.FORMATS:
        raise ValueError(f"{options.file}: a file called *.csv or *.parquet was expected")
    span = _span(options)
    with opened(config) as journal, journal.reading() as connection:
        found = {one.id: one for name in options.names for one in _named(connection, name)}
        chosen = Chosen(list(found.values()), span)
        with options.file.open("wb") as file:
            if kind == files.PARQUET:
                _parquet(connection, chosen, file)
            else:
                file.writelines(files.as_csv(connection, chosen))
    show.say(f"{len(found)} series are in {options.file}")
    return 0


def _parquet(connection: Connection, chosen: Chosen, file: BinaryIO) -> None:
    from hub.historian.parquet import as_parquet  # not at the start of every command

    as_parquet(connection, chosen, file)


def sweep(config: Config, options: argparse.Namespace) -> int:
    """Let go of what is too old, until nothing is left of it."""
    rows, months = 0, list[str]()
    keep = Keep(config.historian.readings, config.historian.measurements)
    with opened(config) as journal:
        is_done = False
        while not is_done:
            with journal.transaction() as transaction:
                done = swept(transaction.connection, keep, transaction.now)
            rows, is_done = rows + done.rows, done.is_done
            months += (f"{month:%Y-%m}" for month in done.months)
    show.data({"values": rows, "months": ", ".join(months) or None}, as_json=options.json)
    return 0


def _one(connection: Connection, wanted: str) -> Stored:
    found = _named(connection, wanted)
    if len(found) > 1:
        ids = ", ".join(str(one.id) for one in found[:10])
        raise ValueError(f'series: {len(found)} are called "{wanted}": name one by its id, {ids}')
    return found[0]


def _named(connection: Connection, wanted: str) -> list[Stored]:
    """Series by name, else by id.  Raises: ValueError, when there is none."""
    found = questions.listed(connection, names=[wanted], limit=_MOST)
    if not found and wanted.isascii() and wanted.isdecimal() and len(wanted) < 19:
        one = questions.one(connection, int(wanted))
        found = [one] if one is not None else []
    if not found:
        raise ValueError(f'there is no series "{wanted}"; `gridbus historian series` lists them')
    return found


def _span(options: argparse.Namespace) -> Span:
    start, end, as_of = (_time(options, name) for name in ("start", "end", "as_of"))
    if start is not None and end is not None and start >= end:
        raise ValueError("start: it must be before end")
    return Span(start, end, as_of)


def _time(options: argparse.Namespace, name: str) -> datetime | None:
    return instant(name, getattr(options, name))


def _bounded(limit: int) -> int:
    if not 1 <= limit <= _MOST:
        raise ValueError(f"limit: a number from 1 to {_MOST:,} was expected, not {limit}")
    return limit
