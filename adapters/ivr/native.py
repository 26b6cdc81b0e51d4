"""Write the IVR's CSV files, as `adapters.ivr` reads them by default; used by the demo utility."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

COLUMNS = (
    "call_source_id",
    "external_id",
    "service_point_id",
    "account_number",
    "call_time",
    "trouble_code",
    "callback_flag",
    "callback_phone",
    "caller_name",
    "comment",
)
CALLBACK_COLUMNS = ("external_id", "callback_time", "status", "agent")


def write(rows: Iterable[Mapping[str, str]]) -> bytes:
    """A file of trouble calls; each row has a value for every one of `COLUMNS`."""
    return _written(COLUMNS, rows)


def write_callbacks(rows: Iterable[Mapping[str, str]]) -> bytes:
    """A file of call-back results; each row has a value for every one of `CALLBACK_COLUMNS`."""
    return _written(CALLBACK_COLUMNS, rows)


def _written(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")
