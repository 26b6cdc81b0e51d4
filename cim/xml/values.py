"""Single values as XML Schema writes them, and back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class Simple:
    """How the values of one simple type are written and read.

    read:  raises ArithmeticError, KeyError, TypeError or ValueError for what cannot be kept.
    plain: whether what is written of a value of the type holds nothing that XML has to escape.
    usual: the same as `read`, for the usual texts; raises ValueError for others.
    """

    write: Callable[[Any], str]
    read: Callable[[str], Any]
    plain: bool = True
    usual: Callable[[str], Any] | None = None

    def read_all(self, texts: list[str]) -> list[Any]:
        """As `read`, each of them."""
        if self.usual is not None:
            with suppress(ValueError):
                return list(map(self.usual, texts))
        return list(map(self.read, texts))


def simple(kind: type[Any]) -> Simple | None:
    """How the values of a type are; None for classes, references and documents."""
    if issubclass(kind, StrEnum):
        return Simple(str, {member.value: member for member in kind}.__getitem__, plain=False)
    return _SIMPLE.get(kind)


def float_text(value: float) -> str:
    """`value` as xs:float writes it."""
    return _FLOATS.get(text := repr(value), text)


_FLOATS = {"inf": "INF", "-inf": "-INF", "nan": "NaN"}


def boolean(text: str) -> bool:
    """The value of an xs:boolean."""
    return text.strip() in ("true", "1")


def date_time_text(value: datetime) -> str:
    """`value` as xs:dateTime writes it; without a zone when it has none."""
    if value.tzinfo is UTC and value.year > 999:
        # What isoformat says, in a third of its time.
        two, part = _TWO, value.microsecond
        return (
            f"{value.year}-{two[value.month]}-{two[value.day]}"
            f"T{two[value.hour]}:{two[value.minute]}:{two[value.second]}"
            f"{f'.{part:06}' if part else ''}Z"
        )
    text = value.isoformat()
    return text[:-6] + "Z" if text.endswith("+00:00") else text


_TWO = tuple(f"{n:02}" for n in range(60))


def date_time(text: str) -> datetime:
    """The value of an xs:dateTime, to the microsecond.

    Raises: ValueError, outside the years 1 to 9999.
    """
    text = text.strip()
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        if "T24:00:00" not in text:
            raise
        return datetime.fromisoformat(text.replace("T24:", "T00:")) + timedelta(days=1)


def date_of(text: str) -> date:
    """The value of an xs:date.  Raises: ValueError, also when it has a time zone."""
    return date.fromisoformat(text.strip())


def time_text(value: time) -> str:
    """`value` as xs:time writes it; without a zone when it has none."""
    text = value.isoformat()
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def time_of_day(text: str) -> time:
    """The value of an xs:time, to the microsecond; 24:00:00 is the same as 00:00:00."""
    return time.fromisoformat(text.strip().replace("24:00:00", "00:00:00"))


_SIMPLE: dict[type[Any], Simple] = {
    str: Simple(str, str, plain=False),
    int: Simple(str, int),
    float: Simple(float_text, float),
    Decimal: Simple(lambda value: format(value, "f"), Decimal),
    bool: Simple(lambda value: "true" if value else "false", boolean),
    datetime: Simple(date_time_text, date_time, usual=datetime.fromisoformat),
    date: Simple(date.isoformat, date_of),
    time: Simple(time_text, time_of_day),
}
