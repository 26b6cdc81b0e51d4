"""Interval readings from the bytes of IEC 61968-9 messages to rows that can be asked for: parsed,
held against the XSD, in the journal and in the historian, with a commit for each batch.

The floor parses the same messages with lxml, validates them and puts (series, time, value, quality)
into one table without key or index: by COPY, or executemany on SQLite; a commit for each batch.
"""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import sqlalchemy as sa
from lxml import etree

from benchmarks import Figures, Row, by_turns, rate, settled
from benchmarks.embedded import Ready
from benchmarks.floor import Bare
from benchmarks.messages import batches, intervals, written
from cim.message import Outgoing
from hub.bulk import Accepted
from hub.dispatch import Hub
from hub.historian import tables
from hub.historian.app import NAME, Historian
from hub.interfaces import Context
from hub.journal import Journal
from tests import services

MESSAGES = 1_000
READINGS = 1_000  # in one message
_BATCH = 20  # messages that a channel hands over at once: two megabytes
_RUNS = 3
_PATIENCE = 600.0  # seconds
_NOUN = "{http://iec.ch/TC57/2011/MeterReadings#}"
_READING = f"{_NOUN}IntervalReadings"
_VALID = "1.0.0"
_SQLITE = "INSERT INTO floor VALUES (?, ?, ?, ?)"
_COPY = "COPY floor (series, at, value, quality) FROM STDIN"
Rows = list[tuple[int, str, str, str]]
Put = Callable[[sa.Connection, Rows], None]


@dataclass
class Counting(Historian):
    """Says when it has had all messages."""

    expected: int = 0
    done: Event = field(default_factory=Event)

    def handle_all(
        self, messages: Sequence[Accepted], context: Context
    ) -> Iterable[Iterable[Outgoing]]:
        said = super().handle_all(messages, context)
        self.expected -= len(messages)
        if not self.expected:
            self.done.set()
        return said


def rows() -> list[Row]:
    settled()
    bodies = [written(intervals(n, READINGS)) for n in range(MESSAGES)]
    with ExitStack() as stack:
        given = os.environ.get(services.DATABASE_URL)
        server = given or stack.enter_context(services.postgresql())
        return [
            *_rows("PostgreSQL", lambda: _database(server), bodies, _copy, "lxml + XSD + COPY"),
            *_rows("SQLite", _file, bodies, _many, "lxml + XSD + executemany"),
        ]


def _rows(
    name: str,
    database: Callable[[], Any],
    bodies: Sequence[bytes],
    put: Put,
    floor_is: str,
) -> Iterator[Row]:
    def through() -> Figures:
        with database() as url:
            return (_stored(url, bodies), _accepted(url, bodies))

    def floor() -> Figures:
        with database() as url:
            return (_floor(url, bodies, put),)

    whole, accepted, floors = by_turns(through, floor, runs=_RUNS)
    path = f"{name}: {READINGS:,} readings a message"
    yield Row.of(f"{path} -> historian", "readings/s", whole, floors, floor_is)
    yield Row.of(f"{path} -> journal alone", "readings/s", accepted, floors, floor_is)


def _stored(url: str, bodies: Sequence[bytes]) -> float:
    """The running hub: one thread receives, another one stores."""
    journal = Journal.open(url)
    app = Counting(expected=len(bodies))
    hub = Hub(journal, {}, own={NAME: app})
    hub.attach_channel("ready", Ready(bodies, _BATCH))

    def run() -> None:
        hub.run()
        assert app.done.wait(_PATIENCE)
        hub.stop()  # after the last commit

    figure = rate(len(bodies) * READINGS, run)
    with journal.reading() as connection:
        count = sa.select(sa.func.count()).select_from(tables.sample)
        assert connection.execute(count).scalar_one() == len(bodies) * READINGS
    journal.close()
    return figure


def _accepted(url: str, bodies: Sequence[bytes]) -> float:
    """The same without a historian, into a journal that holds the others already."""
    journal = Journal.open(url)
    hub = Hub(journal, {})
    again = [written(intervals(n, READINGS)) for n in range(len(bodies))]

    def accept() -> None:
        for batch in Ready(again, _BATCH).receive():
            hub.accept(batch, "ready")

    figure = rate(len(bodies) * READINGS, accept)
    journal.close()
    return figure


def _floor(url: str, bodies: Sequence[bytes], put: Put) -> float:
    bare = Bare("MeterReadings")
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA synchronous=FULL")
        at = "text" if engine.dialect.name == "sqlite" else "timestamptz"
        connection.exec_driver_sql(
            f"CREATE TABLE floor (series bigint, at {at}, value double precision, quality text)"
        )
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")

    def run() -> None:
        series = 0
        for batch in batches(bodies, _BATCH):
            found: Rows = []
            for body in batch:
                series += 1
                found += _read(bare.read(body), series)
            with engine.begin() as connection:
                put(connection, found)

    figure = rate(len(bodies) * READINGS, run)
    with engine.connect() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM floor").scalar_one()
    assert count == len(bodies) * READINGS
    engine.dispose()
    return figure


def _read(root: etree._Element, series: int) -> Rows:
    """What is to be stored of a message; the texts as they are."""
    return [(series, one[0].text or "", one[1].text or "", _VALID) for one in root.iter(_READING)]


def _copy(connection: sa.Connection, found: Rows) -> None:
    driver: Any = connection.connection.driver_connection
    lines = [f"{series}\t{at}\t{value}\t{quality}\n" for series, at, value, quality in found]
    with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.write("".join(lines))


def _many(connection: sa.Connection, found: Rows) -> None:
    connection.exec_driver_sql(_SQLITE, found)


@contextmanager
def _database(server: str) -> Iterator[str]:
    """A new database on the server."""
    name = f"gridbus_bench_{uuid.uuid4().hex[:12]}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"create database {name}"))
    yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(sa.text(f"drop database {name} with (force)"))
    admin.dispose()


@contextmanager
def _file() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="gridbus-bench-") as folder:
        yield f"sqlite:///{Path(folder) / 'gridbus.db'}"
