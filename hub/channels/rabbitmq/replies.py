"""Answers into the queue that a sender has named."""

from __future__ import annotations

from cim import envelope
from cim.message import Format, Message
from hub.channels.rabbitmq.broker import Broker, Outbox
from hub.channels.rabbitmq.properties import properties
from hub.channels.rabbitmq.publisher import Parcel


class QueueOutlet:
    """Publishes through the default exchange, mandatory; the queue is its owner's to declare."""

    def __init__(self, broker: Broker, payload: Format) -> None:
        self._payload = payload
        self._outbox = Outbox(broker, "replies", lambda _: None)

    def send(
        self, queue: str, message: Message, format_: Format | None, *, compressed: bool = False
    ) -> None:
        """Hand over one message.

        Raises: Undeliverable when no such queue takes it; ConnectionError.
        """
        body = envelope.write(message, format=format_ or self._payload, compress=compressed)
        self._outbox.publish([Parcel("", queue, properties(message.header), body)])

    def close(self) -> None:
        self._outbox.close()
