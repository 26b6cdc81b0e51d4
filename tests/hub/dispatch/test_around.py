"""An app sees the network just before and just after its message, however late it comes to it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from cim.message import Message, Outgoing, Topic, Verb
from cim.network import Network
from hub.dispatch import Hub, Retry, around
from hub.history import snapshots
from hub.interfaces import Context
from hub.journal import Journal, network_events
from hub.journal.canonical import decode
from tests import fakes
from tests.cim.network.drawing import Drawing, model, moved

SWITCHES = ("x", "y")
State = tuple[object, ...]


def drawing() -> Drawing:
    # source - a =[x]= b =[y]= c: load, with usage point p
    plain = Drawing().source("a").switch("x", "a", "b").switch("y", "b", "c")
    return plain.consumer("load", "c").usage_point("p", "load")


def take(hub: Hub, *messages: Message) -> list[int | None]:
    return hub.accept([fakes.Handed.of(m) for m in messages], "test")


def deliver(hub: Hub) -> None:
    """All that is open; one turn of an app may end before, when it takes long."""
    while hub.deliver("app"):
        pass


def state(network: Network) -> State:
    if not network.knows("x"):
        return ()
    return (*(network.switch_closed(s) for s in SWITCHES), network.is_energised("p"))


def folded(journal: Journal) -> list[tuple[State, State]]:
    """Before and after each network message of the journal, by the plainest means."""
    network, found = Network.empty(), []
    with journal.reading() as connection:
        for _, body in network_events.following(connection):
            after = network.after(decode(body))
            found.append((state(network), state(after)))
            network = after
    return found


@dataclass
class Comparing:
    """Notes the network before and after each message; fails as often as it is told to."""

    partitions: int = 1
    tables: sa.MetaData | None = None
    failures: int = 0
    seen: dict[str, tuple[State, State]] = field(default_factory=dict)

    @property
    def topics(self) -> frozenset[Topic]:
        nouns = ("EndDeviceEvents", "NetworkModels", "SwitchingEvents")
        return frozenset(Topic(Verb.CREATED, noun) for noun in nouns)

    def handle(self, message: Message, context: Context) -> Iterable[Outgoing]:
        if self.failures:
            self.failures -= 1
            raise RuntimeError("not now")
        now = state(context.before), state(context.after)
        assert self.seen.setdefault(message.header.message_id or "", now) == now
        return ()


def identified(number: int, content: Message) -> Message:
    return fakes.message(
        content.payload,  # type: ignore[arg-type]
        message_id=f"{number:03}",
        noun=content.header.noun,
        source="ops",
    )


moves = st.builds(moved, st.sampled_from(["open", "close"]), st.sampled_from(SWITCHES))
models = st.builds(lambda: model("grid", drawing().document()))
batches = st.lists(st.lists(st.one_of(moves, models), max_size=4), max_size=5)


@settings(max_examples=15)
@given(
    batches=batches,
    handled=st.sets(st.integers(0, 4)),
    restarts=st.sets(st.integers(0, 4)),
    failures=st.integers(0, 3),
)
def test_what_an_app_compares_is_the_journal_before_and_after_its_message(
    batches: Sequence[Sequence[Message]], handled: set[int], restarts: set[int], failures: int
) -> None:
    """Whether it is handled at once or later, before or after a restart, at first or again."""
    app = Comparing(failures=failures)
    number = 0
    with tempfile.TemporaryDirectory() as folder:
        clock = fakes.Clock()
        journal = Journal.open(f"sqlite:///{Path(folder) / 'j.db'}", clock=clock)
        hub = Hub(journal, {"app": app}, retry=Retry(attempts=9))
        for place, batch in enumerate(batches):
            numbered = [identified(number + n, message) for n, message in enumerate(batch)]
            number += len(batch)
            take(hub, *numbered)
            if place in restarts:
                hub = Hub(journal, {"app": app}, retry=Retry(attempts=9))
            if place in handled:
                hub.deliver("app")
        for _ in range(9):
            clock.forward(3600)
            deliver(hub)
        assert [app.seen[key] for key in sorted(app.seen)] == folded(journal)
        journal.close()


def test_a_message_that_moves_nothing_has_the_same_network_on_both_sides(
    journal: Journal,
) -> None:
    app = Comparing()
    hub = Hub(journal, {"app": app})
    take(hub, model("grid", drawing().document()), moved("open", "x"))
    gasp = fakes.message(fakes.last_gasp("p"), message_id="gasp")
    take(hub, gasp)
    take(hub, moved("close", "x"))
    deliver(hub)
    [before, after] = app.seen["gasp"]
    assert before == after == (frozenset(), frozenset("ABC"), False)


def test_what_is_remembered_is_bounded(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(around, "_STEPS", 3)
    monkeypatch.setattr(around, "_MODELS", 2)
    app = Comparing()
    hub = Hub(journal, {"app": app})
    hub.deliver("app")  # from here on it remembers
    sent = [model("grid", drawing().document()), moved("open", "x"), moved("close", "x")] * 3
    take(hub, *(identified(number, message) for number, message in enumerate(sent)))
    deliver(hub)
    assert [app.seen[key] for key in sorted(app.seen)] == folded(journal)


def test_after_a_start_the_snapshots_are_used(journal: Journal) -> None:
    first = Hub(journal, {"app": Comparing()})
    take(first, model("grid", drawing().document()), moved("open", "x"))
    snapshots.write(journal, first.live.at)
    take(first, identified(1, moved("close", "x")))
    app = Comparing()
    hub = Hub(journal, {"app": app})
    hub.live.catch_up()
    deliver(hub)
    assert app.seen["001"][0][-1] is False
    assert app.seen["001"][1][-1] is True
