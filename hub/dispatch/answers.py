"""Replies, for those who wait for one."""

from __future__ import annotations

import time
from collections import OrderedDict
from threading import Condition, Lock

from cim.message import Message
from hub.journal import Journal, queries
from hub.journal.canonical import decode

_KEPT = 10_000  # replies of the hub itself that are remembered
_POLL = 0.05  # seconds between looks into the database while somebody waits


class Answers:
    """Gives a waiting thread the reply to its request, wherever that was made.

    A request is known by its message id, which the journal holds once; a correlation id may be
    shared by many.  A reply of this process wakes its waiter at once; for those of other processes
    one waiter at a time looks into the journal on behalf of all.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._own: OrderedDict[str, Message] = OrderedDict()
        self._given: dict[str, Message] = {}
        self._waiting: dict[str, int] = {}
        self._changed = Condition()
        self._looking = Lock()
        self._looked = float("-inf")

    def keep(self, message_id: str, reply: Message) -> None:
        """Note the hub's own reply to a request: it is in no journal, and has no payload."""
        with self._changed:
            self._own[message_id] = reply
            self._own.move_to_end(message_id)
            if len(self._own) > _KEPT:
                self._own.popitem(last=False)
            self._changed.notify_all()

    def give(self, message_id: str, reply: Message) -> None:
        """Hand a reply that is in the journal to those who wait for it now."""
        with self._changed:
            if message_id in self._waiting:
                self._given[message_id] = reply
                self._changed.notify_all()

    def find(self, message_id: str) -> Message | None:
        """The reply that is in the journal now."""
        with self._journal.reading() as connection:
            bodies = queries.replies(connection, [message_id]).get(message_id)
        return decode(bodies[-1]) if bodies else None

    def wait(self, message_id: str, timeout: float) -> Message | None:
        """The reply; None when there is none after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        with self._changed:
            self._waiting[message_id] = self._waiting.get(message_id, 0) + 1
        try:
            while (left := deadline - time.monotonic()) > 0:
                self._look()
                with self._changed:
                    self._changed.wait_for(lambda: self._known(message_id), min(left, _POLL))
                    if reply := self._known(message_id):
                        return reply
            return None
        finally:
            self._leave(message_id)

    def _known(self, message_id: str) -> Message | None:
        return self._given.get(message_id) or self._own.get(message_id)

    def _leave(self, message_id: str) -> None:
        with self._changed:
            self._waiting[message_id] -= 1
            if not self._waiting[message_id]:
                del self._waiting[message_id]
                self._given.pop(message_id, None)

    def _look(self) -> None:
        """Ask the journal for all who wait, unless somebody does or has just done."""
        if not self._looking.acquire(blocking=False):
            return
        try:
            if time.monotonic() - self._looked < _POLL:
                return
            with self._changed:
                wanted = [m for m in self._waiting if not self._known(m)]
            if wanted:
                with self._journal.reading() as connection:
                    found = queries.replies(connection, wanted)
                for message_id, bodies in found.items():
                    self.give(message_id, decode(bodies[-1]))
            self._looked = time.monotonic()
        finally:
            self._looking.release()
