"""Which open deliveries of a subscriber are next: the statements behind leasing and publishing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, select

from hub.journal.database import BYTES
from hub.journal.tables import delivery, is_accepted, message


def leased() -> Select[int, str, bytes, str, int, datetime, str]:
    statement = select(
        delivery.c.seq,
        message.c.message_id,
        message.c.body,
        delivery.c.ordering_key,
        delivery.c.attempts,
        message.c.accepted_at,
        message.c.channel,
    ).join_from(delivery, message)
    return statement.execution_options(**{BYTES: True})


def first_accepted(subscriber: str, lane: int, now: datetime) -> Select[datetime]:
    """When the next one of a lane was accepted; what is behind it came after it."""
    mine = turn(subscriber, now).where(delivery.c.lane == lane).limit(1)
    return mine.with_only_columns(message.c.accepted_at)


def turn(subscriber: str, now: datetime) -> Select[int, str, bytes, str, int, datetime, str]:
    waiting = delivery.alias("waiting")
    blocked_keys = select(waiting.c.ordering_key).where(
        waiting.c.subscriber == subscriber,
        waiting.c.state == is_accepted.right,
        waiting.c.due_at > now,
    )
    return (
        leased()
        .where(
            delivery.c.subscriber == subscriber,
            is_accepted,
            delivery.c.ordering_key.not_in(blocked_keys),
        )
        .order_by(delivery.c.seq)
    )
