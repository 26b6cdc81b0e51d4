"""How many messages were accepted in each of the last minutes."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import Connection

from hub.journal import moments

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
        newest = moments.newest(connection)
        start = now.replace(second=0, microsecond=0) - (self._minutes - 1) * MINUTE
        found: dict[datetime, int] = {}
        low = 1
        for edge in (start + n * MINUTE for n in range(self._minutes)):
            known = self._known.get(edge)
            low = known or moments.first_after(connection, edge, low, newest)
            found[edge] = low
        self._known = found
        full = [after - before for before, after in pairwise(found.values())]
        return [*full, newest - moments.first_after(connection, now - MINUTE, 1, newest) + 1]
