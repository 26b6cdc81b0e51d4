"""DERGroupForecasts (IEC 61968-5): what groups of resources are expected to deliver."""

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
    """What is expected of one interval."""

    interval_number: int = attribute(
        "DERCurveData.intervalNumber", "Number of the interval in its schedule."
    )
    max_yvalue: float | None = attribute(
        "DERCurveData.maxYValue", "The highest value expected.", default=None
    )
    min_yvalue: float | None = attribute(
        "DERCurveData.minYValue", "The lowest value expected.", default=None
    )
    nominal_yvalue: float | None = attribute(
        "DERCurveData.nominalYValue", "The value expected.", default=None
    )


class DispatchSchedule(Profile):
    """Values for intervals of one length that follow each other."""

    confidence: float | None = attribute(
        "DispatchSchedule.confidence", "How sure the forecast is.", unit="%", default=None
    )
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
    """A quantity that is forecast."""

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
    dispatch_schedule: tuple[DispatchSchedule, ...] = attribute(
        "DERMonitorableParameter.DispatchSchedule", "The values over time."
    )


class EndDeviceGroup(Profile):
    """The group the forecast is for, by mRID or by name."""

    mrid: str | None = attribute("IdentifiedObject.mRID", "Identifier of the group.", default=None)
    dermonitorable_parameter: tuple[DERMonitorableParameter, ...] = attribute(
        "EndDeviceGroup.DERMonitorableParameter", "What is expected of it."
    )
    names: tuple[Name, ...] = attribute("IdentifiedObject.Names", "Names of the group.", default=())


class DERGroupForecast(Profile):
    """One forecast for one group."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the forecast.", default=None
    )
    prediction_creation_date: datetime = attribute(
        "DERGroupForecast.predictionCreationDate", "When the forecast was made."
    )
    end_device_group: EndDeviceGroup = attribute(
        "DERGroupForecast.EndDeviceGroup", "The group and what is expected of it."
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the forecast.", default=()
    )


class DERGroupForecasts(
    Profile,
    namespace="http://iec.ch/TC57/2017/DERGroupForecasts#",
    standard="IEC 61968-5",
    ordering=(
        "dergroup_forecast.end_device_group.mrid",
        "dergroup_forecast.end_device_group.names.name",
        "dergroup_forecast.mrid",
    ),
):
    """Forecasts for groups; those of one group stay in order."""

    dergroup_forecast: tuple[DERGroupForecast, ...] = attribute(
        "DERGroupForecasts.DERGroupForecast", "The forecasts."
    )
