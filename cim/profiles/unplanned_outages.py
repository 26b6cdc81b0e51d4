"""UnplannedOutages (IEC 61968-3): who has no supply, why, and until when."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from cim.profile import Profile, attribute
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.operations_staff import Crew
from cim.profiles.outages import (
    AreaKind,
    ConductingEquipment,
    CrewStatusKind,
    Equipment,
    ERTConfidenceKind,
    EstimatedRestorationTime,
    OutageArea,
    OutageStatusKind,
    ServicePointOutageSummary,
)

__all__ = [
    "AreaKind",
    "ConductingEquipment",
    "Crew",
    "CrewStatusKind",
    "ERTConfidenceKind",
    "Equipment",
    "EstimatedRestorationTime",
    "Incident",
    "OutageArea",
    "OutageCauseKind",
    "OutageStatusKind",
    "ServicePointOutageSummary",
    "UnplannedOutage",
    "UnplannedOutages",
]


class OutageCauseKind(StrEnum):
    """Causes the CIM names; the spelling of the second is the CIM's own."""

    ANIMAL = "animal"
    LIGHTNING_STRIKE = "lightingStrike"
    LINE_DOWN = "lineDown"
    POLE_DOWN = "poleDown"
    TREE_DOWN = "treeDown"


class Incident(Profile):
    """What was reported from the field, by mRID or by name."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the incident.", default=None
    )
    cause: str | None = attribute("Incident.cause", "Cause of the incident.", default=None)
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the incident.", default=()
    )


class UnplannedOutage(Profile):
    """One outage nobody planned."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the outage.", default=None)
    cause: str | None = attribute(
        "UnplannedOutage.cause", "The cause as told to the public.", default=None
    )
    cause_kind: OutageCauseKind | None = attribute(
        "UnplannedOutage.causeKind", "The cause, if the CIM names it.", default=None
    )
    comment: str | None = attribute(
        "Document.comment", "Why this outage is believed in, one sentence.", default=None
    )
    community_descriptor: str | None = attribute(
        "Outage.communityDescriptor", "Name or code of the community.", default=None
    )
    created_date_time: datetime | None = attribute(
        "Document.createdDateTime", "When the outage was recorded.", default=None
    )
    customers_restored: int | None = attribute(
        "Outage.customersRestored", "Customers restored so far.", default=None
    )
    last_modified_date_time: datetime | None = attribute(
        "Document.lastModifiedDateTime", "When it was last changed.", default=None
    )
    meters_affected: int | None = attribute(
        "Outage.metersAffected", "Meters without supply now.", default=None
    )
    original_customers_served: int = attribute(
        "Outage.originalCustomersServed", "Customers served in the area, with supply or without."
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
    crew: tuple[Crew, ...] = attribute("Outage.Crew", "Crews assigned.", default=())
    de_energized_usage_point: tuple[UsagePoint, ...] = attribute(
        "Outage.DeEnergizedUsagePoint", "Usage points without supply.", default=()
    )
    energized_usage_point: tuple[UsagePoint, ...] = attribute(
        "Outage.EnergizedUsagePoint", "Usage points of the area with supply.", default=()
    )
    equipments: tuple[Equipment, ...] = attribute(
        "Outage.Equipments", "Equipment the outage is attributed to.", default=()
    )
    estimated_period: DateTimeInterval | None = attribute(
        "Outage.estimatedPeriod", "The period as estimated.", default=None
    )
    estimated_restoration_time: EstimatedRestorationTime | None = attribute(
        "Outage.EstimatedRestorationTime", "When supply is expected back.", default=None
    )
    incident: tuple[Incident, ...] = attribute(
        "UnplannedOutage.Incident", "Incidents behind the outage.", default=()
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the outage, e.g. its number.", default=()
    )
    outage_area: tuple[OutageArea, ...] = attribute(
        "Outage.OutageArea", "Areas the outage covers.", default=()
    )
    outage_isolation_equipment: tuple[ConductingEquipment, ...] = attribute(
        "Outage.OutageIsolationEquipment", "Devices that isolate the outage.", default=()
    )
    status: Status | None = attribute("Document.status", "Status of the outage.", default=None)
    summary: ServicePointOutageSummary | None = attribute(
        "Outage.summary", "Counts of service points affected.", default=None
    )


class UnplannedOutages(
    Profile,
    namespace="urn:gridbus:61968-3:2021:UnplannedOutages#",
    standard="IEC 61968-3",
    ordering=("unplanned_outage.mrid", "unplanned_outage.names.name"),
):
    """Outages nobody planned, predicted or confirmed.

    The names, types and cardinalities are those of the UML (UnplannedOutage, Outage, Document);
    associations to faults, plans, orders and tickets, all optional there, are left out.
    """

    unplanned_outage: tuple[UnplannedOutage, ...] = attribute(
        "UnplannedOutages.UnplannedOutage", "The outages.", default=()
    )
