"""GetMeterReadings (IEC 61968-9): which readings are asked for."""

from __future__ import annotations

from cim.profile import Profile, attribute
from cim.profiles.compounds import DateTimeInterval
from cim.profiles.plain_names import (
    PlainEndDevice,
    PlainMeter,
    PlainObject,
    PlainReadingType,
    PlainUsagePoint,
)
from cim.profiles.queried import QueriedTimeSchedule
from cim.profiles.reading_types import ReadingReasonKind


class EndDeviceEventType(PlainObject):
    """A type of event, by its code as mRID or by name."""


class EndDeviceEvent(Profile):
    """An event that came with the readings."""

    end_device_event_type: EndDeviceEventType = attribute(
        "EndDeviceEvent.EndDeviceEventType", "Its type."
    )


class ReadingsFilter(Profile, cim="MeterReading"):
    """Readings of a meter or a usage point."""

    end_device_events: EndDeviceEvent | None = attribute(
        "MeterReading.EndDeviceEvents", "The event that came with them.", default=None
    )
    meter: PlainMeter | None = attribute("MeterReading.Meter", "The meter.", default=None)
    usage_point: PlainUsagePoint | None = attribute(
        "MeterReading.UsagePoint", "The usage point.", default=None
    )


class Reading(Profile):
    """Readings taken for a reason, by a system, for a period."""

    reason: ReadingReasonKind | None = attribute(
        "Reading.reason", "Why they were taken.", default=None
    )
    source: str | None = attribute("BaseReading.source", "System that supplied them.", default=None)
    time_period: DateTimeInterval | None = attribute(
        "BaseReading.timePeriod", "Period they are for.", default=None
    )


class ReadingQualityType(PlainObject):
    """A quality, by its code as mRID or by name."""


class ReadingQuality(Profile):
    """Readings of a quality."""

    reading_quality_type: ReadingQualityType = attribute(
        "ReadingQuality.ReadingQualityType", "The quality."
    )


class GetMeterReadings(
    Profile,
    namespace="http://iec.ch/TC57/2011/GetMeterReadings#",
    standard="IEC 61968-9",
):
    """Which readings are asked for."""

    end_device: tuple[PlainEndDevice, ...] = attribute(
        "GetMeterReadings.EndDevice", "Of which devices.", default=()
    )
    meter_readings: ReadingsFilter | None = attribute(
        "GetMeterReadings.MeterReadings", "Of which meter, usage point or event.", default=None
    )
    reading: tuple[Reading, ...] = attribute(
        "GetMeterReadings.Reading", "Taken why, by whom, for when.", default=()
    )
    reading_quality: tuple[ReadingQuality, ...] = attribute(
        "GetMeterReadings.ReadingQuality", "Of which quality.", default=()
    )
    reading_type: tuple[PlainReadingType, ...] = attribute(
        "GetMeterReadings.ReadingType", "Of which reading types.", default=()
    )
    time_schedule: tuple[QueriedTimeSchedule, ...] = attribute(
        "GetMeterReadings.TimeSchedule", "Of which time.", default=()
    )
    usage_point: tuple[PlainUsagePoint, ...] = attribute(
        "GetMeterReadings.UsagePoint", "Of which usage points.", default=()
    )
