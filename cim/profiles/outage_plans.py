"""OutagePlans (IEC 61968-3): equipment is to be taken out of service."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, attribute
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.operations_documents import SwitchingPlan
from cim.profiles.outages import Equipment


class Customer(Profile):
    """A customer, by mRID or by name."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the customer.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the customer.", personal=True, default=()
    )


class PlannedOutage(Profile):
    """The outage, by mRID or by name, and what it takes out of service."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the outage.", default=None)
    de_energized_usage_point: tuple[UsagePoint, ...] = attribute(
        "Outage.DeEnergizedUsagePoint", "Usage points without supply during it.", default=()
    )
    equipments: tuple[Equipment, ...] = attribute(
        "Outage.Equipments", "Equipment taken out of service.", default=()
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the outage.", default=()
    )


class OutagePlan(Profile):
    """One plan that leads to an outage."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the plan.", default=None)
    approved_date_time: datetime | None = attribute(
        "OutagePlan.approvedDateTime", "When it was approved.", default=None
    )
    author_name: str | None = attribute("Document.authorName", "Who wrote it.", default=None)
    cancelled_date_time: datetime | None = attribute(
        "OutagePlan.cancelledDateTime", "When it was cancelled.", default=None
    )
    comment: str | None = attribute("Document.comment", "Free text on it.", default=None)
    created_date_time: datetime | None = attribute(
        "Document.createdDateTime", "When it was written.", default=None
    )
    last_modified_date_time: datetime | None = attribute(
        "Document.lastModifiedDateTime", "When it was last changed.", default=None
    )
    purpose: str | None = attribute(
        "OutagePlan.purpose", "What it is for, e.g. to replace equipment.", default=None
    )
    revision_number: str | None = attribute(
        "Document.revisionNumber", "Which revision it is.", default=None
    )
    title: str | None = attribute("Document.title", "What it is called.", default=None)
    type: str | None = attribute("Document.type", "The utility's own kind of plan.", default=None)
    customer: tuple[Customer, ...] = attribute(
        "OutagePlan.Customer", "Customers it affects.", default=()
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the plan, e.g. its number.", default=()
    )
    planned_outage: PlannedOutage | None = attribute(
        "OutagePlan.PlannedOutage", "The outage it leads to.", default=None
    )
    planned_period: DateTimeInterval = attribute(
        "OutagePlan.plannedPeriod", "From when until when."
    )
    status: Status | None = attribute(
        "Document.status", "How far it has come, e.g. requested or approved.", default=None
    )
    switching_plan: SwitchingPlan | None = attribute(
        "OutagePlan.SwitchingPlan", "The switching plan that carries it out.", default=None
    )


class OutagePlans(
    Profile,
    namespace="urn:gridbus:61968-3:2021:OutagePlans#",
    standard="IEC 61968-3",
    ordering=("outage_plan.mrid", "outage_plan.names.name"),
):
    """Plans of outages, from the request on."""

    outage_plan: tuple[OutagePlan, ...] = attribute(
        "OutagePlans.OutagePlan", "The plans.", default=()
    )
