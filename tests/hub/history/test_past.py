"""The network as it was, is what the first messages of the journal make of it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cim.message import Message
from hub.dispatch import Hub
from hub.dispatch.recorder import Due, Recorder
from hub.history import snapshots
from hub.history.past import Busy, Past
from hub.journal import Journal, moments
from tests import fakes
from tests.hub.history import story
from tests.hub.history.story import SWITCHES, answers, every_prefix, folded, happen

kinds, switches = st.sampled_from(["open", "close"]), st.sampled_from([*SWITCHES, "z"])
positions, mrids = st.sampled_from(["", "x"]), st.sampled_from(["grid", "other", "next"])
messages = st.one_of(
    st.builds(story.switched, kinds, switches),
    st.builds(lambda n, o: story.grid(normally_open=n, opened=o), positions, positions),
    st.builds(story.changed, mrids, mrids, opened=positions, was=positions),
    st.builds(story.served, st.sampled_from(["y", "nobody"])),
    st.builds(story.tagged, switches, there=st.booleans()),
    st.builds(story.grounded, st.sampled_from(["b", "nowhere"])),
    st.builds(story.grid, st.just("other")),
    st.builds(story.gone, mrids),
    st.builds(story.torn),
    st.builds(story.junk),
)
Batches = Sequence[Sequence[Message]]
batches = st.lists(st.lists(messages, max_size=4), max_size=5)


@contextmanager
def sqlite() -> Iterator[Journal]:
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal.open(f"sqlite:///{Path(folder) / 'j.db'}", clock=fakes.Clock())
        yield journal
        journal.close()


@settings(max_examples=10, deadline=None)
@given(batches, st.sets(st.integers(1, 20)), st.booleans())
def test_every_prefix_is_the_fold_of_its_messages(
    said: Batches, kept: set[int], versions: bool
) -> None:
    with sqlite() as journal:
        check_every_prefix(journal, [[story.grid()], *said], kept, versions=versions)


def check_every_prefix(
    journal: Journal, said: Batches, kept: set[int], *, versions: bool = True
) -> None:
    """Wherever snapshots lie, whatever was asked before, and even without the versions of models
    that snapshots rely on."""
    live = Hub(journal, {}).live
    recorder = Recorder(journal, live, Due(messages=10**6, pause=10**6))
    for batch in said:
        happen(journal, *batch)
        live.catch_up()
        if versions:
            recorder.step()
    recorder.stop()
    places = list(every_prefix(journal))
    by_the_book = [answers(folded(journal, seq)) for seq in places]
    for seq in kept & {*places[1:]}:
        snapshots.write(journal, story.at(journal, seq))
    past = Past(journal, now=lambda: live.at)
    for seq in (*places, *reversed(places)):
        assert answers(past.as_of(seq)) == by_the_book[seq], seq
    assert answers(live.current) == by_the_book[-1]
    assert answers(Hub(journal, {}).live.catch_up()) == by_the_book[-1]


def test_on_postgresql_too(postgres_url: str) -> None:
    journal = Journal.open(postgres_url, clock=fakes.Clock())
    said = [
        [story.grid(), story.switched("open", "x"), story.junk()],
        [story.torn(), story.switched("close", "x"), story.switched("open", "y")],
        [story.changed("next", "grid", opened="x"), story.served("y")],
        [story.grid(opened="y"), story.gone("other"), story.gone()],
    ]
    check_every_prefix(journal, said, {2, 5, 8})
    journal.close()


def test_a_moment_is_the_last_message_accepted_by_then(
    journal: Journal, clock: fakes.Clock
) -> None:
    start = clock.now
    happen(journal, story.grid())
    for switch in SWITCHES:
        clock.forward(60)
        happen(journal, story.switched("open", switch), story.junk())
    past = Past(journal)
    minutes = [start + timedelta(minutes=n) for n in (-1, 0, 0.5, 1, 1.5, 2, 99)]
    assert [past.seq_at(moment) for moment in minutes] == [0, 1, 1, 3, 3, 5, 5]
    assert past.as_of(minutes[2]).is_energised("p")
    assert not past.as_of(minutes[3]).is_energised("p")
    assert not past.as_of(minutes[0]).knows("p")
    with journal.reading() as connection:
        assert moments.first_after(connection, minutes[3], 1, 5) == 2
        assert moments.accepted_at(connection, 9) is None


def test_the_present_is_answered_from_what_is_at_hand(journal: Journal) -> None:
    happen(journal, story.grid(), story.junk())
    live = Hub(journal, {}).live
    now = live.catch_up()
    past = Past(journal, now=lambda: live.at)
    assert past.as_of(1) is past.as_of(2) is past.as_of(99) is now
    assert past.as_of(0) is not now


def test_questions_about_the_past_are_answered_one_at_a_time(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    happen(journal, story.grid())
    past = Past(journal)
    monkeypatch.setattr("hub.history.past._PATIENCE", 0.01)
    with past._alone(), pytest.raises(Busy, match="ask again later"):
        past.as_of(1)
    assert past.as_of(1).knows("x")
