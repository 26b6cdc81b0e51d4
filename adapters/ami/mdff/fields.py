"""The values of MDFF fields: times without zone, numbers, qualities."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

_QUALITY = re.compile(r"([AN])|([EFS])([0-9]{2})|(V)")
_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15})?")
_OFFSET = re.compile(r"([+-])([0-9]{2}):([0-9]{2})")


@dataclass(frozen=True)
class Quality:
    """A QualityMethod with its reason, e.g. F14 for reason 76.

    flag: A actual, E forward estimate, F final substitute, S substitute, N no data; V differs
          within the day.
    """

    flag: str
    method: str = ""
    reason: str = ""
    description: str = ""

    @property
    def text(self) -> str:
        """Flag and method, as in the file."""
        return self.flag + self.method

    @property
    def comment(self) -> str | None:
        """What the code of a reading quality does not say."""
        said = [f"QualityMethod {self.text}"] if self.method else []
        said += [f"ReasonCode {self.reason}"] if self.reason else []
        said += [self.description] if self.description else []
        return ", ".join(said) or None


def quality(text: str, reason: str, description: str) -> Quality:
    """Raises: ValueError with the rule alone, naming the field when it is not QualityMethod."""
    if not (found := _QUALITY.fullmatch(text)):
        raise ValueError(
            "is none: A, N and V stand alone, E, F and S before a method of two digits"
        )
    if reason and not re.fullmatch(r"[0-9]{1,3}", reason):
        raise ValueError(f"comes with the ReasonCode {reason[:40]!r}, which is no number")
    if reason == "0" and not description:
        raise ValueError("comes with the ReasonCode 0, which asks for a ReasonDescription")
    plain, flag, method, mixed = found.groups()
    if mixed and (reason or description):
        raise ValueError("comes with a reason, which only 400 rows have then")
    if flag in ("F", "S") and not reason:
        raise ValueError("comes without a ReasonCode: why was it substituted?")
    return Quality(plain or flag or mixed, method or "", reason, description)


def is_quality(text: str) -> bool:
    return _QUALITY.fullmatch(text) is not None


def is_number(text: str) -> bool:
    """Whether it is a number without sign: readings are never negative."""
    return _NUMBER.fullmatch(text) is not None


def day(text: str) -> date | None:
    """A Date(8), ccyymmdd; None when it is none."""
    found = moment(text + "0000") if len(text) == 8 else None
    return found.date() if found else None


def moment(text: str) -> datetime | None:
    """A DateTime(14) or DateTime(12), in the time of the market; None when it is none.

    Western Power writes twelve digits where fourteen are due; a year like 0200 is a slip.
    """
    if len(text) not in (12, 14) or not (text.isascii() and text.isdecimal()):
        return None
    try:
        found = datetime.strptime(text.ljust(14, "0"), "%Y%m%d%H%M%S")
    except ValueError:
        return None
    return found if 1900 <= found.year < 2200 else None


def offset(text: str) -> timezone:
    """The zone of an offset, e.g. "+10:00".  Raises: ValueError."""
    if not (found := _OFFSET.fullmatch(text)) or int(found[2]) > 14 or int(found[3]) > 59:
        raise ValueError(f"nem_offset = {text!r}: an offset from UTC such as +10:00 is wanted")
    ahead = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(-ahead if found[1] == "-" else ahead)


def mapped(table: Mapping[str, str], *keys: str) -> str | None:
    """The value of the first key that the table has."""
    return next((table[key] for key in keys if key in table), None)
