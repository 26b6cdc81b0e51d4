"""The meters of ServiceOrders, and what was read from them."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, Reference, attribute
from cim.profiles.compounds import DateTimeInterval
from cim.profiles.identification import Name
from cim.profiles.kinds import MeterMultiplierKind
from cim.profiles.meter_readings import RationalNumber, ReadingInterharmonic, ReadingQuality
from cim.profiles.reading_types import ReadingReasonKind


class ReadingQualityType(Profile):
    """The meaning of a quality code."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "The code.", default=None)
    category: str = attribute("ReadingQualityType.category", "High-level nature of the quality.")
    sub_category: str = attribute(
        "ReadingQualityType.subCategory", "More specific nature of the quality."
    )
    system_id: str = attribute("ReadingQualityType.systemId", "System that judged the quality.")
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the quality type.")


class ReadingType(Profile):
    """The meaning of a reading type code, field by field."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "The code, 18 numbers.", default=None)
    accumulation: str = attribute(
        "ReadingType.accumulation", "Behaviour over time, e.g. deltaData."
    )
    aggregate: str = attribute("ReadingType.aggregate", "Operation over the period, e.g. maximum.")
    commodity: str = attribute("ReadingType.commodity", "What is measured.")
    consumption_tier: int = attribute(
        "ReadingType.consumptionTier", "Block of a block tariff; 0 for none."
    )
    cpp: int = attribute("ReadingType.cpp", "Critical peak period; 0 for none.")
    currency: str = attribute("ReadingType.currency", "Currency.")
    flow_direction: str = attribute("ReadingType.flowDirection", "Direction of the flow.")
    macro_period: str = attribute(
        "ReadingType.macroPeriod", "Period of interest, e.g. a billing period."
    )
    measurement_kind: str = attribute("ReadingType.measurementKind", "Quantity, e.g. energy.")
    measuring_period: str = attribute("ReadingType.measuringPeriod", "Length of the interval.")
    multiplier: str = attribute("ReadingType.multiplier", "Power of ten of the unit.")
    phases: str = attribute("ReadingType.phases", "Phases measured.")
    tou: int = attribute("ReadingType.tou", "Time of use bucket; 0 for none.")
    unit: str = attribute("ReadingType.unit", "Unit.")
    argument: RationalNumber = attribute(
        "ReadingType.argument", "A number that belongs to the unit."
    )
    interharmonic: ReadingInterharmonic = attribute(
        "ReadingType.interharmonic", "Harmonic or interharmonic."
    )
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the reading type.")


class MeterMultiplier(Profile):
    """A factor of the meter."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the multiplier.", default=None
    )
    kind: MeterMultiplierKind = attribute("MeterMultiplier.kind", "What it stands for.")
    value: float = attribute("MeterMultiplier.value", "The factor.")
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the multiplier.", default=()
    )


class Reading(Profile):
    """A value that was read."""

    reason: ReadingReasonKind | None = attribute("Reading.reason", "Why it was read.", default=None)
    reported_date_time: datetime | None = attribute(
        "BaseReading.reportedDateTime", "When it was reported.", default=None
    )
    source: str | None = attribute("BaseReading.source", "Where it comes from.", default=None)
    time_stamp: datetime | None = attribute(
        "MeasurementValue.timeStamp", "When it was read.", default=None
    )
    value: str | None = attribute("BaseReading.value", "The value.", default=None)
    reading_qualities: tuple[ReadingQuality, ...] = attribute(
        "BaseReading.ReadingQualities", "How good it is.", default=()
    )
    reading_type: Reference = attribute("Reading.ReadingType", "The code of what was read.")
    time_period: DateTimeInterval | None = attribute(
        "BaseReading.timePeriod", "The period it is for.", default=None
    )


class MeterReading(Profile):
    """What was read on one occasion."""

    readings: tuple[Reading, ...] = attribute("MeterReading.Readings", "The values.")
    values_interval: DateTimeInterval | None = attribute(
        "MeterReading.valuesInterval", "Interval that all the values lie in.", default=None
    )


class Asset(Profile):
    """A meter or another asset at the customer's."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the asset.", default=None)
    amr_system: str | None = attribute("EndDevice.amrSystem", "System that reads it.", default=None)
    critical: bool | None = attribute("Asset.critical", "Whether it is critical.", default=None)
    form_number: str | None = attribute("Meter.formNumber", "Form of the meter.", default=None)
    serial_number: str | None = attribute("Asset.serialNumber", "Serial number.", default=None)
    utc_number: str | None = attribute(
        "Asset.utcNumber", "Number under which it is tracked.", default=None
    )
    meter_multipliers: tuple[MeterMultiplier, ...] = attribute(
        "Meter.MeterMultipliers", "Its factors.", default=()
    )
    meter_readings: tuple[MeterReading, ...] = attribute(
        "Meter.MeterReadings", "What was read from it.", default=()
    )
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the asset.", default=())
