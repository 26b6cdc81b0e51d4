"""The order of the journal, which one transaction at a time holds."""

from __future__ import annotations

from sqlalchemy import Connection, text

_LOCK = 0x67726964  # advisory lock of PostgreSQL
# Made once: for a batch of one or two messages making it would cost as much as running it.
_hold = text(f"SELECT pg_advisory_xact_lock({_LOCK})")


def hold(connection: Connection) -> None:
    """Until the transaction ends nobody else gives out `seq`, or says who gets what is accepted.

    On SQLite whoever writes has it: there is one writer.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_hold)
