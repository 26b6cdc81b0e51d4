"""What the configurations of meters and of other end devices have in common."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, attribute
from cim.profiles.compounds import Status
from cim.profiles.end_devices import EndDeviceFunctionKind, TimeInterval
from cim.profiles.meter_readings import RationalNumber
from cim.profiles.plain_names import PlainName
from cim.profiles.reading_types import ReadingTypeCode


class ActivityRecord(Profile):
    """Something that was done with a device."""

    created_date_time: datetime | None = attribute(
        "ActivityRecord.createdDateTime", "When it was recorded.", default=None
    )
    reason: str | None = attribute("ActivityRecord.reason", "Why.", default=None)
    severity: str | None = attribute("ActivityRecord.severity", "How severe it is.", default=None)
    type: str | None = attribute("ActivityRecord.type", "Kind of activity.", default=None)
    status: Status | None = attribute("ActivityRecord.status", "What became of it.", default=None)


class SwitchFunction(Profile, cim="ConnectDisconnectFunction"):
    """The switch in a device, without how it connects and disconnects."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the function.", default=None
    )
    enabled: bool | None = attribute(
        "EndDeviceFunction.enabled", "Whether it is switched on.", default=None
    )
    event_count: int | None = attribute(
        "ConnectDisconnectFunction.eventCount", "How often it has operated.", default=None
    )
    is_connected: bool | None = attribute(
        "ConnectDisconnectFunction.isConnected", "Whether the load is connected.", default=None
    )
    is_delayed_discon: bool | None = attribute(
        "ConnectDisconnectFunction.isDelayedDiscon",
        "Whether it disconnects with a delay.",
        default=None,
    )
    is_local_auto_discon_op: bool | None = attribute(
        "ConnectDisconnectFunction.isLocalAutoDisconOp",
        "Whether it may disconnect by itself.",
        default=None,
    )
    is_local_auto_recon_op: bool | None = attribute(
        "ConnectDisconnectFunction.isLocalAutoReconOp",
        "Whether it may connect again by itself.",
        default=None,
    )
    is_remote_auto_discon_op: bool | None = attribute(
        "ConnectDisconnectFunction.isRemoteAutoDisconOp",
        "Whether it may be disconnected from afar.",
        default=None,
    )
    is_remote_auto_recon_op: bool | None = attribute(
        "ConnectDisconnectFunction.isRemoteAutoReconOp",
        "Whether it may be connected again from afar.",
        default=None,
    )
    password: str | None = attribute(
        "AssetFunction.password", "Password for access.", personal=True, default=None
    )
    names: tuple[PlainName, ...] = attribute(
        "IdentifiedObject.Names", "Names of the function.", default=()
    )


class ReadingType(ReadingTypeCode):
    """The meaning of a reading type code."""

    argument: RationalNumber | None = attribute(
        "ReadingType.argument", "A number that belongs to the unit.", default=None
    )
    names: tuple[PlainName, ...] = attribute("IdentifiedObject.Names", "Names of the reading type.")


class Register(Profile):
    """A display or store of a meter."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the register.", default=None
    )
    is_virtual: bool | None = attribute(
        "Register.isVirtual", "Whether its values come from elsewhere.", default=None
    )
    left_digit_count: int | None = attribute(
        "Register.leftDigitCount", "Digits before the point.", default=None
    )
    right_digit_count: int | None = attribute(
        "Register.rightDigitCount", "Digits after the point.", default=None
    )
    tou_tier_name: str | None = attribute(
        "Register.touTierName", "Name of the time of use it counts in, e.g. peak.", default=None
    )
    names: tuple[PlainName, ...] = attribute(
        "IdentifiedObject.Names", "Names of the register.", default=()
    )
    tou_tier: TimeInterval | None = attribute(
        "Register.touTier", "When in the day it counts.", default=None
    )


class SimpleEndDeviceFunction(Profile):
    """Another function of a device."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the function.", default=None
    )
    config_id: str | None = attribute(
        "AssetFunction.configID", "Configuration it runs.", default=None
    )
    enabled: bool | None = attribute(
        "EndDeviceFunction.enabled", "Whether it is switched on.", default=None
    )
    firmware_id: str | None = attribute(
        "AssetFunction.firmwareID", "Firmware it runs.", default=None
    )
    hardware_id: str | None = attribute(
        "AssetFunction.hardwareID", "Hardware it runs on.", default=None
    )
    kind: EndDeviceFunctionKind | None = attribute(
        "SimpleEndDeviceFunction.kind", "What it does.", default=None
    )
    password: str | None = attribute(
        "AssetFunction.password", "Password for access.", personal=True, default=None
    )
    program_id: str | None = attribute("AssetFunction.programID", "Program it runs.", default=None)
    names: tuple[PlainName, ...] = attribute(
        "IdentifiedObject.Names", "Names of the function.", default=()
    )
    registers: tuple[Register, ...] = attribute(
        "EndDeviceFunction.Registers", "Its registers.", default=()
    )
