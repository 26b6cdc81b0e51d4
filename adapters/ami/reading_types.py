"""Codes of reading types (IEC 61968-9, annex C): 18 numbers, some of which a file says itself.

A mapping writes `*` for the measuring period (number 3) and the multiplier (number 16) where the
file is to say them; a number there must be what the file says.
"""

from __future__ import annotations

from collections.abc import Mapping

from cim.codes import explain

PERIOD, MULTIPLIER, UNIT = 2, 15, 16  # places, from 0

PERIODS = {1: "3", 2: "10", 3: "14", 5: "6", 10: "1", 15: "2", 20: "31", 30: "5", 60: "7"}
"""Minutes -> measuring period."""

_SYMBOLS = {"Wh": "72", "VArh": "73", "VAh": "71", "W": "38", "VAr": "63", "VA": "61"}
_PREFIXES = {"": "0", "k": "3", "M": "6"}

UNITS: Mapping[str, tuple[str, str]] = {
    **{p + s: (times, unit) for s, unit in _SYMBOLS.items() for p, times in _PREFIXES.items()},
    **{"V": ("0", "29"), "kV": ("3", "29"), "A": ("0", "5"), "kA": ("3", "5"), "pf": ("0", "65")},
}
"""Unit as the MDFF writes it, in whatever case -> multiplier and unit."""

_UNITS = {name.lower(): codes for name, codes in UNITS.items()}


def check(name: str, table: Mapping[str, str], open_places: tuple[int, ...]) -> None:
    """A code that is none stops the start.  Raises: ValueError naming table, key and rule.

    open_places: where the file may be left to say the number, from 0.
    """
    for key, pattern in table.items():
        parts = pattern.split(".")
        left = {place for place, part in enumerate(parts) if part == "*"}
        if len(parts) != 18 or not left <= set(open_places):
            places = " and ".join(str(place + 1) for place in open_places)
            rule = f", of which number {places} may be *" if places else ""
            raise ValueError(f"[{name}] {key} = {pattern!r}: a reading type has 18 numbers{rule}")
        known(f"[{name}] {key}", pattern.replace("*", "0"))


def check_qualities(name: str, table: Mapping[str, str]) -> None:
    """As `check`, for codes of qualities: three numbers."""
    for key, code in table.items():
        if len(code.split(".")) != 3 or not code.replace(".", "").isdecimal():
            raise ValueError(f"[{name}] {key} = {code!r}: a reading quality has three numbers")


def over(pattern: str, minutes: int) -> str:
    """The code of values over so many minutes.  Raises: ValueError with the rule alone."""
    return _put(pattern, PERIOD, PERIODS[minutes], f"{minutes} min is {PERIODS[minutes]}")


def measured_in(pattern: str, unit: str) -> str:
    """The code of values in `unit`; "" where the file names no unit.

    Raises: ValueError with the rule alone.
    """
    if not unit:
        if "*" in pattern:
            raise ValueError(f"is empty, and the mapping {pattern} leaves the multiplier to it")
        return pattern
    if unit.lower() not in _UNITS:
        raise ValueError(f"is no unit known here; known are {', '.join(UNITS)}")
    multiplier, symbol = _UNITS[unit.lower()]
    said = f"it is multiplier {multiplier} and unit {symbol}"
    return _put(_put(pattern, UNIT, symbol, said), MULTIPLIER, multiplier, said)


def known(where: str, code: str) -> str:
    """`code`, whose numbers the tables all hold.  Raises: ValueError naming the others."""
    try:
        explained = explain(code)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None
    if not explained.known:
        wrong = [f"{p.name} {p.number}" for p in explained.parts if p.says is None]
        raise ValueError(f"{where}: {', '.join(wrong)} is no number of a reading type ({code})")
    return code


def _put(pattern: str, place: int, number: str, said: str) -> str:
    parts = pattern.split(".")
    if parts[place] not in ("*", number):
        raise ValueError(f"contradicts the mapping {pattern}: {said} there")
    return ".".join([*parts[:place], number, *parts[place + 1 :]])
