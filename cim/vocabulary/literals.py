"""Which literals the primitives of the CIM allow: the lexical forms of XML Schema, part 2.

The CIM's primitives (IEC 61970-301, Domain) are those of XML Schema under other names.  So "5E9"
is a Float and no Decimal or Integer, and "True" is no Boolean.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from cim.model.terms import Ints, Terms

_DAY = rb"(?:0[1-9]|[12]\d|3[01])"
_MONTH = rb"(?:0[1-9]|1[0-2])"
_DATE = rb"-?(?:[1-9]\d{3,17}|0\d{3})-" + _MONTH + rb"-" + _DAY
_ZONE = rb"(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?"
_TIME = rb"(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)"
_DIGITS = rb"[+-]?(?:\d+(?:\.\d*)?|\.\d+)"
_PERIOD = (
    rb"-?P(?=[\dT])(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?"
)

_FORMS = {
    "Boolean": rb"true|false|1|0",
    "Integer": rb"[+-]?\d+",
    "Decimal": _DIGITS,
    "Float": _DIGITS + rb"(?:[eE][+-]?\d+)?|-?INF|NaN",
    "DateTime": _DATE + rb"T" + _TIME + _ZONE,
    "Date": _DATE + _ZONE,
    "Time": _TIME + _ZONE,
    "Duration": _PERIOD,
    "MonthDay": rb"--" + _MONTH + rb"-" + _DAY + _ZONE,
    "URI": rb"[^\s<>\"{}|\\^`\0]*",
    "IRI": rb"[^\s<>\"{}|\\^`\0]*",
    "URL": rb"[^\s<>\"{}|\\^`\0]*",
}
_DAYS = frozenset({"Date", "DateTime"})
_SPACE = rb"[ \t\r\n]*"
_MARK = rb"(?:\0.*)?"
"""What a model keeps behind a literal: its data type or language."""

_MATCHERS: dict[str, Callable[..., re.Match[bytes] | None]] = {
    name: re.compile(_SPACE + rb"(" + form + rb")" + _SPACE + _MARK, re.DOTALL).fullmatch
    for name, form in _FORMS.items()
}
IRIS = frozenset({"URI", "IRI", "URL"})
"""Primitives that may be written as a reference as well as text."""

EXAMPLES = {
    "Boolean": "true or false",
    "Integer": "digits, as 12",
    "Decimal": "digits and a point, as 12.5",
    "Float": "a number, as 12.5 or 5E9",
    "DateTime": "as 2024-03-31T14:05:00Z",
    "Date": "as 2024-03-31",
    "MonthDay": "as --03-31",
    "Duration": "as PT15M",
}
"""How a literal is written, for sentences."""


def is_checked(primitive: str) -> bool:
    """Whether the form of this primitive is limited at all; that of String is not."""
    return primitive in _FORMS


def unfit(texts: Terms, rows: Ints, primitive: str) -> list[int]:
    """The rows among `rows` whose literal is none of this primitive."""
    match = _MATCHERS[primitive]
    blob = texts.blob.data
    lows, highs = texts.ends[rows].tolist(), texts.ends[rows + 1].tolist()
    spans = zip(rows.tolist(), lows, highs, strict=True)
    if primitive in _DAYS:
        return [row for row, low, high in spans if not _is_day(match(blob, low, high))]
    return [row for row, low, high in spans if not match(blob, low, high)]


def _is_day(found: re.Match[bytes] | None) -> bool:
    """Whether the calendar has the day that stands first in a literal of the right form."""
    if found is None:
        return False
    year, month, day = bytes(found[1]).lstrip(b"-").partition(b"T")[0].split(b"-")[:3]
    leap = 2000 + int(year) % 400  # the calendar repeats itself, and `date` ends with year 9999
    try:
        date(leap, int(month), int(day[:2]))
    except ValueError:
        return False
    return True
