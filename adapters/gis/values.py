"""What the values of a column become: literals, enumeration values, references."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from adapters.gis import identities
from adapters.gis.mapping import Column, Features
from adapters.gis.units import EPOCH, UNITS
from cim.model import LINK, TEXT
from cim.vocabulary.vocabulary import Vocabulary

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FLOATS = ("Float", "Decimal")
Say = Callable[[Any], str]


@dataclass(frozen=True)
class Saying:
    """What a column says: of which kind the statements are, and how a value is said.

    say: value -> its text, "" for nothing.  Raises: ValueError with the rule.
    """

    iri: str
    kind: int
    say: Say


def saying(
    column: Column, classes: tuple[str, ...], plan: Features, words: Vocabulary | None
) -> Saying:
    """How a mapped column of a layer with objects of these classes is said."""
    found = words and next((p for c in classes if (p := words.find(c, column.to))), None)
    types = found.types if found else ()
    enumeration = (
        next((words.enumerations[t] for t in types if t in words.enumerations), None)
        if words
        else None
    )
    base = (
        next((words.datatypes[t].base for t in types if t in words.datatypes), "") if words else ""
    )
    kind = column.kind or ("enumeration" if enumeration else "text" if base else "")
    kind = kind or ("link" if column.layer or types else "text")
    say: Say
    if kind == "enumeration":
        values = {value for value, _ in enumeration.values} if enumeration else None
        say = _enumerated(enumeration.name if enumeration else "", values, plan)
    elif kind == "link":
        say = _referring(column, plan)
    else:
        say = _literal(base, column.unit, plan.zone)
    if column.codes:
        say = _coded(column.codes, say)
    return Saying(plan.iri(column.to), TEXT if kind == "text" else LINK, say)


def coded(codes: Mapping[str, str], value: Any) -> str:
    """What a code means.  Raises: ValueError with the codes known."""
    found = codes.get(code := _code(value))
    if found is None:
        raise ValueError(f"{code!r} is none of the codes known, {', '.join(codes)}")
    return found


def _coded(codes: Mapping[str, str], say: Say) -> Say:
    def of(value: Any) -> str:
        meant = coded(codes, value)
        return say(meant) if meant else ""

    return of


def _code(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else identities.text(value)


def _enumerated(name: str, values: set[str] | None, plan: Features) -> Say:
    def of(value: Any) -> str:
        text = str(value)
        if values is None:
            return plan.iri(text)
        local = text.rpartition(".")[2]
        if local not in values:
            raise ValueError(f"{text!r} is no {name}: {', '.join(sorted(values))}")
        return plan.iri(f"{name}.{local}")

    return of


def _referring(column: Column, plan: Features) -> Say:
    if column.layer:
        return lambda value: plan.identity(column.layer, value)
    return identities.as_is if column.kind == "link" else _uuid


def _uuid(value: Any) -> str:
    found = identities.of("", "", value)
    if not found.endswith(identities.text(value).strip("{}")):
        raise ValueError(f"{value!r} is no UUID: name the `layer` whose objects it refers to")
    return found


def _literal(base: str, unit: str, zone: str) -> Say:
    if base in _FLOATS or unit not in ("", EPOCH):
        factor = UNITS[unit][1] if unit else 1.0
        return lambda value: _number(value, factor)
    if base == "Integer":
        return _whole
    if base == "Boolean":
        return _truth
    if unit == EPOCH:
        return lambda value: _stamp(datetime.fromtimestamp(float(value) / 1000, UTC))
    where = ZoneInfo(zone)
    if base == "DateTime":
        return lambda value: _moment(value, where)
    return lambda value: _said(value, where)


def _number(value: Any, factor: float) -> str:
    number = math.nan if isinstance(value, bool) else _float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value!r} is no number")
    if factor == 1.0:
        return (
            str(value)
            if isinstance(value, int)
            else value
            if isinstance(value, str)
            else repr(number)
        )
    return repr(number * factor)


def _float(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def _whole(value: Any) -> str:
    number = _float(value)
    if not (math.isfinite(number) and number.is_integer()):
        raise ValueError(f"{value!r} is no whole number")
    return str(
        int(value) if isinstance(value, int | str) and "." not in str(value) else int(number)
    )


def _truth(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if value in ("true", "false"):
        return str(value)
    raise ValueError(f"{value!r} is neither true nor false: give its `codes`")


def _said(value: Any, zone: ZoneInfo) -> str:
    if isinstance(value, datetime):
        return _stamp(value if value.tzinfo else value.replace(tzinfo=zone))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        raise ValueError("binary content cannot be said")
    text = (
        repr(value)
        if isinstance(value, float)
        else _code(value)
        if isinstance(value, bool)
        else str(value)
    )
    if _NOT_XML.search(text):
        raise ValueError(f"{text[:40]!r} holds a character that no XML document can hold")
    return text


def _moment(value: Any, zone: ZoneInfo) -> str:
    """A time, in `zone` where it does not say otherwise; a date alone is none."""
    found = value
    if isinstance(value, str) and len(value) > len("2025-07-14"):
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            found = None
    if not isinstance(found, datetime):
        raise ValueError(f"{value!r} is no ISO 8601 date and time")
    return _said(found, zone)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
