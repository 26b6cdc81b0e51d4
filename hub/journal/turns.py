"""Whose turn it is: the statements behind leasing, publishing, ending and timers.

Made once: for a batch of one or two messages making them would cost as much as running them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    Insert,
    Integer,
    Select,
    Update,
    any_,
    bindparam,
    cast,
    func,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from hub.journal.database import BYTES
from hub.journal.tables import DELIVERED, delivery, is_accepted, message, wake


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


def _turn() -> Select[int, str, bytes, str, int, datetime, str]:
    waiting = delivery.alias("waiting")
    blocked_keys = select(waiting.c.ordering_key).where(
        waiting.c.subscriber == bindparam("subscriber"),
        waiting.c.state == is_accepted.right,
        waiting.c.due_at > bindparam("now"),
    )
    return (
        leased()
        .where(
            delivery.c.subscriber == bindparam("subscriber"),
            is_accepted,
            delivery.c.ordering_key.not_in(blocked_keys),
        )
        .order_by(delivery.c.seq)
    )


def _ending(postgres: bool) -> Update:
    # PostgreSQL gets one array: a parameter for each value costs as much as the rest.
    wanted = any_(cast(bindparam("seqs"), ARRAY(BigInteger)))
    among = wanted == delivery.c.seq if postgres else delivery.c.seq.in_(_seqs)
    mine = delivery.c.subscriber == bindparam("of"), among, is_accepted
    end: dict[str, Any] = {"state": DELIVERED, "ended_at": bindparam("at")}
    return update(delivery).where(*mine).values(end | {"error": None, "due_at": None})


def _waking(postgres: bool) -> Insert:
    asked = postgresql.insert(wake) if postgres else sqlite.insert(wake)
    return asked.on_conflict_do_update(
        index_elements=[wake.c.subscriber],
        set_={"due_at": asked.excluded.due_at, "cause": asked.excluded.cause},
        where=asked.excluded.due_at < wake.c.due_at,
    )


_seqs: BindParameter[Any] = bindparam("seqs", expanding=True)
_most = bindparam("most", type_=Integer)
_in_lane = delivery.c.lane == bindparam("lane")

of_lane = _turn().where(_in_lane).limit(_most)
"""subscriber, now, lane, most -> the next ones of a lane, in order."""

first_accepted = _turn().where(_in_lane).limit(1).with_only_columns(message.c.accepted_at)
"""subscriber, now, lane -> when the next one was accepted; what is behind it came after it."""

unpublished = (
    _turn()
    .where(delivery.c.published_at.is_(None))
    .limit(_most)
    .with_only_columns(delivery.c.subscriber, delivery.c.seq, delivery.c.lane, message.c.message_id)
)
"""subscriber, now, most -> those that no broker has got."""

delivered = [_ending(postgres) for postgres in (False, True)]
"""of (a subscriber), seqs, at -> those of them that are open have ended."""

wake_at = [_waking(postgres) for postgres in (False, True)]
"""subscriber, due_at, cause -> of several asked times the earliest counts."""

_timers = select(wake.c.due_at).where(wake.c.subscriber == bindparam("subscriber"))
timer = _timers.where(wake.c.due_at <= bindparam("now"))
"""subscriber, now -> when its timer was due, if it was."""
timer_locked = timer.with_for_update()

next_attempt = select(func.min(delivery.c.due_at)).where(
    delivery.c.subscriber == bindparam("subscriber"), is_accepted, delivery.c.due_at.is_not(None)
)
next_timer = _timers
