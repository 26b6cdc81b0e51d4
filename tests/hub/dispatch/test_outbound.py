"""Adapters that write: who is subscribed, what they get, and what whoever asked is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Any

import pytest

from cim.message import Message, Operation, OperationSet, Outgoing, Topic, Verb
from cim.profile import Reference
from cim.profiles.end_device_controls import EndDevice, EndDeviceControl, EndDeviceControls
from cim.violation import Refusal
from hub.config import Config
from hub.dispatch import Hub, Retry
from hub.dispatch.decoded import Decoded
from hub.dispatch.rights import Rights
from hub.dispatch.sending import Sender, into, subscription
from hub.journal import Journal
from hub.main import components
from hub.message_channel import Subscription
from hub.security import audit, systems
from hub.security.roles import Role, Roles
from tests import fakes
from tests.hub.dispatch.test_rights import Waiting

CONFIG = Path(__file__).parents[3] / "config"
ROLES = Roles.read(CONFIG / "roles.toml")
WANTED = frozenset({Topic(Verb.CREATE, "EndDeviceControls")})


@dataclass(frozen=True)
class Written:
    """A record that is written."""

    origin: str
    raw: bytes = b""


@dataclass(kw_only=True)
class HeadEnd:
    """An adapter that writes (`hub.interfaces.Outbound`) and reads nothing."""

    topics: frozenset[Topic] = WANTED
    folder: Path | None = None

    def __post_init__(self) -> None:
        self.error: Exception | None = None
        self.got: list[str] = []

    def read(self) -> Iterator[Sequence[fakes.Line]]:
        return iter(())

    def to_cim(self, _record: fakes.Line) -> Iterable[Outgoing]:
        return ()

    def from_cim(self, message: Message) -> Iterable[Written]:
        if message.header.comment:
            raise ValueError("there is no control in it")
        yield Written(message.header.message_id or "")

    def write(self, record: Written) -> None:
        if self.error is not None:
            raise self.error
        self.got.append(record.origin)


def control(message_id: str = "C-1", **header: Any) -> Message:
    one = EndDeviceControl(
        end_device_control_type=Reference("3.31.0.23"), end_devices=(EndDevice(mrid="m-1"),)
    )
    payload = EndDeviceControls(end_device_control=(one,))
    noun = "EndDeviceControls"
    made = fakes.message(payload, Verb.CREATE, message_id=message_id, noun=noun, source="oms")
    return replace(made, header=replace(made.header, **header))


def sender(journal: Journal, system: HeadEnd, **settings: Any) -> Sender:
    journal.subscribe(Subscription("ami", WANTED, answers=False))
    send = into("ami", system)
    return Sender("ami", send, journal, Decoded(), Retry(), confirms=True, **settings)


def acts(journal: Journal) -> list[tuple[str, str, str, str]]:
    with journal.reading() as connection:
        assert audit.verify(connection) == []
        return [
            (e.actor, e.action, e.subject, e.outcome)
            for e in audit.entries(connection)
            if e.action.startswith("control.")
        ]


def replies(journal: Journal) -> list[str]:
    hub = Hub(journal, {})
    found = hub.answer("C-1", 0.2)
    return [] if found is None or found.reply is None else [found.reply.result]


def test_an_adapter_without_topics_gets_nothing_instead_of_every_event() -> None:
    assert subscription("ami", HeadEnd()) == Subscription("ami", WANTED, answers=False)
    assert subscription("ami", HeadEnd(topics=frozenset())) is None
    assert subscription("lines", fakes.Lines(())) is None


def test_every_process_that_accepts_knows_the_adapters_that_write(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, journal: Journal
) -> None:
    point = EntryPoint("ami", f"{__name__}:HeadEnd", "gridbus.adapters")
    monkeypatch.setattr(components, "entry_points", lambda **_: EntryPoints([point]))
    config = Config(folder=tmp_path, data=tmp_path, adapters=("ami",), apps=())
    attached = components.adapters(config, {})
    journal.subscribe(*components.subscriptions(config, {}, attached))
    # What a worker or the command line accepts lies open for the process that writes.
    Hub(journal, {}).accept([fakes.Handed.of(control())], "soap")
    assert [row.message_id for row in journal.lease("ami", [0], 10)] == ["C-1"]


def test_a_request_that_was_handed_over_is_answered_and_audited(journal: Journal) -> None:
    system = HeadEnd()
    sending = sender(journal, system)
    Hub(journal, {}).accept([fakes.Handed.of(control())], "soap")
    assert replies(journal) == []
    assert sending.step([0])
    assert (system.got, replies(journal)) == (["C-1"], ["OK"])
    subject = "create EndDeviceControls"
    assert acts(journal) == [
        ("ami", "control.accept", subject, "ok"),
        ("ami", "control.send", subject, "ok"),
    ]


def test_what_the_system_refuses_is_a_dead_letter_and_told(journal: Journal) -> None:
    system = HeadEnd()
    system.error = Refusal.of("5.3", "UNKNOWN whether it was done")
    sending = sender(journal, system)
    Hub(journal, {}).accept([fakes.Handed.of(control())], "soap")
    sending.step([0])
    assert replies(journal) == ["FAILED"]
    assert acts(journal)[1][1:] == ("control.send", "create EndDeviceControls", "refused")
    assert not sending.step([0])


def test_what_cannot_be_said_to_it_is_not_tried_again(journal: Journal) -> None:
    system = HeadEnd()
    sending = sender(journal, system)
    Hub(journal, {}).accept([fakes.Handed.of(control(comment="odd"))], "soap")
    sending.step([0])
    assert not sending.step([0])
    assert (system.got, replies(journal)) == ([], ["FAILED"])


def test_one_record_that_is_refused_keeps_no_other_back() -> None:
    class Choosy(HeadEnd):
        def from_cim(self, _message: Message) -> Iterable[Written]:
            return [Written("a"), Written("b"), Written("c")]

        def write(self, record: Written) -> None:
            if record.origin == "b":
                raise Refusal.of("5.3", "b is not for me")
            super().write(record)

    system = Choosy()
    send = into("ami", system)
    with pytest.raises(Refusal, match="b is not for me"):
        send([control()])
    assert system.got == ["a", "c"]


def test_a_system_that_is_away_keeps_it_open(journal: Journal) -> None:
    system = HeadEnd()
    system.error = ConnectionError("refused")
    sending = sender(journal, system)
    Hub(journal, {}).accept([fakes.Handed.of(control())], "soap")
    with pytest.raises(ConnectionError):
        sending.step([0])
    system.error = None
    assert sending.step([0])
    assert system.got == ["C-1"]


def test_what_the_system_said_itself_does_not_come_back_to_it(journal: Journal) -> None:
    system = HeadEnd()
    sending = sender(journal, system)
    Hub(journal, {}).accept([fakes.Handed.of(control(source="ami"))], "soap")
    assert sending.step([0])
    assert system.got == []


def refused(hub: Hub, message: Message) -> str:
    """Code and text of the reason why it was not taken; "" when it was."""
    delivery = Waiting(message, b"<as-received/>", "oms")
    if hub.accept([delivery], "test") != [None]:
        return ""
    [refusal] = delivery.refused
    return f"{refusal.violations[0].code}: {refusal.violations[0].rule}"


def test_a_control_that_nobody_carries_out_is_refused(journal: Journal) -> None:
    hub = Hub(journal, {})
    for number, (verb, said) in enumerate(((Verb.CREATE, ""), (Verb.CANCEL, "cancel ")), 1):
        why = f"2.5: nobody here carries out {said}EndDeviceControls"
        assert refused(hub, control(f"C-{number}", verb=verb)) == why
    assert replies(journal) == []
    assert acts(journal) == [
        ("oms", "control.accept", f"{verb} EndDeviceControls", "refused")
        for verb in ("create", "cancel")
    ]


def test_within_a_set_it_is_refused_too(journal: Journal) -> None:
    one = Operation(operation_id=1, noun="EndDeviceControls", verb=Verb.CREATE)
    part = replace(one, payload=control().payload)  # type: ignore[arg-type]  # a noun
    within = fakes.message(None, Verb.EXECUTE, noun="OperationSet", source="oms")
    message = replace(within, payload=OperationSet(operations=(part,)))
    why = "2.5: operation 1: nobody here carries out EndDeviceControls"
    assert refused(Hub(journal, {}), message) == why


def test_what_its_system_cannot_be_told_is_refused_when_it_comes(journal: Journal) -> None:
    hub = Hub(journal, {}, context="LIVE")
    hub.attach_adapter("ami", HeadEnd())
    assert refused(hub, control(comment="odd")) == "1.8: there is no control in it"
    assert "6.1: a control of the context STUDY" in refused(hub, control(context="STUDY"))
    assert refused(hub, control(context="LIVE")) == ""
    # Another who gets it may know how to say it.
    journal.subscribe(Subscription("partner", WANTED, answers=False))
    assert refused(hub, control("C-2", comment="odd")) == ""


@pytest.mark.parametrize(("role", "taken"), [(Role.OPERATOR, [1]), (Role.VIEWER, [None])])
def test_controls_need_the_right_to_control(
    journal: Journal, role: Role, taken: list[int | None]
) -> None:
    journal.subscribe(Subscription("ami", WANTED, answers=False))
    with journal.transaction() as transaction:
        oms = systems.named("oms", roles=(role,))
        systems.add(transaction.connection, "test", oms, ROLES, transaction.now)
    hub = Hub(journal, {}, rights=Rights(journal, ROLES))
    asked = fakes.Handed(control(), b"<as-received/>", "oms")
    assert hub.accept([asked], "soap") == taken
    assert [act[0] for act in acts(journal)] == ["oms"] * (taken == [1])


def test_of_those_who_say_what_is_theirs_only_these_get_it(journal: Journal) -> None:
    for name in ("north", "south"):
        serves = partial(_is_of, name)
        journal.subscribe(Subscription(name, WANTED, answers=False, serves=serves))
    journal.subscribe(Subscription("partner", WANTED, answers=False))

    def takers(comment: str) -> list[str]:
        return [one.subscriber for one in journal.subscribers(control(comment=comment))]

    assert takers("south") == ["south", "partner"]
    assert takers("north and south") == ["north", "south", "partner"]
    assert takers("east") == ["north", "south", "partner"]  # each says why not


def _is_of(name: str, message: Message) -> bool:
    return name in (message.header.comment or "")
