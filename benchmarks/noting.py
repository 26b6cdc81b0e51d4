"""The smallest app that keeps something: one row for each event."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Event

import sqlalchemy as sa

from benchmarks.messages import REPORTED
from cim.message import Message, Outgoing, Topic
from cim.profiles.end_device_events import EndDeviceEvents
from hub.interfaces import Context

NAME = "noting"
tables = sa.MetaData()
noted = sa.Table(
    "noting_event",
    tables,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("usage_point", sa.String(200), nullable=False),
    sa.Column("type", sa.String(40), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)
_insert = sa.insert(noted)


@dataclass
class Noting:
    """Notes usage point, type and time (`hub.interfaces.App`).

    expected: after so many messages `done` is set.
    """

    expected: int = 0
    partitions: int = 1
    handled: int = 0
    done: Event = field(default_factory=Event)

    @property
    def topics(self) -> frozenset[Topic]:
        return frozenset({REPORTED})

    @property
    def tables(self) -> sa.MetaData:
        return tables

    def handle(self, message: Message, context: Context) -> Iterable[Outgoing]:
        assert isinstance(message.payload, EndDeviceEvents)
        rows = [
            {
                "usage_point": event.usage_point.mrid if event.usage_point else "",
                "type": event.end_device_event_type,
                "at": event.created_date_time,
            }
            for event in message.payload.end_device_event
        ]
        context.connection.execute(_insert, rows)
        self.handled += 1
        if self.handled == self.expected:
            self.done.set()
        return ()
