"""The tables of the losses app, as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from datetime import datetime

import sqlalchemy as sa

from dms_apps.losses import tables
from dms_apps.losses.feeders import Energy, State
from dms_apps.losses.split import Loss

_SUMS = [one.name for one in fields(Energy)]


def keep_devices(
    connection: sa.Connection, found: Iterable[Loss], feeder: Mapping[str, str]
) -> None:
    """What is lost in each device now, in the place of what was."""
    connection.execute(sa.delete(tables.device))
    rows = [{**asdict(one), "feeder": feeder.get(one.device, "")} for one in found]
    if rows:
        connection.execute(sa.insert(tables.device), rows)


def devices(connection: sa.Connection, *kinds: str) -> list[tuple[Loss, str]]:
    """What is lost in each device of these kinds, the most first; and its feeder."""
    table = tables.device
    wanted = sa.select(table).order_by(table.c.watts.desc(), table.c.device, table.c.phase)
    if kinds:
        wanted = wanted.where(table.c.kind.in_(kinds))
    return [
        (Loss(row.device, row.kind, row.phase, row.watts, row.no_load), row.feeder)
        for row in connection.execute(wanted)
    ]


def last(connection: sa.Connection) -> dict[str, State]:
    """The last state of each feeder."""
    return {
        row["feeder"]: State(**{name: row[name] for name in row if name != "feeder"})
        for row in connection.execute(sa.select(tables.state)).mappings()
    }


def keep_last(connection: sa.Connection, states: Mapping[str, State]) -> None:
    """In the place of those before."""
    connection.execute(sa.delete(tables.state))
    if states:
        rows = [{"feeder": feeder, **asdict(one)} for feeder, one in states.items()]
        connection.execute(sa.insert(tables.state), rows)


def add(connection: sa.Connection, feeder: str, hour: datetime, more: Energy) -> None:
    """Energy of a feeder, to what is known of the hour."""
    table = tables.energy
    at = (table.c.feeder == feeder) & (table.c.hour == hour)
    row = connection.execute(sa.select(table).where(at)).mappings().first()
    known = Energy(**{name: row[name] for name in _SUMS}) if row else Energy()
    connection.execute(sa.delete(table).where(at))
    values = {"feeder": feeder, "hour": hour, **asdict(known.with_more(more))}
    connection.execute(sa.insert(table), [values])


def energies(
    connection: sa.Connection, start: datetime, end: datetime
) -> list[tuple[str, datetime, Energy]]:
    """By feeder and hour that begins within the time."""
    table = tables.energy
    wanted = sa.select(table).where(table.c.hour >= start, table.c.hour < end)
    rows = connection.execute(wanted.order_by(table.c.feeder, table.c.hour)).mappings()
    return [(r["feeder"], r["hour"], Energy(**{name: r[name] for name in _SUMS})) for r in rows]


def forget(connection: sa.Connection, before: datetime) -> None:
    """Hours that are too old to be asked for."""
    connection.execute(sa.delete(tables.energy).where(tables.energy.c.hour < before))
