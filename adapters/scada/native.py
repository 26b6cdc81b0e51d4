"""Write files of values, as `adapters.scada` reads them by default; used by the demo utility."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hub.rows import written

COLUMNS = ("point", "time", "value", "status")
POINTS = ("name", "kind", "equipment", "measurement_type", "unit", "state0", "state1", "normal")


def write(rows: Iterable[Mapping[str, str]]) -> bytes:
    """A file of values; each row has one for every one of `COLUMNS`."""
    return written(COLUMNS, rows)


def write_points(rows: Iterable[Mapping[str, str]]) -> bytes:
    """A table of points that come in files; each row has a value for every one of `POINTS`."""
    return written(POINTS, rows)
