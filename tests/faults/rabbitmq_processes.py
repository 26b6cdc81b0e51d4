"""The processes of the kill test: `python -m tests.faults.rabbitmq_processes serve|worker ...`."""

from __future__ import annotations

import logging
import sys
from threading import Event

from hub.channels.rabbitmq import AppQueues, Broker, RabbitChannel
from hub.dispatch import Hub, Retry
from hub.dispatch.relay import Relay
from hub.dispatch.worker import Worker
from hub.journal import Journal
from hub.message_channel import Subscription
from tests.fakes import CountingApp

APP, PARTITIONS = "counting", 4
RETRY = Retry(first=0.05, longest=1.0)


def subscriptions() -> list[Subscription]:
    app = CountingApp(PARTITIONS)
    return [Subscription(APP, app.topics, PARTITIONS), Subscription("rabbitmq", frozenset())]


def serve(amqp_url: str, database_url: str, system: str, context: str) -> None:
    """Accept what `system` sends, tell the workers, publish every event."""
    broker = Broker(url=amqp_url)
    journal = Journal.open(database_url, subscriptions())
    hub = Hub(journal, {}, retry=RETRY)
    hub.attach_channel(system, RabbitChannel(broker, inbound={system: system}))
    relay = Relay(journal, RETRY)
    relay.attach_apps(AppQueues(broker, {APP: PARTITIONS}))
    relay.attach_channel(
        Subscription("rabbitmq", frozenset()), RabbitChannel(broker, context=context)
    )
    hub.run()
    relay.run()


def work(amqp_url: str, database_url: str) -> None:
    """Run the app."""
    journal = Journal.open(database_url, subscriptions())
    hub = Hub(journal, {APP: CountingApp(PARTITIONS)}, retry=RETRY)
    Worker(hub, Broker(url=amqp_url), RETRY).run()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    role, *arguments = sys.argv[1:]
    {"serve": serve, "worker": work}[role](*arguments)
    Event().wait()
