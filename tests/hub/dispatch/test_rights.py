"""Who may send what: decided once, for every channel."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from cim.message import Kind, Message, Operation, OperationSet, Verb
from cim.violation import Refusal
from hub.dispatch import Hub
from hub.dispatch.rights import Denied, Rights
from hub.journal import Journal, queries
from hub.security import audit, systems
from hub.security.roles import Roles
from tests import fakes

ROLES = Roles.read(Path(__file__).parents[3] / "config" / "roles.toml")


@dataclass
class Waiting(fakes.Handed):
    """A delivery whose sender is told why it was refused (`hub.message_channel.Refusable`)."""

    refused: list[Refusal] = field(default_factory=list)

    def refuse(self, refusal: Refusal) -> None:
        self.refused.append(refusal)


def register(journal: Journal, name: str, *, nouns: tuple[str, ...] = ()) -> None:
    system = systems.named(name, sources=["ami", "ivr"], nouns=nouns)
    with journal.transaction() as transaction:
        systems.add(transaction.connection, "test", system, ROLES, transaction.now)


@pytest.fixture
def hub(journal: Journal) -> Hub:
    register(journal, "head-end")
    register(journal, "gis", nouns=("NetworkModels", "OperationSet"))
    return Hub(journal, {}, rights=Rights(journal))


def sent(principal: str, source: str = "ami", verb: Verb = Verb.CREATED) -> Waiting:
    content = fakes.message(fakes.last_gasp("up-1"), verb, source=source)
    return Waiting(content, b"<as-received/>", principal)


def refused(hub: Hub, delivery: Waiting) -> tuple[str, str]:
    """Code and text of the one reason, which is also kept in quarantine."""
    assert hub.accept([delivery], "rabbitmq") == [None]
    [refusal] = delivery.refused
    [violation] = refusal.violations
    with hub.journal.reading() as connection:
        kept = fakes.quarantined(connection)
    assert (kept.principal, kept.received) == (delivery.principal, delivery.body)
    assert kept.reason == str(violation)
    return violation.code, violation.rule


def audited(journal: Journal) -> list[audit.Entry]:
    with journal.reading() as connection:
        assert audit.verify(connection) == []
        return [e for e in audit.entries(connection) if e.action == "message.send"]


def test_a_system_speaks_for_its_sources(hub: Hub) -> None:
    assert hub.accept([sent("head-end"), sent("head-end", "ivr")], "rabbitmq") == [1, 2]
    assert audited(hub.journal) == []


def test_a_noun_that_is_not_its_business(hub: Hub) -> None:
    rule = "the system gis may not send or ask for EndDeviceEvents"
    assert refused(hub, sent("gis")) == ("7.5", rule)


def test_a_source_that_is_not_its_own(hub: Hub) -> None:
    rule = 'the system head-end may not speak for the source "scada"'
    assert refused(hub, sent("head-end", "scada")) == ("2.14", rule)


def test_a_sender_nobody_registered(hub: Hub) -> None:
    rule = "no system scada is registered: `gridbus system add scada` does it"
    assert refused(hub, sent("scada")) == ("7.5", rule)


def test_once_registered_it_is_let_in_at_once(hub: Hub) -> None:
    hub.accept([sent("new")], "rabbitmq")
    register(hub.journal, "new")
    assert hub.accept([sent("new")], "rabbitmq") == [1]


def test_a_noun_inside_an_operation_set_is_looked_at_too(hub: Hub) -> None:
    inside = Operation(
        operation_id=1,
        noun="EndDeviceEvents",
        verb=Verb.CREATE,
        payload=fakes.last_gasp("up-1"),
    )
    header = fakes.message(None, Verb.EXECUTE, noun="OperationSet").header
    content = Message(header=header, kind=Kind.REQUEST, payload=OperationSet(operations=(inside,)))
    code, rule = refused(hub, Waiting(content, b"<as-received/>", "gis"))
    assert (code, "EndDeviceEvents" in rule) == ("7.5", True)


def test_a_refused_right_is_in_the_audit(hub: Hub) -> None:
    hub.accept([sent("gis", verb=Verb.CREATE)], "rabbitmq")
    [entry] = audited(hub.journal)
    assert (entry.actor, entry.subject, entry.outcome) == (
        "gis",
        "create EndDeviceEvents",
        "refused",
    )
    assert entry.detail == (
        '{"channel":"rabbitmq","messages":1,"quarantine":[1],"reason":'
        '"/Header/Noun: the system gis may not send or ask for EndDeviceEvents"}'
    )


def test_many_of_a_kind_are_one_entry_a_batch(hub: Hub) -> None:
    batch = [sent("gis"), sent("head-end"), sent("gis"), sent("head-end", "scada")]
    assert hub.accept(batch, "rabbitmq") == [None, 1, None, None]
    assert [entry.actor for entry in audited(hub.journal)] == ["gis", "head-end"]


def test_what_cannot_be_audited_is_not_refused_either(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("INSERT", None, Exception("gone"))

    monkeypatch.setattr(audit, "record", fail)
    delivery = sent("gis")
    with pytest.raises(OperationalError):
        hub.accept([delivery], "rabbitmq")
    assert delivery.refused == []
    with hub.journal.reading() as connection:
        assert queries.quarantined(connection) == []


def test_a_database_that_does_not_answer_refuses_nobody(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("SELECT", None, Exception("gone"))

    monkeypatch.setattr(systems, "find", fail)
    delivery = sent("head-end")
    with pytest.raises(OperationalError):
        hub.accept([delivery], "rabbitmq")
    assert (delivery.acked, delivery.refused) == (0, [])


def test_a_known_system_is_asked_for_once_in_a_while(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(journal, "head-end")
    now = 0.0
    rights = Rights(journal, seconds=5, clock=lambda: now)
    content = fakes.message(fakes.last_gasp("up-1"))
    rights.check(content, "head-end")
    with journal.transaction() as transaction:
        systems.remove(transaction.connection, "test", "head-end", transaction.now)
    rights.check(content, "head-end")
    now = 5.0
    with pytest.raises(Denied):
        rights.check(content, "head-end")
