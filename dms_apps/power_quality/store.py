"""The tables of the power quality app, as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import sqlalchemy as sa

from dms_apps.power_quality import tables
from dms_apps.power_quality.disturbances import INTERRUPTION, Disturbance
from dms_apps.power_quality.indices import Values
from dms_apps.power_quality.measurements import Described

Key = tuple[str, str, str]
"""Place, quantity and phase."""


@dataclass(frozen=True)
class Progress:
    """How far a day is read: up to the place `after`, the places in the order of their mRIDs."""

    date: date
    after: str = ""
    is_done: bool = False
    left_out: int = 0
    guessed: int = 0


def keep_day(
    connection: sa.Connection, key: Key, day: date, nominal: float, values: Values
) -> None:
    """In the place of what there is."""
    place, quantity, phase = key
    at = {"place": place, "quantity": quantity, "phase": phase, "date": day}
    blob = values.sorted.astype(np.float64).tobytes()
    _replace(connection, tables.day, at, {"nominal": nominal, "values": blob})


def days(
    connection: sa.Connection, first: date, last: date, place: str | None = None
) -> dict[Key, tuple[float, dict[date, Values]]]:
    """Nominal volts and values by day, both days included."""
    table = tables.day
    wanted = sa.select(table).where(table.c.date.between(first, last))
    if place is not None:
        wanted = wanted.where(table.c.place == place)
    order = table.c.place, table.c.quantity, table.c.phase, table.c.date
    found: dict[Key, tuple[float, dict[date, Values]]] = {}
    for row in connection.execute(wanted.order_by(*order)).mappings():
        key = row["place"], row["quantity"], row["phase"]
        known = found.setdefault(key, (row["nominal"], {}))[1]
        known[row["date"]] = Values(np.frombuffer(row["values"], np.float64))
    return found


def progress(connection: sa.Connection, since: date) -> dict[date, Progress]:
    """Of the days that were begun."""
    table = tables.progress
    rows = connection.execute(sa.select(table).where(table.c.date >= since))
    return {
        row.date: Progress(row.date, row.after, bool(row.is_done), row.left_out, row.guessed)
        for row in rows
    }


def keep_progress(connection: sa.Connection, one: Progress) -> None:
    """In the place of what there is."""
    values = {"after": one.after, "is_done": int(one.is_done)}
    values |= {"left_out": one.left_out, "guessed": one.guessed}
    _replace(connection, tables.progress, {"date": one.date}, values)


def add(connection: sa.Connection, found: Iterable[Disturbance]) -> None:
    """Disturbances; one of the same place, time and kind is the same one."""
    for one in found:
        said = asdict(one)
        at = {name: said.pop(name) for name in ("place", "at", "kind")}
        _replace(connection, tables.disturbance, at, said)


def ended(connection: sa.Connection, place: str, at: datetime) -> None:
    """The interruption of a place that lasts is over."""
    table = tables.disturbance
    lasts = (table.c.place == place) & (table.c.kind == INTERRUPTION) & table.c.seconds.is_(None)
    query = sa.select(table.c.at).where(lasts, table.c.at <= at).order_by(table.c.at.desc())
    begun = connection.execute(query).scalars().first()
    if begun is not None:
        seconds = (at - begun).total_seconds()
        own = sa.update(table).where(lasts, table.c.at == begun)
        connection.execute(own.values(seconds=seconds))


def disturbances(connection: sa.Connection, start: datetime, end: datetime) -> list[Disturbance]:
    """Those that begin within the time, the newest first."""
    table = tables.disturbance
    within = sa.select(table).where(table.c.at >= start, table.c.at < end)
    rows = connection.execute(within.order_by(table.c.at.desc(), table.c.place)).mappings()
    return [Disturbance(**row) for row in rows]


def broken(connection: sa.Connection) -> dict[tuple[str, str, str], tuple[datetime, float]]:
    """Limits that are not kept, by place, phase and name: since when, and the share that is."""
    rows = connection.execute(sa.select(tables.broken))
    return {(row.place, row.phase, row.limit): (row.since, row.share) for row in rows}


def keep_broken(
    connection: sa.Connection, now: Mapping[tuple[str, str, str], tuple[datetime, float]]
) -> None:
    """In the place of what there was."""
    connection.execute(sa.delete(tables.broken))
    rows = [
        {"place": p, "phase": phase, "limit": limit, "since": since, "share": share}
        for (p, phase, limit), (since, share) in now.items()
    ]
    if rows:
        connection.execute(sa.insert(tables.broken), rows)


def keep_measurements(connection: sa.Connection, told: Iterable[Described]) -> None:
    """Measurements, in the place of what was known of them."""
    table = tables.measurement
    now = {one.called: {**asdict(one), "at": list(one.at)} for one in told}
    known = sa.select(table).where(table.c.called.in_(list(now)))
    before = {row.called: row.said for row in connection.execute(known)}
    for called, said in now.items():
        if before.get(called) != said:
            _replace(connection, table, {"called": called}, {"said": said})


def measurements(connection: sa.Connection) -> dict[str, Described]:
    """By what they are called."""
    rows = connection.execute(sa.select(tables.measurement))
    return {row.called: Described(**{**row.said, "at": tuple(row.said["at"])}) for row in rows}


def forget(connection: sa.Connection, before: date, moment: datetime) -> None:
    """What is too old to be asked for."""
    connection.execute(sa.delete(tables.day).where(tables.day.c.date < before))
    connection.execute(sa.delete(tables.progress).where(tables.progress.c.date < before))
    old = sa.delete(tables.disturbance).where(tables.disturbance.c.at < moment)
    connection.execute(old)


def _replace(
    connection: sa.Connection, table: sa.Table, key: Mapping[str, Any], values: Mapping[str, Any]
) -> None:
    connection.execute(sa.delete(table).filter_by(**key))
    connection.execute(sa.insert(table), [{**key, **values}])
