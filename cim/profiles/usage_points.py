"""Points on the network where energy is used or delivered, with what is agreed and needed there."""

from __future__ import annotations

from enum import StrEnum

from cim.profile import Profile, Reference, attribute
from cim.profiles.customers import CustomerAgreement
from cim.profiles.identification import IdentifiedObject, Name, NameTypeAuthority
from cim.profiles.kinds import ServiceKind, UsagePointConnectedKind
from cim.profiles.reading_types import ReadingReasonKind
from cim.profiles.service_locations import ServiceLocation, UsagePointLocation
from cim.profiles.service_phases import PhaseCode
from cim.profiles.services import ServiceSupplier
from cim.profiles.tariffs import PricingStructure


class AmiBillingReadyKind(StrEnum):
    """Whether what a smart meter sends may be billed."""

    AMI_CAPABLE = "amiCapable"
    AMI_DISABLED = "amiDisabled"
    BILLING_APPROVED = "billingApproved"
    ENABLED = "enabled"
    NON_AMI = "nonAmi"
    NON_METERED = "nonMetered"
    OPERABLE = "operable"


class TransformerTank(IdentifiedObject):
    """The transformer that feeds the usage point, by mRID or by name."""


class RequiredReadingType(IdentifiedObject, cim="ReadingType"):
    """A reading type, by its code as mRID or by name."""


class MetrologyRequirement(Profile):
    """What is to be measured, and why."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the requirement.", default=None
    )
    reason: ReadingReasonKind | None = attribute(
        "MetrologyRequirement.reason", "Why it is to be measured.", default=None
    )
    names: tuple[Reference, ...] = attribute(
        "IdentifiedObject.Names", "Names of the requirement.", default=()
    )
    reading_types: tuple[RequiredReadingType, ...] = attribute(
        "MetrologyRequirement.ReadingTypes", "What is to be measured."
    )


class ServiceMultiplier(Profile):
    """A ratio of the transformers before the meter."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the ratio.", default=None)
    kind: Reference = attribute(
        "ServiceMultiplier.kind", "Whose ratio: ctRatio, ptRatio or transformerRatio."
    )
    value: float = attribute("ServiceMultiplier.value", "The ratio.")
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the ratio.", default=())


class IssuedNameType(Profile, cim="NameType"):
    """A type of name whose authority is required."""

    description: str | None = attribute(
        "NameType.description", "What names of this type are for.", default=None
    )
    name: str = attribute("NameType.name", "Name of the type.")
    name_type_authority: NameTypeAuthority = attribute(
        "NameType.NameTypeAuthority", "Who issues names of this type."
    )


class IssuedName(Profile, cim="Name"):
    """A name, of a type that an authority issues."""

    name: str = attribute("Name.name", "The name itself.")
    name_type: IssuedNameType | None = attribute(
        "Name.NameType", "Type of this name.", default=None
    )


class UsagePointCategory(Profile, cim="ServiceCategory"):
    """The category of service at a usage point."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the category.", default=None
    )
    kind: ServiceKind | None = attribute("ServiceCategory.kind", "What is supplied.", default=None)
    names: tuple[IssuedName, ...] = attribute(
        "IdentifiedObject.Names", "Names of the category.", default=()
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
    connection_state: UsagePointConnectedKind | None = attribute(
        "UsagePoint.connectionState", "How it is connected.", default=None
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
    customer_agreement: CustomerAgreement | None = attribute(
        "UsagePoint.CustomerAgreement", "Agreement it is supplied under.", default=None
    )
    equipments: TransformerTank | None = attribute(
        "UsagePoint.Equipments", "What feeds it.", default=None
    )
    metrology_requirements: tuple[MetrologyRequirement, ...] = attribute(
        "UsagePoint.MetrologyRequirements", "What is to be measured.", default=()
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the usage point.", default=()
    )
    pricing_structures: PricingStructure | None = attribute(
        "UsagePoint.PricingStructures", "Prices.", default=None
    )
    service_category: UsagePointCategory | None = attribute(
        "UsagePoint.ServiceCategory", "What is supplied.", default=None
    )
    service_location: ServiceLocation | None = attribute(
        "UsagePoint.ServiceLocation", "The premises.", default=None
    )
    service_multipliers: tuple[ServiceMultiplier, ...] = attribute(
        "UsagePoint.ServiceMultipliers", "Ratios of the transformers before the meter.", default=()
    )
    service_supplier: ServiceSupplier | None = attribute(
        "UsagePoint.ServiceSupplier", "Who supplies.", default=None
    )
    usage_point_locations: UsagePointLocation | None = attribute(
        "UsagePoint.UsagePointLocations", "Where it is on the premises.", default=None
    )
