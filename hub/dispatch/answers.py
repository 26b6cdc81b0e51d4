"""Replies, for those who wait for one."""

from __future__ import annotations

import time
from collections import OrderedDict
from threading import Condition, Lock

from cim.message import Kind, Message, Outgoing, Verb
from cim.violation import Refusal
from hub.dispatch import orders, own, unanswered
from hub.dispatch.stamp import Voice, stamp
from hub.journal import Journal, operation_sets, queries
from hub.journal.canonical import decode

_KEPT = 10_000  # replies of the hub itself that are remembered
_POLL = 0.05  # seconds between looks into the database while somebody waits


class Answers:
    """Gives a waiting thread the reply to its request, wherever that was made.

    A request is known by its message id, which the journal holds once; a correlation id may be
    shared by many.  A reply of this process wakes its waiter at once; for those of other processes
    one waiter at a time looks into the journal on behalf of all.
    """

    def __init__(self, journal: Journal, voice: Voice = Voice()) -> None:  # noqa: B008 - immutable
        """voice: of the hub, when nobody else answers."""
        self._journal = journal
        self._voice = voice
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

    def reply_at_once(self, request: Message | Refusal) -> None:
        """Answer what was accepted, when it is a request that nobody but the hub answers."""
        if isinstance(request, Refusal) or request.kind is not Kind.REQUEST:
            return
        message_id = request.header.message_id
        if not message_id or self._journal.subscribers(request):
            return
        if orders.may_be_in_part(request) and self._is_answered_apart(message_id):
            return
        outgoing = Outgoing(Verb.REPLY, reply=own.reply(request))
        now = self._journal.clock()
        self.keep(message_id, stamp(outgoing, self._voice.source, now, request))

    def _is_answered_apart(self, message_id: str) -> bool:
        """Whether the journal has the answer, which is more than yes, or will have it."""
        with self._journal.reading() as connection:
            # Its answer is in the journal with the same commit that ends a set.
            is_open = operation_sets.is_open(connection, message_id)
            return is_open or message_id in queries.replies(connection, [message_id])

    def wait(self, message_id: str, timeout: float) -> Message | None:
        """The reply; when there is none after `timeout` seconds, one that says which app has failed
        so far, or None."""
        if found := self._wait(message_id, timeout):
            return found
        with self._journal.reading() as connection:
            return unanswered.late(connection, message_id, self._journal.clock(), self._voice)

    def _wait(self, message_id: str, timeout: float) -> Message | None:
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
