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


def fact(connection: Connection, source: str, external_id: str) -> bytes | None:
    """The canonical bytes of the message that brought a fact of a source."""
    found = select(message.c.body).where(
        message.c.source == source, message.c.external_id == external_id
    )
    body: bytes | None = connection.scalar(found)
    return body
