"""MeterConfig (IEC 61968-9): how meters are configured."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from cim.profile import Profile, Reference, attribute
from cim.profiles.compounds import Status
from cim.profiles.configuration_events import ConfigurationEvent
from cim.profiles.device_configurations import (
    ActivityRecord,
    ReadingType,
    SimpleEndDeviceFunction,
    SwitchFunction,
)
from cim.profiles.end_devices import EndDeviceCapability
from cim.profiles.get_meter_config import GetMeterConfig
from cim.profiles.kinds import MeterMultiplierKind
from cim.profiles.plain_names import PlainName


class RemoteConnectDisconnectInfo(Profile):
    """How a meter is to connect and disconnect."""

    armed_timeout: float | None = attribute(
        "RemoteConnectDisconnectInfo.armedTimeout",
        "How long it stays armed.",
        unit="s",
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
    use_pushbutton: bool | None = attribute(
        "RemoteConnectDisconnectInfo.usePushbutton",
        "Whether the customer connects by pushing a button.",
        default=None,
    )


class ConnectDisconnectFunction(SwitchFunction):
    """The switch in a meter."""

    rcd_info: RemoteConnectDisconnectInfo | None = attribute(
        "ConnectDisconnectFunction.rcdInfo", "How it connects and disconnects.", default=None
    )


class EndDeviceInfo(Profile):
    """Data of the model of a meter."""

    capability: EndDeviceCapability | None = attribute(
        "EndDeviceInfo.capability", "What it can do.", default=None
    )


class MeterMultiplier(Profile):
    """A number that what a meter shows is multiplied with."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the multiplier.", default=None
    )
    kind: MeterMultiplierKind | None = attribute(
        "MeterMultiplier.kind", "What it is.", default=None
    )
    value: float | None = attribute("MeterMultiplier.value", "The number.", default=None)
    names: tuple[PlainName, ...] = attribute(
        "IdentifiedObject.Names", "Names of the multiplier.", default=()
    )


class Meter(Profile):
    """A meter and how it is configured."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the meter.", default=None)
    amr_system: str | None = attribute(
        "EndDevice.amrSystem", "Metering system it talks to.", default=None
    )
    form_number: str | None = attribute(
        "Meter.formNumber", "Form of the meter, e.g. by ANSI C12.10.", default=None
    )
    initial_condition: str | None = attribute(
        "Asset.initialCondition", "Condition at the last baseline, e.g. new.", default=None
    )
    initial_loss_of_life: float | None = attribute(
        "Asset.initialLossOfLife", "Part of its life that was over then.", unit="%", default=None
    )
    is_virtual: bool | None = attribute(
        "EndDevice.isVirtual", "Whether there is no such meter in fact.", default=None
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
    com_function: tuple[Reference, ...] = attribute(
        "EndDevice.ComFunction",
        "Ways it communicates, by mRID or name.",
        choice="EndDeviceFunctions",
        default=(),
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
    meter_multipliers: tuple[MeterMultiplier, ...] = attribute(
        "Meter.MeterMultipliers", "What its values are multiplied with.", default=()
    )
    names: tuple[PlainName, ...] = attribute(
        "IdentifiedObject.Names", "Names of the meter, e.g. its badge number.", default=()
    )
    status: Status | None = attribute("Asset.status", "Status of the meter.", default=None)


class MeterConfig(
    Profile,
    namespace="http://iec.ch/TC57/2011/MeterConfig#",
    standard="IEC 61968-9",
    query=GetMeterConfig,
    ordering=(
        "meter.mrid",
        "meter.names.name",
    ),
):
    """Meters, their functions and what they measure."""

    connect_disconnect_function: tuple[ConnectDisconnectFunction, ...] = attribute(
        "MeterConfig.ConnectDisconnectFunction", "Switches the meters refer to.", default=()
    )
    meter: tuple[Meter, ...] = attribute("MeterConfig.Meter", "The meters.", default=())
    reading_type: tuple[ReadingType, ...] = attribute(
        "MeterConfig.ReadingType", "Meaning of the reading type codes used.", default=()
    )
    simple_end_device_function: tuple[SimpleEndDeviceFunction, ...] = attribute(
        "MeterConfig.SimpleEndDeviceFunction", "Other functions the meters refer to.", default=()
    )
