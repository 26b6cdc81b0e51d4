"""Nonces that were seen, and which message brought each."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from hub.journal.tables import nonce as table


def first(
    connection: Connection, principal: str, nonce: str, message_id: str, until: datetime
) -> str:
    """Remember a nonce, unless it is known; the message that brought it first.

    Another transaction that has just brought the same is waited for.
    """
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    seen = dialect.insert(table).values(
        principal=principal, nonce=nonce, message_id=message_id, until=until
    )
    connection.execute(seen.on_conflict_do_nothing())
    known: str = connection.execute(
        select(table.c.message_id).where(table.c.principal == principal, table.c.nonce == nonce)
    ).scalar_one()
    return known


def forget(connection: Connection, now: datetime) -> None:
    """Drop what is too old to be used again."""
    connection.execute(delete(table).where(table.c.until < now))
