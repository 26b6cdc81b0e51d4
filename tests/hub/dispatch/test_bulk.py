"""Messages that an app takes together: their order, whose answers are whose, and a failure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pytest

from cim.message import Message, Outgoing, Topic, Verb
from hub.bulk import Accepted
from hub.dispatch import Hub, handling
from hub.interfaces import Context
from hub.journal import Journal, queries
from tests import fakes

REPORTED, CLOSED = fakes.REPORTED, Topic(Verb.CLOSED, "EndDeviceEvents")


@dataclass
class Taking(fakes.CountingApp):
    """Takes what is created together, and what is closed one by one."""

    turns: list[list[str]] = field(default_factory=list)
    heard: frozenset[Topic] = frozenset({REPORTED, CLOSED})

    @property
    def topics(self) -> frozenset[Topic]:
        return self.heard

    @property
    def bulk(self) -> frozenset[Topic]:
        return frozenset({REPORTED})

    def handle(self, message: Message, context: Context) -> Iterable[Outgoing]:
        self.turns.append([fakes.usage_point(message)])
        return super().handle(message, context)

    def handle_all(
        self, messages: Sequence[Accepted], context: Context
    ) -> Iterable[Iterable[Outgoing]]:
        self.turns.append([fakes.usage_point(one.message) for one in messages])
        return [list(fakes.CountingApp.handle(self, one.message, context)) for one in messages]


def feed(hub: Hub, *said: tuple[str, Verb]) -> None:
    some = [fakes.message(fakes.last_gasp(point, point), verb) for point, verb in said]
    hub.accept([fakes.Handed.of(one) for one in some], "test")


def test_those_that_follow_one_another_are_taken_together(
    journal: Journal, effects: fakes.Effects
) -> None:
    app = Taking()
    hub = Hub(journal, {"taking": app})
    new, news = Verb.CREATED, Verb.CLOSED
    feed(hub, ("a", new), ("b", new), ("c", news), ("d", news), ("e", new))
    while hub.deliver("taking"):  # a slow machine takes them in parts
        pass
    assert [point for some in app.turns for point in some] == ["a", "b", "c", "d", "e"]
    assert not [some for some in app.turns if len(some) > 1 and {"c", "d"} & {*some}]
    assert effects() == ["a", "b", "c", "d", "e"]
    with journal.reading() as connection:
        said = queries.search(connection, queries.Filter(source="taking"))
    assert sorted(row.cause for row in said) == [1, 2, 3, 4, 5]


def test_one_that_fails_takes_only_itself_back(
    journal: Journal, clock: fakes.Clock, effects: fakes.Effects
) -> None:
    app = Taking(failing={"b"})
    hub = Hub(journal, {"taking": app})
    feed(hub, *((point, Verb.CREATED) for point in "abc"))
    while hub.deliver("taking"):
        pass
    assert effects() == ["a", "c"]
    app.failing = set()
    clock.forward(1)
    hub.deliver("taking")
    assert effects() == ["a", "c", "b"]
    with journal.reading() as connection:
        said = queries.search(connection, queries.Filter(source="taking"))
    assert sorted(row.cause for row in said) == [1, 2, 3]


def test_after_a_few_it_lets_what_comes_gather(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But not after one, which is all that comes at most times, nor while there is a backlog."""
    monkeypatch.setattr(handling, "_GATHER", 1_000.0)
    monkeypatch.setattr(handling, "_BATCH", 3)
    hub = Hub(journal, {"taking": Taking(), "counting": fakes.CountingApp()})

    def gathers(*points: str) -> list[bool]:
        feed(hub, *((point, Verb.CREATED) for point in points))
        for handler in hub.handlers.values():
            handler.deliver(journal)
        return [handler.gathers > 0 for handler in hub.handlers.values()]

    assert gathers("a") == [False, False]
    assert gathers("b", "c", "d") == [False, False]
    assert gathers("e", "f") == [True, False]
