"""Exchanges and queues, declared so that they outlive the broker's process."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from typing import Any

from hub.channels.rabbitmq.link import Link, Refused

QUEUE_TYPES = ("auto", "classic", "quorum")
DEAD = "gridbus.dead"  # dead-letter exchange, and the queue that keeps what it gets
_NOT_FOUND = 404
# Older brokers forget a quorum queue, confirmed messages included, when they are killed within
# three minutes of its declaration: the table of Ra that names its members is not synced.
_SAFE_QUORUM = (4, 0)
_SYNC = ("eval", "dets:sync(ra_directory_reverse).")


class Topology:
    """Declares what is not there yet; a queue that exists is taken as it is, whatever its type.

    queue_type:  "classic", "quorum", or "auto": quorum where a new queue is safe at once, classic
                 on older brokers.  A quorum queue counts deliveries itself and dead-letters a
                 message after `delivery_limit`; on a classic queue nobody does, so the receiver
                 keeps the count (the hub: attempts of the delivery row).
    rabbitmqctl: the command that reaches the broker's node; after declaring a quorum queue on an
                 older broker its tables are synced with it.
    """

    def __init__(
        self, link: Link, queue_type: str = "auto", rabbitmqctl: Sequence[str] = ()
    ) -> None:
        self._link = link
        self._rabbitmqctl = tuple(rabbitmqctl)
        self._is_safe = _version(link.server) >= _SAFE_QUORUM
        automatic = "quorum" if self._is_safe else "classic"
        self.queue_type = automatic if queue_type == "auto" else queue_type

    def exchange(self, name: str, kind: str = "topic") -> None:
        self._link.attempt(
            lambda channel, answer: channel.exchange_declare(
                name, exchange_type=kind, durable=True, callback=answer
            )
        )

    def queue(
        self, name: str, *, single_active: bool = False, delivery_limit: int | None = None
    ) -> None:
        """A durable queue; what it gives up goes to the dead-letter queue if it has a limit."""
        if self._exists(name):
            return
        arguments: dict[str, Any] = {"x-queue-type": self.queue_type}
        if single_active:
            arguments["x-single-active-consumer"] = True
        if delivery_limit is not None:
            arguments["x-dead-letter-exchange"] = DEAD
            if self.queue_type == "quorum":
                arguments["x-delivery-limit"] = delivery_limit
        self._link.attempt(
            lambda channel, answer: channel.queue_declare(
                name, durable=True, arguments=arguments, callback=answer
            )
        )
        if self.queue_type == "quorum" and not self._is_safe:
            self._sync()

    def dead_letters(self) -> None:
        """Where messages end that no consumer could take."""
        self.exchange(DEAD, "fanout")
        self.queue(DEAD)
        self.bind(DEAD, DEAD, "")

    def bind(self, queue: str, exchange: str, key: str) -> None:
        self._link.attempt(
            lambda channel, answer: channel.queue_bind(queue, exchange, key, callback=answer)
        )

    def purge(self, queue: str) -> None:
        self._link.attempt(lambda channel, answer: channel.queue_purge(queue, callback=answer))

    def consumers(self, queue: str) -> int:
        """How many consumers the queue has."""
        frame = self._link.attempt(
            lambda channel, answer: channel.queue_declare(queue, passive=True, callback=answer)
        )
        return int(frame.method.consumer_count)

    def _exists(self, queue: str) -> bool:
        try:
            self.consumers(queue)
        except Refused as refused:
            if refused.code != _NOT_FOUND:
                raise
            return False
        return True

    def _sync(self) -> None:
        if not self._rabbitmqctl:
            raise ConnectionError(
                "this broker can lose a new quorum queue when it is killed: set queue_type to"
                " classic, or tell how to run rabbitmqctl on its node"
            )
        done = subprocess.run(  # noqa: S603 - the command is the operator's own setting
            [*self._rabbitmqctl, *_SYNC], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise ConnectionError(f"rabbitmqctl could not sync the queue: {done.stderr.strip()}")


def _version(server: dict[str, Any]) -> tuple[int, ...]:
    numbers = str(server.get("version", "0")).split("-")[0].split(".")
    return tuple(int(n) for n in numbers[:2] if n.isdigit())
