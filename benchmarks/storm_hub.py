"""The last gasps of a storm through the hub itself: from bytes of XML to what the app keeps.

On SQLite with FULL, the journal and the tables of the app in one database.  Counted is processor
time of all threads, as in `outage`.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import sqlalchemy as sa

from benchmarks import Figures, settled, storms
from benchmarks.copies import Feeder
from benchmarks.embedded import Ready
from benchmarks.messages import written
from dms_apps.outage import OutageApp
from dms_apps.outage.tables import signal
from hub.dispatch import Hub
from hub.journal import Journal, queries
from tests.fakes import Handed

RUNS = 3
_IN_A_MESSAGE, _TOGETHER = 100, 20
_PATIENCE = 250.0  # seconds


def through_the_hub(pipe: Connection, feeder: Feeder, copies: int) -> None:
    """In the other process: events a second, of each run."""
    model = feeder.model(copies)
    settled()
    pipe.send("ready")
    pipe.recv()
    dark = copies * len(feeder.points) // 10
    storm = storms.storm(feeder.zones(copies), dark, 0)
    begin = datetime.now(UTC)
    words = [(begin + timedelta(seconds=at), point) for at, point in storm.gasps]
    parts = [words[n : n + _IN_A_MESSAGE] for n in range(0, len(words), _IN_A_MESSAGE)]
    bodies = [written(storms.meters(part, number)) for number, part in enumerate(parts)]
    pipe.send([_run(Handed.of(model), bodies, len(words)) for _ in range(RUNS)])
    pipe.recv()


def _run(model: Handed, bodies: Sequence[bytes], count: int) -> Figures:
    with tempfile.TemporaryDirectory(prefix="gridbus-bench-") as folder:
        journal = Journal.open(f"sqlite:///{Path(folder) / 'gridbus.db'}")
        hub = Hub(journal, {"outage": OutageApp()})
        hub.accept([model], "gis")
        hub.run()
        _wait(journal, 1, 0)
        begin = time.process_time()
        for batch in Ready(bodies, _TOGETHER).receive():
            hub.accept(batch, "ami")
        _wait(journal, 1 + len(bodies), count)
        seconds = time.process_time() - begin
        hub.stop()
        journal.close()
    return (count / seconds,)


def _wait(journal: Journal, messages: int, kept: int) -> None:
    """Until so many messages are handled, and so many last gasps kept."""
    end = time.monotonic() + _PATIENCE
    while True:
        with journal.reading() as connection:
            counts = queries.counts(connection)
            rows = connection.scalar(sa.select(sa.func.count()).select_from(signal))
        assert not counts.dead, counts
        if (counts.messages, counts.accepted, rows) == (messages, 0, kept):
            return
        assert time.monotonic() < end, (counts, rows)
        time.sleep(0.05)
