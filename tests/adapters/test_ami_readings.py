"""Readings by files: IEC 61968-9, NEM12, NEM13 and Green Button; a case folder for each kind."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from adapters.ami import AmiAdapter, documents, native_nem12
from adapters.ami.mdff.days import Channel, Day
from adapters.ami.mdff.fields import Quality
from adapters.ami.reading_types import PERIODS, UNITS
from cim import xml
from cim.codes import explain
from cim.message import Outgoing, Verb
from cim.profiles.meter_readings import MeterReadings
from hub.dispatch.translated import Translation, Tried, tried
from hub.interfaces import Excerpt

ROOT = Path(__file__).parents[2]
CASES = sorted((ROOT / "tests" / "cases" / "adapters" / "ami_readings").iterdir())
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def said(adapter: AmiAdapter, name: str, data: bytes) -> list[Outgoing]:
    return [one for record in adapter.records(name, data) for one in adapter.to_cim(record)]


def read(outgoing: Outgoing) -> MeterReadings:
    assert outgoing.verb is Verb.CREATED
    assert isinstance(outgoing.payload, MeterReadings)
    return outgoing.payload


def shown(outgoing: Outgoing) -> bytes:
    element = xml.encode(read(outgoing))
    etree.indent(element)
    return etree.tostring(element) + b"\n"


def outcomes(adapter: AmiAdapter, path: Path) -> list[bytes | str]:
    """The messages of a file, and the reasons why there is none."""
    found: list[bytes | str] = []
    for record in adapter.records(path.name, path.read_bytes()):
        try:
            found += map(shown, adapter.to_cim(record))
        except ValueError as error:
            found.append(str(error))
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.name)
def test_file(case: Path) -> None:
    params = case / "params.toml"
    settings = tomllib.loads(params.read_text(encoding="utf-8")) if params.exists() else {}
    expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    [path] = case.glob("input.*")
    if "refused" in expected:
        with pytest.raises(ValueError, match=f"^{re.escape(expected['refused'])}$"):
            AmiAdapter(**settings).records(path.name, path.read_bytes())
        return
    assert outcomes(AmiAdapter(**settings), path) == [
        (case / one["message"]).read_bytes() if "message" in one else one["error"]
        for one in expected["records"]
    ]


def attempts(adapter: AmiAdapter, path: Path) -> list[Tried]:
    """What would become of a file, each message checked against its schema."""
    records = adapter.records(path.name, path.read_bytes())
    return list(tried(Translation("ami", adapter, NOW), records, lambda _ids: (), lambda _id: None))


# A day of hours, the least that can be varied below.
DAY = Day(
    channel=Channel(nmi="6001000001", suffix="E1", minutes=60, unit="kWh", meter="M1"),
    date=date(2025, 7, 1),
    values=("1.5",) * 24,
    qualities=(Quality("A"),) * 24,
    updated=datetime(2025, 7, 2, 4),
)
MADE = datetime(2025, 7, 3, 9)


def one(found: Day, made: datetime = MADE) -> Outgoing:
    [outgoing] = said(AmiAdapter(), "a.csv", native_nem12.write([found], made))
    return outgoing


def varied(found: Day, **changes: Any) -> Day:
    return Day(**{**vars(found), **changes})


def test_the_same_block_is_a_duplicate_in_any_file_and_a_later_version_is_not() -> None:
    first = one(DAY).external_id
    assert one(DAY, datetime(2025, 8, 1)).external_id == first
    assert one(varied(DAY, loaded=MADE)).external_id == first
    assert one(varied(DAY, updated=datetime(2025, 7, 2, 5))).external_id != first
    assert one(varied(DAY, values=("1.6", *DAY.values[1:]))).external_id != first
    assert one(varied(DAY, qualities=(Quality("S", "14", "1"),) * 24)).external_id != first


def test_without_update_time_the_file_tells_the_versions_apart() -> None:
    """Else a correction that is taken back would be a duplicate of what was first said."""
    undated = varied(DAY, updated=None)
    assert one(undated).external_id == one(undated).external_id
    assert one(undated).external_id != one(undated, datetime(2025, 8, 1)).external_id


@pytest.mark.parametrize("month", [1, 7])
def test_the_market_has_no_summer_time(month: int) -> None:
    [reading] = read(one(varied(DAY, date=date(2025, month, 10)))).meter_reading
    [block] = reading.interval_blocks
    assert block.interval_readings[0].time_stamp == datetime(2025, month, 9, 15, tzinfo=UTC)


def test_another_market_has_another_zone() -> None:
    [outgoing] = said(AmiAdapter(nem_offset="+08:00"), "a.csv", native_nem12.write([DAY], MADE))
    [reading] = read(outgoing).meter_reading
    assert reading.values_interval is not None
    assert reading.values_interval.start == datetime(2025, 6, 30, 16, tzinfo=UTC)


def test_a_message_names_the_channel_by_its_suffix() -> None:
    """Two channels of one usage point may have one reading type."""
    [kind] = read(one(DAY)).reading_type
    assert (kind.names.name, kind.mrid) == ("E1", "0.0.7.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0")


@pytest.mark.parametrize("unit", ["kWh", "KWH", "kwh"])
def test_units_in_whatever_case(unit: str) -> None:
    changed = varied(DAY, channel=Channel(nmi="6001000001", suffix="B9", minutes=60, unit=unit))
    [kind] = read(one(changed)).reading_type
    assert kind.mrid == "0.0.7.4.19.1.12.0.0.0.0.0.0.0.0.3.72.0"


def test_a_suffix_counts_more_than_its_letter() -> None:
    own = "0.0.*.4.20.1.12.0.0.0.0.0.0.0.0.3.72.0"
    adapter = AmiAdapter(nem={"E": "0.0.*.4.1.1.12.0.0.0.0.0.0.0.0.*.72.0", "E1": own})
    [outgoing] = said(adapter, "a.csv", native_nem12.write([DAY], MADE))
    assert read(outgoing).reading_type[0].mrid == own.replace("*", "7")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"nem": {"E": "1.2.3"}}, "[nem] E = '1.2.3': a reading type has 18 numbers, of which"),
        ({"nem": {"E": "*.0.0.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0"}}, "number 3 and 16 may be *"),
        ({"nem_registers": {"E": "0.0.*.1.1.1.12.0.0.0.0.0.0.0.0.3.72.0"}}, "number 16 may be *"),
        ({"nem": {"E": "0.0.0.4.1.1.999.0.0.0.0.0.0.0.0.3.72.0"}}, "measurementKind 999"),
        ({"nem": {"E": "0.0.0.4.1.1.x.0.0.0.0.0.0.0.0.3.72.0"}}, "[nem] E: "),
        ({"nem_quality": {"A": "3.0"}}, "[nem_quality] A = '3.0': a reading quality has three"),
        ({"espi_quality": {"0": "good"}}, "[espi_quality] 0"),
        ({"nem_offset": "Australia/Brisbane"}, "nem_offset = 'Australia/Brisbane'"),
        ({"reading_types": {"A": "0.*"}}, "[reading_types] A = '0.*': a reading type has 18"),
        ({"reading_qualities": {"A": "3"}}, "[reading_qualities] A = '3'"),
    ],
)
def test_a_mapping_that_cannot_be_stops_the_start(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        AmiAdapter(**settings)


def test_the_mapping_file_spells_out_what_holds_without_it() -> None:
    written = tomllib.loads((ROOT / "config" / "adapters" / "ami.toml").read_text("utf-8"))
    for key in ("nem", "nem_registers", "nem_quantities", "nem_quality", "espi_quality"):
        assert written[key] == getattr(AmiAdapter(), key)
    codes = [*AmiAdapter().nem_quality.values(), *AmiAdapter().espi_quality.values()]
    assert all(explain(code).known for code in codes)


READING = (
    "<MeterReading><Meter><mRID>M</mRID></Meter><Readings><timeStamp>2026-01-15T00:00:00Z"
    '</timeStamp><value>{value}</value><ReadingType ref="{code}"/></Readings></MeterReading>'
)
CODE = "0.0.0.1.1.1.12.0.0.0.0.0.0.0.0.3.72.0"


def readings(*values: str) -> str:
    inner = "".join(READING.format(value=value, code=CODE) for value in values)
    return f'<MeterReadings xmlns="http://iec.ch/TC57/2011/MeterReadings#">{inner}</MeterReadings>'


def enveloped(*values: str, at: str = "2026-01-15T00:01:00Z", verb: str = "created") -> bytes:
    root, reply = "EventMessage", ""
    if verb == "reply":
        root, reply = "ResponseMessage", "<Reply><Result>OK</Result></Reply>"
    return (
        f'<{root} xmlns="http://iec.ch/TC57/2011/schema/message"><Header><Verb>{verb}</Verb>'
        f"<Noun>MeterReadings</Noun><Timestamp>{at}</Timestamp><Source>HES</Source>"
        f"<CorrelationID>R-1</CorrelationID></Header>{reply}"
        f"<Payload>{readings(*values)}</Payload></{root}>"
    ).encode()


def test_readings_in_xml_are_known_by_what_they_say_and_when_that_was_said() -> None:
    def identities(data: bytes) -> list[str | None]:
        return [one.external_id for one in said(AmiAdapter(), "a.xml", data)]

    bare = identities(readings("1", "2").encode())
    assert len(set(bare)) == 2
    assert identities(readings("2.0").encode()) == bare[1:]  # in whatever file it comes
    first, again = identities(enveloped("1")), identities(enveloped("1"))
    assert first == again
    # what takes a correction back is no duplicate of what was said before it
    assert identities(enveloped("1", at="2026-01-16T00:00:00Z")) != first


@pytest.mark.parametrize("verb", ["created", "reply"])
def test_the_answer_to_a_read_on_demand_names_the_request(verb: str) -> None:
    [outgoing] = said(AmiAdapter(), "a.xml", enveloped("1", verb=verb))
    assert (outgoing.verb, outgoing.correlation_id) == (Verb.CREATED, "R-1")


def test_a_wrong_reading_goes_to_quarantine_alone_and_can_be_corrected() -> None:
    adapter = AmiAdapter()
    first, wrong, last = adapter.records("a.xml", enveloped("1", "much", "3"))
    assert [len(list(adapter.to_cim(one))) for one in (first, last)] == [1, 1]
    with pytest.raises(ValueError, match="value is 'much'"):
        list(adapter.to_cim(wrong))
    assert b">1<" not in wrong.raw
    [corrected] = adapter.again("kept", wrong.raw.replace(b"much", b"2"))
    [outgoing] = adapter.to_cim(corrected)
    assert outgoing.correlation_id == "R-1"
    assert isinstance(corrected, Excerpt)
    [same] = adapter.again("kept", corrected.alone)
    assert list(adapter.to_cim(same)) == [outgoing]


def test_a_file_with_very_many_wrong_readings_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST", 2)
    assert len(AmiAdapter().records("a.xml", enveloped("1", "b", "c"))) == 3
    with pytest.raises(ValueError, match="value is 'b'"):
        AmiAdapter().records("a.xml", enveloped("1", "b", "c", "d"))


def test_what_is_around_the_readings_refuses_the_file() -> None:
    data = enveloped("1", "much").replace(b"<Verb>created", b"<Verb>deleted")
    with pytest.raises(ValueError, match="created or reply MeterReadings"):
        AmiAdapter().records("a.xml", data)


@pytest.mark.parametrize("case", ["nem12_bad_blocks", "nem13_bad_registers", "green_button_bad"])
def test_what_is_kept_of_a_refused_block_can_be_read_again(case: str) -> None:
    [path] = (CASES[0].parent / case).glob("input.*")
    adapter = AmiAdapter()
    for record in adapter.records(path.name, path.read_bytes()):
        assert isinstance(record, Excerpt)
        [again] = adapter.again("kept", record.alone)
        assert again.raw.strip() == record.raw.strip()
        assert outcome(adapter, again) == outcome(adapter, record)


def outcome(adapter: AmiAdapter, record: Any) -> str:
    """The identity, or the rule that is broken, wherever the record lies."""
    try:
        return str([one.external_id for one in adapter.to_cim(record)])
    except ValueError as error:
        return re.sub(r"\S+( line \d+)+|line \d+", "", str(error))


def test_a_long_green_button_block_becomes_several_messages() -> None:
    data = (CASES[0].parent / "green_button" / "input.xml").read_bytes()
    [first] = re.findall(rb"<IntervalReading><ReadingQuality>.*?</IntervalReading>", data)
    messages = said(AmiAdapter(), "a.xml", data.replace(first, first * 2100))
    sizes = [
        sum(len(block.interval_readings) for block in read(m).meter_reading[0].interval_blocks)
        for m in messages
    ]
    assert sizes == [1000, 1000, 102]
    assert len({m.external_id for m in messages}) == 3


def test_a_corrected_green_button_block_is_no_duplicate() -> None:
    data = (CASES[0].parent / "green_button" / "input.xml").read_bytes()
    later = data.replace(b"2025-03-02T00:00:00Z", b"2025-03-03T00:00:00Z")
    other = data.replace(b"<value>418", b"<value>419")
    ids = [said(AmiAdapter(), "a.xml", one)[0].external_id for one in (data, data, later, other)]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3


def test_a_file_cut_short_goes_to_quarantine_whole(tmp_path: Path) -> None:
    adapter = AmiAdapter(folder=tmp_path, settle=0.0, interval=0.0)
    whole = native_nem12.write([DAY], MADE)
    (tmp_path / "a.csv").write_bytes(whole)
    (tmp_path / "b.csv").write_bytes(whole[:-20])
    batches = adapter.read()
    [record] = next(batches)
    assert record.origin == "a.csv line 3"
    assert list(next(batches)) == []  # of the refused file
    assert next(batches) == ()
    assert (tmp_path / "done" / "a.csv").exists()
    reason = (tmp_path / "quarantine" / "b.csv.reason").read_text("utf-8")
    assert "b.csv line 3: the file is cut short" in reason
    adapter.stop()


def test_periods_and_units_are_of_the_tables() -> None:
    for number in PERIODS.values():
        assert explain(f"0.0.{number}.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0").known
    for multiplier, unit in UNITS.values():
        assert explain(f"0.0.0.4.1.1.12.0.0.0.0.0.0.0.0.{multiplier}.{unit}.0").known
