"""Retention: what is older than its kind is kept is let go of; the journal still has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, delete, select, tuple_

from hub.historian import partitions, tables
from hub.historian.tables import MEASUREMENT, READING, earlier, sample

_AT_A_TIME = 50_000
"""Rows deleted in one transaction: on SQLite nobody else writes meanwhile."""


@dataclass(frozen=True)
class Keep:
    """Days that values are kept by their own time; 0: for ever."""

    readings: float = 1_100.0
    measurements: float = 400.0

    def until(self, kind: str, now: datetime) -> datetime | None:
        """Before which values of a kind are too old; None: never."""
        days = {READING: self.readings, MEASUREMENT: self.measurements}[kind]
        return now - timedelta(days=days) if days else None


@dataclass(frozen=True)
class Swept:
    """What was let go of: rows that were deleted, and months that were dropped whole."""

    rows: int
    months: tuple[datetime, ...]
    is_done: bool


def sweep(connection: Connection, keep: Keep, now: datetime, most: int = _AT_A_TIME) -> Swept:
    """Let go of what is too old, at most so many rows."""
    limits = {kind: keep.until(kind, now) for kind in tables.KINDS}
    months = _drop(connection, limits)
    rows = 0
    for kind, until in limits.items():
        if until is not None:
            for table in (sample, earlier):
                if rows < most:
                    rows += _delete(connection, table, kind, until, most - rows)
    return Swept(rows, months, is_done=rows < most)


def _drop(connection: Connection, limits: dict[str, datetime | None]) -> tuple[datetime, ...]:
    """Drop the months of which nothing is kept."""
    given = [until for until in limits.values() if until is not None]
    if connection.dialect.name != "postgresql" or len(given) < len(limits):
        return ()
    ends = ((month, partitions.after(month)) for month in partitions.existing(connection))
    old = tuple(month for month, end in ends if end is not None and end <= min(given))
    partitions.drop(connection, old)
    return old


def _delete(connection: Connection, table: Table, kind: str, until: datetime, most: int) -> int:
    key: Any = tuple_(*table.primary_key.columns)
    of_kind = select(tables.series.c.id).where(tables.series.c.kind == kind)
    old = (
        select(*table.primary_key.columns)
        .where(table.c.series.in_(of_kind), table.c.at < until)
        .limit(most)
    )
    return connection.execute(delete(table).where(key.in_(old))).rowcount
