"""The queues between the relay and the workers: one an app and lane, each with one active taker."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pika import BasicProperties

from hub.channels.rabbitmq.broker import Broker, Outbox
from hub.channels.rabbitmq.consumer import Arrival, Consumer
from hub.channels.rabbitmq.link import Link
from hub.channels.rabbitmq.publisher import Parcel
from hub.channels.rabbitmq.topology import Topology

EXCHANGE = "gridbus.apps"
PREFETCH = 200
# Far above the attempts that the delivery row allows: a ticket must not end before its row does.
_DELIVERY_LIMIT = 1000
_PERSISTENT = 2


@dataclass(frozen=True, slots=True)
class Ticket:
    """What travels: that this app has this message to handle.  The message stays in the journal.

    message_id: None when the app's timer is due.
    """

    app: str
    lane: int
    message_id: str | None


@dataclass(frozen=True, slots=True)
class Taken:
    """A ticket in the hands of a worker; `redelivered`: another one may have had it."""

    message_id: str | None
    tag: int
    redelivered: bool
    arrival: Arrival


def queue_name(app: str, lane: int) -> str:
    return f"gridbus.app.{app}.{lane}"


class AppQueues:
    """The relay's end.

    partitions: app -> number of its lanes.
    """

    def __init__(self, broker: Broker, partitions: Mapping[str, int]) -> None:
        self.partitions = dict(partitions)
        self._outbox = Outbox(broker, "relay", self._prepare)

    def open(self) -> int:
        """Be connected; the number of the connection.

        A new one finds the queues emptied: everything open has to be published again.
        Raises: ConnectionError.
        """
        return self._outbox.open()

    def publish(self, tickets: Sequence[Ticket]) -> None:
        """Hand over, in order.  Raises: ConnectionError, none may be taken for handed over."""
        self._outbox.publish([_parcel(ticket) for ticket in tickets])

    def close(self) -> None:
        self._outbox.close()

    def _prepare(self, topology: Topology) -> None:
        declare(topology, self.partitions)
        for app, lanes in self.partitions.items():
            for lane in range(lanes):
                topology.purge(queue_name(app, lane))


class AppTickets:
    """A worker's end: the tickets of one app, all lanes.  Raises: ConnectionError, everywhere."""

    def __init__(self, broker: Broker, app: str, partitions: int) -> None:
        self.queues = [queue_name(app, lane) for lane in range(partitions)]
        self._seen = 0
        self._link: Link = broker.open(f"worker {app}")
        try:
            self._topology = broker.topology(self._link)
            declare(self._topology, {app: partitions})
            self._consumer = Consumer(self._link, self.queues, PREFETCH)
        except ConnectionError:
            self._link.close()
            raise

    def take(self, limit: int, seconds: float) -> list[Taken]:
        """The next tickets in order, as soon as there is one; empty after `seconds`."""
        return [
            Taken(a.properties.message_id, a.tag, a.redelivered, a)
            for a in self._consumer.take(limit, seconds)
        ]

    def done(self, tickets: Collection[Taken]) -> None:
        """What the tickets ask for is committed."""
        self._consumer.ack([ticket.tag for ticket in tickets])

    def again(self, tickets: Sequence[Taken], seconds: float) -> None:
        """Offer these again after `seconds`."""
        self._consumer.again([ticket.arrival for ticket in tickets], seconds)

    def share(self) -> None:
        """Give up a fair part of the lanes when more workers take this app's tickets than before.

        A single active consumer keeps its queue until it leaves it; so workers that come later
        would stand by for ever.
        """
        seen, self._seen = self._seen, self._topology.consumers(self.queues[0])
        if 0 < seen < self._seen:
            for queue in self.queues[self._seen - 1 :: self._seen]:
                self._consumer.queue_up(queue)

    def close(self) -> None:
        self._link.close()


def declare(topology: Topology, partitions: Mapping[str, int]) -> None:
    """The exchange and the queues of the apps."""
    topology.dead_letters()
    topology.exchange(EXCHANGE, "direct")
    for app, lanes in partitions.items():
        for lane in range(lanes):
            name = queue_name(app, lane)
            topology.queue(name, single_active=True, delivery_limit=_DELIVERY_LIMIT)
            topology.bind(name, EXCHANGE, f"{app}.{lane}")


def _parcel(ticket: Ticket) -> Parcel:
    properties = BasicProperties(
        message_id=ticket.message_id,
        type="wake" if ticket.message_id is None else "message",
        delivery_mode=_PERSISTENT,
    )
    return Parcel(EXCHANGE, f"{ticket.app}.{ticket.lane}", properties, b"")
