"""A wake comes after all that was accepted before it was due, and nothing later puts it off."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event

import pytest

from cim.message import Message, Outgoing
from hub.dispatch import Hub, Retry
from hub.interfaces import Context
from hub.journal import Journal
from hub.journal.lanes import lane
from tests import fakes

NAME = "counting"
PATIENCE = 20  # seconds after which a test gives up


@dataclass
class Diary(fakes.CountingApp):
    """Notes in its tables what it gets, and that it was woken; asks for it ten seconds after each
    "ask".

    begin: called with what it is about to handle.
    """

    begin: Callable[[str], object] = field(default=lambda _: None)
    woken: Event = field(default_factory=Event)

    def handle(self, message: Message, context: Context) -> Iterable[Outgoing]:
        self.begin(point := fakes.usage_point(message))
        if point.startswith("ask"):
            context.wake_at(context.now + timedelta(seconds=10))
        for _ in super().handle(message, context):
            pass
        return ()

    def wake(self, context: Context) -> Iterable[Outgoing]:
        context.connection.execute(fakes.effects.insert().values(usage_point="woken"))
        self.woken.set()
        return ()


def feed(hub: Hub, *points: str) -> None:
    messages = [fakes.message(fakes.last_gasp(point)) for point in points]
    hub.accept([fakes.Handed.of(one) for one in messages], "test")


def step(hub: Hub, *lanes: int) -> bool:
    """One turn of a thread of the app."""
    return hub._turn(NAME, lanes or [0])


def steps(hub: Hub, *lanes: int) -> None:
    while step(hub, *lanes):
        pass


@pytest.fixture
def app() -> Diary:
    return Diary()


def test_after_a_stop_it_comes_after_what_was_accepted_before_it_was_due(
    journal: Journal, clock: fakes.Clock, effects: fakes.Effects
) -> None:
    hub = Hub(journal, {NAME: Diary()})
    feed(hub, "ask")
    steps(hub)
    clock.forward(9)
    feed(hub, *(f"early {n}" for n in range(300)))  # more than one batch
    clock.forward(3600)
    again = Hub(journal, {NAME: Diary()})
    steps(again)
    assert effects() == ["ask", *(f"early {n}" for n in range(300)), "woken"]


def test_a_hub_that_is_started_again_wakes_after_what_waited(
    database_url: str, clock: fakes.Clock, effects: fakes.Effects
) -> None:
    journal = Journal.open(database_url, clock=clock)
    hub = Hub(journal, {NAME: Diary()})
    feed(hub, "ask")
    steps(hub)
    clock.forward(9)
    feed(hub, "early")
    journal.close()
    clock.forward(3600)

    journal = Journal.open(database_url, clock=clock)
    hub = Hub(journal, {NAME: (app := Diary())})
    hub.run()
    assert app.woken.wait(PATIENCE)
    hub.stop()
    journal.close()
    assert effects() == ["ask", "early", "woken"]


def test_what_comes_later_does_not_put_it_off(
    hub: Hub, clock: fakes.Clock, effects: fakes.Effects
) -> None:
    feed(hub, "ask")
    steps(hub)
    clock.forward(9)
    feed(hub, "early")
    for n in range(3):  # at each turn there is more
        clock.forward(1)
        feed(hub, f"late {n}", f"later {n}")
        step(hub)
    assert effects()[:2] == ["ask", "early"]
    assert "woken" in effects()
    clock.forward(10)
    feed(hub, "ask again")
    steps(hub)
    clock.forward(10)
    feed(hub, *(f"at that time {n}" for n in range(500)))
    step(hub)
    assert effects().index("at that time 0") > effects().index(
        "woken", effects().index("ask again")
    )


@pytest.mark.parametrize("broken", ["a", "ask"])
def test_what_waits_for_its_next_attempt_does_not_keep_it_asleep(
    journal: Journal, clock: fakes.Clock, effects: fakes.Effects, broken: str
) -> None:
    app = Diary()
    hub = Hub(journal, {NAME: app}, retry=Retry(first=3600, longest=3600))
    feed(hub, "ask")
    steps(hub)
    app.failing = {broken}
    feed(hub, broken, broken, "b")  # the second is held behind the first
    steps(hub)
    clock.forward(10)
    steps(hub)
    assert effects() == ["ask", "b", "woken"]


def test_what_is_to_be_tried_again_by_now_comes_first(
    journal: Journal, clock: fakes.Clock, effects: fakes.Effects
) -> None:
    app = Diary(failing={"a"})
    hub = Hub(journal, {NAME: app}, retry=Retry(first=5, longest=5))
    feed(hub, "ask", "a", "a")
    steps(hub)
    app.failing = set()
    clock.forward(10)
    steps(hub)
    assert effects() == ["ask", "a", "a", "woken"]


def test_a_dead_letter_does_not_keep_it_asleep(
    journal: Journal, clock: fakes.Clock, effects: fakes.Effects
) -> None:
    hub = Hub(journal, {NAME: Diary(failing={"a"})}, retry=Retry(attempts=1))
    feed(hub, "ask", "a")
    steps(hub)
    clock.forward(10)
    steps(hub)
    assert effects() == ["ask", "woken"]


def test_it_waits_for_other_lanes(
    journal: Journal, clock: fakes.Clock, effects: fakes.Effects
) -> None:
    hub = Hub(journal, {NAME: Diary(partitions=4)})
    feed(hub, "ask")
    steps(hub, 0, 1, 2, 3)
    feed(hub, *(f"up-{n}" for n in range(40)))
    clock.forward(10)
    for one in range(4):
        steps(hub, one)
        assert "woken" not in effects()
    assert step(hub, 0)
    assert effects()[-1] == "woken"
    assert len(effects()) == 42


def test_it_waits_for_what_another_thread_has_in_hand(
    journal: Journal, clock: fakes.Clock, effects: fakes.Effects
) -> None:
    begun, go = Event(), Event()

    def begin(point: str) -> None:
        if point.startswith("slow"):
            begun.set()
            assert go.wait(PATIENCE)

    hub = Hub(journal, {NAME: (app := Diary(partitions=2, begin=begin))})
    feed(hub, "ask")
    steps(hub, 0, 1)
    slow = next(p for p in (f"slow {n}" for n in range(99)) if lane(p, 2) == 1)
    feed(hub, slow)
    hub.run()
    assert begun.wait(PATIENCE)
    clock.forward(10)
    assert not app.woken.wait(0.5)
    go.set()
    assert app.woken.wait(PATIENCE)
    hub.stop()
    assert effects() == ["ask", slow, "woken"]


@pytest.mark.parametrize("seed", range(6))
def test_whatever_comes_when_a_wake_comes_in_the_order_of_what_was_accepted(
    journal: Journal, clock: fakes.Clock, effects: fakes.Effects, seed: int
) -> None:
    """Messages, turns of four threads and stops at random: by what was accepted before, each wake
    has its place."""
    draw = random.Random(seed)  # noqa: S311
    wakes: list[tuple[datetime, int]] = []
    log: list[str] = []
    accepted: dict[str, datetime] = {}

    class Timing(Diary):
        due: datetime | None = None

        def handle(self, message: Message, context: Context) -> Iterable[Outgoing]:
            log.append(point := fakes.usage_point(message))
            if point.startswith("ask"):
                due = context.now + timedelta(seconds=10)
                Timing.due = min(due, Timing.due or due)
            return super().handle(message, context)

        def wake(self, context: Context) -> Iterable[Outgoing]:
            assert Timing.due
            wakes.append((Timing.due, len(log)))
            Timing.due = None
            return super().wake(context)

    hub = Hub(journal, {NAME: Timing(partitions=4)})
    for turn in range(120):
        clock.forward(draw.choice([0, 0.5, 3, 20]))
        points = [
            f"{draw.choice(['ask', 'up', 'up'])} {turn} {n}" for n in range(draw.choice([0, 1, 4]))
        ]
        accepted |= dict.fromkeys(points, clock.now)
        feed(hub, *points)
        if draw.random() < 0.1:
            hub = Hub(journal, {NAME: Timing(partitions=4)})
        for one in draw.sample(range(4), draw.choice([0, 1, 2])):
            step(hub, one)
    steps(hub, 0, 1, 2, 3)
    assert len(log) == len(accepted)
    assert len(wakes) > 5
    for due, place in wakes:
        assert all(accepted[point] >= due for point in log[place:])
    assert effects().count("woken") == len(wakes)
