"""The IVR adapter: one case folder for each kind of file."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.ivr import IvrAdapter, native
from adapters.ivr.fields import COLUMNS
from cim.message import Message, Outgoing, Verb
from cim.objects import Versions
from cim.ordering import ordering_key
from cim.profile import Profile
from cim.profiles.trouble_tickets import TroubleTicket, TroubleTickets
from hub.cli import main
from hub.dispatch.stamp import stamp
from hub.dispatch.translated import Translation, Verdict, tried
from hub.journal.canonical import decode, encode_checked
from hub.main import components
from hub.rows import Row
from hub.settings import ConfigError, build, read
from tests.strategies import xml_text

REPOSITORY = Path(__file__).parents[2]
CASES = sorted((Path(__file__).parents[1] / "cases" / "adapters" / "ivr").iterdir())
CONFIG = REPOSITORY / "config" / "adapters" / "ivr.toml"
AT = datetime(2026, 7, 14, 12, tzinfo=UTC)


def adapter(**settings: Any) -> IvrAdapter:
    """As configured in the repository, but for `settings`."""
    return build(IvrAdapter, {**read(CONFIG, {}), **settings}, CONFIG)


def ticket(outgoing: Outgoing) -> TroubleTicket:
    assert isinstance(outgoing.payload, TroubleTickets)
    [found] = outgoing.payload.trouble_ticket
    return found


def plain(value: Any) -> Any:
    """A value of a profile as JSON: what is said of it, and nothing else."""
    if isinstance(value, Profile):
        said = {f.name: plain(getattr(value, f.name)) for f in fields(value)}  # type: ignore[arg-type]
        return {name: one for name, one in said.items() if one not in (None, [])}
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    return value.isoformat() if isinstance(value, datetime) else value


def shown(outgoing: Outgoing) -> dict[str, Any]:
    """The ticket as `expected.json` writes it; its mRID follows from the number of the call."""
    said: dict[str, Any] = plain(ticket(outgoing))
    mrid = said.pop("mrid")
    assert (mrid == outgoing.external_id) == (outgoing.verb is Verb.CREATED)
    return {"verb": outgoing.verb, **said}


def results(reader: IvrAdapter, path: Path) -> Iterator[dict[str, Any]]:
    for record in reader.records(path.name, path.read_bytes()):
        assert record.raw
        try:
            for outgoing in reader.to_cim(record):
                encode_checked(stamp(outgoing, "ivr", AT))
                yield shown(outgoing)
        except ValueError as error:
            yield {"error": str(error)}


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.name)
def test_file(case: Path) -> None:
    reader = adapter(**tomllib.loads((case / "params.toml").read_text(encoding="utf-8")))
    expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    [path] = case.glob("input.*")
    if "refused" in expected:
        with pytest.raises(ValueError, match=re.escape(expected["refused"])):
            reader.records(path.name, path.read_bytes())
    else:
        assert list(results(reader, path)) == expected["records"]


def row(**said: str) -> dict[str, str]:
    """A call as the native files have it."""
    usual = {
        "external_id": "1",
        "service_point_id": "SP-1",
        "call_time": "2025-11-20T16:00:05Z",
        "trouble_code": "LIGHTS_OUT",
    }
    return dict.fromkeys(native.COLUMNS, "") | usual | said


def calls(*said: Mapping[str, str], **settings: Any) -> list[Outgoing]:
    reader = adapter(**settings)
    found = reader.records("a.csv", native.write(row(**one) for one in said))
    return [outgoing for record in found for outgoing in reader.to_cim(record)]


def answers(*said: Mapping[str, str]) -> list[Outgoing]:
    usual = dict.fromkeys(native.CALLBACK_COLUMNS, "") | {
        "external_id": "1",
        "callback_time": "2025-11-20T18:00:00Z",
        "status": "POWER_OFF",
    }
    data = native.write_callbacks({**usual, **one} for one in said)
    return [o for record in adapter().records("b.csv", data) for o in adapter().to_cim(record)]


def test_a_call_is_taken_once_in_whatever_file_and_form_it_comes() -> None:
    [one, again, other] = calls({}, {"call_time": "2025-11-20T16:07:00Z"}, {"external_id": "2"})
    assert one.external_id == again.external_id != other.external_id
    line = json.dumps(row()).encode() + b"\n"
    [record] = adapter().records("calls.jsonl", line)
    [same] = adapter().to_cim(record)
    assert same == one


def test_the_tickets_of_a_caller_with_several_premises_are_told_apart() -> None:
    two = calls({"service_point_id": "SP-1|SP-2|SP-1"})
    assert len({one.external_id for one in two}) == len(two) == 2
    rows = calls({}, {"service_point_id": "SP-2"}, {}, several=True)
    assert [one.external_id for one in rows[:2]] == [one.external_id for one in two]
    assert rows[2] == rows[0]


def test_two_sources_may_use_the_same_numbers() -> None:
    said = {"call_source_id": "2"}, {"call_source_id": "3"}
    assert len({one.external_id for one in calls(*said)}) == 1
    assert len({one.external_id for one in calls(*said, per_source=True)}) == 2
    with pytest.raises(ValueError, match="call_source_id '' is empty: whose call"):
        calls({}, per_source=True)


def test_an_answer_is_news_of_the_ticket_of_the_call_and_comes_behind_it() -> None:
    [call], [answer] = calls({"trouble_code": "WIRE_DOWN"}), answers({"agent": "IVR"})
    assert ticket(answer).mrid == ticket(call).mrid
    keys = {ordering_key(stamp(outgoing, "ivr", AT)) for outgoing in (call, answer)}
    assert keys == {ticket(call).mrid}
    versions = Versions()
    assert isinstance(call.payload, TroubleTickets)
    assert isinstance(answer.payload, TroubleTickets)
    versions.create(call.payload, AT)
    versions.change(answer.payload, AT)
    [newest] = versions.since(None)
    assert isinstance(newest.value, TroubleTicket)
    assert newest.value.trouble_symptoms == ticket(call).trouble_symptoms
    assert newest.value.status is not None
    assert newest.value.status.value == "powerOff"


def test_an_answer_is_taken_once_and_a_second_call_back_is_another_one() -> None:
    one, same, later, other = answers(
        {},
        {"callback_time": "2025-11-20T12:00:00-06:00"},
        {"callback_time": "2025-11-20T19:00:00Z"},
        {"status": "POWER_ON"},
    )
    assert one.external_id == same.external_id
    assert len({one.external_id, later.external_id, other.external_id}) == 3


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"troubles": {"A": {"lights": "dim"}}}, "troubles.A: unknown lights; known: extent, "),
        ({"troubles": {"A": {"light": "off"}}}, "troubles.A: light 'off' is none of allOut, "),
        ({"troubles": {"A": {"hazard": " "}}}, "troubles.A: unknown hazard"),
        ({"sources": {"2": "web"}}, "sources.2: 'web' is none of call, "),
        ({"callbacks": {"ON": "on"}}, "callbacks.ON: 'on' is none of noAnswer, "),
        ({"zone": "Mars/Olympus"}, "zone 'Mars/Olympus' is no time zone"),
        ({"time_format": "%d.%m. %H:%M"}, "does not tell year, month, day, hour and minute"),
        ({"time_format": "%Y-%m-%d %H:%M %Z"}, "does not tell"),
    ],
)
def test_a_table_that_says_what_cannot_be_stops_the_start(
    settings: dict[str, Any], why: str
) -> None:
    with pytest.raises(ConfigError, match=re.escape(why)):
        adapter(**settings)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_what_was_refused_is_corrected_by_hand_and_taken(name: str) -> None:
    data = {
        "a.csv": native.write([row(), row(external_id="2", trouble_code="?")]),
        "a.jsonl": (json.dumps(row()) + "\n" + json.dumps(row(trouble_code="?"))).encode(),
    }[name]
    reader = adapter()
    _, refused = reader.records(name, data)
    assert isinstance(refused, Row)
    with pytest.raises(
        ValueError, match=r"line \d: trouble_code '\?' cannot be understood: '\?' is not in"
    ):
        list(reader.to_cim(refused))
    [record] = reader.again(refused.origin, refused.alone.replace(b"?", b"DIM"))
    [outgoing] = reader.to_cim(record)
    symptoms = ticket(outgoing).trouble_symptoms
    assert symptoms is not None
    assert symptoms.trouble_symptoms_light == "dim"


def test_a_line_nested_without_end_is_refused_by_itself() -> None:
    deep, call = adapter().records("a.jsonl", b"[" * 200_000 + b"\n" + json.dumps(row()).encode())
    with pytest.raises(ValueError, match=r"a\.jsonl line 1: is no flat JSON object"):
        list(adapter().to_cim(deep))
    assert list(adapter().to_cim(call)) == calls({})


def test_a_file_travels_from_the_folder_to_done(tmp_path: Path) -> None:
    reader = adapter(folder=tmp_path, settle=0.0, interval=0.0)
    (tmp_path / "a.csv").write_bytes(native.write([row()]))
    (tmp_path / "b.json").write_bytes(b'{"comment": "\xff"}\n')
    batches = reader.read()
    [record] = next(batches)
    assert record.origin == "a.csv line 2"
    assert list(next(batches)) == []  # of the refused file
    assert next(batches) == ()
    assert (tmp_path / "done" / "a.csv").exists()
    reason = (tmp_path / "quarantine" / "b.json.reason").read_text()
    assert "b.json line 1 is not utf-8 text: byte 0xff at column 14" in reason
    reader.stop()
    assert list(batches) == []


def test_feed_try_says_what_a_file_would_become(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def installed(group: str) -> EntryPoints:
        return EntryPoints((EntryPoint("ivr", "adapters.ivr:IvrAdapter", group),))

    monkeypatch.setattr(components, "entry_points", installed)
    path = tmp_path / "calls.csv"
    path.write_bytes(native.write([row(), row(), row(external_id="")]))
    options = ["--config", str(CONFIG.parents[1]), "--data", str(tmp_path / "var")]
    assert main([*options, "feed", "try", str(path), "--adapter", "ivr"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{path}: 1 late, 1 duplicate, 1 quarantined"
    assert "calls.csv line 4: external_id '' is empty: which call is it?" in lines[1]


_CODES = sorted(read(CONFIG, {})["troubles"])
_times = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)).map(
    lambda at: at.replace(tzinfo=UTC).isoformat()
)
_said = st.fixed_dictionaries(
    {
        **dict.fromkeys(native.COLUMNS, xml_text),
        "external_id": xml_text.filter(lambda text: len(text.strip().splitlines()) == 1),
        "service_point_id": xml_text.filter(lambda text: "|" not in text and text.strip()),
        "call_time": _times,
        "trouble_code": st.sampled_from(_CODES),
        "callback_flag": st.sampled_from(["", "0", "1", "Y", "n", "true"]),
    }
)


@given(st.lists(_said, max_size=4))
def test_the_writer_writes_what_the_reader_reads(said: list[dict[str, str]]) -> None:
    """What is written comes out of the message as decoded from the journal's bytes."""
    reader = adapter()
    found = reader.records("a.csv", native.write(said))
    assert len(found) == len(said)
    for one, record in zip(said, found, strict=True):
        [outgoing] = reader.to_cim(record)
        assert _read_back(outgoing) == {k: v.strip() for k, v in one.items() if k in _CHECKED}


_all_said = st.fixed_dictionaries(
    {
        **dict.fromkeys(sorted(COLUMNS - {"status"}), xml_text),
        **dict.fromkeys(
            ["received_time", "callback_after", "callback_before"], _times | st.just("")
        ),
        **dict.fromkeys(["longitude", "latitude"], st.integers(-90, 90).map(str)),
        "neighbours_out": st.sampled_from(["", "0", "1"]),
        "external_id": xml_text.filter(str.strip),
        "premise_id": st.just(""),
        "call_time": _times,
        "trouble_code": st.sampled_from(_CODES),
        "callback_flag": st.sampled_from(["0", "1"]),
        "callback_for": st.sampled_from(["", "etrChange", "initialEtr|powerRestored"]),
    }
)


@given(st.lists(_all_said, max_size=3))
def test_a_call_means_the_same_as_csv_and_as_json(said: list[dict[str, str]]) -> None:
    reader, text = adapter(), io.StringIO()
    writer = csv.DictWriter(text, sorted(COLUMNS - {"status"}))
    writer.writeheader()
    writer.writerows(said)
    as_json = "".join(f"{json.dumps(one)}\n" for one in said).encode()
    meant = [
        [list(reader.to_cim(record)) for record in reader.records(name, data)]
        for name, data in (("a.csv", text.getvalue().encode()), ("a.jsonl", as_json))
    ]
    assert meant[0] == meant[1]
    assert len(meant[0]) == len(said)


_CHECKED = (
    "external_id",
    "service_point_id",
    "account_number",
    "call_time",
    "trouble_code",
    "caller_name",
    "comment",
)


def _read_back(outgoing: Outgoing) -> dict[str, str]:
    message: Message = decode(encode_checked(stamp(outgoing, "ivr", AT)))
    assert message.payload == outgoing.payload
    found = ticket(outgoing)
    assert found.service_location is not None
    reporter = found.trouble_reporter
    return {
        "external_id": found.names[0].name,
        "service_point_id": found.service_location.usage_points[0].names[0].name,
        "account_number": found.customer.names[0].name if found.customer else "",
        "call_time": found.date_time_of_report.isoformat(),
        "trouble_code": found.trouble_code or "",
        "caller_name": reporter.names[0].name if reporter and reporter.names else "",
        "comment": found.comment or "",
    }


@given(
    st.lists(st.fixed_dictionaries(dict.fromkeys(native.CALLBACK_COLUMNS, xml_text)), max_size=4)
)
def test_the_writer_writes_the_answers_that_the_reader_reads(said: list[dict[str, str]]) -> None:
    # A key has one line: tests/hub/test_rows.py
    kept = [{**one, "external_id": " ".join(["1", *one["external_id"].split()])} for one in said]
    found = adapter().records("a.csv", native.write_callbacks(kept))
    read_back = [
        {column: record[column] for column in native.CALLBACK_COLUMNS}
        for record in found
        if isinstance(record, Row)
    ]
    assert read_back == [{key: value.strip() for key, value in one.items()} for one in kept]


@pytest.mark.reference
def test_the_samples_of_an_ivr(shared: Path) -> None:
    samples = shared / "data" / "samples" / "synthetic"
    reader = adapter()
    found = {
        name: [
            *tried(
                Translation("ivr", reader, AT),
                reader.records(name, (samples / name).read_bytes()),
                _nothing,
                lambda _id: None,
            )
        ]
        for name in ("ivr_trouble_calls.csv", "ivr_callback_responses.csv")
    }
    new, known = Verdict.ACCEPTED, Verdict.DUPLICATE
    verdicts = [[one.verdict for one in each] for each in found.values()]
    assert verdicts == [[new, new, new, known], [new, new, new]]
    reports = [message for each in found.values() for one in each for message in one.messages]
    keys = [ordering_key(one.message) for one in reports]
    assert keys[:3] == keys[3:]


def _nothing(_ids: object) -> tuple[()]:
    return ()
