"""Apps: every effect exactly once, in order, whatever fails."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import sqlalchemy as sa

from cim.message import Message, Outgoing, Verb
from cim.network import Network
from hub.dispatch import Hub, Retry
from hub.interfaces import Context
from hub.journal import Journal, queries
from tests import fakes


def feed(hub: Hub, *points: str, **header: str) -> None:
    messages = [fakes.message(fakes.last_gasp(p, reason=str(n))) for n, p in enumerate(points)]
    hub.accept([fakes.Handed.of(m) for m in messages], "test")


def test_effect_receipt_and_message_come_together(
    hub: Hub, journal: Journal, effects: fakes.Effects
) -> None:
    feed(hub, "a", "b")
    assert hub.deliver("counting") == 2
    assert hub.deliver("counting") == 0
    assert effects() == ["a", "b"]
    with journal.reading() as connection:
        said = queries.search(connection, queries.Filter(verb="changed"))
        [delivery] = queries.deliveries(connection, 1)
    assert [(row.source, row.cause) for row in said] == [("counting", 2), ("counting", 1)]
    assert delivery.state == "delivered"


@pytest.mark.parametrize("partitions", [1, 2, 9])
def test_an_app_that_starts_with_other_lanes_gets_what_is_open(
    journal: Journal, partitions: int, effects: fakes.Effects
) -> None:
    points = [f"up-{n}" for n in range(20)]
    feed(Hub(journal, {"counting": fakes.CountingApp(partitions=4)}), *points)
    hub = Hub(journal, {"counting": fakes.CountingApp(partitions=partitions)})
    assert sum(iter(lambda: hub.deliver("counting"), 0)) == 20  # a slow machine takes them in parts
    assert sorted(effects()) == sorted(points)


def test_a_failing_message_leaves_nothing_and_holds_its_key(
    hub: Hub, journal: Journal, app: fakes.CountingApp, clock: fakes.Clock, effects: fakes.Effects
) -> None:
    app.failing = {"a"}
    feed(hub, "a", "b", "a", "b")
    assert hub.deliver("counting") == 3
    assert effects() == ["b", "b"]
    app.failing = set()
    assert hub.deliver("counting") == 0
    clock.forward(1)
    assert hub.deliver("counting") == 2
    assert effects() == ["b", "b", "a", "a"]
    assert app.handled == ["1", "3", "0", "2"]
    with journal.reading() as connection:
        assert queries.counts(connection).messages == 8


def test_what_a_failure_takes_back_is_handled_again_and_counts_once(
    hub: Hub, journal: Journal, app: fakes.CountingApp, effects: fakes.Effects
) -> None:
    app.failing = {"c"}
    feed(hub, "a", "b", "c", "d")
    assert hub.deliver("counting") == 4
    assert app.handled == ["0", "1", "0", "1", "3"]
    assert effects() == ["a", "b", "d"]
    with journal.reading() as connection:
        said = queries.search(connection, queries.Filter(verb="changed"))
        [backlog] = queries.backlog(connection)
    assert [row.cause for row in said] == [4, 2, 1]
    assert (backlog.accepted, backlog.waiting) == (1, 1)


def test_beside_one_that_failed_before_nothing_is_handled_twice(
    hub: Hub, app: fakes.CountingApp, clock: fakes.Clock, effects: fakes.Effects
) -> None:
    app.failing = {"a"}
    feed(hub, "a")
    hub.deliver("counting")
    clock.forward(1)
    feed(hub, "b")
    hub.deliver("counting")
    assert app.handled == ["0"]
    assert effects() == ["b"]


def test_a_poisonous_message_dies_and_can_be_replayed(
    hub: Hub, journal: Journal, app: fakes.CountingApp, clock: fakes.Clock, effects: fakes.Effects
) -> None:
    app.failing = {"a"}
    feed(hub, "a")
    attempts = 0
    while hub.deliver("counting"):
        attempts += 1
        clock.forward(1_000)
    assert attempts == Retry().attempts
    with journal.reading() as connection:
        [dead] = queries.dead(connection)
    assert dead.delivery.error == "RuntimeError: cannot handle a"
    app.failing = set()
    with journal.transaction() as transaction:
        assert transaction.replay("counting", dead.message.seq)
    assert hub.deliver("counting") == 1
    assert effects() == ["a"]


def test_a_crash_before_the_commit_leaves_nothing(
    hub: Hub, journal: Journal, effects: fakes.Effects, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed(hub, "a")
    with monkeypatch.context() as crash:
        crash.setattr(sa.Connection, "commit", lambda _: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            hub.deliver("counting")
    assert effects() == []
    with journal.reading() as connection:
        assert queries.counts(connection) == queries.Counts(1, 1, 0, 0)
    assert hub.deliver("counting") == 1
    assert effects() == ["a"]


@dataclass
class Unruly(fakes.CountingApp):
    """Ends the transaction that is not its own."""

    how: str = "commit"

    def handle(self, message: Message, context: Context) -> Iterable[Outgoing]:
        said = list(super().handle(message, context))
        if fakes.usage_point(message) == "a":
            getattr(context.connection, self.how)()
        return said


@pytest.mark.parametrize("how", ["commit", "rollback"])
def test_an_app_cannot_end_the_transaction(
    journal: Journal, effects: fakes.Effects, how: str
) -> None:
    hub = Hub(journal, {"counting": Unruly(how=how)})
    feed(hub, "b", "a", "c")
    assert hub.deliver("counting") == 3
    assert effects() == ["b", "c"]
    with journal.reading() as connection:
        [backlog] = queries.backlog(connection)
    assert (backlog.accepted, backlog.waiting) == (1, 1)


@dataclass
class Holding(fakes.CountingApp):
    """Waits ten seconds after each message before it says something."""

    woken: list[int] = field(default_factory=list)
    broken: bool = False

    def handle(self, _: Message, context: Context) -> Iterable[Outgoing]:
        context.wake_at(context.now + timedelta(seconds=10))
        return ()

    def wake(self, context: Context) -> Iterable[Outgoing]:
        if self.broken:
            raise RuntimeError("not now")
        context.connection.execute(sa.insert(fakes.effects).values(usage_point="woken"))
        yield Outgoing(Verb.CHANGED, fakes.last_gasp("woken"))


def test_an_app_is_woken_when_it_asked_for_it(
    journal: Journal, clock: fakes.Clock, effects: fakes.Effects
) -> None:
    hub = Hub(journal, {"counting": Holding()})
    feed(hub, "a", "b")
    hub.deliver("counting")
    assert not hub.wake("counting")
    clock.forward(10)
    assert hub.wake("counting")
    assert not hub.wake("counting")
    assert effects() == ["woken"]


def test_what_a_woken_app_says_follows_from_the_message_that_made_it_wait(
    journal: Journal, clock: fakes.Clock
) -> None:
    hub = Hub(journal, {"counting": Holding()})
    feed(hub, "a", "b")
    hub.deliver("counting")
    clock.forward(10)
    hub.wake("counting")
    with journal.reading() as connection:
        assert [row.seq for row in queries.lineage(connection, 1).effects] == [3]
        assert [row.seq for row in queries.lineage(connection, 3).causes] == [1]


def test_a_failed_waking_is_tried_again(
    journal: Journal, clock: fakes.Clock, effects: fakes.Effects
) -> None:
    app = Holding(broken=True)
    hub = Hub(journal, {"counting": app})
    feed(hub, "a")
    hub.deliver("counting")
    clock.forward(10)
    assert not hub.wake("counting")
    app.broken = False
    assert not hub.wake("counting")
    clock.forward(1)
    assert hub.wake("counting")
    assert effects() == ["woken"]


@dataclass
class Preparing(Holding):
    """Takes a message while it prepares, as others do who write to the database."""

    hub: Hub | None = None
    prepared: list[Network] = field(default_factory=list)

    def prepare(self, network: Network) -> None:
        assert self.hub is not None
        feed(self.hub, f"meanwhile {len(self.prepared)}")
        self.prepared.append(network)

    def wake(self, context: Context) -> Iterable[Outgoing]:
        assert context.network is self.prepared[-1]
        return super().wake(context)


def test_nobody_who_writes_waits_while_an_app_prepares(
    journal: Journal, clock: fakes.Clock, effects: fakes.Effects
) -> None:
    app = Preparing()
    app.hub = hub = Hub(journal, {"counting": app})
    feed(hub, "a")
    hub.deliver("counting")
    assert not app.prepared
    clock.forward(10)
    assert hub.wake("counting")
    assert effects() == ["woken"]
    assert len(app.prepared) == 1
    with journal.reading() as connection:
        assert queries.counts(connection).messages == 3
