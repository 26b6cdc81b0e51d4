"""What is said in a study stays in it: journalled, told to who asks for it, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import pytest

from cim.message import Format, Header, Kind, Message, Outgoing, Request, Result, Topic, Verb
from cim.profiles.end_device_events import EndDeviceEvents
from hub.config import Get
from hub.dispatch import Hub
from hub.dispatch.asked import NAME, JournalAnswers
from hub.dispatch.stamp import stamp
from hub.history.past import NEWEST, Past
from hub.interfaces import Context
from hub.journal import Journal, callbacks, caught_up, queries
from hub.main.names import EVERYTHING
from hub.message_channel import Delivery, Subscription
from tests import fakes
from tests.cim.network.drawing import Drawing, model, moved
from tests.hub.dispatch.test_outbound import HeadEnd


@dataclass
class Scholar:
    """Gets studies, or not, and says what it is told to (`hub.interfaces.Studying`).

    says: contexts of its answers.
    """

    studies: bool = True
    says: Sequence[str | None] = (None,)
    topics: frozenset[Topic] = frozenset({fakes.REPORTED, fakes.ASKED})
    tables: None = None
    partitions: int = 1
    heard: list[str | None] = field(default_factory=list)

    def handle(self, message: Message, _context: Context) -> Iterable[Outgoing]:
        self.heard.append(message.header.context)
        is_request = message.kind is Kind.REQUEST
        verb, payload = (Verb.REPLY, None) if is_request else (Verb.CHANGED, message.payload)
        return [Outgoing(verb, payload, context=context) for context in self.says]  # type: ignore[arg-type]


@dataclass
class Partner:
    """A channel that keeps what it is to send."""

    sent: list[Message] = field(default_factory=list)

    def receive(self) -> Iterable[Sequence[Delivery]]:
        return ()

    def send(self, messages: Sequence[Message]) -> None:
        self.sent += messages


def supposed(message: Message, context: str = "STUDY") -> Message:
    return replace(message, header=replace(message.header, context=context))


def gasp(context: str = "STUDY") -> Message:
    return supposed(fakes.message(fakes.last_gasp("p")), context)


def take(hub: Hub, *messages: Message) -> list[int | None]:
    return hub.accept([fakes.Handed.of(one) for one in messages], "test")


def receivers(journal: Journal, seq: int) -> list[str]:
    with journal.reading() as connection:
        return [one.subscriber for one in queries.deliveries(connection, seq)]


@pytest.mark.parametrize("context", ["STUDY", "Study"])
def test_only_who_asks_for_studies_gets_one(journal: Journal, context: str) -> None:
    scholar = Scholar()
    hub = Hub(journal, {"scholar": scholar, "other": Scholar(studies=False)})
    hub.attach_adapter("head-end", HeadEnd(topics=frozenset({fakes.REPORTED})))
    everything = Subscription("mdm", frozenset(), answers=False)
    hub.attach_channel("mdm", Partner(), everything, receive=False)  # type: ignore[arg-type]
    with journal.transaction() as transaction:
        one = callbacks.Callback(
            id="1",
            system="erp",
            url="http://erp.example/soap",
            topics=(str(fakes.REPORTED),),
            format=Format.XML,
            created_at=transaction.now,
        )
        callbacks.add(transaction.connection, one)
    [first, second] = take(hub, gasp(context), gasp("TRAINING"))
    assert first is not None
    assert second is not None
    assert receivers(journal, first) == ["scholar"]
    everybody = ["callback-1", "head-end", "mdm", "other", "scholar"]
    assert receivers(journal, second) == everybody
    hub.deliver("scholar")
    assert scholar.heard == [context, "TRAINING"]
    with journal.reading() as connection:
        said = queries.search(connection, queries.Filter(verb="changed"))
    assert {row.cause: row.context for row in said} == {first: context, second: "TRAINING"}
    assert [row.is_study for row in said if row.cause == first] == [True]


def test_studies_go_to_the_exchange_of_their_own(journal: Journal) -> None:
    journal.subscribe(EVERYTHING)
    [seq] = take(Hub(journal, {}), gasp())
    assert seq is not None
    assert receivers(journal, seq) == [EVERYTHING.subscriber]


def test_a_study_moves_nothing_of_the_network(journal: Journal) -> None:
    plain = Drawing().source("a").switch("x", "a", "b").consumer("load", "b")
    plain.usage_point("p", "load")
    hub = Hub(journal, {})
    past = Past(journal)
    take(hub, model("grid", plain.document()))
    opened = moved("open", "x")
    other = supposed(model("grid", plain.switch("y", "b", "c").document()))
    take(hub, supposed(opened), other)
    for network in (hub.network, past.as_of(NEWEST), Hub(journal, {}).live.catch_up()):
        assert network.is_energised("p")
        assert not network.knows("y")
    take(hub, opened)
    assert not hub.network.is_energised("p")
    assert not past.as_of(NEWEST).is_energised("p")


@pytest.mark.parametrize("context", ["STUDY", "TESTING", None])
def test_a_request_is_answered_in_its_context(journal: Journal, context: str | None) -> None:
    hub = Hub(journal, {"scholar": Scholar()}, context="PRODUCTION")
    request = fakes.message(fakes.last_gasp("p"), Verb.CREATE)
    asked = replace(request, header=replace(request.header, context=context))
    take(hub, asked)
    hub.deliver("scholar")
    reply = hub.answer(asked.header.message_id or "", 1.0)
    assert reply is not None
    assert reply.reply is not None
    assert reply.reply.result is Result.OK
    assert reply.header.context == (context or "PRODUCTION")


def test_what_would_leave_a_study_is_a_dead_letter(journal: Journal) -> None:
    hub = Hub(journal, {"scholar": Scholar(says=["PRODUCTION"])})
    [seq] = take(hub, gasp())
    assert seq is not None
    hub.deliver("scholar")
    with journal.reading() as connection:
        [delivery] = queries.deliveries(connection, seq)
        assert queries.counts(connection).messages == 1
    assert "PRODUCTION is said of what follows from a message of STUDY" in (delivery.error or "")


def test_a_study_may_begin_with_what_is_so(journal: Journal) -> None:
    hub = Hub(journal, {"scholar": Scholar(says=["STUDY"])}, context="PRODUCTION")
    take(hub, gasp("PRODUCTION"))
    hub.deliver("scholar")
    with journal.reading() as connection:
        [said] = queries.search(connection, queries.Filter(verb="changed"))
    assert said.is_study


def test_an_answer_cannot_be_of_another_context() -> None:
    request = fakes.message(fakes.last_gasp("p"), Verb.CREATE)
    outgoing = Outgoing(Verb.REPLY, context="STUDY")
    with pytest.raises(ValueError, match="STUDY is said of what follows"):
        stamp(outgoing, "app", fakes.START, request, "PRODUCTION")


def test_questions_of_a_study_are_answered_by_studies_alone(journal: Journal) -> None:
    answers = JournalAnswers(journal, Get(), "PRODUCTION")
    hub = Hub(journal, {}, own={NAME: answers}, context="PRODUCTION")
    for point, context in (("so", "PRODUCTION"), ("supposed", "STUDY")):
        take(hub, supposed(fakes.message(fakes.last_gasp(point)), context))
    for context, points in (("PRODUCTION", ["so"]), ("STUDY", ["supposed"])):
        header = Header(
            verb=Verb.GET, noun="EndDeviceEvents", message_id=f"of {context}", context=context
        )
        take(hub, Message(header=header, kind=Kind.REQUEST, request=Request()))
        hub.deliver(NAME)
        reply = hub.answer(f"of {context}", 1.0)
        assert reply is not None
        assert reply.header.context == context
        assert isinstance(reply.payload, EndDeviceEvents)
        assert [
            e.usage_point.mrid for e in reply.payload.end_device_event if e.usage_point
        ] == points


def test_nobody_learns_later_what_was_supposed(journal: Journal) -> None:
    hub = Hub(journal, {})
    take(hub, gasp(), gasp("PRODUCTION"))
    with journal.transaction() as transaction:
        topics = frozenset({fakes.REPORTED})
        found = caught_up.following(transaction, "learner", topics, 0, 10)
    assert [one.seq for one in found] == [2]
