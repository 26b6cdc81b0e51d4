"""A right that one process at a time holds, of all that use the same database."""

from __future__ import annotations

import fcntl
import logging
from contextlib import suppress
from io import FileIO
from pathlib import Path
from threading import Lock

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from hub.journal import holders

log = logging.getLogger(__name__)


class Alone:
    """Held until `release`, the end of the process or, on PostgreSQL, of one connection.

    On PostgreSQL a session's advisory lock; on SQLite a lock on a file beside the database.

    name: of the right.
    silent: seconds after which whoever has it and does not ask for it again has lost it: a process
            or a machine that stands still holds its session.  For rights that are asked for often.
    term: grows each time it is won; what was known before may have changed since.
    """

    def __init__(self, engine: Engine, name: str, silent: float | None = None) -> None:
        self._engine = engine
        self.name = name
        self._silent = silent
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

    @property
    def is_lasting(self) -> bool:
        """Whether it is held, and nobody can take it away before it is released."""
        return self._file is not None or self._is_private

    def release(self) -> None:
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None
            self._drop_session()

    def _is_held(self) -> bool:
        if self.is_lasting:
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
        try:
            if holders.win(connection, self.name):
                self._connection = connection
                return True
            if self._silent and holders.end_silent(connection, self.name, self._silent):
                log.warning("%s: whoever had it has said nothing for too long", self.name)
        finally:
            if self._connection is None:
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
        file = FileIO(Path(f"{database}.{self.name}"), "a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True
