"""What was corrected in messages before they were read, and how often for each source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from hub.journal.tables import correction, correction_total


@dataclass(frozen=True)
class Correction:
    """What one tolerance did to a message; `notes`: xpath, line, before and after of the first."""

    tolerance: str
    times: int
    notes: list[dict[str, Any]]


@dataclass(frozen=True)
class Corrected:
    """How many messages of a source needed a tolerance, and how often in all."""

    source: str
    tolerance: str
    messages: int
    times: int


def of_message(connection: Connection, seq: int) -> list[Correction]:
    """What was corrected in a message."""
    columns = correction.c.tolerance, correction.c.times, correction.c.notes
    statement = select(*columns).where(correction.c.seq == seq).order_by(correction.c.tolerance)
    return [Correction(*row) for row in connection.execute(statement)]


def totals(connection: Connection) -> list[Corrected]:
    """How often each tolerance was needed by each source."""
    table = correction_total
    columns = table.c.source, table.c.tolerance, table.c.messages, table.c.times
    statement = select(*columns).order_by(table.c.source, table.c.tolerance)
    return [Corrected(*row) for row in connection.execute(statement)]


def count(connection: Connection, counted: Mapping[tuple[str, str], tuple[int, int]]) -> None:
    """Add to the totals: (source, tolerance) -> messages, times."""
    table = correction_total
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    for (source, tolerance), (messages, times) in sorted(counted.items()):
        row = {"source": source, "tolerance": tolerance, "messages": messages, "times": times}
        more = {"messages": table.c.messages + messages, "times": table.c.times + times}
        keys = [table.c.source, table.c.tolerance]
        added = dialect.insert(table).values(row)
        connection.execute(added.on_conflict_do_update(index_elements=keys, set_=more))
