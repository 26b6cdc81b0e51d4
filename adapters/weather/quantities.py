"""Quantities of the weather: their units, and what a value can be at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cim.profiles.units import UnitMultiplier, UnitSymbol
from cim.profiles.weather_reports import AtmosphericAnalogKind as Kind

Scale = tuple[float, float]
"""Factor and offset: ours = theirs * factor + offset."""

_TEMPERATURE: Mapping[str, Scale] = {
    "°C": (1.0, 0.0),
    "°F": (5.0 / 9.0, -160.0 / 9.0),
    "K": (1.0, -273.15),
}
_SPEED: Mapping[str, Scale] = {
    "m/s": (1.0, 0.0),
    "km/h": (1.0 / 3.6, 0.0),
    "mph": (0.44704, 0.0),  # of the international mile, 1,609.344 m
    "kn": (1852.0 / 3600.0, 0.0),
}
_SHARE: Mapping[str, Scale] = {"%": (1.0, 0.0), "1": (100.0, 0.0)}
_DEPTH: Mapping[str, Scale] = {"mm": (1.0, 0.0), "cm": (10.0, 0.0), "in": (25.4, 0.0)}
_PRESSURE: Mapping[str, Scale] = {"hPa": (1.0, 0.0), "mbar": (1.0, 0.0), "kPa": (10.0, 0.0)}
_IRRADIANCE: Mapping[str, Scale] = {"W/m²": (1.0, 0.0), "kW/m²": (1000.0, 0.0)}


@dataclass(frozen=True)
class Dimension:
    """units: theirs -> ours; least, most: what a value in our unit can be on Earth."""

    units: Mapping[str, Scale]
    symbol: UnitSymbol
    multiplier: UnitMultiplier
    least: float
    most: float


_NONE = UnitMultiplier.NONE
_OF_AIR = Dimension(_TEMPERATURE, UnitSymbol.DEGREE_CELSIUS, _NONE, -95, 65)
_FELT = Dimension(_TEMPERATURE, UnitSymbol.DEGREE_CELSIUS, _NONE, -130, 90)
_WIND = Dimension(_SPEED, UnitSymbol.METRE_PER_SECOND, _NONE, 0, 150)
_SUN = Dimension(_IRRADIANCE, UnitSymbol.WATT_PER_SQUARE_METRE, _NONE, -20, 2000)
_FALL = Dimension(_DEPTH, UnitSymbol.METRE, UnitMultiplier.MILLI, 0, 2500)
_PERCENT = Dimension(_SHARE, UnitSymbol.NONE, UnitMultiplier.CENTI, 0, 110)
_AIR = Dimension(_PRESSURE, UnitSymbol.PASCAL, UnitMultiplier.HECTO, 300, 1150)

DIMENSIONS: Mapping[Kind, Dimension] = {
    Kind.AMBIENT_TEMPERATURE: _OF_AIR,
    Kind.DEW_POINT: _OF_AIR,
    Kind.WIND_CHILL: _FELT,
    Kind.HEAT_INDEX: _FELT,
    Kind.HUMIDITY: _PERCENT,
    Kind.SKY_COVERAGE_TOTAL: _PERCENT,
    Kind.ATMOSPHERIC_PRESSURE: _AIR,
    Kind.WIND_SPEED_SUSTAINED: _WIND,
    Kind.WIND_SPEED_INSTANTANEOUS: _WIND,
    Kind.WIND_SPEED_GUST: _WIND,
    Kind.WIND_SPEED_PEAK: _WIND,
    Kind.IRRADIANCE_GLOBAL_HORIZONTAL: _SUN,
    Kind.IRRADIANCE_DIFFUSE_HORIZONTAL: _SUN,
    Kind.IRRADIANCE_DIRECT_NORMAL: _SUN,
    Kind.PRECIPITATION: _FALL,
    Kind.RAIN: _FALL,
    Kind.SNOW: _FALL,
}


@dataclass(frozen=True)
class Quantity:
    """What a column holds: a quantity in a unit."""

    kind: Kind
    unit: str
    dimension: Dimension

    @classmethod
    def of(cls, column: str, table: Mapping[str, str]) -> Quantity:
        """From the settings.  Raises: ValueError naming column, key and what is known."""
        if unknown := sorted(table.keys() - {"kind", "unit"}):
            raise ValueError(f"values.{column}: unknown {unknown[0]}; known: kind, unit")
        kind, unit = table.get("kind", ""), table.get("unit", "")
        if kind not in DIMENSIONS:
            raise ValueError(f"values.{column}: kind {kind!r} is none of {', '.join(DIMENSIONS)}")
        dimension = DIMENSIONS[Kind(kind)]
        if unit not in dimension.units:
            known = ", ".join(dimension.units)
            raise ValueError(f"values.{column}: unit {unit!r} of {kind} is none of {known}")
        return cls(Kind(kind), unit, dimension)

    def value(self, number: float) -> float:
        """A number of theirs in our unit.  Raises: ValueError when nothing on Earth is so."""
        factor, offset = self.dimension.units[self.unit]
        ours = round(number * factor + offset, 6)
        if not self.dimension.least <= ours <= self.dimension.most:
            raise ValueError(
                f"is no {self.kind} in {self.unit}: {ours:g} is not from"
                f" {self.dimension.least:g} to {self.dimension.most:g}"
            )
        return ours
