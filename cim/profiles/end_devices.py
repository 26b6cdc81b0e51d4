"""What end devices are and can do; nouns that configure them share it."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum

from cim.profile import Profile, attribute
from cim.profiles.identification import IdentifiedObject, Name
from cim.profiles.kinds import AssetModelUsageKind, CorporateStandardKind, MeterMultiplierKind


class EndDeviceFunctionKind(StrEnum):
    """What a simple function of a device does."""

    AUTONOMOUS_DST = "autonomousDst"
    DEMAND_RESPONSE = "demandResponse"
    ELECTRIC_METERING = "electricMetering"
    GAS_METERING = "gasMetering"
    METROLOGY = "metrology"
    ON_REQUEST_READ = "onRequestRead"
    OUTAGE_HISTORY = "outageHistory"
    RELAYS_PROGRAMMING = "relaysProgramming"
    REVERSE_FLOW = "reverseFlow"
    WATER_METERING = "waterMetering"


class SealConditionKind(StrEnum):
    """How a seal was found."""

    BROKEN = "broken"
    LOCKED = "locked"
    MISSING = "missing"
    OPEN = "open"
    OTHER = "other"


class SealKind(StrEnum):
    """What a seal is made of."""

    LEAD = "lead"
    LOCK = "lock"
    OTHER = "other"
    STEEL = "steel"


class EndDeviceCapability(Profile):
    """What a device can do, by its design."""

    autonomous_dst: bool | None = attribute(
        "EndDeviceCapability.autonomousDst",
        "Change to and from summer time by itself.",
        default=None,
    )
    communication: bool | None = attribute(
        "EndDeviceCapability.communication", "Communicate.", default=None
    )
    connect_disconnect: bool | None = attribute(
        "EndDeviceCapability.connectDisconnect", "Connect and disconnect the load.", default=None
    )
    demand_response: bool | None = attribute(
        "EndDeviceCapability.demandResponse", "Respond to demand response signals.", default=None
    )
    electric_metering: bool | None = attribute(
        "EndDeviceCapability.electricMetering", "Measure electricity.", default=None
    )
    gas_metering: bool | None = attribute(
        "EndDeviceCapability.gasMetering", "Measure gas.", default=None
    )
    metrology: bool | None = attribute("EndDeviceCapability.metrology", "Measure.", default=None)
    on_request_read: bool | None = attribute(
        "EndDeviceCapability.onRequestRead", "Be read on request.", default=None
    )
    outage_history: bool | None = attribute(
        "EndDeviceCapability.outageHistory", "Record outages.", default=None
    )
    pressure_compensation: bool | None = attribute(
        "EndDeviceCapability.pressureCompensation", "Compensate for pressure.", default=None
    )
    pricing_info: bool | None = attribute(
        "EndDeviceCapability.pricingInfo", "Show prices.", default=None
    )
    pulse_output: bool | None = attribute(
        "EndDeviceCapability.pulseOutput", "Give pulses.", default=None
    )
    relays_programming: bool | None = attribute(
        "EndDeviceCapability.relaysProgramming", "Switch relays by a programme.", default=None
    )
    reverse_flow: bool | None = attribute(
        "EndDeviceCapability.reverseFlow", "Notice flow in reverse.", default=None
    )
    super_compressibility_compensation: bool | None = attribute(
        "EndDeviceCapability.superCompressibilityCompensation",
        "Compensate for supercompressibility of gas.",
        default=None,
    )
    temperature_compensation: bool | None = attribute(
        "EndDeviceCapability.temperatureCompensation", "Compensate for temperature.", default=None
    )
    text_message: bool | None = attribute(
        "EndDeviceCapability.textMessage", "Show texts.", default=None
    )
    water_metering: bool | None = attribute(
        "EndDeviceCapability.waterMetering", "Measure water.", default=None
    )


class LifecycleDate(Profile):
    """When what happened to a device."""

    installation_date: date | None = attribute(
        "LifecycleDate.installationDate", "When it was installed here.", default=None
    )
    manufactured_date: date | None = attribute(
        "LifecycleDate.manufacturedDate", "When it was made.", default=None
    )
    purchase_date: date | None = attribute(
        "LifecycleDate.purchaseDate", "When it was bought.", default=None
    )
    received_date: date | None = attribute(
        "LifecycleDate.receivedDate", "When it was delivered.", default=None
    )
    removal_date: date | None = attribute(
        "LifecycleDate.removalDate", "When it was last taken out.", default=None
    )
    retired_date: date | None = attribute(
        "LifecycleDate.retiredDate", "When it was retired for good.", default=None
    )


class TimeInterval(Profile):
    """An interval of the day."""

    end: time | None = attribute("TimeInterval.end", "End, not included.", default=None)
    start: time | None = attribute("TimeInterval.start", "Start, included.", default=None)


class Manufacturer(IdentifiedObject):
    """Who made it, by mRID or by name."""


class ProductAssetModel(Profile):
    """The model of a device."""

    corporate_standard_kind: CorporateStandardKind | None = attribute(
        "ProductAssetModel.corporateStandardKind",
        "Whether the company buys the model.",
        default=None,
    )
    model_number: str | None = attribute(
        "ProductAssetModel.modelNumber", "Number of the model.", default=None
    )
    model_version: str | None = attribute(
        "ProductAssetModel.modelVersion", "Version of the model.", default=None
    )
    usage_kind: AssetModelUsageKind | None = attribute(
        "ProductAssetModel.usageKind", "Where it is used.", default=None
    )
    manufacturer: Manufacturer | None = attribute(
        "ProductAssetModel.Manufacturer", "Who makes it.", default=None
    )


class AssetInfo(Profile):
    """Data of a communication module."""

    asset_model: ProductAssetModel | None = attribute(
        "AssetInfo.AssetModel", "The model.", default=None
    )


class EndDeviceInfo(Profile):
    """Data of an end device."""

    is_solid_state: bool | None = attribute(
        "EndDeviceInfo.isSolidState", "Whether it is electronic, not mechanical.", default=None
    )
    phase_count: int | None = attribute(
        "EndDeviceInfo.phaseCount", "Number of phases it can measure.", default=None
    )
    rated_current: float | None = attribute(
        "EndDeviceInfo.ratedCurrent", "Rated current.", unit="A", default=None
    )
    rated_voltage: float | None = attribute(
        "EndDeviceInfo.ratedVoltage", "Rated voltage.", unit="V", default=None
    )
    asset_model: ProductAssetModel | None = attribute(
        "AssetInfo.AssetModel", "The model.", default=None
    )
    capability: EndDeviceCapability | None = attribute(
        "EndDeviceInfo.capability", "What it can do.", default=None
    )


class Seal(Profile):
    """A seal of a meter."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the seal.", default=None)
    applied_date_time: datetime | None = attribute(
        "Seal.appliedDateTime", "When it was put on.", default=None
    )
    condition: SealConditionKind | None = attribute(
        "Seal.condition", "How it was found.", default=None
    )
    kind: SealKind | None = attribute("Seal.kind", "What it is.", default=None)
    seal_number: str | None = attribute("Seal.sealNumber", "Its number.", default=None)
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the seal.", default=())


class EndDeviceSeal(Profile, cim="Seal"):
    """A seal of another device than the meter."""

    applied_date_time: datetime | None = attribute(
        "Seal.appliedDateTime", "When it was put on.", default=None
    )
    condition: SealConditionKind | None = attribute(
        "Seal.condition", "How it was found.", default=None
    )
    kind: SealKind | None = attribute("Seal.kind", "What it is.", default=None)
    seal_number: str | None = attribute("Seal.sealNumber", "Its number.", default=None)


class MeterMultiplier(Profile):
    """A number that what a meter shows is multiplied with."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the multiplier.", default=None
    )
    kind: MeterMultiplierKind | None = attribute(
        "MeterMultiplier.kind", "What it is.", default=None
    )
    value: float | None = attribute("MeterMultiplier.value", "The number.", default=None)
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the multiplier.", default=()
    )
