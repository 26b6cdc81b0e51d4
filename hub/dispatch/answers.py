"""Replies, for those who wait for one."""

from __future__ import annotations

import time
from collections import OrderedDict
from threading import Condition, Lock
from typing import TypeVar

from cim.message import Message
from hub.journal import Journal, queries
from hub.journal.canonical import decode

T = TypeVar("T")
_KEPT = 10_000  # replies remembered in this process
_POLL = 0.05  # seconds between looks into the database while somebody waits


class Answers:
    """Gives a waiting thread the reply it waits for, wherever that was made.

    A reply of this process wakes its waiter at once; for those of other processes one waiter at a
    time looks into the journal on behalf of all.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._given: OrderedDict[str, Message] = OrderedDict()
        self._asked: OrderedDict[str, int] = OrderedDict()  # seq of the latest request
        self._waiting: dict[str, int] = {}
        self._changed = Condition()
        self._looking = Lock()
        self._looked = float("-inf")

    def give(self, correlation_id: str, reply: Message) -> None:
        """Note a reply that is committed."""
        with self._changed:
            _put(self._given, correlation_id, reply)
            self._changed.notify_all()

    def expect(self, correlation_id: str, seq: int) -> None:
        """A new request is in the journal: what was replied before it is no answer to it."""
        with self._changed:
            self._given.pop(correlation_id, None)
            _put(self._asked, correlation_id, seq)

    def wait(self, correlation_id: str, timeout: float) -> Message | None:
        """The reply; None when there is none after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        with self._changed:
            self._waiting[correlation_id] = self._waiting.get(correlation_id, 0) + 1
        try:
            while (left := deadline - time.monotonic()) > 0:
                self._look()
                with self._changed:
                    self._changed.wait_for(lambda: correlation_id in self._given, min(left, _POLL))
                    if reply := self._given.get(correlation_id):
                        return reply
            return None
        finally:
            self._leave(correlation_id)

    def _leave(self, correlation_id: str) -> None:
        with self._changed:
            self._waiting[correlation_id] -= 1
            if not self._waiting[correlation_id]:
                del self._waiting[correlation_id]

    def _look(self) -> None:
        """Ask the journal for all who wait, unless somebody does or has just done."""
        if not self._looking.acquire(blocking=False):
            return
        try:
            if time.monotonic() - self._looked < _POLL:
                return
            with self._changed:
                wanted = [c for c in self._waiting if c not in self._given]
            if wanted:
                with self._journal.reading() as connection:
                    found = queries.replies(connection, wanted)
                for correlation_id, (seq, body) in found.items():
                    if seq > self._asked.get(correlation_id, 0):
                        self.give(correlation_id, decode(body))
            self._looked = time.monotonic()
        finally:
            self._looking.release()


def _put(kept: OrderedDict[str, T], key: str, value: T) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > _KEPT:
        kept.popitem(last=False)
