"""The messages of the measurements, as a metering system would write them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import uuid4

from lxml import etree

from cim import envelope
from cim.message import Header, Kind, Message, Topic, Verb
from cim.profile import Profile, RdfXml, Reference
from cim.profiles.end_device_events import Asset, EndDeviceEvent, EndDeviceEvents
from cim.profiles.identification import Name, UsagePoint
from cim.profiles.meter_readings import (
    IntervalBlock,
    IntervalReading,
    Meter,
    MeterName,
    MeterReading,
    MeterReadings,
    Reading,
)
from cim.profiles.network_models import NetworkModel, NetworkModels

SOURCE = "ami"
REPORTED = Topic(Verb.CREATED, "EndDeviceEvents")
BATCH = 200
_AT = datetime(2026, 7, 14, 15, 0, tzinfo=UTC)
_LAST_GASP = Reference("3.26.0.85")
_ENERGY = Reference("0.0.2.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0")
_VALID = 1000.0
T = TypeVar("T")


def events(count: int) -> list[Message]:
    """Messages of one last gasp each, every one from another usage point."""
    return [_message(_event(n)) for n in range(count)]


def _event(number: int) -> EndDeviceEvents:
    event = EndDeviceEvent(
        mrid=str(uuid4()),
        created_date_time=_AT + timedelta(milliseconds=number),
        issuer_id=SOURCE,
        reason="supply lost",
        severity="alarm",
        assets=Asset(names=(Name(name=f"M{number:07}"),)),
        end_device_event_type=_LAST_GASP,
        usage_point=UsagePoint(mrid=str(uuid4())),
    )
    return EndDeviceEvents(end_device_event=(event,))


def readings(count: int) -> Message:
    """One message with `count` quarter-hour readings of one meter."""
    values = tuple(
        Reading(
            time_stamp=_AT + timedelta(minutes=15 * n),
            value=_VALID + n / 8,
            reading_type=_ENERGY,
        )
        for n in range(count)
    )
    meter = Meter(names=(MeterName(name="M0000001"),))
    return _message(MeterReadings(meter_reading=(MeterReading(meter=meter, readings=values),)))


def intervals(number: int, count: int) -> Message:
    """One message with `count` quarter-hour interval readings of the meter of that number."""
    values = tuple(
        IntervalReading(time_stamp=_AT + timedelta(minutes=15 * n), value=_VALID + n / 8)
        for n in range(count)
    )
    block = IntervalBlock(reading_type=_ENERGY, interval_readings=values)
    meter = Meter(names=(MeterName(name=f"M{number:07}"),))
    return _message(
        MeterReadings(meter_reading=(MeterReading(meter=meter, interval_blocks=(block,)),))
    )


def model_message(document: bytes) -> Message:
    """One model, CIM RDF/XML."""
    model = NetworkModel(mrid=str(uuid4()), document=RdfXml(document))
    return _message(NetworkModels(network_model=(model,)))


def _message(payload: Profile) -> Message:
    header = Header(
        verb=Verb.CREATED,
        noun=type(payload).__name__,
        timestamp=_AT,
        source=SOURCE,
        message_id=str(uuid4()),
    )
    return Message(header=header, kind=Kind.EVENT, payload=payload)


def written(message: Message) -> bytes:
    """The bytes, in lines and indented: a sender does not write as the journal does."""
    root = envelope.write_element(message)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def batches(values: Sequence[T], size: int = BATCH) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
