"""A plain AMQP client beside the hub's own: what a partner does, and what an observer sees."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pika


@dataclass(frozen=True)
class Seen:
    """One message as it lies in a queue."""

    properties: pika.BasicProperties
    routing_key: str
    body: bytes


class Client:
    """One connection; what it names is removed at the end."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._connection = pika.BlockingConnection(pika.URLParameters(url))
        self.channel = self._connection.channel()
        self.channel.confirm_delivery()
        self._queues: list[str] = []
        self._exchanges: list[str] = []

    def name(self, prefix: str = "test") -> str:
        """A name for a queue that nobody else uses."""
        name = f"{prefix}.{uuid.uuid4().hex}"
        self._queues.append(name)
        return name

    def exchange_to_remove(self, name: str) -> str:
        self._exchanges.append(name)
        return name

    def queue(self, **arguments: Any) -> str:
        """A new classic durable queue; `arguments` with _ for - after the x-."""
        name = self.name()
        named = {f"x-{key.replace('_', '-')}": value for key, value in arguments.items()}
        self.channel.queue_declare(name, durable=True, arguments=named)
        return name

    def listener(self, exchange: str, key: str = "#") -> str:
        """A queue that gets what a topic exchange carries."""
        self.channel.exchange_declare(
            self.exchange_to_remove(exchange), exchange_type="topic", durable=True
        )
        queue = self.queue()
        self.channel.queue_bind(queue, exchange, key)
        return queue

    def publish(self, exchange: str, key: str, body: bytes, **properties: Any) -> None:
        """Publish one persistent message; on return the broker has it in a queue."""
        self.channel.basic_publish(
            exchange,
            key,
            body,
            pika.BasicProperties(delivery_mode=2, **properties),
            mandatory=True,
        )

    def drain(self, queue: str) -> list[Seen]:
        """Everything that lies in a queue now."""
        seen = []
        while True:
            method, properties, body = self.channel.basic_get(queue, auto_ack=True)
            if method is None:
                return seen
            seen.append(Seen(properties, method.routing_key, body))

    def depth(self, queue: str) -> int:
        return int(self.channel.queue_declare(queue, passive=True).method.message_count)

    def close(self) -> None:
        for name in self._queues:
            self.channel.queue_delete(name)
        for name in self._exchanges:
            self.channel.exchange_delete(name)
        self.disconnect()

    def disconnect(self) -> None:
        """Close and leave everything behind."""
        self._connection.close()


@contextmanager
def client(url: str) -> Iterator[Client]:
    opened = Client(url)
    try:
        yield opened
    finally:
        opened.close()
