"""Rows of weather as WeatherReports: an observation each; a forecast of what one run foresaw."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from lxml import etree

from adapters.weather.quantities import Quantity
from cim import xml
from cim.dialect.times import in_utc
from cim.message import Outgoing, Verb
from cim.profiles.compounds import DateTimeInterval
from cim.profiles.identification import Name
from cim.profiles.measurement_values import MeasurementValueQuality, Validity
from cim.profiles.weather_reports import (
    AnalogValue,
    AtmosphericAnalog,
    EnvironmentalDataProvider,
    EnvironmentalMonitoringStation,
    Forecast,
    Observation,
    WeatherReports,
)
from hub.rows import Row, Together

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


class Report(Together):
    """One row that was observed, or all rows of a file that one run foresaw for one station."""


def by_run(rows: Sequence[Row]) -> list[Report]:
    """The reports in rows, in the order in which they begin.

    Raises: ValueError for a row that does not fit its header, where it may be one of a forecast
            that would be short of it.
    """
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        made = row["made"] if row.has("made") else ""
        key = (row["station"], made) if made else (row.origin,)
        found.setdefault(key, []).append(row)
    return [Report(tuple(ones)) for ones in found.values()]


@dataclass(frozen=True, kw_only=True)
class Reader:
    """How one source writes weather.

    values:    their column -> what it holds.
    missing:   texts that say "no value", beside the empty one; numbers by their value.
    station:   where no column tells it; provider: who it is from, "" when that is not told.
    qualities: their code of quality -> Validity; empty: nothing is said of it.
    """

    system: str
    values: Mapping[str, Quantity]
    zone: tzinfo
    decimal: str
    missing: frozenset[str]
    station: str
    provider: str
    qualities: Mapping[str, Validity]

    def outgoing(self, report: Report) -> Outgoing:
        """The message of a report.  Raises: ValueError naming row, column, value and rule."""
        first = report.rows[0]
        station = first["station"] or self.station
        if not station:
            raise first.wrong("station", "is empty, and the settings name none")
        times = [self._moment(row, "time") for row in report.rows]
        if first["made"]:
            created = self._moment(first, "made")
            forecast = self._forecast(station, created, report, times)
            payload, about = WeatherReports(forecast=(forecast,)), forecast.mrid
        else:
            created = times[0]
            observation = self._observation(station, report, times)
            payload, about = WeatherReports(observation=(observation,)), observation.mrid
        digest = hashlib.sha256(etree.tostring(xml.encode(payload))).hexdigest()
        said = self._identity("said", station, first["made"], created.isoformat(), digest)
        # What is corrected back to what was said first is news.
        return Outgoing(Verb.CREATED, payload, external_id=said, at=created, state_of=about)

    def _observation(self, station: str, report: Report, times: Sequence[datetime]) -> Observation:
        return Observation(
            mrid=self._identity("observation", station, times[0].isoformat()),
            created=times[0],
            environmental_analog=tuple(self._analogs(report.rows, times)),
            environmental_data_provider=self._provider(),
            environmental_monitoring_station=self._station(station),
        )

    def _forecast(
        self, station: str, created: datetime, report: Report, times: Sequence[datetime]
    ) -> Forecast:
        for row, before, after in zip(report.rows[1:], times, times[1:], strict=False):
            if after <= before:
                raise row.wrong("time", "is not after that of the row before, of the same run")
        return Forecast(
            mrid=self._identity("forecast", station, created.isoformat()),
            created=created,
            environmental_analog=tuple(self._analogs(report.rows, times)),
            environmental_data_provider=self._provider(),
            environmental_monitoring_station=self._station(station),
            valid_for=DateTimeInterval(start=times[0], end=times[-1]),
        )

    def _analogs(
        self, rows: Sequence[Row], times: Sequence[datetime]
    ) -> Iterator[AtmosphericAnalog]:
        qualities = [self._quality(row) for row in rows]
        for column, quantity in self.values.items():
            numbers = [self._number(row, column, quantity) for row in rows]
            told = tuple(
                AnalogValue(time_stamp=time, value=number, measurement_value_quality=quality)
                for time, number, quality in zip(times, numbers, qualities, strict=True)
                if number is not None
            )
            if told:
                yield AtmosphericAnalog(
                    kind=quantity.kind,
                    unit_multiplier=quantity.dimension.multiplier,
                    unit_symbol=quantity.dimension.symbol,
                    analog_values=told,
                )

    def _number(self, row: Row, column: str, quantity: Quantity) -> float | None:
        """In our unit; None where the value is missing."""
        if not (value := row[column]) or value in self.missing:
            return None
        text = value if row.head == b"" else value.replace(self.decimal, ".")
        other = self.decimal != "." and "." in value and row.head != b""
        if other or not _NUMBER.fullmatch(text):
            raise row.wrong(column, "is no number, nor among the missing ones of the settings")
        number = float(text)
        if any(_NUMBER.fullmatch(one) and float(one) == number for one in self.missing):
            return None
        try:
            return quantity.value(number)
        except ValueError as error:
            raise row.wrong(column, str(error)) from None

    def _quality(self, row: Row) -> MeasurementValueQuality | None:
        if not self.qualities or not (code := row["quality"]):
            return None
        if code not in self.qualities:
            known = ", ".join(self.qualities)
            raise row.wrong("quality", f"is not in qualities; known are {known}")
        return MeasurementValueQuality(validity=self.qualities[code])

    def _moment(self, row: Row, column: str) -> datetime:
        """In UTC; of a local hour that comes twice in autumn the first."""
        try:
            # a date alone would be the first moment of the day
            read = datetime.fromisoformat(
                row[column] if len(row[column]) > len("2025-11-20") else ""
            )
        except ValueError:
            rule = "is no ISO 8601 date and time, e.g. 2025-11-20T10:30:00Z"
            raise row.wrong(column, rule) from None
        try:
            return in_utc(read, self.zone)
        except ValueError as error:
            raise row.wrong(column, str(error)) from None

    def _station(self, name: str) -> EnvironmentalMonitoringStation:
        return EnvironmentalMonitoringStation(
            mrid=self._identity("station", name), names=(Name(name=name),)
        )

    def _provider(self) -> EnvironmentalDataProvider | None:
        named = (Name(name=self.provider),)
        return EnvironmentalDataProvider(names=named) if self.provider else None

    def _identity(self, kind: str, *names: str) -> str:
        name = f"urn:gridbus:{self.system}:weather {kind}:{' '.join(names)}"
        return str(uuid.uuid5(uuid.NAMESPACE_URL, name))
