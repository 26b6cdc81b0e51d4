"""Operation sets that fail, wait for somebody or are gone on with by another hub."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from cim.message import Message, Topic, Verb
from hub.channels.addresses import AMQP
from hub.dispatch import Hub, Retry, sets
from hub.dispatch.decoded import Decoded
from hub.dispatch.replying import QUEUES, SOAP, ReplySender
from hub.journal import Journal, queries
from hub.journal.entry import ReplyTo
from tests import fakes
from tests.hub.dispatch.test_operations import FIRST, SECOND, execute
from tests.hub.dispatch.test_sets import (
    GOT,
    HERE,
    READ,
    RUN,
    Deciding,
    answers,
    reply_to,
    run,
    said,
    with_sets,
)


@pytest.fixture
def app() -> Deciding:
    return Deciding()


@pytest.fixture
def hub(journal: Journal, app: Deciding) -> Hub:
    return with_sets(journal, app)


def test_elements_are_not_handed_to_an_app(journal: Journal) -> None:
    app = Deciding()
    app.topics = frozenset({Topic(Verb.DELETE, "EndDeviceEvents")})
    hub = Hub(journal, {"deciding": app})
    part = replace(SECOND, verb=Verb.DELETE, element_operation=True)
    hub.accept([fakes.Handed.of(execute(FIRST, part))], "soap")
    assert said(reply_to(hub)) == ("PARTIAL", {2: "5.2"})


def test_an_app_that_fails_for_good_fails_its_operation(
    hub: Hub, app: Deciding, journal: Journal
) -> None:
    app.broken = True
    hub.accept([fakes.Handed.of(execute(FIRST, READ))], "soap")
    run(hub)
    reply = reply_to(hub)
    assert said(reply) == ("PARTIAL", {3: "5.3"})
    assert reply.reply is not None
    assert "dead letters of deciding" in (reply.reply.errors[0].details or "")
    app.broken = False
    with journal.reading() as connection:
        [dead] = queries.dead(connection)
    with journal.transaction() as transaction:
        transaction.replay("deciding", dead.message.seq)
    run(hub)  # the answer comes too late, and changes nothing
    assert reply_to(hub) == reply
    with journal.reading() as connection:
        assert queries.counts(connection).accepted == 0


def test_another_hub_goes_on_with_it(hub: Hub, app: Deciding, journal: Journal) -> None:
    hub.accept([fakes.Handed.of(execute(FIRST, READ, RUN, sequence=True))], "soap")
    for _ in range(4):
        run(Hub(journal, {"deciding": app}))
    assert said(reply_to(hub)) == ("OK", {})


def test_two_hubs_at_once_answer_once(hub: Hub, app: Deciding, journal: Journal) -> None:
    for number in range(10):
        wanted = execute(FIRST, READ, RUN)
        wanted = replace(wanted, header=replace(wanted.header, message_id=f"set-{number}"))
        hub.accept([fakes.Handed.of(wanted)], "soap")
    while hub.deliver("deciding"):
        pass
    hubs = [hub, Hub(journal, {"deciding": app})]
    with ThreadPoolExecutor() as threads:
        while any(threads.map(Hub.conduct, hubs)):
            pass
    with journal.reading() as connection:
        rows = queries.search(connection, queries.Filter(noun="OperationSet"), limit=100)
        assert queries.counts(connection).accepted == 0
    assert Counter(row.verb for row in rows) == {"execute": 10, "executed": 10, "reply": 10}


def test_an_answer_that_comes_meanwhile_is_waited_for(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an app that answers twice, while another hub goes on with the second answer."""
    app = Deciding(times=2)
    hub = Hub(Journal.open(postgres_url), {"deciding": app}, retry=Retry(attempts=1))
    read = sets._read

    def slowly(*given: Any) -> sets.Set:
        found = read(*given)
        hub.deliver("deciding")
        return found

    last = replace(SECOND, operation_id=5)
    hub.accept([fakes.Handed.of(execute(READ, RUN, last, sequence=True))], "soap")
    hub.deliver("deciding")
    monkeypatch.setattr(sets, "_read", slowly)
    run(hub)
    assert said(reply_to(hub)) == ("OK", {})
    hub.journal.close()


def test_what_cannot_be_gone_on_with_is_answered_at_last(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, journal: Journal
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("bug")

    hub.accept([fakes.Handed.of(execute(FIRST, READ))], "soap")
    hub.deliver("deciding")
    monkeypatch.setattr(sets, "_read", fail)
    hub.conduct()
    assert said(reply_to(hub)) == ("FAILED", {None: "5.3"})
    with journal.reading() as connection:
        assert [d.delivery.subscriber for d in queries.dead(connection)] == [sets.NAME]


@pytest.mark.parametrize(
    ("channel", "address", "outlet", "codes"),
    [("soap", HERE, SOAP, ["OK"]), (AMQP, "replies", QUEUES, ["0.3", "OK"])],
)
def test_the_answer_goes_where_it_is_wanted_once(
    hub: Hub, journal: Journal, channel: str, address: str, outlet: str, codes: list[str]
) -> None:
    wanted = execute(FIRST, READ)
    header = replace(wanted.header, async_reply_flag=True, reply_address=address, ack_required=True)
    for _ in range(2):
        hub.accept([fakes.Handed.of(replace(wanted, header=header))], channel)
        run(hub)
    sent: list[Message] = []

    def post(message: Message, to: ReplyTo) -> None:
        assert to.address == address
        sent.append(message)

    while ReplySender(outlet, post, journal, Decoded(), Retry()).step(range(4)):
        pass
    found = [m.reply for m in sent if m.reply]
    assert [r.errors[0].code if r.errors else r.result for r in found] == codes
    assert answers(sent[-1]) == [GOT]
