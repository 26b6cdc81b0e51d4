"""What comes in from partners."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace

import pytest
import sqlalchemy as sa

from cim import envelope
from cim.dialect import Dialect, Dialects
from cim.message import Fault, Message, Reply, Result
from cim.violation import Refusal
from hub.channels.rabbitmq import Broker, RabbitChannel
from hub.channels.rabbitmq.channel import RabbitDelivery
from hub.dispatch import Hub
from hub.dispatch.rights import Rights
from hub.journal import Journal, queries
from hub.journal.tables import message as journalled
from hub.journal.tables import quarantine
from hub.security import audit
from tests.amqp import Client
from tests.fakes import Handed, last_gasp, message


@pytest.fixture
def system(stranger: Client) -> str:
    """The name of a sending system; its queue is called the same."""
    name = stranger.name("system")
    stranger.exchange_to_remove(f"gridbus.in.{name}")
    return name


@pytest.fixture
def channel(rabbit: Broker, system: str) -> Iterator[RabbitChannel]:
    opened = RabbitChannel(rabbit, inbound={system: system})
    yield opened
    opened.close()


@pytest.fixture
def batches(channel: RabbitChannel) -> Iterator[Iterator[Sequence[RabbitDelivery]]]:
    with closing(channel.receive()) as opened:
        next(opened)  # the queue and its exchange are there now
        yield opened


def first(batches: Iterator[Sequence[RabbitDelivery]]) -> Sequence[RabbitDelivery]:
    return next(batch for batch in batches if batch)


def written(number: int) -> bytes:
    return envelope.write(message(last_gasp("up-1", str(number)), message_id=f"m-{number}"))


def test_each_system_has_its_exchange_and_is_the_principal(
    batches: Iterator[Sequence[RabbitDelivery]], stranger: Client, system: str
) -> None:
    stranger.publish(f"gridbus.in.{system}", "any.key", written(1))
    [delivery] = first(batches)
    assert delivery.principal == system
    assert delivery.body == written(1)


def test_properties_say_what_the_header_leaves_out(
    batches: Iterator[Sequence[RabbitDelivery]], stranger: Client, system: str
) -> None:
    one = message(last_gasp("up-1"))
    bare = replace(one, header=replace(one.header, message_id=None))
    stranger.publish(
        "", system, envelope.write(bare), message_id="m", correlation_id="c", reply_to="r"
    )
    stranger.publish("", system, written(2), message_id="other")
    seen = []
    while len(seen) < 2:
        seen += [d.content for d in next(batches)]
    assert isinstance(seen[0], Message)
    assert isinstance(seen[1], Message)
    header = seen[0].header
    assert (header.message_id, header.correlation_id, header.reply_address) == ("m", "c", "r")
    assert seen[1].header.message_id == "m-2"


def test_a_system_is_read_as_it_speaks(rabbit: Broker, stranger: Client, system: str) -> None:
    dialects = Dialects({system: Dialect.of("tolerant", ["verb-case"])})
    dirty = written(1).replace(b"Verb>created<", b"Verb>Created<")
    opened = RabbitChannel(rabbit, inbound={system: system}, dialects=dialects)
    with closing(opened) as channel, closing(channel.receive()) as batches:
        next(batches)
        stranger.publish("", system, dirty)
        [delivery] = first(batches)
    assert isinstance(delivery.content, Message)
    assert [c.tolerance for c in delivery.corrections] == ["verb-case"]
    assert delivery.body == dirty


def test_without_any_id_a_redelivered_message_is_the_same(
    channel: RabbitChannel, stranger: Client, system: str, sqlite_url: str
) -> None:
    one, other = (
        envelope.write(replace(m, header=replace(m.header, message_id=None)))
        for m in (message(last_gasp("up-1")), message(last_gasp("up-2")))
    )
    hub = Hub(Journal.open(sqlite_url), {})
    with closing(channel.receive()) as batches:
        next(batches)
        stranger.publish("", system, one)
        # Journalled, but the broker never hears of it: the connection ends before.
        [delivery] = first(batches)
        unheard = Handed(delivery.content, delivery.body, delivery.principal)
        assert hub.accept([unheard], "rabbitmq") == [1]
    with closing(channel.receive()) as batches:
        [again] = first(batches)
        assert again.arrival.redelivered
        assert hub.accept([again], "rabbitmq") == [None]
        stranger.publish("", system, other)
        assert hub.accept(first(batches), "rabbitmq") == [2]
    hub.journal.close()


def test_a_fault_message_is_refused(
    batches: Iterator[Sequence[RabbitDelivery]], stranger: Client, system: str
) -> None:
    stranger.publish("", system, envelope.write(Fault(reply=Reply(result=Result.FAILED))))
    [delivery] = first(batches)
    assert isinstance(delivery.content, Refusal)


def test_an_acknowledgement_waits_for_those_before_it(
    channel: RabbitChannel, stranger: Client, system: str
) -> None:
    with closing(channel.receive()) as batches:
        next(batches)
        for number in range(3):
            stranger.publish("", system, written(number))
        deliveries: list[RabbitDelivery] = []
        while len(deliveries) < 3:
            deliveries += next(batches)
        deliveries[0].ack()
        deliveries[2].ack()
    with closing(channel.receive()) as batches:
        again: list[RabbitDelivery] = []
        while len(again) < 2:
            again += next(batches)
    assert [d.body for d in again] == [written(1), written(2)]
    assert all(d.arrival.redelivered for d in again)


def test_a_queue_of_a_system_nobody_registered(
    batches: Iterator[Sequence[RabbitDelivery]], stranger: Client, system: str, sqlite_url: str
) -> None:
    journal = Journal.open(sqlite_url)
    hub = Hub(journal, {}, rights=Rights(journal))
    stranger.publish(f"gridbus.in.{system}", "any.key", written(1))
    assert hub.accept(first(batches), "rabbitmq") == [None]
    with journal.reading() as connection:
        [kept] = queries.quarantined(connection)
        [entry] = audit.newest(connection, 1)
    journal.close()
    assert kept.violations[0]["code"] == "7.5"
    assert kept.reason.endswith(f"`gridbus system add {system}` does it")
    assert (entry.actor, entry.action, entry.outcome) == (system, "message.send", "refused")


def test_garbage_ends_in_quarantine_and_what_follows_is_accepted(
    channel: RabbitChannel,
    batches: Iterator[Sequence[RabbitDelivery]],
    stranger: Client,
    system: str,
    sqlite_url: str,
) -> None:
    hub = Hub(Journal.open(sqlite_url), {})
    stranger.publish("", system, b"<poison")
    stranger.publish("", system, written(1))
    taken = 0
    while taken < 2:
        batch = next(batches)
        hub.accept(batch, "rabbitmq")
        taken += len(batch)
    with hub.journal.reading() as connection:
        kept = connection.execute(sa.select(quarantine.c.received, quarantine.c.principal)).all()
        ids = connection.execute(sa.select(journalled.c.message_id)).scalars().all()
    hub.journal.close()
    channel.close()
    assert [tuple(row) for row in kept] == [(b"<poison", system)]
    assert ids == ["m-1"]
