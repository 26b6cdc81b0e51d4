"""What differs between two moments, in sentences and as data."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from cim.message import Message
from hub.dispatch import Hub
from hub.dispatch.recorder import Recorder
from hub.history.comparison import Comparison, as_data
from hub.history.past import Past
from hub.journal import Journal
from tests import fakes
from tests.hub.history import story
from tests.hub.history.story import happen

Compare = Callable[..., Comparison]


@pytest.fixture
def compare(journal: Journal, clock: fakes.Clock) -> Compare:
    """What is different after `then`, of messages a minute apart."""

    def compare(first: Sequence[Message], *then: Message) -> Comparison:
        live = Hub(journal, {}).live
        recorder = Recorder(journal, live)
        for message in (*first, *then):
            happen(journal, message)
            clock.forward(60)
        live.catch_up()
        recorder.step()
        recorder.stop()
        past = Past(journal, now=lambda: live.at)
        return past.compare(len(first), len(first) + len(then))

    return compare


def test_nothing(compare: Compare) -> None:
    comparison = compare([story.grid()], story.junk())
    assert not comparison
    assert list(comparison.sentences()) == ["Nothing is different."]
    assert as_data(comparison)["sentences"] == ["Nothing is different."]


def test_a_switch_and_who_lost_supply(compare: Compare) -> None:
    comparison = compare([story.grid()], story.switched("open", "x"))
    assert list(comparison.sentences()) == [
        "Breaker x name: closed on A B C, then open.",
        "2 nodes with 1 usage point: without supply now on A B C,"
        " before from source name over x name.",
    ]
    [operated] = comparison.switches
    assert (operated.switch.mrid, operated.before, operated.after) == ("x", ("A", "B", "C"), ())
    [supplied] = comparison.supply
    assert (supplied.kind, supplied.nodes, supplied.listed) == ("deEnergised", 2, ("p",))
    assert (comparison.one.seq, comparison.other.seq) == (1, 2)
    assert comparison.one.at == fakes.START


def test_what_was_undone_meanwhile_is_not_told(compare: Compare) -> None:
    moved = [story.switched(kind, "x") for kind in ("open", "close")]
    assert not compare([story.grid()], *moved)


def test_models(compare: Compare) -> None:
    comparison = compare(
        [story.grid(), story.grid("other")],
        story.grid(opened="y"),
        story.gone("other"),
        story.grid("third"),
    )
    assert [str(one) for one in comparison.models] == [
        "Model grid: version 1.1, then 3.1.",
        "Model other is in force no more; it was version 2.1.",
        "Model third came into force as version 5.1.",
    ]


def test_service_tags_and_patches(compare: Compare) -> None:
    comparison = compare(
        [story.grid(), story.tagged("x")],
        story.served("y"),
        story.tagged("x", there=False),
        story.tagged("y"),
        story.grounded("c"),
    )
    assert [str(one) for one in comparison.placed] == [
        "Breaker y name is out of service.",
        "Ground ground-1 at ConnectivityNode c was placed.",
        "Tag hold at Breaker x name was removed.",
        "Tag hold at Breaker y name was placed.",
    ]
    assert {one.kind for one in comparison.supply} == {"deEnergised", "earthed"}


def test_backwards(compare: Compare, journal: Journal) -> None:
    compare([story.grid()], story.switched("open", "x"))
    back = Past(journal).compare(2, 1)
    assert "Breaker x name: open, then closed on A B C." in back.sentences()
    assert any("supplied now" in sentence for sentence in back.sentences())
    assert list(Past(journal).compare(fakes.START, 1).sentences()) == ["Nothing is different."]
