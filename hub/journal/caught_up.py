"""How far an app that is new has been told what came before it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import exists, insert, select, tuple_, update

from cim.message import Kind, Topic
from hub.journal import moments
from hub.journal.lanes import lane
from hub.journal.tables import ACCEPTED, DEAD, delivery, is_real, message
from hub.journal.tables import caught_up as table
from hub.journal.transaction import Overtaken, Transaction


class Standing(NamedTuple):
    """done: of the messages up to `upto`, which was the newest at `at`, when the app was new."""

    done: int
    upto: int
    at: datetime


class Past(NamedTuple):
    """A message that the app has not got."""

    seq: int
    body: bytes
    accepted_at: datetime
    ordering_key: str


def standing(transaction: Transaction, subscriber: str) -> Standing:
    """That of today; an app that has handled anything is not new, and is told nothing."""
    connection = transaction.connection
    query = select(table.c.done, table.c.upto, table.c.at).where(table.c.subscriber == subscriber)
    if (found := connection.execute(query).one_or_none()) is not None:
        return Standing(*found)
    transaction.hold_order()
    if (found := connection.execute(query).one_or_none()) is not None:
        return Standing(*found)
    handled = exists().where(delivery.c.subscriber == subscriber, delivery.c.state != ACCEPTED)
    upto = moments.newest(connection)
    done = upto if connection.scalar(select(handled)) else 0
    fresh = Standing(done, upto, transaction.now)
    connection.execute(insert(table).values(subscriber=subscriber, **fresh._asdict()))
    return fresh


def following(
    transaction: Transaction,
    subscriber: str,
    topics: Collection[Topic],
    after: int,
    end: int,
) -> list[Past]:
    """The events of these topics up to `end`; without those that lie open for the app anyway."""
    wanted = [(topic.verb.value, topic.noun) for topic in topics]
    open_ones = exists().where(delivery.c.subscriber == subscriber, delivery.c.seq == message.c.seq)
    query = (
        select(message.c.seq, message.c.body, message.c.accepted_at, message.c.ordering_key)
        .where(
            message.c.seq > after,
            message.c.seq <= end,
            tuple_(message.c.verb, message.c.noun).in_(wanted),
            message.c.kind == Kind.EVENT.value,
            is_real,
            ~open_ones,
        )
        .order_by(message.c.seq)
    )
    return [Past(*row) for row in transaction.connection.execute(query)]


def told(transaction: Transaction, subscriber: str, before: Standing, done: int) -> None:
    """It has been told up to `done`.  Raises: Overtaken, when another process was quicker."""
    moved = update(table).where(table.c.subscriber == subscriber, table.c.done == before.done)
    if transaction.connection.execute(moved.values(done=done)).rowcount != 1:
        raise Overtaken(f"{subscriber} is told of the past elsewhere")


def missed(
    transaction: Transaction, subscriber: str, partitions: int, one: Past, error: str
) -> None:
    """Keep a message that the app could not take in among its dead letters."""
    row = {
        "seq": one.seq,
        "subscriber": subscriber,
        "lane": lane(one.ordering_key, partitions),
        "ordering_key": one.ordering_key,
        "state": DEAD,
        "attempts": 1,
        "ended_at": transaction.now,
        "error": error.replace("\0", "\\0")[:4_000],
    }
    transaction.connection.execute(insert(delivery).values(row))
