"""Weather: what stations see and services foresee, for forecasts of load and generation."""

from adapters.weather.adapter import WeatherAdapter

__all__ = ["WeatherAdapter"]
