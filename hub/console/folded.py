"""What is so by the messages of one noun in the journal, thing by thing."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import Generic, Protocol, TypeVar

from sqlalchemy import Connection, func, select

from cim.message import Message, Verb
from hub.journal.canonical import decode
from hub.journal.tables import is_real
from hub.journal.tables import message as messages

NEWEST = 5_000
"""How many messages back the fold begins after a start."""
KEPT = 1_000
"""How many things that are over stay known."""

ENDED_BY = {Verb.CLOSED: "closed", Verb.CANCELED: "canceled", Verb.DELETED: "deleted"}
_EVENTS = (Verb.CREATED, Verb.CHANGED, *ENDED_BY)


class Thing(Protocol):
    """What is told of.

    messages: `seq` of those that spoke of it, the newest last.
    """

    @property
    def mrid(self) -> str: ...

    @property
    def active(self) -> bool: ...

    @property
    def messages(self) -> tuple[int, ...]: ...


T = TypeVar("T", bound=Thing)


class Folded(Generic[T]):
    """Reads only what is new since the last look; nothing of studies.

    told:  what a message, with its seq, tells of things.
    after: what is known of a thing then, by what was known before and what is told.
    bytes: of messages that are read after a start, at most; the newest counts in any case.
    most:  so many messages are read then.
    first: the first message that counts; what was told before it, and not again, is not known.
    """

    def __init__(
        self,
        noun: str,
        told: Callable[[int, Message], Iterable[T]],
        after: Callable[[T, T], T],
        bytes: float = math.inf,
        most: int = NEWEST,
    ) -> None:
        self._noun, self._told, self._join, self._bytes = noun, told, after, bytes
        self._most = most
        self.first = 1
        self._lock = Lock()
        self._after: int | None = None
        self._known: dict[str, T] = {}

    @contextmanager
    def up_to_date(self, connection: Connection) -> Iterator[Mapping[str, T]]:
        """All that is known, by mRID, as of now."""
        with self._lock:
            self._catch_up(connection)
            yield self._known

    def _catch_up(self, connection: Connection) -> None:
        if self._after is None:
            self.first = self._beginning(connection)
            self._after = self.first - 1
        new = (
            select(messages.c.seq, messages.c.body)
            .where(
                messages.c.noun == self._noun,
                messages.c.seq > self._after,
                is_real,
                messages.c.verb.in_([str(verb) for verb in _EVENTS]),
            )
            .order_by(messages.c.seq)
        )
        for seq, body in connection.execute(new):
            for now in self._told(seq, decode(body)):
                before = self._known.get(now.mrid)
                self._known[now.mrid] = self._join(before, now) if before else now
            self._after = seq
        self._forget()

    def _forget(self) -> None:
        over = [one for one in self._known.values() if not one.active]
        for one in sorted(over, key=lambda one: one.messages[-1])[:-KEPT]:
            del self._known[one.mrid]

    def _beginning(self, connection: Connection) -> int:
        newest = (
            select(messages.c.seq, func.length(messages.c.body))
            .where(messages.c.noun == self._noun, is_real)
            .order_by(messages.c.seq.desc())
            .limit(self._most + 1)
        )
        first, size = 1, 0
        for number, (seq, length) in enumerate(connection.execute(newest)):
            size += length
            if number and (number == self._most or size > self._bytes):
                return first
            first = seq
        return 1
