"""The fields of one record by our names, whatever kind of file it comes from."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from typing import Protocol

from cim.dialect.times import in_utc


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
        return in_utc(read, zone, local=local)
    except ValueError as error:
        raise fields.wrong(column, str(error)) from None


def modified(fields: Fields, zone: tzinfo, *, local: bool) -> datetime | None:
    """When it last changed: the later one of `changedate` and `statusdate`."""
    times = [moment(fields, column, zone, local=local) for column in ("changedate", "statusdate")]
    return max((time for time in times if time is not None), default=None)


def day(fields: Fields, column: str, zone: tzinfo, *, local: bool) -> date | None:
    """A date as written; of a time in UTC the date that it is in `zone`.

    Raises: ValueError when it is none.
    """
    if not (text := fields[column]):
        return None
    try:
        read = datetime.fromisoformat(text)
        if read.utcoffset() == timedelta(0) and not local:
            read = read.astimezone(zone)
    except (ValueError, OverflowError):
        raise fields.wrong(column, "is no ISO 8601 date, e.g. 2025-11-20") from None
    return read.date()
