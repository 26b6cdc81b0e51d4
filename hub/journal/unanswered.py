"""Requests to which nobody has said anything yet, without their bodies: those may be broken."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, exists, select

from cim.message import Header, Kind, Message, Verb
from hub.journal.tables import delivery, is_accepted, message

_HEADER = ("verb", "noun", "context", "source", "message_id", "correlation_id")


class Taker(NamedTuple):
    """A subscriber, and how it stands with one message."""

    subscriber: str
    state: str
    attempts: int


def request(connection: Connection, seq: int) -> Message | None:
    """The request `seq`, its header only, when no subscriber of it has answered; else None.

    An acknowledgement that it has come (0.3) is no answer: the hub gives it.
    """
    answer = message.alias("answer")
    subscribers = select(delivery.c.subscriber).where(delivery.c.seq == seq)
    is_answered = exists().where(
        answer.c.cause == seq,
        answer.c.verb == Verb.REPLY.value,
        answer.c.correlation_id.is_not(None),
        answer.c.channel.in_(subscribers),
    )
    columns = (message.c[name] for name in _HEADER)
    asked = message.c.seq == seq, message.c.kind == Kind.REQUEST.value
    found = connection.execute(select(*columns).where(*asked, ~is_answered)).one_or_none()
    if found is None:
        return None
    verb, *named = found
    fields = dict(zip(_HEADER[1:], named, strict=True))
    return Message(header=Header(verb=Verb(verb), **fields), kind=Kind.REQUEST)


def failing(connection: Connection, message_id: str) -> tuple[int, dict[str, int]]:
    """Which message that is, and how often each of its subscribers has failed who tries again."""
    found = select(message.c.seq, delivery.c.subscriber, delivery.c.attempts).join(
        delivery, delivery.c.seq == message.c.seq
    )
    tried = message.c.message_id == message_id, is_accepted, delivery.c.attempts > 0
    rows = connection.execute(found.where(*tried).order_by(delivery.c.subscriber)).all()
    return max((row.seq for row in rows), default=0), {r.subscriber: r.attempts for r in rows}


def takers(connection: Connection, seq: int) -> list[Taker]:
    """All subscribers that the message `seq` goes to, by name."""
    columns = delivery.c.subscriber, delivery.c.state, delivery.c.attempts
    found = select(*columns).where(delivery.c.seq == seq).order_by(delivery.c.subscriber)
    return [Taker(*row) for row in connection.execute(found)]
