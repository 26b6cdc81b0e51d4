"""Subscriptions made at run time, in the database: every process that accepts knows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select

from cim.message import Edition, Format, Topic, Verb
from hub.journal import order
from hub.journal.tables import callback, delivery, is_accepted, is_dead
from hub.message_channel import Subscription


@dataclass(frozen=True, kw_only=True)
class Callback:
    """Who gets which events by being called.

    system: whose it is.
    url:    of a generic SOAP endpoint, to which PublishEvent is sent.
    format: how payloads are written.
    edition: in which envelopes are; None: as the partner whose address it is, else in the first.
    """

    id: str
    system: str
    url: str
    topics: tuple[str, ...]
    format: Format
    created_at: datetime
    edition: Edition | None = None

    @property
    def subscriber(self) -> str:
        """As deliveries know it."""
        return f"callback-{self.id}"

    @property
    def subscription(self) -> Subscription:
        wanted = (text.partition(".") for text in self.topics)
        topics = frozenset(Topic(Verb(verb), noun) for verb, _, noun in wanted)
        return Subscription(self.subscriber, topics)


def everyone(connection: Connection, system: str | None = None) -> list[Callback]:
    """All of them, or those of one system, the oldest first."""
    wanted = _all if system is None else _all.where(callback.c.system == system)
    return [_callback(row) for row in connection.execute(wanted)]


def find(connection: Connection, number: str) -> Callback | None:
    """The one with this id."""
    row = connection.execute(select(callback).where(callback.c.id == number)).first()
    return None if row is None else _callback(row)


def add(connection: Connection, one: Callback) -> None:
    """From the commit on it gets every event that is accepted."""
    values = {**vars(one), "topics": list(one.topics)}
    connection.execute(insert(callback).values(values))


def remove(connection: Connection, one: Callback) -> int:
    """Forget it and what it has not got; how many deliveries that were."""
    order.hold(connection)  # what is being accepted for it is there then, or not meant for it
    connection.execute(delete(callback).where(callback.c.id == one.id))
    dropped = connection.execute(
        delete(delivery).where(delivery.c.subscriber == one.subscriber, or_(is_accepted, is_dead))
    )
    return dropped.rowcount


_all = select(callback).order_by(callback.c.created_at, callback.c.id)


def _callback(row: Row[Any]) -> Callback:
    return Callback(
        id=row.id,
        system=row.system,
        url=row.url,
        topics=tuple(row.topics),
        format=Format(row.format),
        created_at=row.created_at,
        edition=Edition(row.edition) if row.edition else None,
    )
