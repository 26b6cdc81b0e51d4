"""RabbitMQ and PostgreSQL: what a partner publishes, until it is accepted and until it is handled.

The partner, the worker and the hub are processes of their own.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection

import sqlalchemy as sa
from pika import BasicProperties

from benchmarks import Figures, Row, by_turns, rate
from benchmarks.children import Child, child
from benchmarks.messages import BATCH, SOURCE, events, written
from benchmarks.noting import NAME, Noting, noted
from benchmarks.sending import sending
from hub.channels.rabbitmq import AppQueues, Broker, RabbitChannel
from hub.channels.rabbitmq.channel import DELIVERY_LIMIT
from hub.channels.rabbitmq.consumer import Consumer
from hub.channels.rabbitmq.publisher import Parcel, Publisher
from hub.dispatch import Hub
from hub.dispatch.relay import Relay
from hub.dispatch.worker import Worker
from hub.journal import Journal, queries
from hub.message_channel import Subscription
from tests import services

_EVENTS = 2_000
_PATIENCE = 120.0  # seconds
_LOOK = 0.02  # seconds between looks at what the worker has written
_LANES = 4
_PERSISTENT = 2


def rows() -> list[Row]:
    with ExitStack() as stack:
        given = os.environ.get(services.AMQP_URL)
        broker = Broker(url=given or stack.enter_context(services.rabbitmq()).url)
        given = os.environ.get(services.DATABASE_URL)
        server = given or stack.enter_context(services.postgresql())
        return [*_receiving(broker, server), *sending(broker)]


def _receiving(broker: Broker, server: str) -> list[Row]:
    with ExitStack() as stack:
        sender = stack.enter_context(child(partner, broker.url))
        bare, hub, whole = (stack.enter_context(_queue(broker)) for _ in range(3))
        accepted = stack.enter_context(_accepting(broker, server, hub))
        handled = stack.enter_context(_handling(broker, server, whole))
        accepting, handling, publishing, consuming = by_turns(
            lambda: _until(sender, hub, accepted),
            lambda: _until(sender, whole, handled),
            lambda: _bare(sender, broker, bare),
        )
    published = "publish with confirms"
    path = "RabbitMQ + PostgreSQL: published -> "
    return [
        Row.of(f"{path}accepted", "events/s", accepting, publishing, published),
        Row.of(f"{path}worker's table", "events/s", handling, publishing, published),
        Row.of(
            "RabbitMQ: take and ack, nothing else", "events/s", consuming, publishing, published
        ),
    ]


def _until(sender: Child, queue: str, arrived: Callable[[], None]) -> Figures:
    """Events per second from the first that is published until all have arrived."""
    sender.ask(queue)

    def run() -> None:
        sender.tell("publish")
        arrived()

    figure = rate(_EVENTS, run)
    sender.hear()
    return (figure,)


def _bare(sender: Child, broker: Broker, queue: str) -> Figures:
    """Without a hub: into the broker, then out of it."""
    sender.ask(queue)
    seconds = sender.ask("publish")
    link = broker.open("bench")
    consumer = Consumer(link, [queue])

    def take() -> None:
        left = _EVENTS
        while left:
            arrivals = consumer.take(BATCH, _PATIENCE)
            consumer.ack([arrival.tag for arrival in arrivals])
            left -= len(arrivals)

    figure = rate(_EVENTS, take)
    link.close()
    return _EVENTS / seconds, figure


# -- what receives


@contextmanager
def _accepting(broker: Broker, server: str, queue: str) -> Iterator[Callable[[], None]]:
    with database(server) as url, _hub(broker, url, queue) as hub:
        yield Accepted(hub.journal).wait


@contextmanager
def _handling(broker: Broker, server: str, queue: str) -> Iterator[Callable[[], None]]:
    """With the relay in the hub's process and one worker beside it."""
    with database(server) as url, _hub(broker, url, queue) as hub:
        hub.journal.subscribe(Subscription(NAME, Noting().topics, _LANES))
        relay = Relay(hub.journal)
        relay.attach_apps(AppQueues(broker, {NAME: _LANES}))
        relay.run()
        with child(worker, broker.url, url):
            yield Handled(hub.journal).wait
        relay.stop()


@contextmanager
def _hub(broker: Broker, url: str, queue: str) -> Iterator[Hub]:
    journal = Journal.open(url)
    channel = RabbitChannel(broker, inbound={SOURCE: queue})
    hub = Hub(journal, {})
    hub.attach_channel("rabbitmq", channel)
    hub.run()
    yield hub
    channel.close()
    hub.stop()
    journal.close()


@contextmanager
def _queue(broker: Broker) -> Iterator[str]:
    name = f"gridbus.bench.{uuid.uuid4().hex}"
    link = broker.open("bench")
    topology = broker.topology(link)
    topology.dead_letters()
    topology.queue(name, delivery_limit=DELIVERY_LIMIT)
    yield name
    link.attempt(lambda channel, answer: channel.queue_delete(name, callback=answer))
    link.close()


@contextmanager
def database(server: str) -> Iterator[str]:
    """A fresh database, dropped afterwards."""
    name = f"gridbus_{uuid.uuid4().hex}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"create database {name}"))
    yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(sa.text(f"drop database {name} with (force)"))
    admin.dispose()


class Accepted:
    """Waits until the journal holds what one more run has sent."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._expected = 0

    def wait(self) -> None:
        self._expected += _EVENTS
        end = time.monotonic() + _PATIENCE
        count = 0
        while count < self._expected:
            assert time.monotonic() < end, count
            seen = self._journal.commits.count
            if (count := self._count()) < self._expected:
                self._again(seen)

    def _count(self) -> int:
        with self._journal.reading() as connection:
            counts = queries.counts(connection)
        assert counts.quarantined == 0
        return counts.messages

    def _again(self, seen: int) -> None:
        self._journal.commits.wait(seen, 1.0)


class Handled(Accepted):
    """Waits for the worker, of which there is nothing to see but its rows."""

    def _count(self) -> int:
        with self._journal.reading() as connection:
            counted = sa.select(sa.func.count()).select_from(noted)
            count: int = connection.execute(counted).scalar_one()
        return count

    def _again(self, seen: int) -> None:  # noqa: ARG002 - its commits are not ours
        time.sleep(_LOOK)


# -- other processes


def partner(pipe: Connection, amqp: str) -> None:
    """Told a queue, make messages ready; then publish them in windows of confirms when told.

    Says how many seconds that took.
    """
    link = Broker(url=amqp).open("partner")
    publisher = Publisher(link)
    properties = BasicProperties(delivery_mode=_PERSISTENT)
    pipe.send("ready")
    while (queue := pipe.recv()) is not None:
        parcels = [Parcel("", queue, properties, written(m)) for m in events(_EVENTS)]
        pipe.send("ready")
        assert pipe.recv() == "publish"
        begin = time.perf_counter()
        publisher.publish(parcels)
        pipe.send(time.perf_counter() - begin)
    link.close()


def worker(pipe: Connection, amqp: str, database: str) -> None:
    """Run the app on tickets."""
    journal = Journal.open(database)
    hub = Hub(journal, {NAME: Noting(partitions=_LANES)})
    running = Worker(hub, Broker(url=amqp))
    running.run()
    pipe.send("ready")
    pipe.recv()
    running.stop()
    journal.close()
