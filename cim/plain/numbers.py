"""Times and decimal numbers out of texts, as they are usually written; imported only where it pays.

What is written otherwise, or is none, is left to others: a year before 1 or after 9999, more than
six digits of a second, an hour 24, an exponent, more digits than a float tells apart.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cim.model.memory import byte, njit

UNUSUAL = np.iinfo(np.int64).min
_DASH, _PLUS, _DOT, _COLON, _T, _Z, _ZERO = b"-+.:TZ0"
_DIGITS = 18  # an int64 holds them
_EXACT = 1 << 53  # up to it every integer is a float
_TENS = np.array([float(10**n) for n in range(_DIGITS + 1)])  # all of them exact
_LENGTHS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


@njit
def whole(low: int, high: int) -> int:
    """The number that these digits are; negative, when one is none."""
    found = 0
    for at in range(low, high):
        digit = byte(at) - _ZERO
        if digit < 0 or digit > 9:
            return -1
        found = 10 * found + digit
    return found


@njit
def day_of(year: int, month: int, day: int) -> int:
    """Days since 1970 of a day of the Gregorian calendar; UNUSUAL, when it has no such one."""
    leaps = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if year < 1 or month < 1 or month > 12 or day < 1:
        return UNUSUAL
    if day > _LENGTHS[month] + (leaps and month == 2):
        return UNUSUAL
    if month < 3:
        year, month = year - 1, month + 12  # a year that ends with the day that not all have
    years = 365 * year + year // 4 - year // 100 + year // 400
    return years + (153 * (month - 3) + 2) // 5 + day - 719469


@njit
def zone_of(at: int, high: int) -> Any:
    """Minutes east of Greenwich that are told from `at` on, none being UTC; else UNUSUAL."""
    if at == high or (byte(at) == _Z and at + 1 == high):
        return 0
    sign = byte(at)
    if high - at != 6 or byte(at + 3) != _COLON or (sign != _PLUS and sign != _DASH):
        return UNUSUAL
    hours, minutes = whole(at + 1, at + 3), whole(at + 4, at + 6)
    if hours < 0 or hours > 23 or minutes < 0 or minutes > 59:
        return UNUSUAL
    return 60 * hours + minutes if sign == _PLUS else -60 * hours - minutes


@njit
def instant(low: int, high: int) -> Any:
    """Microseconds since 1970, UTC, of an xs:dateTime, or UNUSUAL."""
    if high - low < 19 or byte(low + 4) != _DASH or byte(low + 7) != _DASH:
        return UNUSUAL
    if byte(low + 10) != _T or byte(low + 13) != _COLON or byte(low + 16) != _COLON:
        return UNUSUAL
    day = day_of(whole(low, low + 4), whole(low + 5, low + 7), whole(low + 8, low + 10))
    hour, minute = whole(low + 11, low + 13), whole(low + 14, low + 16)
    second = whole(low + 17, low + 19)
    if day == UNUSUAL or min(hour, minute, second) < 0 or hour > 23 or max(minute, second) > 59:
        return UNUSUAL
    at, part = low + 19, 0
    if at < high and byte(at) == _DOT:
        begin = at = at + 1
        while at < high and at - begin < 6 and 0 <= byte(at) - _ZERO <= 9:
            part = 10 * part + byte(at) - _ZERO
            at += 1
        if at == begin:
            return UNUSUAL
        for _ in range(6 - (at - begin)):
            part *= 10
    zone = zone_of(at, high)
    if zone == UNUSUAL:
        return UNUSUAL
    return (((24 * day + hour) * 60 + minute - zone) * 60 + second) * 1_000_000 + part


@njit
def decimal(low: int, high: int) -> Any:
    """The float nearest to a decimal number without exponent; NaN for anything else.

    Of two floats without error, the quotient is rounded once (Clinger 1990).
    """
    negative = low < high and byte(low) == _DASH
    if negative or (low < high and byte(low) == _PLUS):
        low += 1
    found = digits = places = 0
    has_point = False
    for at in range(low, high):
        if byte(at) == _DOT and not has_point:
            has_point = True
            continue
        digit = byte(at) - _ZERO
        if digit < 0 or digit > 9 or digits == _DIGITS:
            return np.nan
        found = 10 * found + digit
        digits += 1
        places += has_point
    if digits == 0 or found > _EXACT:
        return np.nan
    value = found / _TENS[places]
    return -value if negative else value


@njit
def read_instants(texts: Any, ends: Any, places: Any, out: Any) -> bool:
    """Fill `out` with what the texts at `places` say as `instant`; whether all are usual.

    ends: of each text, where it ends; a byte lies between two.
    """
    begin = np.int64(texts.ctypes.data)
    for n in range(len(places)):
        low = 0 if places[n] == 0 else ends[places[n] - 1] + 1
        out[n] = instant(begin + low, begin + ends[places[n]])
        if out[n] == UNUSUAL:
            return False
    return True


@njit
def read_decimals(texts: Any, ends: Any, places: Any, out: Any) -> bool:
    """The same as `decimal`."""
    begin = np.int64(texts.ctypes.data)
    for n in range(len(places)):
        low = 0 if places[n] == 0 else ends[places[n] - 1] + 1
        out[n] = decimal(begin + low, begin + ends[places[n]])
        if np.isnan(out[n]):
            return False
    return True
