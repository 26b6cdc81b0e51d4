"""What comes is stored once, revised when told otherwise, and known as it was known."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cim.message import Kind, Message, Operation, OperationSet, Outgoing, Verb
from cim.plain import LOADED
from cim.profile import Reference
from cim.profiles.measurement_values import Validity
from cim.profiles.meter_readings import (
    IntervalBlock,
    IntervalReading,
    MeterReading,
    PendingCalculation,
    Reading,
)
from hub.bulk import Accepted
from hub.historian import tables
from hub.historian.app import NAME, Historian
from hub.historian.deadband import Deadbands
from hub.historian.questions import Span, latest
from hub.interfaces import Context
from hub.journal import queries
from tests import fakes
from tests.hub.historian.values import (
    ENERGY,
    QUARTER,
    REGISTER,
    Storing,
    intervals,
    of_meter,
    period,
    registers,
    scan,
)

START = fakes.START


ONE = [(START, 1.5)]


def quarters(*values: float, first: datetime = START) -> list[tuple[datetime, float]]:
    return [(first + n * QUARTER, value) for n, value in enumerate(values)]


def test_readings_are_there_by_meter_and_usage_point(storing: Storing) -> None:
    storing.accept(intervals(quarters(1.5, 2.5), meter="M1", point="up-1"))
    [series] = storing.series("M1")
    assert storing.series("up-1") == storing.series("up-1-id") == [series]
    assert (series.kind, series.object, series.place) == ("reading", "M1", "up-1-id")
    assert (series.quantity, series.unit, series.interval) == (ENERGY, "kWh", 900)
    assert storing.values("up-1") == quarters(1.5, 2.5)
    assert storing.samples("M1")[0].known == START


@pytest.mark.parametrize("first", [datetime.min, datetime.max.replace(microsecond=0)])
@pytest.mark.parametrize(
    "zone", [UTC, timezone(timedelta(hours=14)), timezone(-timedelta(hours=14))]
)
def test_a_value_of_no_time_stops_nothing(
    storing: Storing, first: datetime, zone: timezone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(LOADED), "done", lambda _: True)  # out of the bytes, as always later
    never = first.replace(tzinfo=zone)
    storing.accept(intervals([(never, 7.0), *quarters(1.5, 2.5)], meter="M1"))
    storing.accept(registers([(never, 7.0)], meter="M1"))
    storing.accept(scan([(never, 7.0)]))
    storing.accept(intervals(quarters(3.5), meter="M2"))
    with storing.journal.reading() as connection:
        assert not queries.dead(connection)
    assert set(quarters(1.5, 2.5)) <= set(storing.values("M1"))
    assert storing.values("M2") == quarters(3.5)


def test_what_an_operation_set_tells_is_stored_and_what_it_asks_for_is_not(small: Storing) -> None:
    told = [
        Operation(operation_id=1, noun="MeterReadings", verb=Verb.CREATED, payload=intervals(ONE)),
        Operation(
            operation_id=2, noun="MeterReadings", verb=Verb.CREATE, payload=intervals(ONE, "M2")
        ),
        Operation(
            operation_id=3,
            noun="MeasurementValues",
            verb=Verb.CHANGED,
            payload=scan([(START, 1.25)]),
        ),
    ]
    header = fakes.message(None, Verb.EXECUTED, noun="OperationSet").header
    message = Message(header=header, kind=Kind.EVENT, payload=OperationSet(operations=tuple(told)))
    small.hub.accept([fakes.Handed.of(message)], "test")
    assert small.hub.deliver(NAME) == 1
    assert small.values("M1") == ONE
    assert small.values("P1") == [(START, 1.25)]
    assert small.series("M2") == []


def test_a_measurement_is_there_by_itself_and_its_equipment(small: Storing) -> None:
    small.accept(scan([(START, 1.25)], validity=Validity.QUESTIONABLE))
    [series] = small.series("line-7")
    assert small.series("P1") == small.series("P1-id") == [series]
    assert (series.kind, series.quantity, series.unit) == (
        "measurement",
        "ThreePhaseActivePower",
        "MW",
    )
    [sample] = small.samples("P1")
    assert (sample.value, sample.quality) == (1.25, "QUESTIONABLE")


def test_the_newest_value_counts_and_the_earlier_one_is_known_as_of_then(storing: Storing) -> None:
    storing.accept(intervals(quarters(1, 2)))
    storing.clock.forward(60)
    storing.accept(intervals([(START, 7.0, "2.7.1")]))
    assert storing.values("M1") == [(START, 7.0), (START + QUARTER, 2.0)]
    before = Span(as_of=START + timedelta(seconds=59))
    assert storing.values("M1", before) == quarters(1, 2)
    assert storing.values("M1", Span(as_of=START - timedelta(seconds=1))) == []
    sample = storing.samples("M1")[0]
    assert (sample.revision, sample.quality) == (1, "2.7.1")


def test_what_says_the_same_is_no_revision(storing: Storing) -> None:
    storing.accept(intervals([(START, 1.0, "1.0.0"), (START + QUARTER, None)]))
    storing.clock.forward(60)
    storing.accept(intervals([(START, 1.0, "1.0.0"), (START + QUARTER, None)]))
    assert [(s.known, s.revision) for s in storing.samples("M1")] == [(START, 0), (START, 0)]


def test_each_reading_type_of_each_meter_is_a_series(small: Storing) -> None:
    small.accept(registers([(START, 10)]), registers([(START, 20)], meter="M2"))
    small.accept(registers([(START, 30)], code=ENERGY), registers([(START, 40)], point="up-1"))
    assert len(small.series()) == 4
    assert [one.quantity for one in small.series("M1")] == [REGISTER, ENERGY, REGISTER]
    assert small.values("M2") == [(START, 20)]


def test_periods_and_times_without_zone(small: Storing) -> None:
    day = period(datetime(2026, 7, 1), datetime(2026, 7, 2))
    billed = Reading(value=5.0, reading_type=Reference(REGISTER), time_period=day)
    small.accept(of_meter(MeterReading(readings=(billed,)), "M1"))
    [sample] = small.samples("M1")
    assert sample.at == datetime(2026, 7, 2, tzinfo=UTC)
    assert sample.start == datetime(2026, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("pending", "expected"),
    [
        ({"scalar_float": 0.5}, [1.0]),
        ({"scalar_numerator": 3, "scalar_denominator": 2}, [3.0]),
        ({"scalar_float": 2.0, "offset": 1, "multiply_before_add": True}, [5.0]),
        ({"scalar_float": 2.0, "offset": 1, "multiply_before_add": False}, [6.0]),
        ({"scalar_float": 2.0, "offset": 1}, []),
    ],
)
def test_pending_calculations_are_done(
    small: Storing, pending: dict[str, object], expected: list[float]
) -> None:
    block = IntervalBlock(
        reading_type=Reference(REGISTER),
        pending_calculation=PendingCalculation(reading_type=Reference(ENERGY), **pending),  # type: ignore[arg-type]
        interval_readings=(IntervalReading(time_stamp=START, value=2.0),),
    )
    small.accept(of_meter(MeterReading(interval_blocks=(block,)), "M1"))
    assert [one.quantity for one in small.series()] == [ENERGY] * len(expected)
    assert expected == [v for _, v in small.values("M1")] if expected else not small.series()


def test_what_no_series_can_hold_is_told(small: Storing) -> None:
    timeless = IntervalReading(value=1.0)
    block = IntervalBlock(reading_type=Reference(ENERGY), interval_readings=(timeless, timeless))
    reading = MeterReading(interval_blocks=(block,))
    small.accept(of_meter(reading, "M1"), intervals(quarters(1), meter=""))
    assert small.series() == []
    with small.journal.reading() as connection:
        told = connection.execute(
            sa.select(tables.left_out.c.rule, tables.left_out.c.times).order_by("times")
        ).all()
    assert [tuple(row) for row in told] == [
        ("MeterReading: neither Meter nor UsagePoint has an mRID or a name", 1),
        ("Reading: a value with neither timeStamp nor the end of timePeriod is of no time", 2),
    ]


def test_values_that_are_no_numbers(storing: Storing) -> None:
    storing.accept(intervals(quarters(math.nan, math.inf, -0.0)))
    [(_, nothing), (_, infinite), (_, zero)] = storing.values("M1")
    assert (nothing, infinite, zero) == (None, math.inf, 0.0)


def test_what_is_rolled_back_leaves_nothing(storing: Storing) -> None:
    """A message that fails in the same transaction takes nothing with it, and leaves nothing."""
    good, bad = intervals(quarters(1, 2)), intervals(quarters(3), meter="M2", code="x" * 9)
    app = storing.app

    class Failing(Historian):
        def handle_all(
            self, messages: Sequence[Accepted], context: Context
        ) -> Iterable[Iterable[Outgoing]]:
            super().handle_all(messages, context)
            raise RuntimeError("after the values are written")

        def handle(self, message: Message, context: Context) -> Iterable[Outgoing]:
            said = super().handle(message, context)
            if message.payload == bad:
                raise RuntimeError("after the values are written")
            return said

    storing.use(Failing())
    storing.accept(good, bad)
    assert [one.object for one in storing.series()] == ["M1"]
    with storing.journal.reading() as connection:
        assert (
            connection.execute(sa.select(sa.func.count()).select_from(tables.sample)).scalar() == 2
        )
        assert queries.backlog(connection)[0].accepted == 1
    storing.use(app)
    storing.clock.forward(3600)
    storing.hub.deliver(NAME)
    assert [one.object for one in storing.series()] == ["M1", "M2"]
    assert storing.values("M2") == quarters(3)


# -- deadbands


def test_a_deadband_leaves_out_what_hardly_differs(small: Storing) -> None:
    bands = Deadbands({"P1": 0.5, "*": 0.0}, longest=timedelta(hours=1))
    small.use(Historian(deadbands=bands))
    minute = timedelta(minutes=1)
    steps = [10, 10.5, 9.6, 10.6, 10.2, 11.2]
    small.accept(scan([(START + n * minute, value) for n, value in enumerate(steps[:3])]))
    small.accept(scan([(START + n * minute, v) for n, v in enumerate(steps) if n > 2]))
    assert [v for _, v in small.values("P1")] == [10, 10.6, 11.2]
    small.accept(scan([(START + timedelta(hours=2), 11.2), (START - minute, 10.1)]))
    small.accept(scan([(START + timedelta(hours=2, minutes=1), 11.2)], validity=Validity.INVALID))
    assert [v for _, v in small.values("P1")] == [10.1, 10, 10.6, 11.2, 11.2, 11.2]
    small.accept(scan([(START, 1), (START + minute, 1), (START + 2 * minute, 1.1)], "P2"))
    assert [v for _, v in small.values("P2")] == [1, 1.1]
    small.accept(intervals(quarters(1, 1, 1)))
    assert len(small.values("M1")) == 3


# -- against a plain model


_TIMES = st.integers(0, 5).map(lambda n: datetime(2026, 6, 30, 23, tzinfo=UTC) + n * 2 * QUARTER)
_READINGS = st.lists(
    st.tuples(_TIMES, st.sampled_from([None, 0.0, 1.0, 2.5]), st.sampled_from(["1.0.0", "3.0.0"])),
    min_size=1,
    max_size=5,
)
_MESSAGES = st.lists(st.tuples(st.sampled_from(["M1", "M2"]), _READINGS), min_size=1, max_size=3)
_STREAMS = st.lists(_MESSAGES, min_size=1, max_size=3)


@given(_STREAMS)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_random_streams_equal_a_plain_model(storing: Storing, stream: list[object]) -> None:
    _emptied(storing)
    plain: dict[tuple[str, datetime], list[tuple[datetime, float | None, str]]] = {}
    for batch in stream:
        storing.clock.forward(1)
        now = storing.clock.now
        storing.accept(*(intervals(values, meter) for meter, values in batch))  # type: ignore[attr-defined]
        for meter, values in batch:  # type: ignore[attr-defined]
            for at, value, quality in values:
                plain.setdefault((meter, at), []).append((now, value, quality))
    told = {now for values in plain.values() for now, *_ in values}
    for meter in ("M1", "M2"):
        for as_of in (None, *sorted(told)):
            expected = [
                (at, known[-1][1], known[-1][2])
                for (of, at), values in sorted(plain.items())
                if of == meter
                and (known := [one for one in values if as_of is None or one[0] <= as_of])
            ]
            got = storing.samples(meter, Span(as_of=as_of)) if storing.series(meter) else []
            assert [(one.at, one.value, one.quality) for one in got] == expected
            _newest_is_last(storing, meter, as_of, expected)  # type: ignore[arg-type]


def _newest_is_last(
    storing: Storing, meter: str, as_of: datetime | None, expected: list[tuple[object, ...]]
) -> None:
    ids = [one.id for one in storing.series(meter)]
    with storing.journal.reading() as connection:
        found = latest(connection, ids, as_of)
    assert [(one.at, one.value) for one in found] == [one[:2] for one in expected[-1:]]


def _emptied(storing: Storing) -> None:
    with storing.journal.transaction() as transaction:
        for table in (tables.sample, tables.earlier, tables.name, tables.series):
            transaction.connection.execute(sa.delete(table))
    storing.use(Historian())
