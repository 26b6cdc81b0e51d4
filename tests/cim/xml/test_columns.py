"""A payload read column by column is the one that its tree says."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from cim import envelope
from cim.gate import MESSAGE
from cim.message import Header, Kind, Message, Verb
from cim.parse import parse
from cim.plain import LOADED, elements_of
from cim.profile import Profile, Reference
from cim.profiles import NOUNS
from cim.profiles.meter_readings import (
    IntervalBlock,
    IntervalReading,
    MeterReading,
    MeterReadings,
    Reading,
    ReadingQuality,
)
from cim.violation import Refusal
from cim.xml import columns, decode, encode, text_of, trees
from cim.xml.plan import plan_of
from tests.strategies import profiles

PLAIN = [name for name, noun in NOUNS.items() if plan_of(noun, noun.namespace).plain]
DAY = datetime(2026, 1, 15, tzinfo=UTC)
TYPE = Reference("0.0.0.1.1.1.12.0.0.0.0.0.0.0.0.3.72.0")


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The compiled pass is there."""
    elements_of(b"<a/>", MESSAGE)
    monkeypatch.setattr(LOADED, "done", lambda: True)


def both(data: bytes) -> tuple[Any, Any]:
    """What the columns of a document say, and what its tree does."""
    root = parse(data)
    noun = NOUNS[etree.QName(root).localname]
    plan = plan_of(noun, noun.namespace)
    elements = elements_of(data, MESSAGE)
    assert elements is not None
    return columns.take(elements, 0, plan), trees.take(root, plan)


def test_every_noun_but_the_models_is_read_so() -> None:
    assert set(NOUNS) - set(PLAIN) == {"NetworkModels"}


@pytest.mark.parametrize("noun", PLAIN)
@settings(deadline=None, max_examples=6)
@given(data=st.data(), prefix=st.sampled_from([None, "m"]), pretty=st.booleans())
def test_columns_say_what_the_tree_says(
    noun: str, data: st.DataObject, prefix: str | None, pretty: bool
) -> None:
    payload = data.draw(profiles(NOUNS[noun]))
    document = etree.tostring(encode(payload, prefix), encoding="UTF-8", pretty_print=pretty)
    read, said = both(document)
    assert read == said == payload
    assert repr(read) == repr(said)
    assert hash(read) == hash(payload)


def readings(*values: float | None, **more: Any) -> MeterReadings:
    each = tuple(Reading(value=value, reading_type=TYPE, **more) for value in values)
    return MeterReadings(meter_reading=(MeterReading(readings=each),) * 2)


def test_objects_of_many_shapes_keep_their_order() -> None:
    quality = ReadingQuality(reading_quality_type=Reference("1.4.9"))
    each = tuple(
        Reading(
            value=None if n % 3 else float(n),
            source="a" if n % 2 else None,
            reading_qualities=(quality,) * (n % 4),
            reading_type=TYPE,
        )
        for n in range(100)
    )
    payload = MeterReadings(
        meter_reading=(
            MeterReading(readings=each),
            MeterReading(),
            *[MeterReading(readings=each[n:]) for n in range(0, 100, 7)],
        )
    )
    read, said = both(etree.tostring(encode(payload)))
    assert read == said == payload


def test_a_partial_payload_lacks_what_is_required() -> None:
    space = MeterReadings.namespace
    read, said = both(
        f'<MeterReadings xmlns="{space}"><MeterReading><Readings/></MeterReading>'
        "</MeterReadings>".encode()
    )
    assert read == said
    [one] = read.meter_reading[0].readings
    assert (one.reading_type, one.reading_qualities) == (None, ())


def test_what_is_read_is_as_what_is_made() -> None:
    payload = readings(1.0, 2.0)
    read, said = both(etree.tostring(encode(payload)))
    for one in (read, said):
        assert one == payload
        assert pickle.loads(pickle.dumps(one)) == payload  # noqa: S301
        assert copy.deepcopy(one) == payload
        assert list(vars(one.meter_reading[0].readings[0])) == [f.name for f in fields(Reading)]
        assert replace(one, meter_reading=()) == MeterReadings()
        assert type(one.meter_reading[0].readings[0].reading_type) is Reference
        with pytest.raises(FrozenInstanceError):
            one.meter_reading = ()


def block(count: int, **more: Any) -> MeterReadings:
    said = ({"time_stamp": DAY, "value": float(n)} | more for n in range(count))
    each = tuple(IntervalReading(**one) for one in said)  # type: ignore[arg-type]
    one = IntervalBlock(reading_type=TYPE, interval_readings=each)
    return MeterReadings(meter_reading=(MeterReading(interval_blocks=(one, one)),))


def read_later(payload: MeterReadings) -> Any:
    """The first block, read column by column."""
    read, said = both(etree.tostring(encode(payload)))
    assert said == payload
    return read.meter_reading[0].interval_blocks[0]


QUALITY = ReadingQuality(reading_quality_type=Reference("1.4.9"), time_stamp=DAY)


def written_and_read(one: IntervalBlock) -> IntervalBlock:
    text = text_of(MeterReadings(meter_reading=(MeterReading(interval_blocks=(one,)),)))
    assert text is not None
    payload: Any = decode(parse(text))
    read: IntervalBlock = payload.meter_reading[0].interval_blocks[0]
    return read


@pytest.mark.parametrize(
    "use",
    [
        lambda one: one,
        lambda one: pickle.loads(pickle.dumps(one)),  # noqa: S301
        copy.copy,
        copy.deepcopy,
        lambda one: replace(one, pending_calculation=None),
        written_and_read,
    ],
)
@pytest.mark.parametrize("qualities", [(), (QUALITY,), (QUALITY, QUALITY)])
def test_intervals_are_made_when_they_are_asked_for(
    qualities: tuple[ReadingQuality, ...], use: Callable[[Any], Any]
) -> None:
    payload = block(150, reading_qualities=qualities)
    one = read_later(payload)
    assert "interval_readings" not in vars(one)
    used = use(one)
    expected = payload.meter_reading[0].interval_blocks[0]
    assert used == expected
    assert (repr(used), hash(used)) == (repr(expected), hash(expected))
    assert used.interval_readings is used.interval_readings
    assert set(vars(used)) == {field.name for field in fields(IntervalBlock)}


@pytest.mark.parametrize("more", [{}, {"value": float("inf")}])
def test_few_intervals_and_unusual_ones_are_made_at_once(more: dict[str, Any]) -> None:
    one = read_later(block(150 if more else 3, **more))
    assert "interval_readings" in vars(one)


def message(payload: Profile) -> Message:
    header = Header(
        verb=Verb.CREATED,
        noun=type(payload).__name__,
        timestamp=datetime(2026, 1, 15, tzinfo=UTC),
        source="ami",
        message_id="1",
    )
    return Message(header=header, kind=Kind.EVENT, payload=payload)


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("compress", [False, True])
def test_the_columns_are_used_where_it_pays(
    compress: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("the tree was read")

    many, few = message(readings(*range(100))), message(readings(1.0))
    assert envelope.read(envelope.write(few, compress=compress)).payload == few.payload
    monkeypatch.setattr(trees, "take", fail)
    assert envelope.read(envelope.write(many, compress=compress)).payload == many.payload
    with pytest.raises(AssertionError, match="the tree was read"):
        envelope.read(envelope.write(few, compress=compress))


@pytest.mark.usefixtures("loaded")
def test_a_value_that_cannot_be_kept_is_refused_with_its_line() -> None:
    written = etree.tostring(
        envelope.write_element(message(readings(*range(50)))), pretty_print=True
    )
    value = b"<value>40</value>"
    date = b"<timeStamp>12026-01-15T08:03:10Z</timeStamp>"
    late = written.replace(value, date + value)
    root = parse(late)
    with pytest.raises(Refusal) as told:
        envelope.read_element(parse(late))
    with pytest.raises(Refusal) as said:
        envelope.read(late)
    assert said.value.violations == told.value.violations
    [violation] = said.value.violations
    found = next(iter(root.iter("{*}timeStamp")))
    assert (violation.code, violation.line) == ("1.8", found.sourceline)
    assert violation.value == "12026-01-15T08:03:10Z"


def test_a_wrong_number_of_columns_is_left_to_the_tree() -> None:
    """The schema has it once; what is not valid says its fault by the tree."""
    space = MeterReadings.namespace
    inside = "<Readings><value>1</value><value>2</value></Readings>" * 20
    data = f'<MeterReadings xmlns="{space}"><MeterReading>{inside}</MeterReading></MeterReadings>'
    elements = elements_of(data.encode(), MESSAGE)
    assert elements is not None
    root = parse(data.encode())
    assert decode(root, elements) == decode(root)
