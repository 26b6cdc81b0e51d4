"""Write weather as `adapters.weather` reads it with `SETTINGS`; used by the demo utility."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from hub.rows import written

COLUMNS = ("station", "made", "time", "quality", "temperature", "humidity", "wind", "chill")
MORE = ("sun", "rain")
SETTINGS: Mapping[str, Any] = {
    "values": {
        "temperature": {"kind": "ambientTemperature", "unit": "°C"},
        "humidity": {"kind": "humidity", "unit": "%"},
        "wind": {"kind": "windSpeedSustained", "unit": "m/s"},
        "chill": {"kind": "windChill", "unit": "°C"},
        "sun": {"kind": "irradianceGlobalHorizontal", "unit": "W/m²"},
        "rain": {"kind": "precipitation", "unit": "mm"},
    },
    "qualities": {"G": "GOOD", "Q": "QUESTIONABLE", "B": "INVALID"},
}

Rows = Iterable[Mapping[str, str]]


def write(rows: Rows) -> bytes:
    """A CSV file; a row has a value for each column, "" for none."""
    return written((*COLUMNS, *MORE), rows)


def write_calendar(rows: Rows) -> bytes:
    """A calendar, for a file called so: date, type and name of each day."""
    return written(("date", "day_type", "day_name"), rows)


def write_json(rows: Rows) -> bytes:
    """A list of objects."""
    return json.dumps([dict(row) for row in rows]).encode("utf-8")
