"""Values as Parquet files.  Import it where it is needed: its library takes long to load."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection

from hub.historian.export import Chosen
from hub.historian.questions import Sample, Stored

_INSTANT = pa.timestamp("us", tz="UTC")
_WORD = pa.dictionary(pa.int32(), pa.string())
_SCHEMA = pa.schema(
    [
        ("series", pa.int64()),
        *((name, _WORD) for name in ("kind", "object", "place", "quantity", "unit")),
        ("start", _INSTANT),
        ("at", _INSTANT),
        ("value", pa.float64()),
        ("quality", _WORD),
        ("known", _INSTANT),
        ("revision", pa.int16()),
    ]
)


def as_parquet(connection: Connection, chosen: Chosen, file: BinaryIO) -> int:
    """Write a Parquet file; how many values are in it."""
    count = 0
    with pq.ParquetWriter(file, _SCHEMA, compression="zstd") as writer:
        for series, page in chosen.pages(connection):
            writer.write_table(_table(series, page))
            count += len(page)
    return count


def _table(series: Stored, page: Sequence[Sample]) -> pa.Table:
    columns = []
    for field in _SCHEMA:
        name = "id" if field.name == "series" else field.name
        if hasattr(series, name):
            values = [getattr(series, name)] * len(page)
        else:
            values = [getattr(one, name) for one in page]
        columns.append(pa.array(values, field.type))
    return pa.Table.from_arrays(columns, schema=_SCHEMA)
