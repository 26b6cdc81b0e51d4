"""Values as files: CSV, and Parquet (`hub.historian.parquet`) for those who compute with them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from hub.historian import questions
from hub.historian.questions import Sample, Span, Stored

CSV, PARQUET = "csv", "parquet"
FORMATS = (CSV, PARQUET)
_PAGE = 50_000
_HEAD = (
    *("series", "kind", "object", "place", "quantity", "unit"),
    *("start", "at", "value", "quality", "known", "revision"),
)


@dataclass(frozen=True)
class Chosen:
    """What is exported: these series, within a span."""

    series: Sequence[Stored]
    span: Span

    def pages(self, connection: Connection) -> Iterator[tuple[Stored, list[Sample]]]:
        """All values, series by series, each in the order of time."""
        for one in self.series:
            for page in questions.pages(connection, one.id, self.span, _PAGE):
                yield one, page


def as_csv(connection: Connection, chosen: Chosen) -> Iterator[bytes]:
    """Lines of CSV (RFC 4180), with a heading; times are ISO 8601, UTC."""
    yield (",".join(_HEAD) + "\r\n").encode()
    for series, page in chosen.pages(connection):
        text = io.StringIO()
        about = (series.id, series.kind, series.object, series.place, series.quantity, series.unit)
        csv.writer(text).writerows((*about, *_cells(one)) for one in page)
        yield text.getvalue().encode()


def _cells(one: Sample) -> tuple[str | float | int, ...]:
    value = "" if one.value is None else repr(one.value)
    known = one.known.isoformat()
    return _iso(one.start), one.at.isoformat(), value, one.quality or "", known, one.revision


def _iso(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat()
