"""EndDeviceConfig (IEC 61968-9): how end devices other than meters are configured."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from cim.profile import Profile, Reference, attribute
from cim.profiles.compounds import ElectronicAddress, Status
from cim.profiles.configuration_events import ConfigurationEvent
from cim.profiles.device_configurations import (
    ActivityRecord,
    ReadingType,
    SimpleEndDeviceFunction,
    SwitchFunction,
)
from cim.profiles.end_devices import EndDeviceCapability, LifecycleDate
from cim.profiles.get_end_device_config import GetEndDeviceConfig
from cim.profiles.kinds import AssetModelUsageKind
from cim.profiles.plain_names import PlainName


class RemoteConnectDisconnectInfo(Profile):
    """How a device is to connect and disconnect."""

    armed_timeout: float | None = attribute(
        "RemoteConnectDisconnectInfo.armedTimeout",
        "How long it stays armed.",
        unit="s",
        default=None,
    )
    energy_usage_start_date_time: datetime | None = attribute(
        "RemoteConnectDisconnectInfo.energyUsageStartDateTime",
        "From when energy is counted.",
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
        "Whether the voltage on the customer's side is checked.",
        default=None,
    )
    use_pushbutton: bool | None = attribute(
        "RemoteConnectDisconnectInfo.usePushbutton",
        "Whether the customer connects by pushing a button.",
        default=None,
    )


class ConnectDisconnectFunction(SwitchFunction):
    """The switch in a device."""

    rcd_info: RemoteConnectDisconnectInfo | None = attribute(
        "ConnectDisconnectFunction.rcdInfo", "How it connects and disconnects.", default=None
    )


class ProductAssetModel(Profile):
    """The model of a device."""

    model_number: str | None = attribute(
        "ProductAssetModel.modelNumber", "Number of the model.", default=None
    )
    model_version: str | None = attribute(
        "ProductAssetModel.modelVersion", "Version of the model.", default=None
    )
    usage_kind: AssetModelUsageKind | None = attribute(
        "ProductAssetModel.usageKind", "Where it is used.", default=None
    )


class EndDeviceInfo(Profile):
    """Data of a device."""

    is_solid_state: bool | None = attribute(
        "EndDeviceInfo.isSolidState", "Whether it is electronic, not mechanical.", default=None
    )
    phase_count: int | None = attribute(
        "EndDeviceInfo.phaseCount", "Number of phases it can measure.", default=None
    )
    asset_model: ProductAssetModel | None = attribute(
        "AssetInfo.AssetModel", "The model.", default=None
    )
    capability: EndDeviceCapability | None = attribute(
        "EndDeviceInfo.capability", "What it can do.", default=None
    )


class EndDevice(Profile):
    """A device and how it is configured."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the device.", default=None)
    amr_system: str | None = attribute(
        "EndDevice.amrSystem", "Metering system it talks to.", default=None
    )
    form_number: str | None = attribute(
        "Meter.formNumber", "Form of the device, e.g. by ANSI C12.10.", default=None
    )
    initial_condition: str | None = attribute(
        "Asset.initialCondition", "Condition at the last baseline, e.g. new.", default=None
    )
    initial_loss_of_life: float | None = attribute(
        "Asset.initialLossOfLife", "Part of its life that was over then.", unit="%", default=None
    )
    install_code: str | None = attribute(
        "EndDevice.installCode",
        "Code for joining the network of the premises.",
        personal=True,
        default=None,
    )
    is_pan: bool | None = attribute(
        "EndDevice.isPan", "Whether it is on the network of the premises.", default=None
    )
    is_virtual: bool | None = attribute(
        "EndDevice.isVirtual", "Whether there is no such device in fact.", default=None
    )
    lot_number: str | None = attribute("Asset.lotNumber", "Lot it was made in.", default=None)
    purchase_price: Decimal | None = attribute("Asset.purchasePrice", "What it cost.", default=None)
    serial_number: str | None = attribute("Asset.serialNumber", "Serial number.", default=None)
    time_zone_offset: float | None = attribute(
        "EndDevice.timeZoneOffset",
        "Difference of its time zone from UTC.",
        unit="min",
        default=None,
    )
    type: str | None = attribute("Asset.type", "Type, by the rules of the utility.", default=None)
    utc_number: str | None = attribute("Asset.utcNumber", "Number it is tracked by.", default=None)
    activity_records: tuple[ActivityRecord, ...] = attribute(
        "Asset.ActivityRecords", "What was done with it.", default=()
    )
    configuration_events: ConfigurationEvent | None = attribute(
        "Asset.ConfigurationEvents", "The change this configuration belongs to.", default=None
    )
    electronic_address: ElectronicAddress | None = attribute(
        "Asset.electronicAddress", "Its addresses.", default=None
    )
    connect_disconnect_function: tuple[Reference, ...] = attribute(
        "EndDevice.ConnectDisconnectFunction",
        "Its switches, by mRID or name.",
        choice="EndDeviceFunctions",
        default=(),
    )
    simple_end_device_function: tuple[Reference, ...] = attribute(
        "EndDevice.SimpleEndDeviceFunction",
        "Its other functions, by mRID or name.",
        choice="EndDeviceFunctions",
        default=(),
    )
    end_device_info: EndDeviceInfo | None = attribute(
        "EndDevice.EndDeviceInfo", "Data of its model.", default=None
    )
    lifecycle: LifecycleDate | None = attribute(
        "Asset.lifecycle", "When what happened to it.", default=None
    )
    names: tuple[PlainName, ...] = attribute(
        "IdentifiedObject.Names", "Names of the device.", default=()
    )
    status: Status | None = attribute("Asset.status", "Status of the device.", default=None)


class EndDeviceConfig(
    Profile,
    namespace="http://iec.ch/TC57/2011/EndDeviceConfig#",
    standard="IEC 61968-9",
    query=GetEndDeviceConfig,
    ordering=(
        "end_device.mrid",
        "end_device.names.name",
    ),
):
    """End devices, their functions and what they measure."""

    connect_disconnect_function: tuple[ConnectDisconnectFunction, ...] = attribute(
        "EndDeviceConfig.ConnectDisconnectFunction", "Switches the devices refer to.", default=()
    )
    end_device: tuple[EndDevice, ...] = attribute(
        "EndDeviceConfig.EndDevice", "The devices.", default=()
    )
    reading_type: tuple[ReadingType, ...] = attribute(
        "EndDeviceConfig.ReadingType", "Meaning of the reading type codes used.", default=()
    )
    simple_end_device_function: tuple[SimpleEndDeviceFunction, ...] = attribute(
        "EndDeviceConfig.SimpleEndDeviceFunction",
        "Other functions the devices refer to.",
        default=(),
    )
