"""The live network is the journal's network messages, applied in their order."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from cim.message import Message, Outgoing, Result, Topic, Verb
from cim.network import Network
from hub.dispatch import Hub
from hub.interfaces import Context
from hub.journal import Journal, network_events, queries
from hub.journal.canonical import decode
from tests import fakes
from tests.cim.network.drawing import Drawing, model, moved

SWITCHES = ("x", "y")


def drawing() -> Drawing:
    # source - a =[x]= b =[y]= c: load, with usage point p
    plain = Drawing().source("a").switch("x", "a", "b").switch("y", "b", "c")
    return plain.consumer("load", "c").usage_point("p", "load")


def take(hub: Hub, *messages: Message) -> list[int | None]:
    return hub.accept([fakes.Handed.of(m) for m in messages], "test")


def answers(network: Network) -> tuple[object, ...]:
    known = network.knows("x")
    positions = [network.switch_closed(s) for s in SWITCHES] if known else []
    return (known, positions, known and network.is_energised("p"), network.problems)


def folded(journal: Journal) -> Network:
    network = Network.empty()
    with journal.reading() as connection:
        for _, body in network_events.following(connection):
            network = network.after(decode(body))
    return network


moves = st.builds(moved, st.sampled_from(["open", "close"]), st.sampled_from([*SWITCHES, "stray"]))
models = st.builds(lambda: model("grid", drawing().document()))
gasps = st.builds(lambda: fakes.message(fakes.last_gasp("p")))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(st.one_of(moves, models, gasps), max_size=4), max_size=5))
def test_the_live_network_is_the_fold_of_the_journal(batches: Sequence[Sequence[Message]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal.open(f"sqlite:///{Path(folder) / 'j.db'}")
        hub = Hub(journal, {})
        for batch in batches:
            take(hub, *batch)
            assert answers(hub.network) == answers(folded(journal))
        assert answers(Hub(journal, {}).live.catch_up()) == answers(hub.network)
        journal.close()


@dataclass
class Looking:
    """Notes whether the usage point has supply in the network it is shown."""

    partitions: int = 1
    tables: sa.MetaData | None = None
    seen: list[bool] = field(default_factory=list)

    @property
    def topics(self) -> frozenset[Topic]:
        return frozenset({Topic(Verb.CREATED, "SwitchingEvents")})

    def handle(self, _: Message, context: Context) -> Iterable[Outgoing]:
        self.seen.append(context.network.is_energised("p"))
        return ()


def test_an_app_sees_a_network_as_new_as_its_message(journal: Journal) -> None:
    front, app = Hub(journal, {}), Looking()
    elsewhere = Hub(journal, {"looking": app})
    take(front, model("grid", drawing().document()), moved("open", "x"))
    elsewhere.deliver("looking")
    take(front, moved("close", "x"))
    elsewhere.deliver("looking")
    assert app.seen == [False, True]


def test_for_what_moves_no_network_the_journal_is_not_looked_through(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(hub, model("grid", drawing().document()))
    monkeypatch.setattr(network_events, "following", lambda *_: 1 / 0)
    take(hub, fakes.message(fakes.last_gasp("p")), fakes.message(fakes.last_gasp("p")))
    take(hub, fakes.message(fakes.last_gasp("p")))
    assert hub.live.at_least(4).is_energised("p")
    assert hub.live.at.seq == 4


def test_what_another_hub_took_in_between_is_not_passed_by(journal: Journal) -> None:
    here, there = Hub(journal, {}), Hub(journal, {})
    take(here, model("grid", drawing().document()))
    take(there, moved("open", "x"))
    take(here, fakes.message(fakes.last_gasp("p")))
    assert here.live.at.seq == 1
    assert not here.live.at_least(3).is_energised("p")
    take(here, fakes.message(fakes.last_gasp("p")), moved("close", "x"))
    assert here.live.at_least(5).is_energised("p")


def test_a_message_for_which_there_was_no_memory_is_not_passed_over(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> Network:
        raise MemoryError

    elsewhere = Hub(hub.journal, {})
    take(hub, model("grid", drawing().document()))
    with monkeypatch.context() as patched:
        patched.setattr(Network, "after", full)
        with pytest.raises(MemoryError):
            elsewhere.live.catch_up()
    assert elsewhere.live.catch_up().is_energised("p")


def test_a_request_to_switch_moves_the_network_when_it_has_become_an_event(hub: Hub) -> None:
    take(hub, model("grid", drawing().document()))
    take(hub, moved("open", "x", verb=Verb.CREATE))
    assert not hub.network.is_energised("p")


def test_a_request_for_an_unknown_usage_point_is_refused(hub: Hub, journal: Journal) -> None:
    def ask(point: str, message_id: str) -> Result | None:
        request = fakes.message(fakes.last_gasp(point), Verb.CREATE, message_id=message_id)
        take(hub, request)
        message = hub.answer(message_id, 0.1)
        return message.reply.result if message is not None and message.reply else None

    assert ask("q", "before any network") is Result.OK
    take(hub, model("grid", drawing().document()))
    assert ask("p", "known") is Result.OK
    assert ask("q", "unknown") is None
    with journal.reading() as connection:
        [kept] = queries.quarantined(connection)
    assert kept.violations[0]["code"] == "2.12"
    assert kept.reason == "the network has no usage point q"


def test_an_event_of_an_unknown_usage_point_is_a_fact(hub: Hub, journal: Journal) -> None:
    take(hub, model("grid", drawing().document()))
    assert take(hub, fakes.message(fakes.last_gasp("q"))) == [2]
    with journal.reading() as connection:
        assert queries.quarantined(connection) == []


class Slow:
    """Makes the network take its time over models, until it is let go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.go_on = Event(), Event()
        after = Network.after

        def slowly(network: Network, message: Message) -> Network:
            if message.header.noun == "NetworkModels":
                self.begun.set()
                assert self.go_on.wait(60)
            return after(network, message)

        monkeypatch.setattr(Network, "after", slowly)


def test_only_who_needs_a_model_waits_for_it(
    hub: Hub, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a model is put in force, events are taken and the network is asked."""
    take(hub, model("grid", drawing().document()), moved("open", "x"))
    slow, before = Slow(monkeypatch), hub.network
    with ThreadPoolExecutor() as others:
        updating = others.submit(take, hub, model("grid", drawing().document()))
        assert slow.begun.wait(60)
        assert take(hub, moved("close", "x"), fakes.message(fakes.last_gasp("p"))) == [4, 5]
        assert hub.network is hub.live.at_least(2) is before
        needed = [others.submit(hub.live.at_least, seq) for seq in (3, 4, 5)]
        caught_up = others.submit(hub.live.catch_up)
        assert not any(future.done() for future in needed)
        assert not caught_up.done()
        assert not updating.done()
        slow.go_on.set()
        assert updating.result(60) == [3]
        assert all(future.result(60).is_energised("p") for future in (*needed[1:], caught_up))
        assert not needed[0].result(60).is_energised("p") or hub.live.at.seq >= 4
    assert answers(hub.network) == answers(folded(journal))


def test_a_failure_leaves_its_turn_to_the_next(
    hub: Hub, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(hub, model("grid", drawing().document()))
    elsewhere = Hub(journal, {}).live
    with monkeypatch.context() as patched:
        patched.setattr(journal, "reading", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            elsewhere.at_least(1)
        with pytest.raises(ZeroDivisionError):
            elsewhere.follow(1)
    assert elsewhere.at_least(1).is_energised("p")


def test_everybody_who_waits_is_told(hub: Hub, journal: Journal) -> None:
    elsewhere = Hub(journal, {}).live
    happened = [model("grid", drawing().document()), *(moved("open", "x") for _ in range(200))]
    for message in happened:
        take(hub, message)
    with ThreadPoolExecutor(8) as others:
        waited = [others.submit(elsewhere.at_least, seq) for seq in range(201, 0, -1)]
        assert all(future.result(60).knows("x") for future in waited)
    assert answers(elsewhere.current) == answers(hub.network)
