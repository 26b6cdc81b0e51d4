"""DERGroupQueries (IEC 61968-5): asks what groups there are and what they can do."""

from __future__ import annotations

from cim.profile import Profile, attribute
from cim.profiles.der_parameters import EndDeviceGroup


class DERGroupQueries(
    Profile,
    namespace="http://iec.ch/TC57/2017/DERGroupQueries#",
    standard="IEC 61968-5",
    verbs=("get",),
    ordering=(
        "end_device_group.mrid",
        "end_device_group.names.name",
    ),
):
    """A query for DERGroups; it travels with the verb get, in the payload."""

    end_device_group: tuple[EndDeviceGroup, ...] = attribute(
        "DERGroupQueries.EndDeviceGroup", "The groups asked for."
    )
