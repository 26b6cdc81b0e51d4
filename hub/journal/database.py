"""Open the database so that a commit means that the bytes are on disk."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

READING = "gridbus_reading"
BYTES = "gridbus_bytes"
"""Execution option of a statement whose rows are mostly bytes: PostgreSQL sends them as they are,
not as twice as many hexadecimal digits."""
_SQLITE_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # NORMAL loses the last commits in a power cut
    "foreign_keys=ON",
    "busy_timeout=60000",
    "wal_autocheckpoint=4000",
    "journal_size_limit=67108864",
)
# Primary result codes: BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL, CANTOPEN
_SQLITE_TRANSIENT = frozenset({5, 6, 7, 8, 10, 13, 14})
# Connection, transaction rollback, resources, operator intervention, lock, system error
_POSTGRES_TRANSIENT = ("08", "25006", "40", "53", "55P03", "57P", "58")


def connect(url: str) -> Engine:
    """An engine for `url` (sqlite:///file or postgresql://...) with safe commits."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, pool_size=8, max_overflow=-1)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    parsed = parsed.set(drivername="postgresql+psycopg")
    engine = create_engine(parsed, pool_size=8, max_overflow=-1, pool_pre_ping=True)
    event.listen(engine, "before_cursor_execute", _ask_for_bytes)
    return engine


def _ask_for_bytes(
    _connection: Connection, cursor: Any, _statement: str, _values: Any, context: Any, _many: bool
) -> None:
    if context is not None and BYTES in context.execution_options:
        cursor.format = 1  # psycopg.pq.Format.BINARY


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions by itself
    for pragma in _SQLITE_PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock at once: upgrading a read transaction later can fail for good.
    reading = connection.get_execution_options().get(READING)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def is_transient(error: BaseException) -> bool:
    """Whether the same transaction may succeed later: lock, lost connection, full disk."""
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if (code := getattr(error.orig, "sqlite_errorcode", None)) is not None:
        return code & 0xFF in _SQLITE_TRANSIENT
    if state := getattr(error.orig, "sqlstate", None):
        return str(state).startswith(_POSTGRES_TRANSIENT)
    return error.connection_invalidated or isinstance(error, OperationalError)
