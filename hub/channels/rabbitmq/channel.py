"""The channel for partners over RabbitMQ."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event

from cim import envelope
from cim.dialect import Correction, Dialect, Dialects, read
from cim.envelope.edition2 import Edition2
from cim.message import Fault, Format, Kind, Message, Topic
from cim.validation import check_outward
from cim.violation import Refusal
from hub.channels.compression import NEVER, Compression
from hub.channels.rabbitmq.broker import Broker, Outbox
from hub.channels.rabbitmq.consumer import Arrival, Consumer
from hub.channels.rabbitmq.link import Link, Refused
from hub.channels.rabbitmq.properties import (
    binding_key,
    completed,
    derived_id,
    exchange,
    properties,
    routing_key,
)
from hub.channels.rabbitmq.publisher import Parcel
from hub.channels.rabbitmq.topology import Topology

CONTEXTS = ("PRODUCTION", "TESTING", "TRAINING", "STUDY", "DEVELOPMENT")
"""Values of Header.Context that have an exchange; any other is a sender's word and names none."""
DELIVERY_LIMIT = 20  # deliveries of a message that ended the receiver's process each time
_BATCH = 200
_IDLE_SECONDS = 1.0
_INEQUIVALENT = 406  # it exists, and is of another kind
_PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)  # seconds before a message or the broker is tried again


def inbound_exchange(system: str) -> str:
    """To which `system` publishes; a write permission on it alone keeps systems apart."""
    return f"gridbus.in.{system}"


class UnusableExchange(RuntimeError):
    """The exchange of a context exists and is of another kind; messages of others can be sent."""


@dataclass(eq=False)
class RabbitDelivery:
    """One message from a partner's queue."""

    content: Message | Refusal
    arrival: Arrival
    principal: str
    consumer: Consumer
    tries: dict[int, int] = field(repr=False)  # how often each delivery tag was rejected
    corrections: Sequence[Correction] = ()

    @property
    def body(self) -> bytes:
        return self.arrival.body

    def ack(self) -> None:
        self.tries.pop(self.arrival.tag, None)
        self.consumer.ack((self.arrival.tag,))

    def reject(self, why: str) -> None:  # noqa: ARG002 - the broker has no place for a reason
        """Keep it and offer it again later, in its place, as long as the connection lives."""
        tried = self.tries.get(self.arrival.tag, 0)
        self.tries[self.arrival.tag] = tried + 1
        self.consumer.again((self.arrival,), _pause(tried))


class RabbitChannel:
    """Carries messages to and from partners.

    Sends to the topic exchange of the message's context if it is one of `CONTEXTS`, else to that of
    `context`, under `<verb>.<noun>.<source>`; a message that a listener waits for must reach a
    queue, any other may go unheard.  With `queue`, sends to that queue alone.  Receives from one
    durable queue a system, filled by its own exchange; a message without MessageID is known by its
    queue and its bytes.

    context:   of messages whose header names none, or one without an exchange.
    payload:   how payloads travel.
    compression: which go compressed, beside those that came so.
    queue:     of one partner, instead of the exchange.
    second:    the envelope of edition 2, when messages are written in that.
    listeners: queue -> topics to bind it to on the exchange of `context`.
    inbound:   system -> queue; the system is the principal of what comes from there.
    dialects:  how strictly each system is read.
    """

    def __init__(
        self,
        broker: Broker,
        *,
        context: str = "PRODUCTION",
        payload: Format = Format.RDF,
        compression: Compression = NEVER,
        queue: str | None = None,
        second: Edition2 | None = None,
        listeners: Mapping[str, frozenset[Topic]] | None = None,
        inbound: Mapping[str, str] | None = None,
        dialects: Dialects | None = None,
    ) -> None:
        self._broker = broker
        self._dialects = dialects or Dialects()
        self._context = context
        self._payload = payload
        self._compression = compression
        self._queue = queue
        self._second = second
        self._listeners = dict(listeners or {})
        self._wanted = frozenset(t for topics in self._listeners.values() for t in topics)
        self._systems = {name: system for system, name in (inbound or {}).items()}
        self._known = frozenset(exchange(name) for name in (*CONTEXTS, context))
        self._exchanges: set[str] = set()
        self._outbox = Outbox(broker, f"to {queue or exchange(context)}", self._declare_outbound)
        self._closed = Event()

    # -- sending

    def send(self, messages: Sequence[Message]) -> None:
        """As `hub.message_channel.Channel.send`; Undeliverable tells which ones no queue took.

        Raises: before any is sent, UnusableExchange; Refusal for what breaks a utility's own XSD or
        cannot be said in edition 2.
        """
        for message in messages:
            check_outward(message, self._queue or "the exchange")
        self._outbox.open()
        self._outbox.publish([self._parcel(message) for message in messages])

    def _parcel(self, message: Message) -> Parcel:
        header = message.header
        compress = message.compressed or self._compression.of(message, self._payload)
        body = envelope.write(message, format=self._payload, compress=compress, second=self._second)
        if self._queue is not None:
            return Parcel("", self._queue, properties(header), body)
        name = self._exchange(header.context)
        mandatory = Topic(header.verb, header.noun) in self._wanted
        return Parcel(name, routing_key(header), properties(header), body, mandatory)

    def _exchange(self, context: str | None) -> str:
        name = exchange(context or self._context)
        if name not in self._known:
            name = exchange(self._context)
        if name not in self._exchanges:
            try:
                self._outbox.declare(lambda topology: topology.exchange(name))
            except Refused as refused:
                if refused.code != _INEQUIVALENT:
                    raise
                raise UnusableExchange(f"{name}: {refused}") from refused
            self._exchanges.add(name)
        return name

    def _declare_outbound(self, topology: Topology) -> None:
        topology.dead_letters()
        if self._queue is not None:
            topology.queue(self._queue, delivery_limit=DELIVERY_LIMIT)
            return
        name = exchange(self._context)
        topology.exchange(name)
        for queue, topics in self._listeners.items():
            topology.queue(queue, delivery_limit=DELIVERY_LIMIT)
            for topic in sorted(topics):
                topology.bind(queue, name, binding_key(topic))
        self._exchanges = {name}

    # -- receiving

    def receive(self) -> Iterator[Sequence[RabbitDelivery]]:
        """As `hub.message_channel.Channel.receive`; connects again until it is closed."""
        failures = 0
        while not self._closed.is_set():
            link = None
            with suppress(ConnectionError):
                link = self._broker.open("inbound")
                consumer = self._consumer(link)
                failures = 0
                yield from self._batches(consumer, link)
            if link is not None:
                link.close()
            yield from self._pausing(_pause(failures))
            failures += 1

    def _batches(self, consumer: Consumer, link: Link) -> Iterator[Sequence[RabbitDelivery]]:
        tries: dict[int, int] = {}
        try:
            while not self._closed.is_set():
                arrivals = consumer.take(_BATCH, _IDLE_SECONDS)
                yield [self._delivery(a, consumer, tries) for a in arrivals]
        finally:
            link.close()

    def _pausing(self, seconds: float) -> Iterator[Sequence[RabbitDelivery]]:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not self._closed.is_set():
            yield []
            self._closed.wait(min(left, _IDLE_SECONDS))

    def _consumer(self, link: Link) -> Consumer:
        topology = self._broker.topology(link)
        topology.dead_letters()
        for queue, system in self._systems.items():
            topology.exchange(inbound_exchange(system))
            topology.queue(queue, delivery_limit=DELIVERY_LIMIT)
            topology.bind(queue, inbound_exchange(system), "#")
        return Consumer(link, list(self._systems))

    def _delivery(
        self, arrival: Arrival, consumer: Consumer, tries: dict[int, int]
    ) -> RabbitDelivery:
        system = self._systems[arrival.queue]
        content, corrections = _content(arrival, self._dialects.of(system))
        return RabbitDelivery(content, arrival, system, consumer, tries, corrections)

    def close(self) -> None:
        """Stop sending and receiving; what is not acknowledged stays with the broker."""
        self._closed.set()
        self._outbox.close()


def _content(arrival: Arrival, dialect: Dialect) -> tuple[Message | Refusal, Sequence[Correction]]:
    try:
        content, corrections = read(arrival.body, dialect)
    except Refusal as refusal:
        return refusal, ()
    if isinstance(content, Fault):
        rule = f"a FaultMessage answers nothing here: {Kind.EVENT} is expected"
        return Refusal.of("1.8", rule), ()
    derived = derived_id(arrival.queue, arrival.body)
    return completed(content, arrival.properties, derived), corrections


def _pause(tried: int) -> float:
    return _PAUSES[min(tried, len(_PAUSES) - 1)]
