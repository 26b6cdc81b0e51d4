"""Incidents (IEC 61968-3): a problem in the field, whoever reported it."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, attribute
from cim.profiles.compounds import Status
from cim.profiles.field_locations import Premises
from cim.profiles.identification import Name
from cim.profiles.notifying_customers import NotificationOfCustomer
from cim.profiles.operations_documents import (
    Asset,
    TroubleOrder,
    TroubleTicket,
    UnplannedOutage,
    Work,
)
from cim.profiles.operations_staff import Operator


class Customer(Profile):
    """A customer, by mRID or by name."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the customer.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the customer.", personal=True, default=()
    )


class CustomerNotification(NotificationOfCustomer):
    """A customer who wants to be told what becomes of the incident."""

    customer: Customer | None = attribute(
        "CustomerNotification.Customer", "Who wants to be told.", default=None
    )


class IncidentHazard(Profile):
    """A danger at the place, e.g. a line that is down or a gas leak."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the hazard.", default=None)
    description: str | None = attribute(
        "IdentifiedObject.description", "The danger in words.", default=None
    )
    type: str | None = attribute("Hazard.type", "Kind of danger.", default=None)
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the hazard.", default=()
    )
    status: Status | None = attribute(
        "Hazard.status", "Whether the danger is still there.", default=None
    )


class Incident(Profile):
    """One problem in the field."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the incident.", default=None
    )
    cause: str | None = attribute("Incident.cause", "Cause of the incident.", default=None)
    comment: str | None = attribute(
        "Document.comment", "Free text on it.", personal=True, default=None
    )
    created_date_time: datetime | None = attribute(
        "Document.createdDateTime", "When it was recorded.", default=None
    )
    last_modified_date_time: datetime | None = attribute(
        "Document.lastModifiedDateTime", "When it was last changed.", default=None
    )
    subject: str | None = attribute("Document.subject", "The problem in a few words.", default=None)
    type: str | None = attribute(
        "Document.type", "The utility's own kind of incident.", default=None
    )
    asset: tuple[Asset, ...] = attribute("Incident.Asset", "Assets concerned.", default=())
    customer_notifications: tuple[CustomerNotification, ...] = attribute(
        "Incident.CustomerNotifications", "Customers who want to be told.", default=()
    )
    incident_hazard: tuple[IncidentHazard, ...] = attribute(
        "Incident.IncidentHazard", "Dangers at the place.", default=()
    )
    location: Premises | None = attribute("Incident.Location", "Where it is.", default=None)
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the incident, e.g. its number.", default=()
    )
    owner: Operator | None = attribute(
        "Incident.Owner", "The operator who looks after it.", default=None
    )
    status: Status | None = attribute(
        "Document.status", "How far it has come, e.g. open or closed.", default=None
    )
    trouble_order: TroubleOrder | None = attribute(
        "Incident.TroubleOrder", "The order that sends a crew.", default=None
    )
    trouble_tickets: tuple[TroubleTicket, ...] = attribute(
        "Incident.TroubleTickets", "What customers reported.", default=()
    )
    unplanned_outage: UnplannedOutage | None = attribute(
        "Incident.UnplannedOutage", "The outage it belongs to.", default=None
    )
    works: tuple[Work, ...] = attribute("Incident.Works", "Work to mend it.", default=())


class Incidents(
    Profile,
    namespace="urn:gridbus:61968-3:2021:Incidents#",
    standard="IEC 61968-3",
    ordering=("incident.mrid", "incident.names.name"),
):
    """Problems in the field, with supply lost or not."""

    incident: tuple[Incident, ...] = attribute("Incidents.Incident", "The incidents.", default=())
