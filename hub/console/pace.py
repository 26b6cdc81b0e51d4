"""How many messages were accepted in each of the last minutes."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import Connection, func, select

from hub.journal.tables import message

MINUTE = timedelta(minutes=1)


class Pace:
    """Counts by position in the journal: `seq` has no gaps and grows with `accepted_at`.

    Each boundary is found by bisection over the primary key and remembered, so a look costs a few
    key look-ups however long the journal is.
    """

    def __init__(self, minutes: int = 30) -> None:
        self._minutes = minutes
        self._known: dict[datetime, int] = {}

    def counts(self, connection: Connection, now: datetime) -> list[int]:
        """The oldest minute first; the last one ends now."""
        newest = connection.scalar(select(func.max(message.c.seq))) or 0
        start = now.replace(second=0, microsecond=0) - (self._minutes - 1) * MINUTE
        found: dict[datetime, int] = {}
        low = 1
        for edge in (start + n * MINUTE for n in range(self._minutes)):
            known = self._known.get(edge)
            low = known or first_after(connection, edge, low, newest)
            found[edge] = low
        self._known = found
        full = [after - before for before, after in pairwise(found.values())]
        return [*full, newest - first_after(connection, now - MINUTE, 1, newest) + 1]


def first_after(connection: Connection, when: datetime, low: int, newest: int) -> int:
    """The first `seq` from `low` on accepted at `when` or later; newest + 1 when there is none."""
    high = newest + 1
    while low < high:
        middle = (low + high) // 2
        at = connection.scalar(select(message.c.accepted_at).where(message.c.seq == middle))
        if at is not None and at >= when:
            high = middle
        else:
            low = middle + 1
    return low
