"""A stranger at the broker, who sees and sends what no part of the hub does."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from hub.channels.rabbitmq import Broker
from hub.channels.rabbitmq.link import Link
from tests.amqp import Client, client


@pytest.fixture
def stranger(amqp_url: str) -> Iterator[Client]:
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    with client(amqp_url) as opened:
        yield opened


@pytest.fixture
def rabbit(amqp_url: str) -> Broker:
    """The broker of the run, as the hub is told of it."""
    return Broker(url=amqp_url)


@pytest.fixture
def link(rabbit: Broker) -> Iterator[Link]:
    opened = rabbit.open("test")
    yield opened
    opened.close()
