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


class ElectronicAddress(Profile):
    """Addresses of a device."""

    email1: str | None = attribute(
        "ElectronicAddress.email1", "First e-mail address.", personal=True, default=None
    )
    email2: str | None = attribute(
        "ElectronicAddress.email2", "Second e-mail address.", personal=True, default=None
    )
    lan: str | None = attribute("ElectronicAddress.lan", "Address on the network.", default=None)
    mac: str | None = attribute("ElectronicAddress.mac", "Hardware address.", default=None)
    password: str | None = attribute(
        "ElectronicAddress.password", "Password for access.", personal=True, default=None
    )
    radio: str | None = attribute("ElectronicAddress.radio", "Radio address.", default=None)
    user_id: str | None = attribute(
        "ElectronicAddress.userID", "User name for access.", personal=True, default=None
    )
    web: str | None = attribute("ElectronicAddress.web", "Web address.", default=None)
