"""IncidentInformation (IEC 61968-8): what the control room tells the customer desk of incidents."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, attribute
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.customer_contacts import CustomerNotification, Hazard, TroubleOrder, TroubleTicket
from cim.profiles.identification import IdentifiedObject, Name, UsagePoint
from cim.profiles.premises import Location
from cim.profiles.unplanned_outages import (
    CrewStatusKind,
    EstimatedRestorationTime,
    OutageCauseKind,
    OutageStatusKind,
)


class Asset(IdentifiedObject):
    """An asset concerned, by mRID or by name."""


class Operator(IdentifiedObject):
    """An operator of the control room, by mRID or by name."""


class Work(IdentifiedObject):
    """Work that looks after the incident, by mRID or by name."""


class UnplannedOutage(Profile):
    """The outage behind an incident, as far as customers are told of it."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the outage.", default=None)
    cause: str | None = attribute(
        "UnplannedOutage.cause", "The cause as told to the public.", default=None
    )
    cause_kind: OutageCauseKind | None = attribute(
        "UnplannedOutage.causeKind", "The cause, if the CIM names it.", default=None
    )
    community_descriptor: str | None = attribute(
        "Outage.communityDescriptor", "Name or code of the community.", default=None
    )
    customers_restored: int | None = attribute(
        "Outage.customersRestored", "Customers restored so far.", default=None
    )
    meters_affected: int | None = attribute(
        "Outage.metersAffected", "Meters without supply now.", default=None
    )
    original_meters_affected: int | None = attribute(
        "Outage.originalMetersAffected", "Meters without supply at the start.", default=None
    )
    outage_kind: OutageStatusKind | None = attribute(
        "Outage.outageKind", "Whether it is predicted, confirmed, restored.", default=None
    )
    reported_start_time: datetime | None = attribute(
        "UnplannedOutage.reportedStartTime", "Earliest start that was reported.", default=None
    )
    status_kind: CrewStatusKind | None = attribute(
        "Outage.statusKind", "Where the crew is.", default=None
    )
    utility_disclaimer: str | None = attribute(
        "Outage.utilityDisclaimer", "What the utility wants said beside the data.", default=None
    )
    actual_period: DateTimeInterval | None = attribute(
        "Outage.actualPeriod", "From the loss of supply to its restoration.", default=None
    )
    de_energized_usage_point: tuple[UsagePoint, ...] = attribute(
        "Outage.DeEnergizedUsagePoint", "Usage points without supply.", default=()
    )
    estimated_restoration_time: EstimatedRestorationTime | None = attribute(
        "Outage.EstimatedRestorationTime", "When supply is expected back.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the outage, e.g. its number.", default=()
    )


class Incident(Profile):
    """One incident, and what is known of it."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the incident.", default=None
    )
    cause: str | None = attribute("Incident.cause", "Its cause.", default=None)
    comment: str | None = attribute("Document.comment", "Free text on the incident.", default=None)
    created_date_time: datetime | None = attribute(
        "Document.createdDateTime", "When it was recorded.", default=None
    )
    description: str | None = attribute(
        "IdentifiedObject.description", "What happened.", default=None
    )
    last_modified_date_time: datetime | None = attribute(
        "Document.lastModifiedDateTime", "When it was last changed.", default=None
    )
    subject: str | None = attribute("Document.subject", "What it is about, in short.", default=None)
    type: str | None = attribute(
        "Document.type", "Kind of incident, in words of the utility.", default=None
    )
    asset: tuple[Asset, ...] = attribute("Incident.Asset", "Assets concerned.", default=())
    customer_notifications: tuple[CustomerNotification, ...] = attribute(
        "Incident.CustomerNotifications", "Who wants to be told of it.", default=()
    )
    hazard: tuple[Hazard, ...] = attribute(
        "Incident.Hazard", "Dangers that were reported.", default=()
    )
    location: Location | None = attribute("Incident.Location", "Where it is.", default=None)
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the incident, e.g. its number.", default=()
    )
    owner: Operator | None = attribute(
        "Incident.Owner", "The operator who looks after it.", default=None
    )
    status: Status | None = attribute("Document.status", "Status of the incident.", default=None)
    trouble_order: TroubleOrder | None = attribute(
        "Incident.TroubleOrder", "The order that looks after it.", default=None
    )
    trouble_tickets: tuple[TroubleTicket, ...] = attribute(
        "Incident.TroubleTickets", "Reports of it.", default=()
    )
    unplanned_outage: UnplannedOutage | None = attribute(
        "Incident.UnplannedOutage", "The outage behind it.", default=None
    )
    works: tuple[Work, ...] = attribute("Incident.Works", "Work that looks after it.", default=())


class IncidentInformation(
    Profile,
    namespace="urn:gridbus:61968-8:2015:IncidentInformation#",
    standard="IEC 61968-8",
    ordering=(
        "incident.mrid",
        "incident.names.name",
        "incident.unplanned_outage.mrid",
        "incident.unplanned_outage.names.name",
    ),
):
    """What is known of incidents, for those who answer customers."""

    incident: tuple[Incident, ...] = attribute("IncidentInformation.Incident", "The incidents.")
