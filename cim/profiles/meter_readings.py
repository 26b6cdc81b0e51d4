"""MeterReadings (IEC 61968-9): what meters measured, and when."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, Reference, attribute
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.end_device_events import EndDeviceEventDetail
from cim.profiles.get_meter_readings import GetMeterReadings
from cim.profiles.identification import Name, NameTypeAuthority
from cim.profiles.reading_types import ReadingReasonKind, ReadingTypeCode


class BriefNameType(Profile, cim="NameType"):
    """The type of a name, by its name alone."""

    name: str | None = attribute("NameType.name", "Name of the type.", default=None)


class BriefName(Profile, cim="Name"):
    """A name whose type is given by its name alone."""

    name: str = attribute("Name.name", "The name itself.")
    name_type: BriefNameType | None = attribute("Name.NameType", "Type of this name.", default=None)


class MeterNameType(Profile, cim="NameType"):
    """The type of a meter's name; its authority is required."""

    description: str | None = attribute(
        "NameType.description", "What names of this type are for.", default=None
    )
    name: str = attribute("NameType.name", "Name of the type.")
    name_type_authority: NameTypeAuthority = attribute(
        "NameType.NameTypeAuthority", "Who issues names of this type."
    )


class MeterName(Profile, cim="Name"):
    """A name of a meter, e.g. its badge number."""

    name: str = attribute("Name.name", "The name itself.")
    name_type: MeterNameType | None = attribute("Name.NameType", "Type of this name.", default=None)


class MeterStatus(Profile, cim="Status"):
    """The status of a meter; the value is required."""

    date_time: datetime | None = attribute(
        "Status.dateTime", "Time from which the value applies.", default=None
    )
    reason: str | None = attribute("Status.reason", "Why the value changed.", default=None)
    remark: str | None = attribute("Status.remark", "Free text on the value.", default=None)
    value: str = attribute("Status.value", "The status itself.")


class Meter(Profile):
    """The meter that measured."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the meter.", default=None)
    names: tuple[MeterName, ...] = attribute(
        "IdentifiedObject.Names", "Names of the meter.", default=()
    )
    status: MeterStatus | None = attribute("Asset.status", "Status of the meter.", default=None)


class UsagePoint(Profile):
    """Where it was measured, by mRID or by name."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the usage point.", default=None
    )
    names: tuple[BriefName, ...] = attribute(
        "IdentifiedObject.Names", "Names of the usage point.", default=()
    )


class EndDeviceEvent(Profile):
    """An event that came with the readings."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the event.", default=None)
    created_date_time: datetime = attribute(
        "ActivityRecord.createdDateTime", "When the event happened, by the clock of the device."
    )
    issuer_id: str | None = attribute(
        "EndDeviceEvent.issuerID", "Who originated the event.", default=None
    )
    issuer_tracking_id: str | None = attribute(
        "EndDeviceEvent.issuerTrackingID", "Identifier given by the originator.", default=None
    )
    reason: str | None = attribute("ActivityRecord.reason", "Why it happened.", default=None)
    severity: str | None = attribute(
        "ActivityRecord.severity", "How severe the event is.", default=None
    )
    user_id: str | None = attribute(
        "EndDeviceEvent.userID", "Who triggered the event, if a person did.", default=None
    )
    end_device_event_details: tuple[EndDeviceEventDetail, ...] = attribute(
        "EndDeviceEvent.EndDeviceEventDetails", "Details of the event.", default=()
    )
    end_device_event_type: Reference = attribute(
        "EndDeviceEvent.EndDeviceEventType", "Code of the event, e.g. 3.26.0.85."
    )
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the event.", default=())
    status: Status | None = attribute(
        "ActivityRecord.status", "What became of the event.", default=None
    )
    usage_point: UsagePoint | None = attribute(
        "EndDeviceEvent.UsagePoint", "Where the device is installed.", default=None
    )


class ReadingQuality(Profile):
    """A remark of one system on the quality of one value."""

    comment: str | None = attribute("ReadingQuality.comment", "Free text.", default=None)
    source: str | None = attribute(
        "ReadingQuality.source", "System that judged the quality.", default=None
    )
    time_stamp: datetime | None = attribute(
        "ReadingQuality.timeStamp", "When the quality was judged.", default=None
    )
    reading_quality_type: Reference = attribute(
        "ReadingQuality.ReadingQualityType",
        "Code <systemId>.<category>.<subCategory>, e.g. 1.0.0 for valid.",
    )


class Reading(Profile):
    """One value of one quantity; its unit follows from the reading type."""

    reason: ReadingReasonKind | None = attribute(
        "Reading.reason", "Why the reading was taken.", default=None
    )
    reported_date_time: datetime | None = attribute(
        "BaseReading.reportedDateTime", "When it reached the metering system.", default=None
    )
    source: str | None = attribute(
        "BaseReading.source", "System that supplied the value.", default=None
    )
    time_stamp: datetime | None = attribute(
        "MeasurementValue.timeStamp", "When it was measured; the end of an interval.", default=None
    )
    value: float | None = attribute("BaseReading.value", "The value.", default=None)
    reading_qualities: tuple[ReadingQuality, ...] = attribute(
        "BaseReading.ReadingQualities", "Qualities of the value.", default=()
    )
    reading_type: Reference = attribute(
        "Reading.ReadingType", "Quantity and unit: 18 numbers, IEC 61968-9 annex C."
    )
    time_period: DateTimeInterval | None = attribute(
        "BaseReading.timePeriod", "Period the value is for, e.g. a billing period.", default=None
    )


class IntervalReading(Profile):
    """One value in a series of intervals of equal length."""

    reported_date_time: datetime | None = attribute(
        "BaseReading.reportedDateTime", "When it reached the metering system.", default=None
    )
    source: str | None = attribute(
        "BaseReading.source", "System that supplied the value.", default=None
    )
    time_stamp: datetime | None = attribute(
        "MeasurementValue.timeStamp", "End of the interval.", default=None
    )
    value: float | None = attribute("BaseReading.value", "The value.", default=None)
    reading_qualities: tuple[ReadingQuality, ...] = attribute(
        "BaseReading.ReadingQualities", "Qualities of the value.", default=()
    )
    time_period: DateTimeInterval | None = attribute(
        "BaseReading.timePeriod", "Period the value is for.", default=None
    )


class PendingCalculation(Profile):
    """How the values of a block are to be scaled by the receiver."""

    multiply_before_add: bool | None = attribute(
        "PendingCalculation.multiplyBeforeAdd",
        "Whether the scalar applies before the offset.",
        default=None,
    )
    offset: int | None = attribute("PendingCalculation.offset", "What to add.", default=None)
    scalar_denominator: int | None = attribute(
        "PendingCalculation.scalarDenominator", "What to divide by.", default=None
    )
    scalar_float: float | None = attribute(
        "PendingCalculation.scalarFloat", "What to multiply by, as a float.", default=None
    )
    scalar_numerator: int | None = attribute(
        "PendingCalculation.scalarNumerator",
        "What to multiply by, over the denominator.",
        default=None,
    )
    reading_type: Reference = attribute(
        "PendingCalculation.ReadingType", "Reading type of the result."
    )


class IntervalBlock(Profile):
    """A series of values of one reading type."""

    interval_readings: tuple[IntervalReading, ...] = attribute(
        "IntervalBlock.IntervalReadings", "The values, in order of time.", later=True, default=()
    )
    pending_calculation: PendingCalculation | None = attribute(
        "IntervalBlock.PendingCalculation", "How to scale the values.", default=None
    )
    reading_type: Reference = attribute(
        "IntervalBlock.ReadingType", "Quantity and unit: 18 numbers, IEC 61968-9 annex C."
    )


class MeterReading(Profile):
    """A set of values from one meter or usage point."""

    is_coincident_trigger: bool | None = attribute(
        "MeterReading.isCoincidentTrigger",
        "Whether other readings were taken at the moment of this one.",
        default=None,
    )
    end_device_events: tuple[EndDeviceEvent, ...] = attribute(
        "MeterReading.EndDeviceEvents", "Events that came with the values.", default=()
    )
    interval_blocks: tuple[IntervalBlock, ...] = attribute(
        "MeterReading.IntervalBlocks", "Series of values.", default=()
    )
    meter: Meter | None = attribute("MeterReading.Meter", "The meter.", default=None)
    readings: tuple[Reading, ...] = attribute("MeterReading.Readings", "Single values.", default=())
    usage_point: UsagePoint | None = attribute(
        "MeterReading.UsagePoint", "Where it was measured.", default=None
    )
    values_interval: DateTimeInterval | None = attribute(
        "MeterReading.valuesInterval", "Interval that all the values lie in.", default=None
    )


class EndDeviceEventType(Profile):
    """The meaning of an event code."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "The code.", default=None)
    domain: str | None = attribute(
        "EndDeviceEventType.domain", "High-level nature of the event.", default=None
    )
    event_or_action: str | None = attribute(
        "EndDeviceEventType.eventOrAction", "The event or action itself.", default=None
    )
    sub_domain: str | None = attribute(
        "EndDeviceEventType.subDomain", "More specific nature of the event.", default=None
    )
    type: str | None = attribute(
        "EndDeviceEventType.type", "Kind of device that reported it.", default=None
    )
    names: BriefName = attribute("IdentifiedObject.Names", "Name of the event type.")


class ReadingQualityType(Profile):
    """The meaning of a quality code."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "The code.", default=None)
    category: str | None = attribute(
        "ReadingQualityType.category", "High-level nature of the quality.", default=None
    )
    sub_category: str | None = attribute(
        "ReadingQualityType.subCategory", "More specific nature of the quality.", default=None
    )
    system_id: str | None = attribute(
        "ReadingQualityType.systemId", "System that judged the quality.", default=None
    )
    names: BriefName = attribute("IdentifiedObject.Names", "Name of the quality type.")


class RationalNumber(Profile):
    """A fraction."""

    denominator: int = attribute("RationalNumber.denominator", "Below the line.")
    numerator: int = attribute("RationalNumber.numerator", "Above the line.")


class ReadingInterharmonic(Profile):
    """A harmonic or interharmonic; 0 over 0 means not applicable."""

    denominator: int = attribute("ReadingInterharmonic.denominator", "Below the line.")
    numerator: int = attribute("ReadingInterharmonic.numerator", "Above the line.")


class ReadingType(ReadingTypeCode):
    """The meaning of a reading type code, field by field."""

    argument: RationalNumber | None = attribute(
        "ReadingType.argument", "A number that belongs to the unit.", default=None
    )
    interharmonic: ReadingInterharmonic | None = attribute(
        "ReadingType.interharmonic", "Harmonic or interharmonic.", default=None
    )
    names: BriefName = attribute("IdentifiedObject.Names", "Name of the reading type.")


class MeterReadings(
    Profile,
    namespace="http://iec.ch/TC57/2011/MeterReadings#",
    standard="IEC 61968-9",
    query=GetMeterReadings,
    ordering=(
        "meter_reading.usage_point.mrid",
        "meter_reading.usage_point.names.name",
        "meter_reading.meter.mrid",
        "meter_reading.meter.names.name",
    ),
):
    """Readings of meters, and what they refer to."""

    end_device_event_type: tuple[EndDeviceEventType, ...] = attribute(
        "MeterReadings.EndDeviceEventType", "Meaning of the event codes used.", default=()
    )
    meter_reading: tuple[MeterReading, ...] = attribute(
        "MeterReadings.MeterReading", "The readings.", default=()
    )
    reading_quality_type: tuple[ReadingQualityType, ...] = attribute(
        "MeterReadings.ReadingQualityType", "Meaning of the quality codes used.", default=()
    )
    reading_type: tuple[ReadingType, ...] = attribute(
        "MeterReadings.ReadingType", "Meaning of the reading type codes used.", default=()
    )
