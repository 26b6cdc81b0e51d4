"""When snapshots are written, and by whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from cim.message import Message
from hub.dispatch import Hub
from hub.dispatch.recorder import Due, Recorder
from hub.handover import Mark, Note
from hub.history import snapshots, versions
from hub.journal import Journal, queries
from hub.journal.handed_over import HandedOver
from hub.message_channel import Subscription
from tests import fakes
from tests.hub.history import story
from tests.hub.history.story import happen


@dataclass
class Seconds:
    """A clock that is moved by hand."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


DUE = Due(messages=3, minutes=10, pause=60)


@pytest.fixture
def live(journal: Journal) -> Hub:
    return Hub(journal, {})


@pytest.fixture
def recorder(journal: Journal, live: Hub, seconds: Seconds) -> Iterator[Recorder]:
    recorder = Recorder(journal, live.live, DUE, clock=seconds)
    yield recorder
    recorder.stop()


def taken(journal: Journal) -> list[int]:
    with journal.reading() as connection:
        return [one.seq for one in snapshots.taken(connection)]


def test_a_snapshot_is_due_after_a_model_after_many_messages_and_after_a_while(
    journal: Journal, live: Hub, recorder: Recorder, seconds: Seconds
) -> None:
    def after(later: float, *said: str) -> list[int]:
        seconds.now += later
        for one in said:
            message = story.grid() if one == "model" else story.switched(one, "x")
            happen(journal, message)
        live.live.catch_up()
        recorder.step()
        return taken(journal)

    assert after(0) == []
    assert after(0, "open") == []
    assert after(1, "model") == [2]
    assert after(30, "model") == [2]  # the pause is not over
    assert after(30) == [2, 3]
    assert after(100, "open", "close") == [2, 3]
    assert after(1, "open") == [2, 3, 6]
    assert after(60, "close") == [2, 3, 6]
    assert after(540) == [2, 3, 6, 7]
    assert after(9999) == [2, 3, 6, 7]


def test_one_process_at_a_time_keeps_the_history(
    journal: Journal, live: Hub, recorder: Recorder, seconds: Seconds
) -> None:
    second = Hub(journal, {})
    other = Recorder(journal, second.live, DUE, clock=seconds)
    happen(journal, story.grid())
    for hub in (live, second):
        hub.live.catch_up()
    recorder.step()
    other.step()
    assert taken(journal) == [1]
    with journal.reading() as connection:
        assert len(versions.listed(connection)) == 1
    recorder.stop()
    seconds.now += 100
    happen(journal, story.grid())
    second.live.catch_up()
    other.step()
    assert taken(journal) == [1, 2]
    other.stop()


def test_a_storm_of_models_holds_few_of_them(
    journal: Journal, live: Hub, recorder: Recorder
) -> None:
    happen(journal, *(story.grid() for _ in range(20)))
    live.live.catch_up()
    held = [f.model for change in recorder._changes for f in change.fresh]
    assert [model is not None for model in held] == [False] * 12 + [True] * 8
    recorder.step()
    with journal.reading() as connection:
        listed = versions.listed(connection)
        contents = [versions.content(connection, version) for version in listed]
    assert [version.id for version in listed] == [f"{n}.1" for n in range(20, 0, -1)]
    assert [content is not None for content in contents] == [True] * 8 + [False] * 12


def test_notes_of_what_was_handed_over_go_when_old_snapshots_do(
    journal: Journal, live: Hub, recorder: Recorder, seconds: Seconds, clock: fakes.Clock
) -> None:
    journal.subscribe(Subscription("ami", frozenset()))
    notes = HandedOver(journal, "ami")

    def after(days: float, *said: Message) -> Note | None:
        clock.forward(days * 86_400)
        seconds.now += 4_000
        happen(journal, *said)
        live.live.catch_up()
        recorder.step()
        return notes.of(f"http {row.message_id}-1")

    [seq] = happen(journal, story.grid())
    with journal.reading() as connection:
        [row] = queries.search(connection)
    notes.note(f"http {row.message_id}-1", Mark.SENT)
    assert after(91, story.grid()) == Note(Mark.SENT)  # it is open
    with journal.transaction() as transaction:
        transaction.delivered("ami", [seq], transaction.now)
    assert after(1) is None


def test_it_runs_beside_the_hub(journal: Journal) -> None:
    hub = Hub(journal, {})
    recorder = Recorder(journal, hub.live, Due(pause=0))
    recorder.run()
    happen(journal, story.grid())
    hub.live.catch_up()
    for _ in range(200):
        if taken(journal):
            break
        recorder._threads.stopping.wait(0.05)
    assert recorder.stop() == []
    assert recorder.failing() == {}
    assert taken(journal) == [1]
