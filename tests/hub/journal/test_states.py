"""The states of deliveries, against a model that is plain enough to be right."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from hub.journal import Journal, queries
from hub.message_channel import Subscription
from tests import fakes

PAUSE = 10  # seconds


class Deliveries(RuleBasedStateMachine):
    """One subscriber; every message has a key of three.

    open:    (seq, key, due) in order;  dead: seq -> key;  done: how many were delivered.
    """

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.clock = fakes.Clock()
        subscription = Subscription("app", frozenset({fakes.REPORTED}))
        url = f"sqlite:///{Path(self.folder.name) / 'j.db'}"
        self.journal = Journal.open(url, [subscription], self.clock)
        self.open: dict[int, tuple[str, object]] = {}
        self.dead: dict[int, str] = {}
        self.done = 0

    def teardown(self) -> None:
        self.journal.close()
        self.folder.cleanup()

    def turn(self) -> list[int]:
        """The model's word on whose turn it is."""
        waiting = {key for key, due in self.open.values() if due and due > self.clock.now}
        return [seq for seq, (key, _) in sorted(self.open.items()) if key not in waiting]

    @rule(keys=st.lists(st.sampled_from("abc"), max_size=5))
    def accept(self, keys: list[str]) -> None:
        entries = [fakes.entry(fakes.message(fakes.last_gasp(key))) for key in keys]
        with self.journal.transaction() as transaction:
            seqs = transaction.accept(entries)
        self.open.update({seq: (key, None) for seq, key in zip(seqs, keys, strict=True) if seq})

    @precondition(lambda self: self.turn())
    @rule(count=st.integers(1, 4))
    def deliver(self, count: int) -> None:
        seqs = self.turn()[:count]
        with self.journal.transaction() as transaction:
            transaction.delivered("app", seqs, transaction.now)
        self.done += len(seqs)
        for seq in seqs:
            del self.open[seq]

    @precondition(lambda self: self.turn())
    @rule(data=st.data(), last=st.booleans())
    def fail(self, data: st.DataObject, last: bool) -> None:
        seq = data.draw(st.sampled_from(self.turn()))
        due = None if last else self.clock.now + timedelta(seconds=PAUSE)
        with self.journal.transaction() as transaction:
            transaction.failed("app", seq, "it broke", due)
        key, _ = self.open.pop(seq)
        if last:
            self.dead[seq] = key
        else:
            self.open[seq] = key, due

    @precondition(lambda self: self.dead)
    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        seq = data.draw(st.sampled_from(sorted(self.dead)))
        with self.journal.transaction() as transaction:
            assert transaction.replay("app", seq)
        self.open[seq] = self.dead.pop(seq), None

    @rule(seconds=st.sampled_from([1, PAUSE]))
    def wait(self, seconds: int) -> None:
        self.clock.forward(seconds)

    @invariant()
    def agrees(self) -> None:
        assert [row.seq for row in self.journal.lease("app", [0], 1_000)] == self.turn()
        with self.journal.reading() as connection:
            counts = queries.counts(connection)
            dead = [d.message.seq for d in queries.dead(connection, limit=1_000)]
        assert counts.accepted == len(self.open)
        assert sorted(dead) == sorted(self.dead)
        assert counts.messages == len(self.open) + len(self.dead) + self.done


TestDeliveries = Deliveries.TestCase
TestDeliveries.settings = settings(max_examples=15, stateful_step_count=30, deadline=None)
