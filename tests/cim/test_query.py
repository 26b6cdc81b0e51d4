"""Query profiles held against the examples of their nouns."""

from __future__ import annotations

from datetime import UTC, datetime

from cim import xml
from cim.contract import example
from cim.parse import parse
from cim.profiles.compounds import DateTimeInterval
from cim.profiles.end_device_events import EndDeviceEvents
from cim.profiles.get_end_device_events import EndDeviceEvent, GetEndDeviceEvents
from cim.profiles.get_meter_readings import GetMeterReadings, Reading, ReadingsFilter
from cim.profiles.meter_readings import MeterReadings
from cim.profiles.plain_names import PlainMeter, PlainName, PlainReadingType
from cim.query import Criteria

ENERGY = "0.0.0.1.1.1.12.0.0.0.0.0.0.0.0.3.72.0"


def readings() -> MeterReadings:
    found = xml.decode(parse(example("MeterReadings").encode()))
    assert isinstance(found, MeterReadings)
    return found


def test_readings_are_asked_for_by_meter_type_and_interval() -> None:
    [reading] = readings().meter_reading
    meter = ReadingsFilter(meter=PlainMeter(names=(PlainName(name="M-204417"),)))
    other = ReadingsFilter(meter=PlainMeter(names=(PlainName(name="M-1"),)))
    day = DateTimeInterval(start=datetime(2026, 3, 14, tzinfo=UTC))

    criteria = Criteria.of(
        GetMeterReadings(
            meter_readings=meter,
            reading=(Reading(time_period=day),),
            reading_type=(PlainReadingType(mrid=ENERGY),),
        )
    )

    assert criteria.met_by(reading)
    assert criteria.start == day.start
    assert criteria.named in ({"M-204417"}, {ENERGY})
    assert not Criteria.of(GetMeterReadings(meter_readings=other)).met_by(reading)
    assert not Criteria.of(GetMeterReadings(reading_type=(PlainReadingType(mrid="1.0"),))).met_by(
        reading
    )


def test_of_several_members_one_is_enough_and_a_value_must_be_the_same() -> None:
    events = xml.decode(parse(example("EndDeviceEvents").encode()))
    assert isinstance(events, EndDeviceEvents)
    [event] = events.end_device_event
    high, low = EndDeviceEvent(severity="high"), EndDeviceEvent(severity="low")

    assert Criteria.of(GetEndDeviceEvents(end_device_event=(low, high))).met_by(event)
    assert not Criteria.of(GetEndDeviceEvents(end_device_event=(low,))).met_by(event)


def test_a_query_without_conditions_asks_for_everything() -> None:
    [reading] = readings().meter_reading
    assert Criteria.of(GetMeterReadings()).met_by(reading)
    assert Criteria.of(None).met_by(reading)
    assert Criteria.of(GetMeterReadings()).named == frozenset()
