"""Fewer or more lanes than when messages were accepted: all are found, each key in one lane."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from hub.journal import Journal, lanes
from hub.journal.tables import delivery
from hub.message_channel import Subscription
from tests import fakes

POINTS = [f"up-{n % 7}" for n in range(21)]


@pytest.fixture
def seqs(journal: Journal) -> list[int]:
    """What is open for "partner", in four lanes."""
    entries = [fakes.entry(fakes.message(fakes.last_gasp(point))) for point in POINTS]
    with journal.transaction() as transaction:
        return [seq for seq in transaction.accept(entries) if seq]


def found(journal: Journal, partitions: int) -> dict[int, list[int]]:
    """Lane -> what can be leased there."""
    return {n: [r.seq for r in journal.lease("partner", [n], 100)] for n in range(partitions)}


@pytest.mark.parametrize("partitions", [1, 2, 3, 4, 9])
def test_everything_open_is_in_the_lane_of_its_key(
    journal: Journal, seqs: list[int], partitions: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "_CHUNK", 4)
    moved = journal.relane("partner", partitions)
    assert bool(moved) == (partitions != 4)
    by_key = {seq: lanes.lane(point, partitions) for seq, point in zip(seqs, POINTS, strict=True)}
    assert found(journal, partitions) == {
        n: [seq for seq in seqs if by_key[seq] == n] for n in range(partitions)
    }
    assert journal.relane("partner", partitions) == 0
    # As what comes from now on.
    journal.subscribe(Subscription("partner", frozenset(), partitions))
    with journal.transaction() as transaction:
        transaction.accept([fakes.entry(fakes.message(fakes.last_gasp(p))) for p in POINTS])
    assert journal.relane("partner", partitions) == 0


def test_what_was_dead_is_found_when_it_is_replayed(journal: Journal, seqs: list[int]) -> None:
    with journal.transaction() as transaction:
        for seq in seqs:
            transaction.failed("partner", seq, "it broke")
    journal.relane("partner", 1)
    with journal.transaction() as transaction:
        assert all(transaction.replay("partner", seq) for seq in seqs)
    assert found(journal, 1) == {0: seqs}


def test_what_has_ended_and_what_is_for_others_stays(journal: Journal, seqs: list[int]) -> None:
    def rows() -> list[sa.Row[tuple[str, int, int]]]:
        chosen = sa.select(delivery.c.subscriber, delivery.c.seq, delivery.c.lane)
        with journal.reading() as connection:
            return list(connection.execute(chosen.order_by(delivery.c.seq, delivery.c.subscriber)))

    with journal.transaction() as transaction:
        transaction.delivered("partner", seqs, transaction.now)
    before = rows()
    assert journal.relane("partner", 1) == 0
    assert rows() == before


def test_what_has_moved_is_published_again(journal: Journal, seqs: list[int]) -> None:
    with journal.transaction() as transaction:
        transaction.published("partner", seqs, transaction.now)
    moved = journal.relane("partner", 3)
    with journal.transaction() as transaction:
        assert len(transaction.unpublished(["partner"], 100)) == moved
