"""What is written of readings is read again: NEM12, NEM13, Green Button and XML."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.ami import (
    AmiAdapter,
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
from tests.adapters.test_ami_readings import CODE, DAY, MADE, read, said, varied

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
