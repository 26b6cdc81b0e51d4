"""Counters, and qualities without a value: as they are read, told, sent and kept."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from adapters.scada import ScadaAdapter, native, samples, table
from adapters.scada.messages import said
from adapters.scada.points import Data, Kind, Point, Points, Range, Table
from adapters.scada.quality import FINE, Flag, Flags
from adapters.scada.samples import Sample, Scan, Told, Why
from adapters.scada.watch import Flapping, Watch
from cim.profiles.measurement_values import (
    Accumulator,
    AccumulatorValue,
    MeasurementValues,
    Validity,
)
from hub.dispatch.stamp import stamp
from hub.historian.blocks import blocks
from hub.journal.canonical import encode_checked
from hub.rows import Dialect

AT = datetime(2026, 7, 14, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ENERGY = {
    "name": "E",
    "kind": "Accumulator",
    "rtu": "r",
    "type": "holding",
    "address": "0",
    "data": "uint64",
    "gain": "10",
    "unit": "Wh",
}


def energy(**more: str) -> Points:
    return table.read("points.csv", table.write([ENERGY | more]), Dialect(), {})


def sent(told: Told, points: Points) -> MeasurementValues:
    """The values of a message that the schema of the noun has passed."""
    [one] = said([told], points, "SCADA", "here")
    encode_checked(stamp(one, "scada", AT))
    assert isinstance(one.payload, MeasurementValues)
    return one.payload


# -- counters


def test_a_counter_is_told_to_its_last_digit_and_says_where_it_begins_again() -> None:
    points = energy()
    raw = 1_234_567_890_123_456_789
    value, flags = points["E"].measured(raw)
    assert (value, flags) == (12_345_678_901_234_567_890, FINE)
    [one] = sent(Told("E", value, flags, AT, Why.FIRST), points).accumulator_value
    assert one.value == 12_345_678_901_234_567_890
    assert one.accumulator.max_value == (2**64 - 1) * 10
    assert (one.accumulator.unit_symbol, one.time_stamp) == ("Wh", AT)


def test_a_counter_that_begins_again_is_told_as_it_shows() -> None:
    watched = Watched(Point(name="E", kind=Kind.ACCUMULATOR, deadband=5))
    told = [watched.take(raw) for raw in (65_533, 65_535, 1, 4, 7)]
    assert [one and one.value for one in told] == [65_533, None, 1, None, 7]
    assert {one.flags for one in told if one} == {FINE}


@pytest.mark.parametrize(
    ("place", "data", "high", "largest"),
    [
        (Table.HOLDING, Data.UINT16, None, 65_535),
        (Table.INPUT, Data.INT32, None, 2_147_483_647),
        ("M_IT_NA_1", Data.UINT16, None, 2_147_483_647),
        ("node", Data.UINT16, None, None),
        ("", Data.UINT16, None, None),
        ("", Data.UINT16, 999_999.0, 999_999),
    ],
)
def test_the_largest_number_is_that_of_the_register_or_of_the_range(
    place: Table | str, data: Data, high: float | None, largest: int | None
) -> None:
    scale = Range(high=high)
    point = Point(name="E", kind=Kind.ACCUMULATOR, place=place, data=data, scale=scale)
    assert point.largest == largest


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"gain": "0.1"}, "gain '0.1' and offset of an Accumulator are whole, for in the CIM"),
        ({"gain": "-1"}, "gain '-1' and offset of an Accumulator are whole"),
        ({"offset": "0.5"}, "gain '10' and offset of an Accumulator are whole"),
        ({"data": "float32"}, "data 'float32' is no whole number, which an Accumulator is"),
        ({"type": "M_ME_NC_1", "data": ""}, "'M_ME_NC_1' is no whole number, which an Accumulator"),
    ],
)
def test_a_counter_that_is_no_whole_number_is_refused(more: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        energy(**more)


def test_counters_come_in_files_as_whole_numbers(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_bytes(table.write([{"name": "E", "kind": "Accumulator"}]))
    row = {"point": "E", "time": "2026-07-14T12:00:00Z", "value": "70001", "status": ""}
    adapter = ScadaAdapter(points=path)
    good, bad = adapter.records("a.csv", native.write([row, row | {"value": "7.5"}]))
    [one] = adapter.to_cim(good)
    assert isinstance(one.payload, MeasurementValues)
    assert [value.value for value in one.payload.accumulator_value] == [70001]
    with pytest.raises(ValueError, match=r"line 3: value '7.5' is no whole number"):
        list(adapter.to_cim(bad))


# -- qualities without a value


class Watched:
    """A watch over one point; a second passes from reading to reading."""

    def __init__(self, point: Point) -> None:
        self.watch = Watch([point], Flapping(changes=0))
        self._point, self._times = point.name, self._clock()
        self.now = AT

    def take(self, raw: float | None, flags: Flags = FINE) -> Told | None:
        self.now = next(self._times)
        return self.watch.take(Sample(self._point, raw, flags), self.now, 0.0)

    @staticmethod
    def _clock() -> Iterator[datetime]:
        now = AT
        while True:
            now += SECOND
            yield now


SWITCH = Point(
    name="S", kind=Kind.DISCRETE, equipment="_s", states={0: "open", 1: "closed"}, place="coil"
)


@pytest.mark.parametrize("raw", [math.nan, None])
def test_a_point_that_has_never_read_well_is_told_without_a_value(raw: float | None) -> None:
    watched = Watched(Point(name="A", kind=Kind.ANALOG))
    flags = {Flag.OVER_FLOW} if raw is not None else {Flag.FAILURE}
    told = watched.take(raw)
    assert told
    assert (told.value, told.flags, told.why) == (None, flags, Why.QUALITY)
    assert watched.take(raw) is None
    watched.watch.integrity()
    again = watched.take(raw)
    assert again
    assert again.why is Why.INTEGRITY
    first = watched.take(3)
    assert first
    assert (first.value, first.flags, first.why) == (3, FINE, Why.FIRST)


def test_the_first_position_after_a_quality_without_one_is_said() -> None:
    watched = Watched(SWITCH)
    [old] = watched.watch.lost(AT)
    assert (old.value, old.flags, old.moves) == (None, {Flag.OLD_DATA}, False)
    assert list(watched.watch.lost(AT)) == []
    [refused] = watched.watch.failed(["S"], AT)
    assert (refused.value, refused.flags) == (None, {Flag.FAILURE})
    told = watched.take(1)
    assert told
    assert (told.value, told.moves, told.why) == (1, True, Why.FIRST)


@pytest.mark.parametrize("kind", [Kind.ANALOG, Kind.DISCRETE, Kind.ACCUMULATOR])
def test_a_quality_without_a_value_is_sent_and_kept(kind: Kind) -> None:
    points = Points([Point(name="A", mrid="_a", kind=kind, place="holding")])
    told = Told("A", None, frozenset({Flag.OLD_DATA}), AT, Why.QUALITY)
    again = samples.again("here", Scan("r", AT, [told]).raw)
    assert again.told == [told]
    payload = sent(told, points)
    [one] = (*payload.accumulator_value, *payload.analog_value, *payload.discrete_value)
    quality = one.measurement_value_quality
    assert quality
    assert (one.value, quality.validity, quality.old_data) == (None, Validity.QUESTIONABLE, True)
    [block] = blocks(payload).blocks
    assert np.isnan(block.value).tolist() == [True]
    assert list(block.quality) == ["QUESTIONABLE PROCESS oldData"]


def test_the_historian_knows_counters() -> None:
    counted = AccumulatorValue(value=70_001, time_stamp=AT, accumulator=Accumulator(mrid="_e"))
    [block] = blocks(MeasurementValues(accumulator_value=(counted,))).blocks
    assert (block.series.object, block.value.tolist()) == ("_e", [70_001.0])


# -- positions


@pytest.mark.parametrize(
    ("states", "kind"),
    [
        ({"state0": "open", "state1": "closed"}, "SwitchPosition"),
        ({"state0": "moving", "state1": "open", "state2": "closed"}, "DoublePoint"),
    ],
)
def test_a_position_by_two_contacts_says_so(states: dict[str, str], kind: str) -> None:
    of = {"name": "P", "kind": "Discrete", "equipment": "w", "measurement_type": "SwitchPosition"}
    points = table.read("points.csv", table.write([of | states]), Dialect(), {})
    [one] = sent(Told("P", 1, FINE, AT, Why.CHANGE), points).discrete_value
    assert (one.value, one.discrete.measurement_type) == (1, kind)
