"""What comes in is acknowledged only when it is kept, as a message or with its reason."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.exc import OperationalError

from cim.message import Kind, Message, Result, User, Verb
from cim.violation import Refusal
from hub.dispatch import Hub
from hub.journal import Journal, queries, rows
from tests import fakes


def events(*points: str) -> list[fakes.Handed]:
    return [fakes.Handed.of(fakes.message(fakes.last_gasp(point))) for point in points]


def test_a_batch_is_journalled_then_acknowledged(hub: Hub, journal: Journal) -> None:
    batch = events("a", "b")
    assert hub.accept(batch, "soap") == [1, 2]
    assert [d.acked for d in batch] == [1, 1]
    with journal.reading() as connection:
        assert [r.channel for r in queries.search(connection)] == ["soap", "soap"]


def test_a_duplicate_is_acknowledged_and_not_kept_again(hub: Hub, journal: Journal) -> None:
    [first] = events("a")
    again = fakes.Handed(first.content, first.body)
    assert hub.accept([first, again], "soap") == [1, None]
    assert hub.accept([fakes.Handed(first.content, first.body)], "soap") == [None]
    assert again.acked == 1
    with journal.reading() as connection:
        assert queries.counts(connection) == queries.Counts(1, 1, 0, 0)


def test_a_resent_message_may_have_another_timestamp(hub: Hub, journal: Journal) -> None:
    message = fakes.message(fakes.last_gasp("a"))
    later = replace(message, header=replace(message.header, comment="sent again"))
    assert hub.accept([fakes.Handed.of(message), fakes.Handed.of(later)], "soap") == [1, None]
    with journal.reading() as connection:
        assert queries.quarantined(connection) == []


def test_an_id_used_for_something_else_is_refused(hub: Hub, journal: Journal) -> None:
    one = fakes.message(fakes.last_gasp("a"), message_id="7")
    other = fakes.message(fakes.last_gasp("b"), message_id="7", source="ivr")
    handed = fakes.Handed.of(other)
    assert hub.accept([fakes.Handed.of(one), handed], "soap") == [1, None]
    assert handed.acked == 1
    with journal.reading() as connection:
        kept = fakes.quarantined(connection)
    assert kept.received == handed.body
    assert kept.reason == (
        "line 2, column 181, /Header/MessageID: MessageID 7 was used before by ami"
        " for another message (created EndDeviceEvents)"
    )


def test_a_refusal_is_kept_in_quarantine(hub: Hub, journal: Journal) -> None:
    wrong = fakes.Handed(Refusal.of("1.8", "Verb must be lower case"), b"<bad/>")
    assert hub.accept([*events("a"), wrong, *events("b")], "soap") == [1, None, 2]
    assert wrong.acked == 1
    with journal.reading() as connection:
        kept = fakes.quarantined(connection)
    assert (kept.channel, kept.received) == ("soap", b"<bad/>")


def test_a_message_without_an_id_gets_one(hub: Hub, journal: Journal) -> None:
    message = fakes.message(fakes.last_gasp("a"))
    message = replace(message, header=replace(message.header, message_id=None))
    assert hub.accept([fakes.Handed.of(message)], "soap") == [1]
    with journal.reading() as connection:
        [row] = queries.search(connection)
    assert len(row.message_id) == 36


def test_what_does_not_fit_is_refused(hub: Hub, journal: Journal) -> None:
    assert hub.accept([fakes.Handed.of(fakes.message(None, message_id="x" * 201))], "s") == [None]
    with journal.reading() as connection:
        [kept] = queries.quarantined(connection)
    assert kept.reason.endswith("MessageID has 201 characters, at most 200 are taken")


def test_whose_name_does_not_fit_is_refused(hub: Hub, journal: Journal) -> None:
    said = fakes.message(None)
    said = replace(said, header=replace(said.header, user=User(user_id="x" * 201)))
    assert hub.accept([fakes.Handed.of(said)], "s") == [None]
    with journal.reading() as connection:
        [kept] = queries.quarantined(connection)
    assert kept.reason.endswith("User/UserID has 201 characters, at most 200 are taken")


def test_of_what_the_name_does_not_fit_is_refused(hub: Hub, journal: Journal) -> None:
    """As long as its characters are more than applications keep, however they are written."""
    assert hub.accept(events("&" * 200), "s") == [1]
    assert hub.accept(events("ü" * 200, "ü" * 201), "s") == [2, None]
    with journal.reading() as connection:
        [kept] = queries.quarantined(connection)
    assert kept.reason.endswith("mRID has 201 characters, at most 200 are taken")


def test_a_record_with_a_name_that_does_not_fit_is_refused(hub: Hub, journal: Journal) -> None:
    hub.take("lines", fakes.Lines([]), [fakes.Line("1 a"), fakes.Line(f"2 {'x' * 201}")])
    with journal.reading() as connection:
        assert [row.seq for row in queries.search(connection)] == [1]
        [kept] = queries.quarantined(connection)
    assert kept.reason.endswith("mRID has 201 characters, at most 200 are taken")


def test_nothing_is_acknowledged_when_the_database_fails(
    hub: Hub, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OperationalError("COMMIT", None, Exception("server closed the connection"))

    batch = events("a")
    with monkeypatch.context() as broken:
        broken.setattr(journal, "transaction", fail)
        with pytest.raises(OperationalError):
            hub.accept(batch, "soap")
    assert batch[0].acked == 0
    assert hub.accept(batch, "soap") == [1]


def test_one_bad_message_does_not_take_the_others_with_it(
    hub: Hub, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shaky(message: Message) -> frozenset[str]:
        if fakes.usage_point(message) == "b":
            raise RecursionError("too deep")
        return frozenset()

    monkeypatch.setattr(rows, "mrids", shaky)
    batch = events("a", "b", "c")
    assert hub.accept(batch, "soap") == [1, None, 2]
    assert [d.acked for d in batch] == [1, 1, 1]
    with journal.reading() as connection:
        kept = fakes.quarantined(connection)
    assert kept.received == batch[1].body
    assert kept.reason == "the hub could not take it: RecursionError: too deep"


def test_a_request_nobody_answers_becomes_an_event(hub: Hub, journal: Journal) -> None:
    request = fakes.message(fakes.last_gasp("a"), Verb.CREATE, message_id="asked")
    assert hub.accept([fakes.Handed.of(request)], "soap") == [1]
    with journal.reading() as connection:
        event, asked = queries.search(connection)
        lineage = queries.lineage(connection, 1)
    assert (asked.verb, event.verb, event.cause) == ("create", "created", 1)
    assert event.correlation_id == "asked"
    assert [row.seq for row in lineage.effects] == [2]
    assert hub.deliver("counting") == 1
    reply = hub.answer("asked", 0.1)
    assert reply is not None
    assert reply.kind is Kind.RESPONSE
    assert reply.reply is not None
    assert reply.reply.result is Result.OK


def test_a_request_sent_twice_is_one_event_and_two_answers(hub: Hub, journal: Journal) -> None:
    request = fakes.message(fakes.last_gasp("a"), Verb.CREATE, message_id="asked")
    for _ in range(2):
        hub.accept([fakes.Handed.of(request)], "soap")
        assert hub.answer("asked", 0.1) is not None
    with journal.reading() as connection:
        assert queries.counts(connection).messages == 2


def test_get_that_nobody_answers_fails(hub: Hub) -> None:
    request = fakes.message(None, Verb.GET, message_id="asked", correlation_id="c")
    hub.accept([fakes.Handed.of(request)], "soap")
    reply = hub.answer("asked", 0.1)
    assert reply is not None
    assert reply.header.correlation_id == "c"
    assert reply.reply is not None
    assert reply.reply.result is Result.FAILED
    assert [(e.code, e.reason) for e in reply.reply.errors] == [
        ("2.5", "nobody here answers get EndDeviceEvents")
    ]


def test_the_hub_speaks_in_its_own_name(journal: Journal) -> None:
    hub = Hub(journal, {}, name="HUB-EAST")
    create = fakes.message(fakes.last_gasp("a"), Verb.CREATE, message_id="asked")
    get = fakes.message(None, Verb.GET, message_id="got")
    hub.accept([fakes.Handed.of(create), fakes.Handed.of(get)], "soap")
    replies = [hub.answer("asked", 0.1), hub.answer("got", 0.1)]
    assert [reply.header.source for reply in replies if reply] == ["HUB-EAST", "HUB-EAST"]
    with journal.reading() as connection:
        event, *asked = queries.search(connection)
    assert (event.verb, event.source) == ("created", "HUB-EAST")
    assert {row.source for row in asked} == {"ami"}


def test_an_adapter_reads_on_when_its_batch_is_durable(hub: Hub, journal: Journal) -> None:
    adapter = fakes.Lines([[fakes.Line("1 a"), fakes.Line("2 b")], [], [fakes.Line("3 c")]])
    for batch in adapter.read():
        hub.take("lines", adapter, batch)
    with journal.reading() as connection:
        rows = queries.search(connection)
        detail = queries.message(connection, 1)
    assert [(r.source, r.external_id) for r in rows] == [("lines", n) for n in ("3", "2", "1")]
    assert detail is not None
    assert detail.received == b"1 a"


def test_a_record_read_again_counts_once(hub: Hub, journal: Journal) -> None:
    adapter = fakes.Lines([])
    for _ in range(2):
        hub.take("lines", adapter, [fakes.Line("1 a")])
    with journal.reading() as connection:
        assert queries.counts(connection).messages == 1


def test_a_wrong_record_goes_to_quarantine_with_its_place(hub: Hub, journal: Journal) -> None:
    lines = [fakes.Line("1 a"), fakes.Line("wrong", 2), fakes.Line("3 c", 3)]
    hub.take("lines", fakes.Lines([]), lines)
    with journal.reading() as connection:
        kept = fakes.quarantined(connection)
        assert queries.counts(connection).messages == 2
    assert (kept.origin, kept.received) == ("meters.txt line 2", b"wrong")
    assert kept.reason == "no usage point in 'wrong'"
