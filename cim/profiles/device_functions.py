"""What meters do: communicate, measure, connect and disconnect."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from cim.profile import Profile, Reference, attribute
from cim.profiles.compounds import ElectronicAddress, Status
from cim.profiles.end_devices import AssetInfo, EndDeviceFunctionKind, LifecycleDate, TimeInterval
from cim.profiles.identification import Name


class ComDirectionKind(StrEnum):
    """In which direction a device communicates."""

    BI_DIRECTIONAL = "biDirectional"
    FROM_DEVICE = "fromDevice"
    TO_DEVICE = "toDevice"


class ComTechnologyKind(StrEnum):
    """How a device communicates."""

    CELLULAR = "cellular"
    ETHERNET = "ethernet"
    HOME_PLUG = "homePlug"
    PAGER = "pager"
    PHONE = "phone"
    PLC = "plc"
    RF = "rf"
    RF_MESH = "rfMesh"
    ZIGBEE = "zigbee"


class ComFunction(Profile):
    """A way of a device to communicate."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the function.", default=None
    )
    amr_address: str | None = attribute(
        "ComFunction.amrAddress", "Address in the metering network.", default=None
    )
    amr_router: str | None = attribute(
        "ComFunction.amrRouter", "Router in the metering network.", default=None
    )
    config_id: str | None = attribute(
        "AssetFunction.configID", "Configuration it runs.", default=None
    )
    direction: ComDirectionKind | None = attribute(
        "ComFunction.direction", "Direction.", default=None
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
    password: str | None = attribute(
        "AssetFunction.password", "Password for access.", personal=True, default=None
    )
    program_id: str | None = attribute("AssetFunction.programID", "Program it runs.", default=None)
    technology: ComTechnologyKind | None = attribute(
        "ComFunction.technology", "Technology.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the function.", default=()
    )


class ComModule(Profile):
    """A communication module, which may be a device of its own in the meter."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the module.", default=None)
    amr_system: str | None = attribute(
        "ComModule.amrSystem", "Metering system it talks to.", default=None
    )
    initial_condition: str | None = attribute(
        "Asset.initialCondition", "Condition at the last baseline, e.g. new.", default=None
    )
    initial_loss_of_life: float | None = attribute(
        "Asset.initialLossOfLife", "Part of its life that was over then.", unit="%", default=None
    )
    lot_number: str | None = attribute("Asset.lotNumber", "Lot it was made in.", default=None)
    purchase_price: Decimal | None = attribute("Asset.purchasePrice", "What it cost.", default=None)
    serial_number: str | None = attribute("Asset.serialNumber", "Serial number.", default=None)
    supports_autonomous_dst: bool | None = attribute(
        "ComModule.supportsAutonomousDst",
        "Whether it changes to and from summer time by itself.",
        default=None,
    )
    time_zone_offset: float | None = attribute(
        "ComModule.timeZoneOffset",
        "Difference of its time zone from UTC.",
        unit="min",
        default=None,
    )
    type: str | None = attribute("Asset.type", "Type, by the rules of the utility.", default=None)
    utc_number: str | None = attribute("Asset.utcNumber", "Number it is tracked by.", default=None)
    asset_info: AssetInfo | None = attribute("Asset.AssetInfo", "Data of its model.", default=None)
    com_functions: tuple[ComFunction, ...] = attribute(
        "ComModule.ComFunctions", "What it does.", default=()
    )
    electronic_address: ElectronicAddress | None = attribute(
        "Asset.electronicAddress", "Its addresses.", default=None
    )
    lifecycle: LifecycleDate | None = attribute(
        "Asset.lifecycle", "When what happened to it.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the module.", default=()
    )
    status: Status | None = attribute("Asset.status", "Status of the module.", default=None)


class RemoteConnectDisconnectInfo(Profile):
    """How a meter is to connect and disconnect."""

    armed_timeout: float | None = attribute(
        "RemoteConnectDisconnectInfo.armedTimeout",
        "How long it stays armed.",
        unit="s",
        default=None,
    )
    customer_voltage_limit: float | None = attribute(
        "RemoteConnectDisconnectInfo.customerVoltageLimit",
        "Voltage on the customer's side above which it does not connect.",
        unit="V",
        default=None,
    )
    energy_limit: float | None = attribute(
        "RemoteConnectDisconnectInfo.energyLimit",
        "Energy after which it disconnects.",
        unit="Wh",
        default=None,
    )
    energy_usage_start_date_time: datetime | None = attribute(
        "RemoteConnectDisconnectInfo.energyUsageStartDateTime",
        "From when that energy is counted.",
        default=None,
    )
    energy_usage_warning: float | None = attribute(
        "RemoteConnectDisconnectInfo.energyUsageWarning",
        "Energy after which it warns.",
        unit="Wh",
        default=None,
    )
    is_arm_connect: bool | None = attribute(
        "RemoteConnectDisconnectInfo.isArmConnect",
        "Whether it waits for the customer to connect.",
        default=None,
    )
    is_arm_disconnect: bool | None = attribute(
        "RemoteConnectDisconnectInfo.isArmDisconnect",
        "Whether it waits for a condition to disconnect.",
        default=None,
    )
    is_energy_limiting: bool | None = attribute(
        "RemoteConnectDisconnectInfo.isEnergyLimiting",
        "Whether the energy is limited.",
        default=None,
    )
    needs_power_limit_check: bool | None = attribute(
        "RemoteConnectDisconnectInfo.needsPowerLimitCheck",
        "Whether the power is limited.",
        default=None,
    )
    needs_voltage_limit_check: bool | None = attribute(
        "RemoteConnectDisconnectInfo.needsVoltageLimitCheck",
        "Whether that voltage is checked.",
        default=None,
    )
    power_limit: float | None = attribute(
        "RemoteConnectDisconnectInfo.powerLimit",
        "Power above which it disconnects.",
        unit="W",
        default=None,
    )
    use_pushbutton: bool | None = attribute(
        "RemoteConnectDisconnectInfo.usePushbutton",
        "Whether the customer connects by pushing a button.",
        default=None,
    )


class ConnectDisconnectFunction(Profile):
    """The switch in a meter."""

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
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the function.", default=()
    )
    rcd_info: RemoteConnectDisconnectInfo | None = attribute(
        "ConnectDisconnectFunction.rcdInfo", "How it connects and disconnects.", default=None
    )


class Channel(Profile):
    """A series of values of a register."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the channel.", default=None
    )
    is_virtual: bool | None = attribute(
        "Channel.isVirtual", "Whether the values are calculated elsewhere.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the channel.", default=()
    )
    reading_type: Reference | None = attribute(
        "Channel.ReadingType", "Quantity and unit: 18 numbers, IEC 61968-9 annex C.", default=None
    )


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
    channels: tuple[Channel, ...] = attribute(
        "Register.Channels", "Series of its values.", default=()
    )
    names: tuple[Name, ...] = attribute(
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
    kind: EndDeviceFunctionKind = attribute("SimpleEndDeviceFunction.kind", "What it does.")
    password: str | None = attribute(
        "AssetFunction.password", "Password for access.", personal=True, default=None
    )
    program_id: str | None = attribute("AssetFunction.programID", "Program it runs.", default=None)
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the function.", default=()
    )
    registers: tuple[Register, ...] = attribute(
        "EndDeviceFunction.Registers", "Its registers.", default=()
    )
