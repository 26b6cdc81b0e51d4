"""Customers, what they report and how they are told, in the messages of IEC 61968-8."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, attribute
from cim.profiles.compounds import Status
from cim.profiles.identification import IdentifiedObject, Name
from cim.profiles.kinds import CustomerKind, NotificationTriggerKind
from cim.profiles.persons import Person
from cim.profiles.works import Priority


class Customer(Profile):
    """A customer, by mRID or by name."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the customer.", default=None
    )
    kind: CustomerKind | None = attribute(
        "Customer.kind", "What kind of customer it is.", default=None
    )
    locale: str | None = attribute(
        "Customer.locale", "Language to speak with the customer.", personal=True, default=None
    )
    special_need: str | None = attribute(
        "Customer.specialNeed",
        "What the customer depends on, e.g. life support.",
        personal=True,
        default=None,
    )
    vip: bool | None = attribute(
        "Customer.vip", "Whether the customer is important.", personal=True, default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names",
        "Names of the customer, e.g. its number.",
        personal=True,
        default=(),
    )
    person: tuple[Person, ...] = attribute(
        "Customer.Person", "Persons who speak for the customer.", personal=True, default=()
    )
    priority: Priority | None = attribute(
        "Customer.priority", "How important the customer is.", default=None
    )
    status: Status | None = attribute("Customer.status", "Status of the customer.", default=None)


class CustomerNotification(Profile):
    """A customer wants to be told of something, and how."""

    contact_type: str | None = attribute(
        "CustomerNotification.contactType", "By what means, e.g. phone.", default=None
    )
    contact_value: str | None = attribute(
        "CustomerNotification.contactValue",
        "The number or address for it.",
        personal=True,
        default=None,
    )
    earliest_date_time_to_call: datetime | None = attribute(
        "CustomerNotification.earliestDateTimeToCall", "Not before then.", default=None
    )
    latest_date_time_to_call: datetime | None = attribute(
        "CustomerNotification.latestDateTimeToCall", "Not after then.", default=None
    )
    trigger: NotificationTriggerKind | None = attribute(
        "CustomerNotification.trigger", "Of what.", default=None
    )


class Hazard(Profile):
    """A danger that was reported."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the danger.", default=None)
    type: str = attribute("Hazard.type", "What it is, e.g. wire down.")
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the danger.", default=()
    )
    status: Status | None = attribute("Hazard.status", "Whether it still exists.", default=None)


class TroubleOrder(IdentifiedObject):
    """An order to look after a trouble, by mRID or by name."""


class TroubleTicket(IdentifiedObject):
    """A report of a trouble, by mRID or by name."""
