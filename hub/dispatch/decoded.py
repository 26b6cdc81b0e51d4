"""Messages of late that are decoded already, by their place in the journal."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from cim.message import Message
from hub.journal.canonical import decode


class Decoded:
    """A bounded memory, so that what was just accepted is not parsed again to be handled.

    limit: bytes of the encoded messages that are remembered; the newest one is always.
    """

    def __init__(self, limit: int = 32 * 1024 * 1024) -> None:
        self._limit = limit
        self._size = 0
        self._messages: OrderedDict[int, tuple[Message, int]] = OrderedDict()
        self._lock = Lock()

    def remember(self, seq: int, message: Message, size: int) -> None:
        with self._lock:
            if seq in self._messages:
                return
            self._messages[seq] = message, size
            self._size += size
            while self._size > self._limit and len(self._messages) > 1:
                self._size -= self._messages.popitem(last=False)[1][1]

    def get(self, seq: int, body: bytes) -> Message:
        """The message `seq`, decoded from `body` when it is not remembered."""
        with self._lock:
            remembered = self._messages.get(seq)
        return remembered[0] if remembered else decode(body)
