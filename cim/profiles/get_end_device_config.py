"""GetEndDeviceConfig (IEC 61968-9): which configurations of end devices are asked for."""

from __future__ import annotations

from cim.profile import Profile, attribute
from cim.profiles.plain_names import PlainName, PlainUsagePoint
from cim.profiles.queried import QueriedCustomer, QueriedMeter


class EndDevice(Profile):
    """An end device, by what is known of it."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the device.", default=None)
    amr_system: str | None = attribute(
        "EndDevice.amrSystem", "Metering system it talks to.", default=None
    )
    is_pan: bool | None = attribute(
        "EndDevice.isPan", "Whether it is on the network of the premises.", default=None
    )
    type: str | None = attribute("Asset.type", "Type, by the rules of the utility.", default=None)
    names: tuple[PlainName, ...] = attribute(
        "IdentifiedObject.Names", "Names of the device.", default=()
    )


class GetEndDeviceConfig(
    Profile,
    namespace="http://iec.ch/TC57/2011/GetEndDeviceConfig#",
    standard="IEC 61968-9",
):
    """Of which end devices the configuration is asked for."""

    customer: tuple[QueriedCustomer, ...] = attribute(
        "GetEndDeviceConfig.Customer", "Of which customers.", default=()
    )
    end_device: tuple[EndDevice, ...] = attribute(
        "GetEndDeviceConfig.EndDevice", "Of which devices.", default=()
    )
    meter: tuple[QueriedMeter, ...] = attribute(
        "GetEndDeviceConfig.Meter", "Of which meters.", default=()
    )
    usage_point: tuple[PlainUsagePoint, ...] = attribute(
        "GetEndDeviceConfig.UsagePoint", "Of which usage points.", default=()
    )
