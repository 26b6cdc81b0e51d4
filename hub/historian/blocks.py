"""What a message holds for the historian, column by column."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from cim.profile import Profile
from cim.profiles.measurement_values import (
    AccumulatorValue,
    AnalogValue,
    DiscreteValue,
    MeasurementValueQuality,
    MeasurementValues,
)
from cim.profiles.meter_readings import (
    IntervalBlock,
    IntervalReading,
    MeterReading,
    MeterReadings,
    PendingCalculation,
    Reading,
    ReadingQuality,
)
from cim.times import FIRST, LAST, time_of, zoned
from hub.historian.series import Series, of_measurement, of_meter
from hub.historian.tables import microseconds

_Value = AccumulatorValue | AnalogValue | DiscreteValue

Instants = NDArray[np.int64]
"""Microseconds since 1970, UTC."""

NEVER = np.iinfo(np.int64).min
"""In a column of instants: none."""

_FIRST, _LAST = microseconds(FIRST), microseconds(LAST)

_EXACT = 2.0**32
"""Seconds since 1970 up to which a float tells microseconds apart."""

_WORDS = {
    "bad_reference": "badReference",
    "estimator_replaced": "estimatorReplaced",
    "failure": "failure",
    "old_data": "oldData",
    "operator_blocked": "operatorBlocked",
    "oscillatory": "oscillatory",
    "out_of_range": "outOfRange",
    "over_flow": "overFlow",
    "suspect": "suspect",
    "test": "test",
}


@dataclass(frozen=True)
class Block:
    """Values of one series, in the order of the message.

    at:      when; of an interval its end.
    start:   where a value says its period; else NEVER.
    value:   NaN where none is given.
    quality: codes or words; "" when nothing is said.
    """

    series: Series
    at: Instants
    start: Instants
    value: NDArray[np.float64]
    quality: Sequence[str]


@dataclass(frozen=True)
class Said:
    """What readings of one series say, as in a `Block`.

    at: each its timeStamp, else the end of its timePeriod, else NEVER.
    """

    at: Instants
    start: Instants
    value: NDArray[np.float64]
    quality: Sequence[str]

    def __len__(self) -> int:
        return len(self.at)

    @classmethod
    def of(cls, readings: Sequence[Reading] | Sequence[IntervalReading]) -> Said:
        """What these objects say."""
        periods = [one.time_period for one in readings]
        given = any(periods)
        at = instants([one.time_stamp for one in readings])
        if given and (at == NEVER).any():
            at = either(at, instants([p.end if p else None for p in periods]))
        return cls(
            at,
            instants([p.start if p else None for p in periods]) if given else nevers(len(at)),
            np.array([one.value for one in readings], np.float64),  # None becomes NaN
            _qualities([one.reading_qualities for one in readings]),
        )

    @classmethod
    def joined(cls, parts: Sequence[Said]) -> Said:
        """One after the other."""
        return cls(
            np.concatenate([one.at for one in parts]),
            np.concatenate([one.start for one in parts]),
            np.concatenate([one.value for one in parts]),
            [quality for one in parts for quality in one.quality],
        )

    def taken(self, places: NDArray[np.int64]) -> Said:
        """Those at `places`, in that order."""
        quality = [self.quality[n] for n in places.tolist()]
        return Said(self.at[places], self.start[places], self.value[places], quality)


def _qualities(given: Sequence[Sequence[ReadingQuality]]) -> Sequence[str]:
    if not any(given):
        return [""] * len(given)
    return [" ".join(q.reading_quality_type or "" for q in of_one) for of_one in given]


@dataclass
class Found:
    """The blocks of a message, and what of it no series can hold: why, and how often."""

    blocks: list[Block] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def blocks(*payloads: Profile) -> Found:
    """What they hold."""
    found = Found()
    for payload in payloads:
        if isinstance(payload, MeterReadings):
            for reading in payload.meter_reading:
                _of_meter(reading, found)
        elif isinstance(payload, MeasurementValues):
            _of_measurements(payload, found)
    return found


def _of_meter(reading: MeterReading, found: Found) -> None:
    add_readings(reading, found)
    for block in reading.interval_blocks:
        add_block(reading, block, Said.of(block.interval_readings), found)


def add_readings(reading: MeterReading, found: Found) -> None:
    """Take the single values of `reading`."""
    by_type: defaultdict[str | None, list[Reading]] = defaultdict(list)
    for one in reading.readings:
        by_type[one.reading_type].append(one)
    for code, alike in by_type.items():
        _add(_series(reading, code, len(alike), found), Said.of(alike), found)


def add_block(reading: MeterReading, block: IntervalBlock, said: Said, found: Found) -> None:
    """Take what the interval readings of a block of `reading` have said."""
    pending = block.pending_calculation
    code = block.reading_type if pending is None else pending.reading_type
    try:
        work = _calculation(pending)
    except ValueError as error:
        found.left_out[str(error)] += len(said)
        return
    _add(_series(reading, code, len(said), found), said, found, work)


def _series(reading: MeterReading, code: str | None, count: int, found: Found) -> Series | None:
    """The series of a reading type of `reading`; None, and noted, when there is none."""
    if code is None:
        found.left_out["MeterReading: values without ReadingType are of no quantity"] += count
        return None
    series = of_meter(reading, code)
    if series is None:
        found.left_out["MeterReading: neither Meter nor UsagePoint has an mRID or a name"] += count
    return series


def _calculation(
    pending: PendingCalculation | None,
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]] | None:
    """What is still to be done to the values of a block.  Raises: ValueError, when it is unsure."""
    if pending is None:
        return None
    offset, scalar = pending.offset or 0, pending.scalar_float
    if scalar is None:
        scalar = (1 if pending.scalar_numerator is None else pending.scalar_numerator) / (
            pending.scalar_denominator or 1
        )
    if offset and scalar != 1 and pending.multiply_before_add is None:
        raise ValueError(
            "PendingCalculation: with scalar and offset, multiplyBeforeAdd must say which is first"
        )
    if pending.multiply_before_add:
        return lambda value: value * scalar + offset
    return lambda value: (value + offset) * scalar


def _add(
    series: Series | None,
    said: Said,
    found: Found,
    work: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None = None,
) -> None:
    if series is None or not len(said):
        return
    timed = said.at != NEVER
    if not timed.all():
        rule = "Reading: a value with neither timeStamp nor the end of timePeriod is of no time"
        found.left_out[rule] += int((~timed).sum())
        if not timed.any():
            return
        said = said.taken(np.flatnonzero(timed))
    value = said.value if work is None else work(said.value)
    found.blocks.append(Block(series, said.at, said.start, value, said.quality))


def _of_measurements(payload: MeasurementValues, found: Found) -> None:
    by_series: dict[str, tuple[Series, list[_Value]]] = {}
    said: Iterator[tuple[Series | None, _Value]] = iter(
        [
            *((of_measurement(zero.accumulator), zero) for zero in payload.accumulator_value),
            *((of_measurement(one.analog), one) for one in payload.analog_value),
            *((of_measurement(two.discrete), two) for two in payload.discrete_value),
        ]
    )
    for series, one in said:
        if series is None:
            rule = "Measurement: neither itself nor where it is has an mRID or a name"
            found.left_out[rule] += 1
        elif time_of(one.time_stamp) is None:
            found.left_out["MeasurementValue: a value without timeStamp is of no time"] += 1
        else:
            known, values = by_series.setdefault(series.key, (series, []))
            values.append(one)
            if not series.names <= known.names:
                more = replace(known, names=known.names | series.names)
                by_series[series.key] = more, values
    for series, values in by_series.values():
        found.blocks.append(
            Block(
                series,
                at=instants([one.time_stamp for one in values]),
                start=nevers(len(values)),
                value=np.array([one.value for one in values], np.float64),
                quality=[_quality(one.measurement_value_quality) for one in values],
            )
        )


def _quality(given: MeasurementValueQuality | None) -> str:
    """Validity, source and the flags that are set, e.g. "QUESTIONABLE SUBSTITUTED oldData"."""
    if given is None:
        return ""
    told = [str(one) for one in (given.validity, given.source) if one is not None]
    return " ".join([*told, *(word for name, word in _WORDS.items() if getattr(given, name))])


# -- columns


def instants(times: Sequence[datetime | None]) -> Instants:
    """Of each moment; one without zone is UTC, None and what is no time are NEVER."""
    given = [one for one in times if one is not None]
    if len(given) < len(times):
        column = nevers(len(times))
        column[[n for n, one in enumerate(times) if one is not None]] = instants(given)
        return column
    if None in [one.tzinfo for one in given]:
        given = list(map(zoned, given))
    seconds = np.fromiter(map(datetime.timestamp, given), np.float64, len(given))
    if seconds.size and np.abs(seconds).max() > _EXACT:
        return such(np.array([microseconds(one) for one in given], np.int64))
    return such(np.rint(seconds * 1e6).astype(np.int64))


def such(column: Instants) -> Instants:
    """The same column, in which what is no time (`cim.times.is_time`) is NEVER now."""
    column[(column <= _FIRST) | (column >= _LAST)] = NEVER
    return column


def either(one: Instants, other: Instants) -> Instants:
    """Of each moment the one, where there is one, else the other."""
    return np.where(one == NEVER, other, one)


def nevers(count: int) -> Instants:
    return np.full(count, NEVER, np.int64)
