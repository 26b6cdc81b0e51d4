"""RabbitMQ: what the hub says, as RDF/XML to the topic exchange."""

from __future__ import annotations

import uuid

from benchmarks import Figures, Row, by_turns, rate
from benchmarks.messages import REPORTED, batches, events
from cim import envelope
from cim.message import Format, Message
from hub.channels.rabbitmq import Broker, RabbitChannel
from hub.channels.rabbitmq.broker import Outbox
from hub.channels.rabbitmq.properties import exchange, properties, routing_key
from hub.channels.rabbitmq.publisher import Parcel

_EVENTS = 2_000


def sending(broker: Broker) -> list[Row]:
    queue = f"gridbus.bench.{uuid.uuid4().hex}"
    messages = events(_EVENTS)
    channel = RabbitChannel(broker, context="BENCH", listeners={queue: frozenset({REPORTED})})
    bare = Outbox(broker, "bench", lambda topology: topology.purge(queue))
    channel.send(messages[:1])  # declares everything
    parcels = [_parcel(message) for message in messages]

    def send_all() -> None:
        for batch in batches(messages):
            channel.send(batch)

    def send() -> Figures:
        return (rate(_EVENTS, send_all),)

    def publish() -> Figures:
        figure = rate(_EVENTS, lambda: bare.publish(parcels))
        bare.declare(lambda topology: topology.purge(queue))
        return (figure,)

    bare.open()
    sent, published = by_turns(send, publish)
    _remove(broker, queue)
    for outbox in (channel, bare):
        outbox.close()
    return [
        Row.of("RabbitMQ: send as RDF/XML", "messages/s", sent, published, "publish ready bytes")
    ]


def _parcel(message: Message) -> Parcel:
    header = message.header
    body = envelope.write(message, format=Format.RDF)
    return Parcel(exchange("BENCH"), routing_key(header), properties(header), body)


def _remove(broker: Broker, queue: str) -> None:
    link = broker.open("bench")
    link.attempt(lambda channel, answer: channel.queue_delete(queue, callback=answer))
    link.attempt(
        lambda channel, answer: channel.exchange_delete(exchange("BENCH"), callback=answer)
    )
    link.close()
