"""UsagePointConfig (IEC 61968-9): usage points."""

from __future__ import annotations

from cim.profile import Profile, attribute
from cim.profiles.identification import Name
from cim.profiles.kinds import UsagePointConnectedKind
from cim.profiles.meter_service_requests import ServiceMultiplier
from cim.profiles.reading_types import ReadingReasonKind
from cim.profiles.service_phases import PhaseCode
from cim.profiles.services import ServiceCategory
from cim.profiles.usage_points import (
    AmiBillingReadyKind,
    RequiredReadingType,
    TransformerTank,
)


class MetrologyRequirement(Profile):
    """What is to be measured, and why."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the requirement.", default=None
    )
    reason: ReadingReasonKind | None = attribute(
        "MetrologyRequirement.reason", "Why it is to be measured.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the requirement.", default=()
    )
    reading_types: tuple[RequiredReadingType, ...] = attribute(
        "MetrologyRequirement.ReadingTypes", "What is to be measured."
    )


class UsagePoint(Profile):
    """A point on the network where energy is used or delivered."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the usage point.", default=None
    )
    ami_billing_ready: AmiBillingReadyKind | None = attribute(
        "UsagePoint.amiBillingReady", "Whether what the meter sends may be billed.", default=None
    )
    check_billing: bool | None = attribute(
        "UsagePoint.checkBilling", "Whether earlier bills are in doubt.", default=None
    )
    connection_category: str | None = attribute(
        "UsagePoint.connectionCategory", "Code of the connection, e.g. low voltage.", default=None
    )
    connection_state: UsagePointConnectedKind | None = attribute(
        "UsagePoint.connectionState", "How it is connected.", default=None
    )
    disconnection_method: str | None = attribute(
        "UsagePoint.disconnectionMethod",
        "How it is connected and disconnected in fact.",
        default=None,
    )
    estimated_load: float | None = attribute(
        "UsagePoint.estimatedLoad", "Estimated load.", unit="A", default=None
    )
    grounded: bool | None = attribute("UsagePoint.grounded", "Whether it is earthed.", default=None)
    is_sdp: bool | None = attribute(
        "UsagePoint.isSdp", "Whether the service changes hands here.", default=None
    )
    is_virtual: bool | None = attribute(
        "UsagePoint.isVirtual", "Whether nothing could be measured here.", default=None
    )
    minimal_usage_expected: bool | None = attribute(
        "UsagePoint.minimalUsageExpected",
        "Whether next to nothing should be used, e.g. in empty premises.",
        default=None,
    )
    nominal_service_voltage: float | None = attribute(
        "UsagePoint.nominalServiceVoltage", "Nominal voltage.", unit="V", default=None
    )
    outage_region: str | None = attribute(
        "UsagePoint.outageRegion", "Region for outages it lies in.", default=None
    )
    phase_code: PhaseCode | None = attribute("UsagePoint.phaseCode", "Its phases.", default=None)
    phase_count: int | None = attribute(
        "UsagePoint.phaseCount", "Number of its phases.", default=None
    )
    rated_current: float | None = attribute(
        "UsagePoint.ratedCurrent", "Current it may take.", unit="A", default=None
    )
    rated_power: float | None = attribute(
        "UsagePoint.ratedPower", "Power it may take.", unit="W", default=None
    )
    read_cycle: str | None = attribute(
        "UsagePoint.readCycle", "Day of the cycle on which it is read.", default=None
    )
    read_route: str | None = attribute("UsagePoint.readRoute", "Route of the reader.", default=None)
    service_delivery_remark: str | None = attribute(
        "UsagePoint.serviceDeliveryRemark", "Free text on the supply.", default=None
    )
    service_priority: str | None = attribute(
        "UsagePoint.servicePriority", "How much the supply matters.", default=None
    )
    equipments: tuple[TransformerTank, ...] = attribute(
        "UsagePoint.Equipments", "What feeds it.", default=()
    )
    metrology_requirements: tuple[MetrologyRequirement, ...] = attribute(
        "UsagePoint.MetrologyRequirements", "What is to be measured.", default=()
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the usage point.", default=()
    )
    service_category: ServiceCategory | None = attribute(
        "UsagePoint.ServiceCategory", "What is supplied.", default=None
    )
    service_multipliers: tuple[ServiceMultiplier, ...] = attribute(
        "UsagePoint.ServiceMultipliers", "Ratios of the transformers before the meter.", default=()
    )


class UsagePointConfig(
    Profile,
    namespace="urn:gridbus:61968-9:2013:UsagePointConfig#",
    standard="IEC 61968-9",
    ordering=(
        "usage_point.mrid",
        "usage_point.names.name",
    ),
):
    """Usage points without their links to customers, premises and meters.

    MasterDataLinkageConfig has those.
    """

    usage_point: tuple[UsagePoint, ...] = attribute(
        "UsagePointConfig.UsagePoint", "The usage points."
    )
