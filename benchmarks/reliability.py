"""Indices of reliability of a year: a million customers, beside pandas, which sums up only two.

Ours are all of them, by feeder and month, exactly; theirs are SAIFI and SAIDI in floats.  And the
same year out of the ledger, beside its bare rows from the same file.
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import numpy as np
import pandas
import sqlalchemy as sa

from benchmarks import Figures, Row, by_turns
from cim.network import Network
from dms_apps.outage.reliability import ledger
from dms_apps.outage.reliability.analysis import Analysis, Question
from dms_apps.outage.reliability.conventions import Conventions
from dms_apps.outage.reliability.interruption import Coded, Interruptions, micros, moment
from dms_apps.outage.reliability.served import Served, Supply
from dms_apps.outage.tables import interruption, metadata

_CUSTOMERS, _FEEDERS = 1_000_000, 500
_EACH = _CUSTOMERS // _FEEDERS
_FIRST, _LAST = date(2025, 1, 1), date(2025, 12, 31)
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_READ = 200_000
"""Rows of the ledger that are read."""


def rows() -> list[Row]:
    ours, theirs = by_turns(lambda: _timed(_indices), lambda: _timed(_frame_indices))
    count = len(_some())
    name = f"{count / 1e6:.1f} million interruptions: all indices by feeder, month"
    found = [Row.of(name, "s", ours, theirs, "pandas, SAIFI and SAIDI alone")]
    with _ledger() as (connection, file):
        read, bare = by_turns(lambda: _timed(lambda: _read(connection)),
                              lambda: _timed(lambda: _bare(file)))  # fmt: skip
    name = f"{_READ:,} interruptions out of the ledger (SQLite)"
    return [*found, Row.of(name, "s", read, bare, "sqlite3, its bare rows")]


def _timed(work: Callable[[], object]) -> Figures:
    begin = time.perf_counter()
    assert work()
    return (time.perf_counter() - begin,)


@cache
def _some() -> Interruptions:
    """Of each feeder five outages of all its customers and two of half of them, and three that a
    recloser ends."""
    chance = np.random.default_rng(1366)
    starts, ends, points, outages = [], [], [], []
    year, begin = 365 * 86_400, micros(datetime(2025, 1, 1, tzinfo=UTC))
    for feeder in range(_FEEDERS):
        slots = chance.permutation(365)[:10] * (year // 365)
        for nth, slot in enumerate(slots.tolist()):
            size = _EACH if nth < 5 else _EACH // 2
            lasts = chance.integers(5, 60) if nth > 6 else chance.integers(600, 30_000)
            steps = np.repeat(np.arange(4), -(-size // 4))[:size] * (nth < 7) * 600
            starts.append(np.full(size, begin + slot * 1_000_000))
            ends.append(starts[-1] + (lasts + steps) * 1_000_000)
            points.append(np.arange(size) + feeder * _EACH + 1)
            outages.append(np.full(size, feeder * 10 + nth + 1))
    point, outage = np.concatenate(points), np.concatenate(outages)
    nothing = Coded(("",), np.zeros(len(point), np.int32))
    names = ("", *(f"usage-point-{number:08}" for number in range(_CUSTOMERS)))
    feeders = ("", *(f"F{number}" for number in range(_FEEDERS)))
    return Interruptions(
        started=np.concatenate(starts),
        ended=np.concatenate(ends),
        customers=np.ones(len(point), np.int64),
        va=np.full(len(point), 5000, np.int64),
        planned=np.zeros(len(point), np.bool_),
        point=Coded(names, point.astype(np.int32)),
        outage=Coded(tuple(map(str, range(outage.max() + 1))), outage.astype(np.int32)),
        device=nothing,
        feeder=Coded(feeders, ((point - 1) // _EACH + 1).astype(np.int32)),
        region=nothing,
        cause=nothing,
    )


def _indices() -> int:
    told = [
        Supply(day=_FIRST, customers=_EACH, va=5000 * _EACH, feeder=f"F{n}")
        for n in range(_FEEDERS)
    ]
    analysis = Analysis(
        first=_FIRST, last=_LAST, some=_some(), served=Served(told), by=Conventions(),
        now=micros(_NOW) - 1,
    )  # fmt: skip
    return len([line.own.saidi for line in analysis.ask(Question(by="feeder", each="month"))])


@cache
def _frame() -> pandas.DataFrame:
    some = _some()
    return pandas.DataFrame(
        {
            "started": pandas.to_datetime(some.started, unit="us"),
            "ended": pandas.to_datetime(some.ended, unit="us"),
            "feeder": some.feeder.codes,
        }
    )


def _frame_indices() -> int:
    frame = _frame()
    minutes = (frame.ended - frame.started).dt.total_seconds() / 60
    long = frame.assign(minutes=minutes, month=frame.started.dt.month)[minutes > 5]
    found = long.groupby(["feeder", "month"]).agg(n=("minutes", "size"), sum=("minutes", "sum"))
    return len(found / _EACH)


@contextmanager
def _ledger() -> Iterator[tuple[sa.Connection, Path]]:
    some = _some()
    rows = [
        {"point": some.point.at(row), "started_at": moment(some.started[row]),
         "ended_at": moment(some.ended[row]), "outage": some.outage.at(row)}
        for row in range(_READ)
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ledger.db"
        engine = sa.create_engine(f"sqlite:///{file}")
        with engine.connect() as connection:
            metadata.create_all(connection)
            connection.execute(sa.insert(interruption), rows)
            connection.commit()
            yield connection, file
        engine.dispose()


def _read(connection: sa.Connection) -> int:
    by, network = Conventions(), Network.empty()
    return len(ledger.analysis(connection, network, by, _FIRST, _LAST, _NOW).some)


def _bare(file: Path) -> int:
    connection = sqlite3.connect(file)
    try:
        query = "select point, started_at, ended_at, outage from outage_interruption"
        return len(connection.execute(query).fetchall())
    finally:
        connection.close()
