"""The weather adapter: one case folder for each kind of file."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.weather import WeatherAdapter, native
from adapters.weather.reports import Report
from cim.profiles.day_types import DayTypes
from cim.profiles.weather_reports import AtmosphericAnalog, Forecast, Observation, WeatherReports
from hub.dispatch import Hub
from hub.dispatch.translated import Translation
from hub.journal import Journal
from tests.fakes import START

CASES = sorted((Path(__file__).parents[1] / "cases" / "adapters" / "weather").iterdir())


def adapter_of(case: Path) -> WeatherAdapter:
    return WeatherAdapter(**tomllib.loads((case / "params.toml").read_text(encoding="utf-8")))


def records_of(case: Path) -> list[Any]:
    [file] = case.glob("input.*")
    return list(adapter_of(case).records(file.name, file.read_bytes()))


def reports(adapter: WeatherAdapter, record: Any) -> list[Observation | Forecast]:
    [outgoing] = adapter.to_cim(record)
    assert isinstance(outgoing.payload, WeatherReports)
    found: list[Observation | Forecast] = [*outgoing.payload.observation]
    found += outgoing.payload.forecast
    assert [outgoing.at] == [one.created for one in found]
    return found


def told(report: Observation | Forecast) -> Iterator[str]:
    yield f"{type(report).__name__}/created {_moment(report.created)}"
    for analog in report.environmental_analog:
        yield from values(analog)
    if report.environmental_data_provider:
        yield f"provider {report.environmental_data_provider.names[0].name}"
    yield f"station {report.environmental_monitoring_station.names[0].name}"
    if isinstance(report, Forecast) and (valid := report.valid_for):
        yield f"valid {_moment(valid.start)} {_moment(valid.end)}"


def values(analog: AtmosphericAnalog) -> Iterator[str]:
    unit = f"{analog.unit_multiplier} {analog.unit_symbol}".removeprefix("none ")
    for one in analog.analog_values:
        quality = one.measurement_value_quality
        said = f" {quality.validity}" if quality else ""
        yield f"{analog.kind} {unit} {_moment(one.time_stamp)} {one.value}{said}"


def _moment(when: Any) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.name)
def test_file(case: Path) -> None:
    adapter = adapter_of(case)
    found: list[str | list[str]] = []
    for record in records_of(case):
        try:
            [report] = reports(adapter, record)
            found.append(list(told(report)))
            assert Translation("weather", adapter, START).messages(record), "it is valid"
        except ValueError as error:
            found.append(str(error))
    expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    assert found == expected


def row(**values: str) -> dict[str, str]:
    return dict.fromkeys((*native.COLUMNS, *native.MORE), "") | {
        "station": "S",
        "time": "2026-07-01T00:00Z",
        **values,
    }


def test_a_corrected_value_is_news_and_the_same_again_is_not() -> None:
    adapter = WeatherAdapter(**native.SETTINGS)
    ids = [
        one.external_id
        for text in ("20", "20", "21")
        for record in adapter.records("a.csv", native.write([row(temperature=text)]))
        for one in adapter.to_cim(record)
    ]
    assert ids[0] == ids[1] != ids[2]


def test_the_same_rows_by_a_corrected_mapping_are_news() -> None:
    adapter = WeatherAdapter(**native.SETTINGS)
    mended = replace(adapter, provider="another")
    data = native.write([row(temperature="20")])
    one, other = (
        outgoing.external_id
        for reader in (adapter, mended)
        for record in reader.records("a.csv", data)
        for outgoing in reader.to_cim(record)
    )
    assert one != other


def test_a_value_that_is_corrected_back_is_news(tmp_path: Path) -> None:
    adapter = WeatherAdapter(**native.SETTINGS)
    journal = Journal.open(f"sqlite:///{tmp_path / 'hub.db'}")
    hub = Hub(journal, {})

    def taken(text: str) -> int:
        records = adapter.records("a.csv", native.write([row(temperature=text)]))
        return sum(isinstance(one, int) for one in hub.take("weather", adapter, records).results)

    assert [taken(text) for text in ("20", "21", "21", "20", "20", "21")] == [1, 1, 0, 1, 0, 1]
    journal.close()


def test_observed_is_not_foreseen() -> None:
    adapter = WeatherAdapter(**native.SETTINGS)
    rows = [row(temperature="20"), row(temperature="20", made="2026-06-30T12:00Z")]
    records = adapter.records("a.json", native.write_json(rows))
    [seen], [foreseen] = (reports(adapter, record) for record in records)
    assert isinstance(seen, Observation)
    assert isinstance(foreseen, Forecast)
    assert _moment(foreseen.created) == "2026-06-30T12:00:00Z"
    assert seen.environmental_analog == foreseen.environmental_analog


def test_a_row_that_does_not_fit_is_refused_alone_but_in_a_forecast() -> None:
    adapter = WeatherAdapter(values={"t": {"kind": "rain", "unit": "mm"}})
    seen = b"station,time,t\nS,2026-07-01T00:00Z\nS,2026-07-01T01:00Z,1\n"
    bad, good = adapter.records("a.csv", seen)
    with pytest.raises(ValueError, match=r"a\.csv line 2: 2 fields, the header has 3"):
        reports(adapter, bad)
    assert reports(adapter, good)
    with pytest.raises(ValueError, match=r"a\.csv line 2: 2 fields, the header has 3"):
        adapter.records("a.csv", seen.replace(b"station", b"made"))


@pytest.mark.parametrize("form", ["csv", "json"])
def test_what_was_refused_is_read_again(form: str) -> None:
    adapter = WeatherAdapter(**native.SETTINGS)
    write = native.write if form == "csv" else native.write_json
    _, bad = adapter.records(f"a.{form}", write([row(rain="1"), row(rain="99999")]))
    assert isinstance(bad, Report)
    with pytest.raises(ValueError, match="is no precipitation in mm"):
        list(adapter.to_cim(bad))
    [mended] = adapter.again(bad.origin, bad.alone.replace(b"99999", b"9.5"))
    [report] = reports(adapter, mended)
    [analog] = report.environmental_analog
    assert [one.value for one in analog.analog_values] == [9.5]


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("a.csv", b"time,t\n2026-07-01T00:00Z,1", "its last line does not end"),
        ("a.csv", b"time,x\n2026-07-01T00:00Z,1\n", "no column t"),
        ("a.json", b'[{"time": "2026-07-01T00:00Z", "t": 1', "a.json is no JSON document"),
        ("a.json", b'{"time": ["a", "b"], "t": [1]}', "not of one length: time 2, t 1"),
        ("a.json", b"[" * 100_000, "a.json is no JSON document"),
        ("a.json", b'[{"t": 1, "t": 2}]', "an object has one key twice"),
        ("a.json", b"3", "neither a list of objects nor an object of lists"),
    ],
)
def test_a_file_is_refused_as_a_whole(name: str, data: bytes, sentence: str) -> None:
    adapter = WeatherAdapter(values={"t": {"kind": "ambientTemperature", "unit": "°C"}})
    with pytest.raises(ValueError, match=re.escape(sentence)):
        adapter.records(name, data)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"values": {"t": {"kind": "ambientTemperature"}}}, "unit '' of ambientTemperature"),
        ({"values": {"t": {"kind": "warmth", "unit": "K"}}}, "kind 'warmth' is none of"),
        ({"values": {"t": {"kind": "rain", "unit": "°C"}}}, "is none of mm, cm, in"),
        ({"qualities": {"0": "FINE"}}, "qualities.0: 'FINE' is none of"),
        ({"zone": "Dublin"}, "zone 'Dublin' is no time zone"),
        (
            {"values": {c: {"kind": "rain", "unit": "mm"} for c in "ab"}},
            "rain is in more than one column",
        ),
    ],
)
def test_settings_that_cannot_be(wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        WeatherAdapter(**wrong)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(-9000, 6000).map(lambda n: n / 100), min_size=1, max_size=5))
def test_no_value_is_lost_nor_changed(temperatures: list[float]) -> None:
    adapter = WeatherAdapter(**native.SETTINGS)
    rows = [
        row(time=f"2026-07-01T{hour:02}:00Z", made="2026-06-30T00:00Z", temperature=str(value))
        for hour, value in enumerate(temperatures)
    ]
    for name, data in (("a.csv", native.write(rows)), ("a.json", native.write_json(rows))):
        [record] = adapter.records(name, data)
        [report] = reports(adapter, record)
        [analog] = report.environmental_analog
        assert [one.value for one in analog.analog_values] == temperatures


DAYS = [
    {"date": "2027-01-01", "day_type": "H", "day_name": "New Year's Day"},
    {"date": "2026-12-24", "day_type": "B", "day_name": ""},
    {"date": "2026-12-25", "day_type": "H", "day_name": "Christmas Day"},
]


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_calendar_becomes_types_of_days(form: str) -> None:
    adapter = WeatherAdapter(day_types={"H": "Holiday", "B": "Bridge"})
    write = native.write_calendar if form == "csv" else native.write_json
    [record] = adapter.records(f"calendar-2026.{form}", write(DAYS))
    [said] = Translation("weather", adapter, START).messages(record)
    payload = said.message.payload
    assert isinstance(payload, DayTypes)
    assert [
        (one.names[0].name, [f"{day.date} {day.name}" for day in one.calendar_days])
        for one in payload.day_type
    ] == [
        ("Holiday", ["2026-12-25 Christmas Day", "2027-01-01 New Year's Day"]),
        ("Bridge", ["2026-12-24 None"]),
    ]


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ({"date": "25.12.2026"}, "line 3: date '25.12.2026' is no ISO 8601 date"),
        ({"day_type": "X"}, "line 3: day_type 'X' is not in day_types; known are H, B"),
        ({"date": "2027-01-01"}, "line 3: date '2027-01-01' is already in calendar.csv line 2"),
    ],
)
def test_a_wrong_day_refuses_the_calendar(day: dict[str, str], sentence: str) -> None:
    adapter = WeatherAdapter(day_types={"H": "Holiday", "B": "Bridge"})
    data = native.write_calendar([DAYS[0], DAYS[1] | day])
    [record] = adapter.records("calendar.csv", data)
    with pytest.raises(ValueError, match=re.escape(sentence)):
        list(adapter.to_cim(record))
    [mended] = adapter.again(record.origin, native.write_calendar(DAYS))
    assert list(adapter.to_cim(mended))
