"""Questions to the historian: which series there are, and their values."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Subquery, func, select, union_all

from hub.historian import tables
from hub.historian.tables import earlier, sample

_CHUNK = 5_000  # bound values in one statement

_COLUMNS = ("series", "at", "start", "value", "quality", "known", "revision")


@dataclass(frozen=True)
class Sample:
    """A value of a series.

    at:       when; of an interval its end.
    start:    where its period begins, when it said so.
    known:    when the hub came to know it.
    revision: how many values of this time it has replaced.
    """

    series: int
    at: datetime
    start: datetime | None
    value: float | None
    quality: str | None
    known: datetime
    revision: int


@dataclass(frozen=True)
class Stored:
    """A series in the database; see `hub.historian.series.Series`."""

    id: int
    kind: str
    object: str
    place: str
    quantity: str
    unit: str
    interval: int | None


@dataclass(frozen=True)
class Span:
    """Which values are asked for.

    start, end: of their times, the end not included; None: from the first, to the last.
    as_of:      as the hub knew them then; None: the newest.
    """

    start: datetime | None = None
    end: datetime | None = None
    as_of: datetime | None = None


def listed(
    connection: Connection,
    *,
    names: Collection[str] = (),
    kind: str | None = None,
    quantity: str | None = None,
    ids: Collection[int] = (),
    after: int = 0,
    limit: int = 50,
) -> list[Stored]:
    """Series in the order of their ids; those of one of `names`, or all.

    after: id from which to go on.
    """
    table = tables.series
    columns = (table.c[field] for field in Stored.__dataclass_fields__)
    statement = select(*columns).where(table.c.id > after).order_by(table.c.id).limit(limit)
    if names:
        named = select(tables.name.c.series).where(tables.name.c.name.in_(names))
        statement = statement.where(table.c.id.in_(named))
    if ids:
        statement = statement.where(table.c.id.in_(ids))
    if kind is not None:
        statement = statement.where(table.c.kind == kind)
    if quantity is not None:
        statement = statement.where(table.c.quantity == quantity)
    return [Stored(*row) for row in connection.execute(statement)]


def one(connection: Connection, number: int) -> Stored | None:
    """The series of that id."""
    found = listed(connection, ids=[number], limit=1)
    return found[0] if found else None


def values(
    connection: Connection, series: int, span: Span, *, after: datetime | None = None, limit: int
) -> list[Sample]:
    """Values of a series in the order of time; after: time from which to go on."""
    return [Sample(*row) for row in connection.execute(_page(series, span, after, limit))]


def columns(
    connection: Connection, series: int, span: Span, limit: int
) -> tuple[list[datetime], list[datetime | None], list[float | None]]:
    """Times, starts and values of a series, at most `limit`, in the order of time."""
    rows = connection.execute(_page(series, span, None, limit)).all()
    return [row.at for row in rows], [row.start for row in rows], [row.value for row in rows]


def pages(connection: Connection, series: int, span: Span, size: int) -> Iterator[list[Sample]]:
    """All values of a series, so many at a time."""
    after = None
    while page := values(connection, series, span, after=after, limit=size):
        yield page
        if len(page) < size:
            return
        after = page[-1].at


def latest(
    connection: Connection, ids: Collection[int], as_of: datetime | None = None
) -> list[Sample]:
    """The newest value of each of these series that has one, in the order of `ids`."""
    found: dict[int, Sample] = {}
    wanted = list(ids)
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        for row in connection.execute(_newest(part, as_of)):
            found[row[0]] = Sample(*row)
    return [found[number] for number in wanted if number in found]


def _newest(ids: Sequence[int], as_of: datetime | None) -> Select[Any]:
    known = _known(as_of)
    inner = known.alias()
    newest = (
        select(func.max(inner.c.at))
        .where(inner.c.series == tables.series.c.id)
        .correlate(tables.series)
        .scalar_subquery()
    )
    return (
        select(*(known.c[name] for name in _COLUMNS))
        .join(tables.series, tables.series.c.id == known.c.series)
        .where(tables.series.c.id.in_(ids), known.c.at == newest)
    )


def _page(series: int, span: Span, after: datetime | None, limit: int) -> Select[Any]:
    known = _known(span.as_of)
    statement = select(*(known.c[name] for name in _COLUMNS)).where(known.c.series == series)
    if span.start is not None:
        statement = statement.where(known.c.at >= span.start)
    if span.end is not None:
        statement = statement.where(known.c.at < span.end)
    if after is not None:
        statement = statement.where(known.c.at > after)
    return statement.order_by(known.c.at).limit(limit)


def _known(as_of: datetime | None) -> Any:
    """All values as they are, or as they were known: both tables, in the columns of one."""
    if as_of is None:
        return sample
    both: Subquery = union_all(
        select(*(sample.c[name] for name in _COLUMNS)).where(sample.c.known <= as_of),
        select(*(earlier.c[name] for name in _COLUMNS)).where(
            earlier.c.known <= as_of, earlier.c.replaced > as_of
        ),
    ).subquery()
    return both
