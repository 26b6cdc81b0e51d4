"""How a customer wants to be told what becomes of the supply (IEC 61968-8)."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, attribute
from cim.profiles.kinds import NotificationTriggerKind


class NotificationOfCustomer(Profile, cim="CustomerNotification"):
    """How and when to reach a customer, and on what occasion."""

    contact_type: str | None = attribute(
        "CustomerNotification.contactType", "How, e.g. by phone or e-mail.", default=None
    )
    contact_value: str | None = attribute(
        "CustomerNotification.contactValue", "The number or address.", personal=True, default=None
    )
    earliest_date_time_to_call: datetime | None = attribute(
        "CustomerNotification.earliestDateTimeToCall", "Not before.", default=None
    )
    latest_date_time_to_call: datetime | None = attribute(
        "CustomerNotification.latestDateTimeToCall", "Not after.", default=None
    )
    trigger: NotificationTriggerKind | None = attribute(
        "CustomerNotification.trigger", "On what occasion.", default=None
    )
