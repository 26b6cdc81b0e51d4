"""The fields of one record by our names, whatever kind of file it comes from."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Protocol

from cim.dialect.times import in_zone


class Fields(Protocol):
    """A row of a CSV file, a WORKORDER element, the head of an IDoc, or an entity."""

    @property
    def origin(self) -> str: ...

    def __getitem__(self, column: str) -> str:
        """The value by our name, "" where there is none.  Raises: ValueError when it has two."""
        ...

    def wrong(self, column: str, rule: str) -> ValueError:
        """The error for a value that breaks `rule`, with their name of it."""
        ...


def needed(fields: Fields, column: str) -> str:
    """A value that must be there.  Raises: ValueError."""
    if not (value := fields[column]):
        raise fields.wrong(column, "is empty")
    return value


def moment(fields: Fields, column: str, zone: tzinfo, *, local: bool) -> datetime | None:
    """A time in UTC, None where there is none; of a clock hour that comes twice the first is taken.

    zone:  of times that carry none; `local` says that the offset written beside them is wrong.
    Raises: ValueError when it is no time, or a local one that the clock change leaves out.
    """
    if not (text := fields[column]):
        return None
    try:
        # A date alone would be the first moment of the day: true of no end, and not of every start.
        read = datetime.fromisoformat(text if len(text) > len("2025-11-20") else "")
    except ValueError:
        rule = "is no ISO 8601 date and time, e.g. 2025-11-20T10:30:00-06:00"
        raise fields.wrong(column, rule) from None
    try:
        if read.tzinfo is not None and not local:
            return read.astimezone(UTC)
        return in_zone(read, zone)
    except (ValueError, OverflowError) as error:
        raise fields.wrong(column, str(error)) from None
