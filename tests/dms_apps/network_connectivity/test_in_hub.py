"""The app in a hub on SQLite: each change is told once, in order, with its cause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cim.message import Message
from cim.network import Network
from cim.profiles.connectivity_changes import ConnectivityChanges
from dms_apps.network_connectivity import NetworkConnectivityApp
from hub.dispatch import Hub, Retry
from hub.journal import Journal, queries
from hub.journal.canonical import decode
from tests import fakes
from tests.dms_apps.network_connectivity.playing import (
    Run,
    drawn,
    happens,
    loaded,
)

APP = "network_connectivity"
#  S1 a =[B1]= b --L1-- c: H1
#              b =[B2]= d: H2        c =[TIE, open]= d
NETWORK = drawn("""
    source S1 a
    switch B1 a b
    line L1 b c
    switch B2 b d
    switch TIE c d open
    consumer H1 c A
    consumer H2 d
""")
DEEDS = [f"{verb} {switch}" for verb in ("open", "close") for switch in ("B1", "B2", "TIE")]


@dataclass
class Site:
    """A hub on a database, that can be started again."""

    journal: Journal
    clock: fakes.Clock
    app: NetworkConnectivityApp

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        self.hub = Hub(self.journal, {APP: self.app}, retry=Retry(attempts=50))

    def take(self, *messages: Message) -> None:
        self.hub.accept([fakes.Handed.of(m) for m in messages], "test")

    def settle(self) -> None:
        for _ in range(60):
            self.clock.forward(3600)
            self.hub.deliver(APP)

    def told(self) -> list[tuple[str, ConnectivityChanges]]:
        """Correlation id and payload of what was said, the first first."""
        with self.journal.reading() as connection:
            rows = queries.search(connection, queries.Filter(source=APP), limit=1000)
            found = [queries.message(connection, row.seq) for row in reversed(rows)]
        messages = [decode(one.body) for one in found if one is not None]
        return [
            (m.header.correlation_id or "", m.payload)
            for m in messages
            if isinstance(m.payload, ConnectivityChanges)
        ]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    clock = fakes.Clock()
    journal = Journal.open(f"sqlite:///{tmp_path / 'j.db'}", clock=clock)
    yield Site(journal, clock, NetworkConnectivityApp())
    journal.close()


def expected(messages: Sequence[Message]) -> list[tuple[str, ConnectivityChanges]]:
    """What the app by itself tells of these messages, one after the other."""
    run = Run(Network.empty())
    told = [(m.header.message_id or "", run.hand(m)) for m in messages]
    return [(key, ConnectivityChanges(connectivity_change=c)) for key, c in told if c]


def test_what_is_told_answers_its_cause(site: Site) -> None:
    messages = [loaded(NETWORK), happens("open B1", 1), happens("close B1", 2)]
    site.take(*messages)
    site.settle()
    assert site.told() == expected(messages)
    assert [key for key, _ in site.told()] == ["message 000", "message 001", "message 002"]


def test_the_same_message_again_tells_nothing_more(site: Site) -> None:
    messages = [loaded(NETWORK), happens("open B1", 1)]
    site.take(*messages, *messages)
    site.settle()
    site.take(*messages)
    site.settle()
    assert site.told() == expected(messages)


class Failing(NetworkConnectivityApp):
    """Fails at every other call, as a database or a colleague may."""

    calls = 0

    def handle(self, message: Message, context: object) -> list[object]:  # type: ignore[override]
        said = list(super().handle(message, context))  # type: ignore[arg-type]
        Failing.calls += 1
        if Failing.calls % 2:
            raise RuntimeError("not now")
        return said


@settings(max_examples=15)
@given(
    batches=st.lists(st.lists(st.sampled_from(DEEDS), max_size=4), max_size=5),
    handled=st.sets(st.integers(0, 4)),
    restarts=st.sets(st.integers(0, 4)),
    failing=st.booleans(),
)
def test_whatever_happens_each_change_is_told_once(
    batches: Sequence[Sequence[str]],
    handled: set[int],
    restarts: set[int],
    failing: bool,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    clock = fakes.Clock()
    path = tmp_path_factory.mktemp("hub") / "j.db"
    journal = Journal.open(f"sqlite:///{path}", clock=clock)
    site = Site(journal, clock, Failing() if failing else NetworkConnectivityApp())
    messages = [loaded(NETWORK)]
    site.take(*messages)
    for place, batch in enumerate(batches):
        fresh = [happens(deed, len(messages) + n) for n, deed in enumerate(batch)]
        site.take(*fresh)
        messages += fresh
        if place in restarts:
            site.start()
        if place in handled:
            site.hub.deliver(APP)
    site.settle()
    told = site.told()
    journal.close()
    assert sorted(told, key=lambda one: one[0]) == expected(messages)
    if not failing:
        assert told == expected(messages)
