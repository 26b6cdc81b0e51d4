"""The network as operated, following the journal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from threading import Condition

from cim.network import Network
from hub.dispatch.decoded import Decoded
from hub.history import snapshots
from hub.history.fold import At, Step, steps
from hub.journal import Journal, moments, network_events

Watch = Callable[[Step], None]
"""Told of every message as it is applied, by the thread that applies it: it must be quick."""


class Live:
    """The fold of the journal's network messages; one for all apps of the process.

    It starts from the newest snapshot.  `current` is an immutable value, swapped as a whole, and
    never waits: whoever holds one keeps it.  One thread at a time folds; another one that has
    committed something leaves that to it and goes on.  Only who asks for the network with a certain
    message in it waits, and no longer than until that message is in.
    """

    def __init__(self, journal: Journal, decoded: Decoded) -> None:
        self._journal = journal
        self._decoded = decoded
        self._at = At(0, Network.empty())
        self._watches: list[Watch] = []
        # Guards what follows, and tells of each step; nobody folds while holding it.
        self._moved = Condition()
        self._wanted = 0
        self._is_folding = False
        self._has_begun = False

    @property
    def current(self) -> Network:
        """The newest network that is at hand."""
        return self._at.network

    @property
    def at(self) -> At:
        """The same, and up to which message it goes."""
        return self._at

    def watch(self, watch: Watch) -> None:
        """Tell `watch` of every message that is applied from now on."""
        self._watches.append(watch)

    def at_least(self, seq: int) -> Network:
        """The network with every message up to `seq`, at least, applied; waits for it."""
        while (at := self._at).seq < seq:
            if self._takes_turn(seq):
                self._fold()
            else:
                with self._moved:
                    self._moved.wait_for(lambda: self._at.seq >= seq or not self._is_folding)
        return at.network

    def follow(self, seq: int) -> None:
        """Apply every message up to `seq`, or leave that to the thread that is applying some."""
        if self._at.seq < seq and self._takes_turn(seq):
            self._fold()

    def pass_by(self, nouns: Mapping[int, str]) -> None:
        """Go on past what was accepted in one transaction, where none of it moves the network:
        nobody need look for that in the journal.

        nouns: of the messages, by seq.
        """
        first, last = min(nouns, default=0), max(nouns, default=0)
        is_all = len(nouns) == last - first + 1
        if not is_all or any(noun in network_events.NOUNS for noun in nouns.values()):
            return
        with self._moved:
            if self._has_begun and not self._is_folding and self._at.seq == first - 1:
                self._at = At(last, self._at.network)
                self._moved.notify_all()

    def catch_up(self) -> Network:
        """The network with everything applied that is committed now."""
        with self._journal.reading() as connection:
            last = moments.newest(connection)
        return self.at_least(last)

    def _takes_turn(self, seq: int) -> bool:
        with self._moved:
            self._wanted = max(self._wanted, seq)
            if self._is_folding:
                return False
            self._is_folding = True
            return True

    def _fold(self) -> None:
        """Fold until all that anybody wants is in."""
        try:
            while not self._is_done():
                self._follow()
        except BaseException:
            with self._moved:
                self._is_folding = False
                self._moved.notify_all()
            raise

    def _is_done(self) -> bool:
        with self._moved:
            if self._at.seq < self._wanted:
                return False
            self._is_folding = False
            self._moved.notify_all()
            return True

    def _follow(self) -> None:
        wanted = self._wanted
        with self._journal.reading() as connection:
            if not self._has_begun and (kept := snapshots.newest(connection)):
                self._put(kept)
            self._has_begun = True
            with closing(steps(connection, self._at, self._decoded.get)) as moves:
                for step in moves:
                    for watch in self._watches:
                        watch(step)
                    self._put(At(step.seq, step.after))
        if self._at.seq < wanted:
            self._put(At(wanted, self._at.network))

    def _put(self, at: At) -> None:
        with self._moved:
            self._at = at
            self._moved.notify_all()
