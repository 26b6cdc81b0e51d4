"""What was handed to a system, known to every hub on the database: a control is begun once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from hub.handover import Mark, Note
from hub.journal import rows
from hub.journal.journal import Journal
from hub.journal.tables import DELIVERED, delivery, message
from hub.journal.tables import handed_over as table

_TOGETHER = 1_000  # notes that are looked at together
_PLACE = re.compile(r"-\d+$")  # of a request in its message


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


def forget(journal: Journal, before: datetime) -> int:
    """Let go of notes that were made earlier and that nobody will ask for; how many they were.

    A message that is open for its system, or dead, may be handed over again: its notes stay.  So do
    notes that name no message, such as how new something is that was told.
    """
    with journal.reading() as connection:
        systems = connection.scalars(select(table.c.system).distinct()).all()
    return sum(_forget(journal, system, before) for system in systems)


def _forget(journal: Journal, system: str, before: datetime) -> int:
    ours = (table.c.system == system) & (table.c.at < before)
    gone, after = 0, ""
    while True:
        page = select(table.c.identity).where(ours, table.c.identity > after)
        with journal.reading() as connection:
            found = connection.scalars(page.order_by(table.c.identity).limit(_TOGETHER)).all()
            vain = _vain(connection, system, found)
        if vain:
            with journal.transaction() as transaction:
                old = delete(table).where(ours, table.c.identity.in_(vain))
                gone += transaction.connection.execute(old).rowcount
        if len(found) < _TOGETHER:
            return gone
        after = found[-1]


def _vain(connection: Connection, system: str, identities: Sequence[str]) -> list[str]:
    """Those of messages that the system has for good; that never changes."""
    named = {one: set(_messages(one)) for one in identities}
    states: dict[str, str] = {}
    for some in rows.chunks(sorted(set().union(*named.values()))):
        query = (
            select(message.c.message_id, delivery.c.state)
            .join(delivery, delivery.c.seq == message.c.seq)
            .where(message.c.message_id.in_(some), delivery.c.subscriber == system)
        )
        states |= dict(connection.execute(query).all())
    return [
        one for one, ids in named.items() if {states[i] for i in ids if i in states} == {DELIVERED}
    ]


def _messages(identity: str) -> Iterator[str]:
    """What may be the id of the message: it stands last, and either may have spaces."""
    words = identity.split(" ")
    for start in range(len(words)):
        last = " ".join(words[start:])
        yield last
        yield _PLACE.sub("", last)
