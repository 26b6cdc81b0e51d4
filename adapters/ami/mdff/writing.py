"""The rows of an MDFF file as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from adapters.ami.mdff.fields import Quality


def written(rows: Iterable[Sequence[str]]) -> bytes:
    """The file.  Raises: ValueError, when a text cannot stand in it."""
    return "".join(f"{','.join(map(_text, row))}\r\n" for row in rows).encode("utf-8")


def header(version: str, made: datetime, sender: str, receiver: str) -> list[str]:
    """The 100 row."""
    return ["100", version, made.strftime("%Y%m%d%H%M"), sender, receiver]


def day(found: date | None) -> str:
    """A Date(8), "" without one."""
    return f"{found.year:04}{found:%m%d}" if found else ""


def moment(found: datetime | None) -> str:
    """A DateTime(14), "" without one."""
    return f"{found.year:04}{found:%m%d%H%M%S}" if found else ""


def judged(quality: Quality) -> tuple[str, str, str]:
    """QualityMethod, ReasonCode and ReasonDescription."""
    return quality.text, quality.reason, quality.description


def _text(field: str) -> str:
    if any(character in field for character in ',"\r\n'):
        raise ValueError(
            f"{field!r} has a comma, quote or line break: it has no place in an MDFF file"
        )
    return field
