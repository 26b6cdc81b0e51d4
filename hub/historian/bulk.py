"""Rows into `historian_sample`, many at a time: COPY on PostgreSQL, executemany on SQLite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from hub.historian.blocks import NEVER, Instants
from hub.historian.tables import microseconds

_POSTGRES_EPOCH = microseconds(datetime(2000, 1, 1, tzinfo=UTC))
_BEGIN = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_COLUMNS = ("series", "at", "start", "value", "quality", "known", "revision")
_COPY = f"COPY historian_sample ({', '.join(_COLUMNS)}) FROM STDIN (FORMAT BINARY)"
_INSERT = f"INSERT INTO historian_sample ({', '.join(_COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608


@dataclass(frozen=True)
class Rows:
    """New rows, one for each series and time, as columns; see `hub.historian.blocks.Block`."""

    series: NDArray[np.int64]
    at: Instants
    start: Instants
    value: NDArray[np.float64]
    quality: Sequence[str]
    revision: NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.at)

    def taken(self, places: NDArray[np.int64]) -> Rows:
        """Those at `places`, in that order."""
        return Rows(
            self.series[places],
            self.at[places],
            self.start[places],
            self.value[places],
            [self.quality[n] for n in places.tolist()],
            self.revision[places],
        )


def insert(connection: Connection, rows: Rows, known: int) -> None:
    """Add `rows`, which became known at that time; none of them may be there."""
    if not len(rows):
        return
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_INSERT, list(_tuples(rows, known)))
        return
    _copy(connection, rows, known)


def _copy(connection: Connection, rows: Rows, known: int) -> None:
    import psycopg  # the driver is loaded where there is PostgreSQL

    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.write(b"".join([_BEGIN, *_binary(rows, known), _END]))
    except psycopg.Error as error:  # as the hub knows it from all other statements
        dialect = connection.dialect
        raise DBAPIError.instance(_COPY, None, error, psycopg.Error, dialect=dialect) from error


def _tuples(rows: Rows, known: int) -> Iterator[tuple[Any, ...]]:
    """The rows as SQLite takes them; NaN is null there without more ado."""
    starts, qualities = repeat(None), repeat(None)
    has_start, has_quality = bool((rows.start != NEVER).any()), any(rows.quality)
    return zip(
        rows.series.tolist(),
        rows.at.tolist(),
        [None if one == NEVER else one for one in rows.start.tolist()] if has_start else starts,
        rows.value.tolist(),
        [one or None for one in rows.quality] if has_quality else qualities,
        repeat(known),
        rows.revision.tolist(),
        strict=False,  # what is repeated has no end
    )


def _binary(rows: Rows, known: int) -> Iterator[bytes]:
    """The rows as COPY takes them, those of one width together."""
    texts = {quality: n for n, quality in enumerate(dict.fromkeys(rows.quality))}
    width = np.zeros(len(rows), np.int64)
    if len(texts) > 1:
        width[:] = [4 * texts[one] for one in rows.quality]
    width += 2 * (rows.start != NEVER) + ~np.isnan(rows.value)
    distinct = list(texts)
    for one in np.unique(width).tolist():
        chosen = np.flatnonzero(width == one)
        yield _alike(
            rows if len(chosen) == len(rows) else rows.taken(chosen), known, distinct[one // 4]
        )


def _alike(rows: Rows, known: int, quality: str) -> bytes:
    """Rows of one width: before each field its length, -1 for null (COPY, "Binary Format")."""
    has_start, has_value = rows.start[0] != NEVER, not np.isnan(rows.value[0])
    fields: list[tuple[str, Any]] = [
        (">i8", rows.series),
        (">i8", rows.at - _POSTGRES_EPOCH),
        (">i8", rows.start - _POSTGRES_EPOCH if has_start else None),
        (">f8", rows.value if has_value else None),
        (f"S{len(quality.encode())}", quality.encode() or None),
        (">i8", known - _POSTGRES_EPOCH),
        (">i2", rows.revision),
    ]
    types = [("count", ">i2")]
    for n, (kind, data) in enumerate(fields):
        types.append((f"length{n}", ">i4"))
        if data is not None:
            types.append((f"field{n}", kind))
    table = np.empty(len(rows), np.dtype(types))
    table["count"] = len(fields)
    for n, (kind, data) in enumerate(fields):
        table[f"length{n}"] = -1 if data is None else np.dtype(kind).itemsize
        if data is not None:
            table[f"field{n}"] = data
    return table.tobytes()
