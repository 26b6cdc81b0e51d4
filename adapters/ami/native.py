"""Write the head-end's CSV, as `adapters.ami` reads it by default; used by the demo utility."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hub.rows import written

COLUMNS = (
    "meter_number",
    "event_time",
    "received_time",
    "event_code",
    "event_name",
    "endpoint_id",
)


def write(rows: Iterable[Mapping[str, str]]) -> bytes:
    """The file; each row has a value for every one of `COLUMNS`."""
    return written(COLUMNS, rows)
