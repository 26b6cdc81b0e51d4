"""Requests whose reply goes elsewhere: acknowledged, answered later, for good."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from cim.message import Edition, Format, Kind, Message, Outgoing, Result, Topic, Verb
from cim.violation import Refusal
from hub.channels.addresses import AMQP, Addresses
from hub.dispatch import Hub, Retry
from hub.dispatch.decoded import Decoded
from hub.dispatch.replying import QUEUES, SOAP, NotTaken, ReplySender
from hub.interfaces import Context
from hub.journal import Journal, queries
from hub.journal.addresses import LANES
from hub.journal.entry import ReplyTo
from tests import fakes

HERE, THERE = "https://oms.example/replies", "https://oms.example/others"
ADDRESSES = Addresses(allow=["https://oms.example/"], reserved=["ami.in"], broker=True)


@dataclass
class Post:
    """An outlet that remembers, and fails for some addresses."""

    sent: list[tuple[str, Message, ReplyTo]] = field(default_factory=list)
    failing: dict[str, Exception] = field(default_factory=dict)

    def __call__(self, message: Message, to: ReplyTo) -> None:
        if to.address in self.failing:
            raise self.failing[to.address]
        self.sent.append((to.address, message, to))

    @property
    def said(self) -> list[tuple[str, str | None, str]]:
        """Address, correlation id, and code or result of each reply."""
        return [(a, m.header.correlation_id, _code(m)) for a, m, _ in self.sent]


def _code(message: Message) -> str:
    assert message.kind is Kind.RESPONSE
    assert message.reply is not None
    return message.reply.errors[0].code if message.reply.errors else message.reply.result


class Answering:
    """Answers every get of outages (`hub.interfaces.App`)."""

    topics = frozenset({Topic(Verb.GET, "UnplannedOutages")})
    tables = None
    partitions = 1

    def handle(self, _message: Message, _context: Context) -> Iterable[Outgoing]:
        yield Outgoing(Verb.REPLY)


@pytest.fixture
def hub(journal: Journal) -> Hub:
    return Hub(journal, {"answering": Answering()}, addresses=ADDRESSES)


@pytest.fixture
def post() -> Post:
    return Post()


Step = Callable[[], bool]


@pytest.fixture
def step(journal: Journal, post: Post) -> Step:
    """One step of each outlet."""
    retry = Retry(attempts=2, first=10)
    senders = {
        range(4): ReplySender(SOAP, post, journal, Decoded(), retry),
        range(1): ReplySender(QUEUES, post, journal, Decoded(), retry),
    }
    return lambda: sum(sender.step(lanes) for lanes, sender in senders.items()) > 0


def asking(
    address: str | None = HERE, verb: Verb = Verb.CREATE, message_id: str = "R-1", **header: Any
) -> Message:
    """A request to be answered elsewhere."""
    payload = fakes.last_gasp("up-1") if verb is not Verb.GET else None
    noun = "EndDeviceEvents" if payload else "UnplannedOutages"
    message = fakes.message(payload, verb, message_id=message_id, noun=noun)
    given = {"async_reply_flag": True, "reply_address": address, **header}
    return replace(message, header=replace(message.header, **given))


def test_the_hubs_own_answer_is_sent_once(hub: Hub, post: Post, step: Step) -> None:
    for _ in range(2):  # the second one is a duplicate
        hub.accept([fakes.Handed.of(asking())], "soap")
    while step():
        pass
    assert post.said == [(HERE, "R-1", "OK")]
    [(_, reply, _)] = post.sent
    assert (reply.header.verb, reply.header.source) == (Verb.REPLY, "GRIDBUS")


def test_an_apps_answer_is_sent_with_the_same_correlation_id(
    hub: Hub, post: Post, step: Step
) -> None:
    hub.accept([fakes.Handed.of(asking(verb=Verb.GET, correlation_id="talk"))], "soap")
    assert not step()
    hub.deliver("answering")
    assert step()
    assert post.said == [(HERE, "talk", "OK")]


def test_answers_to_other_addresses_go_side_by_side(hub: Hub, post: Post, journal: Journal) -> None:
    addresses = [f"https://oms.example/replies/{n}" for n in range(8)]
    for number, address in enumerate(addresses):
        request = asking(address, verb=Verb.GET, message_id=f"R-{number}")
        hub.accept([fakes.Handed.of(request)], "soap")
    hub.deliver("answering")
    sender = ReplySender(SOAP, post, journal, Decoded(), Retry())
    shares = []
    for lane in range(LANES[SOAP]):
        sender.step([lane])
        shares.append(len(post.sent) - sum(shares))
    assert sum(shares) == len(addresses)
    assert max(shares) < len(addresses)


def test_it_is_written_as_the_request_was(hub: Hub, post: Post, step: Step) -> None:
    request = replace(asking(), format=Format.RDF, compressed=True, edition=Edition.SECOND)
    hub.accept([fakes.Handed.of(request)], "soap")
    step()
    [(_, _, to)] = post.sent
    assert (to.format, to.compressed, to.edition) == (Format.RDF, True, Edition.SECOND)


def test_an_answer_waits_for_its_address_and_for_no_other(
    hub: Hub, post: Post, step: Step, clock: fakes.Clock, journal: Journal
) -> None:
    post.failing[HERE] = NotTaken("away")
    for number, address in enumerate((HERE, HERE, THERE), 1):
        hub.accept([fakes.Handed.of(asking(address, message_id=f"R-{number}"))], "soap")
    step()
    assert post.said == [(THERE, "R-3", "OK")]
    post.failing.clear()
    assert not step()
    clock.forward(11)
    step()
    assert post.said[1:] == [(HERE, "R-1", "OK"), (HERE, "R-2", "OK")]


@pytest.mark.parametrize(("error", "steps"), [(NotTaken("away"), 2), (Refusal.of("1.8", "no"), 1)])
def test_what_nobody_takes_is_a_dead_letter(
    hub: Hub,
    post: Post,
    step: Step,
    clock: fakes.Clock,
    journal: Journal,
    error: Exception,
    steps: int,
) -> None:
    post.failing[HERE] = error
    hub.accept([fakes.Handed.of(asking())], "soap")
    for _ in range(steps):
        step()
        clock.forward(100)
    with journal.reading() as connection:
        [dead] = queries.dead(connection)
    assert (dead.delivery.subscriber, dead.delivery.attempts) == (SOAP, steps)
    assert str(error) in (dead.delivery.error or "")


def test_a_broker_that_is_away_loses_nothing(hub: Hub, post: Post, step: Step) -> None:
    post.failing["replies"] = ConnectionError("the broker is away")
    hub.accept([fakes.Handed.of(asking("replies"))], AMQP)
    for _ in range(5):
        with pytest.raises(ConnectionError):
            step()
    post.failing.clear()
    step()
    assert post.said == [("replies", "R-1", "OK")]


@pytest.mark.parametrize(
    ("request_", "code", "says"),
    [
        (asking(None), "1.5", "Header/ReplyAddress is missing"),
        (asking(""), "1.5", "Header/ReplyAddress is missing"),
        (asking("http://169.254.169.254/"), "1.8", "Header/ReplyAddress 'http://169.254"),
        (asking("replies"), "1.8", "Header/ReplyAddress 'replies' is neither the queue"),
    ],
)
def test_an_address_that_cannot_be_is_refused(
    hub: Hub, journal: Journal, request_: Message, code: str, says: str
) -> None:
    assert hub.accept([fakes.Handed.of(request_)], "soap") == [None]
    with journal.reading() as connection:
        kept = fakes.quarantined(connection)
    assert kept.violations[0]["code"] == code
    assert kept.violations[0]["xpath"] == "/Header/ReplyAddress"
    assert says in kept.reason


def test_on_a_queue_an_acknowledgement_comes_first(hub: Hub, post: Post, step: Step) -> None:
    request = asking("replies", verb=Verb.GET, ack_required=True)
    hub.accept([fakes.Handed.of(request)], AMQP)
    step()
    hub.deliver("answering")
    step()
    assert post.said == [("replies", "R-1", "0.3"), ("replies", "R-1", "OK")]


def test_on_a_queue_an_address_alone_asks_for_the_reply(hub: Hub, post: Post, step: Step) -> None:
    hub.accept([fakes.Handed.of(asking("replies", async_reply_flag=None))], AMQP)
    step()
    assert post.said == [("replies", "R-1", "OK")]


def test_an_event_is_acknowledged_on_demand(hub: Hub, post: Post, step: Step) -> None:
    for number, wanted in enumerate((True, None), 1):
        event = asking(
            "replies", Verb.CREATED, f"E-{number}", ack_required=wanted, async_reply_flag=None
        )
        hub.accept([fakes.Handed.of(event)], AMQP)
    step()
    assert post.said == [("replies", "E-1", "0.3")]


def test_who_does_not_wait_is_told_of_a_refusal_once(
    hub: Hub, post: Post, step: Step, journal: Journal
) -> None:
    reading = replace(asking("replies"), header=replace(asking("replies").header, context="x" * 41))
    for _ in range(2):
        hub.accept([fakes.Handed.of(reading)], AMQP)
    step()
    [(_, reply, _)] = post.sent
    assert reply.reply is not None
    assert reply.reply.result is Result.FAILED
    assert "Context has 41 characters" in (reply.reply.errors[0].details or "")
    assert reply.header.correlation_id == "R-1"


def test_on_a_queue_a_control_that_nobody_carries_out_is_told_as_refused(
    hub: Hub, post: Post, step: Step
) -> None:
    plain = fakes.message(None, Verb.CREATE, message_id="R-1", noun="EndDeviceControls")
    request = replace(plain, header=replace(plain.header, reply_address="replies"))
    hub.accept([fakes.Handed.of(request)], AMQP)
    step()
    assert post.said == [("replies", "R-1", "2.5")]


def test_the_same_on_soap_is_told_on_the_connection_only(hub: Hub, step: Step) -> None:
    header = replace(asking().header, context="x" * 41)
    hub.accept([fakes.Handed.of(replace(asking(), header=header))], "soap")
    assert not step()
