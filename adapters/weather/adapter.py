"""The weather adapter: a watch folder of observations, forecasts and calendars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from adapters.weather import calendars, objects
from adapters.weather.calendars import Calendar
from adapters.weather.quantities import Quantity
from adapters.weather.reports import Reader, Report, by_run
from cim.message import Outgoing
from cim.profiles.measurement_values import Validity
from hub.file_adapter import TableAdapter
from hub.rows import Row, rows

COLUMNS = ("time", "station", "made", "quality")
OF_CALENDARS = ("date", "day_type", "day_name")

WeatherRecord = Report | Calendar


@dataclass(frozen=True, kw_only=True)
class WeatherAdapter(TableAdapter[WeatherRecord]):
    """Settings beside those of every `TableAdapter`, in `config/adapters/weather.toml`.

    folder:     where the files are dropped.
    system:     the source; identifiers follow from it.
    decimal:    the mark before the fraction in CSV.
    json_table: keys, with points between, under which the data lie in a JSON document.
    station:    where the rows do not tell it; provider: who the data are from.
    missing:    what says "no value" beside the empty one.
    columns:    time, station, made, quality -> their name.
    values:     their column -> `kind` and `unit`; the others are passed over.
    qualities:  their code of quality -> GOOD, QUESTIONABLE, INVALID.
    calendar_files: pattern of the names of files with a calendar.
    day_types:  their code of a type of days -> its name; empty: their codes are the names.
    """

    suffixes: ClassVar = (".csv", ".txt", ".json")
    known_columns: ClassVar = frozenset((*COLUMNS, *OF_CALENDARS))

    folder: Path = Path("feeds/weather")
    system: str = "WEATHER"
    decimal: str = "."
    json_table: str = ""
    calendar_files: str = "*calendar*"
    station: str = ""
    provider: str = ""
    missing: tuple[str, ...] = ("-9999", "NA", "NaN")
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    qualities: Mapping[str, str] = field(default_factory=dict)
    day_types: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        # Now, so that a unit nobody knows stops the start.
        self.reader  # noqa: B018

    @cached_property
    def reader(self) -> Reader:
        """The settings, checked.  Raises: ValueError naming key, value and rule."""
        for code, validity in self.qualities.items():
            if validity not in list(Validity):
                known = ", ".join(Validity)
                raise ValueError(f"qualities.{code}: {validity!r} is none of {known}")
        values = {column: Quantity.of(column, table) for column, table in self.values.items()}
        kinds = [one.kind for one in values.values()]
        if twice := [kind for kind in kinds if kinds.count(kind) > 1]:
            raise ValueError(f"values: {twice[0]} is in more than one column")
        return Reader(
            system=self.system,
            values=values,
            zone=self.clock,
            decimal=self.decimal,
            missing=frozenset(self.missing),
            station=self.station,
            provider=self.provider,
            qualities={code: Validity(one) for code, one in self.qualities.items()},
        )

    def records(self, name: str, data: bytes) -> Sequence[WeatherRecord]:
        """The reports of a file, or its calendar.  Raises: ValueError when it is unusable."""
        if fnmatchcase(name.lower(), self.calendar_files.lower()):
            found = self._rows(name, data, ("date", "day_type"), OF_CALENDARS)
            return [Calendar(name, data, tuple(found))] if found else []
        return self._reports(name, self._rows(name, data, ("time", *self.values), COLUMNS))

    def _rows(
        self, name: str, data: bytes, required: Sequence[str], columns: Sequence[str]
    ) -> Sequence[Row]:
        if name.lower().endswith(".json"):
            return objects.objects(name, data, self.json_table, self.columns)
        if not data.endswith((b"\n", b"\r")):
            # A number cut in the middle is another number.
            raise ValueError(f"{name} is cut short: its last line does not end")
        return rows(name, data, self.dialect, required, columns)

    def again(self, origin: str, data: bytes) -> Sequence[WeatherRecord]:
        """What was kept of a refused report: rows under their header, or objects in lines; or a
        calendar."""
        if fnmatchcase(origin.lower(), self.calendar_files.lower()):
            return self.records(origin, data)
        if data.lstrip().startswith(b"{"):
            return self._reports(origin, objects.again(origin, data, self.columns))
        found = rows(origin, data, replace(self.dialect, trailer=""), ("time", *self.values))
        return self._reports(origin, found)

    def to_cim(self, record: WeatherRecord) -> Iterable[Outgoing]:
        """One observation, one run of a forecast for one station, or one calendar."""
        if isinstance(record, Calendar):
            yield calendars.outgoing(record, self.system, self.day_types)
        else:
            yield self.reader.outgoing(record)

    def _reports(self, name: str, found: Sequence[Row]) -> Sequence[Report]:
        if not self.values:
            raise ValueError(f"{name}: the settings name no values to read")
        return by_run(found)
