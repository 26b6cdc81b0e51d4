"""Write the CIS's CSV, as `adapters.cis` reads it by default; used by the demo utility."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

COLUMNS = (
    "service_point_id",
    "premise_id",
    "account_number",
    "customer_type",
    "life_support",
    "critical_class",
    "meter_number",
    "equipment_mrid",
    "phase",
)


def write(rows: Iterable[Mapping[str, str]]) -> bytes:
    """The file; each row has a value for every one of `COLUMNS`."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")
