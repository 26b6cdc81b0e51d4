"""WeatherReports (ours; from the environmental package of the UML): weather seen and foreseen."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from cim.profile import Profile, attribute
from cim.profiles.compounds import DateTimeInterval
from cim.profiles.identification import IdentifiedObject, Name
from cim.profiles.measurement_values import MeasurementValueQuality
from cim.profiles.units import UnitMultiplier, UnitSymbol


class AtmosphericAnalogKind(StrEnum):
    """Quantities of the weather, as the CIM spells them."""

    ALBEDO = "albedo"
    AMBIENT_TEMPERATURE = "ambientTemperature"
    ATMOSPHERIC_PRESSURE = "atmosphericPressure"
    CEILING = "ceiling"
    DEW_POINT = "dewPoint"
    HEAT_INDEX = "heatIndex"
    HORIZONTAL_VISIBILITY = "horizontalVisibility"
    HUMIDITY = "humidity"
    ICE = "ice"
    ILLUMINANCE_DIFFUSE_HORIZONTAL = "illuminanceDiffuseHorizontal"
    ILLUMINANCE_DIRECT_NORMAL = "illuminanceDirectNormal"
    ILLUMINANCE_GLOBAL_HORIZONTAL = "illuminanceGlobalHorizontal"
    IRRADIANCE_DIFFUSE_HORIZONTAL = "irradianceDiffuseHorizonal"
    IRRADIANCE_DIRECT_NORMAL = "irradianceDirectNormal"
    IRRADIANCE_EXTRATERRESTRIAL_HORIZONTAL = "irradianceExtraTerrestrialHorizontal"
    IRRADIANCE_EXTRATERRESTRIAL_VERTICAL = "irradianceExtraTerrestrialVertical"
    IRRADIANCE_GLOBAL_HORIZONTAL = "irradianceGlobalHorizontal"
    LUMINANCE_ZENITH = "luminanceZenith"
    PRECIPITATION = "precipitation"
    RAIN = "rain"
    SKY_COVERAGE_OPAQUE = "skyCoverageOpaque"
    SKY_COVERAGE_TOTAL = "skyCoverageTotal"
    SNOW = "snow"
    VERTICAL_VISIBILITY = "verticalVisibility"
    WIND_CHILL = "windChill"
    WIND_SPEED_GUST = "windSpeedGust"
    WIND_SPEED_INSTANTANEOUS = "windSpeedInstantaneous"
    WIND_SPEED_PEAK = "windSpeedPeak"
    WIND_SPEED_SUSTAINED = "windSpeedSustained"


class EnvironmentalMonitoringStation(IdentifiedObject):
    """The station, or the place a forecast is for, by mRID or by name."""


class EnvironmentalDataProvider(IdentifiedObject):
    """Who provides the data, by mRID or by name."""


class AnalogValue(Profile):
    """The value at one time; of what falls, of the time since the value before."""

    time_stamp: datetime = attribute("MeasurementValue.timeStamp", "When it is so.")
    value: float = attribute("AnalogValue.value", "The value, in the unit of the quantity.")
    measurement_value_quality: MeasurementValueQuality | None = attribute(
        "MeasurementValue.MeasurementValueQuality", "How good it is.", default=None
    )


class AtmosphericAnalog(Profile):
    """A quantity and its values in the order of time; a missing value is left out.

    Percent are unitSymbol none with unitMultiplier c.
    """

    kind: AtmosphericAnalogKind = attribute("AtmosphericAnalog.kind", "Which quantity it is.")
    unit_multiplier: UnitMultiplier = attribute(
        "Measurement.unitMultiplier", "Power of ten of the unit."
    )
    unit_symbol: UnitSymbol = attribute("Measurement.unitSymbol", "Unit of the values.")
    analog_values: tuple[AnalogValue, ...] = attribute(
        "Analog.AnalogValues", "The values.", default=()
    )


class Forecast(Profile):
    """What is expected at one place."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the forecast.", default=None
    )
    created: datetime = attribute("EnvironmentalInformation.created", "When it was made.")
    environmental_analog: tuple[AtmosphericAnalog, ...] = attribute(
        "EnvironmentalInformation.EnvironmentalAnalog", "What is expected.", default=()
    )
    environmental_data_provider: EnvironmentalDataProvider | None = attribute(
        "EnvironmentalInformation.EnvironmentalDataProvider", "Who made it.", default=None
    )
    environmental_monitoring_station: EnvironmentalMonitoringStation = attribute(
        "EnvironmentalInformation.EnvironmentalMonitoringStation", "Where it is expected."
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the forecast.", default=()
    )
    valid_for: DateTimeInterval | None = attribute(
        "Forecast.validFor", "The time it speaks of.", default=None
    )


class Observation(Profile):
    """What a station has seen."""

    mrid: str | None = attribute(
        "IdentifiedObject.mRID", "Identifier of the observation.", default=None
    )
    created: datetime = attribute("EnvironmentalInformation.created", "When it was seen.")
    environmental_analog: tuple[AtmosphericAnalog, ...] = attribute(
        "EnvironmentalInformation.EnvironmentalAnalog",
        "What was seen; nothing when the station had no value.",
        default=(),
    )
    environmental_data_provider: EnvironmentalDataProvider | None = attribute(
        "EnvironmentalInformation.EnvironmentalDataProvider", "Who provides it.", default=None
    )
    environmental_monitoring_station: EnvironmentalMonitoringStation = attribute(
        "EnvironmentalInformation.EnvironmentalMonitoringStation", "The station."
    )
    names: tuple[Name, ...] = attribute(
        "IdentifiedObject.Names", "Names of the observation.", default=()
    )


class WeatherReports(
    Profile,
    namespace="urn:gridbus:61968:2026:WeatherReports#",
    standard="IEC 61968",
    whole=True,
    ordering=(
        "observation.environmental_monitoring_station.mrid",
        "observation.environmental_monitoring_station.names.name",
        "forecast.environmental_monitoring_station.mrid",
        "forecast.environmental_monitoring_station.names.name",
    ),
):
    """Weather for those who forecast load and generation; no part of the IEC 61968 has a noun.

    In the UML a station is found by way of its reporting capabilities; here it is named.
    """

    forecast: tuple[Forecast, ...] = attribute(
        "WeatherReports.Forecast", "What is expected.", default=()
    )
    observation: tuple[Observation, ...] = attribute(
        "WeatherReports.Observation", "What was seen.", default=()
    )
