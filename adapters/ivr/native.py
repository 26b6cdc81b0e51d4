"""Write the IVR's CSV files, as `adapters.ivr` reads them by default; used by the demo utility."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hub.rows import written

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
    return written(COLUMNS, rows)


def write_callbacks(rows: Iterable[Mapping[str, str]]) -> bytes:
    """A file of call-back results; each row has a value for every one of `CALLBACK_COLUMNS`."""
    return written(CALLBACK_COLUMNS, rows)
