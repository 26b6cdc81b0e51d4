"""Controls: each is taken, carried out once by one hub of all, and answered."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from uuid import uuid4

import pytest

from cim.message import Message, OperationSet, Outgoing, Topic, Verb
from cim.message import Operation as Part
from cim.profiles.controls import Command, Controls
from cim.profiles.identification import PowerSystemResource
from cim.violation import Refusal
from hub.dispatch import Hub, Retry
from hub.dispatch.rights import Rights
from hub.journal import Journal
from hub.journal.canonical import encode
from hub.security import audit, systems
from hub.security.roles import Role
from tests import fakes
from tests.cim.network.drawing import model
from tests.cim.network.plain import tagged
from tests.hub.dispatch.test_interlock import command, street
from tests.hub.dispatch.test_outbound import ROLES, Written
from tests.hub.dispatch.test_rights import Waiting
from tests.installed import until

PATIENCE = 20.0


@dataclass(kw_only=True)
class Field:
    """An adapter that operates (`hub.interfaces.Operating`) and reads nothing."""

    topics: frozenset[Topic] = frozenset({Topic(Verb.CREATE, "Controls")})
    lanes: int = 2
    got: list[str] = field(default_factory=list)
    recalled: list[str] = field(default_factory=list)
    refusal: Refusal | None = None
    goes_on: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.goes_on.set()

    def read(self) -> Iterator[Sequence[fakes.Line]]:
        return iter(())

    def to_cim(self, _record: fakes.Line) -> Iterable[Outgoing]:
        return ()

    def from_cim(self, message: Message) -> Iterable[Written]:
        yield Written(message.header.message_id or "")

    def write(self, record: Written) -> None:
        self.got.append(record.origin)
        self.goes_on.wait(PATIENCE)
        if self.refusal:
            raise self.refusal

    def recall(self, record: Written) -> None:
        self.recalled.append(record.origin)
        raise Refusal.of("5.3", f"UNKNOWN what became of {record.origin}")


@pytest.fixture
def system() -> Field:
    return Field()


@pytest.fixture
def journal(sqlite_url: str, clock: fakes.Clock) -> Iterator[Journal]:
    """On SQLite; what depends on the database is tried on both by a test of its own."""
    journal = Journal.open(sqlite_url, clock=clock)
    yield journal
    journal.close()


@pytest.fixture
def hub(journal: Journal, system: Field) -> Iterator[Hub]:
    """A hub with the street in it; it does not run yet."""
    made = made_of(journal, system)
    told(made, model("street", street().document()))
    yield made
    system.goes_on.set()
    made.stop()


def made_of(journal: Journal, system: Field) -> Hub:
    made = Hub(journal, {}, retry=Retry(), context="PRODUCTION")
    made.attach_adapter("scada", system)
    return made


def run(hub: Hub, system: Field) -> None:
    """Start it, and wait until it has the right to operate: what comes sooner is recalled."""
    hub.run()
    while not system.got:
        tried = f"P-{uuid4()}"
        assert refused(hub, command(1, "bank", tried)) == ""
        outcome(hub, tried)
    system.got.clear()


def told(hub: Hub, *messages: Message) -> None:
    headed = [
        replace(m, header=replace(m.header, source="gis", message_id=None, timestamp=fakes.START))
        for m in messages
    ]
    hub.accept([fakes.Handed.of(one) for one in headed], "test")


def refused(hub: Hub, message: Message, principal: str = "ami") -> str:
    """Code and text of the reason why it was not taken; "" when it was."""
    delivery = Waiting(message, encode(message), principal)
    if hub.accept([delivery], "test") != [None]:
        return ""
    [refusal] = delivery.refused
    return f"{refusal.violations[0].code}: {refusal.violations[0].rule}"


def outcome(hub: Hub, message_id: str = "C-1") -> str:
    """The reply, once it is there: its result and its reason."""
    found = hub.answer(message_id, PATIENCE)
    assert found
    assert found.reply
    return " ".join([found.reply.result, *(str(one.details) for one in found.reply.errors)])


def test_a_control_comes_by_itself_and_not_within_a_set(hub: Hub) -> None:
    one = Command(value=0, power_system_resource=PowerSystemResource(mrid="x"))
    payload = Controls(command=(one,))
    part = Part(operation_id=1, noun="Controls", verb=Verb.CREATE, payload=payload)
    within = fakes.message(None, Verb.EXECUTE, noun="OperationSet", source="oms")
    message = replace(within, payload=OperationSet(operations=(part,)))
    assert "who answers nothing within a set: send it alone" in refused(hub, message)


def test_without_anybody_to_carry_it_out_it_is_refused(journal: Journal) -> None:
    hub = Hub(journal, {})
    told(hub, model("street", street().document()))
    assert refused(hub, command(0, "x")) == "2.5: nobody here carries out Controls"


def test_the_right_is_needed_and_both_are_audited(journal: Journal, system: Field) -> None:
    hub = Hub(journal, {}, rights=Rights(journal, ROLES))
    hub.attach_adapter("scada", system)
    with journal.transaction() as transaction:
        for name, roles in (("gis", ()), ("oms", (Role.OPERATOR,))):
            one = systems.named(name, roles=roles, sources=["oms", "gis"])
            systems.add(transaction.connection, "test", one, ROLES, transaction.now)
    loaded = model("street", street().document())
    header = replace(loaded.header, source="gis", message_id="M", timestamp=fakes.START)
    assert refused(hub, replace(loaded, header=header), "gis") == ""
    assert "7.5: the system gis may not ask for controls" in refused(hub, command(0, "x"), "gis")
    assert refused(hub, command(0, "x", "C-2"), "oms") == ""
    assert "6.1: d must not be opened" in refused(hub, command(0, "d", "C-3"), "oms")
    assert "5.2: control C-2 of the same device" in refused(hub, command(0, "x", "C-4"), "oms")
    with journal.reading() as connection:
        assert audit.verify(connection) == []
        acts = [
            (e.actor, e.action, e.subject, e.outcome)
            for e in audit.entries(connection)
            if "Controls" in e.subject
        ]
    assert acts == [
        ("gis", "message.send", "create Controls", "refused"),
        ("oms", "control.accept", "create Controls", "ok"),
        ("oms", "control.accept", "create Controls", "refused"),
        ("oms", "control.accept", "create Controls", "refused"),
    ]


def test_a_control_is_carried_out_and_its_outcome_is_the_reply(hub: Hub, system: Field) -> None:
    run(hub, system)
    assert refused(hub, command(0, "x")) == ""
    assert outcome(hub) == "OK"
    system.refusal = Refusal.of("5.3", "x has not moved")
    assert refused(hub, command(1, "x", "C-2")) == ""
    assert "x has not moved" in outcome(hub, "C-2")
    assert system.got == ["C-1", "C-2"]


def test_of_two_controls_of_a_device_the_second_is_refused_and_others_go_on(
    hub: Hub, system: Field
) -> None:
    run(hub, system)
    system.goes_on.clear()
    assert refused(hub, command(0, "x")) == ""
    until(lambda: system.got == ["C-1"], "the system has C-1", pace=0.005)
    assert refused(hub, command(1, "x", "C-2")).startswith("5.2: control C-1 of the same device")
    assert hub.accept([fakes.Handed.of(command(0, "x"))], "test") == [None]  # sent again
    assert refused(hub, command(1, "bank", "C-3")) == ""
    until(lambda: system.got == ["C-1", "C-3"], "the system has C-3", pace=0.005)
    system.goes_on.set()
    assert outcome(hub) == outcome(hub, "C-3") == "OK"


def test_two_at_once_in_a_batch_are_not_both_taken(hub: Hub) -> None:
    both = [fakes.Handed.of(command(n, "x", f"C-{n}")) for n in (0, 1)]
    first, second = hub.accept(both, "test")
    assert (first is None, second) == (False, None)


def test_right_before_it_is_sent_the_interlock_is_asked_again(journal: Journal) -> None:
    system = Field(lanes=1)
    hub = Hub(journal, {})
    hub.attach_adapter("scada", system)
    told(hub, model("street", street().document()))
    try:
        run(hub, system)
        system.goes_on.clear()
        assert refused(hub, command(1, "bank")) == ""
        until(lambda: system.got == ["C-1"], "the system has C-1", pace=0.005)
        assert refused(hub, command(0, "x", "C-2")) == ""
        told(hub, tagged("t-1", "x"))
        system.goes_on.set()
        assert "x must not be operated: the tag t-1 (hold) is on it" in outcome(hub, "C-2")
    finally:
        hub.stop()
    assert system.got == ["C-1"]


def test_what_was_asked_before_a_hub_had_the_right_is_recalled_and_not_carried_out(
    hub: Hub, system: Field
) -> None:
    assert refused(hub, command(0, "x")) == ""
    hub.run()
    assert "UNKNOWN what became of C-1" in outcome(hub)
    assert (system.got, system.recalled) == ([], ["C-1"])


def test_of_two_hubs_one_operates(database_url: str, clock: fakes.Clock) -> None:
    journal = Journal.open(database_url, clock=clock)
    system, standing_by = Field(), Field()
    hub, other = made_of(journal, system), made_of(journal, standing_by)
    told(hub, model("street", street().document()))
    try:
        run(hub, system)
        assert refused(hub, command(0, "x")) == ""
        assert outcome(hub) == "OK"
        other.run()
        system.goes_on.clear()
        assert refused(other, command(1, "x", "C-2")) == ""
        assert refused(other, command(0, "x", "C-3")).startswith("5.2: control C-2 of the same")
        system.goes_on.set()
        assert outcome(hub, "C-2") == "OK"
        hub.stop()
        assert refused(other, command(0, "x", "C-4")) == ""
        assert outcome(other, "C-4")
    finally:
        hub.stop()
        other.stop()
        journal.close()
    assert system.got == ["C-1", "C-2"]
    assert standing_by.got + standing_by.recalled == ["C-4"]
