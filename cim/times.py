"""The times that messages say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeVar

T = TypeVar("T", datetime, datetime | None)

FIRST, LAST = datetime(1970, 1, 2, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
"""Between them is whatever can have been or be; no sum with a span of some years overflows."""


def zoned(at: T) -> T:
    """The same; UTC where no zone is said."""
    return at if at is None or at.tzinfo else at.replace(tzinfo=UTC)


def is_time(at: datetime) -> bool:
    """Whether anything can have been or be then; else it is of a clock that is not set, or of none,
    such as the year 1 or 9999."""
    return FIRST < zoned(at) < LAST


def time_of(at: datetime | None) -> datetime | None:
    """The same, with a zone; None where it is no time: nobody says when."""
    return zoned(at) if at is not None and is_time(at) else None


def done_at(said: datetime | None, made: datetime | None) -> datetime | None:
    """When something was done that a message tells; None where nothing says so.

    said: when it was done, by itself; made: when the message was.

    Who says no time counts when it is told: what is meant may be newer than it looks.  Nothing was
    carried out after it was reported: a time to come would hide all until then.
    """
    done, told = time_of(said), time_of(made)
    return min(done, told) if done and told else done
