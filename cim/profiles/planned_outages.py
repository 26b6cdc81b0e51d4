"""PlannedOutages (IEC 61968-3): who will have no supply, why, and from when until when."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, attribute
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.operations_documents import OutagePlan, SwitchingPlan
from cim.profiles.operations_staff import Crew
from cim.profiles.outages import (
    ConductingEquipment,
    CrewStatusKind,
    Equipment,
    EstimatedRestorationTime,
    OutageArea,
    OutageStatusKind,
    ServicePointOutageSummary,
)
from cim.profiles.switching_actions import SwitchAction


class PlannedOutage(Profile):
    """One outage that was planned."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the outage.", default=None)
    comment: str | None = attribute("Document.comment", "Free text on it.", default=None)
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
    original_customers_served: int | None = attribute(
        "Outage.originalCustomersServed",
        "Customers served in the area, with supply or without.",
        default=None,
    )
    original_meters_affected: int | None = attribute(
        "Outage.originalMetersAffected", "Meters without supply at the start.", default=None
    )
    outage_kind: OutageStatusKind | None = attribute(
        "Outage.outageKind", "How far it has come.", default=None
    )
    reason: str | None = attribute(
        "PlannedOutage.reason", "The reason as told to the public.", default=None
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
        "Outage.DeEnergizedUsagePoint",
        "Usage points without supply during it, of one that has begun those still without.",
        default=(),
    )
    energized_usage_point: tuple[UsagePoint, ...] = attribute(
        "Outage.EnergizedUsagePoint",
        "Usage points of the area that keep supply, or have it again.",
        default=(),
    )
    equipments: tuple[Equipment, ...] = attribute(
        "Outage.Equipments", "Equipment taken out of service.", default=()
    )
    estimated_period: DateTimeInterval | None = attribute(
        "Outage.estimatedPeriod", "The period as planned.", default=None
    )
    estimated_restoration_time: EstimatedRestorationTime | None = attribute(
        "Outage.EstimatedRestorationTime", "When supply is expected back.", default=None
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
    outage_plan: OutagePlan | None = attribute(
        "PlannedOutage.OutagePlan", "The plan that leads to it.", default=None
    )
    planned_switch_actions: tuple[SwitchAction, ...] = attribute(
        "Outage.PlannedSwitchActions", "Switches to operate for it.", default=()
    )
    status: Status | None = attribute(
        "Document.status", "Status of the outage, e.g. approved or cancelled.", default=None
    )
    summary: ServicePointOutageSummary | None = attribute(
        "Outage.summary", "Counts of service points affected.", default=None
    )
    switching_plans: tuple[SwitchingPlan, ...] = attribute(
        "Outage.SwitchingPlans", "Switching plans that begin and end it.", default=()
    )


class PlannedOutages(
    Profile,
    namespace="urn:gridbus:61968-3:2021:PlannedOutages#",
    standard="IEC 61968-3",
    ordering=("planned_outage.mrid", "planned_outage.names.name"),
):
    """Outages that were planned, announced, under way or over.

    What it says of an outage is what UnplannedOutages says.  The UML demands a count of customers;
    here it is optional, for an outage is announced before anybody has counted them.
    """

    planned_outage: tuple[PlannedOutage, ...] = attribute(
        "PlannedOutages.PlannedOutage", "The outages.", default=()
    )


_AGAIN = frozenset(
    {OutageStatusKind.PARTIALLY_RESTORED, OutageStatusKind.RESTORED, OutageStatusKind.CLOSED}
)


def supplied(one: PlannedOutage) -> tuple[UsagePoint, ...]:
    """Of an outage that is restored, wholly or in part, those who have supply: again, or all the
    time."""
    return one.energized_usage_point if one.outage_kind in _AGAIN else ()
