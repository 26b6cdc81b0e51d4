"""CustomerNotifications (IEC 61968-8): whom to tell what of an incident, and how."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, attribute
from cim.profiles.customer_contacts import Customer, TroubleTicket
from cim.profiles.identification import Name
from cim.profiles.incident_information import UnplannedOutage
from cim.profiles.kinds import NotificationTriggerKind


class Incident(Profile):
    """The incident to tell of."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the incident.", default=None
    )
    cause: str | None = attribute("Incident.cause", "Its cause.", default=None)
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the incident.", default=()
    )
    unplanned_outage: UnplannedOutage | None = attribute(
        "Incident.UnplannedOutage",
        "The outage behind it, with when supply is expected back.",
        default=None,
    )


class CustomerNotification(Profile):
    """One customer to be told of one thing."""

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
    trigger: NotificationTriggerKind = attribute("CustomerNotification.trigger", "Of what.")
    customer: Customer | None = attribute(
        "CustomerNotification.Customer",
        "Whom to tell; left out when the tickets say it.",
        default=None,
    )
    incident: Incident | None = attribute(
        "CustomerNotification.Incident", "The incident to tell of.", default=None
    )
    trouble_tickets: tuple[TroubleTicket, ...] = attribute(
        "CustomerNotification.TroubleTickets", "Reports the customer made of it.", default=()
    )


class CustomerNotifications(
    Profile,
    namespace="urn:gridbus:61968-8:2015:CustomerNotifications#",
    standard="IEC 61968-8",
    ordering=(
        "customer_notification.customer.mrid",
        "customer_notification.customer.names.name",
        "customer_notification.trouble_tickets.mrid",
        "customer_notification.trouble_tickets.names.name",
        "customer_notification.incident.mrid",
    ),
):
    """What to tell customers; those to one customer stay in order.

    In the UML a notification is no object of its own: it has neither mRID nor names.
    """

    customer_notification: tuple[CustomerNotification, ...] = attribute(
        "CustomerNotifications.CustomerNotification", "The notifications."
    )
