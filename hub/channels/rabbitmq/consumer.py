"""Take messages from queues in batches; acknowledge many with one frame, and only what is done."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from threading import Condition
from typing import Any

from pika import BasicProperties

from hub.channels.rabbitmq.link import Answer, Link

PREFETCH = 500


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message in our hands; `redelivered`: somebody may have had it in hand before."""

    tag: int
    queue: str
    redelivered: bool
    properties: BasicProperties
    body: bytes


class Consumer:
    """One AMQP channel that takes from `queues`, `prefetch` messages of each ahead at most.

    A message that cannot be handled now stays here, unacknowledged, and is offered again in its
    place: giving it back to the broker would cost the order and count against its delivery limit.
    """

    def __init__(self, link: Link, queues: Sequence[str], prefetch: int = PREFETCH) -> None:
        self._link = link
        self._changed = Condition()
        self._ready: deque[Arrival] = deque()
        self._done: set[int] = set()  # settled tags above `_upto`
        self._upto = 0  # every tag to here is settled
        self._ack_posted = False
        self._pause_until = 0.0
        self._tags: dict[str, str] = {}  # queue -> consumer tag
        self._channel = link.channel()
        self._channel.add_on_cancel_callback(lambda _: self._channel.close(404, "queue deleted"))
        link.watch(self._notify)
        link.ask(lambda answer: self._channel.basic_qos(prefetch_count=prefetch, callback=answer))
        for queue in queues:
            link.ask(partial(self._consume, queue))

    def take(self, limit: int, seconds: float) -> list[Arrival]:
        """The next arrivals in order, as soon as there is one; empty after `seconds`.

        Raises: ConnectionError; what was not acknowledged will arrive again on another link.
        """
        deadline = time.monotonic() + seconds
        with self._changed:
            while not self._is_ready() and (left := self._until(deadline)) > 0:
                self._changed.wait_for(self._is_ready, left)
            self._link.check()
            if not self._is_ready():
                return []
            return [self._ready.popleft() for _ in range(min(limit, len(self._ready)))]

    def ack(self, tags: Collection[int]) -> None:
        """These are done.  The broker hears of it as soon as all before them are, too.

        A link that broke meanwhile is no error here: they arrive again and are known then.
        """
        with self._changed:
            before = self._upto
            self._done.update(tags)
            while self._upto + 1 in self._done:
                self._upto += 1
                self._done.discard(self._upto)
            if self._upto == before or self._ack_posted or not self._link.is_open:
                return
            self._ack_posted = True
        with suppress(ConnectionError):
            self._link.post(self._send_ack)

    def again(self, arrivals: Sequence[Arrival], seconds: float) -> None:
        """Offer these again, in their order and before all others, after `seconds`."""
        with self._changed:
            self._ready = deque(sorted([*self._ready, *arrivals], key=lambda a: a.tag))
            self._pause_until = time.monotonic() + seconds

    def queue_up(self, queue: str) -> None:
        """Leave `queue` and line up again, behind the others who take from it."""
        self._link.ask(
            lambda answer: self._channel.basic_cancel(
                self._tags[queue], callback=lambda _: self._consume(queue, answer)
            )
        )

    def _is_ready(self) -> bool:
        if not self._link.is_open:
            return True
        return bool(self._ready) and time.monotonic() >= self._pause_until

    def _until(self, deadline: float) -> float:
        now = time.monotonic()
        if now < self._pause_until and self._ready:
            return min(deadline, self._pause_until) - now
        return deadline - now

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()

    # -- in the I/O thread

    def _consume(self, queue: str, answer: Answer) -> None:
        self._tags[queue] = self._channel.basic_consume(
            queue, partial(self._on_message, queue), callback=answer
        )

    def _on_message(
        self, queue: str, _channel: Any, method: Any, properties: Any, body: bytes
    ) -> None:
        arrival = Arrival(method.delivery_tag, queue, method.redelivered, properties, body)
        with self._changed:
            self._ready.append(arrival)
            self._changed.notify_all()

    def _send_ack(self) -> None:
        with self._changed:
            self._ack_posted = False
            upto = self._upto
        self._channel.basic_ack(upto, multiple=True)
