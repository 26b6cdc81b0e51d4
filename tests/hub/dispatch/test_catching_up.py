"""An app that is added later learns what came before it, and says nothing of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import sqlalchemy as sa

from cim.message import Message, Outgoing, Topic, Verb
from hub.channels.rabbitmq import Ticket
from hub.dispatch import Hub, Retry, catching_up
from hub.dispatch.alone import Alone
from hub.dispatch.relay import AppRelay
from hub.interfaces import Context
from hub.journal import Journal, Overtaken, caught_up, queries
from tests import fakes
from tests.installed import until

NAME = "learner"
_tables = sa.MetaData()
learnt = sa.Table(
    "learner_learnt",
    _tables,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("what", sa.Text, nullable=False),
)


@dataclass(kw_only=True)
class Learner:
    """Notes what it is told and when; an hour later a timer of it comes up (`CatchingUp`)."""

    catch_up: bool = True
    partitions: int = 1
    failing: set[str] = field(default_factory=set)

    @property
    def topics(self) -> frozenset[Topic]:
        return frozenset({fakes.REPORTED, fakes.ASKED})

    @property
    def tables(self) -> sa.MetaData:
        return _tables

    def handle(self, message: Message, context: Context) -> Iterable[Outgoing]:
        point = fakes.usage_point(message)
        self._note(point, context)
        if point in self.failing:
            raise RuntimeError(f"cannot handle {point}")
        context.wake_at(context.now + timedelta(hours=1))
        yield Outgoing(Verb.CHANGED, message.payload)  # type: ignore[arg-type]

    def wake(self, context: Context) -> Iterable[Outgoing]:
        self._note("woken", context)
        yield Outgoing(Verb.CLOSED, fakes.last_gasp("timer"))

    @staticmethod
    def _note(what: str, context: Context) -> None:
        minutes = (context.now - fakes.START) // timedelta(minutes=1)
        context.connection.execute(sa.insert(learnt).values(what=f"{what} {minutes}"))


@dataclass
class House:
    """A hub on one database, started anew with or without the app."""

    journal: Journal
    clock: fakes.Clock

    def told(self, *points: str, verb: Verb = Verb.CREATED, known: bool = False) -> Hub:
        """A minute between two messages; `known`: the app is there."""
        self.journal.subscriptions = ()
        self.journal.subscribe()
        hub = Hub(self.journal, {NAME: Learner()} if known else {})
        for point in points:
            self.clock.forward(60)
            hub.accept([fakes.Handed.of(fakes.message(fakes.last_gasp(point), verb))], "test")
        return hub

    def started(self, **settings: object) -> Hub:
        app = Learner(**settings)  # type: ignore[arg-type]
        hub = Hub(self.journal, {NAME: app}, retry=Retry(attempts=1))
        while NAME in hub.past and hub.past[NAME].step():
            pass
        return hub

    @property
    def learnt(self) -> list[str]:
        with self.journal.reading() as connection:
            return list(connection.scalars(sa.select(learnt.c.what).order_by(learnt.c.number)))

    @property
    def said(self) -> list[str]:
        with self.journal.reading() as connection:
            found = queries.search(connection, queries.Filter(source=NAME))
            return [str(row.verb) for row in reversed(found)]


@pytest.fixture
def house(sqlite_url: str, clock: fakes.Clock) -> Iterator[House]:
    with closing(Journal.open(sqlite_url, clock=clock)) as journal:
        yield House(journal, clock)


def test_it_learns_in_order_by_the_clock_of_then_and_says_nothing(
    database_url: str, clock: fakes.Clock
) -> None:
    with closing(Journal.open(database_url, clock=clock)) as journal:
        house = House(journal, clock)
        house.told("a", "b")
        house.told("asked", verb=Verb.CREATE)  # answered by the hub then
        house.told("c")
        hub = house.started()
        # What was asked became an event, "created", by the hub: that is of then, too.
        assert house.learnt == ["a 1", "b 2", "asked 3", "c 4"]
        assert (house.said, hub.deliver(NAME)) == ([], 0)
        house.told("d", known=True)
        assert house.started().deliver(NAME) == 1
        assert house.learnt[4:] == ["d 5"]
        assert house.said == ["changed"]
        house.started()
        assert len(house.learnt) == 5


def test_a_timer_of_then_comes_up_in_silence_and_one_of_now_speaks(house: House) -> None:
    house.told("a")
    house.clock.forward(2 * 3600)
    house.told("b")
    house.clock.forward(600)
    hub = house.started()
    assert house.learnt == ["a 1", "woken 122", "b 122"]
    assert not hub.wake(NAME)
    house.clock.forward(3600)
    assert hub.wake(NAME)
    assert house.learnt[3:] == ["woken 192"]
    assert house.said == ["closed"]


def test_a_timer_that_was_due_before_it_was_added_says_nothing(house: House) -> None:
    house.told("a")
    house.clock.forward(5 * 3600)
    hub = house.started()
    assert house.learnt == ["a 1", "woken 301"]
    assert (hub.wake(NAME), house.said) == (False, [])


def test_what_it_cannot_take_in_is_a_dead_letter_and_leaves_nothing(house: House) -> None:
    house.told("a", "b", "c")
    house.started(failing={"b"})
    assert house.learnt == ["a 1", "c 3"]
    with house.journal.reading() as connection:
        [dead] = queries.dead(connection, NAME)
        [delivery] = queries.deliveries(connection, dead.message.seq)
    assert (dead.message.seq, delivery.error) == (2, "RuntimeError: cannot handle b")


def test_an_app_that_has_handled_anything_is_not_new(house: House) -> None:
    house.told("before")
    hub = house.told("a", known=True)
    assert hub.deliver(NAME) == 1
    house.told("while it was away")
    house.started()
    assert house.learnt == ["a 2"]


def test_what_lies_open_for_it_comes_in_the_usual_way(house: House) -> None:
    house.told("a")
    house.told("b", known=True)  # by another process, which had the app first
    hub = house.started()
    assert house.learnt == ["a 1"]
    assert hub.deliver(NAME) == 1
    assert house.learnt == ["a 1", "b 2"]


@pytest.mark.parametrize("error", [KeyboardInterrupt("the end"), Overtaken("by another hub")])
def test_interrupted_it_goes_on_and_is_told_nothing_twice(
    house: House, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    monkeypatch.setattr(catching_up, "_SPAN", 2)
    house.told(*"abcde")
    note, times = caught_up.told, iter([None, error])

    def told(*arguments: object) -> None:
        note(*arguments)  # type: ignore[arg-type]
        if (raised := next(times, None)) is not None:
            raise raised

    monkeypatch.setattr(caught_up, "told", told)
    if isinstance(error, KeyboardInterrupt):
        with pytest.raises(KeyboardInterrupt):
            house.started()
        assert house.learnt == ["a 1", "b 2"]
    house.started()
    assert house.learnt == ["a 1", "b 2", "c 3", "d 4", "e 5"]


def test_an_app_that_does_not_want_it_is_told_nothing(house: House) -> None:
    house.told("a")
    house.started(catch_up=False)
    assert house.learnt == []


@dataclass
class Queues:
    """Those of a broker (`hub.channels.rabbitmq.AppQueues`), as far as a relay asks."""

    partitions: Mapping[str, int] = field(default_factory=lambda: {NAME: 1})
    got: list[tuple[str | None, int]] = field(default_factory=list)
    house: House | None = None

    def open(self) -> int:
        return 1

    def publish(self, tickets: Sequence[Ticket]) -> None:
        assert self.house
        self.got += [(ticket.message_id, len(self.house.learnt)) for ticket in tickets]


def test_workers_get_no_ticket_before_it_has_learnt(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catching_up, "_SPAN", 1)
    monkeypatch.setattr(catching_up, "_SECONDS", 0.0)
    house.told("a", "b")
    hub, queues, alone = (
        house.told(known=True),
        Queues(house=house),
        Alone(house.journal.engine, ""),
    )
    step = hub.past[NAME].step
    relay = AppRelay(NAME, house.journal, queues, alone, step)  # type: ignore[arg-type]
    assert relay.step()
    late = fakes.message(fakes.last_gasp("c"), message_id="late")
    hub.accept([fakes.Handed.of(late)], "test")
    while relay.step():
        pass
    alone.release()
    assert queues.got == [("late", 2)]


def test_a_running_hub_goes_on_taking_messages_and_hands_them_over_afterwards(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catching_up, "_SPAN", 1)
    house.told(*"abc")
    hub = house.told(known=True)
    hub.run()
    try:
        hub.accept([fakes.Handed.of(fakes.message(fakes.last_gasp("d")))], "test")
        until(lambda: house.said == ["changed"], "it has spoken", pace=0.01)
    finally:
        hub.stop()
    assert house.learnt == ["a 1", "b 2", "c 3", "d 3"]


@dataclass(kw_only=True)
class Knowing(Learner):
    """Says something once it knows (`Learnt`)."""

    def learnt(self, context: Context) -> None:
        self._note("all", context)
        context.wake_at(context.now)


def test_what_it_says_once_it_knows_is_told(house: House) -> None:
    house.told("a", "b")
    house.clock.forward(60)
    hub = Hub(house.journal, {NAME: Knowing()})
    while hub.past[NAME].step():
        pass
    assert house.learnt == ["a 1", "b 2", "all 3"]
    assert house.said == []
    assert hub.wake(NAME)
    assert (house.learnt[3:], house.said) == (["woken 3"], ["closed"])


@dataclass(kw_only=True)
class Failing(Knowing):
    """Fails when it knows all."""

    def learnt(self, context: Context) -> None:
        super().learnt(context)
        raise RuntimeError("it cannot tell")


def test_one_that_fails_once_it_knows_goes_on(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.told("a")
    hub = Hub(house.journal, {NAME: Failing()})
    while hub.past[NAME].step():
        pass
    assert "it cannot tell" in caplog.text
    assert house.learnt == ["a 1"]
    hub.accept([fakes.Handed.of(fakes.message(fakes.last_gasp("b")))], "test")
    assert hub.deliver(NAME)
    assert house.learnt == ["a 1", "b 1"]
