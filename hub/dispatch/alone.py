"""A right that one process at a time holds, of all that use the same database."""

from __future__ import annotations

import fcntl
from contextlib import suppress
from io import FileIO
from pathlib import Path
from threading import Lock
from zlib import crc32

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError


class Alone:
    """Held until `release`, the end of the process or, on PostgreSQL, of one connection.

    On PostgreSQL a session's advisory lock; on SQLite a lock on a file beside the database.

    name: of the right.
    term: grows each time it is won; what was known before may have changed since.
    """

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._name = name
        self._lock = Lock()
        self._connection: Connection | None = None
        self._file: FileIO | None = None
        self._is_private = False  # in memory: nobody else can see it
        self.term = 0

    def hold(self) -> bool:
        """Make sure to hold it, or try to win it.  Raises: the database's error."""
        with self._lock:
            if self._is_held():
                return True
            won = self._win_file() if self._engine.dialect.name == "sqlite" else self._win_session()
            self.term += won
            return won

    def release(self) -> None:
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None
            self._drop_session()

    def _is_held(self) -> bool:
        if self._file is not None or self._is_private:
            return True
        if self._connection is None:
            return False
        try:
            self._connection.execute(text("SELECT 1"))
        except DBAPIError:
            self._drop_session()
            return False
        return True

    def _win_session(self) -> bool:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        key = crc32(self._name.encode())
        if connection.execute(text(f"SELECT pg_try_advisory_lock({key})")).scalar_one():
            self._connection = connection
            return True
        connection.close()
        return False

    def _drop_session(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            # Not back into the pool: the lock ends with the session, of which the server may hear
            # later than the next one asks.
            with suppress(SQLAlchemyError):
                connection.execute(text("SELECT pg_advisory_unlock_all()"))
            with suppress(DBAPIError):
                connection.invalidate()
            connection.close()

    def _win_file(self) -> bool:
        database = self._engine.url.database
        if not database:
            self._is_private = True
            return True
        file = FileIO(Path(f"{database}.{self._name}"), "a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True
