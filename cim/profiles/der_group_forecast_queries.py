"""DERGroupForecastQueries (IEC 61968-5): asks what groups of resources are expected to deliver."""

from __future__ import annotations

from datetime import datetime

from cim.profile import Profile, attribute
from cim.profiles.der_parameters import (
    CurveStyle,
    DERParameterKind,
    EndDeviceGroup,
    FlowDirectionKind,
    TimeIntervalKind,
)


class DERMonitorableParameter(Profile):
    """A quantity that is asked for."""

    derparameter: DERParameterKind = attribute(
        "DERMonitorableParameter.DERParameter", "Which quantity it is."
    )
    flow_direction: FlowDirectionKind | None = attribute(
        "DERMonitorableParameter.flowDirection", "In which direction it flows.", default=None
    )


class DispatchSchedule(Profile):
    """The intervals a forecast is asked for."""

    curve_style_kind: CurveStyle = attribute(
        "DispatchSchedule.curveStyleKind", "How a value shall lead to the next one."
    )
    number_of_intervals: int = attribute(
        "DispatchSchedule.numberOfIntervals", "How many intervals there are."
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


class DERGroupForecastQueries(
    Profile,
    namespace="http://iec.ch/TC57/2017/DERGroupForecastQueries#",
    standard="IEC 61968-5",
    verbs=("get",),
    ordering=(
        "end_device_group.mrid",
        "end_device_group.names.name",
    ),
):
    """A query for DERGroupForecasts; it travels with the verb get, in the payload."""

    dermonitorable_parameter: tuple[DERMonitorableParameter, ...] = attribute(
        "DERGroupForecastQueries.DERMonitorableParameter", "The quantities asked for."
    )
    dispatch_schedule: tuple[DispatchSchedule, ...] = attribute(
        "DERGroupForecastQueries.DispatchSchedule", "The intervals asked for."
    )
    end_device_group: tuple[EndDeviceGroup, ...] = attribute(
        "DERGroupForecastQueries.EndDeviceGroup", "The groups asked for."
    )
