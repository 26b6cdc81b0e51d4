"""The partitions of `historian_sample` on PostgreSQL: one for each month, UTC, made as needed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import numpy as np
from sqlalchemy import Connection, text

from hub.historian.blocks import Instants
from hub.historian.tables import EPOCH, MICROSECOND

_TABLE = "historian_sample"
_NAME = re.compile(rf"{_TABLE}_(\d{{4}})(\d{{2}})")
_EXISTING = text(
    "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
    " WHERE i.inhparent = 'historian_sample'::regclass"
)


def ensure(connection: Connection, at: Instants) -> bool:
    """Have a partition for each of these times; whether one had to be made."""
    if connection.dialect.name != "postgresql":
        return False
    missing = _months(at) - set(existing(connection))
    for month in sorted(missing):
        _make(connection, month)
    return bool(missing)


def existing(connection: Connection) -> Sequence[datetime]:
    """The first moments of the months that have one."""
    names = connection.execute(_EXISTING).scalars()
    found = (_NAME.fullmatch(name) for name in names)
    return sorted(datetime(int(m[1]), int(m[2]), 1, tzinfo=UTC) for m in found if m)


def drop(connection: Connection, months: Iterable[datetime]) -> None:
    """Drop partitions with all that is in them."""
    for month in months:
        connection.execute(text(f"DROP TABLE {_name(month)}"))


def after(month: datetime) -> datetime | None:
    """The first moment of the next month; None after the year 9999."""
    if month.month < 12:
        return month.replace(month=month.month + 1)
    return month.replace(year=month.year + 1, month=1) if month.year < 9999 else None


def _months(at: Instants) -> set[datetime]:
    firsts = np.unique(at.astype("M8[us]").astype("M8[M]")).astype("M8[us]").astype(np.int64)
    return {EPOCH + int(first) * MICROSECOND for first in firsts}


def _name(month: datetime) -> str:
    return f"{_TABLE}_{month.year:04}{month.month:02}"


def _make(connection: Connection, month: datetime) -> None:
    """Attached when made: to create it as a partition at once would wait for everybody who reads,
    and keep all others waiting meanwhile."""
    name, end = _name(month), after(month)
    until = "MAXVALUE" if end is None else f"'{_iso(end)}'"
    connection.execute(text(f"CREATE TABLE {name} (LIKE {_TABLE} INCLUDING ALL)"))
    connection.execute(
        text(
            f"ALTER TABLE {_TABLE} ATTACH PARTITION {name}"
            f" FOR VALUES FROM ('{_iso(month)}') TO ({until})"
        )
    )


def _iso(month: datetime) -> str:
    return f"{month.year:04}-{month.month:02}-01 00:00:00+00"
