"""Who asks gets the reply to its own request, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa

from cim.message import Message, Outgoing, Reply, Result, Topic, Verb
from cim.violation import Refusal
from hub.dispatch import Hub
from hub.dispatch.answers import Answers
from hub.interfaces import Context
from hub.journal import Journal, queries
from tests import fakes

EVENTS, READINGS = "EndDeviceEvents", "MeterReadings"


@dataclass
class Answering:
    """Answers requests, with what it was asked (`hub.interfaces.App`)."""

    partitions: int = 1
    tables: sa.MetaData | None = None

    @property
    def topics(self) -> frozenset[Topic]:
        return frozenset({fakes.ASKED, Topic(Verb.GET, EVENTS), Topic(Verb.GET, READINGS)})

    def handle(self, message: Message, _: Context) -> Iterable[Outgoing]:
        yield Outgoing(Verb.REPLY, message.payload, reply=Reply(result=Result.PARTIAL))  # type: ignore[arg-type]


@dataclass
class Told(fakes.Handed):
    """A delivery whose sender hears of its refusal (`hub.message_channel.Refusable`)."""

    refused: list[Refusal] = field(default_factory=list)

    def refuse(self, refusal: Refusal) -> None:
        self.refused.append(refusal)


@pytest.fixture
def hub(journal: Journal) -> Hub:
    return Hub(journal, {"answering": Answering()})


def ask(hub: Hub, message_id: str, correlation_id: str | None = None, noun: str = EVENTS) -> Told:
    request = fakes.message(
        None, Verb.GET, message_id=message_id, correlation_id=correlation_id, noun=noun
    )
    told = Told.of(request)
    hub.accept([told], "soap")
    assert isinstance(told, Told)
    return told


def test_the_reply_of_an_app_reaches_who_waits(hub: Hub, journal: Journal) -> None:
    request = fakes.message(fakes.last_gasp("a"), Verb.CREATE, message_id="asked")
    hub.accept([fakes.Handed.of(request)], "soap")
    assert hub.answer("asked", 0.01) is None
    assert hub.deliver("answering") == 1
    reply = hub.answer("asked", 1)
    assert reply is not None
    assert reply.payload == request.payload
    assert reply.header.correlation_id == "asked"
    with journal.reading() as connection:
        assert [r.verb for r in queries.search(connection)] == ["reply", "create"]


def test_a_reply_made_by_another_process_is_found(hub: Hub, journal: Journal) -> None:
    worker = Hub(journal, {"answering": Answering()})
    ask(hub, "asked", "conversation")
    worker.deliver("answering")
    assert hub.answer("asked", 5) is not None


def test_requests_of_one_conversation_get_each_their_own_reply(hub: Hub) -> None:
    ask(hub, "first", "conversation", EVENTS)
    ask(hub, "second", "conversation", READINGS)
    with ThreadPoolExecutor() as pool:
        waiting = [pool.submit(hub.answer, name, 10) for name in ("first", "second")]
        hub.deliver("answering")
        replies = [future.result() for future in waiting]
    said = [(r.header.noun, r.header.correlation_id) for r in replies if r]
    assert said == [(EVENTS, "conversation"), (READINGS, "conversation")]


def test_an_earlier_reply_in_the_conversation_is_no_answer(hub: Hub) -> None:
    for name in ("first", "second"):
        ask(hub, name, "conversation")
        assert hub.answer(name, 0.01) is None
        hub.deliver("answering")
        assert hub.answer(name, 1) is not None


@pytest.mark.parametrize("conversation", ["conversation", "asked"])
def test_what_the_hub_says_to_another_is_no_answer(hub: Hub, conversation: str) -> None:
    ask(hub, "asked", "conversation")
    ask(hub, "nobody answers it", conversation, "EndDeviceControls")
    ask(hub, "x" * 201, conversation)
    assert hub.answer("asked", 0.01) is None
    hub.deliver("answering")
    reply = hub.answer("asked", 1)
    assert reply is not None
    assert reply.reply == Reply(result=Result.PARTIAL)


def test_who_is_refused_hears_it_and_resolves_nobody(hub: Hub) -> None:
    ask(hub, "asked", "conversation")
    for wrong in (ask(hub, "asked", "conversation", READINGS), ask(hub, "asked", "another")):
        assert [r.violations[0].code for r in wrong.refused] == ["2.15"]
    assert hub.answer("asked", 0.01) is None


def test_the_reply_to_another_is_not_had_by_naming_its_conversation(hub: Hub) -> None:
    ask(hub, "asked", "theirs")
    ask(hub, "mine")
    hub.deliver("answering")
    assert [r.violations[0].code for r in ask(hub, "mine", "theirs").refused] == ["2.15"]


def test_a_request_sent_again_has_the_same_reply(hub: Hub) -> None:
    ids = set()
    for _ in range(2):
        ask(hub, "asked", "conversation")
        hub.deliver("answering")
        reply = hub.answer("asked", 1)
        assert reply is not None
        ids.add(reply.header.message_id)
    assert len(ids) == 1


def test_a_reply_is_held_only_while_somebody_waits_for_it(journal: Journal) -> None:
    answers = Answers(journal)
    reply = fakes.message(fakes.last_gasp("a"), Verb.REPLY)
    answers.give("asked", reply)
    assert answers.wait("asked", 0.01) is None
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(answers.wait, "asked", 10)
        while not waiting.done():
            answers.give("asked", reply)
    assert waiting.result() is reply
    assert answers.wait("asked", 0.01) is None


def test_of_the_hubs_own_replies_the_newest_are_remembered(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.dispatch.answers._KEPT", 2)
    answers = Answers(journal)
    for number in range(3):
        answers.keep(str(number), fakes.message(None, Verb.REPLY))
    assert [answers.wait(str(n), 0.01) is not None for n in range(3)] == [False, True, True]
