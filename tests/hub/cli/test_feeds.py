"""`gridbus feed try`: what files would become, with nothing accepted."""

from __future__ import annotations

import json
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from adapters.ami import AmiAdapter, native
from adapters.erp.native import write as orders
from hub.config import load
from hub.dispatch import Hub
from hub.dispatch.handed_in import hand_in
from hub.journal import Journal
from hub.main import components
from tests.hub.cli.conftest import CONFIG, Run

ROW = {
    "meter_number": "m1",
    "event_time": "2026-07-14T12:00:00Z",
    "received_time": "2026-07-14T12:00:01Z",
    "event_code": "3.26.0.85",
    "event_name": "power off",
    "endpoint_id": "e1",
}


def file(tmp_path: Path, *meters: str, code: str = ROW["event_code"]) -> Path:
    path = tmp_path / "events.csv"
    path.write_bytes(native.write([{**ROW, "meter_number": m, "event_code": code} for m in meters]))
    return path


def test_it_says_what_each_record_would_become(run: Run, tmp_path: Path) -> None:
    path = file(tmp_path, "m1", "m2", "m1", "")
    code, out, err = run("feed", "try", path, "--adapter", "ami")
    assert (code, err) == (1, "")
    lines = out.splitlines()
    assert lines[0] == f"{path}: 2 late, 1 duplicate, 1 quarantined"
    assert lines[1].startswith("  quarantined  events.csv line 5: meter_number '' ")
    assert lines[2] == "  duplicate  events.csv line 4: as events.csv line 2"
    assert out.count("<Verb>created</Verb>") == 1  # --show 1
    assert "m1" in out
    assert not (tmp_path / "var").exists()


def test_all_of_it_as_json(run: Run, tmp_path: Path) -> None:
    path = file(tmp_path, "m1", "m2", "m1", "")
    code, out, _ = run("feed", "try", path, "--adapter", "ami", "--json")
    assert code == 1
    shown = json.loads(out)
    assert [one["verdict"] for one in shown] == [
        "late",
        "late",
        "duplicate",
        "quarantined",
    ]
    assert "<Noun>EndDeviceEvents</Noun>" in shown[1]["messages"][0]
    assert shown[3]["violations"][0]["code"] == "1.8"


def test_what_the_journal_has_is_a_duplicate(run: Run, tmp_path: Path) -> None:
    path = file(tmp_path, "m1", "m2")
    (tmp_path / "var").mkdir()
    journal = Journal.open(f"sqlite:///{tmp_path / 'var' / 'gridbus.db'}")
    hub = Hub(journal, {})
    ami = components.adapter(load(CONFIG, {}), {}, "ami")
    assert isinstance(ami, AmiAdapter)
    hub.take("ami", ami, ami.records(path.name, path.read_bytes())[:1])
    journal.close()
    code, out, _ = run("feed", "try", path, "--adapter", "ami")
    assert code == 0
    assert out.splitlines()[:2] == [
        f"{path}: 1 late, 1 duplicate",
        "  duplicate  events.csv line 2: as the journal",
    ]


def test_how_late_is_late_is_said_for_each_adapter(run: Run, tmp_path: Path) -> None:
    path = file(tmp_path, "m1")
    _, out, _ = run("feed", "try", path, "--adapter", "ami")
    assert out.splitlines()[0] == f"{path}: 1 late"
    assert "<Name>Late</Name>" in out
    settings = tmp_path / "config"
    settings.mkdir()
    (settings / "hub.toml").write_text("[feeds.ami]\nlate = 0\n")
    _, out, _ = run("--config", settings, "feed", "try", path, "--adapter", "ami")
    assert out.splitlines()[0] == f"{path}: 1 accepted"


def test_a_fact_of_the_future_is_told_and_the_clock_it_comes_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], run: Run
) -> None:
    path = tmp_path / "events.csv"
    row = "meter_number,event_time,event_code\nm1,9036-03-01T11:00:00Z,3.26.0.85\n"
    path.write_text(row)
    code, out, err = run("feed", "try", path, "--adapter", "ami")
    assert code == 1
    assert out.splitlines()[0] == f"{path}: 1 quarantined"
    assert "events.csv line 2: EndDeviceEvent.createdDateTime 9036-03-01T11:00:00+00:00 is " in out
    assert "and feeds.ami.ahead allows 300 s; is its clock or time zone wrong?" in out
    assert err.startswith("ami: its clock or time zone is wrong: of its last 1 facts one lies ")


def test_another_mapping_is_tried(run: Run, tmp_path: Path) -> None:
    path = file(tmp_path, "m1", code="POWER_FAIL")
    assert run("feed", "try", path, "--adapter", "ami")[0] == 1
    mapping = tmp_path / "other.toml"
    mapping.write_text('[codes]\nPOWER_FAIL = "3.26.0.85"\n')
    code, out, _ = run("feed", "try", path, "--adapter", "ami", "--mapping", mapping)
    assert code == 0
    assert "3.26.0.85" in out


HEAD_END = """
tolerances = [
    "soap-envelope", "older-namespace", "event-as-create", "wrapper-element",
    "first-edition-events",
]

[codes]
"6.20.1.185" = "3.26.17.185"
"""


@pytest.mark.reference
def test_a_soap_file_of_a_real_head_end_is_tried(run: Run, tmp_path: Path, shared: Path) -> None:
    path = shared / "data" / "samples" / "ami" / "landisgyr_enddeviceevent_soap" / "Sample.xml"
    code, out, _ = run("feed", "try", path, "--adapter", "ami")
    assert code == 1
    assert "1 quarantined" in out
    assert "the tolerances soap-envelope, event-as-create, wrapper-element and" in out
    mapping = tmp_path / "head-end.toml"
    mapping.write_text(HEAD_END)
    code, out, _ = run("feed", "try", path, "--adapter", "ami", "--mapping", mapping)
    assert code == 0
    assert out.splitlines()[0] == f"{path}: 1 late"
    assert '<EndDeviceEventType ref="3.26.17.185"/>' in out
    assert "<Verb>created</Verb>" in out
    assert "<Source>ami</Source>" in out


def test_a_file_that_is_unusable_as_a_whole(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes(b"meter,when\n")
    code, out, _ = run("feed", "try", path, "--adapter", "ami")
    assert code == 1
    assert "no column event_code, event_time, meter_number; there are meter, when" in out


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--adapter", "abc"), "adapters names 'abc'"),
        (("--adapter", "ami", "--mapping", "none.toml"), "none.toml: there is no such file"),
    ],
)
def test_what_cannot_be_tried(run: Run, tmp_path: Path, options: tuple[str, ...], why: str) -> None:
    code, out, err = run("feed", "try", file(tmp_path, "m1"), *options)
    assert (code, out) == (2, "")
    assert why in err


def test_what_contradicts_an_earlier_record_is_told(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    erp = EntryPoint("erp", "adapters.erp:ErpAdapter", "gridbus.adapters")
    monkeypatch.setattr(components, "entry_points", lambda **_: EntryPoints([erp]))
    path = tmp_path / "orders.xml"
    order = {
        "siteid": "N",
        "wonum": "1",
        "status": "WAPPR",
        "worktype": "EM",
        "description": "fuse",
    }
    path.write_bytes(orders([order, order, {**order, "description": "fuse and holder"}]))
    code, out, err = run("feed", "try", path, "--adapter", "erp", "--show", "0")
    assert (code, err) == (1, "")
    assert out.splitlines() == [
        f"{path}: 1 accepted, 1 duplicate, 1 quarantined",
        "  quarantined  orders.xml WORKORDER 3: erp has said created MaintenanceOrders of 1 before,"
        " with other content: created MaintenanceOrders is neither new nor a duplicate"
        " (2.15 Invalid Request ID(s))",
        "  duplicate  orders.xml WORKORDER 2: as orders.xml WORKORDER 1",
    ]


def test_readings_are_tried_as_events_are(run: Run, tmp_path: Path) -> None:
    """A block that cannot be read lies alone; the same block once more is a duplicate."""
    day = f"300,20250301,{'1.5,' * 24}A,,,20250302041500,\r\n"
    channels = [f"200,6001000001,E1,1,{suffix},,M1,kWh,60,\r\n" for suffix in ("E1", "E1", "X1")]
    path = tmp_path / "readings.csv"
    rows = "".join(channel + day for channel in channels)
    path.write_text(f"100,NEM12,202503020900,,\r\n{rows}900\r\n", newline="")
    code, out, err = run("feed", "try", path, "--adapter", "ami")
    assert (code, err) == (1, "")
    assert f"{path}: 1 accepted, 1 duplicate, 1 quarantined" in out
    assert "readings.csv line 6: 200 row, NMISuffix 'X1' has no reading type in [nem]" in out
    assert "duplicate  readings.csv line 5: as readings.csv line 3" in out
    assert "<Noun>MeterReadings</Noun>" in out


MAPPING = """
[features.layers.lines]
cim_class = "ACLineSegment"
identity = "ID"
nodes = ["FR", "T"]
"""


def test_what_is_odd_in_a_network_is_told_though_it_would_be_taken(
    run: Run, tmp_path: Path
) -> None:
    mapping, path = tmp_path / "draft.toml", tmp_path / "lines.geojson"
    mapping.write_text(MAPPING)
    rows = [{"ID": 1, "FR": "a", "T": "b", "COLOR": "red"}]
    features = [{"type": "Feature", "properties": row, "geometry": None} for row in rows]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    code, out, _ = run("feed", "try", path, "--adapter", "gis", "--mapping", mapping)
    lines = out.splitlines()
    assert (code, lines[0]) == (0, f"{path}: 1 accepted")
    assert lines[1] == "  remark  lines.geojson: of layer lines were passed over: COLOR."
    told = "  remark  lines.geojson: island: no source is connected with lines ID 1."
    assert lines[2] == told
    _, out, _ = run("feed", "try", path, "--adapter", "gis", "--mapping", mapping, "--json")
    assert len(json.loads(out)[0]["remarks"]) == 2


def test_what_became_of_files_is_listed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    journal = Journal.open(f"sqlite:///{tmp_path / 'var' / 'gridbus.db'}")
    ami = components.adapter(load(CONFIG, {}), {}, "ami")
    hub = Hub(journal, {})
    hub.attach_adapter("ami", ami)
    hand_in(hub, "ami", "a.csv", file(tmp_path, "m1", "m1", "").read_bytes())
    journal.close()
    code, out, _ = run("feed", "files", "--source", "ami")
    assert code == 0
    heading, line = out.splitlines()
    assert heading.split() == [
        *("number", "source", "name", "at", "ended_at", "records"),
        *("accepted", "duplicate", "quarantined", "late", "refused", "ignored"),
        *("seconds", "per_second"),
    ]
    assert line.split()[:3] == ["1", "ami", "a.csv"]
    assert line.split()[-9:-2] == ["3", "1", "1", "1", "0", "-", "-"]
    seconds, rate = map(float, line.split()[-2:])
    assert abs(seconds * rate - 3) <= 0.0005 * rate + 0.05 * seconds  # as they are rounded
    code, out, _ = run("feed", "list", "--json")
    [feed] = json.loads(out)
    assert (feed["source"], feed["files"], feed["records"], feed["clock"]) == ("ami", 1, 3, "")
    assert run("feed", "files", "--source", "cis")[1].splitlines()[1:] == []


def test_the_clock_that_is_wrong_is_told_by_other_processes(run: Run, tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    journal = Journal.open(f"sqlite:///{tmp_path / 'var' / 'gridbus.db'}")
    hub = Hub(journal, {})
    hub.attach_adapter("ami", components.adapter(load(CONFIG, {}), {}, "ami"))
    row = b"meter_number,event_time,event_code\nm1,9036-03-01T11:00:00Z,3.26.0.85\n"
    hand_in(hub, "ami", "a.csv", row)
    journal.close()
    [clock] = json.loads(run("status", "--json")[1])["clocks"]
    assert (clock["source"], clock["why"][:33]) == ("ami", "its clock or time zone is wrong: ")
    assert clock["why"] in run("status")[1]
    assert clock["why"] in run("feed", "list")[1]


def test_it_says_what_the_watch_folder_would_not_do(run: Run, tmp_path: Path) -> None:
    path = file(tmp_path, "m1").rename(tmp_path / "events.txt")
    _, out, _ = run("feed", "try", path, "--adapter", "ami")
    assert "events.txt would be passed over in the watch folder: names there end in .csv" in out
    mapping = tmp_path / "ami.toml"
    mapping.write_text("max_bytes = 10\n")
    code, out, _ = run("feed", "try", path, "--adapter", "ami", "--mapping", mapping)
    assert code == 1
    assert "bytes; at most 10 are taken" in out
