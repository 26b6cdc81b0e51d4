"""Which queues are made, on which broker."""

from __future__ import annotations

from typing import Any, cast

import pytest

from hub.channels.rabbitmq import Broker
from hub.channels.rabbitmq.link import Link
from hub.channels.rabbitmq.topology import DEAD, Topology
from tests.amqp import Client


class Server:
    """What a broker says of itself."""

    def __init__(self, version: str) -> None:
        self.server: dict[str, Any] = {"product": "RabbitMQ", "version": version}


@pytest.mark.parametrize(
    ("version", "queue_type"),
    [
        ("3.10.8", "classic"),
        ("3.13.7", "classic"),
        ("4.0.2", "quorum"),
        ("4.2.0-rc.1", "quorum"),
        ("5", "quorum"),
    ],
)
def test_auto_is_quorum_where_a_new_queue_is_safe(version: str, queue_type: str) -> None:
    assert Topology(cast("Link", Server(version))).queue_type == queue_type


def test_an_unknown_queue_type_is_named() -> None:
    with pytest.raises(ValueError, match="'mirrored' is none of auto, classic, quorum"):
        Broker(url="amqp://", queue_type="mirrored")


def test_a_queue_that_exists_is_taken_as_it_is(link: Link, stranger: Client) -> None:
    queue = stranger.queue(max_length=5)
    Topology(link, "classic").queue(queue, delivery_limit=3)
    assert link.is_open


def test_what_a_consumer_gives_up_goes_to_the_dead_letters(link: Link, stranger: Client) -> None:
    topology = Topology(link, "classic")
    topology.dead_letters()
    topology.purge(DEAD)
    queue = stranger.name()
    topology.queue(queue, delivery_limit=3)
    stranger.publish("", queue, b"poison")
    method, _, _ = stranger.channel.basic_get(queue)
    stranger.channel.basic_reject(method.delivery_tag, requeue=False)
    arriving = stranger.channel.consume(DEAD, auto_ack=True, inactivity_timeout=20)
    _, _, body = next(arriving)
    stranger.channel.cancel()
    assert body == b"poison"


@pytest.mark.parametrize(
    ("rabbitmqctl", "said"),
    [((), "set queue_type to classic"), (("false",), "could not sync the queue")],
)
def test_an_older_broker_gets_a_quorum_queue_only_when_its_tables_are_synced(
    link: Link, stranger: Client, rabbitmqctl: tuple[str, ...], said: str
) -> None:
    link.server["version"] = "3.10.8"
    with pytest.raises(ConnectionError, match=said):
        Topology(link, "quorum", rabbitmqctl).queue(stranger.name())


def test_a_quorum_queue_counts_deliveries_itself(link: Link, stranger: Client) -> None:
    queue = stranger.name()
    Topology(link, "quorum", ("true",)).queue(queue, delivery_limit=2)
    stranger.publish("", queue, b"poison")
    for _ in range(3):
        method = None
        while method is None:  # a quorum queue takes its time to offer it again
            method, _, _ = stranger.channel.basic_get(queue)
        stranger.channel.basic_reject(method.delivery_tag, requeue=True)
    assert stranger.drain(queue) == []
