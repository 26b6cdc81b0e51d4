"""Every message can be found, with what it came from and what followed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cim.message import Verb
from hub.journal import Entry, Journal, network_events, queries
from hub.journal.queries import Filter
from tests import fakes


@pytest.fixture
def filled(journal: Journal, clock: fakes.Clock) -> Journal:
    """Six messages, ten seconds apart; 1 -> 2 -> 4, 1 -> 3; the others alone."""
    causes = [None, 1, 1, 2, None, None]
    for number, cause in enumerate(causes, start=1):
        message = fakes.message(
            fakes.last_gasp(f"up-{number % 2}"),
            Verb.CREATED if number % 3 else Verb.CHANGED,
            message_id=f"m-{number}",
            correlation_id=f"c-{number // 4}",
            source="ami" if number < 5 else "Scada_1",
        )
        with journal.transaction() as transaction:
            transaction.accept([fakes.entry(message, f"x%{number}", cause)])
        clock.forward(10)
    return journal


@pytest.mark.parametrize(
    ("wanted", "seqs"),
    [
        (Filter(), [6, 5, 4, 3, 2, 1]),
        (Filter(noun="EndDeviceEvents", verb="changed"), [6, 3]),
        (Filter(noun="MeterReadings"), []),
        (Filter(source="ami"), [4, 3, 2, 1]),
        (Filter(mrid="up-1"), [5, 3, 1]),
        (Filter(mrid="up-1", source="Scada_1"), [5]),
        (Filter(message_id="m-2"), [2]),
        (Filter(correlation_id="c-1"), [6, 5, 4]),
        (Filter(text="scada_"), [6, 5]),
        (Filter(text="X%4"), [4]),
        (Filter(text="%"), [6, 5, 4, 3, 2, 1]),
        (Filter(since=fakes.START + timedelta(seconds=10)), [6, 5, 4, 3, 2]),
        (Filter(until=fakes.START + timedelta(seconds=20)), [2, 1]),
        (Filter(state="accepted"), [6, 5, 4, 3, 2, 1]),
        (Filter(state="delivered"), []),
    ],
)
def test_search(filled: Journal, wanted: Filter, seqs: list[int]) -> None:
    with filled.reading() as connection:
        assert [row.seq for row in queries.search(connection, wanted)] == seqs


def test_search_goes_page_by_page(filled: Journal) -> None:
    with filled.reading() as connection:
        first = queries.search(connection, limit=4)
        second = queries.search(connection, before_seq=first[-1].seq, limit=4)
    assert [row.seq for row in first + second] == [6, 5, 4, 3, 2, 1]


def test_one_message_with_all_that_is_known(filled: Journal) -> None:
    with filled.reading() as connection:
        by_seq = queries.message(connection, 3)
        by_id = queries.message(connection, "m-3")
        assert queries.message(connection, 99) is None
    assert by_seq == by_id
    assert by_seq is not None
    assert by_seq.mentions == ("up-1",)
    assert [d.subscriber for d in by_seq.deliveries] == ["partner"]
    assert by_seq.received == by_seq.body
    assert by_seq.row.cause == 1


def test_lineage_shows_causes_and_effects(filled: Journal) -> None:
    with filled.reading() as connection:
        first, middle, last = (queries.lineage(connection, seq) for seq in (1, 2, 4))
    assert [row.seq for row in first.causes] == []
    assert [row.seq for row in first.effects] == [2, 3, 4]
    assert [row.seq for row in middle.causes] == [1]
    assert [row.seq for row in middle.effects] == [4]
    assert [row.seq for row in last.causes] == [2, 1]
    assert [row.seq for row in last.effects] == []


def test_replies_are_found_by_what_they_answer_the_newest_last(journal: Journal) -> None:
    asked, other = (
        fakes.message(None, Verb.GET, message_id=name, correlation_id="shared")
        for name in ("asked", "other")
    )
    first, newest, stray = (
        fakes.entry(fakes.message(None, Verb.REPLY, correlation_id="shared"), cause=cause)
        for cause in (1, 1, None)
    )
    on_waking = fakes.entry(fakes.message(None, Verb.REPLY), cause=2)
    with journal.transaction() as transaction:
        transaction.accept([fakes.entry(asked), fakes.entry(other)])
        transaction.accept([first, newest, stray, on_waking])
    with journal.reading() as connection:
        found = queries.replies(connection, ["asked", "other"])
    assert found == {"asked": [first.body, newest.body]}


def test_only_the_network_moves_the_network(journal: Journal) -> None:
    nouns = ["EndDeviceEvents", "SwitchingEvents", "NetworkModels", "SwitchingEvents"]
    messages = [fakes.message(None, noun=noun) for noun in nouns]
    with journal.transaction() as transaction:
        transaction.accept([Entry(m, b"", "test", "ami") for m in messages])
    with journal.reading() as connection:
        assert [seq for seq, _ in network_events.following(connection)] == [2, 3, 4]
        assert [seq for seq, _ in network_events.following(connection, 2)] == [3, 4]
        assert [seq for seq, _ in network_events.following(connection, until_seq=3)] == [2, 3]
