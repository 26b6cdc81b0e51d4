"""Feeds: files of an IVR and of a head-end, until each record is stored and routed, and until its
app has handled it, beside the floor: Python's csv module and one insert a batch of what was read.

The rate is that of a whole run, long enough that nothing of it waits in memory for the next one.
"""

from __future__ import annotations

import csv
import io
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa

from adapters.ami import AmiAdapter
from adapters.ami import native as head_end
from adapters.ivr import IvrAdapter
from adapters.ivr import native as ivr
from benchmarks import Figures, Row, by_turns, rate, settled
from benchmarks.rabbitmq import database
from cim.message import Topic, Verb
from dms_apps.outage import OutageApp
from dms_apps.trouble_calls import TroubleCallsApp
from hub.dispatch import Hub
from hub.interfaces import App
from hub.journal import Journal, feed_files, queries
from hub.message_channel import Subscription
from hub.parts import File, parts
from tests import services

CALLS, EVENTS = 20_000, 100_000
_RUNS = 3
_LOOK = 0.05  # seconds between two looks
BATCH = 1000  # records, as a watch folder hands them over
_AT = datetime(2026, 7, 14, 15, 0, tzinfo=UTC)
_FLOOR = "csv + one insert a batch"
_SUBSCRIBED = Subscription(
    "outage",
    frozenset({Topic(Verb.CREATED, "TroubleTickets"), Topic(Verb.CREATED, "EndDeviceEvents")}),
)
_rows = sa.Table(
    "bench_row",
    sa.MetaData(),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("line", sa.Text, nullable=False),
)


class Feed(NamedTuple):
    """One file, who reads it from which folder, and who handles it."""

    name: str
    unit: str
    adapter: Callable[[Path], Any]
    app: Callable[[], App]
    data: bytes
    records: int


def rows() -> list[Row]:
    settled()
    feeds = [
        Feed("IVR", "calls/s", _ivr, TroubleCallsApp, _calls(CALLS), CALLS),
        Feed("AMI", "events/s", _ami, OutageApp, _events(EVENTS), EVENTS),
    ]
    found: list[Row] = []
    with ExitStack() as stack:
        given = os.environ.get(services.DATABASE_URL)
        server = given or stack.enter_context(services.postgresql())
        for kind, opened in (("SQLite", sqlite), ("PostgreSQL", lambda: postgresql(server))):
            for feed in feeds:
                found += _measured(kind, feed, opened)
    return found


def _measured(kind: str, feed: Feed, opened: Callable[[], Any]) -> list[Row]:
    taken, handled, floor = by_turns(
        lambda: _taken(feed, opened),
        lambda: _handled(feed, opened),
        lambda: _floor(feed, opened),
        runs=_RUNS,
    )
    path = f"{feed.name}, {kind}: {feed.records:,} of a file ->"
    return [
        Row.of(f"{path} stored, routed", feed.unit, taken, floor, _FLOOR),
        Row.of(f"{path} handled by app", feed.unit, handled, floor, _FLOOR),
    ]


def _taken(feed: Feed, opened: Callable[[], Any]) -> Figures:
    """Until the journal has each record, and knows who is to get it."""
    with opened() as journal:
        journal.subscribe(_SUBSCRIBED)
        hub = Hub(journal, {})
        adapter = feed.adapter(Path("unused"))
        file = File.of("feed.csv", feed.data, 0, feed.records)

        def take() -> None:
            for part in parts(file, adapter.records(file.name, feed.data), BATCH):
                taken = hub.take("feed", adapter, part)
                assert not taken.refused, taken.refused[0].refusal

        figure = rate(feed.records, take)
        _check(journal, feed)
    return (figure,)


def _handled(feed: Feed, opened: Callable[[], Any]) -> Figures:
    """The running hub: from a file in the watch folder until its app has handled each record."""
    with opened() as journal, tempfile.TemporaryDirectory(prefix="gridbus-bench-") as folder:
        hub = Hub(journal, {"app": feed.app()})
        hub.attach_adapter("feed", feed.adapter(Path(folder)))
        Path(folder, "feed.csv").write_bytes(feed.data)

        def run() -> None:
            hub.run()
            while not _is_through(journal, feed):
                time.sleep(_LOOK)

        figure = rate(feed.records, run)
        hub.stop()
        _check(journal, feed)
    return (figure,)


def _is_through(journal: Journal, feed: Feed) -> bool:
    with journal.reading() as connection:
        done = sum(one.done for one in feed_files.listed(connection))
        return done == feed.records and not queries.counts(connection).accepted


def _check(journal: Journal, feed: Feed) -> None:
    with journal.reading() as connection:
        [file] = feed_files.listed(connection)
        assert (file.accepted, queries.counts(connection).dead) == (feed.records, 0), file


def _floor(feed: Feed, opened: Callable[[], Any]) -> Figures:
    with opened() as journal:
        _rows.create(journal.engine)

        def insert() -> None:
            read = csv.DictReader(io.StringIO(feed.data.decode()))
            lines = [{"number": number, "line": repr(line)} for number, line in enumerate(read)]
            for start in range(0, len(lines), BATCH):
                with journal.engine.begin() as connection:
                    connection.execute(sa.insert(_rows), lines[start : start + BATCH])

        return (rate(feed.records, insert),)


@contextmanager
def sqlite() -> Iterator[Journal]:
    with tempfile.TemporaryDirectory(prefix="gridbus-bench-") as folder:
        journal = Journal.open(f"sqlite:///{Path(folder) / 'gridbus.db'}")
        yield journal
        journal.close()


@contextmanager
def postgresql(server: str) -> Iterator[Journal]:
    """A database of its own on the server."""
    with database(server) as url:
        journal = Journal.open(url)
        yield journal
        journal.close()


def _ami(folder: Path) -> AmiAdapter:
    return AmiAdapter(folder=folder, settle=0.0, interval=_LOOK)


def _ivr(folder: Path) -> IvrAdapter:
    return IvrAdapter(
        folder=folder,
        settle=0.0,
        interval=_LOOK,
        troubles={"LIGHTS_OUT": {"light": "allOut"}, "WIRE_DOWN": {"wire": "wireDown"}},
    )


def _calls(count: int) -> bytes:
    return ivr.write(
        {
            "call_source_id": "IVR",
            "external_id": f"C{number:07}",
            "service_point_id": f"SP{number:07}",
            "account_number": f"A{number:07}",
            "call_time": _moment(number),
            "trouble_code": "WIRE_DOWN" if number % 50 == 0 else "LIGHTS_OUT",
            "callback_flag": "Y" if number % 3 == 0 else "N",
            "callback_phone": f"555-{number:07}",
            "caller_name": "",
            "comment": "no light since the storm",
        }
        for number in range(count)
    )


def _events(count: int) -> bytes:
    return head_end.write(
        {
            "meter_number": f"M{number:07}",
            "event_time": _moment(number),
            "received_time": _moment(number + 5),
            "event_code": "3.26.0.85",
            "event_name": "last gasp",
            "endpoint_id": f"E{number:07}",
        }
        for number in range(count)
    )


def _moment(number: int) -> str:
    return (_AT + timedelta(milliseconds=10 * number)).isoformat()
