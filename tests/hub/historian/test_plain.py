"""Columns out of the bytes say what the objects say."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from cim.plain import LOADED
from cim.profile import Reference
from cim.profiles.meter_readings import (
    IntervalBlock,
    IntervalReading,
    MeterReading,
    MeterReadings,
    PendingCalculation,
    ReadingQuality,
)
from hub.historian import plain
from hub.historian.blocks import Found, blocks
from hub.journal.canonical import encode
from tests import fakes
from tests.hub.historian.values import ENERGY, QUARTER, intervals, of_meter, period, registers, scan
from tests.strategies import profiles

START = fakes.START


@pytest.fixture(autouse=True)
def _loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(LOADED), "done", lambda _: True)


def told(payload: MeterReadings) -> Found:
    found = plain.found_in(encode(fakes.message(payload, noun="MeterReadings")))
    assert found is not None
    return found


def same(one: Found, other: Found) -> None:
    assert one.left_out == other.left_out
    assert [block.series for block in one.blocks] == [block.series for block in other.blocks]
    for mine, theirs in zip(one.blocks, other.blocks, strict=True):
        assert mine.series.names == theirs.series.names
        np.testing.assert_array_equal(mine.at, theirs.at)
        np.testing.assert_array_equal(mine.start, theirs.start)
        np.testing.assert_array_equal(mine.value, theirs.value)
        assert list(mine.quality) == list(theirs.quality)


def quality(code: str, **more: str) -> ReadingQuality:
    return ReadingQuality(reading_quality_type=Reference(code), **more)  # type: ignore[arg-type]


MIXED = (
    IntervalReading(time_stamp=START, value=1.0),
    IntervalReading(time_stamp=START + QUARTER, reading_qualities=(quality("5.1.0"),)),
    IntervalReading(value=3.0, time_period=period(START, START + 2 * QUARTER)),
    IntervalReading(value=4.0),
    IntervalReading(
        time_stamp=START + 4 * QUARTER,
        value=5.0,
        reading_qualities=(quality("1.0.0", comment="<&>"), quality("2.7.1")),
        time_period=period(START, START + QUARTER),
    ),
    IntervalReading(time_stamp=START + 5 * QUARTER, value=6.0),
)


def test_readings_that_say_different_things_stay_in_order() -> None:
    block = IntervalBlock(reading_type=Reference(ENERGY), interval_readings=MIXED)
    calculated = IntervalBlock(
        reading_type=Reference(ENERGY),
        pending_calculation=PendingCalculation(reading_type=Reference("kvarh"), scalar_float=0.5),
        interval_readings=MIXED[:2],
    )
    empty = IntervalBlock(reading_type=Reference(ENERGY))
    payload = of_meter(MeterReading(interval_blocks=(block, calculated, empty)), "M1", "up-1")
    found = told(payload)
    same(found, blocks(payload))
    assert found.blocks[0].value.tolist()[2:] == [3.0, 5.0, 6.0]
    assert found.blocks[0].quality[3] == "1.0.0 2.7.1"
    assert found.blocks[1].value.tolist()[:1] == [0.5]


def test_several_meters_and_single_readings() -> None:
    one, two = intervals([(START, 1)], "M1"), registers([(START, 2, "1.0.0")], "M2", "up-2")
    payload = MeterReadings(meter_reading=(*one.meter_reading, *two.meter_reading))
    same(told(payload), blocks(payload))


def test_another_noun_takes_the_way_over_objects() -> None:
    body = encode(fakes.message(scan([(START, 1.0)]), noun="MeasurementValues"))
    assert plain.found_in(body) is None


@given(profiles(MeterReadings))
@settings(max_examples=10, suppress_health_check=list(HealthCheck))
def test_whatever_is_valid_is_the_same_both_ways(payload: MeterReadings) -> None:
    found = plain.found_in(encode(fakes.message(payload, noun="MeterReadings")))
    if found is not None:
        same(found, blocks(payload))


@pytest.mark.parametrize("at", [datetime.min, datetime(1970, 1, 1), datetime.max])
def test_what_is_no_time_is_none_either_way(at: datetime) -> None:
    """A value is of the end of its period then, where one is told."""
    never = at.replace(tzinfo=UTC)
    readings = (
        IntervalReading(time_stamp=never, value=1.0),
        IntervalReading(time_stamp=START, value=2.0),
        IntervalReading(time_stamp=never, value=3.0, time_period=period(never, START + QUARTER)),
    )
    block = IntervalBlock(reading_type=Reference(ENERGY), interval_readings=readings)
    payload = of_meter(MeterReading(interval_blocks=(block,)), "M1")
    found = blocks(payload)
    same(told(payload), found)
    assert found.blocks[0].value.tolist() == [2.0, 3.0]
    assert sum(found.left_out.values()) == 1
