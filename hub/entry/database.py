"""Rows of a table or view of another system's database, as CSV files.

How far they were read is kept beside the files: it moves on when the rows before it lie in the
watch folder for good.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from hub.disk import put
from hub.entry.position import Position
from hub.entry.waiting import is_full
from hub.feed_settings import Database
from hub.folder import free

Plain = str | int | float | bool | Decimal | datetime | date | time | None


class DatabasePoll:
    """One query, asked again and again from where it ended."""

    def __init__(self, settings: Database, folder: Path, delimiter: str, encoding: str) -> None:
        """delimiter, encoding: as the adapter reads them.

        Raises: ValueError for a query that cannot go on where it ended.
        """
        if not re.search(r":since\b", settings.query):
            raise ValueError("database.query must name :since, the key of the last row read")
        if settings.overlap >= settings.rows:  # else one answer might hold nothing but known rows
            raise ValueError("database.overlap must be less than database.rows")
        self._settings, self._folder = settings, folder
        self._delimiter, self._encoding = delimiter, encoding
        self._engine = create_engine(settings.url, pool_pre_ping=True, pool_size=1)

    @property
    def pause(self) -> float:
        """Seconds between two questions."""
        return self._settings.interval

    def step(self) -> bool:
        """Ask once; whether there may be more.

        Raises: ConnectionError when the database does not answer; ValueError for an answer that
        has no such key, or values that are no text; OSError.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        if is_full(self._folder, self._settings.most):
            return False
        position = Position.kept(self._kept, self._settings.start)
        columns, rows = self._asked(position)
        if not rows:
            return False
        data = self._file(columns, rows)
        digest = hashlib.sha256(data).hexdigest()
        if digest == position.rows:
            return False  # looked back, and nobody had come late
        last = rows[-1][self._place(columns)]
        since = last if isinstance(last, int) else _cell(last)
        put(free(self._folder, f"{self._settings.name}-{_named(since)}.csv"), data)
        Position(since, digest).keep(self._kept)
        return len(rows) == self._settings.rows

    def close(self) -> None:
        self._engine.dispose()

    def _asked(self, position: Position) -> tuple[Sequence[str], Sequence[Sequence[Plain]]]:
        since = position.since
        if self._settings.overlap and isinstance(since, int):
            since -= self._settings.overlap
        try:
            with self._engine.connect() as connection:
                answer = connection.execute(text(self._settings.query), {"since": since})
                return list(answer.keys()), [
                    tuple(row) for row in answer.fetchmany(self._settings.rows)
                ]
        except DBAPIError as error:
            reason = str(error.orig).splitlines()[0]
            where = self._engine.url.render_as_string(hide_password=True)
            raise ConnectionError(f"database {where}: {reason}") from error

    def _place(self, columns: Sequence[str]) -> int:
        if self._settings.key not in columns:
            raise ValueError(
                f"database.key {self._settings.key!r} is no column of the answer; there are"
                f" {', '.join(columns)}"
            )
        return columns.index(self._settings.key)

    def _file(self, columns: Sequence[str], rows: Sequence[Sequence[Plain]]) -> bytes:
        self._place(columns)
        out = io.StringIO()
        writer = csv.writer(out, delimiter=self._delimiter, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_cell(value) for value in row] for row in rows)
        if self._settings.trailer:
            writer.writerow([self._settings.trailer, len(rows)])
        return out.getvalue().encode(self._encoding)

    @property
    def _kept(self) -> Path:
        return self._folder / f".{self._settings.name}.position"


def _cell(value: Any) -> str:
    """A value as text; times as ISO 8601.  Raises: ValueError for bytes and the like."""
    if value is None:
        return ""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, str | int | float | Decimal):
        return str(value)
    raise ValueError(f"a value of type {type(value).__name__} cannot stand in a CSV file")


def _named(since: str | int) -> str:
    return re.sub(r"[^0-9A-Za-z.+-]", "_", str(since))[:80]
