"""Feeds: files of an IVR and of a head-end, until each record is stored and routed, beside the
floor: Python's csv module and one insert a batch of what was read."""

from __future__ import annotations

import csv
import io
import os
import tempfile
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
from benchmarks import Figures, Row, by_turns, rate
from benchmarks.rabbitmq import database
from cim.message import Topic, Verb
from hub.dispatch import Hub
from hub.interfaces import Subscription
from hub.journal import Journal, queries
from tests import services

CALLS, EVENTS = 4_000, 10_000
_BATCH = 1000  # records, as a watch folder hands them over
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
    """One file, and who reads it."""

    name: str
    unit: str
    adapter: Any
    data: bytes
    records: int


def rows() -> list[Row]:
    feeds = [
        Feed("IVR", "calls/s", _ivr(), _calls(CALLS), CALLS),
        Feed("AMI", "events/s", AmiAdapter(folder=Path("unused")), _events(EVENTS), EVENTS),
    ]
    found: list[Row] = []
    with ExitStack() as stack:
        given = os.environ.get(services.DATABASE_URL)
        server = given or stack.enter_context(services.postgresql())
        for kind, opened in (("SQLite", _sqlite), ("PostgreSQL", lambda: _postgresql(server))):
            for feed in feeds:
                found.append(_measured(kind, feed, opened))
    return found


def _measured(kind: str, feed: Feed, opened: Callable[[], Any]) -> Row:
    ours, floor = by_turns(lambda: _taken(feed, opened), lambda: _floor(feed, opened))
    return Row.of(f"{feed.name}, {kind}: file -> stored and routed", feed.unit, ours, floor, _FLOOR)


def _taken(feed: Feed, opened: Callable[[], Any]) -> Figures:
    with opened() as journal:
        journal.subscribe(_SUBSCRIBED)
        hub = Hub(journal, {})

        def take() -> None:
            records = feed.adapter.records("feed.csv", feed.data)
            for start in range(0, len(records), _BATCH):
                taken = hub.take("feed", feed.adapter, records[start : start + _BATCH])
                assert not taken.refused, taken.refused[0].refusal

        figure = rate(feed.records, take)
        with journal.reading() as connection:
            counts = queries.counts(connection)
        assert (counts.messages, counts.accepted) == (feed.records, feed.records), counts
    return (figure,)


def _floor(feed: Feed, opened: Callable[[], Any]) -> Figures:
    with opened() as journal:
        _rows.create(journal.engine)

        def insert() -> None:
            read = csv.DictReader(io.StringIO(feed.data.decode()))
            lines = [{"number": number, "line": repr(line)} for number, line in enumerate(read)]
            for start in range(0, len(lines), _BATCH):
                with journal.engine.begin() as connection:
                    connection.execute(sa.insert(_rows), lines[start : start + _BATCH])

        return (rate(feed.records, insert),)


@contextmanager
def _sqlite() -> Iterator[Journal]:
    with tempfile.TemporaryDirectory(prefix="gridbus-bench-") as folder:
        journal = Journal.open(f"sqlite:///{Path(folder) / 'gridbus.db'}")
        yield journal
        journal.close()


@contextmanager
def _postgresql(server: str) -> Iterator[Journal]:
    """A database of its own on the server."""
    with database(server) as url:
        journal = Journal.open(url)
        yield journal
        journal.close()


def _ivr() -> IvrAdapter:
    return IvrAdapter(
        folder=Path("unused"),
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
