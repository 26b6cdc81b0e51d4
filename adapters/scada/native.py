"""Write files of values, as `adapters.scada` reads them by default; used by the demo utility."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

COLUMNS = ("point", "time", "value", "status")


def write(rows: Iterable[Mapping[str, str]]) -> bytes:
    """A file of values; each row has one for every one of `COLUMNS`."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")
