"""DERGroupDispatches (IEC 61968-5): what groups of resources shall deliver, and when."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, attribute
from cim.profiles.der_parameters import (
    CurveStyle,
    DERParameterKind,
    DERUnitSymbol,
    FlowDirectionKind,
    TimeIntervalKind,
)
from cim.profiles.identification import Name
from cim.profiles.units import UnitMultiplier


class DERCurveData(Profile):
    """The value of one interval."""

    interval_number: int = attribute(
        "DERCurveData.intervalNumber", "Number of the interval in its schedule."
    )
    nominal_yvalue: float = attribute("DERCurveData.nominalYValue", "The value.")


class DispatchSchedule(Profile):
    """Values for intervals of one length that follow each other."""

    curve_style_kind: CurveStyle = attribute(
        "DispatchSchedule.curveStyleKind", "How a value leads to the next one."
    )
    start_time: datetime = attribute(
        "DispatchSchedule.startTime", "When the first interval begins."
    )
    time_interval_duration: int = attribute(
        "DispatchSchedule.timeIntervalDuration", "Length of an interval."
    )
    time_interval_unit: TimeIntervalKind = attribute(
        "DispatchSchedule.timeIntervalUnit", "Unit of that length."
    )
    dercurve_data: tuple[DERCurveData, ...] = attribute(
        "DispatchSchedule.DERCurveData", "The values."
    )


class DERMonitorableParameter(Profile):
    """The quantity that is dispatched."""

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
    dispatch_schedule: tuple[DispatchSchedule, ...] = attribute(
        "DERMonitorableParameter.DispatchSchedule", "The values over time."
    )


class EndDeviceGroup(Profile):
    """The group that shall deliver, by mRID or by name."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the group.", default=None)
    dermonitorable_parameter: DERMonitorableParameter = attribute(
        "EndDeviceGroup.DERMonitorableParameter", "What it shall deliver."
    )
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the group.", default=())


class DERGroupDispatch(Profile):
    """One dispatch of one group."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the dispatch.", default=None
    )
    end_device_group: EndDeviceGroup = attribute(
        "DERGroupDispatch.EndDeviceGroup", "The group and what it shall deliver."
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the dispatch.", default=()
    )


class DERGroupDispatches(
    Profile,
    namespace="http://iec.ch/TC57/2017/DERGroupDispatches#",
    standard="IEC 61968-5",
    ordering=(
        "dergroup_dispatch.end_device_group.mrid",
        "dergroup_dispatch.end_device_group.names.name",
        "dergroup_dispatch.mrid",
    ),
):
    """Dispatches of groups; those of one group stay in order."""

    dergroup_dispatch: tuple[DERGroupDispatch, ...] = attribute(
        "DERGroupDispatches.DERGroupDispatch", "The dispatches."
    )
