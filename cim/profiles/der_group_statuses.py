"""DERGroupStatuses (IEC 61968-5): what groups of resources deliver now."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, attribute
from cim.profiles.compounds import Status
from cim.profiles.der_parameters import DERParameterKind, DERUnitSymbol, FlowDirectionKind
from cim.profiles.identification import Name
from cim.profiles.units import UnitMultiplier


class DERCurveData(Profile):
    """The value at one time."""

    max_yvalue: float | None = attribute(
        "DERCurveData.maxYValue", "The highest value possible then.", default=None
    )
    min_yvalue: float | None = attribute(
        "DERCurveData.minYValue", "The lowest value possible then.", default=None
    )
    nominal_yvalue: float | None = attribute(
        "DERCurveData.nominalYValue", "The value.", default=None
    )
    time_stamp: datetime = attribute("DERCurveData.timeStamp", "The time.")


class DERMonitorableParameter(Profile):
    """A quantity that is observed."""

    derparameter: DERParameterKind = attribute(
        "DERMonitorableParameter.DERParameter", "Which quantity it is."
    )
    flow_direction: FlowDirectionKind | None = attribute(
        "DERMonitorableParameter.flowDirection", "In which direction it flows.", default=None
    )
    y_multiplier: UnitMultiplier = attribute(
        "DERMonitorableParameter.yMultiplier", "Power of ten of the unit."
    )
    y_unit: DERUnitSymbol = attribute("DERMonitorableParameter.yUnit", "Unit of the values.")
    y_unit_installed_max: float | None = attribute(
        "DERMonitorableParameter.yUnitInstalledMax",
        "The highest value the installed resources reach.",
        default=None,
    )
    y_unit_installed_min: float | None = attribute(
        "DERMonitorableParameter.yUnitInstalledMin",
        "The lowest value the installed resources reach.",
        default=None,
    )
    dercurve_data: DERCurveData = attribute("DERMonitorableParameter.DERCurveData", "Its value.")


class EndDeviceGroup(Profile):
    """A group and how it is, by mRID or by name."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the group.", default=None)
    dermonitorable_parameter: tuple[DERMonitorableParameter, ...] = attribute(
        "EndDeviceGroup.DERMonitorableParameter", "What it delivers."
    )
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the group.", default=())
    status: Status | None = attribute(
        "EndDeviceGroup.status", "Whether the group is available.", default=None
    )


class DERGroupStatuses(
    Profile,
    namespace="http://iec.ch/TC57/2017/DERGroupStatuses#",
    standard="IEC 61968-5",
    ordering=(
        "end_device_group.mrid",
        "end_device_group.names.name",
    ),
):
    """How groups are.

    The published schema is the one for changes; there is none for the verb create.
    """

    end_device_group: tuple[EndDeviceGroup, ...] = attribute(
        "DERGroupStatuses.EndDeviceGroup", "The groups."
    )
