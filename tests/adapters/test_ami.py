"""The AMI adapter: one case folder for each kind of file."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.ami import AmiAdapter, native
from cim.message import Outgoing, Verb
from cim.profiles.end_device_events import EndDeviceEvent, EndDeviceEvents
from hub.interfaces import Corrected

CASES = sorted((Path(__file__).parents[1] / "cases" / "adapters" / "ami").iterdir())


def event(outgoing: Outgoing) -> EndDeviceEvent:
    assert outgoing.verb is Verb.CREATED
    assert isinstance(outgoing.payload, EndDeviceEvents)
    [found] = outgoing.payload.end_device_event
    return found


def shown(outgoing: Outgoing) -> dict[str, Any]:
    """The event as `expected.json` writes it."""
    found = event(outgoing)
    assert found.assets is not None
    assert found.mrid is not None
    names = found.assets.names
    line = {
        "meter": names[0].name if names else found.assets.mrid,
        "at": found.created_date_time.isoformat(),
        "code": found.end_device_event_type,
        "reason": found.reason,
        "status": found.status and found.status.value,
        "tracking": found.issuer_tracking_id,
        "usage_point": found.usage_point and found.usage_point.names[0].name,
        "mrid": found.mrid if found.mrid != outgoing.external_id else None,
    }
    return {key: value for key, value in line.items() if value is not None}


def results(adapter: AmiAdapter, path: Path) -> Iterator[dict[str, Any]]:
    for record in adapter.records(path.name, path.read_bytes()):
        assert record.raw
        try:
            yield from map(shown, adapter.to_cim(record))
        except ValueError as error:
            yield {"error": str(error)}


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.name)
def test_file(case: Path) -> None:
    adapter = AmiAdapter(**tomllib.loads((case / "params.toml").read_text(encoding="utf-8")))
    expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    [path] = case.glob("input.*")
    if "refused" in expected:
        with pytest.raises(ValueError, match=re.escape(expected["refused"])):
            adapter.records(path.name, path.read_bytes())
    else:
        assert list(results(adapter, path)) == expected["records"]


def test_a_row_keeps_its_bytes() -> None:
    data = b"meter_number,event_time,event_code\r\nM,2025-11-20T16:00:00Z,3.26.0.85\r\n"
    [record] = AmiAdapter().records("a.csv", data)
    assert record.raw == b"M,2025-11-20T16:00:00Z,3.26.0.85\r\n"
    assert record.origin == "a.csv line 2"


@pytest.mark.parametrize(
    ("code", "part"),
    [
        ("99.99.99.99", "type 99"),
        ("3.99.0.85", "domain 99"),
        ("3.26.999.85", "subDomain 999"),
        ("3.26.0.9999", "eventOrAction 9999"),
        ("3.26.0.85", ""),
        ("3.26.17.85", ""),  # no code of the tables, but each number is known at its place
    ],
)
def test_a_code_nobody_has_heard_of_is_refused_where_that_is_wished(code: str, part: str) -> None:
    said = f'<EndDeviceEventType ref="{code}"/>'
    files = {
        "a.csv": f"meter_number,event_time,event_code\nM,2025-11-20T16:00:00Z,{code}\n",
        "a.xml": '<EndDeviceEvents xmlns="http://iec.ch/TC57/2011/EndDeviceEvents#">'
        "<EndDeviceEvent><createdDateTime>2025-11-20T16:00:00Z</createdDateTime>"
        f"<Assets><mRID>m</mRID></Assets>{said}</EndDeviceEvent></EndDeviceEvents>",
    }
    strict = AmiAdapter(known_codes=True)
    for name, text in files.items():
        [record] = strict.records(name, text.encode())
        assert len(list(AmiAdapter().to_cim(record))) == 1  # the tables are not complete
        assert len(list(replace(strict, codes={code: code}).to_cim(record))) == 1
        if not part:
            assert len(list(strict.to_cim(record))) == 1
            continue
        rule = f"{record.origin}: EndDeviceEventType {code}: {part} stands in no table"
        with pytest.raises(ValueError, match=re.escape(rule)):
            list(strict.to_cim(record))


def test_the_same_fact_has_the_same_identity_in_every_file() -> None:
    adapter = AmiAdapter()
    header = b"meter_number,event_time,event_code,event_name\n"
    files = {
        "a.csv": header + b"MTR-1,2025-11-20T16:00:00Z,3.26.0.85,Outage\n",
        "b.csv": header + b"MTR-1,2025-11-20T17:00:00+01:00,3.26.0.85,\n",
        "c.csv": header + b"MTR-1,2025-11-20T16:00:01Z,3.26.0.85,\n",
    }
    ids = []
    for name, data in files.items():
        [record] = adapter.records(name, data)
        [outgoing] = adapter.to_cim(record)
        ids.append(outgoing.external_id)
        assert event(outgoing).mrid == outgoing.external_id
    assert ids[0] == ids[1] != ids[2]


def test_the_writer_writes_what_the_reader_reads() -> None:
    row = dict.fromkeys(native.COLUMNS, "") | {
        "meter_number": "MTR-1",
        "event_time": "2025-11-20T16:00:00Z",
        "event_code": "3.26.0.85",
    }
    adapter = AmiAdapter()
    [record] = adapter.records("a.csv", native.write([row]))
    [outgoing] = adapter.to_cim(record)
    assert shown(outgoing) == {
        "meter": "MTR-1",
        "at": "2025-11-20T16:00:00+00:00",
        "code": "3.26.0.85",
    }


def test_a_file_travels_from_the_folder_to_done(tmp_path: Path) -> None:
    adapter = AmiAdapter(folder=tmp_path, settle=0.0, interval=0.0)
    header = "meter_number,event_time,event_code\n"
    (tmp_path / "a.csv").write_text(header + "M,2025-11-20T16:00:00Z,3.26.0.85\n")
    (tmp_path / "b.xml").write_text("<half")
    batches = adapter.read()
    [record] = next(batches)
    assert record.origin == "a.csv line 2"
    assert list(next(batches)) == []  # of the refused file
    assert next(batches) == ()
    assert (tmp_path / "done" / "a.csv").exists()
    assert (tmp_path / "quarantine" / "b.xml.reason").exists()
    adapter.stop()
    assert list(batches) == []


@pytest.mark.reference
def test_the_sample_of_a_head_end(shared: Path) -> None:
    path = shared / "data" / "samples" / "synthetic" / "ami_headend_events.csv"
    assert [line["meter"] for line in results(AmiAdapter(), path)] == [
        "MTR-900101",
        "MTR-900102",
        "MTR-900101",
    ]


def test_a_dirty_xml_file_is_read_as_its_head_end_is_tolerated() -> None:
    """What was corrected is said with the first event of the file."""
    event = (
        '<EndDeviceEvent><EndDeviceEventType ref="3.26.0.85"/>'
        "<createdDateTime>2026-07-01T12:00:00</createdDateTime></EndDeviceEvent>"
    )
    namespace = "http://iec.ch/TC57/2011/EndDeviceEvents#"
    data = f'<EndDeviceEvents xmlns="{namespace}">{event * 2}</EndDeviceEvents>'.encode()
    for record in AmiAdapter().records("a.xml", data):
        with pytest.raises(ValueError, match="is out of order in EndDeviceEvent"):
            list(AmiAdapter().to_cim(record))
    adapter = AmiAdapter(zone="America/Chicago", tolerances=("payload-order", "time-without-zone"))
    first, second = adapter.records("a.xml", data)
    assert isinstance(first, Corrected)
    assert [(c.tolerance, c.times) for c in first.corrections] == [
        ("payload-order", 2),
        ("time-without-zone", 2),
    ]
    assert isinstance(second, Corrected)
    assert second.corrections == ()
    [outgoing] = adapter.to_cim(second)
    assert isinstance(outgoing.payload, EndDeviceEvents)
    when = outgoing.payload.end_device_event[0].created_date_time
    assert when == datetime(2026, 7, 1, 17, tzinfo=UTC)


HEAD_END = AmiAdapter(
    tolerances=(
        "soap-envelope",
        "older-namespace",
        "event-as-create",
        "wrapper-element",
        "first-edition-events",
    ),
    codes={"6.20.1.185": "3.26.17.185"},
)


def test_a_soap_file_travels_from_the_folder_to_done(tmp_path: Path) -> None:
    case = next(path for path in CASES if path.name == "xml_first_edition")
    (tmp_path / "a.xml").write_bytes((case / "input.xml").read_bytes())
    (tmp_path / "b.xml").write_bytes(
        (case / "input.xml").read_bytes().replace(b"<Verb>created", b"<Verb>cancelled")
    )
    settings = tomllib.loads((case / "params.toml").read_text(encoding="utf-8"))
    adapter = AmiAdapter(folder=tmp_path, settle=0.0, interval=0.0, **settings)
    batches = adapter.read()
    assert [record.origin for record in next(batches)] == ["a.xml event 1", "a.xml event 2"]
    assert list(next(batches)) == []  # of the refused file
    assert next(batches) == ()
    assert (tmp_path / "done" / "a.xml").exists()
    reason = (tmp_path / "quarantine" / "b.xml.reason").read_text()
    assert "Verb" in reason
    adapter.stop()
    assert list(batches) == []


@pytest.mark.reference
def test_the_soap_sample_of_a_head_end(shared: Path) -> None:
    """A real message of 2017: SOAP 1.1, namespaces of 2008 and 2009, first edition events."""
    path = shared / "data" / "samples" / "ami" / "landisgyr_enddeviceevent_soap" / "Sample.xml"
    assert list(results(HEAD_END, path)) == [
        {
            "meter": "abcde",
            "at": "2017-10-11T19:19:12.155436+00:00",
            "code": "3.26.17.185",
            "status": "POWER_FAIL",
        }
    ]
    [record] = HEAD_END.records(path.name, path.read_bytes())
    assert isinstance(record, Corrected)
    at = "/Envelope/Body/EventMessage"
    notes = [
        (c.tolerance, n.line, n.xpath, n.before, n.after)
        for c in record.corrections
        for n in c.notes
    ]
    space = "http://www.landisgyr.com/iec61968/2010/03"
    current = "http://iec.ch/TC57/2011/schema/message"
    event = f"{at}/Payload/EndDeviceEvents/EndDeviceEvent"
    assert notes == [
        (
            "soap-envelope",
            1,
            "/Envelope",
            "Envelope of http://schemas.xmlsoap.org/soap/envelope/",
            "RequestMessage",
        ),
        ("soap-envelope", 1, "/Envelope/Header/Password", f"Password of {space}", ""),
        ("soap-envelope", 1, "/Envelope/Header/UserName", f"UserName of {space}", ""),
        (
            "older-namespace",
            1,
            "/Envelope/Body/RequestMessage",
            "http://www.iec.ch/TC57/2008/schema/message",
            current,
        ),
        ("event-as-create", 1, "/Envelope/Body/RequestMessage", "RequestMessage", "EventMessage"),
        ("event-as-create", 1, f"{at}/Request", "Request", ""),
        (
            "wrapper-element",
            1,
            f"{at}/Payload/anyType",
            f"anyType of {current}",
            "EndDeviceEvents",
        ),
        (
            "first-edition-events",
            1,
            f"{event}/category",
            "category 6.20.1.185",
            "EndDeviceEventType 3.26.17.185",
        ),
        (
            "first-edition-events",
            1,
            event,
            "EndDeviceEventType, createdDateTime, Assets, status",
            "createdDateTime, Assets, EndDeviceEventType, status",
        ),
    ]


@pytest.mark.reference
@pytest.mark.parametrize("missing", HEAD_END.tolerances or ())
def test_the_sample_is_refused_by_the_name_of_the_tolerance_that_is_missing(
    shared: Path, missing: str
) -> None:
    path = shared / "data" / "samples" / "ami" / "landisgyr_enddeviceevent_soap" / "Sample.xml"
    assert HEAD_END.tolerances is not None
    granted = tuple(name for name in HEAD_END.tolerances if name != missing)
    strict, unmapped = replace(HEAD_END, tolerances=granted), replace(HEAD_END, codes={})
    with pytest.raises(
        ValueError, match=rf"tolerances? [^.]*\b{missing}\b[^.]*not granted to this"
    ):
        [list(strict.to_cim(r)) for r in strict.records(path.name, path.read_bytes())]
    [record] = unmapped.records(path.name, path.read_bytes())
    with pytest.raises(ValueError, match=r"category '6\.20\.1\.185' is; it is empty"):
        list(unmapped.to_cim(record))


def test_a_tolerance_nobody_knows_stops_the_start() -> None:
    with pytest.raises(ValueError, match="there is no tolerance 'verb'; known are"):
        AmiAdapter(tolerances=("verb",))
