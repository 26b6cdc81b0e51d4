"""Orders of IEC 61968-6 are created once, whoever asks and by whatever message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import MetaData

from cim import xml
from cim.contract import example
from cim.message import (
    Header,
    Kind,
    Message,
    ObjectId,
    Operation,
    OperationSet,
    Outgoing,
    Reply,
    Topic,
    Verb,
)
from cim.objects import names, objects
from cim.parse import parse
from cim.profile import Profile
from cim.profiles.identification import Name, NameType, NameTypeAuthority
from hub.channels.addresses import AMQP, Addresses
from hub.dispatch import Hub
from hub.dispatch.taken import Refused
from hub.interfaces import Context
from hub.journal import Journal, queries
from hub.journal.canonical import decode
from tests import fakes

FIELDS = {
    "WorkRequests": "work_request",
    "MaintenanceOrders": "maintenance_order",
    "ServiceOrders": "service_order",
}
KNOWN, NEW = "order-known", "order-new"


def number(value: str, authority: str | None = "Utility North") -> Name:
    issuer = NameTypeAuthority(name=authority) if authority else None
    return Name(name=value, name_type=NameType(name="OrderNumber", name_type_authority=issuer))


def orders(*called: str | Name, noun: str = "WorkRequests") -> Profile:
    """A payload with an order for each mRID or name."""
    sample: Any = xml.decode(parse(example(noun).encode()))
    [first] = getattr(sample, FIELDS[noun])
    made = (
        replace(first, mrid=None, names=(one,))
        if isinstance(one, Name)
        else replace(first, mrid=one, names=())
        for one in called
    )
    payload: Profile = replace(sample, **{FIELDS[noun]: tuple(made)})
    return payload


def request(
    payload: Any, message_id: str, verb: Verb = Verb.CREATE, noun: str | None = None, **header: Any
) -> Message:
    return Message(
        header=Header(
            verb=verb,
            noun=noun or type(payload).__name__,
            source="CIS",
            message_id=message_id,
            **header,
        ),
        kind=Kind.of(verb),
        payload=payload,
    )


def say(hub: Hub, *messages: Message, channel: str = "soap") -> list[int | None]:
    return hub.accept([fakes.Handed.of(one) for one in messages], channel)


def told(journal: Journal, verb: str = "created") -> list[Message]:
    """The messages with this verb, in order."""
    with journal.reading() as connection:
        rows = [r for r in queries.search(connection) if r.verb == verb]
        found = [queries.message(connection, row.seq) for row in reversed(rows)]
    return [decode(one.body) for one in found if one is not None]


def called(message: Message) -> list[str]:
    assert isinstance(message.payload, Profile)
    return [next(names(one.value)) for one in objects(message.payload)]


def reasons(journal: Journal) -> list[list[tuple[str, str]]]:
    """Code and offending value of each violation, of each item in quarantine, oldest first."""
    with journal.reading() as connection:
        kept = sorted(queries.quarantined(connection), key=lambda one: one.id)
    return [[(str(v["code"]), str(v["value"])) for v in one.violations] for one in kept]


def answer(hub: Hub, message_id: str) -> Reply:
    said = hub.answer(message_id, 1)
    assert said is not None
    assert said.reply is not None
    return said.reply


BOTH = pytest.mark.parametrize("where", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def where(request: pytest.FixtureRequest) -> str:
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
def journal(request: pytest.FixtureRequest, where: str, clock: fakes.Clock) -> Iterator[Journal]:
    """On SQLite, on PostgreSQL too for those that ask the database something of their own."""
    name = "sqlite_url" if where == "sqlite" else "postgres_url"
    journal = Journal.open(request.getfixturevalue(name), clock=clock)
    yield journal
    journal.close()


@pytest.fixture
def bare(journal: Journal) -> Hub:
    """A hub that itself answers for orders, and knows one."""
    hub = Hub(journal, {})
    say(hub, request(orders(KNOWN), "first"))
    return hub


@pytest.mark.parametrize("noun", FIELDS)
def test_a_second_create_is_refused(bare: Hub, journal: Journal, noun: str) -> None:
    assert answer(bare, "first").result == "OK"
    say(bare, *([] if noun == "WorkRequests" else [request(orders(KNOWN, noun=noun), "other")]))
    assert say(bare, request(orders(KNOWN, noun=noun), "second")) == [None]
    assert reasons(journal) == [[("6.1", KNOWN)]]
    with journal.reading() as connection:
        [kept] = queries.quarantined(connection)
    assert f"{noun[:-1]} {KNOWN} exists already" in kept.reason
    assert len(told(journal)) == (1 if noun == "WorkRequests" else 2)


@BOTH
def test_of_two_the_new_one_is_created(bare: Hub, journal: Journal) -> None:
    both = request(orders(KNOWN, NEW), "both")
    for _ in range(2):  # sent again it has the reply of the first
        say(bare, both)
        said = answer(bare, "both")
        assert (said.result, [e.code for e in said.errors]) == ("PARTIAL", ["6.1"])
        assert f"WorkRequest[1]: WorkRequest {KNOWN} exists" in (said.errors[0].details or "")
    assert called(told(journal)[-1]) == [NEW]
    assert len(told(journal, "create")) == 2
    say(bare, request(orders(NEW), "third"))
    assert reasons(journal) == [[("6.1", NEW)]]


def test_the_same_message_again_has_the_first_answer(bare: Hub, journal: Journal) -> None:
    first = request(orders(KNOWN), "first")
    assert say(bare, first) == [None]
    assert answer(bare, "first").result == "OK"
    assert reasons(journal) == []


@pytest.mark.parametrize(
    ("verb", "exists"), [(Verb.CLOSE, True), (Verb.CANCEL, True), (Verb.DELETE, False)]
)
def test_only_what_is_deleted_exists_no_more(bare: Hub, verb: Verb, exists: bool) -> None:
    say(bare, request(orders(KNOWN), "end", verb))
    assert (say(bare, request(orders(KNOWN), "again")) == [None]) is exists


@BOTH
def test_one_deleted_by_its_id_exists_no_more(bare: Hub) -> None:
    gone = (ObjectId(value=KNOWN),)
    say(bare, request(gone, "end", Verb.DELETED, "WorkRequests"))
    assert say(bare, request(orders(KNOWN), "again")) != [None]


def test_an_event_creates_it_too(bare: Hub, journal: Journal) -> None:
    event = request(orders(NEW), "told", Verb.CREATED)
    say(bare, event, request(orders(NEW), "asked"))
    assert reasons(journal) == [[("6.1", NEW)]]


@BOTH
def test_without_mrid_the_name_its_type_and_authority_tell(bare: Hub, journal: Journal) -> None:
    say(bare, request(orders(number("17")), "a"))
    assert say(bare, request(orders(number("17", "Utility South")), "b")) != [None]
    assert say(bare, request(orders(number("17", None)), "c")) != [None]
    assert say(bare, request(orders(number("17"), number("18")), "d")) != [None]
    assert [e.code for e in answer(bare, "d").errors] == ["6.1"]
    say(bare, request(orders(number("18")), "e"))
    assert reasons(journal) == [[("6.1", "18")]]


def test_one_with_an_mrid_is_known_by_its_name(bare: Hub, journal: Journal) -> None:
    first = orders(number("17"))
    work = next(objects(first))
    with_mrid = replace(work.value, mrid=NEW)
    say(bare, request(replace(first, **{work.field: (with_mrid,)}), "a"))
    say(bare, request(first, "b"))
    assert reasons(journal) == [[("6.1", "17")]]


@BOTH
def test_within_one_batch_and_one_payload(bare: Hub, journal: Journal) -> None:
    batch = [
        request(orders(NEW), "a"),
        fakes.message(fakes.last_gasp("m")),
        request(orders(NEW), "b"),
    ]
    assert [one is None for one in say(bare, *batch)] == [False, False, True]
    say(bare, request(orders("twice", "twice"), "c"))
    assert answer(bare, "c").result == "PARTIAL"
    assert called(told(journal)[-1]) == ["twice"]


def test_a_training_has_orders_of_its_own(bare: Hub) -> None:
    assert say(bare, request(orders(KNOWN), "a", context="TRAINING")) != [None]
    assert say(bare, request(orders(KNOWN), "b", context="TRAINING")) == [None]


def test_what_is_mentioned_as_something_else_is_no_order(bare: Hub) -> None:
    task = next(one for one in names(orders(KNOWN)) if one not in (KNOWN, "WR-2026-1042"))
    assert say(bare, request(orders(task), "a")) != [None]


def execute(*steps: tuple[Verb, str], integrity: bool = False, element: bool = False) -> Message:
    operations = tuple(
        Operation(
            operation_id=place,
            noun="WorkRequests",
            verb=verb,
            payload=orders(mrid),
            element_operation=element or None,
        )
        for place, (verb, mrid) in enumerate(steps, 1)
    )
    wanted = OperationSet(operations=operations, enforce_transactional_integrity=integrity)
    return request(wanted, "set", Verb.EXECUTE, "OperationSet")


@BOTH
def test_an_operation_that_creates_what_exists_is_not_carried_out(
    bare: Hub, journal: Journal
) -> None:
    say(bare, execute((Verb.CREATE, KNOWN), (Verb.CREATE, NEW), (Verb.CREATE, NEW)))
    said = answer(bare, "set")
    assert said.result == "PARTIAL"
    assert [(e.code, e.operation_id) for e in said.errors] == [("6.1", 1), ("6.1", 3)]
    assert called(told(journal)[-1]) == [NEW]


def test_a_transaction_is_refused_as_a_whole(bare: Hub, journal: Journal) -> None:
    wanted = execute((Verb.CREATE, NEW), (Verb.CREATE, KNOWN), integrity=True)
    assert say(bare, wanted) == [None]
    assert [[code for code, _ in one] for one in reasons(journal)] == [["5.9", "6.1"]]
    assert len(told(journal)) == 1


def test_a_set_may_delete_before_it_creates(bare: Hub, journal: Journal) -> None:
    say(bare, execute((Verb.DELETE, KNOWN), (Verb.CREATE, KNOWN), integrity=True))
    assert answer(bare, "set").result == "OK"
    assert called(told(journal)[-1]) == [KNOWN]


def test_a_set_of_other_nouns_goes_with_it(bare: Hub) -> None:
    wanted = execute((Verb.CREATE, NEW)).payload
    assert isinstance(wanted, OperationSet)
    other = Operation(
        operation_id=2, noun="EndDeviceEvents", verb=Verb.CREATE, payload=fakes.last_gasp("m")
    )
    wanted = replace(wanted, operations=(*wanted.operations, other))
    say(bare, request(wanted, "set", Verb.EXECUTE, "OperationSet"))
    assert answer(bare, "set").result == "OK"


def test_elements_are_created_in_what_exists(bare: Hub) -> None:
    say(bare, execute((Verb.CREATE, KNOWN), element=True))
    assert answer(bare, "set").result == "OK"


def test_what_is_sent_again_from_quarantine_is_looked_at_again(bare: Hub) -> None:
    again = fakes.Handed.of(request(orders(KNOWN), "again"))

    def taken() -> object:
        [result] = bare.again(again, "soap", lambda *_: None).results
        return result

    assert isinstance(taken(), Refused)
    say(bare, request(orders(KNOWN), "end", Verb.DELETE))
    assert isinstance(taken(), int)


@dataclass
class OrderBook:
    """An application that answers for work requests itself."""

    topics: frozenset[Topic] = frozenset({Topic(Verb.CREATE, "WorkRequests")})
    tables: MetaData | None = None
    partitions: int = 1

    def handle(self, _message: Message, _context: Context) -> Iterable[Outgoing]:
        return ()


def test_an_application_that_answers_decides_itself(journal: Journal) -> None:
    hub = Hub(journal, {"book": OrderBook()})
    for message_id in ("a", "b"):
        assert say(hub, request(orders(KNOWN), message_id)) != [None]


def test_who_is_answered_elsewhere_is_told_the_same(journal: Journal) -> None:
    hub = Hub(journal, {}, addresses=Addresses(broker=True))
    for message_id, called_ in (("a", [KNOWN]), ("b", [KNOWN]), ("c", [KNOWN, NEW])):
        say(hub, request(orders(*called_), message_id, reply_address="back"), channel=AMQP)
    said = [(m.header.correlation_id, m.reply) for m in told(journal, "reply")]
    assert [
        (asked, reply.result, [e.code for e in reply.errors]) for asked, reply in said if reply
    ] == [("a", "OK", []), ("b", "FAILED", ["6.1"]), ("c", "PARTIAL", ["6.1"])]
