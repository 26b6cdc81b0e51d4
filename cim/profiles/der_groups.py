"""DERGroups (IEC 61968-5): which resources act together, and what they can do."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, attribute
from cim.profiles.identification import IdentifiedObject, Name


class DERFunction(Profile):
    """What a group can do."""

    connect_disconnect: bool = attribute(
        "DERFunction.connectDisconnect", "Connect to the network and disconnect from it."
    )
    frequency_watt_curve_function: bool = attribute(
        "DERFunction.frequencyWattCurveFunction", "Adapt active power to frequency by a curve."
    )
    max_real_power_limiting: bool = attribute(
        "DERFunction.maxRealPowerLimiting", "Keep active power below a limit."
    )
    ramp_rate_control: bool = attribute(
        "DERFunction.rampRateControl", "Limit how fast power changes."
    )
    reactive_power_dispatch: bool = attribute(
        "DERFunction.reactivePowerDispatch", "Follow a value of reactive power."
    )
    real_power_dispatch: bool = attribute(
        "DERFunction.realPowerDispatch", "Follow a value of active power."
    )
    voltage_regulation: bool = attribute("DERFunction.voltageRegulation", "Hold a voltage.")
    volt_var_curve_function: bool = attribute(
        "DERFunction.voltVarCurveFunction", "Adapt reactive power to voltage by a curve."
    )
    volt_watt_curve_function: bool = attribute(
        "DERFunction.voltWattCurveFunction", "Adapt active power to voltage by a curve."
    )


class EndDevice(IdentifiedObject):
    """A resource, by mRID or by name."""


class Version(Profile):
    """Which version of a group it is."""

    date: datetime | None = attribute("Version.date", "When the version was made.", default=None)
    major: int | None = attribute("Version.major", "Number of the large step.", default=None)
    minor: int | None = attribute("Version.minor", "Number of the small step.", default=None)
    revision: int | None = attribute(
        "Version.revision", "Number of the revision within it.", default=None
    )


class EndDeviceGroup(Profile):
    """A group of resources that are spoken of as one."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the group.", default=None)
    description: str | None = attribute(
        "IdentifiedObject.description", "What the group is for.", default=None
    )
    derfunction: DERFunction = attribute("EndDeviceGroup.DERFunction", "What the group can do.")
    end_devices: tuple[EndDevice, ...] = attribute(
        "EndDeviceGroup.EndDevices", "The resources in it.", default=()
    )
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the group.", default=())
    version: Version | None = attribute(
        "EndDeviceGroup.version", "Version of the group.", default=None
    )


class DERGroups(
    Profile,
    namespace="http://iec.ch/TC57/2017/DERGroups#",
    standard="IEC 61968-5",
    ordering=(
        "end_device_group.mrid",
        "end_device_group.names.name",
    ),
):
    """Groups of distributed energy resources."""

    end_device_group: tuple[EndDeviceGroup, ...] = attribute(
        "DERGroups.EndDeviceGroup", "The groups."
    )
