"""Messages of late that are decoded already, by their place in the journal."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from weakref import WeakValueDictionary

from cim.message import Message
from cim.profiles.network_models import NetworkModels
from hub.journal.canonical import decode


class Decoded:
    """A bounded memory, so that what was just accepted is not parsed again to be handled.

    Network models are tens of megabytes of text and wanted once: one is known only as long as
    somebody else holds it, which its intake does until the live network has followed.

    limit: bytes of the encoded messages that are remembered; the newest one is always.  Every
           thread waits while the garbage collector looks through what lives, and a message is a
           dozen objects: 32 MB of them took a quarter of a second each time, these some 20 ms.
    """

    def __init__(self, limit: int = 2 * 1024 * 1024) -> None:
        self._limit = limit
        self._size = 0
        self._messages: OrderedDict[int, tuple[Message, int]] = OrderedDict()
        self._models: WeakValueDictionary[int, Message] = WeakValueDictionary()
        self._lock = Lock()

    def remember(self, seq: int, message: Message, size: int) -> None:
        with self._lock:
            if isinstance(message.payload, NetworkModels):
                self._models[seq] = message
                return
            if seq in self._messages:
                return
            self._messages[seq] = message, size
            self._size += size
            while self._size > self._limit and len(self._messages) > 1:
                self._size -= self._messages.popitem(last=False)[1][1]

    def get(self, seq: int, body: bytes) -> Message:
        """The message `seq`, decoded from `body` when it is not remembered."""
        with self._lock:
            if remembered := self._messages.get(seq):
                return remembered[0]
            model = self._models.get(seq)
        return decode(body) if model is None else model
