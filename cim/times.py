"""The times that messages say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeVar

T = TypeVar("T", datetime, datetime | None)


def zoned(at: T) -> T:
    """The same; UTC where no zone is said."""
    return at if at is None or at.tzinfo else at.replace(tzinfo=UTC)


def done_at(said: datetime | None, made: datetime | None) -> datetime | None:
    """When something was done that a message tells; None where nothing says so.

    said: when it was done, by itself; made: when the message was.

    Who says no time counts when it is told: what is meant may be newer than it looks.  Nothing was
    carried out after it was reported: a time to come would hide all until then.
    """
    if said is None:
        return None
    return min(zoned(said), zoned(made)) if made else zoned(said)
