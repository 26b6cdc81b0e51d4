"""Plain literals in the lexical forms of XML Schema, as IEC 61970-552 writes them: untyped.

What comes in has met no schema yet, so every reader checks the form first.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from cim.xml import boolean, date_time, date_time_text, float_text, time_of_day, time_text

_DECIMAL = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})?"


def _reader(form: str, name: str, read: Callable[[str], Any]) -> Callable[[str], Any]:
    pattern = re.compile(form)

    def checked(text: str) -> Any:
        stripped = text.strip(" \t\r\n")
        if pattern.fullmatch(stripped) is None:
            raise ValueError(f"is no {name}")
        return read(stripped)

    return checked


WRITE: dict[type[Any], Callable[[Any], str]] = {
    str: str,
    int: str,
    float: float_text,
    Decimal: lambda value: format(value, "f"),
    bool: lambda value: "true" if value else "false",
    datetime: date_time_text,
    date: date.isoformat,
    time: time_text,
}
"""The text of a value."""

READ: dict[type[Any], Callable[[str], Any]] = {
    str: str,
    int: _reader(r"[+-]?[0-9]+", "integer", int),
    float: _reader(_DECIMAL + r"(?:[Ee][+-]?[0-9]+)?|-?INF|NaN", "number", float),
    Decimal: _reader(_DECIMAL, "decimal number", Decimal),
    bool: _reader("true|false|1|0", "boolean", boolean),
    datetime: _reader(f"{_DATE}T{_TIME}", "date and time", date_time),
    date: _reader(_DATE, "date without a time zone", date.fromisoformat),
    time: _reader(_TIME, "time", time_of_day),
}
"""The value of a text.  Raises: ValueError, whose text continues "'abc' ..."."""
