"""What goes out to partners, and what is not taken for sent."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from cim import envelope
from cim.dialect import Dialect, read
from cim.envelope.edition2 import Edition2
from cim.message import Edition, Format, Message, Property, Topic, Verb
from cim.violation import Refusal
from hub.channels.compression import Compression
from hub.channels.rabbitmq import Broker, QueueOutlet, RabbitChannel, Undeliverable
from hub.channels.rabbitmq.channel import UnusableExchange
from hub.channels.rabbitmq.link import Link
from hub.channels.rabbitmq.properties import properties
from hub.channels.rabbitmq.publisher import Parcel, Publisher
from tests.amqp import Client
from tests.fakes import START, last_gasp, message
from tests.second_edition import supplied
from tests.services import free_port

CREATED = Topic(Verb.CREATED, "EndDeviceEvents")


@pytest.fixture
def context() -> str:
    """A context of the test's own, so that its exchange is, too."""
    return f"T{uuid4().hex}"


@pytest.fixture
def exchange(context: str) -> str:
    return f"gridbus.{context.lower()}"


@pytest.fixture
def bus(rabbit: Broker, context: str) -> Iterator[RabbitChannel]:
    channel = RabbitChannel(rabbit, context=context)
    yield channel
    channel.close()


def event(**header: Any) -> Message:
    one = message(last_gasp("up-1"))
    return replace(one, header=replace(one.header, **header))


def test_amqp_properties_mirror_the_header(
    bus: RabbitChannel, stranger: Client, exchange: str
) -> None:
    queue = stranger.listener(exchange)
    bus.send(
        [
            event(
                message_id="m-1",
                correlation_id="c-1",
                reply_address="queue://answers",
                properties=(Property("Region", "North"), Property("Empty")),
            )
        ]
    )
    [seen] = stranger.drain(queue)
    got = seen.properties
    assert (got.message_id, got.correlation_id, got.reply_to) == ("m-1", "c-1", "queue://answers")
    assert (got.type, got.app_id) == ("created.EndDeviceEvents", "ami")
    assert got.content_type == "application/xml"
    assert got.timestamp == int(START.timestamp())
    assert got.headers == {"Region": "North", "Empty": None}
    assert got.delivery_mode == 2
    assert seen.routing_key == "created.EndDeviceEvents.ami"


def test_what_is_too_long_for_amqp_stands_in_the_header_only() -> None:
    got = properties(event(message_id="m" * 256, source="\u00e4" * 128).header)
    assert got.message_id is None
    assert got.app_id is None


def test_a_source_is_one_word_of_the_routing_key(
    bus: RabbitChannel, stranger: Client, exchange: str
) -> None:
    queue = stranger.listener(exchange, "created.EndDeviceEvents.*")
    bus.send([event(source="ami.north *#")])
    assert [s.routing_key for s in stranger.drain(queue)] == [
        "created.EndDeviceEvents.ami_north___"
    ]


@pytest.fixture
def far_east(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The hub runs nine hours east of Greenwich."""
    monkeypatch.setenv("TZ", "JST-9")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("far_east")
@pytest.mark.parametrize(
    ("moment", "seconds"),
    [
        (START, START.timestamp()),
        (START.replace(tzinfo=None), START.timestamp()),
        (START.astimezone(timezone(timedelta(hours=2))), START.timestamp()),
        (datetime(1, 1, 1), 0),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), 0),
        (datetime(9999, 12, 31, tzinfo=timezone(-timedelta(hours=14))), 253402264800),
    ],
)
def test_a_time_without_zone_is_utc_and_none_is_too_early(moment: datetime, seconds: int) -> None:
    assert properties(event(timestamp=moment).header).timestamp == seconds


def test_each_context_has_its_exchange(
    bus: RabbitChannel, stranger: Client, exchange: str, context: str
) -> None:
    production, training = stranger.listener(exchange), stranger.listener("gridbus.training")
    bus.send([event(message_id="p", context=context), event(message_id="t", context="TRAINING")])
    assert [s.properties.message_id for s in stranger.drain(production)] == ["p"]
    assert [s.properties.message_id for s in stranger.drain(training)] == ["t"]


@pytest.mark.parametrize("named", ["apps", "dead", "IN.AMI", "TRAINING-2"])
def test_a_sender_names_no_exchange_of_the_hub(
    bus: RabbitChannel, stranger: Client, exchange: str, named: str
) -> None:
    queue = stranger.listener(exchange)
    bus.send([event(message_id="1", context=named), event(message_id="2")])
    assert [s.properties.message_id for s in stranger.drain(queue)] == ["1", "2"]


def test_an_exchange_of_another_kind_stops_only_what_is_for_it(
    bus: RabbitChannel, stranger: Client, exchange: str
) -> None:
    queue = stranger.listener(exchange)
    stranger.channel.exchange_declare(stranger.exchange_to_remove("gridbus.study"), "direct")
    with pytest.raises(UnusableExchange, match=r"gridbus.study: the broker answered 406"):
        bus.send([event(message_id="1"), event(message_id="2", context="STUDY")])
    bus.send([event(message_id="1")])
    assert [s.properties.message_id for s in stranger.drain(queue)] == ["1"]


@pytest.mark.parametrize("payload", list(Format))
def test_the_payload_travels_as_chosen(rabbit: Broker, stranger: Client, payload: Format) -> None:
    queue = stranger.name()
    channel = RabbitChannel(rabbit, queue=queue, payload=payload)
    sent = event()
    channel.send([sent])
    channel.close()
    [seen] = stranger.drain(queue)
    assert (b"rdf:RDF" in seen.body) == (payload is Format.RDF)
    assert envelope.read(seen.body) == sent


def test_an_event_nobody_waits_for_may_go_unheard(
    bus: RabbitChannel, stranger: Client, exchange: str
) -> None:
    stranger.exchange_to_remove(exchange)
    bus.send([event()])


def test_what_a_listener_waits_for_must_reach_a_queue(
    rabbit: Broker, stranger: Client, exchange: str, context: str
) -> None:
    queue = stranger.name()
    stranger.exchange_to_remove(exchange)
    channel = RabbitChannel(rabbit, context=context, listeners={queue: frozenset({CREATED})})
    channel.send([event()])
    assert stranger.depth(queue) == 1
    stranger.channel.queue_delete(queue)
    with pytest.raises(Undeliverable, match="no queue takes message m-2") as failed:
        channel.send([event(message_id="m-2")])
    assert failed.value.returned == ("m-2",)
    channel.send([event(message_id="m-2")])  # declared anew
    channel.close()
    assert [s.properties.message_id for s in stranger.drain(queue)] == ["m-2"]


def test_what_a_queue_refuses_is_not_taken_for_sent(rabbit: Broker, stranger: Client) -> None:
    queue = stranger.queue(max_length=1, overflow="reject-publish")
    channel = RabbitChannel(rabbit, queue=queue)
    channel.send([event()])
    with pytest.raises(ConnectionError, match="refused message m-2"):
        channel.send([event(message_id="m-2")])
    channel.close()


def test_no_broker_is_a_connection_error() -> None:
    channel = RabbitChannel(Broker(url=f"amqp://127.0.0.1:{free_port()}/"), queue="q")
    with pytest.raises(ConnectionError):
        channel.send([event()])
    channel.close()


@pytest.mark.parametrize("window", [1, 7, 1000])
def test_windows_keep_the_order(link: Link, stranger: Client, window: int) -> None:
    queue = stranger.queue()
    publisher = Publisher(link, window)
    parcels = [
        Parcel("", queue, properties(event(message_id=str(n)).header), b"") for n in range(50)
    ]
    publisher.publish(parcels)
    publisher.publish([])
    publisher.publish(parcels[:1])
    seen = [s.properties.message_id for s in stranger.drain(queue)]
    assert seen == [*map(str, range(50)), "0"]


@pytest.mark.parametrize(
    ("compression", "compressed"),
    [(Compression(always=True), True), (Compression(above=9_999), False)],
)
def test_payloads_go_compressed_when_told_so(
    rabbit: Broker, stranger: Client, compression: Compression, compressed: bool
) -> None:
    queue = stranger.name()
    channel = RabbitChannel(rabbit, queue=queue, compression=compression)
    channel.send([event()])
    channel.close()
    [seen] = stranger.drain(queue)
    arrived = envelope.read(seen.body)
    assert isinstance(arrived, Message)
    assert (arrived.payload, arrived.compressed) == (event().payload, compressed)


def test_who_speaks_edition_2_gets_it(rabbit: Broker, stranger: Client, tmp_path: Path) -> None:
    edition2 = Edition2(supplied(tmp_path))
    queue = stranger.name()
    channel = RabbitChannel(rabbit, queue=queue, payload=Format.XML, second=edition2)
    channel.send([event()])
    outlet = QueueOutlet(rabbit, Format.RDF)
    outlet.send(queue, event(), None, second=edition2)
    for seen in stranger.drain(queue):
        arrived = read(seen.body, Dialect((), edition2=edition2)).message
        assert isinstance(arrived, Message)
        assert (arrived.payload, arrived.edition) == (event().payload, Edition.SECOND)
    with pytest.raises(Refusal, match="the envelope of edition 2, does not let the hub say it"):
        outlet.send(queue, event(), Format.RDF, second=edition2)
    assert stranger.drain(queue) == []
    channel.close()
    outlet.close()


def test_an_answer_goes_into_the_queue_that_is_named_or_back(
    rabbit: Broker, stranger: Client
) -> None:
    outlet = QueueOutlet(rabbit, Format.RDF)
    queue = stranger.queue()
    outlet.send(queue, event(), None, compressed=True)
    outlet.send(queue, event(), Format.XML)
    read = [envelope.read(seen.body) for seen in stranger.drain(queue)]
    forms = [(m.format, m.compressed) for m in read if isinstance(m, Message)]
    assert forms == [(Format.RDF, True), (Format.XML, False)]
    with pytest.raises(Undeliverable, match="no queue takes"):
        outlet.send(stranger.name(), event(), None)
    outlet.send(queue, event(), None)  # the connection is well
    assert len(stranger.drain(queue)) == 1
    outlet.close()
