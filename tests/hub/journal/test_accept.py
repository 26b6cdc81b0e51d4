"""What is accepted is there once, in order, for everybody who asked for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from threading import Thread
from typing import Any

import pytest
import sqlalchemy as sa

from cim.message import Verb
from cim.violation import Refusal
from hub.journal import Entry, Journal, queries
from hub.message_channel import Subscription
from tests import fakes


def gasp(point: str = "up-1", **header: str) -> Entry:
    return fakes.entry(fakes.message(fakes.last_gasp(point), **header))  # type: ignore[arg-type]


def test_messages_get_consecutive_places(journal: Journal) -> None:
    with journal.transaction() as transaction:
        assert transaction.accept([gasp(), gasp(), gasp()]) == [1, 2, 3]
    with journal.transaction() as transaction:
        assert transaction.accept([gasp()]) == [4]
        assert transaction.accept([gasp()]) == [5]


def test_the_same_message_id_counts_once(journal: Journal) -> None:
    again = gasp(message_id="m-1")
    with journal.transaction() as transaction:
        assert transaction.accept([again, gasp(), again]) == [1, 2, None]
    with journal.transaction() as transaction:
        assert transaction.accept([again, gasp()]) == [None, 3]


def test_the_same_fact_of_a_source_counts_once(journal: Journal) -> None:
    def fact(source: str) -> Entry:
        return fakes.entry(fakes.message(fakes.last_gasp("up-1"), source=source), "17")

    with journal.transaction() as transaction:
        assert transaction.accept([fact("ami"), fact("ami"), fact("scada")]) == [1, None, 2]
    with journal.transaction() as transaction:
        assert transaction.accept([fact("ami"), fact("scada"), fact("ivr")]) == [None, None, 3]


def test_what_is_rolled_back_leaves_nothing(journal: Journal) -> None:
    entry = gasp()

    def fail() -> None:
        with journal.transaction() as transaction:
            transaction.accept([entry])
            raise RuntimeError("before the commit")

    with pytest.raises(RuntimeError):
        fail()
    with journal.reading() as connection:
        assert queries.counts(connection) == queries.Counts(0, 0, 0, 0)
    with journal.transaction() as transaction:
        assert transaction.accept([entry]) == [1]


def test_every_matching_subscriber_gets_a_delivery(journal: Journal) -> None:
    changed = fakes.entry(fakes.message(fakes.last_gasp("up-1"), Verb.CHANGED))
    asked = fakes.entry(fakes.message(fakes.last_gasp("up-1"), Verb.CREATE))
    with journal.transaction() as transaction:
        transaction.accept([gasp(), changed, asked])
    with journal.reading() as connection:
        subscribers = [
            [d.subscriber for d in queries.deliveries(connection, seq)] for seq in (1, 2, 3)
        ]
    assert subscribers == [["app", "partner"], ["partner"], []]


def test_a_later_subscription_is_for_later_messages(journal: Journal) -> None:
    with journal.transaction() as transaction:
        transaction.accept([gasp()])
    journal.subscribe(Subscription("late", frozenset({fakes.REPORTED})))
    with journal.transaction() as transaction:
        transaction.accept([gasp()])
    assert [row.seq for row in journal.lease("late", [0], 10)] == [2]


def test_one_key_has_one_lane(journal: Journal) -> None:
    with journal.transaction() as transaction:
        transaction.accept([gasp(f"up-{n % 7}") for n in range(70)])
    lanes = [{row.ordering_key for row in journal.lease("partner", [n], 100)} for n in range(4)]
    assert sum(map(len, lanes)) == len(set.union(*lanes)) == 7


def test_a_date_that_no_database_holds_is_replaced(journal: Journal, clock: fakes.Clock) -> None:
    east = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))
    message = fakes.message(fakes.last_gasp("up-1"))
    message = replace(message, header=replace(message.header, timestamp=east))
    entry = replace(gasp(), message=message)
    with journal.transaction() as transaction:
        transaction.accept([entry])
    with journal.reading() as connection:
        [row] = queries.search(connection)
    assert row.timestamp == clock.now


def test_a_batch_larger_than_a_statement(journal: Journal) -> None:
    entry = gasp()
    batch = [
        replace(entry, message=fakes.message(entry.message.payload), external_id=str(n))  # type: ignore[arg-type]
        for n in range(5_100)
    ]
    with journal.transaction() as transaction:
        assert transaction.accept(batch) == list(range(1, 5_101))
    with journal.transaction() as transaction:
        assert transaction.accept(batch) == [None] * 5_100


def test_writers_at_the_same_time_share_one_order(journal: Journal) -> None:
    places: list[int | None] = []

    def write() -> None:
        for _ in range(10):
            with journal.transaction() as transaction:
                places.extend(transaction.accept([gasp(), gasp()]))

    threads = [Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(p for p in places if p is not None) == list(range(1, 81))


def test_quarantine_keeps_the_same_bytes_once(journal: Journal) -> None:
    refusal = Refusal.of("1.8", "Verb must be lower case", line=3, xpath="/EventMessage/Header")
    with journal.transaction() as transaction:
        first = transaction.quarantine("soap", "ami", "soap", b"<x/>", refusal)
        assert transaction.quarantine("soap", "ami", "soap", b"<x/>", refusal) == first
        second = transaction.quarantine("soap", "scada", "soap", b"<x/>", refusal)
        assert second != first
        assert transaction.reject(first)
        assert not transaction.reject(first)
    with journal.reading() as connection:
        kept = fakes.quarantined(connection)
        assert [q.id for q in queries.quarantined(connection, state=None)] == [second, first]
    assert kept.received == b"<x/>"
    assert kept.reason == "line 3, /EventMessage/Header: Verb must be lower case"
    assert kept.violations[0]["code"] == "1.8"


def test_bytes_that_come_again_open_their_closed_item(journal: Journal, clock: fakes.Clock) -> None:
    with journal.transaction() as transaction:
        first = transaction.quarantine("soap", "ami", "soap", b"<x/>", Refusal.of("1.8", "wrong"))
        transaction.reject(first)
    clock.forward(10)
    with journal.transaction() as transaction:
        for _ in range(2):
            refusal = Refusal.of("1.8", "wrong")
            assert transaction.quarantine("soap", "ami", "soap", b"<x/>", refusal) == first
    with journal.reading() as connection:
        kept = fakes.quarantined(connection)
    assert (kept.id, kept.at, kept.reason, kept.times) == (first, clock(), "wrong", 2)


def test_a_wrong_row_of_every_night_is_one_item_that_is_counted(
    journal: Journal, clock: fakes.Clock
) -> None:
    def send(night: int, line: int, why: str, row: bytes = b"id,at\nM1,never\n") -> int:
        origin = f"points {night}.csv line {line}"
        refusal = Refusal.of("1.8", why.format(origin=origin, night=night, rows=70 * night))
        with journal.transaction() as transaction:
            return transaction.quarantine("cis", "cis", origin, row, refusal)

    wrong = (
        "{origin}: at 'never' is no time; it is July {night}, points {night}.csv has {rows:,} rows"
    )
    first = send(14, 7, wrong)
    for night in range(15, 26):
        clock.forward(86_400)
        assert send(night, 900 - night, wrong) == first
    other_reason = send(26, 7, "{origin}: id M1 is unknown")
    other_row = send(26, 7, wrong, b"id,at\nM2,never\n")
    assert len({first, other_reason, other_row}) == 3
    with journal.reading() as connection:
        kept = queries.quarantined_item(connection, first)
        others = [one.times for one in queries.quarantined(connection) if one.id != first]
    assert kept is not None
    assert (kept.at, kept.origin) == (fakes.START, "points 14.csv line 7")
    assert (kept.times, kept.last_at) == (12, clock())
    assert kept.seen == "seen 12 times, last in points 25.csv line 875 at 2026-07-25 15:00:00"
    assert others == [1, 1]


def test_the_same_bytes_of_another_sender_are_an_item_of_their_own(journal: Journal) -> None:
    refusal = Refusal.of("1.8", "wrong")
    with journal.transaction() as transaction:
        for sender in ("ami", "scada"):
            transaction.quarantine("soap", sender, "soap", b"<x/>", refusal)
    with journal.reading() as connection:
        assert [q.principal for q in queries.quarantined(connection)] == ["scada", "ami"]


def test_the_list_of_the_quarantine_leaves_the_bytes_where_they_are(journal: Journal) -> None:
    with journal.transaction() as transaction:
        transaction.quarantine("soap", "ami", "soap", b"<x/>", Refusal.of("1.8", "wrong"))
    asked: list[str] = []

    def listen(*execution: Any) -> None:
        asked.append(execution[2])

    sa.event.listen(journal.engine, "before_cursor_execute", listen)
    with journal.reading() as connection:
        assert len(queries.quarantined(connection)) == 1
    assert any("quarantine" in statement for statement in asked)
    assert not any("received" in statement for statement in asked)
