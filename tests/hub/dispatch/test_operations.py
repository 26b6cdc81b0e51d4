"""Operation sets: each operation becomes its event, or the whole set is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cim.message import Header, Kind, Message, Operation, OperationSet, Topic, Verb
from hub.dispatch import Hub
from hub.journal import Journal, queries
from hub.journal.canonical import decode
from hub.message_channel import Subscription
from tests import fakes
from tests.cim.network.drawing import Drawing, model

FIRST = Operation(
    operation_id=1, noun="EndDeviceEvents", verb=Verb.CREATE, payload=fakes.last_gasp("a")
)
SECOND = Operation(
    operation_id=2, noun="EndDeviceEvents", verb=Verb.CHANGE, payload=fakes.last_gasp("b")
)


def execute(
    *operations: Operation, integrity: bool | None = None, sequence: bool | None = None
) -> Message:
    header = Header(
        verb=Verb.EXECUTE, noun="OperationSet", source="CIS", message_id="set", context="TESTING"
    )
    payload = OperationSet(
        operations=operations,
        enforce_transactional_integrity=integrity,
        enforce_msg_sequence=sequence,
    )
    return Message(header=header, kind=Kind.REQUEST, payload=payload)


def told(journal: Journal) -> list[tuple[str, str, list[int] | None]]:
    """Verb and noun of every message, oldest first, and the operations of a set."""
    with journal.reading() as connection:
        rows = [(r, queries.message(connection, r.seq)) for r in queries.search(connection)]
    found = []
    for row, detail in reversed(rows):
        assert detail is not None
        payload = decode(detail.body).payload
        known = row.noun == "OperationSet" and isinstance(payload, OperationSet)
        numbers = [o.operation_id for o in payload.operations] if known else None
        found.append((row.verb, row.noun, numbers))
    return found


def test_each_operation_becomes_its_event(journal: Journal) -> None:
    hub = Hub(journal, {})
    hub.accept([fakes.Handed.of(execute(FIRST, SECOND))], "soap")
    with journal.reading() as connection:
        told = [(r.verb, r.noun, r.cause, r.context) for r in queries.search(connection)][::-1]
    assert told == [
        ("execute", "OperationSet", None, "TESTING"),
        ("executed", "OperationSet", 1, "TESTING"),
        ("created", "EndDeviceEvents", 1, "TESTING"),
        ("changed", "EndDeviceEvents", 1, "TESTING"),
    ]
    reply = hub.answer("set", 0.1)
    assert reply is not None
    assert reply.reply is not None
    assert reply.reply.result == "OK"


WRONG = [
    (replace(SECOND, verb=Verb.CREATED), "2.9", "operation 2: created asks for nothing"),
    (replace(SECOND, verb=None), "2.9", "operation 2: no verb asks for nothing"),
    (replace(SECOND, payload=None), "1.7", "operation 2: it has no payload"),
    (
        replace(SECOND, verb=Verb.CLOSE, element_operation=True),
        "2.9",
        "operation 2: close is no operation on elements",
    ),
]


@pytest.mark.parametrize(("wrong", "code", "says"), WRONG)
def test_one_that_cannot_be_carried_out_refuses_a_transaction(
    journal: Journal, wrong: Operation, code: str, says: str
) -> None:
    hub = Hub(journal, {})
    handed = fakes.Handed.of(execute(FIRST, wrong, integrity=True))
    assert hub.accept([handed], "soap") == [None]
    with journal.reading() as connection:
        assert queries.search(connection) == []
        [kept] = queries.quarantined(connection)
    assert [(v["code"], v["operation"]) for v in kept.violations] == [("5.9", 1), (code, 2)]
    assert says in kept.reason
    assert "operation 1: aborted, because operation 2 cannot be carried out" in kept.reason


@pytest.mark.parametrize(("wrong", "code", "says"), WRONG)
def test_without_a_transaction_each_is_on_its_own(
    journal: Journal, wrong: Operation, code: str, says: str
) -> None:
    hub = Hub(journal, {})
    for _ in range(2):  # sent again it has the reply of the first
        hub.accept([fakes.Handed.of(execute(FIRST, wrong))], "soap")
        reply = hub.answer("set", 1)
        assert reply is not None
        assert reply.reply is not None
        [error] = reply.reply.errors
        assert (reply.reply.result, error.code, error.operation_id) == ("PARTIAL", code, 2)
        assert says in (error.details or "")
    assert told(journal) == [
        ("execute", "OperationSet", [1, 2]),
        ("executed", "OperationSet", [1]),
        ("created", "EndDeviceEvents", None),
        ("reply", "OperationSet", None),
    ]


def test_in_sequence_none_is_attempted_after_one_that_failed(journal: Journal) -> None:
    hub = Hub(journal, {})
    third = replace(SECOND, operation_id=3)
    broken = replace(SECOND, payload=None)
    hub.accept([fakes.Handed.of(execute(third, broken, FIRST, sequence=True))], "soap")
    reply = hub.answer("set", 1)
    assert reply is not None
    assert reply.reply is not None
    said = [(e.operation_id, e.code) for e in reply.reply.errors]
    assert (reply.reply.result, said) == ("PARTIAL", [(2, "1.7"), (3, "5.2")])
    assert told(journal)[1] == ("executed", "OperationSet", [1])


def test_in_sequence_the_operation_ids_are_the_order(journal: Journal) -> None:
    hub = Hub(journal, {})
    hub.accept([fakes.Handed.of(execute(SECOND, FIRST, sequence=True))], "soap")
    assert [verb for verb, _, _ in told(journal)[2:]] == ["created", "changed"]


def test_what_is_deleted_of_an_object_is_told_as_that(journal: Journal) -> None:
    hub = Hub(journal, {})
    part = replace(SECOND, verb=Verb.DELETE, element_operation=True)
    hub.accept([fakes.Handed.of(execute(FIRST, part))], "soap")
    assert [topic[:2] for topic in told(journal)] == [
        ("execute", "OperationSet"),
        ("executed", "OperationSet"),
        ("created", "EndDeviceEvents"),
        ("executed", "EndDeviceEvents"),
    ]
    with journal.reading() as connection:
        detail = queries.message(connection, 4)
    assert detail is not None
    message = decode(detail.body)
    assert message.payload == OperationSet(operations=(replace(part, verb=Verb.DELETED),))


def test_two_operations_of_one_number_are_refused(journal: Journal) -> None:
    hub = Hub(journal, {})
    assert hub.accept([fakes.Handed.of(execute(FIRST, FIRST))], "soap") == [None]
    with journal.reading() as connection:
        [kept] = queries.quarantined(connection)
    assert "operationId 1 stands for more than one operation" in kept.reason


def test_what_goes_to_a_partner_is_not_carried_out_within_a_set(journal: Journal) -> None:
    topics = frozenset({Topic(Verb.CREATE, "EndDeviceEvents")})
    journal.subscribe(Subscription("mdm", topics, answers=False))
    hub = Hub(journal, {})
    hub.accept([fakes.Handed.of(execute(FIRST, SECOND))], "soap")
    reply = hub.answer("set", 1)
    assert reply is not None
    assert reply.reply is not None
    [error] = reply.reply.errors
    assert (error.code, error.operation_id) == ("5.2", 1)
    assert "create EndDeviceEvents goes to mdm" in (error.details or "")


def test_an_unknown_usage_point_breaks_its_own_operation(journal: Journal) -> None:
    hub = Hub(journal, {})
    drawing = Drawing().source("a").switch("x", "a", "b").consumer("load", "b")
    grid = model("grid", drawing.usage_point("p", "load").document())
    hub.accept([fakes.Handed.of(grid)], "test")
    known = replace(FIRST, payload=fakes.last_gasp("p"))
    stray = replace(SECOND, payload=fakes.last_gasp("nowhere"))
    hub.accept([fakes.Handed.of(execute(known, stray))], "soap")
    reply = hub.answer("set", 1)
    assert reply is not None
    assert reply.reply is not None
    assert [(e.code, e.operation_id) for e in reply.reply.errors] == [("2.12", 2)]
