"""Relay and worker step by step: real broker, real database, no threads of ours."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from cim.message import Message, Outgoing, Topic, Verb
from hub.channels.rabbitmq import AppQueues, AppTickets, Broker
from hub.channels.rabbitmq.apps import queue_name
from hub.dispatch import Hub, Retry
from hub.dispatch.alone import Alone
from hub.dispatch.relay import AppRelay, Relay
from hub.dispatch.worker import AppWorker
from hub.interfaces import Context
from hub.journal import Journal
from hub.journal.tables import delivery
from hub.message_channel import Subscription
from tests import fakes
from tests.amqp import Client, client

RETRY = Retry(attempts=3, first=1.0, factor=1.0)


@dataclass
class Line:
    """A hub, its relay and as many workers as are asked for, on one app."""

    journal: Journal
    broker: Broker
    app: fakes.CountingApp
    name: str
    queues: AppQueues
    stranger: Client
    stack: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        alone = Alone(self.journal.engine, self.name)
        self.stack.callback(alone.release)
        self.relay = AppRelay(self.name, self.journal, self.queues, alone)
        self.worker = self.new_worker()

    def new_worker(self) -> AppWorker:
        hub = Hub(self.journal, {self.name: self.app}, retry=RETRY)
        worker = AppWorker(hub.handlers[self.name], hub, self.broker, RETRY)
        self.stack.callback(worker.close)
        return worker

    def accept(self, *points: str) -> None:
        entries = [
            fakes.entry(fakes.message(fakes.last_gasp(point, str(number))))
            for number, point in enumerate(points)
        ]
        with self.journal.transaction() as transaction:
            transaction.accept(entries)

    def publish(self) -> None:
        while self.relay.step():
            pass

    def work(self, worker: AppWorker | None = None) -> None:
        """Handle until the queues are empty."""
        (worker or self.worker).step()
        while any(self.stranger.depth(name) for name in self.lanes):
            (worker or self.worker).step()

    @property
    def lanes(self) -> list[str]:
        return [queue_name(self.name, lane) for lane in range(self.app.partitions)]

    def effects(self) -> list[str]:
        """What the app has committed, in order."""
        with self.journal.reading() as connection:
            rows = sa.select(fakes.effects.c.reason).order_by(fakes.effects.c.number)
            return list(connection.execute(rows).scalars())

    def states(self) -> list[tuple[str, int]]:
        """State and attempts of each delivery, in order."""
        with self.journal.reading() as connection:
            rows = connection.execute(
                sa.select(delivery.c.state, delivery.c.attempts).order_by(delivery.c.seq)
            )
            return [(state, attempts) for state, attempts in rows]


@pytest.fixture
def app() -> fakes.CountingApp:
    return fakes.CountingApp(partitions=2)


@pytest.fixture
def line(
    amqp_url: str, postgres_url: str, app: fakes.CountingApp, clock: fakes.Clock
) -> Iterator[Line]:
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    name = f"counting-{uuid4().hex}"
    journal = Journal.open(postgres_url, [Subscription(name, app.topics, 2)], clock=clock)
    broker = Broker(url=amqp_url)
    with client(amqp_url) as stranger, ExitStack() as stack:
        stack.callback(journal.close)
        queues = AppQueues(broker, {name: app.partitions})
        stack.callback(queues.close)
        one = Line(journal, broker, app, name, queues, stranger)
        stack.callback(one.stack.close)
        yield one
        for lane in one.lanes:
            stranger.channel.queue_delete(lane)


def test_each_event_is_handled_once_and_in_the_order_of_its_key(line: Line) -> None:
    line.accept(*(f"up-{n % 3}" for n in range(60)))
    line.publish()
    line.work()
    for remainder in range(3):
        mine = [int(n) for n in line.effects() if int(n) % 3 == remainder]
        assert mine == list(range(remainder, 60, 3))
    assert line.states() == [("delivered", 0)] * 60


def test_a_new_relay_publishes_everything_again_and_nothing_happens_twice(line: Line) -> None:
    line.accept("up-1", "up-2")
    line.publish()
    line.worker.step()
    other = AppQueues(line.broker, {line.name: 2})
    alone = Alone(line.journal.engine, "other")
    AppRelay(line.name, line.journal, other, alone).step()
    alone.release()
    other.close()
    line.work()
    assert sorted(line.effects()) == ["0", "1"]


def test_a_lost_queue_is_declared_again(line: Line) -> None:
    line.accept("up-1")
    line.publish()
    for lane in line.lanes:
        line.stranger.channel.queue_delete(lane)
    line.accept("up-1", "up-2", "up-3")
    with pytest.raises(ConnectionError, match="no queue takes"):
        line.publish()
    line.publish()
    line.work()
    assert line.states() == [("delivered", 0)] * 4


def test_a_failure_is_tried_again_and_ends_dead_while_other_keys_go_on(
    line: Line, clock: fakes.Clock
) -> None:
    line.app.failing.add("bad")
    line.accept("bad", "good", "bad")
    for _ in range(3):
        line.publish()
        line.work()
        clock.forward(2)
    assert line.states()[:2] == [("dead", 3), ("delivered", 0)]
    line.app.failing.clear()
    line.publish()
    line.work()
    assert line.states() == [("dead", 3), ("delivered", 0), ("delivered", 0)]
    assert line.effects() == ["1", "2"]


def test_a_worker_goes_on_when_an_app_ends_its_transaction(line: Line) -> None:
    class Unruly(fakes.CountingApp):
        def handle(self, message: Message, context: Context) -> Iterable[Outgoing]:
            said = list(super().handle(message, context))
            if fakes.usage_point(message) == "bad":
                context.connection.commit()
            return said

    line.app = Unruly(partitions=2)
    line.worker = line.new_worker()
    line.accept("up-1", "bad", "up-2")
    line.publish()
    line.work()
    assert line.states() == [("delivered", 0), ("accepted", 1), ("delivered", 0)]
    assert sorted(line.effects()) == ["0", "2"]


def ended_with_everything_in_hand(line: Line) -> None:
    """A worker that takes all tickets and ends."""
    tickets = AppTickets(line.broker, line.name, line.app.partitions)
    taken = 0
    while taken < len(line.states()):
        taken += len(tickets.take(10, 5))
    tickets.close()


def test_what_a_dead_worker_had_is_handled_by_the_next_and_counted(line: Line) -> None:
    line.accept("up-1", "up-2")
    line.publish()
    ended_with_everything_in_hand(line)
    line.work(line.new_worker())
    assert line.states() == [("delivered", 1)] * 2


def test_what_keeps_ending_its_worker_is_a_dead_letter(line: Line) -> None:
    class Ends(BaseException):
        """As sudden as a crash of the interpreter."""

    class Fatal(fakes.CountingApp):
        def handle(self, message: Message, context: Context) -> Iterable[Outgoing]:
            if fakes.usage_point(message) == "fatal":
                raise Ends
            return super().handle(message, context)

    line.app = Fatal(partitions=2)
    line.accept("up-1", "fatal", "up-2")
    line.publish()
    for _ in range(4):
        worker = line.new_worker()
        try:
            line.work(worker)
        except Ends:
            worker.close()
    states = line.states()
    assert states[1] == ("dead", 3)
    assert [state for state, _ in states] == ["delivered", "dead", "delivered"]
    assert sorted(line.effects()) == ["0", "2"]


def test_who_asked_is_told_when_the_request_keeps_ending_its_worker(line: Line) -> None:
    class Ends(BaseException):
        """As sudden as a crash of the interpreter."""

    class Fatal(fakes.CountingApp):
        topics = frozenset({fakes.ASKED})

        def handle(self, _message: Message, _context: Context) -> Iterable[Outgoing]:
            raise Ends

    line.app = Fatal(partitions=2)
    line.new_worker()
    request = fakes.message(fakes.last_gasp("a"), Verb.CREATE, message_id="R-1")
    with line.journal.transaction() as transaction:
        transaction.accept([fakes.entry(request)])
    line.publish()
    for _ in range(4):
        worker = line.new_worker()
        try:
            line.work(worker)
        except Ends:
            worker.close()
    assert line.states() == [("dead", 3)]
    reply = Hub(line.journal, {}).answer("R-1", 1)
    assert reply is not None
    assert reply.reply is not None
    [error] = reply.reply.errors
    assert error.code == "5.3"
    assert f"could not be handled by {line.name} in 3 attempts" in (error.reason or "")


def test_workers_share_the_lanes(line: Line) -> None:
    first = AppTickets(line.broker, line.name, 2)
    first.share()
    second = AppTickets(line.broker, line.name, 2)
    second.share()
    first.share()
    line.accept(*(f"up-{n}" for n in range(20)))
    line.publish()
    got = [len(tickets.take(100, 5)) for tickets in (first, second)]
    first.close()
    second.close()
    assert all(got)


@dataclass
class Sleeper(fakes.CountingApp):
    """Asks to be woken a minute after each message."""

    woken: int = 0

    @property
    def topics(self) -> frozenset[Topic]:
        return frozenset({fakes.REPORTED})

    def handle(self, _message: Message, context: Context) -> Iterable[Outgoing]:
        context.wake_at(context.now + timedelta(minutes=1))
        return []

    def wake(self, _context: Context) -> Iterable[Outgoing]:
        self.woken += 1
        return []


def test_a_timer_reaches_the_app_in_its_worker(line: Line, clock: fakes.Clock) -> None:
    line.app = sleeper = Sleeper(partitions=2)
    line.worker = line.new_worker()
    line.accept("up-1")
    line.publish()
    line.work()
    assert not line.relay.step()
    clock.forward(61)
    assert line.relay.step()
    assert not line.relay.step()  # told already
    line.work()
    assert sleeper.woken == 1


def test_a_timer_waits_for_what_a_worker_has_in_hand(line: Line, clock: fakes.Clock) -> None:
    line.app = sleeper = Sleeper(partitions=2)
    line.worker = line.new_worker()
    line.accept("up-1")
    line.publish()
    line.work()
    line.accept(*(f"up-{n}" for n in range(9)))  # of either lane
    clock.forward(61)
    line.publish()
    line.work()
    assert sleeper.woken == 0
    assert line.relay.step()
    line.work()
    assert sleeper.woken == 1


def test_one_holds_what_is_held_alone(journal: Journal) -> None:
    first, second = Alone(journal.engine, "relay"), Alone(journal.engine, "relay")
    assert first.hold()
    assert first.hold()
    assert not second.hold()
    assert (first.term, second.term) == (1, 0)
    first.release()
    assert second.hold()
    assert not first.hold()
    second.release()


def test_a_lost_session_is_a_lost_right(line: Line) -> None:
    alone = Alone(line.journal.engine, "relay")
    assert alone.hold()
    with line.journal.engine.begin() as connection:
        connection.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_locks"
                " WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
            )
        )
    assert alone.hold()
    assert alone.term == 2
    alone.release()


def test_a_partner_gets_what_it_asks_for_in_order(journal: Journal) -> None:
    sent: list[str] = []

    class Partner:
        def send(self, messages: Iterable[Message]) -> None:
            sent.extend(fakes.usage_point(m) for m in messages)
            if len(sent) == 3:
                done.notify()

        def receive(self) -> Iterator[list[object]]:
            return iter(())

    done = journal.work["seen by the test"]
    relay = Relay(journal, RETRY)
    relay.attach_channel(Subscription("partner", frozenset({fakes.REPORTED})), Partner())
    seen = done.count
    relay.run()
    with journal.transaction() as transaction:
        transaction.accept([fakes.entry(fakes.message(fakes.last_gasp(p))) for p in "abc"])
    done.wait(seen, 20)
    assert relay.stop() == []
    assert sent == ["a", "b", "c"]
