"""GetMeterReadSchedule (IEC 61968-9): which schedules are asked for."""

from __future__ import annotations

from cim.profile import Profile, attribute
from cim.profiles.plain_names import PlainEndDevice, PlainMeter, PlainReadingType, PlainUsagePoint
from cim.profiles.queried import QueriedTimeSchedule


class GetMeterReadSchedule(
    Profile,
    namespace="http://iec.ch/TC57/2011/GetMeterReadSchedule#",
    standard="IEC 61968-9",
):
    """Which schedules of readings are asked for."""

    end_device: tuple[PlainEndDevice, ...] = attribute(
        "GetMeterReadSchedule.EndDevice", "Of which devices.", default=()
    )
    meter: tuple[PlainMeter, ...] = attribute(
        "GetMeterReadSchedule.Meter", "Of which meters.", default=()
    )
    reading_type: tuple[PlainReadingType, ...] = attribute(
        "GetMeterReadSchedule.ReadingType", "Of which reading types.", default=()
    )
    time_schedule: tuple[QueriedTimeSchedule, ...] = attribute(
        "GetMeterReadSchedule.TimeSchedule", "Of which time.", default=()
    )
    usage_point: tuple[PlainUsagePoint, ...] = attribute(
        "GetMeterReadSchedule.UsagePoint", "Of which usage points.", default=()
    )
