"""How long the latest facts of each source took, and what that says of its clock.

It is here, not in memory, so that every process tells the same, and a restart forgets nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from hub.journal.tables import source_clock as table
from hub.journal.transaction import Transaction

SEEN = 100
"""Facts of a source by which its clock is judged."""


@dataclass(frozen=True, kw_only=True)
class WrongClock:
    """A source whose clock cannot be right: `why`, and since when that is known."""

    source: str
    since: datetime
    why: str


def note(
    transaction: Transaction,
    source: str,
    lags: Sequence[float],
    judge: Callable[[Sequence[float]], str],
) -> None:
    """Note how many seconds the newest facts took, the first first.

    judge: of the latest of all, why the clock cannot be right; "" when it may be.
    """
    transaction.hold_order()
    connection, now = transaction.connection, transaction.now
    query = select(table.c.lags, table.c.since).where(table.c.source == source)
    found = connection.execute(query).one_or_none()
    before, since = (found.lags, found.since) if found else ((), None)
    latest = [*before, *(round(lag, 3) for lag in lags[-SEEN:])][-SEEN:]
    why = judge(latest)
    row = {"lags": latest, "why": why or None, "since": (since or now) if why else None}
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    noted = dialect.insert(table).values(source=source, **row)
    connection.execute(noted.on_conflict_do_update(index_elements=[table.c.source], set_=row))


def wrong(connection: Connection) -> list[WrongClock]:
    """The sources whose clock cannot be right, by name."""
    columns = (table.c.source, table.c.since, table.c.why)
    query = select(*columns).where(table.c.why.is_not(None)).order_by(table.c.source)
    return [WrongClock(**row._mapping) for row in connection.execute(query)]
