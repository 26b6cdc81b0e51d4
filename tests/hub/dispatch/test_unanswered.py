"""Who has asked hears of it when the app that was to answer has failed for good, and once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from cim.message import Kind, Message, Outgoing, Topic, Verb
from cim.violation import Refusal
from hub.channels.addresses import AMQP, Addresses
from hub.dispatch import Hub, Retry
from hub.dispatch.decoded import Decoded
from hub.dispatch.replying import QUEUES, SOAP, ReplySender
from hub.dispatch.sending import Sender
from hub.interfaces import Context
from hub.journal import Journal, queries
from hub.journal.entry import ReplyTo
from hub.message_channel import Subscription
from tests import fakes

HERE = "https://oms.example/replies"
ADDRESSES = Addresses(allow=[HERE], broker=True)
ASKED = Topic(Verb.GET, "UnplannedOutages")
KEPT = "message R-1 (get UnplannedOutages) could not be handled by outage in 2 attempts; it is kept"


@dataclass
class Failing:
    """Answers nothing, or fails (`hub.interfaces.App`)."""

    broken: bool = True
    says: Sequence[Outgoing] = (Outgoing(Verb.REPLY),)
    topics: frozenset[Topic] = frozenset({ASKED})
    tables: None = None
    partitions: int = 1

    def handle(self, _message: Message, _context: Context) -> Iterable[Outgoing]:
        if self.broken:
            raise RuntimeError("the password is swordfish")
        return self.says


@dataclass
class Post:
    """What was sent elsewhere."""

    sent: list[tuple[str, Message]] = field(default_factory=list)

    def __call__(self, message: Message, to: ReplyTo) -> None:
        self.sent.append((to.address, message))

    @property
    def said(self) -> list[tuple[str, str | None, str]]:
        """Address, correlation id, and code or result of each reply."""
        return [(a, m.header.correlation_id, code(m)) for a, m in self.sent]


def code(message: Message | None) -> str:
    assert message is not None
    assert message.kind is Kind.RESPONSE
    assert message.reply is not None
    return message.reply.errors[0].code if message.reply.errors else message.reply.result


def request(**header: Any) -> Message:
    asked = fakes.message(None, Verb.GET, message_id="R-1", noun="UnplannedOutages")
    return replace(asked, header=replace(asked.header, **header))


@pytest.fixture
def app() -> Failing:
    return Failing()


@pytest.fixture
def hub(journal: Journal, app: Failing) -> Hub:
    retry = Retry(attempts=2, first=1)
    return Hub(journal, {"outage": app}, retry=retry, addresses=ADDRESSES)


@pytest.fixture
def post() -> Post:
    return Post()


def fail(hub: Hub, clock: fakes.Clock) -> None:
    """Let it fail for good."""
    for _ in range(2):
        assert hub.deliver("outage") == 1
        clock.forward(10)
    assert hub.deliver("outage") == 0


def send_all(journal: Journal, post: Post) -> None:
    for outlet in (SOAP, QUEUES):
        sender = ReplySender(outlet, post, journal, Decoded(), Retry())
        while sender.step(range(4)):
            pass


def test_who_waits_on_the_connection(hub: Hub, clock: fakes.Clock, journal: Journal) -> None:
    hub.accept([fakes.Handed.of(request())], "soap")
    fail(hub, clock)
    reply = hub.answer("R-1", 5)
    assert code(reply) == "5.3"
    assert reply is not None
    assert reply.reply is not None
    [error] = reply.reply.errors
    assert KEPT in (error.reason or "")
    assert "among the dead letters of outage" in (error.details or "")
    assert "swordfish" not in (error.details or "")
    assert (reply.header.source, reply.header.correlation_id) == ("GRIDBUS", "R-1")
    with journal.reading() as connection:
        [dead] = queries.dead(connection)
    assert (dead.message.message_id, dead.delivery.subscriber) == ("R-1", "outage")


def test_who_has_waited_long_enough_hears_who_has_failed_so_far(
    hub: Hub, app: Failing, clock: fakes.Clock
) -> None:
    hub.accept([fakes.Handed.of(request())], "soap")
    assert hub.answer("R-1", 0.01) is None
    hub.deliver("outage")
    reply = hub.answer("R-1", 0.01)
    assert code(reply) == "4.1"
    assert reply is not None
    assert reply.reply is not None
    assert "outage has failed in attempt 1 and will try again" in (
        reply.reply.errors[0].reason or ""
    )
    app.broken = False
    clock.forward(10)
    hub.deliver("outage")
    assert code(hub.answer("R-1", 1)) == "OK"


def test_who_waits_in_another_process(hub: Hub, clock: fakes.Clock, journal: Journal) -> None:
    other = Hub(journal, {"outage": Failing()}, retry=Retry(attempts=2, first=1))
    hub.accept([fakes.Handed.of(request())], "soap")
    fail(other, clock)
    assert code(hub.answer("R-1", 5)) == "5.3"


@pytest.mark.parametrize(
    ("channel", "address", "header", "codes"),
    [
        ("soap", HERE, {"async_reply_flag": True}, ["5.3"]),
        (AMQP, "replies", {}, ["5.3"]),
        (AMQP, "replies", {"ack_required": True}, ["0.3", "5.3"]),
    ],
)
def test_who_is_answered_elsewhere_hears_it_once(
    hub: Hub,
    clock: fakes.Clock,
    journal: Journal,
    post: Post,
    channel: str,
    address: str,
    header: dict[str, Any],
    codes: list[str],
) -> None:
    asked = request(reply_address=address, correlation_id="talk", **header)
    for _ in range(2):  # the second one is a duplicate
        hub.accept([fakes.Handed.of(asked)], channel)
    fail(hub, clock)
    send_all(journal, post)
    assert post.said == [(address, "talk", one) for one in codes]


def test_handed_over_again_it_is_answered_and_fails_in_silence(
    hub: Hub, app: Failing, clock: fakes.Clock, journal: Journal, post: Post
) -> None:
    asked = request(reply_address=HERE, async_reply_flag=True)
    hub.accept([fakes.Handed.of(asked)], "soap")
    fail(hub, clock)
    for broken in (True, False):
        app.broken = broken
        with journal.transaction() as transaction:
            assert transaction.replay("outage", 1)
        while hub.deliver("outage"):
            clock.forward(10)
    send_all(journal, post)
    assert post.said == [(HERE, "R-1", "5.3"), (HERE, "R-1", "OK")]


def test_nobody_is_told_of_what_somebody_else_has_answered(
    app: Failing, clock: fakes.Clock, journal: Journal, post: Post
) -> None:
    retry = Retry(attempts=2, first=1)
    apps = {"outage": app, "other": Failing(broken=False)}
    hub = Hub(journal, apps, retry=retry, addresses=ADDRESSES)
    asked = request(reply_address=HERE, async_reply_flag=True)
    hub.accept([fakes.Handed.of(asked)], "soap")
    hub.deliver("other")
    hub.deliver("outage")
    clock.forward(10)
    hub.deliver("outage")
    send_all(journal, post)
    assert post.said == [(HERE, "R-1", "OK")]


def test_a_reason_that_no_database_takes_is_a_reason_still(
    clock: fakes.Clock, journal: Journal
) -> None:
    class Odd:
        def send(self, _messages: Sequence[Message]) -> None:
            raise ValueError("a\0b" + "x" * 10_000_000)

    journal.subscribe(Subscription("mdm", frozenset({ASKED}), answers=False))
    hub = Hub(journal, {})
    hub.accept([fakes.Handed.of(request())], "soap")
    Sender("mdm", Odd().send, journal, Decoded(), Retry(attempts=1), hub.voice).step([0])
    with journal.reading() as connection:
        [dead] = queries.dead(connection)
    assert dead.delivery.error is not None
    assert dead.delivery.error.startswith("ValueError: a")
    assert len(dead.delivery.error) < 10_000


def test_an_event_is_nobodys_question(clock: fakes.Clock, journal: Journal) -> None:
    app = Failing(topics=frozenset({fakes.REPORTED}))
    hub = Hub(journal, {"outage": app}, retry=Retry(attempts=2, first=1))
    hub.accept([fakes.Handed.of(fakes.message(fakes.last_gasp("a"), message_id="R-1"))], "soap")
    fail(hub, clock)
    with journal.reading() as connection:
        assert queries.counts(connection) == queries.Counts(1, 0, 1, 0)


@pytest.mark.parametrize(("verb", "code_"), [(Verb.GET, "5.7"), (Verb.CREATE, "OK")])
def test_an_app_that_says_nothing_is_answered_for(journal: Journal, verb: Verb, code_: str) -> None:
    app = Failing(broken=False, says=(), topics=frozenset({Topic(verb, "EndDeviceEvents")}))
    hub = Hub(journal, {"outage": app})
    payload = None if verb is Verb.GET else fakes.last_gasp("a")
    hub.accept([fakes.Handed.of(fakes.message(payload, verb, message_id="R-1"))], "soap")
    assert hub.deliver("outage") == 1
    assert code(hub.answer("R-1", 1)) == code_


def test_a_partner_that_gets_it_too_answers_nothing(journal: Journal) -> None:
    journal.subscribe(Subscription("mdm", frozenset({ASKED}), answers=False))
    hub = Hub(journal, {"outage": Failing(broken=False, says=())})
    hub.accept([fakes.Handed.of(request())], "soap")
    assert hub.deliver("outage") == 1
    assert code(hub.answer("R-1", 1)) == "5.7"


@pytest.mark.parametrize(
    ("other", "codes"),
    [
        (Failing(broken=False), ["OK"]),
        (Failing(broken=False, says=()), ["5.3"]),
        (Failing(), ["5.3"]),
    ],
)
def test_nobody_is_told_while_another_may_answer(
    clock: fakes.Clock, journal: Journal, post: Post, other: Failing, codes: list[str]
) -> None:
    retry = Retry(attempts=2, first=1)
    hub = Hub(journal, {"outage": Failing(), "other": other}, retry=retry, addresses=ADDRESSES)
    asked = request(reply_address=HERE, async_reply_flag=True)
    hub.accept([fakes.Handed.of(asked)], "soap")
    fail(hub, clock)
    send_all(journal, post)
    assert post.said == []
    while hub.deliver("other"):
        clock.forward(10)
    send_all(journal, post)
    assert post.said == [(HERE, "R-1", one) for one in codes]


@pytest.mark.parametrize("other", [Failing(), Failing(broken=False, says=())])
def test_two_that_end_at_once_do_not_leave_it_to_one_another(
    postgres_url: str, other: Failing
) -> None:
    hub = Hub(Journal.open(postgres_url), {"outage": Failing(), "other": other}, retry=Retry(1))
    for number in range(20):
        hub.accept([fakes.Handed.of(request(message_id=f"R-{number}"))], "soap")
    with ThreadPoolExecutor() as threads:
        while any(list(threads.map(hub.deliver, ("outage", "other")))):
            pass
    assert {code(hub.answer(f"R-{number}", 1)) for number in range(20)} == {"5.3"}
    hub.journal.close()


def test_of_two_that_say_nothing_none_is_answered_for(journal: Journal) -> None:
    quiet = {name: Failing(broken=False, says=()) for name in ("outage", "other")}
    hub = Hub(journal, quiet)
    hub.accept([fakes.Handed.of(request())], "soap")
    assert [hub.deliver(name) for name in quiet] == [1, 1]
    assert hub.answer("R-1", 0.01) is None


class Partner:
    """Wants nothing."""

    def send(self, _messages: Sequence[Message]) -> None:
        raise Refusal.of("2.12", "there is no such usage point")


@pytest.mark.parametrize("apps", [{}, {"outage": Failing(broken=False)}])
def test_a_partner_that_refuses_is_told_of_unless_an_app_answers(
    journal: Journal, apps: dict[str, Failing]
) -> None:
    journal.subscribe(Subscription("mdm", frozenset({ASKED}), answers=False))
    hub = Hub(journal, apps)
    hub.accept([fakes.Handed.of(request())], "soap")
    Sender("mdm", Partner().send, journal, Decoded(), Retry(), hub.voice).step([0])
    if not apps:
        reply = hub.answer("R-1", 1)
        assert reply is not None
        assert reply.reply is not None
        assert "handled by mdm once: there is no such" in (reply.reply.errors[0].reason or "")
    else:
        assert hub.answer("R-1", 0.01) is None
        hub.deliver("outage")
        assert code(hub.answer("R-1", 1)) == "OK"
