"""What one code says, in a sentence and a table of its parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from cim.codes import tables
from cim.codes.meaning import Meaning
from cim.codes.shape import EVENT, QUALITY, READING, REPLY, numbers_of
from cim.codes.sources import Codes
from cim.reply_codes import REPLY_CODES

_NONE = "none"
_FAMILIES = {
    "0": "fine",
    "1": "an element is bad or missing",
    "2": "a parameter is invalid",
    "3": "too much",
    "4": "aborted",
    "5": "application",
    "6": "business rule",
    "7": "security",
}


@dataclass(frozen=True)
class Part:
    """One number of a code; `says` is None when it is unknown."""

    name: str
    number: str
    says: str | None


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """A code, explained.

    kind:    "reading type", "end device event", "end device control", "end device code" (one of
             the two), "reading quality" or "reply code".
    says:    a sentence.
    known:   whether the tables hold it; of a reading type, each of its numbers.
    native:  the source's own code, when `code` is the standard's for it.
    meaning: of an event or control, as its source means it.
    """

    code: str
    kind: str
    says: str
    parts: tuple[Part, ...]
    known: bool = True
    native: str | None = None
    meaning: Meaning | None = None


def explain(code: str, codes: Codes | None = None, source: str | None = None) -> Explanation:
    """What `code` says, as `source` uses it.

    Raises: ValueError for what has not the shape of a code.
    """
    codes = codes or Codes()
    standard = codes.standard(source, code.strip())
    numbers = numbers_of(standard)
    if not numbers:
        raise ValueError(
            f"{code[:100]!r} is no code: a reading type has 18 numbers, an event or control 4, a"
            " reading quality 3, a reply code 2, with points between them"
        )
    found = _BY_SHAPE[len(numbers)](standard, numbers)
    if len(numbers) == EVENT:
        found = replace(found, meaning=codes.meaning(source, code.strip()))
    return replace(found, native=code.strip()) if standard != code.strip() else found


def _end_device(code: str, numbers: Sequence[str]) -> Explanation:
    data = tables.end_devices()
    parts = tuple(
        Part(name, number, data["parts"][name].get(number))
        for name, number in zip(data["parts"]["names"], numbers, strict=True)
    )
    for kind, table in (("end device event", "events"), ("end device control", "controls")):
        if code in data[table]:
            says = f"{data[table][code][1]}."
            return Explanation(code=code, kind=kind, says=says, parts=parts)
    says = f"An event or control of an end device that no table here holds: {_told(parts)}."
    return Explanation(code=code, kind="end device code", says=says, parts=parts, known=False)


def unheard_of(code: str) -> str:
    """The first number of an event's code that stands nowhere in the tables, e.g. "domain 99"; ""
    when each does.

    The tables are not complete, for the standard's list is not public: a code in use may have one.
    """
    for name, number, heard in zip(_names(), code.split("."), _heard(), strict=False):
        if number not in heard:
            return f"{name} {number}"
    return ""


def _names() -> Sequence[str]:
    names: Sequence[str] = tables.end_devices()["parts"]["names"]
    return names


@cache
def _heard() -> tuple[frozenset[str], ...]:
    """The numbers at each place of a code that any table has."""
    data = tables.end_devices()
    whole = [code.split(".") for table in ("events", "controls") for code in data[table]]
    return tuple(
        frozenset(data["parts"][name]) | {numbers[place] for numbers in whole}
        for place, name in enumerate(_names())
    )


def _told(parts: Sequence[Part]) -> str:
    return ", ".join(f"{p.name} {p.number} is {p.says or 'unknown'}" for p in parts)


def _reading_quality(code: str, numbers: Sequence[str]) -> Explanation:
    data = tables.reading_qualities()
    parts = tuple(
        Part(name, number, data[name].get(number))
        for name, number in zip(data["names"], numbers, strict=True)
    )
    kind, known = "reading quality", code in data["codes"]
    says = data["codes"].get(code) or f"A {kind} that no table here holds: {_told(parts)}"
    return Explanation(code=code, kind=kind, says=f"{says}.", parts=parts, known=known)


def _reply(code: str, numbers: Sequence[str]) -> Explanation:
    family, number = numbers
    meaning = REPLY_CODES.get(code)
    parts = (Part("family", family, _FAMILIES.get(family)), Part("number", number, meaning))
    says = f"{meaning or 'A reply code that the table does not hold'}."
    known = meaning is not None
    return Explanation(code=code, kind="reply code", says=says, parts=parts, known=known)


def _reading_type(code: str, numbers: Sequence[str]) -> Explanation:
    fields = tables.reading_types()
    parts = tuple(
        Part(field["name"], number, _reading_part(field, number))
        for field, number in zip(fields, numbers, strict=True)
    )
    says, known = _sentence(parts), all(part.says is not None for part in parts)
    return Explanation(code=code, kind="reading type", says=says, parts=parts, known=known)


def _reading_part(field: Mapping[str, Any], number: str) -> str | None:
    if "numbers" in field:
        says: str | None = field["numbers"].get(number)
        return says
    if number == "0":
        return _NONE
    if number.startswith("-"):
        return None
    return f"{field['counts']} {number}" if "counts" in field else number


def _sentence(parts: Sequence[Part]) -> str:
    """E.g. "Energy, electricity ..., in kWh: bulk quantity, forward (...)."."""
    said = {part.name: part.says for part in parts if part.says not in (None, _NONE)}
    what = [said[name] for name in ("measurementKind", "commodity") if name in said]
    unit = _unit(parts)
    head = ", ".join(w for w in (*what, f"in {unit}" if unit else "") if w) or "a reading"
    named = {"measurementKind", "commodity", "multiplier", "unit"}
    rest = [_phrase(name, text) for name, text in said.items() if name not in named and text]
    unknown = [f"{p.name} {p.number} is unknown" for p in parts if p.says is None]
    sentence = f"{head[0].upper()}{head[1:]}" + (f": {', '.join(rest)}" if rest else "")
    return f"{sentence}; {', '.join(unknown)}." if unknown else f"{sentence}."


def _phrase(name: str, text: str) -> str:
    return f"{_LABELS[name]} {text}" if name in _LABELS else text


_LABELS = {
    "phases": "phase",
    "interharmonic.numerator": "interharmonic numerator",
    "interharmonic.denominator": "interharmonic denominator",
    "argument.numerator": "argument numerator",
    "argument.denominator": "argument denominator",
    "macroPeriod": "over a",
    "measuringPeriod": "measured over",
}


def _unit(parts: Sequence[Part]) -> str:
    """The unit with its multiplier, as a symbol where it has one, e.g. "kWh"."""
    by_name = {part.name: part for part in parts}
    symbols = {field["name"]: field.get("symbols", {}) for field in tables.reading_types()}
    multiplier, unit = by_name["multiplier"], by_name["unit"]
    if unit.says in (None, _NONE):
        return ""
    prefix = symbols["multiplier"].get(multiplier.number)
    symbol = symbols["unit"].get(unit.number)
    if prefix is not None and symbol is not None:
        return f"{prefix}{symbol}"
    times = multiplier.says
    return f"{unit.says} ({times})" if times not in (None, _NONE) else f"{unit.says}"


_BY_SHAPE = {READING: _reading_type, EVENT: _end_device, QUALITY: _reading_quality, REPLY: _reply}
