"""REST for the historian: series and their values, under /api/v1/historian."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, BinaryIO, Literal, cast

from fastapi import APIRouter, Depends, Query, Security
from fastapi.responses import StreamingResponse
from sqlalchemy import Connection
from starlette.background import BackgroundTask

from hub.console.api import PREFIX, Limit, token
from hub.console.api_models import Moment
from hub.console.identity import Call, Identity, RefusedError
from hub.console.site import LARGEST, Here, Number
from hub.historian import buckets, export, questions
from hub.historian.buckets import Bucket, Step, zone_of
from hub.historian.export import Chosen
from hub.historian.questions import Sample, Span, Stored
from hub.historian.tables import NOUNS
from hub.instant import instant
from hub.security.roles import Right

MOST_SERIES = 500
"""Series of one answer or file."""

Reader = Annotated[Identity, Depends(Call(Right.BODIES))]
Kind = Literal["reading", "measurement"]
Name = Annotated[list[str] | None, Query(max_length=MOST_SERIES)]
Rows = Annotated[int, Query(ge=1, le=10_000)]
After = Annotated[int, Query(ge=0, le=LARGEST)]
Text = Annotated[str | None, Query(max_length=200)]
_MEDIA = {export.CSV: "text/csv", export.PARQUET: "application/vnd.apache.parquet"}

routes = APIRouter(prefix=f"{PREFIX}/historian", tags=["historian"], dependencies=[Security(token)])


@dataclass(frozen=True)
class Value:
    """One value; see `hub.historian.questions.Sample`.  A value that is infinite is null here."""

    at: datetime
    start: datetime | None
    value: float | None
    quality: str | None
    known: datetime
    revision: int

    @classmethod
    def of(cls, one: Sample) -> Value:
        value = one.value if one.value is not None and math.isfinite(one.value) else None
        return cls(one.at, one.start, value, one.quality, one.known, one.revision)


@dataclass(frozen=True)
class Values:
    """A page of values; ask on with `after` = `next`."""

    series: Stored
    values: Sequence[Value]
    next: datetime | None


@dataclass(frozen=True)
class Latest:
    """The newest value of a series."""

    series: Stored
    value: Value


@routes.get("/series")
def series(
    site: Here,
    identity: Reader,
    name: Name = None,
    kind: Kind | None = None,
    quantity: Text = None,
    after: After = 0,
    limit: Limit = 50,
) -> list[Stored]:
    """Series in the order of their ids; name: an mRID or name of a meter, usage point, measurement
    or equipment, may be repeated; after: the id from which to go on."""
    with site.view.journal.reading() as connection:
        found = questions.listed(
            connection, names=name or (), kind=kind, quantity=quantity, after=after, limit=limit
        )
    return _readable(identity, found)


@routes.get("/series/{number}/values")
def values(
    site: Here,
    identity: Reader,
    number: Number,
    start: Moment = None,
    end: Moment = None,
    as_of: Moment = None,
    after: Moment = None,
    limit: Rows = 1_000,
) -> Values:
    """Values of a series from start to end (not included), by their own time; as_of: as the hub
    knew them then."""
    span = _span(start, end, as_of)
    with site.view.journal.reading() as connection:
        stored = _stored(questions.one(connection, number), identity, number)
        found = questions.values(
            connection, number, span, after=_time("after", after), limit=limit + 1
        )
    page = found[:limit]
    return Values(
        stored, [Value.of(one) for one in page], page[-1].at if len(found) > limit else None
    )


@routes.get("/series/{number}/buckets")
def by_steps(
    site: Here,
    identity: Reader,
    number: Number,
    every: Annotated[str, Query(max_length=20)],
    start: Moment = None,
    end: Moment = None,
    as_of: Moment = None,
    zone: Annotated[str, Query(max_length=60)] = "UTC",
) -> list[Bucket]:
    """Least, greatest, mean, first and last value, and how many, for every 15min, 1h, 1d, 1mo ...

    zone: whose days, months and years.
    """
    span = _span(start, end, as_of)
    with site.heavy(), site.view.journal.reading() as connection:
        stored = _stored(questions.one(connection, number), identity, number)
        try:
            return buckets.buckets(connection, stored, span, Step.of(every), zone_of(zone))
        except ValueError as wrong:
            raise RefusedError(422, str(wrong)) from None


@routes.get("/latest")
def latest(
    site: Here,
    identity: Reader,
    name: Name = None,
    kind: Kind | None = None,
    quantity: Text = None,
    as_of: Moment = None,
    after: After = 0,
    limit: Limit = 50,
) -> list[Latest]:
    """The newest value of each of these series that has one."""
    moment = _time("as_of", as_of)
    with site.view.journal.reading() as connection:
        found = questions.listed(
            connection, names=name or (), kind=kind, quantity=quantity, after=after, limit=limit
        )
        by_id = {one.id: one for one in _readable(identity, found)}
        newest = questions.latest(connection, by_id, moment)
    return [Latest(by_id[one.series], Value.of(one)) for one in newest]


@routes.get(
    "/export",
    response_class=StreamingResponse,
    responses={
        200: {
            "content": {
                media: {"schema": {"type": "string", "format": "binary"}}
                for media in _MEDIA.values()
            }
        }
    },
)
def exported(
    site: Here,
    identity: Reader,
    name: Annotated[list[str], Query(min_length=1, max_length=MOST_SERIES)],
    format: Literal["csv", "parquet"] = "csv",
    start: Moment = None,
    end: Moment = None,
    as_of: Moment = None,
) -> StreamingResponse:
    """All values of the series of these names as a file, CSV or Parquet."""
    span = _span(start, end, as_of)
    with site.view.journal.reading() as connection:
        found = questions.listed(connection, names=name, limit=MOST_SERIES + 1)
    if len(found) > MOST_SERIES:
        raise RefusedError(422, f"name: more than {MOST_SERIES} series are called so; name fewer")
    chosen = Chosen(_readable(identity, found), span)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it is sent
    with site.heavy(), site.view.journal.reading() as connection:
        if format == export.PARQUET:
            _parquet(connection, chosen, cast(BinaryIO, file))
        else:
            file.writelines(export.as_csv(connection, chosen))
    file.seek(0)
    saved = {"Content-Disposition": f'attachment; filename="values.{format}"'}
    done = BackgroundTask(file.close)
    return StreamingResponse(
        _pieces(cast(BinaryIO, file)), media_type=_MEDIA[format], headers=saved, background=done
    )


def _parquet(connection: Connection, chosen: Chosen, file: BinaryIO) -> None:
    from hub.historian.parquet import as_parquet  # not at the start of every hub

    as_parquet(connection, chosen, file)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(1 << 16):
        yield piece


def _readable(identity: Identity, found: Sequence[Stored]) -> list[Stored]:
    return [one for one in found if identity.may_read(NOUNS[one.kind])]


def _stored(one: Stored | None, identity: Identity, number: int) -> Stored:
    if one is None or not identity.may_read(NOUNS[one.kind]):
        raise RefusedError(404, f"There is no series {number}.")
    return one


def _span(start: str | None, end: str | None, as_of: str | None) -> Span:
    span = Span(_time("start", start), _time("end", end), _time("as_of", as_of))
    if span.start is not None and span.end is not None and span.start >= span.end:
        raise RefusedError(422, "start: it must be before end")
    return span


def _time(name: str, text: str | None) -> datetime | None:
    try:
        return instant(name, text)
    except ValueError as wrong:
        raise RefusedError(422, str(wrong)) from None
