"""Write the head-end's CSV, as `adapters.ami` reads it by default; used by the demo utility."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

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
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")
