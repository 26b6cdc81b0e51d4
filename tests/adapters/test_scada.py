"""The SCADA adapter: values by file, and its messages."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.scada import ScadaAdapter, native, samples
from adapters.scada.quality import FINE, Flag
from adapters.scada.samples import Scan, Told, Why
from cim.message import Outgoing
from cim.profiles.measurement_values import MeasurementValues, Validity
from cim.profiles.switching_events import SwitchingEvents
from hub.dispatch.stamp import stamp
from hub.dispatch.translated import Translation, Verdict, tried
from hub.journal.canonical import encode_checked
from hub.settings import build, read
from tests.adapters.test_scada_table import POSITION, with_points

REPOSITORY = Path(__file__).parents[2]
CASES = sorted((Path(__file__).parents[1] / "cases" / "adapters" / "scada").iterdir())
CONFIG = REPOSITORY / "config" / "adapters" / "scada.toml"
AT = datetime(2026, 7, 14, 12, tzinfo=UTC)


def plain(outgoing: Outgoing) -> Iterator[dict[str, Any]]:
    """What a message says, as `expected.json` writes it."""
    payload = outgoing.payload
    if isinstance(payload, SwitchingEvents):
        for event in payload.switching_event:
            action = event.switching_action
            assert action
            assert action.executed_date_time == event.created_date_time
            at = action.executed_date_time
            assert at
            yield {
                "switch": action.operated_switch.mrid,
                "kind": action.kind,
                "at": at.isoformat(),
            }
        return
    assert isinstance(payload, MeasurementValues)
    values: tuple[Any, ...] = (*payload.analog_value, *payload.discrete_value)
    for value in values:
        quality, at = value.measurement_value_quality, value.time_stamp
        measurement = value.analog if hasattr(value, "analog") else value.discrete
        assert quality
        assert at
        said = {
            "measurement": measurement.mrid or measurement.names[0].name,
            "value": value.value,
            "at": at.isoformat(),
            "validity": quality.validity,
        }
        found = [str(flag) for flag in Flag if getattr(quality, flag, None)]
        yield said | ({"flags": found} if found else {})


def shown(adapter: ScadaAdapter, record: Any) -> list[dict[str, Any]] | str:
    try:
        outgoing = list(adapter.to_cim(record))
        for one in outgoing:
            encode_checked(stamp(one, "scada", AT))
        return [said for one in outgoing for said in plain(one)]
    except ValueError as error:
        return str(error)


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.name)
def test_file(case: Path) -> None:
    given = tomllib.loads((case / "params.toml").read_text(encoding="utf-8"))
    adapter = build(ScadaAdapter, {"points": case / "points.csv", **given}, case)
    expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    records = adapter.records("input.csv", (case / "input.csv").read_bytes())
    assert [shown(adapter, record) for record in records] == expected


def test_the_configured_settings_are_read_and_need_a_table() -> None:
    adapter = build(ScadaAdapter, read(CONFIG, {}), CONFIG)
    with pytest.raises(ValueError, match=r"a.csv: there is no table of points \(setting: points\)"):
        adapter.records("a.csv", b"point,time,value\n")


def test_a_file_that_comes_again_is_a_duplicate(tmp_path: Path) -> None:
    adapter = with_points(tmp_path, [{"name": "A", "kind": "Analog"}])
    row = {"point": "A", "time": "2026-07-14T10:00:00Z", "value": "1", "status": ""}
    records = adapter.records("a.csv", native.write([row, row, {**row, "value": "2"}]))
    translation = Translation("scada", adapter, AT)
    verdicts = tried(translation, records, lambda _ids: (), lambda _one: None)
    accepted = [one.verdict for one in verdicts]
    assert accepted == [Verdict.ACCEPTED, Verdict.DUPLICATE, Verdict.ACCEPTED]
    [again] = adapter.again(records[0].origin, records[0].alone)
    assert list(adapter.to_cim(again)) == list(adapter.to_cim(records[0]))
    cut = adapter.records("a.csv", native.write([row]).rstrip())
    assert shown(adapter, cut[0]) == "a.csv line 2: the row is cut short: its line does not end"


# -- messages


def test_values_of_a_scan_come_in_one_message_and_each_switch_that_moved_in_one(
    tmp_path: Path,
) -> None:
    rows = [{"name": "A", "kind": "Analog", "mrid": "_a"}]
    rows += [{**POSITION, "rtu": "", "type": "", "normal": "closed"}]
    adapter = with_points(tmp_path, rows)
    told = [
        Told("A", 1.5, frozenset({Flag.SUBSTITUTED}), AT, Why.CHANGE),
        Told("S", 0, FINE, AT, Why.CHANGE, moves=True),
    ]
    scan = Scan("R", AT, told)
    values, event = adapter.to_cim(scan)
    assert isinstance(values.payload, MeasurementValues)
    [analog], [discrete] = values.payload.analog_value, values.payload.discrete_value
    quality = analog.measurement_value_quality
    assert quality
    assert (quality.validity, quality.source) == (Validity.GOOD, "SUBSTITUTED")
    assert (discrete.value, discrete.discrete.mrid) == (0, None)
    assert isinstance(event.payload, SwitchingEvents)
    [switching] = event.payload.switching_event
    assert switching.reason == "position changed, by telemetry; normally closed"
    assert values.at == event.at == AT
    first = Told("S", 0, FINE, AT, Why.FIRST, moves=True)
    assert [one.at for one in adapter.to_cim(Scan("R", AT, [first]))] == [None, None]
    [again] = adapter.again(scan.origin, scan.raw)
    assert list(adapter.to_cim(again)) == [values, event]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"{}", "RTU R: the scan lacks 'values'"),
        (b'{"values": 3}', "RTU R: no scan: 'int' object is not iterable"),
        (b'{"values": [{"point": "A", "value": "1"}]}', "the value of 'A' is no number: '1'"),
        (b"{", "RTU R: no scan: Expecting property name"),
    ],
)
def test_a_scan_that_cannot_be_read_again_says_why(data: bytes, sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        samples.again("RTU R", data)


@pytest.mark.reference
def test_the_sample_of_a_historian_needs_a_mapping_only(shared: Path) -> None:
    samples_folder = shared / "data" / "samples" / "synthetic"
    adapter = build(
        ScadaAdapter,
        {
            "points": samples_folder / "scada_points.csv",
            "point_columns": {
                "name": "point_id",
                "mrid": "cim_mrid",
                "unit": "units",
                "address": "",  # theirs is of their own system
            },
            "kinds": {"status": "Discrete", "analog": "Analog", "control": "Control"},
            "zone": "America/Chicago",
            "time_format": "%d-%b-%y %H:%M:%S.%f",
            "columns": {"point": "Tagname", "time": "TimeStamp", "value": "Value"}
            | {"status": "Status"},
            "quality": {"Good": [], "I/O Timeout": ["old_data"]},
        },
        CONFIG,
    )
    path = samples_folder / "historian_export.csv"
    records = adapter.records(path.name, path.read_bytes())
    assert [one for record in records for one in shown(adapter, record)] == [
        _value("_cb1-ia-uuid", 182.4, "15:59:58"),
        _value("_cb1-ia-uuid", 0.0, "16:00:00"),
        _value("_cb1-uuid", 0, "16:00:00.120000"),
        {
            **_value("_cb1-ia-uuid", 0.0, "16:00:05"),
            "validity": "QUESTIONABLE",
            "flags": ["old_data"],
        },
    ]


def _value(of: str, value: float, at: str) -> dict[str, Any]:
    day = f"2025-11-20T{at}+00:00"
    return {"measurement": of, "value": value, "at": day, "validity": "GOOD"}
