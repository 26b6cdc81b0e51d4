"""Tell an app that is new what came before it: it learns, and says nothing.

Requests of then have their answers, and what an app would say of then comes too late: nobody is
called back today about last year's outage.  So it gets events alone, in their order and by their
clock, and its words are dropped; those of its timers, too, up to the moment from which on every
message comes to it in the usual way.  What it could not take in is among its dead letters.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from threading import Lock

from cim.network import Network
from hub.dispatch.around import Around
from hub.dispatch.context import Part, Turn, guarded
from hub.dispatch.decoded import Decoded
from hub.dispatch.handling import in_time
from hub.dispatch.heard import handed
from hub.dispatch.live import Live
from hub.interfaces import App, CatchingUp, Learnt, Timed
from hub.journal import Journal, Overtaken, Transaction, caught_up
from hub.journal.caught_up import Past, Standing
from hub.journal.database import is_transient

log = logging.getLogger(__name__)
_SPAN = 500  # messages of the journal, of whatever topic, that are gone through at once
_SECONDS = 0.1  # that others may have to wait, where there is one writer
_WAKES = 100  # of one app between two messages
_SOON = timedelta(seconds=1)


def learning(
    name: str, app: App, journal: Journal, live: Live, decoded: Decoded
) -> dict[str, CatchUp]:
    """What tells the app of before, by its name; nothing for one that does not want it."""
    if isinstance(app, CatchingUp) and app.catch_up:
        return {name: CatchUp(name, app, journal, live, decoded)}
    return {}


class CatchUp:
    """Of one app; until it is over, nobody else hands the app anything."""

    def __init__(self, name: str, app: App, journal: Journal, live: Live, decoded: Decoded) -> None:
        self._name, self._app, self._journal = name, app, journal
        self._live, self._decoded = live, decoded
        self._around = Around(journal, live, decoded, app.topics)
        self._lock = Lock()
        self._has_begun = self._is_over = False
        self._count: int | None = None

    def step(self) -> bool:
        """Tell it the next ones, in one transaction; False when it is over.

        Raises: the database's error.
        """
        with self._lock:
            return not self._is_over and self._step()

    def _step(self) -> bool:
        if not self._has_begun:
            # By itself: it holds the order of the journal, and everybody who adds to it waits.
            with self._journal.transaction() as transaction:
                caught_up.standing(transaction, self._name)
            self._has_begun = True
        try:
            with self._journal.transaction() as transaction:
                now = caught_up.standing(transaction, self._name)
                if now.done < now.upto:
                    more = self._tell(transaction, now)
                    self._count = (self._count or 0) + more
                    return True
        except Overtaken:
            return True  # by another hub: look again
        self._is_over = True
        if self._count is not None:
            log.info("%s: has learnt from %d messages that came before it", self._name, self._count)
        return False

    def _tell(self, transaction: Transaction, now: Standing) -> int:
        network = self._live.at_least(now.upto)
        topics, end = self._app.topics, min(now.done + _SPAN, now.upto)
        found = caught_up.following(transaction, self._name, topics, now.done, end)
        seconds, count = _SECONDS if self._journal.has_one_writer else None, 0
        with guarded(transaction.connection):
            for one in in_time(found, seconds):
                self._wake(transaction, one.accepted_at, now, network)
                self._one(transaction, one, network)
                count += 1
            end = end if count == len(found) else found[count - 1].seq
            if end == now.upto:
                self._wake(transaction, now.at, now, network)
                self._learnt(transaction, now, network)
        caught_up.told(transaction, self._name, now, end)
        return count

    def _one(self, transaction: Transaction, one: Past, network: Network) -> None:
        part = Part(transaction)
        turn = Turn(part, network, one.accepted_at, lambda: self._around.of(one.seq))
        try:
            with part.revocable():
                for _ in handed(self._app, self._decoded.get(one.seq, one.body), turn):
                    pass  # to nobody
        except Exception as error:
            if is_transient(error) or not transaction.is_sound:
                raise
            log.warning("%s: message %d of before it: %s", self._name, one.seq, error)
            text = f"{type(error).__name__}: {error}"
            caught_up.missed(transaction, self._name, self._app.partitions, one, text)
        else:
            turn.keep_wake(transaction, self._name, one.seq)

    def _learnt(self, transaction: Transaction, now: Standing, network: Network) -> None:
        if isinstance(self._app, Learnt):
            part = Part(transaction)
            turn = Turn(part, network, transaction.now)
            try:
                with part.revocable():
                    self._app.learnt(turn)
            except Exception as error:
                if is_transient(error) or not transaction.is_sound:
                    raise
                log.warning("%s: when it had learnt what came before it: %s", self._name, error)
            else:
                turn.keep_wake(transaction, self._name, now.upto)

    def _wake(
        self, transaction: Transaction, until: datetime, now: Standing, network: Network
    ) -> None:
        """Let its timers come up that were due by then."""
        if not isinstance(self._app, Timed):
            return
        for _ in range(_WAKES):
            if (woken := transaction.take_wake(self._name, until)) is None:
                return
            part = Part(transaction)
            turn = Turn(part, network, until)
            try:
                with part.revocable():
                    for _said in self._app.wake(turn):
                        pass
            except Exception as error:
                if is_transient(error) or not transaction.is_sound:
                    raise
                log.warning("%s: waking it for what came before it: %s", self._name, error)
                turn.wake_at(now.at + _SOON)  # in the usual way, which tries again
            turn.keep_wake(transaction, self._name, woken.cause)
