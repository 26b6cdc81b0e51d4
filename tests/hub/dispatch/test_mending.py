"""What lies in quarantine is corrected, sent again or rejected, and never loses its original."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Barrier, Thread

import pytest

from cim import dialect
from cim.message import Outgoing, Verb
from cim.violation import Refusal
from hub.dispatch import Hub
from hub.dispatch.mending import Mended, NoItem, NotOpen, content, mend, reject
from hub.dispatch.rights import Rights
from hub.journal import Journal, attempts, queries
from hub.journal.canonical import encode
from hub.rows import Dialect, Row, rows
from hub.security import audit, systems
from hub.security.roles import Roles
from tests import fakes


def good(message_id: str = "m-1", point: str = "a", source: str = "ami") -> bytes:
    message = fakes.message(fakes.last_gasp(point), message_id=message_id, source=source)
    return encode(message)


def shouted(data: bytes) -> bytes:
    """With the verb in capitals, as some systems write it."""
    return data.replace(b">created<", b">CREATED<")


def held(hub: Hub, data: bytes, principal: str = "ami") -> int:
    """The number of these bytes in quarantine, as a channel would bring them there."""
    hub.accept([fakes.Handed(content(data)[0], data, principal)], "soap")
    with hub.journal.reading() as connection:
        return queries.quarantined(connection)[0].id


def state(journal: Journal, number: int) -> str:
    with journal.reading() as connection:
        item = queries.quarantined_item(connection, number)
    assert item is not None
    return item.state


def history(journal: Journal, number: int) -> list[attempts.Attempt]:
    with journal.reading() as connection:
        return attempts.attempts(connection, number)


def last_entry(journal: Journal) -> audit.Entry:
    with journal.reading() as connection:
        assert audit.verify(connection) == []
        return audit.newest(connection, 1)[0]


def test_corrected_bytes_become_the_message(hub: Hub, journal: Journal) -> None:
    number = held(hub, shouted(good()))
    done = mend(hub, number, "anna", good())
    assert done == Mended(item=number, state="corrected", messages=(1,))
    assert done.sentence == f"Item {number} is corrected: message 1."
    with journal.reading() as connection:
        kept = queries.message(connection, 1)
        item = queries.quarantined_item(connection, number)
        [made] = attempts.made(connection, 1)
        mended = attempts.corrected(connection, number, 1)
    assert kept is not None
    assert item is not None
    assert (kept.row.channel, kept.row.principal) == ("soap", "ami")
    assert made.sentence == f"from quarantine item {number}, corrected by anna"
    assert (made.messages, made.reason) == ((1,), None)
    assert mended == good()
    assert item.received == shouted(good())  # the original stays as it came


def test_what_is_still_wrong_stays_with_its_new_reasons(hub: Hub, journal: Journal) -> None:
    number = held(hub, shouted(good()))
    worse = good().replace(b"EndDeviceEventType", b"EndDeviceEventTyp")
    done = mend(hub, number, "anna", worse, "typo")
    assert done.state == state(journal, number) == "open"
    assert done.refusal is not None
    [first] = history(journal, number)
    assert (first.action, first.actor, first.remark, first.messages) == (
        "correct",
        "anna",
        "typo",
        (),
    )
    assert first.reason is not None
    assert "EndDeviceEventTyp" in first.reason
    assert {"line", "column", "xpath", "rule", "code", "value"} == set(first.violations[0])
    assert first.violations[0]["column"]
    entry = last_entry(journal)
    assert (entry.action, entry.outcome) == ("quarantine.correct", "refused")
    assert mend(hub, number, "anna", good()).messages == (1,)
    assert [a.number for a in history(journal, number)] == [1, 2]


def test_the_audit_says_who_corrected_what_of_whom(hub: Hub, journal: Journal) -> None:
    number = held(hub, shouted(good()))
    mend(hub, number, "anna", good(), "verb in lower case")
    entry = last_entry(journal)
    assert (entry.actor, entry.subject, entry.outcome) == ("anna", f"item {number}", "ok")
    assert entry.detail == ('{"messages":[1],"principal":"ami","remark":"verb in lower case"}')


def test_the_same_bytes_once_the_cause_is_gone(hub: Hub, journal: Journal) -> None:
    refusal = Refusal.of("7.5", "the system ami is not registered")
    with journal.transaction() as transaction:
        number = transaction.quarantine("soap", "ami", "soap", good(), refusal)
    done = mend(hub, number, "anna")
    assert (done.state, done.messages) == ("resent", (1,))
    [made] = history(journal, number)
    assert made.sentence == f"from quarantine item {number}, sent again by anna"
    with journal.reading() as connection:
        assert attempts.corrected(connection, number, 1) is None


def test_a_correction_is_held_against_the_rights_of_its_sender(journal: Journal) -> None:
    hub = Hub(journal, {}, rights=Rights(journal))
    number = held(hub, shouted(good(source="scada")), principal="ami")
    refused = mend(hub, number, "anna", good(source="scada"))
    assert refused.refusal is not None
    assert "no system ami is registered" in str(refused.refusal)
    with journal.transaction() as transaction:
        systems.add(
            transaction.connection,
            "test",
            systems.named("ami"),
            _no_conflicts(),
            transaction.now,
        )
    refused = mend(hub, number, "anna", good(source="scada"))
    assert 'may not speak for the source "scada"' in str(refused.refusal)
    assert mend(hub, number, "anna", good(source="ami")).state == "corrected"


def test_what_was_sent_again_meanwhile_is_the_message(hub: Hub, journal: Journal) -> None:
    number = held(hub, shouted(good()))
    assert hub.accept([fakes.Handed.of(fakes.message(None)), _handed(good())], "soap") == [1, 2]
    assert mend(hub, number, "anna", good()) == Mended(
        item=number, state="corrected", messages=(2,)
    )
    with journal.reading() as connection:
        assert queries.counts(connection).messages == 2
        assert [a.item for a in attempts.made(connection, 2)] == [number]


def test_an_id_that_was_used_for_something_else_is_refused(hub: Hub, journal: Journal) -> None:
    number = held(hub, shouted(good()))
    hub.accept([_handed(good(point="b"))], "soap")
    done = mend(hub, number, "anna", good(point="a"))
    assert "MessageID m-1 was used before" in str(done.refusal)
    with journal.reading() as connection:
        assert queries.counts(connection) == queries.Counts(1, 1, 0, 1)


def test_a_request_becomes_its_event_too(journal: Journal) -> None:
    hub = Hub(journal, {})
    request = encode(fakes.message(fakes.last_gasp("a"), Verb.CREATE, message_id="r"))
    number = held(hub, request.replace(b">create<", b">make<"))
    done = mend(hub, number, "anna", request)
    assert done.messages == (1,)
    with journal.reading() as connection:
        effects = queries.lineage(connection, 1).effects
    assert [(row.verb, row.cause) for row in effects] == [("created", 1)]


def test_soap_envelopes_are_opened(hub: Hub) -> None:
    soap = b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>%b</e:Body></e:Envelope>'
    bare = good().partition(b"?>")[2]
    number = held(hub, soap % (bare + bare))
    assert "exactly one child" in str(mend(hub, number, "anna").refusal)
    assert mend(hub, number, "anna", soap % bare).state == "corrected"


def test_garbage_is_refused_with_line_and_column(hub: Hub, journal: Journal) -> None:
    number = held(hub, b"<a>\n  <b>")
    done = mend(hub, number, "anna", b"<a>\n  <b></a>")
    assert str(done.refusal).startswith("line 2, column 8: The document is not well-formed XML")
    assert state(journal, number) == "open"


def test_rejected_is_closed_for_good(hub: Hub, journal: Journal) -> None:
    number = held(hub, b"<a/>")
    assert reject(journal, number, "anna", "test data").state == "rejected"
    with pytest.raises(NotOpen, match=f"Item {number} is not open any more: rejected by anna."):
        mend(hub, number, "bert", good())
    with pytest.raises(NotOpen, match="rejected by anna"):
        reject(journal, number, "bert", "me too")
    [one] = history(journal, number)
    assert (one.action, one.remark) == ("reject", "test data")


def test_there_is_no_such_item(hub: Hub, journal: Journal) -> None:
    with pytest.raises(NoItem, match="There is no item 9 in quarantine"):
        mend(hub, 9, "anna", good())
    with pytest.raises(NoItem):
        reject(journal, 9, "anna", "why not")


def test_of_two_people_at_once_one_wins_and_the_other_is_told(hub: Hub, journal: Journal) -> None:
    number = held(hub, shouted(good()))
    together = Barrier(4)
    done: list[Mended] = []
    told: list[NotOpen] = []

    def correct(name: str) -> None:
        together.wait()
        try:
            # Each would make another message of it.
            done.append(mend(hub, number, name, good(f"m-{name}")))
        except NotOpen as error:
            told.append(error)

    threads = [Thread(target=correct, args=(name,)) for name in ("a", "b", "c", "d")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [one] = done
    assert one.messages == (1,)
    assert len(told) == 3
    assert {str(error) for error in told} == {
        f"Item {number} is not open any more: corrected by {history(journal, number)[0].actor},"
        " message 1."
    }
    with journal.reading() as connection:
        assert queries.counts(connection) == queries.Counts(1, 1, 0, 0)


def test_the_same_wrong_bytes_open_the_item_again(hub: Hub, journal: Journal) -> None:
    number = held(hub, shouted(good()))
    mend(hub, number, "anna", good())
    assert held(hub, shouted(good())) == number
    assert state(journal, number) == "open"
    assert mend(hub, number, "bert", good()).messages == (1,)
    assert [a.actor for a in history(journal, number)] == ["anna", "bert"]
    with journal.reading() as connection:
        assert queries.counts(connection).messages == 1


@dataclass
class Meters:
    """An adapter of a delimited file: id and usage point."""

    dialect: Dialect = field(default_factory=Dialect)

    def read(self) -> Sequence[Sequence[Row]]:
        return []

    def to_cim(self, row: Row) -> list[Outgoing]:
        if not row["point"].startswith("point-"):
            raise row.wrong("point", "is no usage point")
        return [
            Outgoing(Verb.CREATED, fakes.last_gasp(row["point"]), external_id=row["id"]),
            Outgoing(Verb.CHANGED, fakes.last_gasp(row["point"]), external_id=row["id"] + "b"),
        ]

    def again(self, origin: str, data: bytes) -> list[Row]:
        return rows(origin, data, self.dialect, ("id", "point"))


FILE = b"id,point\n1,point-1\n2,pole-2\n"


@pytest.fixture
def row(hub: Hub) -> int:
    """The number of a refused row."""
    adapter = Meters()
    hub.attach_adapter("meters", adapter)  # type: ignore[arg-type]
    hub.take("meters", adapter, adapter.again("meters.csv", FILE))  # type: ignore[arg-type]
    with hub.journal.reading() as connection:
        [item] = queries.quarantined(connection)
    assert item.reason == "meters.csv line 3: point 'pole-2' is no usage point"
    return item.id


def test_a_row_is_kept_with_its_header_and_taken_again(
    hub: Hub, journal: Journal, row: int
) -> None:
    with journal.reading() as connection:
        item = queries.quarantined_item(connection, row)
    assert item is not None
    assert item.received == b"id,point\n2,pole-2\n"
    done = mend(hub, row, "anna", item.received.replace(b"pole", b"point"))
    assert (done.state, done.messages) == ("corrected", (3, 4))
    with journal.reading() as connection:
        kept = queries.message(connection, 3)
    assert kept is not None
    assert (kept.row.source, kept.row.external_id) == ("meters", "2")


def test_of_corrected_rows_all_are_taken_or_none(hub: Hub, journal: Journal, row: int) -> None:
    done = mend(hub, row, "anna", b"id,point\n2,point-2\n3,pole-3\n")
    assert "pole-3" in str(done.refusal)
    with journal.reading() as connection:
        assert queries.counts(connection).messages == 2
    known = mend(hub, row, "anna", b"id,point\n1,point-1\n2,point-2\n")
    assert known.messages == (1, 2, 3, 4)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"id\n1\n", "no column point"),
        (b"id,point\n", "There is nothing in it"),
        (b"\xff\xfe", "is not utf-8 text"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(
    hub: Hub, journal: Journal, row: int, data: bytes, why: str
) -> None:
    assert why in str(mend(hub, row, "anna", data).refusal)
    assert state(journal, row) == "open"


def test_an_adapter_that_reads_nothing_again_says_so(hub: Hub, journal: Journal) -> None:
    lines = fakes.Lines([[fakes.Line("wrong")]])
    hub.attach_adapter("lines", lines)
    hub.take("lines", lines, [fakes.Line("wrong")])
    with journal.reading() as connection:
        [item] = queries.quarantined(connection)
    refusal = mend(hub, item.id, "anna", b"1 point").refusal
    assert str(refusal) == "The adapter lines takes nothing again: mend it at its source."


def _handed(data: bytes) -> fakes.Handed:
    return fakes.Handed(content(data)[0], data)


def _no_conflicts() -> Roles:
    return Roles(rights={}, conflicts=(), first=frozenset())


def test_a_correction_is_read_as_its_sender_is(hub: Hub, journal: Journal) -> None:
    number = held(hub, shouted(good()))
    assert mend(hub, number, "anna").refusal is not None
    tolerant = dialect.Dialects({"ami": dialect.Dialect.of(tolerances=["verb-case"])})
    assert mend(hub, number, "anna", dialects=tolerant).state == "resent"
    with journal.reading() as connection:
        kept = queries.message(connection, 1)
    assert kept is not None
    assert [one.tolerance for one in kept.corrections] == ["verb-case"]
