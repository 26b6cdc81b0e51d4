"""The hub in motion: threads, adapters, channels, and a stop that loses nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from threading import Event

import pytest
from sqlalchemy.exc import OperationalError

from cim.message import Message
from cim.violation import Refusal
from hub.channels.embedded import EmbeddedChannel
from hub.dispatch import Hub
from hub.journal import Journal, queries
from hub.message_channel import Subscription
from tests import fakes

PATIENCE = 20  # seconds after which a test gives up


@pytest.fixture
def journal(database_url: str) -> Iterator[Journal]:
    journal = Journal.open(database_url)
    yield journal
    journal.close()


def drained(journal: Journal, messages: int) -> None:
    """Wait until that many messages are there and nothing is open."""
    for _ in range(PATIENCE * 2):
        seen = journal.commits.count
        with journal.reading() as connection:
            counts = queries.counts(connection)
        if counts.messages >= messages and not counts.accepted:
            return
        journal.commits.wait(seen, 0.5)
    raise AssertionError(f"not drained: {counts}")


def test_what_is_fed_is_handled(journal: Journal, effects: fakes.Effects) -> None:
    points = [f"up-{n % 5}" for n in range(40)]
    lines = [fakes.Line(f"{n} {point}") for n, point in enumerate(points)]
    adapter = fakes.Lines([lines[:15], [], lines[15:]])
    hub = Hub(journal, {"counting": fakes.CountingApp(partitions=3)})
    hub.attach_adapter("lines", adapter)
    hub.run()
    drained(journal, 80)
    hub.stop()
    assert sorted(effects()) == sorted(points)
    assert adapter.durable == 3


def test_a_database_that_fails_for_a_while_loses_no_record(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = Hub(journal, {"counting": fakes.CountingApp()})
    adapter = fakes.Lines([[fakes.Line("1 a")]])
    hub.attach_adapter("lines", adapter)
    failures = iter([True, True])
    take = hub.take

    def shaky(*arguments: object) -> object:
        if next(failures, False):
            raise OperationalError("COMMIT", None, Exception("gone"))
        return take(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(hub, "take", shaky)
    hub.run()
    drained(journal, 2)
    hub.stop()
    assert adapter.durable == 1


@dataclass
class Partner:
    """A channel whose other side is away at first (`hub.message_channel.Channel`)."""

    away: int = 2
    got: list[str] = field(default_factory=list)
    complete: Event = field(default_factory=Event)
    refuses: str = ""
    why: Exception = field(default_factory=lambda: ValueError("we do not take this"))

    def send(self, messages: Sequence[Message]) -> None:
        if self.away:
            self.away -= 1
            raise ConnectionError("nobody answers")
        for message in messages:
            if fakes.usage_point(message) == self.refuses:
                raise self.why
        self.got += [fakes.usage_point(m) for m in messages]
        if "end" in self.got:
            self.complete.set()

    def receive(self) -> Iterator[Sequence[fakes.Handed]]:
        yield from ()


def test_a_partner_that_was_away_gets_everything(journal: Journal) -> None:
    hub, partner = Hub(journal, {}), Partner()
    hub.attach_channel("partner", partner, Subscription("partner", frozenset({fakes.REPORTED})))
    hub.run()
    hub.take("lines", fakes.Lines([]), [fakes.Line("1 a"), fakes.Line("2 b"), fakes.Line("3 end")])
    assert partner.complete.wait(PATIENCE)
    hub.stop()
    assert partner.got == ["a", "b", "end"]


def test_what_a_partner_refuses_stops_nobody_else(journal: Journal) -> None:
    hub, partner = Hub(journal, {}), Partner(away=0, refuses="b")
    hub.attach_channel("partner", partner, Subscription("partner", frozenset({fakes.REPORTED})))
    hub.take("lines", fakes.Lines([]), [fakes.Line("1 a"), fakes.Line("2 b"), fakes.Line("3 end")])
    hub.run()
    assert partner.complete.wait(PATIENCE)
    hub.stop()
    assert partner.got == ["a", "end"]
    with journal.reading() as connection:
        [backlog] = queries.backlog(connection)
        [waiting] = [d for d in queries.deliveries(connection, 2) if d.subscriber == "partner"]
    assert (backlog.accepted, backlog.waiting) == (1, 1)
    assert waiting.error == "ValueError: we do not take this"


def test_what_a_partner_does_not_want_is_a_dead_letter_at_once(journal: Journal) -> None:
    refusal = Refusal.of("2.4", "no such usage point here")
    hub, partner = Hub(journal, {}), Partner(away=0, refuses="b", why=refusal)
    hub.attach_channel("partner", partner, Subscription("partner", frozenset({fakes.REPORTED})))
    lines = ["1 a", "2 b", "3 b", "4 end"]
    hub.take("lines", fakes.Lines([]), [fakes.Line(line) for line in lines])
    hub.run()
    drained(journal, len(lines))
    hub.stop()
    assert partner.got == ["a", "end"]
    with journal.reading() as connection:
        dead = queries.dead(connection)
        [delivery] = [d for d in queries.deliveries(connection, 2) if d.subscriber == "partner"]
    assert {letter.message.seq for letter in dead} == {2, 3}
    assert delivery.attempts == 1
    assert delivery.error == "Refusal: no such usage point here"


def test_the_embedded_channel_carries_messages_between_hubs(journal: Journal) -> None:
    journal.subscribe(Subscription("other", frozenset({fakes.REPORTED}), partitions=2))
    channel = EmbeddedChannel(journal, "other", again_after=0.0)
    sent = [fakes.message(fakes.last_gasp(point)) for point in ("a", "b", "c")]
    channel.send(sent)
    channel.send(sent)
    received = channel.receive()
    first = next(received)
    assert {d.principal for d in first} == {"embedded"}
    assert sorted(fakes.usage_point(d.content) for d in first) == ["a", "b", "c"]  # type: ignore[arg-type]
    for delivery in first:
        if fakes.usage_point(delivery.content) == "b":  # type: ignore[arg-type]
            delivery.reject("not yet")
        else:
            delivery.ack()
    [again] = next(received)
    assert again.content == next(m for m in sent if fakes.usage_point(m) == "b")
    again.ack()
    assert next(received) == []
