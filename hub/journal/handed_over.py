"""What was handed to a system, known to every hub on the database: a control is begun once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from hub.handover import Mark, Note
from hub.journal.journal import Journal
from hub.journal.tables import handed_over as table


class HandedOver:
    """The notes of one system (`hub.handover.Notes`)."""

    def __init__(self, journal: Journal, system: str) -> None:
        self._journal, self._system = journal, system

    def of(self, identity: str) -> Note | None:
        """Raises: ConnectionError, without the database."""
        query = select(table.c.mark, table.c.said).where(
            table.c.system == self._system, table.c.identity == identity
        )
        with self._within_reach(), self._journal.reading() as connection:
            found = connection.execute(query).one_or_none()
        return None if found is None else Note(Mark(found.mark), found.said)

    def note(self, identity: str, mark: Mark, said: str = "") -> bool:
        """Returns when it is committed; False when somebody else has begun it meanwhile: of all
        who begin it at once one may.  Raises: ConnectionError; nothing is noted, or it may be."""
        with self._within_reach(), self._journal.transaction() as transaction:
            connection = transaction.connection
            dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
            # PostgreSQL keeps no null character.
            row = {"mark": mark.value, "said": said.replace("\0", "\\0"), "at": transaction.now}
            fresh = dialect.insert(table).values(system=self._system, identity=identity, **row)
            noted = fresh.on_conflict_do_update(
                index_elements=[table.c.system, table.c.identity],
                set_=row,
                where=table.c.mark == Mark.VOID.value if mark is Mark.BEGUN else None,
            )
            return bool(connection.execute(noted.returning(table.c.mark)).all())

    @contextmanager
    def _within_reach(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise ConnectionError(f"the journal: {type(error).__name__}: {error}") from error
