"""Keeps the history while the hub runs: snapshots of the network, and versions of its models.

One process at a time does, in a thread of its own; nobody waits for it, and whatever it has not
written yet is made again from the journal.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock

from hub.dispatch.alone import Alone
from hub.dispatch.live import Live
from hub.dispatch.threads import Threads
from hub.history import pieces, snapshots, versions
from hub.history.fold import At, Step
from hub.history.snapshots import Keep
from hub.history.versions import Change
from hub.journal import Journal, handed_over, moments
from hub.journal.commits import Commits

_HELD = 8  # models on their way into the database that are held in memory
_LOOK = 1.0  # seconds between two looks at what is due
_THIN = 3600.0  # seconds between two times of thinning


@dataclass(frozen=True, kw_only=True)
class Due:
    """When a snapshot is due: after so many network messages, after so many minutes in which there
    was any, and after a change of models; never within `pause` seconds of the one before."""

    messages: int = 2000
    minutes: float = 30.0
    pause: float = 60.0


class Recorder:
    """Make it before the live network first follows the journal, so that it misses nothing."""

    def __init__(
        self,
        journal: Journal,
        live: Live,
        due: Due = Due(),
        keep: Keep = Keep(),  # noqa: B008 - immutable
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._journal, self._live = journal, live
        self._due, self._keep, self._clock = due, keep, clock
        self._alone = Alone(journal.engine, "history")
        self._threads = Threads()
        self._lock = Lock()
        self._changes: deque[Change] = deque()
        self._moved = 0
        self._has_new_models = False
        self._written = self._clock() - due.pause
        self._began = self._clock()
        self._thinned: float | None = None
        live.watch(self._note)

    def run(self) -> None:
        """Start; returns at once."""
        self._threads.work("history", self.step, Commits(), lambda: _LOOK)

    def failing(self) -> dict[str, BaseException]:
        """What fails at present."""
        return self._threads.failing()

    def stop(self, timeout: float = 10.0) -> list[str]:
        """End; the names of the threads that did not within `timeout` seconds."""
        late = self._threads.stop(timeout)
        self._alone.release()
        return late

    def holds(self) -> bool:
        """Whether it is this process that keeps the history; it is, when no other one does."""
        return self._alone.hold()

    def step(self) -> bool:
        """Write what is due; False, so that the thread waits before it looks again."""
        self._live.catch_up()  # another process may have accepted something
        if not self.holds():
            self._leave_to_the_other()
            return False
        at = self._live.at
        self._write_versions()
        if self._is_due():
            self.write(at)
        elif self._clock() - (self._thinned or self._began) > _THIN:
            self._thin()  # what else is let go of grows while the network stands still, too
        return False

    def write(self, at: At) -> None:
        """Write a snapshot now, and thin the old ones now and then."""
        with self._lock:
            moved, self._moved, self._has_new_models = self._moved, 0, False
        if at.seq and moved:
            snapshots.write(self._journal, at)
        self._written = self._clock()
        if self._thinned is None or self._written - self._thinned > _THIN:
            self._thin()

    def _note(self, step: Step) -> None:
        change = Change.of(step)
        with self._lock:
            self._moved += 1
            if change:
                self._has_new_models = True
                self._changes.append(change)
                if len(self._changes) > _HELD:
                    self._changes[-_HELD - 1] = self._changes[-_HELD - 1].without_content()

    def _write_versions(self) -> None:
        while self._changes:
            versions.write(self._journal, self._changes[0])
            with self._lock:
                self._changes.popleft()

    def _leave_to_the_other(self) -> None:
        """What the other process has written need not be held here."""
        if not self._changes:
            return
        with self._journal.reading() as connection:
            last = versions.last_seq(connection)
        with self._lock:
            while self._changes and self._changes[0].seq <= last:
                self._changes.popleft()

    def _is_due(self) -> bool:
        with self._lock:
            moved, has_new_models = self._moved, self._has_new_models
        since = self._clock() - self._written
        if not moved or since < self._due.pause:
            return False
        enough = has_new_models or moved >= self._due.messages
        return enough or since >= self._due.minutes * 60

    def _thin(self) -> None:
        self._thinned = self._clock()
        now = self._journal.clock()
        snapshots.thin(self._journal, self._keep, now)
        with self._journal.reading() as connection:
            before = moments.last_until(connection, now - timedelta(hours=self._keep.hours))
        if versions.drop_content(self._journal, before):
            pieces.sweep(self._journal)
        handed_over.forget(self._journal, now - timedelta(days=self._keep.days))
