"""What is said by an adapter or an app is checked as it is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from cim import envelope
from cim.message import Header, Kind, Message, Verb
from cim.profile import Reference
from cim.profiles.meter_readings import MeterReading, MeterReadings, Reading
from cim.violation import Refusal
from hub.journal import canonical

TYPE = Reference("0.0.0.1.1.1.12.0.0.0.0.0.0.0.0.3.72.0")
HEADER = Header(
    verb=Verb.CREATED,
    noun="MeterReadings",
    timestamp=datetime(2026, 1, 15, tzinfo=UTC),
    source="ami",
    message_id="1",
)


def message(**reading: Any) -> Message:
    readings = (Reading(**{"reading_type": TYPE, "value": 1.0} | reading),)  # type: ignore[arg-type]
    payload = MeterReadings(meter_reading=(MeterReading(readings=readings),))
    return Message(header=HEADER, kind=Kind.EVENT, payload=payload)


@pytest.mark.parametrize("source", ["ami", "", "a<b>\r&"])
def test_what_is_valid_is_written_as_it_is_read(source: str) -> None:
    said = message(source=source)
    body = canonical.encode_checked(said)
    assert body == canonical.encode(said) == envelope.write(said)
    assert canonical.decode(body).payload == said.payload


@pytest.mark.parametrize("value", ["one", "1</value><value>2", None])
def test_what_is_not_is_refused_in_words_without_a_line(value: Any) -> None:
    wrong = {"reading_type": None} if value is None else {"value": value}
    with pytest.raises(Refusal) as refusal:
        canonical.encode_checked(message(**wrong))
    violation = refusal.value.violations[0]
    assert violation.line is None
    assert violation.xpath is not None
    assert violation.xpath.startswith("/EventMessage/Payload/MeterReadings/MeterReading/Readings")


def test_a_header_that_breaks_the_schema_is_refused() -> None:
    wrong: Any = "maybe"
    with pytest.raises(Refusal, match="AckRequired"):
        canonical.encode_checked(replace(message(), header=replace(HEADER, ack_required=wrong)))


def test_what_could_not_be_read_again_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canonical, "encode", lambda _message: b"<a")
    with pytest.raises(Refusal, match="is not valid"):
        canonical.encode_checked(message())
