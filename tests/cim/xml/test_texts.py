"""Bytes written without a tree are those that lxml writes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from cim import envelope, override
from cim.envelope import writing
from cim.message import Header, Kind, Message, Verb
from cim.profile import Profile, Reference
from cim.profiles import NOUNS
from cim.profiles.end_device_events import EndDeviceEvent, EndDeviceEvents
from cim.profiles.meter_readings import MeterReading, MeterReadings, Reading
from cim.xml import date_time_text, encode, text_of
from tests.strategies import profiles, xml_text

AT = datetime(2026, 1, 15, 8, 3, 10, tzinfo=UTC)


def by_tree(payload: Profile) -> bytes:
    return etree.tostring(encode(payload), encoding="UTF-8")


def event(**fields: Any) -> EndDeviceEvents:
    known = {"created_date_time": AT, "end_device_event_type": Reference("3.26.0.85")}
    return EndDeviceEvents(end_device_event=(EndDeviceEvent(**known | fields),))  # type: ignore[arg-type]


def event_message() -> Message:
    header = Header(
        verb=Verb.CREATED, noun="EndDeviceEvents", timestamp=AT, source="ami", message_id="1"
    )
    return Message(header=header, kind=Kind.EVENT, payload=event())


@pytest.mark.parametrize("noun", NOUNS)
@settings(deadline=None, max_examples=8)
@given(data=st.data())
def test_the_bytes_of_every_noun_are_those_of_its_tree(noun: str, data: st.DataObject) -> None:
    payload = data.draw(profiles(NOUNS[noun]))
    text = text_of(payload)
    if text is None:
        tree = by_tree(payload)
        assert noun == "NetworkModels" or any(
            len(e) == 0 and e.text == "" and not e.attrib for e in encode(payload).iter()
        ), tree
    else:
        assert text == by_tree(payload)


@settings(deadline=None, max_examples=300)
@given(text=xml_text.filter(bool), code=xml_text)
def test_texts_and_codes_are_escaped_as_lxml_does(text: str, code: str) -> None:
    payload = event(reason=text, end_device_event_type=Reference(code))
    assert text_of(payload) == by_tree(payload)


@settings(deadline=None, max_examples=300)
@given(text=st.text(max_size=5), code=st.text(max_size=5))
def test_what_lxml_would_not_write_is_left_to_it(text: str, code: str) -> None:
    payload = event(reason=text, end_device_event_type=Reference(code))
    try:
        tree = by_tree(payload)
    except ValueError:
        assert text_of(payload) is None
    else:
        assert text_of(payload) == (tree if text else None)


@pytest.mark.parametrize("bad", ["\x00", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_a_character_that_xml_lacks_is_an_error(bad: str) -> None:
    message = event_message()
    for payload in (event(reason=f"a{bad}"), event(end_device_event_type=Reference(bad))):
        with pytest.raises(ValueError, match=r"XML compatible|surrogates"):
            envelope.write(replace(message, payload=payload))


@pytest.mark.parametrize("wrong", ["1</value><value>2", "&amp;", "<a/>"])
def test_a_text_in_the_place_of_a_number_stays_a_text(wrong: Any) -> None:
    reading = Reading(value=wrong, reading_type=Reference("0"))
    payload = MeterReadings(meter_reading=(MeterReading(readings=(reading,)),))
    assert text_of(payload) == by_tree(payload)


@given(
    value=st.datetimes(timezones=st.sampled_from([None, UTC]))
    | st.datetimes(min_value=datetime(1, 1, 2)).map(lambda v: v.replace(microsecond=0, tzinfo=UTC))
)
def test_times_in_utc_are_written_as_others(value: datetime) -> None:
    said = value.isoformat()
    assert date_time_text(value) == said.replace("+00:00", "Z")


def messages() -> list[Message]:
    message = event_message()
    ends = "\r\n<&>\"'\t]]>ä漢😀"
    return [
        message,
        replace(message, payload=MeterReadings()),
        replace(message, payload=event(reason=ends, user_id=None)),
        replace(message, payload=event(reason="")),
        replace(message, payload=EndDeviceEvents()),
        replace(message, payload=None),
        replace(message, header=replace(message.header, comment="<Payload/>" + ends)),
        replace(message, header=replace(message.header, extensions=(b"<Payload/>",))),
    ]


@pytest.mark.parametrize("message", messages(), ids=range(8))
def test_an_envelope_around_such_bytes_is_as_one_around_a_tree(message: Message) -> None:
    root = writing.write_element(message)
    whole = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    assert envelope.write(message) == whole


def test_such_bytes_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    message = event_message()
    monkeypatch.setattr(override, "encode", None)
    assert b"<EndDeviceEvents" in envelope.write(message)
    assert text_of(event(created_date_time=AT + timedelta(microseconds=5))) is not None
