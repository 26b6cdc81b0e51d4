"""The embedded channel: from bytes to what an app makes of them, on SQLite with FULL."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks import Figures, Row, by_turns, rate
from benchmarks.floor import IS, Bare
from benchmarks.messages import BATCH, batches, events, written
from benchmarks.noting import NAME, Noting
from cim import envelope
from cim.message import Message
from cim.violation import Refusal
from hub.dispatch import Hub
from hub.journal import Journal, queries
from tests.fakes import Handed

_EVENTS = 4_000
_PATIENCE = 120.0  # seconds


def rows() -> list[Row]:
    bodies = [written(message) for message in events(_EVENTS)]
    bare = Bare("EndDeviceEvents")

    def floor() -> Figures:
        return (rate(len(bodies), lambda: [bare.read(body) for body in bodies]),)

    accepting, handling, floors = by_turns(
        lambda: _accepted(bodies), lambda: _through_the_app(bodies), floor
    )
    return [
        Row.of("SQLite: bytes -> accepted", "events/s", accepting, floors, IS),
        Row.of("SQLite: bytes -> accepted -> app's table", "events/s", handling, floors, IS),
    ]


class Ready:
    """A channel on which everything lies ready (`hub.message_channel.Channel`)."""

    def __init__(self, bodies: Sequence[bytes], size: int = BATCH) -> None:
        self._bodies, self._size = bodies, size

    def receive(self) -> Iterator[Sequence[Handed]]:
        for batch in batches(self._bodies, self._size):
            yield [Handed(_read(body), body) for body in batch]

    def send(self, messages: Sequence[Message]) -> None:
        raise ConnectionError(f"nobody listens to {len(messages)} messages")


def _read(body: bytes) -> Message | Refusal:
    content = envelope.read(body)
    assert isinstance(content, Message)
    return content


def _accepted(bodies: Sequence[bytes]) -> Figures:
    with _journal() as journal:
        hub = Hub(journal, {})

        def accept() -> None:
            for batch in Ready(bodies).receive():
                hub.accept(batch, "ready")

        figure = rate(len(bodies), accept)
        _check(journal, len(bodies))
    return (figure,)


def _through_the_app(bodies: Sequence[bytes]) -> Figures:
    """The running hub: one thread receives, another one lets the app handle."""
    with _journal() as journal:
        app = Noting(len(bodies))
        hub = Hub(journal, {NAME: app})
        hub.attach_channel("ready", Ready(bodies))

        def run() -> None:
            hub.run()
            assert app.done.wait(_PATIENCE)
            hub.stop()  # after the last commit

        figure = rate(len(bodies), run)
        _check(journal, len(bodies))
    return (figure,)


@contextmanager
def _journal() -> Iterator[Journal]:
    with tempfile.TemporaryDirectory(prefix="gridbus-bench-") as folder:
        journal = Journal.open(f"sqlite:///{Path(folder) / 'gridbus.db'}")
        yield journal
        journal.close()


def _check(journal: Journal, expected: int) -> None:
    with journal.reading() as connection:
        counts = queries.counts(connection)
    assert (counts.messages, counts.accepted, counts.dead) == (expected, 0, 0), counts
