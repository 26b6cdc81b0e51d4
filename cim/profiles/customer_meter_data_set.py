"""CustomerMeterDataSet (IEC 61968-9): meters with all there is to know of their customers."""

from __future__ import annotations

from decimal import Decimal

from cim.profile import Profile, Reference, attribute
from cim.profiles.compounds import ElectronicAddress, Status
from cim.profiles.device_functions import (
    ComFunction,
    ComModule,
    ConnectDisconnectFunction,
    SimpleEndDeviceFunction,
)
from cim.profiles.end_devices import (
    EndDeviceInfo,
    EndDeviceSeal,
    LifecycleDate,
    MeterMultiplier,
    Seal,
)
from cim.profiles.identification import Name
from cim.profiles.meter_readings import RationalNumber, ReadingInterharmonic
from cim.profiles.reading_types import ReadingTypeCode
from cim.profiles.usage_points import UsagePoint


class EndDevice(Profile):
    """Another device of the meter, e.g. a display."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the device.", default=None)
    amr_system: str | None = attribute(
        "EndDevice.amrSystem", "Metering system it talks to.", default=None
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
    lifecycle: LifecycleDate | None = attribute(
        "Asset.lifecycle", "When what happened to it.", default=None
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the device.", default=()
    )
    seals: tuple[EndDeviceSeal, ...] = attribute("AssetContainer.Seals", "Its seals.", default=())
    status: Status | None = attribute("Asset.status", "Status of the device.", default=None)


class Meter(Profile):
    """A meter, its parts, its usage point and thereby its customer."""

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
    com_module: tuple[ComModule, ...] = attribute(
        "AssetContainer.ComModule", "Its communication modules.", choice="Assets", default=()
    )
    end_device: tuple[EndDevice, ...] = attribute(
        "AssetContainer.EndDevice", "Other devices that belong to it.", choice="Assets", default=()
    )
    electronic_address: ElectronicAddress | None = attribute(
        "Asset.electronicAddress", "Its addresses.", default=None
    )
    com_function: tuple[ComFunction, ...] = attribute(
        "EndDevice.ComFunction", "Ways it communicates.", choice="EndDeviceFunctions", default=()
    )
    connect_disconnect_function: tuple[ConnectDisconnectFunction, ...] = attribute(
        "EndDevice.ConnectDisconnectFunction",
        "Its switches.",
        choice="EndDeviceFunctions",
        default=(),
    )
    simple_end_device_function: tuple[SimpleEndDeviceFunction, ...] = attribute(
        "EndDevice.SimpleEndDeviceFunction",
        "Its other functions.",
        choice="EndDeviceFunctions",
        default=(),
    )
    end_device_info: EndDeviceInfo | None = attribute(
        "EndDevice.EndDeviceInfo", "Data of its model.", default=None
    )
    lifecycle: LifecycleDate | None = attribute(
        "Asset.lifecycle", "When what happened to it.", default=None
    )
    meter_multipliers: tuple[MeterMultiplier, ...] = attribute(
        "Meter.MeterMultipliers", "What its values are multiplied with.", default=()
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the meter, e.g. its badge number.", default=()
    )
    seals: tuple[Seal, ...] = attribute("AssetContainer.Seals", "Its seals.", default=())
    status: Status | None = attribute("Asset.status", "Status of the meter.", default=None)
    usage_point: UsagePoint = attribute("EndDevice.UsagePoint", "Where it measures.")


class ReadingType(ReadingTypeCode):
    """The meaning of a reading type code."""

    argument: RationalNumber | None = attribute(
        "ReadingType.argument", "A number that belongs to the unit.", default=None
    )
    interharmonic: ReadingInterharmonic | None = attribute(
        "ReadingType.interharmonic", "Harmonic or interharmonic.", default=None
    )
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the reading type.")


class CustomerMeterDataSet(
    Profile,
    namespace="http://iec.ch/TC57/2011/CustomerMeterDataSet#",
    standard="IEC 61968-9",
    ordering=(
        "meter.usage_point.mrid",
        "meter.usage_point.names.name",
        "meter.mrid",
        "meter.names.name",
    ),
):
    """Meters, what they measure, and the customers they measure for."""

    meter: tuple[Meter, ...] = attribute("CustomerMeterDataSet.Meter", "The meters.", default=())
    reading_type: tuple[ReadingType, ...] = attribute(
        "CustomerMeterDataSet.ReadingType", "Meaning of the reading type codes used.", default=()
    )
