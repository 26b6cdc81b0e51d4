"""PlannedOutageNotifications (IEC 61968-3): who is to be told of a planned outage."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, attribute
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.notifying_customers import NotificationOfCustomer


class Customer(Profile):
    """A customer who is to be told, by mRID or by name, and how to reach that customer."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the customer.", default=None
    )
    locale: str | None = attribute(
        "Customer.locale", "The customer's language, e.g. de-CH.", default=None
    )
    special_need: str | None = attribute(
        "Customer.specialNeed", "A need for supply, e.g. life support.", personal=True, default=None
    )
    customer_notifications: tuple[NotificationOfCustomer, ...] = attribute(
        "Customer.CustomerNotifications", "How and when to reach the customer.", default=()
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the customer.", personal=True, default=()
    )


class SwitchingPlan(Profile):
    """The switching plan that cuts the supply, by mRID or by name, and when."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the plan.", default=None)
    purpose: str | None = attribute("SwitchingPlan.purpose", "What it is for.", default=None)
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the plan.", default=())
    planned_period: DateTimeInterval | None = attribute(
        "SwitchingPlan.plannedPeriod", "From when until when supply is planned to be off.",
        default=None,
    )  # fmt: skip


class PlannedOutageNotification(Profile):
    """One list of whom to tell of one planned outage."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the notification.", default=None
    )
    comment: str | None = attribute("Document.comment", "What customers are told.", default=None)
    created_date_time: datetime | None = attribute(
        "Document.createdDateTime", "When it was written.", default=None
    )
    last_modified_date_time: datetime | None = attribute(
        "Document.lastModifiedDateTime", "When it was last changed.", default=None
    )
    subject: str | None = attribute("Document.subject", "Its subject line.", default=None)
    type: str | None = attribute(
        "Document.type", "The utility's own kind of notification, e.g. a reminder.", default=None
    )
    customer: tuple[Customer, ...] = attribute(
        "PlannedOutageNotification.Customer", "Customers to tell.", default=()
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the notification, e.g. its number.", default=()
    )
    status: Status | None = attribute(
        "Document.status", "How far it has come, e.g. sent.", default=None
    )
    switching_plan: SwitchingPlan | None = attribute(
        "PlannedOutageNotification.SwitchingPlan", "The plan that cuts the supply.", default=None
    )
    usage_point: tuple[UsagePoint, ...] = attribute(
        "PlannedOutageNotification.UsagePoint", "Usage points that will have no supply.", default=()
    )


class PlannedOutageNotifications(
    Profile,
    namespace="urn:gridbus:61968-3:2021:PlannedOutageNotifications#",
    standard="IEC 61968-3",
    ordering=(
        "planned_outage_notification.mrid",
        "planned_outage_notification.names.name",
        "planned_outage_notification.switching_plan.mrid",
        "planned_outage_notification.switching_plan.names.name",
        "planned_outage_notification.usage_point.mrid",
        "planned_outage_notification.usage_point.names.name",
    ),
):
    """Lists of whom to call ahead.

    In the UML the notification has no period of its own: it is that of the switching plan.
    """

    planned_outage_notification: tuple[PlannedOutageNotification, ...] = attribute(
        "PlannedOutageNotifications.PlannedOutageNotification", "The notifications.", default=()
    )
