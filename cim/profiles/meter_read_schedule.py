"""MeterReadSchedule (IEC 61968-9): when which meters are to be read."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, attribute
from cim.profiles.compounds import DateTimeInterval
from cim.profiles.get_meter_read_schedule import GetMeterReadSchedule
from cim.profiles.identification import IdentifiedObject, Name, UsagePoint
from cim.profiles.metering_objects import (
    CustomerAccount,
    CustomerAgreement,
    EndDeviceGroup,
    UsagePointGroup,
)


class EndDevice(Profile):
    """A device to read, by mRID."""

    mrid: str = attribute("IdentifiedObject.mRID", "Identifier of the device.")
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the device.", default=()
    )


class ReadingType(IdentifiedObject):
    """What to read, by its code as mRID or by name."""


class TimePoint(Profile):
    """A point of time to read at."""

    date_time: datetime | None = attribute("TimePoint.dateTime", "The time.", default=None)
    relative_time_interval: float | None = attribute(
        "TimePoint.relativeTimeInterval",
        "The time, counted from the start of the schedule.",
        unit="s",
        default=None,
    )
    sequence_number: int | None = attribute(
        "TimePoint.sequenceNumber", "Place among the points.", default=None
    )
    window: DateTimeInterval | None = attribute(
        "TimePoint.window", "When reading is allowed.", default=None
    )


class TimeSchedule(Profile):
    """When to read."""

    disabled: bool | None = attribute(
        "TimeSchedule.disabled", "Whether it is out of use.", default=None
    )
    offset: float | None = attribute(
        "TimeSchedule.offset",
        "From midnight to the first reading of a day.",
        unit="s",
        default=None,
    )
    recurrence_pattern: str | None = attribute(
        "TimeSchedule.recurrencePattern",
        "How it repeats, in words or in a notation both sides know.",
        default=None,
    )
    recurrence_period: float | None = attribute(
        "TimeSchedule.recurrencePeriod", "Time between readings.", unit="s", default=None
    )
    schedule_interval: DateTimeInterval = attribute(
        "TimeSchedule.scheduleInterval", "From when to when it holds."
    )
    time_points: tuple[TimePoint, ...] = attribute(
        "TimeSchedule.TimePoints", "The single times.", default=()
    )


class MeterReadSchedule(
    Profile,
    namespace="http://iec.ch/TC57/2011/MeterReadSchedule#",
    standard="IEC 61968-9",
    query=GetMeterReadSchedule,
    ordering=(
        "usage_point.mrid",
        "usage_point.names.name",
        "end_device.mrid",
        "usage_point_group.mrid",
        "usage_point_group.names.name",
        "end_device_group.mrid",
        "end_device_group.names.name",
        "customer_agreement.mrid",
        "customer_agreement.names.name",
        "customer_account.mrid",
        "customer_account.names.name",
    ),
):
    """One schedule: who is read, what, and when."""

    customer_account: tuple[CustomerAccount, ...] = attribute(
        "MeterReadSchedule.CustomerAccount",
        "Accounts of customers to read.",
        personal=True,
        default=(),
    )
    customer_agreement: tuple[CustomerAgreement, ...] = attribute(
        "MeterReadSchedule.CustomerAgreement",
        "Agreements with customers to read.",
        personal=True,
        default=(),
    )
    end_device: tuple[EndDevice, ...] = attribute(
        "MeterReadSchedule.EndDevice", "Devices to read.", default=()
    )
    end_device_group: tuple[EndDeviceGroup, ...] = attribute(
        "MeterReadSchedule.EndDeviceGroup", "Groups of devices to read.", default=()
    )
    reading_type: tuple[ReadingType, ...] = attribute(
        "MeterReadSchedule.ReadingType", "What to read.", default=()
    )
    time_schedule: tuple[TimeSchedule, ...] = attribute(
        "MeterReadSchedule.TimeSchedule", "When to read.", default=()
    )
    usage_point: tuple[UsagePoint, ...] = attribute(
        "MeterReadSchedule.UsagePoint", "Usage points to read.", default=()
    )
    usage_point_group: tuple[UsagePointGroup, ...] = attribute(
        "MeterReadSchedule.UsagePointGroup", "Groups of usage points to read.", default=()
    )
