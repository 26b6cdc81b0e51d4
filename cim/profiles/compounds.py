"""Compound values that several profiles share."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, attribute


class DateTimeInterval(Profile):
    """An interval between two points in time."""

    end: datetime | None = attribute("DateTimeInterval.end", "End, not included.", default=None)
    start: datetime | None = attribute("DateTimeInterval.start", "Start, included.", default=None)


class Status(Profile):
    """A status, since when it holds and why."""

    date_time: datetime | None = attribute(
        "Status.dateTime", "Time from which the value applies.", default=None
    )
    reason: str | None = attribute("Status.reason", "Why the value changed.", default=None)
    remark: str | None = attribute("Status.remark", "Free text on the value.", default=None)
    value: str | None = attribute("Status.value", "The status itself.", default=None)
