"""The storm through the hub itself: from bytes of XML to what the apps keep.

The journal and the tables of the apps are in one database.  On SQLite, with FULL, processor time of
all threads is counted, as in `outage`; on PostgreSQL, whose server is another process, the time
that passes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing.connection import Connection

import sqlalchemy as sa

from benchmarks import settled, storms
from benchmarks.copies import Feeder
from benchmarks.embedded import Ready
from benchmarks.feeds import postgresql, sqlite
from benchmarks.messages import written
from dms_apps.outage import OutageApp
from dms_apps.outage.tables import signal
from dms_apps.outage.tables import ticket as call
from dms_apps.trouble_calls import TroubleCallsApp
from dms_apps.trouble_calls.tables import ticket
from hub.dispatch import Hub
from hub.interfaces import App
from hub.journal import Journal, queries
from tests import services
from tests.fakes import Handed

RUNS = 3
CALLS = 5_000
_APPS: Mapping[str, Callable[[], App]] = {"outage": OutageApp, "trouble_calls": TroubleCallsApp}
_GASPS = {"outage": signal}
_CALLS = {"outage": call, "trouble_calls": ticket}
_IN_A_MESSAGE, _TOGETHER = 100, 20
_PATIENCE = 250.0  # seconds


def through_the_hub(pipe: Connection, feeder: Feeder, copies: int) -> None:
    """In the other process: of each run last gasps a second, and calls on both databases."""
    model = feeder.model(copies)
    settled()
    pipe.send("ready")
    pipe.recv()
    dark = copies * len(feeder.points) // 10
    storm = storms.storm(feeder.zones(copies), dark, 0)
    begin = datetime.now(UTC)
    words = [(begin + timedelta(seconds=at), point) for at, point in storm.gasps]
    parts = [words[n : n + _IN_A_MESSAGE] for n in range(0, len(words), _IN_A_MESSAGE)]
    gasps = [written(storms.meters(part, number)) for number, part in enumerate(parts)]
    callers = sorted(storm.dark)[:CALLS]
    calls = [written(storms.call(point, begin, n)) for n, point in enumerate(callers)]
    with services.postgresql() as server:
        pipe.send(
            [
                (
                    _run(Handed.of(model), gasps, _GASPS, len(words), sqlite),
                    _run(Handed.of(model), calls, _CALLS, len(calls), sqlite),
                    _run(Handed.of(model), calls, _CALLS, len(calls), partial(postgresql, server)),
                )
                for _ in range(RUNS)
            ]
        )
    pipe.recv()


def _run(
    model: Handed,
    bodies: Sequence[bytes],
    kept: Mapping[str, sa.Table],
    count: int,
    opened: Callable[[], AbstractContextManager[Journal]],
) -> float:
    """So many a second until each of the apps has so many rows in its table."""
    with opened() as journal:
        hub = Hub(journal, {name: _APPS[name]() for name in kept})
        hub.accept([model], "gis")
        hub.run()
        _wait(journal, 1, dict.fromkeys(kept.values(), 0))
        is_alone = journal.engine.dialect.name == "sqlite"
        clock = time.process_time if is_alone else time.perf_counter
        begin = clock()
        for batch in Ready(bodies, _TOGETHER).receive():
            hub.accept(batch, "storm")
        _wait(journal, 1 + len(bodies), dict.fromkeys(kept.values(), count))
        seconds = clock() - begin
        hub.stop()
    return count / seconds


def _wait(journal: Journal, messages: int, kept: Mapping[sa.Table, int]) -> None:
    """Until so many messages are handled, and so many rows kept."""
    end = time.monotonic() + _PATIENCE
    while True:
        with journal.reading() as connection:
            counts = queries.counts(connection)
            rows = {
                table: connection.scalar(sa.select(sa.func.count()).select_from(table))
                for table in kept
            }
        assert not counts.dead, counts
        if (counts.messages, counts.accepted, rows) == (messages, 0, kept):
            return
        assert time.monotonic() < end, (counts, rows)
        time.sleep(0.05)
