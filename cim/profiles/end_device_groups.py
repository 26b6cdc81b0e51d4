"""EndDeviceGroups (IEC 61968-9): end devices that are addressed together."""

from __future__ import annotations

from cim.profile import Profile, attribute
from cim.profiles.compounds import Status
from cim.profiles.identification import Name
from cim.profiles.metering_objects import EndDevice


class EndDeviceGroup(Profile):
    """End devices that are addressed together."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the group.", default=None)
    type: str | None = attribute("EndDeviceGroup.type", "Type of group.", default=None)
    end_devices: tuple[EndDevice, ...] = attribute(
        "EndDeviceGroup.EndDevices", "Its devices.", default=()
    )
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the group.", default=())
    status: Status | None = attribute("EndDeviceGroup.status", "Status of the group.", default=None)


class EndDeviceGroups(
    Profile,
    namespace="urn:gridbus:61968-9:2013:EndDeviceGroups#",
    standard="IEC 61968-9",
    ordering=(
        "end_device_group.mrid",
        "end_device_group.names.name",
    ),
):
    """Groups of end devices and who belongs to them."""

    end_device_group: tuple[EndDeviceGroup, ...] = attribute(
        "EndDeviceGroups.EndDeviceGroup", "The groups."
    )
