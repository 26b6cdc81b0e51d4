"""From a moment to a place in the journal, by bisection: `seq` has no gaps and grows with time.

`accepted_at` is taken when a transaction begins and `seq` when it ends, so of two that ran side by
side the later number may carry the earlier time, by the length of a transaction; and a clock may be
set back.  The order of the journal is that of `seq`: a moment stands for the messages up to a place
in it, never for a selection of them.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from hub.journal.tables import message


def first_after(connection: Connection, when: datetime, low: int, newest: int) -> int:
    """The first `seq` from `low` on accepted at `when` or later; newest + 1 when there is none."""
    high = newest + 1
    while low < high:
        middle = (low + high) // 2
        at = accepted_at(connection, middle)
        if at is not None and at >= when:
            high = middle
        else:
            low = middle + 1
    return low


def last_until(connection: Connection, when: datetime) -> int:
    """The last `seq` accepted at `when` or before; 0 when there is none."""
    low, high = 0, newest(connection)
    while low < high:
        middle = (low + high + 1) // 2
        at = accepted_at(connection, middle)
        if at is None or at <= when:
            low = middle
        else:
            high = middle - 1
    return low


def newest(connection: Connection) -> int:
    """The last `seq`; 0 when the journal is empty."""
    seq: int = connection.execute(select(func.coalesce(func.max(message.c.seq), 0))).scalar_one()
    return seq


def accepted_at(connection: Connection, seq: int) -> datetime | None:
    """When this message was accepted; None when there is no such message."""
    return connection.scalar(select(message.c.accepted_at).where(message.c.seq == seq))
