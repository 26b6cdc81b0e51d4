"""Front ends: of the hubs that use one database one is active, the others stand by.

The active one holds a right (`hub.dispatch.alone`), asks for it all the time, and lets go of its
devices as soon as it is not sure to have it: that is before anybody else may win it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from threading import Event, Lock
from typing import Any

from hub.dispatch.alone import Alone
from hub.dispatch.retry import Trouble
from hub.dispatch.threads import Threads
from hub.interfaces import Adapter, FrontEnd, Record
from hub.journal import Journal, holders, moments
from hub.parts import Part

log = logging.getLogger(__name__)

BEAT = 0.5
"""Seconds between two questions for the right."""
SURE = 4.0
"""Seconds since the last good answer after which it may be lost."""
SILENT = 8.0
"""Seconds of silence after which another one takes it away."""
GRACE = 1.0
"""Seconds after it was won in which whoever had it before notices, and lets go."""
_LOOK = 0.1  # seconds between two looks whether the hub is still sure


class Turn:
    """The right to operate, and since when: of the messages up to `before` nobody here knows
    whether the hub that had it until then has begun them."""

    def __init__(
        self, alone: Alone, journal: Journal, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._alone, self._journal, self._clock = alone, journal, clock
        self._lock = Lock()
        self._term = 0
        self._held = 0, 0.0  # in which term, and when that was asked
        self._won = 0.0
        self.before = 0

    def hold(self) -> bool:
        """Make sure to have it, or try to win it.  Raises: the database's error."""
        with self._lock:
            asked, term = self._clock(), 0
            try:
                if self._alone.hold():
                    term = self._known()
            finally:
                self._held = term, asked
            return bool(term)

    def sure(self) -> int:
        """How often it has been won, the last time for now; 0 when it may be lost.

        Waits for nothing, whatever the database does.
        """
        term, asked = self._held
        return term if self._alone.is_lasting or self._clock() < asked + SURE else 0

    def settled(self) -> int:
        """As `sure`, when nobody else can still think to have it."""
        is_alone = self._alone.is_lasting or self._clock() >= self._won + GRACE
        return self.sure() if is_alone else 0

    def holder(self) -> str:
        """Who has it; "" when that is not known.  Raises: the database's error."""
        with self._journal.reading() as connection:
            return holders.holders(connection, [self._alone.name]).get(self._alone.name, "")

    def release(self) -> None:
        self._held = 0, 0.0
        self._alone.release()

    def _known(self) -> int:
        if self._alone.term != self._term:
            with self._journal.reading() as connection:
                self.before = moments.newest(connection)
            self._term, self._won = self._alone.term, self._clock()
        return self._term


class Reading:
    """How an adapter is read by each hub, and the right to write to its system by one of them."""

    def __init__(self, adapter: Adapter[Any], turn: Turn) -> None:
        self.adapter = adapter
        self.turn = turn

    def start(self, threads: Threads) -> None:
        """Start what it needs beside whoever reads and writes."""

    def read(self) -> Iterator[Sequence[Any]]:
        """As `Adapter.read`."""
        return self.adapter.read()

    def take(self, _batch: Sequence[Record], take: Callable[[], object]) -> None:
        """Take what was read.  Raises: what `take` does, the database's error."""
        take()

    def end(self) -> None:
        """Let another hub have the right."""
        self.turn.release()


def reading(name: str, adapter: Adapter[Any], journal: Journal) -> Reading:
    """However many hubs work on a database, a system hears of each message from one."""
    right = holders.sending(name)
    if isinstance(adapter, FrontEnd) and adapter.exclusive:
        return Active(name, adapter, Turn(Alone(journal.engine, right, SILENT), journal))
    return Reading(adapter, Turn(Alone(journal.engine, right), journal))


class Active(Reading):
    """The same of one with a front end: one hub reads it, and writes, the active one."""

    def __init__(self, name: str, adapter: Any, turn: Turn) -> None:
        """adapter: one that is a `FrontEnd`, too."""
        super().__init__(adapter, turn)
        self._name = name
        self._front: FrontEnd = adapter
        self._lock = Lock()
        self._term = 0  # in which it is read; 0 while it is not
        self._pause = Event()

    def start(self, threads: Threads) -> None:
        """Ask for the right from now on, and look whether it is still there."""
        trouble = threads.trouble(f"{self._name}: front end")
        threads.start(f"keep {self._name}", partial(self._keep, threads.stopping, trouble))
        threads.start(f"watch {self._name}", partial(self._watch, threads.stopping))

    def read(self) -> Iterator[Sequence[Any]]:
        """What the adapter reads, as long as it may; empty batches while it may not."""
        while True:
            term = self._begin()
            if term:
                yield from self._read(term)
                if self._is_of(term):
                    return  # it has said all it will ever say
                log.warning("front end %s stands by", self._name)
            yield ()
            self._pause.wait(_LOOK)

    def take(self, batch: Sequence[Record], take: Callable[[], object]) -> None:
        """Take what was read, unless another one may be the active one by now: it has told newer
        things.  Raises: what `take` does, the database's error."""
        if isinstance(batch, Part) or self._still():
            take()
        else:
            log.warning("front end %s: %d records are not told", self._name, len(batch))

    def look(self) -> None:
        """Let go of the devices unless it is still the active one."""
        with self._lock:
            if not self._term or self._term == self.turn.sure():
                return
            self._term = 0
        self._front.stand_by()

    def end(self) -> None:
        """Let go, and let another hub have the right."""
        self._front.stand_by()
        super().end()

    def __str__(self) -> str:
        """For people: whether it is the active one, and who is if not."""
        if self.turn.sure():
            return "active"
        who = self.turn.holder()
        return f"stands by; active is {who}" if who else "stands by"

    def _keep(self, stopping: Event, trouble: Trouble) -> None:
        """Ask for the right, again and again, until the hub stops."""
        while not stopping.is_set():
            try:
                self.turn.hold()
                trouble.over()
            except Exception as error:
                trouble.happened(error)
            self.look()
            stopping.wait(BEAT)

    def _watch(self, stopping: Event) -> None:
        """Let go when the database does not answer; until the hub stops."""
        while not stopping.wait(_LOOK):
            self.look()

    def _begin(self) -> int:
        with self._lock:
            self._term = self.turn.settled()
        if self._term:
            log.info("front end %s: this hub is the active one", self._name)
        return self._term

    def _read(self, term: int) -> Iterator[Sequence[Record]]:
        batches = self.adapter.read()
        try:
            for batch in batches:
                if not self._is_of(term):
                    return
                yield batch
        finally:
            if isinstance(batches, Generator):
                batches.close()

    def _is_of(self, term: int) -> bool:
        self.look()
        return self._term == term

    def _still(self) -> bool:
        # Not to wait for the database when it is vain; and its word, not a guess, when it counts.
        term = self._term
        return bool(term and self.turn.sure() and self.turn.hold()) and self._is_of(term)
