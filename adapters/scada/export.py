"""Values by file: the export of a historian, or a block of values exchanged with a neighbour."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from math import isfinite

from adapters.scada.points import Point, Points
from adapters.scada.quality import Flag, Flags, flags
from adapters.scada.samples import Exported, Told, Why
from cim.dialect.times import in_utc
from hub.rows import Row

REQUIRED = ("point", "time", "value")
COLUMNS = (*REQUIRED, "status")


@dataclass(frozen=True, kw_only=True)
class Form:
    """How one system writes values.

    zone:    of times that carry no offset; `time_format` as Python's strptime reads it.
    bad:     words in the place of a value that say that there is none.
    quality: status of a row -> flags; "" stands for a row that says none.
    """

    zone: tzinfo = UTC
    time_format: str = ""
    bad: Collection[str] = ()
    quality: Mapping[str, Sequence[str]] = field(default_factory=dict)


def exported(rows: Sequence[Row], points: Points, form: Form) -> list[Exported]:
    """Each row with its value.  A value counts as moved when its point had another one before."""
    last: dict[str, Told] = {}
    return [_exported(row, points, form, last) for row in rows]


def identity(record: Exported) -> str:
    """Of the fact in its source: the same point, time, value and status is the same fact."""
    row = record.row
    return " ".join((row["point"], row["time"], row["value"], row["status"]))


def _exported(row: Row, points: Points, form: Form, last: dict[str, Told]) -> Exported:
    try:
        point = points.named(row["point"], row.origin)
        told = _told(row, point, form, last.get(point.name))
    except ValueError as error:
        return Exported(row, None, str(error))
    last[point.name] = told
    return Exported(row, told)


def _told(row: Row, point: Point, form: Form, before: Told | None) -> Told:
    found = _flags(row, form)
    at = _time(row, form)
    if row["value"] in form.bad:
        last = before.value if before else None
        return Told(point.name, last, found | {Flag.OLD_DATA}, at, Why.QUALITY)
    value, wrong = _measured(row, point)
    moves = point.is_switch and not (found | wrong) and point.position(value) is not None
    moves = moves and (before is None or before.value != value)
    return Told(point.name, value, found | wrong, at, Why.CHANGE, moves=moves)


def _measured(row: Row, point: Point) -> tuple[float, Flags]:
    """The value of a row: in the unit of the point already, so no gain applies."""
    value = _code(row, point) if point.is_discrete else _number(row, point)
    return value, point.judged(value)


def _code(row: Row, point: Point) -> int:
    text = row["value"]
    codes = {word: code for code, word in point.states.items()}
    if text.lower() in codes:
        return codes[text.lower()]
    if text.isascii() and text.isdigit() and (not codes or int(text) in point.states):
        return int(text)
    known = ", ".join(f"{word} ({code})" for word, code in codes.items())
    raise row.wrong("value", f"is no state of the point; known: {known or 'whole numbers'}")


def _number(row: Row, point: Point) -> float:
    if point.is_counter:
        return _count(row)
    try:
        number = float(row["value"])
    except ValueError:
        raise row.wrong("value", "is no number, and none of the words for a bad value") from None
    if not isfinite(number):
        raise row.wrong("value", "is not finite")
    return number


def _count(row: Row) -> int:
    try:
        return int(row["value"])
    except ValueError:
        raise row.wrong("value", "is no whole number, which an Accumulator is") from None


def _flags(row: Row, form: Form) -> Flags:
    status = row["status"]
    if status not in form.quality:
        known = ", ".join(word or "(empty)" for word in form.quality)
        raise row.wrong("status", f"is not known; known: {known}")
    return flags(form.quality[status])


def _time(row: Row, form: Form) -> datetime:
    text = row["time"]
    try:
        if form.time_format:
            read = datetime.strptime(text, form.time_format)
        else:
            read = datetime.fromisoformat(text)
            if len(text) <= len("2025-11-20"):
                raise ValueError("a date alone is no moment")
    except ValueError:
        form_is = f"of the form {form.time_format}" if form.time_format else "ISO 8601"
        raise row.wrong("time", f"is no date and time {form_is}") from None
    try:
        return in_utc(read, form.zone)
    except ValueError as error:
        raise row.wrong("time", str(error)) from None
