"""Readings by files: IEC 61968-9, NEM12, NEM13 and Green Button; a case folder for each kind."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from adapters.ami import (
    AmiAdapter,
    documents,
    native_green_button,
    native_nem12,
    native_nem13,
    native_readings,
)
from adapters.ami.mdff import blocks
from adapters.ami.mdff.days import Channel, Day, IndexRead, day
from adapters.ami.mdff.fields import Quality
from adapters.ami.mdff.registers import Read, Register, register
from adapters.ami.native_green_button import Usage
from adapters.ami.reading_types import PERIODS, UNITS
from cim import xml
from cim.codes import explain
from cim.message import Outgoing, Verb
from cim.profiles.meter_readings import MeterReadings
from hub.dispatch.translated import Tried, tried
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
    return list(tried("ami", adapter, records, NOW, lambda _ids: (), lambda _id: None))


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
    assert "b.csv is cut short" in reason
    adapter.stop()


NUMBERS = st.decimals(0, 10**6, places=3, allow_nan=False).map(str)
TEXTS = st.text(st.characters(codec="ascii", categories=["L", "N"]), max_size=10)
NAMES = st.text("ABC0123456789", min_size=1, max_size=10)
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map(
    lambda t: t.replace(microsecond=0)
)
ACTUAL, NULL = Quality("A"), Quality("N")
METHODS, REASONS = st.integers(0, 99).map("{:02}".format), st.integers(1, 999).map(str)
QUALITIES = st.one_of(
    st.just(ACTUAL),
    st.just(NULL),
    st.builds(Quality, st.just("E"), METHODS),
    st.builds(Quality, st.sampled_from("EFS"), METHODS, REASONS, TEXTS),
)
CHANNELS = st.builds(
    Channel,
    nmi=NAMES,
    suffix=st.sampled_from(["E1", "B1"]),
    minutes=st.sampled_from([30, 60]),
    unit=st.sampled_from(["Wh", "kWh", "MWh"]),
    meter=TEXTS,
    register=TEXTS,
    configuration=TEXTS,
    stream=TEXTS,
    next_read=st.none() | st.dates(date(1990, 1, 1), date(2100, 1, 1)),
)
INDEX_READS = st.builds(
    IndexRead, transaction=st.sampled_from("ACGDENOSR"), order=TEXTS, when=TIMES, value=NUMBERS
)


@st.composite
def days(draw: st.DrawFn) -> Day:
    channel = draw(CHANNELS)
    count = 24 * 60 // channel.minutes
    qualities = draw(st.lists(QUALITIES, min_size=1, max_size=4))
    ends = sorted(draw(st.sets(st.integers(1, count - 1), max_size=len(qualities) - 1)))
    each = [qualities[sum(end <= n for end in ends)] for n in range(count)]
    values = draw(st.lists(NUMBERS, min_size=count, max_size=count))
    return Day(
        channel=channel,
        date=draw(st.dates(date(1990, 1, 1), date(2100, 1, 1))),
        values=tuple("0" if q == NULL else v for q, v in zip(each, values, strict=True)),
        qualities=tuple(each),
        updated=draw(st.none() | TIMES),
        loaded=draw(st.none() | TIMES),
        index_reads=tuple(draw(st.lists(INDEX_READS, max_size=2))),
    )


@settings(max_examples=40, deadline=None)
@given(st.lists(days(), min_size=1, max_size=4), TIMES)
def test_what_is_written_is_read(written: list[Day], made: datetime) -> None:
    data = native_nem12.write(written, made, "MDP1", "RET1")
    found = blocks("a.csv", data)
    assert [day(block) for block in found] == written
    for wrote, outgoing in zip(written, said(AmiAdapter(), "a.csv", data), strict=True):
        [reading] = read(outgoing).meter_reading
        values = [one.value for one in reading.interval_blocks[0].interval_readings]
        assert values == [
            None if q == NULL else float(v)
            for v, q in zip(wrote.values, wrote.qualities, strict=True)
        ]


READS = st.one_of(
    st.builds(Read, value=NUMBERS, when=TIMES, quality=QUALITIES.filter(lambda q: q != NULL)),
    st.builds(Read, value=st.sampled_from(["", "0"]), when=TIMES, quality=st.just(NULL)),
)
REGISTERS = st.builds(
    Register,
    nmi=NAMES,
    suffix=st.sampled_from(["E1", "B1"]),
    direction=st.sampled_from("EI"),
    unit=st.sampled_from(["kWh", "MWh"]),
    meter=TEXTS,
    register=TEXTS,
    previous=READS,
    current=READS,
    quantity=NUMBERS,
    updated=st.none() | TIMES,
).filter(lambda one: one.previous.when <= one.current.when)


@settings(max_examples=25, deadline=None)
@given(st.lists(REGISTERS, min_size=1, max_size=3), TIMES)
def test_what_is_written_of_registers_is_read(written: list[Register], made: datetime) -> None:
    data = native_nem13.write(written, made, "MDP1", "RET1")
    assert [register(block) for block in blocks("a.csv", data)] == written
    for wrote, outgoing in zip(written, said(AmiAdapter(), "a.csv", data), strict=True):
        [reading] = read(outgoing).meter_reading
        assert reading.readings[2].value == float(wrote.quantity)


USAGES = st.builds(
    Usage,
    point=st.uuids().map("urn:uuid:{}".format),
    reading=st.uuids().map("urn:uuid:{}".format),
    code=st.sampled_from(
        [CODE.replace("0.0.0.1.", "0.0.0.4."), "0.12.0.4.1.1.12.0.0.1.2.3.0.0.769.0.72.840"]
    ),
    start=TIMES.map(lambda t: t.replace(tzinfo=UTC)),
    seconds=st.sampled_from([900, 3600, 7]),
    values=st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=5),
    quality=st.sampled_from(["0", "8"]),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(USAGES, min_size=1, max_size=3, unique_by=lambda usage: usage.point))
def test_what_is_written_as_green_button_is_read(written: list[Usage]) -> None:
    data = native_green_button.write(written, "2026-01-15T00:00:00Z")
    for wrote, outgoing in zip(written, said(AmiAdapter(), "a.xml", data), strict=True):
        [reading] = read(outgoing).meter_reading
        [block] = reading.interval_blocks
        assert reading.usage_point is not None
        assert f"urn:uuid:{reading.usage_point.mrid}" == wrote.point
        period = {900: "2", 3600: "7", 7: "0"}[wrote.seconds]
        numbers = wrote.code.split(".")
        assert block.reading_type.split(".") == [*numbers[:2], period, *numbers[3:]]
        assert [one.value for one in block.interval_readings] == wrote.values
        assert block.interval_readings[-1].time_stamp == wrote.start + timedelta(
            seconds=wrote.seconds * len(wrote.values)
        )


def test_what_is_written_in_xml_is_read() -> None:
    row = {"meter": "M", "service_point": "SP", "time": "2026-01-15T00:00:00+01:00"}
    row |= {"value": "120.5", "code": CODE, "quality": "1.0.0"}
    data = native_readings.write_rows([row, row | {"meter": "N"}], "2026-01-15T00:05:00+01:00")
    first, second = said(AmiAdapter(), "a.xml", data)
    [reading] = read(first).meter_reading
    [value] = reading.readings
    assert reading.meter is not None
    assert reading.usage_point is not None
    assert (reading.meter.names[0].name, reading.usage_point.names[0].name) == ("M", "SP")
    assert (value.value, value.time_stamp) == (120.5, datetime(2026, 1, 14, 23, tzinfo=UTC))
    assert (value.reading_type, value.reading_qualities[0].reading_quality_type) == (CODE, "1.0.0")
    assert first.external_id != second.external_id


@settings(max_examples=60, deadline=None)
@given(days(), st.data())
def test_no_part_of_a_file_passes_for_the_whole(written: Day, data: st.DataObject) -> None:
    whole = native_nem12.write([written], MADE)
    cut = data.draw(st.integers(0, len(whole) - len(b"900\r\n") + 2))
    with pytest.raises(ValueError, match=r"a\.csv"):
        AmiAdapter().records("a.csv", whole[:cut])


def test_a_text_with_a_comma_is_not_written() -> None:
    with pytest.raises(ValueError, match="has no place in an MDFF file"):
        native_nem12.write([varied(DAY, qualities=(Quality("S", "14", "0", "a,b"),) * 24)], MADE)


def test_periods_and_units_are_of_the_tables() -> None:
    for number in PERIODS.values():
        assert explain(f"0.0.{number}.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0").known
    for multiplier, unit in UNITS.values():
        assert explain(f"0.0.0.4.1.1.12.0.0.0.0.0.0.0.0.{multiplier}.{unit}.0").known


VALID = {
    "Example_NEM12_actual_interval.csv": 2,
    "Example_NEM12_different_interval_length.csv": 3,
    "Example_NEM12_multiple_meters.csv": 12,
    "Example_NEM12_multiple_quality.csv": 1,
    "Example_NEM12_no_scheduled_read.csv": 1,
    "Example_NEM12_substituted_interval.csv": 2,
    "Example_NEM13_consumption_data.csv": 1,
    "Example_NEM13_forward_estimate.csv": 2,
    "Example_WesternPower.csv": 4,
}


@pytest.mark.reference
@pytest.mark.parametrize("name", VALID)
def test_a_valid_sample(shared: Path, name: str) -> None:
    """The unit of V1 in one of them is empty: the mapping has to say it."""
    volts = {"V1": "0.2.*.12.0.1.54.0.0.0.0.0.0.0.0.0.29.0"}
    adapter = AmiAdapter(nem=AmiAdapter().nem | volts)
    found = attempts(adapter, shared / "data" / "samples" / "ami" / "nem12" / name)
    assert [str(one.verdict) for one in found] == ["accepted"] * VALID[name]


@pytest.mark.reference
def test_qualities_of_a_sample(shared: Path) -> None:
    folder = shared / "data" / "samples" / "ami" / "nem12"
    data = (folder / "Example_NEM12_multiple_quality.csv").read_bytes()
    [outgoing] = said(AmiAdapter(), "a.csv", data)
    [block] = read(outgoing).meter_reading[0].interval_blocks
    judged = [one.reading_qualities[0] for one in block.interval_readings]
    assert [q.reading_quality_type for q in judged] == ["3.8.0"] * 20 + ["3.0.0"] * 4 + [
        "3.8.0"
    ] * 24
    assert {q.comment for q in judged} == {
        "QualityMethod F14, ReasonCode 76",
        None,
        "QualityMethod S14, ReasonCode 1",
    }


INVALID = {
    "15min_200_30min_300": "line 3: 300 row, IntervalValue: there are 48, IntervalLength 15",
    "empty": "line 2: RecordIndicator '900' comes right after the 100 row",
    "incomplete_interval": "line 3: 300 row, IntervalValue: there are 0, IntervalLength 30",
    "missing_header": "line 2: RecordIndicator '200': the first row must be the header, 100",
    "powercor": "line 2: RecordIndicator '200': the first row must be the header, 100",
    "powercor_missing_fields": "line 2: RecordIndicator '200': the first row must be the header",
}


@pytest.mark.reference
@pytest.mark.parametrize("name", INVALID)
def test_an_invalid_sample(shared: Path, name: str) -> None:
    path = shared / "data" / "samples" / "ami" / "nem12_invalid" / f"Example_NEM12_{name}.csv"
    try:
        found = [str(v) for one in attempts(AmiAdapter(), path) for v in one.violations]
    except ValueError as error:
        found = [str(error)]
    assert [INVALID[name] in one for one in found] == [True]


@pytest.mark.reference
def test_the_sample_of_green_button(shared: Path) -> None:
    path = shared / "data" / "samples" / "ami" / "greenbutton" / "electric_containerized.xml"
    found = attempts(AmiAdapter(), path)
    assert [str(one.verdict) for one in found] == ["accepted", "accepted"]
    [block] = (
        read(said(AmiAdapter(), path.name, path.read_bytes())[0]).meter_reading[0].interval_blocks
    )
    assert block.reading_type == "0.12.7.4.1.1.12.0.0.0.0.0.0.0.769.0.72.840"
    assert [one.value for one in block.interval_readings] == [450, 430, 418, 410]
    assert block.interval_readings[0].time_stamp == datetime(2011, 1, 1, 9, tzinfo=UTC)
