"""Operation sets of which apps answer a part: asked, waited for, answered in one reply."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import pytest

from cim.message import (
    Error,
    Message,
    Operation,
    OperationSet,
    Outgoing,
    Reply,
    Result,
    Topic,
    Verb,
)
from cim.profile import Profile
from cim.profiles.unplanned_outages import UnplannedOutage, UnplannedOutages
from hub.channels.addresses import Addresses
from hub.dispatch import Hub, Retry
from hub.interfaces import Context
from hub.journal import Journal, queries
from hub.journal.canonical import decode
from tests import fakes
from tests.hub.dispatch.test_operations import FIRST, SECOND, execute

HERE = "https://oms.example/replies"
ADDRESSES = Addresses(allow=[HERE], broker=True)
OUTAGES = UnplannedOutages(
    unplanned_outage=(UnplannedOutage(mrid="outage-1", original_customers_served=17),)
)
READ = Operation(operation_id=3, noun="UnplannedOutages", verb=Verb.GET)
RUN = Operation(
    operation_id=4, noun="EndDeviceEvents", verb=Verb.EXECUTE, payload=fakes.last_gasp("c")
)
SWORDFISH = "the password is swordfish"


@dataclass
class Deciding:
    """Answers `get` with outages and decides on `execute` (`hub.interfaces.App`).

    fails: verbs to which it says no.
    times: how often it answers.
    """

    fails: set[Verb] = field(default_factory=set)
    broken: bool = False
    times: int = 1
    asked: list[Message] = field(default_factory=list)
    topics = frozenset(
        {Topic(Verb.GET, "UnplannedOutages"), Topic(Verb.EXECUTE, "EndDeviceEvents")}
    )
    tables = None
    partitions = 1

    def handle(self, message: Message, _context: Context) -> Iterable[Outgoing]:
        if self.broken:
            raise RuntimeError(SWORDFISH)
        self.asked.append(message)
        verb = message.header.verb
        if verb in self.fails:
            error = Error(code="6.1", reason="not today")
            yield Outgoing(Verb.REPLY, reply=Reply(result=Result.FAILED, errors=(error,)))
        elif verb is Verb.GET:
            yield from [Outgoing(Verb.REPLY, OUTAGES)] * self.times
        else:
            yield from [Outgoing(Verb.REPLY)] * self.times


@pytest.fixture
def app() -> Deciding:
    return Deciding()


@pytest.fixture
def hub(journal: Journal, app: Deciding) -> Hub:
    return with_sets(journal, app)


def with_sets(journal: Journal, app: Deciding) -> Hub:
    """A hub in which `app` alone decides, and whose replies may go to `HERE` and to queues."""
    retry = Retry(attempts=1)
    return Hub(journal, {"deciding": app}, retry=retry, addresses=ADDRESSES)


def run(hub: Hub) -> None:
    """Let everybody do what there is to do."""
    while hub.deliver("deciding") or hub.conduct():
        pass


def reply_to(hub: Hub) -> Message:
    found = hub.answer("set", 5)
    assert found is not None
    assert found.header.correlation_id == "set"
    assert (found.header.noun, found.header.source) == ("OperationSet", "GRIDBUS")
    return found


def said(message: Message) -> tuple[str, dict[int | None, str]]:
    """Result, and the code of each operation that has an error."""
    assert message.reply is not None
    return message.reply.result, {e.operation_id: e.code for e in message.reply.errors}


def answers(message: Message) -> list[tuple[int, str | None, str | None, Profile | None]]:
    if message.payload is None:
        return []
    assert isinstance(message.payload, OperationSet)
    return [(o.operation_id, o.noun, o.verb, o.payload) for o in message.payload.operations]


def told(journal: Journal) -> list[tuple[str, str]]:
    """Verb and noun of every message but replies, oldest first."""
    with journal.reading() as connection:
        rows = queries.search(connection)[::-1]
    return [(row.verb, row.noun) for row in rows if row.verb != "reply"]


GOT = (3, "UnplannedOutages", "reply", OUTAGES)
RAN = (4, "EndDeviceEvents", "reply", None)
CREATED, CHANGED = ("created", "EndDeviceEvents"), ("changed", "EndDeviceEvents")
ASKED, RUNNING = ("get", "UnplannedOutages"), ("execute", "EndDeviceEvents")
WHOLE, EXECUTED = ("execute", "OperationSet"), ("executed", "OperationSet")


@pytest.mark.parametrize("sequence", [None, True])
def test_each_is_answered_under_its_number(
    hub: Hub, app: Deciding, journal: Journal, sequence: bool | None
) -> None:
    handed = fakes.Handed.of(execute(FIRST, READ, RUN, sequence=sequence))
    assert hub.accept([handed], "soap") == [1]
    assert hub.answer("set", 0.01) is None
    run(hub)
    reply = reply_to(hub)
    assert said(reply) == ("OK", {})
    assert answers(reply) == [GOT, RAN]
    assert told(journal) == [WHOLE, CREATED, ASKED, RUNNING, EXECUTED]
    [get, ran] = app.asked
    assert (get.header.source, get.header.context, get.payload) == ("CIS", "TESTING", None)
    assert ran.payload == RUN.payload
    with journal.reading() as connection:
        [executed] = queries.search(connection, queries.Filter(verb="executed"))
        detail = queries.message(connection, executed.seq)
    assert detail is not None
    assert decode(detail.body).payload == replace(
        OperationSet(operations=(FIRST,)), enforce_msg_sequence=sequence
    )


def test_sent_again_it_has_the_same_answer(hub: Hub, journal: Journal) -> None:
    ids = set()
    for _ in range(2):
        hub.accept([fakes.Handed.of(execute(READ, FIRST))], "soap")
        run(hub)
        ids.add(reply_to(hub).header.message_id)
    assert len(ids) == 1
    assert told(journal) == [WHOLE, ASKED, CREATED, EXECUTED]


def test_while_it_is_open_a_second_one_waits_too(hub: Hub) -> None:
    for _ in range(2):
        hub.accept([fakes.Handed.of(execute(READ, FIRST))], "soap")
    assert hub.answer("set", 0.01) is None
    run(hub)
    assert said(reply_to(hub)) == ("OK", {})


def test_on_its_own_each_may_fail(hub: Hub, app: Deciding) -> None:
    app.fails = {Verb.EXECUTE}
    broken = replace(SECOND, payload=None)
    hub.accept([fakes.Handed.of(execute(RUN, FIRST, broken, READ))], "soap")
    run(hub)
    reply = reply_to(hub)
    assert said(reply) == ("PARTIAL", {4: "6.1", 2: "1.7"})
    assert answers(reply) == [GOT]


def test_in_sequence_none_is_asked_after_one_that_failed(
    hub: Hub, app: Deciding, journal: Journal
) -> None:
    app.fails = {Verb.GET}
    last = replace(SECOND, operation_id=5)
    hub.accept([fakes.Handed.of(execute(last, RUN, READ, FIRST, sequence=True))], "soap")
    run(hub)
    reply = reply_to(hub)
    assert said(reply) == ("PARTIAL", {3: "6.1", 4: "5.2", 5: "5.2"})
    assert answers(reply) == []
    assert told(journal) == [WHOLE, CREATED, ASKED, EXECUTED]


def test_in_sequence_each_waits_for_the_one_before(
    hub: Hub, app: Deciding, journal: Journal
) -> None:
    last = replace(SECOND, operation_id=5)
    hub.accept([fakes.Handed.of(execute(READ, RUN, last, sequence=True))], "soap")
    assert told(journal) == [WHOLE, ASKED]
    for expected in ([RUNNING], [CHANGED, EXECUTED]):
        before = len(told(journal))
        hub.deliver("deciding")
        hub.conduct()
        assert told(journal)[before:] == expected
    assert said(reply_to(hub)) == ("OK", {})


@pytest.mark.parametrize("sequence", [None, True])
def test_in_a_transaction_all_is_read_before_anything_is_done(
    hub: Hub, journal: Journal, sequence: bool | None
) -> None:
    operations = [replace(READ, operation_id=1), replace(FIRST, operation_id=2)]
    wanted = execute(*operations, integrity=True, sequence=sequence)
    hub.accept([fakes.Handed.of(wanted)], "soap")
    assert told(journal) == [WHOLE, ASKED]
    run(hub)
    reply = reply_to(hub)
    assert said(reply) == ("OK", {})
    assert answers(reply) == [(1, *GOT[1:])]
    assert told(journal) == [WHOLE, ASKED, CREATED, EXECUTED]


def test_in_a_transaction_a_read_that_fails_aborts_all(
    hub: Hub, app: Deciding, journal: Journal
) -> None:
    app.fails = {Verb.GET}
    again = replace(READ, operation_id=4)
    hub.accept([fakes.Handed.of(execute(FIRST, READ, again, integrity=True))], "soap")
    run(hub)
    reply = reply_to(hub)
    assert said(reply) == ("FAILED", {3: "6.1", 4: "5.9", 1: "5.9"})
    assert answers(reply) == []
    assert told(journal) == [WHOLE, ASKED]
    assert len(app.asked) == 1


@pytest.mark.parametrize(
    ("operations", "sequence", "codes", "says"),
    [
        (
            [FIRST, RUN],
            None,
            {1: "5.9", 4: "5.2"},
            "operation 4: execute EndDeviceEvents is carried out by an application, which cannot"
            " take it back",
        ),
        (
            [FIRST, READ],
            True,
            {1: "5.9", 3: "5.2"},
            "operation 3: a get cannot be answered after operation 1 within a transaction",
        ),
    ],
)
def test_what_cannot_be_all_or_nothing_is_refused(
    hub: Hub,
    journal: Journal,
    operations: list[Operation],
    sequence: bool | None,
    codes: dict[int, str],
    says: str,
) -> None:
    wanted = execute(*operations, integrity=True, sequence=sequence)
    assert hub.accept([fakes.Handed.of(wanted)], "soap") == [None]
    assert told(journal) == []
    with journal.reading() as connection:
        [kept] = queries.quarantined(connection)
    assert {v["operation"]: v["code"] for v in kept.violations} == codes
    assert says in kept.reason


@pytest.mark.parametrize(
    ("wrong", "code", "says"),
    [
        (replace(READ, noun="MeterReadings"), "2.5", "nobody here answers get MeterReadings"),
        (replace(READ, element_operation=True), "2.9", "get is no operation on elements"),
        (replace(RUN, noun="MeterReadings"), "2.9", "execute asks for nothing"),
    ],
)
def test_what_nobody_answers_is_an_error_of_its_own(
    hub: Hub, wrong: Operation, code: str, says: str
) -> None:
    hub.accept([fakes.Handed.of(execute(FIRST, wrong))], "soap")
    run(hub)
    reply = reply_to(hub)
    assert said(reply) == ("PARTIAL", {wrong.operation_id: code})
    assert reply.reply is not None
    assert says in (reply.reply.errors[0].details or "")
