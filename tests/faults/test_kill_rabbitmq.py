"""kill -9 of the hub, its workers and the broker while events go in: nothing lost, nothing twice.

Compared afterwards: what the partner was told is taken, the journal, the app's table, and what an
independent observer of the topic exchange has seen.
"""

from __future__ import annotations

import logging
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import pika
import pytest
import sqlalchemy as sa
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError

from cim import envelope
from cim.message import Format, Message
from hub.journal import Journal
from hub.journal.tables import delivery
from hub.journal.tables import message as journalled
from tests.amqp import Client
from tests.fakes import effects, last_gasp, message
from tests.faults.rabbitmq_processes import subscriptions
from tests.services import Broker

SYSTEM, CONTEXT = "ami", "KILLTEST"
INBOUND, EXCHANGE = f"gridbus.in.{SYSTEM}", f"gridbus.{CONTEXT.lower()}"
KEYS = 40
PATIENCE = 90.0  # seconds that one step may take


@dataclass
class Fleet:
    """The hub and two workers as processes, to be killed and started again."""

    broker: Broker
    database_url: str
    log: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str) -> None:
        arguments = [self.broker.url, self.database_url]
        if name == "serve":
            arguments = ["serve", *arguments, SYSTEM, CONTEXT]
        else:
            arguments = ["worker", *arguments]
        with self.log.open("ab") as out:
            self.running[name] = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.rabbitmq_processes", *arguments],
                stdout=out,
                stderr=out,
            )

    def kill(self, name: str) -> None:
        if name == "broker":
            self.broker.kill9()
            self.broker.start()
            return
        self.running[name].kill()
        self.running[name].wait()
        self.start(name)

    def end(self) -> None:
        for process in self.running.values():
            process.kill()
            process.wait()


@pytest.fixture
def fleet(broker: Broker, postgres_url: str, tmp_path: Path) -> Iterator[Fleet]:
    logging.getLogger("pika").setLevel(logging.CRITICAL)  # it is meant to be broken
    Journal.open(postgres_url, subscriptions()).close()
    one = Fleet(broker, postgres_url, tmp_path / "fleet.log")
    with ExitStack() as stack:
        stack.callback(one.end)
        for name in ("serve", "worker-1", "worker-2"):
            one.start(name)
        yield one


class Partner(Thread):
    """Sends messages in order and, whenever it is not told that one is taken, sends it again."""

    def __init__(self, url: str, messages: Iterable[Message], inbound: str = INBOUND) -> None:
        super().__init__(daemon=True)
        self._url, self._messages, self._inbound = url, messages, inbound
        self._connection: pika.BlockingConnection | None = None
        self._channel: BlockingChannel | None = None
        self.taken: set[str] = set()

    def run(self) -> None:
        for one in self._messages:
            while not self._is_taken(one):
                time.sleep(0.2)  # the broker is away and says nothing
        self._close()

    def _is_taken(self, one: Message) -> bool:
        properties = pika.BasicProperties(delivery_mode=2)
        body = envelope.write(one, format=Format.RDF)
        try:
            self._channel = self._channel or self._open()
            self._channel.basic_publish(self._inbound, "", body, properties, mandatory=True)
        except (AMQPError, OSError):
            self._close()
            return False
        self.taken.add(str(one.header.message_id))
        return True

    def _open(self) -> BlockingChannel:
        self._connection = pika.BlockingConnection(pika.URLParameters(self._url))
        channel = self._connection.channel()
        channel.confirm_delivery()
        return channel

    def _close(self) -> None:
        if self._connection is not None:
            with suppress(AMQPError, OSError):
                self._connection.close()
        self._connection = self._channel = None


def test_two_kills_and_a_broker_restart(fleet: Fleet) -> None:
    run(fleet, events=600, victims=["serve", "broker", "worker-1"], seed=1)


@pytest.mark.fault
def test_fifty_kills(fleet: Fleet) -> None:
    victims = random.Random(2).choices(  # noqa: S311 - which process, no secret
        ["serve", "worker-1", "worker-2", "broker"], weights=[4, 3, 3, 1], k=50
    )
    run(fleet, events=10_000, victims=victims, seed=2)


def run(fleet: Fleet, events: int, victims: Sequence[str], seed: int) -> None:
    """Send `events` and kill one victim after the other, at random shares of the work."""
    engine = sa.create_engine(fleet.database_url)
    messages = [message(last_gasp(f"up-{n % KEYS}", str(n))) for n in range(events)]
    partner = Partner(fleet.broker.url, messages)
    wait_for(lambda: listens(fleet.broker.url), "the hub to listen")
    observer = Client(fleet.broker.url)
    observed = observer.listener(EXCHANGE)
    observer.disconnect()
    partner.start()
    moments = sorted(random.Random(seed).sample(range(events), len(victims)))  # noqa: S311
    for moment, victim in zip(moments, victims, strict=True):
        wait_for(lambda moment=moment: effect_count(engine) >= moment, f"{moment} effects")
        fleet.kill(victim)
    wait_for(lambda: not partner.is_alive(), "the partner to be told of every event")
    wait_for(lambda: is_quiet(engine, events), "every delivery to end")
    observer = Client(fleet.broker.url)
    seen = [str(one.properties.message_id) for one in observer.drain(observed)]
    observer.disconnect()
    check(engine, partner, seen, events)
    engine.dispose()


def check(engine: sa.Engine, partner: Partner, seen: Sequence[str], events: int) -> None:
    """The ledger: taken = accepted = one effect each; published = accepted, at least once."""
    with engine.connect() as connection:
        rows = connection.execute(
            sa.select(journalled.c.message_id, journalled.c.seq, journalled.c.verb)
        ).all()
        states = set(connection.execute(sa.select(delivery.c.state).distinct()).scalars())
        done = connection.execute(sa.select(effects).order_by(effects.c.number)).all()
    created = {row.message_id for row in rows if row.verb == "created"}
    said = {row.message_id for row in rows if row.verb == "changed"}
    assert created == partner.taken
    assert sorted(int(row.reason) for row in done) == list(range(events))
    assert len(said) == events
    assert states == {"delivered"}
    assert set(seen) == created | said
    for point in {row.usage_point for row in done}:
        handled = [int(row.reason) for row in done if row.usage_point == point]
        assert handled == sorted(handled), f"{point} out of order"


def is_quiet(engine: sa.Engine, events: int) -> bool:
    """Whether every event is accepted and nothing is open."""
    with engine.connect() as connection:
        accepted = connection.execute(
            sa.select(sa.func.count()).where(journalled.c.verb == "created")
        ).scalar_one()
        if accepted < events:
            return False
        is_open = sa.exists().where(delivery.c.state == "accepted")
        return not connection.execute(sa.select(is_open)).scalar_one()


def effect_count(engine: sa.Engine) -> int:
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table(effects.name):
            return 0
        return connection.execute(sa.select(sa.func.count(effects.c.number))).scalar_one()


def listens(url: str) -> bool:
    """Whether the hub has declared what the partner publishes to."""
    connection = pika.BlockingConnection(pika.URLParameters(url))
    try:
        return bool(connection.channel().exchange_declare(INBOUND, passive=True))
    except AMQPError:
        return False
    finally:
        connection.close()


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Look until other processes have come so far; they offer nothing to wait on."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE:.0f} s for {what}"
        time.sleep(0.05)
