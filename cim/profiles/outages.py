"""What every message about outages says of an outage (IEC 61968-3, Outage)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from cim.profile import Profile, attribute
from cim.profiles.identification import Name


class OutageStatusKind(StrEnum):
    """How far an outage has come."""

    CLOSED = "closed"
    CONFIRMED = "confirmed"
    PARTIALLY_RESTORED = "partiallyRestored"
    PREDICTED = "predicted"
    RESTORED = "restored"


MERGED = "merged"
"""Document.status of an outage that is part of another by now, whose mRID is the reason."""


class CrewStatusKind(StrEnum):
    """Where the crew is."""

    ARRIVED = "arrived"
    ASSIGNED = "assigned"
    AWAITING_CREW_ASSIGNMENT = "awaitingCrewAssignment"
    ENROUTE = "enroute"
    FIELD_COMPLETE = "fieldComplete"


class AreaKind(StrEnum):
    """What kind of area is meant."""

    BOROUGH = "borough"
    COUNTY = "county"
    PARISH = "parish"
    SERVICE_AREA = "serviceArea"
    STATE = "state"
    TOWNSHIP = "township"
    WARD = "ward"
    ZIPCODE = "zipcode"


class ERTConfidenceKind(StrEnum):
    """How sure an estimated restoration time is."""

    HIGH = "high"
    LOW = "low"


class Equipment(Profile):
    """A piece of equipment, by mRID or by name."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the equipment.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the equipment.", default=()
    )


class ConductingEquipment(Profile):
    """A piece of conducting equipment, by mRID or by name."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the equipment.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the equipment.", default=()
    )


class EstimatedRestorationTime(Profile):
    """When supply is expected back."""

    confidence_kind: ERTConfidenceKind | None = attribute(
        "EstimatedRestorationTime.confidenceKind", "How sure it is.", default=None
    )
    ert: datetime | None = attribute("EstimatedRestorationTime.ert", "The time.", default=None)
    ert_source: str | None = attribute(
        "EstimatedRestorationTime.ertSource", "Who estimated it.", default=None
    )


class OutageArea(Profile):
    """An area the outage covers."""

    earliest_reported_time: datetime | None = attribute(
        "OutageArea.earliestReportedTime", "Time of the first report.", default=None
    )
    meters_served: int | None = attribute(
        "OutageArea.metersServed", "Meters served in the area.", default=None
    )
    outage_area_kind: AreaKind | None = attribute(
        "OutageArea.outageAreaKind", "Kind of area.", default=None
    )


class ServicePointOutageSummary(Profile):
    """How many service points are affected."""

    critical_count: int | None = attribute(
        "ServicePointOutageSummary.criticalCount", "Critical ones among them.", default=None
    )
    total_count: int | None = attribute(
        "ServicePointOutageSummary.totalCount", "All of them.", default=None
    )
