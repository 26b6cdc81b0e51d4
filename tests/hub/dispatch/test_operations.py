"""Operation sets: each operation becomes its event, or the whole set is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cim.message import Header, Kind, Message, Operation, OperationSet, Topic, Verb
from hub.dispatch import Hub
from hub.interfaces import Subscription
from hub.journal import Journal, queries
from tests import fakes

FIRST = Operation(
    operation_id=1, noun="EndDeviceEvents", verb=Verb.CREATE, payload=fakes.last_gasp("a")
)
SECOND = Operation(
    operation_id=2, noun="EndDeviceEvents", verb=Verb.CHANGE, payload=fakes.last_gasp("b")
)


def execute(*operations: Operation) -> Message:
    header = Header(
        verb=Verb.EXECUTE, noun="OperationSet", source="CIS", message_id="set", context="TESTING"
    )
    return Message(header=header, kind=Kind.REQUEST, payload=OperationSet(operations=operations))


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


@pytest.mark.parametrize(
    ("wrong", "code", "says"),
    [
        (replace(SECOND, element_operation=True), "5.2", "operation 2: element operations are"),
        (replace(SECOND, verb=Verb.CREATED), "2.9", "operation 2: created asks for nothing"),
        (replace(SECOND, verb=None), "2.9", "operation 2: no verb asks for nothing"),
        (replace(SECOND, payload=None), "1.7", "operation 2: it has no payload"),
    ],
)
def test_one_that_cannot_be_carried_out_refuses_the_set(
    journal: Journal, wrong: Operation, code: str, says: str
) -> None:
    hub = Hub(journal, {})
    handed = fakes.Handed.of(execute(FIRST, wrong))
    assert hub.accept([handed], "soap") == [None]
    with journal.reading() as connection:
        assert queries.search(connection) == []
        [kept] = queries.quarantined(connection)
    assert kept.violations[0]["code"] == code
    assert says in kept.reason


def test_what_an_app_answers_cannot_be_part_of_a_set(journal: Journal) -> None:
    topics = frozenset({Topic(Verb.CREATE, "EndDeviceEvents")})
    journal.subscribe(Subscription("deciding", topics))
    hub = Hub(journal, {})
    assert hub.accept([fakes.Handed.of(execute(FIRST))], "soap") == [None]
    with journal.reading() as connection:
        [kept] = queries.quarantined(connection)
    assert "create EndDeviceEvents is answered by an application" in kept.reason
