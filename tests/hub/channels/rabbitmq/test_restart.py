"""The broker is killed while messages are on their way."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from cim.message import Message
from hub.channels.rabbitmq import Broker, RabbitChannel
from hub.channels.rabbitmq.channel import RabbitDelivery
from tests import services
from tests.fakes import last_gasp, message


@pytest.fixture(autouse=True)
def quiet() -> None:
    logging.getLogger("pika").setLevel(logging.CRITICAL)


def ids(messages: Sequence[Message]) -> list[str | None]:
    return [m.header.message_id for m in messages]


def received(batches: Iterator[Sequence[RabbitDelivery]], last: str | None) -> list[str | None]:
    """The ids of what comes in, acknowledged, until the message `last` has come."""
    seen: list[str | None] = []
    while last not in seen:
        for delivery in next(batches):
            assert isinstance(delivery.content, Message)
            seen.append(delivery.content.header.message_id)
            delivery.ack()
    return seen


def test_nothing_that_was_sent_is_lost_and_both_ends_go_on(broker: services.Broker) -> None:
    rabbit = Broker(url=broker.url)
    sender = RabbitChannel(rabbit, queue="ami")
    receiver = RabbitChannel(rabbit, inbound={"ami": "ami"})
    messages = [message(last_gasp("up-1", str(n))) for n in range(3_000)]
    sender.send(messages[:100])
    with closing(receiver.receive()) as batches, ThreadPoolExecutor(1) as pool:
        in_hand = next(b for b in batches if b)
        under_way = pool.submit(sender.send, messages[100:])
        broker.kill9()
        lost = under_way.exception(60)
        assert lost is None or isinstance(lost, ConnectionError)
        with pytest.raises(ConnectionError):
            sender.send(messages[:1])
        for delivery in in_hand:
            delivery.ack()  # too late, and no error
        broker.restart()
        sender.send(messages[100:])
        seen = received(batches, messages[-1].header.message_id)
    sender.close()
    receiver.close()
    assert set(ids(messages)) == set(seen)


@pytest.mark.fault
def test_a_new_quorum_queue_survives_a_kill_at_once(
    broker: services.Broker, tmp_path: Path
) -> None:
    ctl = tmp_path / "rabbitmqctl"
    exports = "\n".join(f"export {k}='{v}'" for k, v in broker.environment.items())
    ctl.write_text(f'#!/bin/sh\n{exports}\nexec {services.RABBITMQ / "rabbitmqctl"} "$@"\n')
    ctl.chmod(0o755)
    rabbit = Broker(url=broker.url, queue_type="quorum", rabbitmqctl=(str(ctl),))
    sender = RabbitChannel(rabbit, queue="new")
    sent = [message(last_gasp("up-1", str(n))) for n in range(200)]
    sender.send(sent)
    broker.kill9()
    broker.restart()
    sender.close()
    receiver = RabbitChannel(rabbit, inbound={"ami": "new"})
    with closing(receiver.receive()) as batches:
        seen = received(batches, sent[-1].header.message_id)
    receiver.close()
    assert seen == ids(sent)
