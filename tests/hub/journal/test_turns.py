"""Whose turn it is: order by key, attempts, dead letters, the way over a broker."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hub.journal import Journal, Overtaken, queries
from tests import fakes


def accept(journal: Journal, *points: str) -> list[str]:
    """Accept a last gasp for each usage point; the message ids."""
    messages = [fakes.message(fakes.last_gasp(point)) for point in points]
    with journal.transaction() as transaction:
        transaction.accept([fakes.entry(m) for m in messages])
    return [m.header.message_id or "" for m in messages]


def leased(journal: Journal) -> list[int]:
    return [row.seq for row in journal.lease("app", [0], 100)]


def deliver(journal: Journal, *seqs: int) -> None:
    with journal.transaction() as transaction:
        transaction.delivered("app", seqs, transaction.now)


def fail(journal: Journal, seq: int, seconds: float | None = None) -> None:
    with journal.transaction() as transaction:
        due = None if seconds is None else transaction.now + timedelta(seconds=seconds)
        transaction.failed("app", seq, "it broke", due)


def test_open_deliveries_come_in_order_until_delivered(journal: Journal) -> None:
    accept(journal, "a", "b", "a")
    assert leased(journal) == leased(journal) == [1, 2, 3]
    deliver(journal, 1, 2)
    assert leased(journal) == [3]


def test_a_failed_one_holds_its_key_and_no_other(journal: Journal, clock: fakes.Clock) -> None:
    accept(journal, "a", "b", "a", "b")
    fail(journal, 1, 10)
    assert leased(journal) == [2, 4]
    clock.forward(10)
    assert leased(journal) == [1, 2, 3, 4]
    [again] = [row for row in journal.lease("app", [0], 100) if row.attempts]
    assert again.seq == 1


def test_a_dead_one_lets_its_key_go_on_and_can_be_replayed(journal: Journal) -> None:
    accept(journal, "a", "a")
    fail(journal, 1)
    assert leased(journal) == [2]
    with journal.reading() as connection:
        [dead] = queries.dead(connection)
        assert queries.dead(connection, "partner") == []
    assert (dead.message.seq, dead.delivery.error, dead.delivery.attempts) == (1, "it broke", 1)
    with journal.transaction() as transaction:
        assert transaction.replay("app", 1)
        assert not transaction.replay("app", 1)
        assert not transaction.replay("app", 2)
    assert leased(journal) == [1, 2]


def test_the_slower_of_two_must_give_up(journal: Journal) -> None:
    accept(journal, "a", "b")
    deliver(journal, 1)
    with pytest.raises(Overtaken):
        deliver(journal, 1, 2)
    with pytest.raises(Overtaken):
        fail(journal, 1)
    assert leased(journal) == [2]


def test_a_claim_keeps_the_order_of_its_key(journal: Journal) -> None:
    first, second, other = accept(journal, "a", "a", "b")
    with journal.transaction() as transaction:
        assert transaction.claim("app", second) is None
        assert transaction.claim("app", "unknown") is None
        claimed = transaction.claim("app", other)
        assert claimed is not None
        assert claimed.seq == 3
        both = transaction.claim_all("app", [second, first])
        assert [row.seq for row in both] == [1, 2]
        transaction.delivered("app", [1], transaction.now)
        assert transaction.claim("app", first) is None
        assert transaction.claim("app", second) is not None


def test_what_is_claimed_too_early_is_published_again(journal: Journal) -> None:
    _, second = accept(journal, "a", "a")
    with journal.transaction() as transaction:
        assert [u.seq for u in transaction.unpublished(["app"], 10)] == [1, 2]
        transaction.published("app", [1, 2], transaction.now)
        assert transaction.unpublished(["app"], 10) == []
    with journal.transaction() as transaction:
        assert transaction.claim("app", second) is None
    with journal.transaction() as transaction:
        assert [u.seq for u in transaction.unpublished(["app"], 10)] == [2]


def test_a_failed_one_is_published_again_when_due(journal: Journal, clock: fakes.Clock) -> None:
    accept(journal, "a", "a", "b")
    with journal.transaction() as transaction:
        transaction.published("app", [1, 3], transaction.now)
    fail(journal, 1, 10)
    with journal.transaction() as transaction:
        assert transaction.unpublished(["app"], 10) == []
    clock.forward(10)
    with journal.transaction() as transaction:
        assert [u.seq for u in transaction.unpublished(["app"], 10)] == [1, 2]


def test_after_a_reconnect_everything_open_is_published_again(journal: Journal) -> None:
    accept(journal, "a", "b", "c")
    deliver(journal, 2)
    with journal.transaction() as transaction:
        transaction.published("app", [1, 2, 3], transaction.now)
        transaction.unpublish("app")
        assert [u.seq for u in transaction.unpublished(["app"], 1)] == [1]
        found = transaction.unpublished(["app", "partner"], 100)
    assert [(u.subscriber, u.seq) for u in found if u.subscriber == "app"] == [
        ("app", 1),
        ("app", 3),
    ]
    assert len(found) == 5


def test_of_several_timers_the_earliest_counts(journal: Journal, clock: fakes.Clock) -> None:
    soon, later = clock.now + timedelta(seconds=5), clock.now + timedelta(seconds=9)
    with journal.transaction() as transaction:
        transaction.wake_at("app", later)
        transaction.wake_at("app", soon)
        transaction.wake_at("app", later)
    assert journal.next_due("app") == soon
    assert not journal.is_due("app", [0])
    clock.forward(5)
    assert journal.is_due("app", [0])
    with journal.transaction() as transaction:
        assert transaction.take_wake("app", clock.now)
        assert not transaction.take_wake("app", clock.now)
    assert journal.next_due("app") is None


def test_timer_and_batch_are_looked_up_together(journal: Journal, clock: fakes.Clock) -> None:
    accept(journal, "a", "b")
    with journal.transaction() as transaction:
        transaction.wake_at("app", clock.now + timedelta(seconds=5))
    is_due, leased = journal.next("app", [0], 1, [0])
    assert (is_due, [row.seq for row in leased]) == (False, [1])
    clock.forward(6)
    assert journal.next("app", [0], 9, [0])[0] is False  # they were accepted before it was due
    with journal.transaction() as transaction:
        transaction.delivered("app", [1, 2], clock.now)
    assert journal.next("app", [0], 9, [0]) == (True, [])


def test_next_due_is_the_next_attempt(journal: Journal, clock: fakes.Clock) -> None:
    accept(journal, "a")
    fail(journal, 1, 30)
    assert journal.next_due("app") == clock.now + timedelta(seconds=30)


def test_backlog_names_the_oldest_and_the_waiting(journal: Journal, clock: fakes.Clock) -> None:
    accept(journal, "a", "b")
    started = clock.now
    clock.forward(60)
    accept(journal, "c")
    fail(journal, 1, 10)
    fail(journal, 3)
    with journal.reading() as connection:
        backlog = {b.subscriber: b for b in queries.backlog(connection)}
    assert backlog["app"] == queries.Backlog("app", 2, 1, started, 1)
    assert backlog["partner"] == queries.Backlog("partner", 3, 0, started, 0)


def test_waiting_threads_hear_of_new_work(journal: Journal) -> None:
    app, other = journal.work["app"].count, journal.work["other"].count
    accept(journal, "a")
    assert journal.work["app"].wait(app, 0) == app + 1
    assert journal.work["other"].wait(other, 0) == other
