"""Pages, steps of time zones, files and retention."""

from __future__ import annotations

import csv
import io
import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.historian import buckets as steps
from hub.historian import export, partitions, questions, tables
from hub.historian.blocks import instants
from hub.historian.buckets import Bucket, Step, buckets
from hub.historian.export import Chosen
from hub.historian.parquet import as_parquet
from hub.historian.questions import Span
from hub.historian.sweep import Keep, sweep
from tests import fakes
from tests.hub.historian.values import QUARTER, Storing, intervals, registers, scan

BERLIN = ZoneInfo("Europe/Berlin")
START = fakes.START


def asked(
    storing: Storing, name: str, start: datetime, end: datetime, every: str, zone: str = "UTC"
) -> list[Bucket]:
    [series] = storing.series(name)
    with storing.journal.reading() as connection:
        span = Span(start, end)
        return buckets(connection, series, span, Step.of(every), steps.zone_of(zone))


def test_pages_follow_one_another(small: Storing) -> None:
    times = [START + n * QUARTER for n in range(7)]
    small.accept(intervals([(at, float(n)) for n, at in enumerate(times)]))
    [series] = small.series("M1")
    with small.journal.reading() as connection:
        pages = list(questions.pages(connection, series.id, Span(times[1], times[6]), 2))
    assert [[one.value for one in page] for page in pages] == [[1, 2], [3, 4], [5]]


@pytest.mark.parametrize(
    ("day", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25), ((2026, 7, 1), 24)]
)
def test_days_are_as_long_as_clocks_make_them(
    storing: Storing, day: tuple[int, int, int], hours: int
) -> None:
    """Quarters of an hour by their ends: the one that ends at midnight is of the day before."""
    midnight = datetime(*day, tzinfo=BERLIN).astimezone(UTC)
    ends = [midnight + n * QUARTER for n in range(-3, 4 * hours + 5)]
    storing.accept(intervals([(at, 1.0) for at in ends]))
    before, that, after = asked(
        storing,
        "M1",
        midnight - timedelta(hours=1),
        midnight + timedelta(hours=hours + 1),
        "1d",
        "Europe/Berlin",
    )
    assert (before.count, that.count, after.count) == (4, 4 * hours, 4)
    assert that.start == midnight
    assert that.end == midnight + timedelta(hours=hours)


def test_months_and_years_of_a_zone(small: Storing) -> None:
    small.accept(registers([(datetime(2025, 12, 31, 23, 30, tzinfo=UTC), 1.0)]))
    [month] = asked(
        small,
        "M1",
        datetime(2025, 6, 1, tzinfo=UTC),
        datetime(2026, 6, 1, tzinfo=UTC),
        "1mo",
        "Europe/Berlin",
    )
    assert month.start == datetime(2025, 12, 31, 23, tzinfo=UTC)
    assert month.end == datetime(2026, 1, 31, 23, tzinfo=UTC)


@given(
    st.lists(
        st.tuples(st.integers(0, 600), st.none() | st.floats(-1e6, 1e6)), min_size=1, max_size=20
    ),
    st.sampled_from([7, 60, 360, 1440]),
)
@settings(max_examples=25)
def test_steps_equal_a_plain_loop(values: list[tuple[int, float | None]], minutes: int) -> None:
    start = datetime(2026, 3, 28, tzinfo=UTC)
    told = dict(sorted((start + timedelta(minutes=n), value) for n, value in dict(values).items()))
    edges = instants([start + timedelta(minutes=n) for n in range(0, 601 + minutes, minutes)])
    numbers = [math.nan if value is None else value for value in told.values()]
    found = list(steps._buckets(instants(list(told)), np.array(numbers), edges))
    by_step: dict[int, list[float]] = {}
    for at, value in told.items():
        if value is not None:
            by_step.setdefault((at - start) // timedelta(minutes=minutes), []).append(value)
    assert [(one.start - start) // timedelta(minutes=minutes) for one in found] == list(by_step)
    for one, held in zip(found, by_step.values(), strict=True):
        total = 0.0
        for value in held:
            total += value
        assert (one.count, one.least, one.greatest) == (len(held), min(held), max(held))
        assert (one.first, one.last) == (held[0], held[-1])
        assert one.mean == pytest.approx(total / len(held), rel=1e-9, abs=1e-6)


def test_hours_begin_anew_each_day() -> None:
    start, end = datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC)
    edges = steps._edges(start, end, Step.of("6h"), BERLIN)
    assert [(b - a) // timedelta(hours=1) for a, b in pairwise(edges)] == [*(6, 6, 6, 5)]


@pytest.mark.parametrize(
    ("every", "sentence"),
    [
        ("1w", 'every: a step such as 15min, 1h, 1d, 1mo or 1y was expected, not "1w"'),
        ("48h", "every: 48h is longer than a day: say it in days, e.g. 2d"),
        ("1s", "every: there are more than 10,000 steps; take longer ones"),
    ],
)
def test_steps_that_cannot_be(small: Storing, every: str, sentence: str) -> None:
    small.accept(intervals([(START, 1.0)]))
    with pytest.raises(ValueError, match=sentence.replace(".", r"\.")):
        asked(small, "M1", START, START + timedelta(days=2), every)


def test_files_hold_what_is_asked_for(small: Storing, tmp_path: Path) -> None:
    small.accept(intervals([(START, 1.5, "1.0.0"), (START + QUARTER, None)], point="up-1"))
    small.accept(scan([(START, 2.0)]))
    chosen = Chosen(small.series(), Span())
    with small.journal.reading() as connection:
        text = b"".join(export.as_csv(connection, chosen)).decode()
        with (tmp_path / "values.parquet").open("wb") as file:
            assert as_parquet(connection, chosen, file) == 3
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(r["object"], r["at"], r["value"], r["quality"]) for r in rows] == [
        ("M1", "2026-07-14T15:00:00+00:00", "1.5", "1.0.0"),
        ("M1", "2026-07-14T15:15:00+00:00", "", ""),
        ("P1-id", "2026-07-14T15:00:00+00:00", "2.0", ""),
    ]
    read = pq.read_table(tmp_path / "values.parquet").to_pylist()
    assert [(r["place"], r["at"], r["value"], r["unit"]) for r in read] == [
        ("up-1-id", START, 1.5, "kWh"),
        ("up-1-id", START + QUARTER, None, "kWh"),
        ("line-7", START, 2.0, "MW"),
    ]


def test_what_is_too_old_is_let_go(storing: Storing) -> None:
    days = [timedelta(days=n) for n in (0, 20, 100, 500)]
    storing.accept(
        intervals([(START - day, 1.0) for day in days]), scan([(START - day, 1.0) for day in days])
    )
    storing.clock.forward(1)
    storing.accept(intervals([(START - days[2], 2.0)]))
    with storing.journal.transaction() as transaction:
        connection = transaction.connection
        swept = sweep(connection, Keep(readings=50, measurements=10), START, most=2)
        assert not swept.is_done
        while not sweep(connection, Keep(readings=50, measurements=10), START).is_done:
            pass
        left = connection.execute(sa.select(sa.func.count()).select_from(tables.earlier)).scalar()
        assert left == 0
        months = partitions.existing(connection) if connection.dialect.name == "postgresql" else []
    assert [at for at, _ in storing.values("M1")] == [START - days[1], START]
    assert [at for at, _ in storing.values("P1")] == [START]
    assert all(month >= datetime(2026, 5, 1, tzinfo=UTC) for month in months)
    storing.accept(intervals([(START - days[3], 3.0)], "M2"))  # its month is made again
    assert storing.values("M2") == [(START - days[3], 3.0)]


def test_it_wakes_by_itself_once_a_day(small: Storing) -> None:
    small.accept(scan([(START - timedelta(days=500), 1.0), (START, 2.0)]))
    assert small.hub.wake("historian")
    assert small.values("P1") == [(START, 2.0)]
    assert not small.hub.wake("historian")
    small.clock.forward(86_400)
    assert small.hub.wake("historian")
