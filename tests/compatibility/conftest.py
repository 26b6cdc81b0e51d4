"""The channels of the compatibility suite, each as a pair of ends.

A further channel joins with a fixture `<name>_pair` and its name in CHANNELS (and in OUTSIDE when
strangers can put bytes into it).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from cim.message import Topic, Verb
from hub.channels.embedded import EmbeddedChannel
from hub.channels.rabbitmq import Broker, RabbitChannel
from hub.journal import Journal
from hub.message_channel import Channel, Subscription
from tests.amqp import client
from tests.soap_served import pair_of_ends

CHANNELS = ["embedded", "rabbitmq", "soap"]
OUTSIDE = ["rabbitmq", "soap"]
TOPICS = frozenset({Topic(Verb.CREATED, "EndDeviceEvents"), Topic(Verb.CREATE, "EndDeviceEvents")})


@dataclass(frozen=True)
class Pair:
    """Two ends of a channel.

    sender:   what it sends comes out at the receiver.
    receiver: may be asked to `receive()` again after an earlier iterator was closed.
    inject:   puts bytes in as a stranger may; None where nobody can.
    """

    sender: Channel
    receiver: Channel
    inject: Callable[[bytes], None] | None = None


@pytest.fixture(params=CHANNELS)
def pair(request: pytest.FixtureRequest) -> Pair:
    """Every channel, one after the other."""
    found = request.getfixturevalue(f"{request.param}_pair")
    assert isinstance(found, Pair)
    return found


@pytest.fixture(params=OUTSIDE)
def inject_pair(request: pytest.FixtureRequest) -> Pair:
    """Every channel into which a stranger can put bytes."""
    found = request.getfixturevalue(f"{request.param}_pair")
    assert isinstance(found, Pair)
    return found


@pytest.fixture
def embedded_pair(sqlite_url: str) -> Iterator[Pair]:
    journal = Journal.open(sqlite_url, [Subscription("partner", TOPICS, studies=True)])
    channel = EmbeddedChannel(journal, "partner", again_after=0.05)
    yield Pair(channel, channel)
    journal.close()


@pytest.fixture
def rabbitmq_pair(amqp_url: str) -> Iterator[Pair]:
    with client(amqp_url) as stranger:
        broker = Broker(url=amqp_url)
        queue = stranger.name()
        stranger.exchange_to_remove(f"gridbus.in.{queue}")
        sender = RabbitChannel(broker, queue=queue)
        receiver = RabbitChannel(broker, inbound={queue: queue})
        yield Pair(sender, receiver, lambda body: stranger.publish("", queue, body))
        sender.close()
        receiver.close()


@pytest.fixture
def soap_pair() -> Iterator[Pair]:
    with pair_of_ends() as (sender, receiver, inject):
        yield Pair(sender, receiver, inject)
