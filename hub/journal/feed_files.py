"""What became of the files of other systems: every record of each is accounted for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.dialects import postgresql, sqlite

from hub.journal import source_clocks
from hub.journal.tables import feed_file as table
from hub.parts import File

ACCEPTED, DUPLICATE, QUARANTINED, LATE = "accepted", "duplicate", "quarantined", "late"
"""What becomes of a record; a late one is accepted, too, and counts once."""


@dataclass(frozen=True, kw_only=True)
class FeedFile:
    """One file of a source.

    number:   of the order in which files came.
    digest:   SHA-256 of its bytes.
    at, ended_at: when taking its records began and when the last was taken.
    records:  how many it has; `done`: of these, accepted + duplicate + quarantined + late.
    refused:  why it is unusable as a whole.
    ignored:  why it was passed over; what is written in it later is another file.
    seconds:  from `at` to `ended_at`; None while it goes on.
    per_second: records in a second; None where that is too quick to be told.
    """

    number: int
    source: str
    name: str
    digest: str
    at: datetime
    ended_at: datetime | None
    records: int
    done: int
    accepted: int
    duplicate: int
    quarantined: int
    late: int
    refused: str | None
    ignored: str | None = None
    seconds: float | None = None
    per_second: float | None = None


@dataclass(frozen=True, kw_only=True)
class Feed:
    """All files of a source together.

    files: those that were not ignored; `refused` counts, too.
    open:  those that are not taken to their end.
    clock: why the clock of the source cannot be right; "" when it may be.
    """

    source: str
    files: int
    refused: int
    ignored: int
    open: int
    last_at: datetime
    records: int
    accepted: int
    duplicate: int
    quarantined: int
    late: int
    clock: str = ""


def done(connection: Connection, source: str, file: File) -> int | None:
    """How many records of a file were taken; None when it is new."""
    statement = select(table.c.done).where(table.c.source == source, table.c.key == file.key)
    found: int | None = connection.scalar(statement)
    return found


def note(
    connection: Connection,
    source: str,
    file: File,
    end: int,
    counts: Mapping[str, int],
    began: datetime,
    now: datetime,
) -> None:
    """Note what became of the records of a file up to `end`, the next ones after those before.

    began: when taking them began.
    """
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    came = {one: counts.get(one, 0) for one in (ACCEPTED, DUPLICATE, QUARANTINED, LATE)}
    ended = now if end >= file.records else None
    row = {
        "source": source,
        "key": file.key,
        "number": _next(connection),
        "name": file.name,
        "digest": file.digest,
        "at": began,
        "ended_at": ended,
        "records": file.records,
        "done": end,
        "refused": file.refused or None,
        "ignored": file.ignored or None,
        **came,
    }
    more = {one: table.c[one] + count for one, count in came.items()}
    statement = dialect.insert(table).values(row)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[table.c.source, table.c.key],
            set_={"done": end, "ended_at": func.coalesce(table.c.ended_at, ended), **more},
        )
    )


def listed(
    connection: Connection,
    source: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[FeedFile]:
    """Files, the newest first; those with a smaller number than `before`."""
    statement = _all().order_by(table.c.number.desc()).limit(limit)
    if source is not None:
        statement = statement.where(table.c.source == source)
    if before is not None:
        statement = statement.where(table.c.number < before)
    return [_timed(FeedFile(**row._mapping)) for row in connection.execute(statement)]


def one(connection: Connection, source: str, file: File) -> FeedFile:
    """What became of a file.  Raises: LookupError when it never came."""
    statement = _all().where(table.c.source == source, table.c.key == file.key)
    found = connection.execute(statement).first()
    if found is None:
        raise LookupError(f"no file {file.name} of {source} has come")
    return _timed(FeedFile(**found._mapping))


def feeds(connection: Connection) -> list[Feed]:
    """Each source of files, by name."""
    summed = ("records", ACCEPTED, DUPLICATE, QUARANTINED, LATE)
    statement = (
        select(
            table.c.source,
            (func.count() - func.count(table.c.ignored)).label("files"),
            func.count(table.c.refused).label("refused"),
            func.count(table.c.ignored).label("ignored"),
            (func.count() - func.count(table.c.ended_at)).label("open"),
            func.max(table.c.at).label("last_at"),
            *(func.sum(table.c[name]).label(name) for name in summed),
        )
        .group_by(table.c.source)
        .order_by(table.c.source)
    )
    clocks = {one.source: one.why for one in source_clocks.wrong(connection)}
    found = connection.execute(statement).all()
    return [Feed(**row._mapping, clock=clocks.get(row.source, "")) for row in found]


def _all() -> Select[Any]:
    return select(*(column for column in table.c if column.name != "key"))


def _timed(file: FeedFile) -> FeedFile:
    """With how long it took: its records were read before, and waiting for a slower one counts."""
    if file.ended_at is None:
        return file
    seconds = (file.ended_at - file.at).total_seconds()
    rate = round(file.records / seconds, 1) if seconds > 0 else None
    return replace(file, seconds=round(seconds, 3), per_second=rate)


def _next(connection: Connection) -> int:
    number: int = connection.scalar(select(func.coalesce(func.max(table.c.number), 0) + 1)) or 1
    return number
