"""What the journal has already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, bindparam, select

from hub.journal import rows
from hub.journal.tables import message

# Made once: for a batch of one or two messages making them would cost as much as running them.
_ids = select(message.c.message_id).where(
    message.c.message_id.in_(bindparam("ids", expanding=True))
)
_facts = select(message.c.external_id).where(
    message.c.source == bindparam("source"),
    message.c.external_id.in_(bindparam("ids", expanding=True)),
)


def message_ids(connection: Connection, wanted: Sequence[str]) -> Iterator[str]:
    """Those of these MessageIDs that were used."""
    for chunk in rows.chunks(wanted):
        yield from connection.execute(_ids, {"ids": chunk}).scalars()


def facts(connection: Connection, source: str, wanted: Sequence[str]) -> Iterator[str]:
    """Those of these facts of a source, by external id, that were brought."""
    for chunk in rows.chunks(wanted):
        yield from connection.execute(_facts, {"source": source, "ids": chunk}).scalars()
