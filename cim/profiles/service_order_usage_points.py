"""The usage points of ServiceOrders."""

from __future__ import annotations

from cim.profile import Profile, Reference, attribute
from cim.profiles.identification import Name
from cim.profiles.kinds import (
    ServiceKind,
    ServiceMultiplierKind,
    SupplierKind,
    UsagePointConnectedKind,
)
from cim.profiles.reading_types import ReadingReasonKind
from cim.profiles.service_phases import PhaseCode
from cim.profiles.work_locations import (
    AssetLocationHazard,
    CoordinateSystem,
    InternalLocation,
    PositionPoint,
    StreetAddress,
)


class MetrologyRequirement(Profile):
    """What shall be measured."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the requirement.", default=None
    )
    reason: ReadingReasonKind | None = attribute(
        "MetrologyRequirement.reason", "What for.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the requirement.", default=()
    )
    reading_types: tuple[Reference, ...] = attribute(
        "MetrologyRequirement.ReadingTypes", "Codes of what is measured."
    )


class ServiceCategory(Profile):
    """What is delivered."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the category.", default=None
    )
    kind: ServiceKind = attribute("ServiceCategory.kind", "The kind of service.")
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the category.", default=()
    )


class ServiceMultiplier(Profile):
    """A factor at the usage point."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the multiplier.", default=None
    )
    kind: ServiceMultiplierKind = attribute("ServiceMultiplier.kind", "What it stands for.")
    value: float = attribute("ServiceMultiplier.value", "The factor.")
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the multiplier.", default=()
    )


class ServiceSupplier(Profile):
    """Who delivers."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the supplier.", default=None
    )
    kind: SupplierKind = attribute("ServiceSupplier.kind", "What the supplier does.")
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the supplier.", default=()
    )


class UsagePointLocation(Profile):
    """Where a usage point is, and how to get there."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the place.", default=None)
    access_method: str | None = attribute(
        "UsagePointLocation.accessMethod", "How to get in.", personal=True, default=None
    )
    direction: str | None = attribute(
        "Location.direction", "How to find it.", personal=True, default=None
    )
    geo_info_reference: str | None = attribute(
        "Location.geoInfoReference", "Where a geographic system has it.", default=None
    )
    remark: str | None = attribute(
        "UsagePointLocation.remark", "Free text on the place.", personal=True, default=None
    )
    site_access_problem: str | None = attribute(
        "UsagePointLocation.siteAccessProblem",
        "What hinders getting in.",
        personal=True,
        default=None,
    )
    type: str | None = attribute("Location.type", "Kind of place.", default=None)
    coordinate_system: CoordinateSystem | None = attribute(
        "Location.CoordinateSystem", "In what its positions are told.", default=None
    )
    hazards: tuple[AssetLocationHazard, ...] = attribute(
        "Location.Hazards", "Dangers there.", default=()
    )
    internal_location: InternalLocation | None = attribute(
        "WorkLocation.InternalLocation", "Where in the building.", personal=True, default=None
    )
    main_address: StreetAddress = attribute("Location.mainAddress", "Its address.", personal=True)
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the place.", personal=True, default=()
    )
    position_points: tuple[PositionPoint, ...] = attribute(
        "Location.PositionPoints", "Its positions.", personal=True, default=()
    )


class UsagePoint(Profile):
    """A point where energy is used or delivered."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the usage point.", default=None
    )
    check_billing: bool | None = attribute(
        "UsagePoint.checkBilling", "Whether its bills want a check.", default=None
    )
    connection_state: UsagePointConnectedKind | None = attribute(
        "UsagePoint.connectionState", "Whether it is connected.", default=None
    )
    grounded: bool | None = attribute("UsagePoint.grounded", "Whether it is earthed.", default=None)
    is_sdp: bool | None = attribute(
        "UsagePoint.isSdp", "Whether it is a point of delivery.", default=None
    )
    is_virtual: bool | None = attribute(
        "UsagePoint.isVirtual", "Whether it is only computed.", default=None
    )
    nominal_service_voltage: float | None = attribute(
        "UsagePoint.nominalServiceVoltage", "Nominal voltage.", unit="V", default=None
    )
    phase_code: PhaseCode | None = attribute("UsagePoint.phaseCode", "Its phases.", default=None)
    rated_current: float = attribute("UsagePoint.ratedCurrent", "Current it is made for.", unit="A")
    service_delivery_remark: str | None = attribute(
        "UsagePoint.serviceDeliveryRemark",
        "Free text on the delivery.",
        personal=True,
        default=None,
    )
    service_priority: str | None = attribute(
        "UsagePoint.servicePriority", "How important its supply is.", default=None
    )
    metrology_requirements: tuple[MetrologyRequirement, ...] = attribute(
        "UsagePoint.MetrologyRequirements", "What shall be measured there.", default=()
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the usage point.", default=()
    )
    service_category: ServiceCategory | None = attribute(
        "UsagePoint.ServiceCategory", "What is delivered.", default=None
    )
    service_multipliers: tuple[ServiceMultiplier, ...] = attribute(
        "UsagePoint.ServiceMultipliers", "Its factors.", default=()
    )
    service_supplier: ServiceSupplier | None = attribute(
        "UsagePoint.ServiceSupplier", "Who delivers.", default=None
    )
    usage_point_location: UsagePointLocation | None = attribute(
        "UsagePoint.UsagePointLocation", "Where it is.", default=None
    )
