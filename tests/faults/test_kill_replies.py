"""kill -9 of `gridbus serve` while replies and callbacks wait: each arrives, under one MessageID.

Requests come over RabbitMQ and are answered in a queue or at a SOAP address: by the hub itself, by
an app, and for operation sets by both.  Their events go to a SOAP callback.  The queue is short, so
that replies wait for room in it; the address wants nothing before every other kill.  A receiver may
get one twice, when the hub is killed before it knows that it was taken: as the same message.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from lxml import etree

from cim import envelope
from cim.message import Header, Kind, Message, Operation, OperationSet, Verb
from cim.parse import parse
from hub.channels.soap.envelope import opened
from hub.dispatch import replying
from hub.journal.tables import delivery
from hub.journal.tables import message as journalled
from tests import amqp, services
from tests.fakes import last_gasp
from tests.faults.test_kill_rabbitmq import Partner, listens, wait_for
from tests.installed import Running, Site
from tests.listening import Listener, free_port, listening

EVENTS, OUTAGES = "EndDeviceEvents", "UnplannedOutages"
CONFIG = """
database = "${{GRIDBUS_DATABASE}}"
[http]
port = 0
[retry]
first = 0.1
longest = 0.5
[replies]
allow = ["{address}"]
attempts = 100000
[rabbitmq]
url = "${{GRIDBUS_AMQP}}"
[rabbitmq.inbound]
ami = "ami.to.gridbus"
"""


def requests(count: int, queue: str, address: str) -> Iterator[Message]:
    """Of four kinds in turn, to be answered in a queue and at an address in turn."""
    read = Operation(operation_id=2, noun=OUTAGES, verb=Verb.GET)
    for number in range(count):
        events = last_gasp(f"up-{number % 10}", str(number))
        create = Operation(operation_id=1, noun=EVENTS, verb=Verb.CREATE, payload=events)
        wanted = OperationSet(enforce_msg_sequence=True, operations=(create, read))
        verb, noun, payload = (
            (Verb.CREATE, EVENTS, events),
            (Verb.GET, OUTAGES, None),
            (Verb.EXECUTE, "OperationSet", wanted),
        )[number % 3]
        header = Header(
            verb=verb,
            noun=noun,
            source="AMI",
            message_id=f"R-{number}",
            async_reply_flag=True,
            reply_address=(queue, address)[number % 2],
        )
        yield Message(header=header, kind=Kind.REQUEST, payload=payload)


def read(body: bytes) -> Message:
    message = envelope.read(body)
    assert isinstance(message, Message)
    return message


@dataclass
class Plant:
    """The hub, a broker's client that reads the queue, and an HTTP server that hears the rest.

    seen: what has arrived, that which came over SOAP in order.
    read: how much of that has been read.
    """

    site: Site
    broker: services.Broker
    engine: sa.Engine
    address: str
    listener: Listener
    client: amqp.Client
    queue: str
    seen: list[Message] = field(default_factory=list)
    read: int = 0
    hub: Running | None = None
    url: str = ""

    def start(self) -> None:
        self.hub, self.url = self.site.serve()

    def kill(self) -> None:
        assert self.hub is not None
        self.hub.kill9()

    def heard(self) -> list[Message]:
        """Everything that has arrived."""
        self.seen += (read(seen.body) for seen in self.client.drain(self.queue))
        new = self.listener.bodies[self.read :]
        self.read += len(new)
        self.seen += (read(etree.tostring(opened(parse(body))[1])) for body in new)
        return self.seen

    def replies(self) -> dict[str | None, set[str | None]]:
        """Correlation id -> the ids of the replies that have come for it."""
        found = defaultdict[str | None, set[str | None]](set)
        for message in self.heard():
            if message.reply is not None:
                found[message.header.correlation_id].add(message.header.message_id)
        return dict(found)

    def called_back(self) -> list[str | None]:
        """The ids of the events, each where it came first."""
        heard = [m for m in self.heard() if m.kind is Kind.EVENT]
        return list(dict.fromkeys(m.header.message_id for m in heard))


@pytest.fixture
def plant(
    broker: services.Broker, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Plant]:
    monkeypatch.setenv("GRIDBUS_DATABASE", postgres_url)
    monkeypatch.setenv("GRIDBUS_AMQP", broker.url)
    port = free_port()
    address = f"http://127.0.0.1:{port}/oms"
    with ExitStack() as stack:
        listener = stack.enter_context(listening(port))
        site = Site(tmp_path, tmp_path / "compiled")
        stack.callback(site.end)
        site.configure(CONFIG.format(address=address))
        site.add_system("ami", "--source", "AMI")
        client = stack.enter_context(amqp.client(broker.url))
        queue = client.queue(max_length=5, overflow="reject-publish")
        engine = sa.create_engine(postgres_url)
        stack.callback(engine.dispose)
        yield Plant(site, broker, engine, address, listener, client, queue)


@pytest.mark.fault
def test_two_kills(plant: Plant) -> None:
    run(plant, count=60, kills=2, seed=1)


@pytest.mark.fault
@pytest.mark.parametrize("seed", [2, 3])
def test_thirty_kills(plant: Plant, seed: int) -> None:
    run(plant, count=1_200, kills=30, seed=seed)


def run(plant: Plant, count: int, kills: int, seed: int) -> None:
    """Send so many requests in portions, and kill the hub at a random share of each."""
    chance = random.Random(seed)  # noqa: S311
    plant.start()
    subscribe(plant)
    wait_for(lambda: listens(plant.broker.url), "the hub to listen")
    asked = list(requests(count, plant.queue, plant.address))
    size = count // (kills + 1)
    for number in range(kills):
        if number % 2:  # before they are sent, or a quick hub has answered all of them by then
            plant.listener.status = 503
        send(plant, asked[number * size : (number + 1) * size])
        if number % 2:
            wait_for(lambda: len(waiting(plant.engine)) == 2, "replies and callbacks to wait")
        else:
            wanted = len(plant.replies()) + chance.randrange(1, size // 2)
            wait_for(lambda wanted=wanted: len(plant.replies()) >= wanted, f"{wanted} replies")
        plant.kill()
        plant.listener.status = 202
        plant.start()
    send(plant, asked[kills * size :])
    wait_for(lambda: len(plant.replies()) == count and is_quiet(plant.engine), "all to arrive")
    check(plant, count)


def send(plant: Plant, some: Sequence[Message]) -> None:
    """Have them lie in the broker for good."""
    partner = Partner(plant.broker.url, some)
    partner.start()
    wait_for(lambda: not partner.is_alive(), "the partner to be told of every request")


def waiting(engine: sa.Engine) -> set[str]:
    """By which outlets something is still to go over SOAP."""
    name = delivery.c.subscriber
    over_soap = sa.or_(name == replying.SOAP, name.startswith("callback-"))
    is_open = delivery.c.state == "accepted"
    with engine.connect() as connection:
        return set(connection.execute(sa.select(name).where(over_soap, is_open)).scalars())


def subscribe(plant: Plant) -> None:
    """Have all events of meters called back."""
    token = plant.site.add_system("oms")
    given = {"url": plant.address, "topics": [f"created.{EVENTS}"]}
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{plant.url}/api/v1/subscriptions"
    made = httpx.post(url, json=given, headers=headers, trust_env=False)
    assert made.status_code == 201


def is_quiet(engine: sa.Engine) -> bool:
    with engine.connect() as connection:
        is_open = sa.exists().where(delivery.c.state == "accepted")
        return not connection.execute(sa.select(is_open)).scalar_one()


def check(plant: Plant, count: int) -> None:
    """One answer to each request, whatever was killed, and each event called back, in order."""
    with plant.engine.connect() as connection:
        rows = connection.execute(
            sa.select(journalled.c.message_id, journalled.c.verb, journalled.c.noun).order_by(
                journalled.c.seq
            )
        ).all()
        states = set(connection.execute(sa.select(delivery.c.state).distinct()).scalars())
    assert states == {"delivered"}
    replies = plant.replies()
    assert set(replies) == {f"R-{n}" for n in range(count)}
    assert {len(ids) for ids in replies.values()} == {1}
    results = {m.reply.result for m in plant.heard() if m.reply is not None}
    assert results == {"OK"}
    created = [row.message_id for row in rows if (row.verb, row.noun) == ("created", EVENTS)]
    assert plant.called_back() == created
    assert len(created) == len([n for n in range(count) if n % 3 != 1])
