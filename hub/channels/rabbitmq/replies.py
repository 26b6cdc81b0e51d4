"""Answers into the queue that a sender has named."""

from __future__ import annotations

from cim import envelope
from cim.envelope.edition2 import Edition2
from cim.message import Format, Message
from cim.validation import check_outward
from hub.channels.rabbitmq.broker import Broker, Outbox
from hub.channels.rabbitmq.properties import properties
from hub.channels.rabbitmq.publisher import Parcel


class QueueOutlet:
    """Publishes through the default exchange, mandatory; the queue is its owner's to declare."""

    def __init__(self, broker: Broker, payload: Format) -> None:
        self._payload = payload
        self._outbox = Outbox(broker, "replies", lambda _: None)

    def send(
        self,
        queue: str,
        message: Message,
        format_: Format | None,
        *,
        compressed: bool = False,
        second: Edition2 | None = None,
    ) -> None:
        """Hand over one message; `second` is the envelope of edition 2, when it is to be that.

        Raises: Undeliverable when no such queue takes it; ConnectionError; Refusal.
        """
        check_outward(message, queue)
        format_ = format_ or (self._payload if second is None else Format.XML)
        body = envelope.write(message, format=format_, compress=compressed, second=second)
        self._outbox.publish([Parcel("", queue, properties(message.header), body)])

    def close(self) -> None:
        self._outbox.close()
