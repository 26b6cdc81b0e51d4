"""How to reach the broker and what queues to make there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from hub.channels.rabbitmq.link import Link
from hub.channels.rabbitmq.publisher import Parcel, Publisher
from hub.channels.rabbitmq.topology import QUEUE_TYPES, Topology


@dataclass(frozen=True, kw_only=True)
class Broker:
    """One RabbitMQ.

    url:         amqp:// or amqps://, with user and virtual host.
    queue_type:  see `Topology`.
    rabbitmqctl: see `Topology`.
    """

    url: str
    queue_type: str = "auto"
    rabbitmqctl: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.queue_type not in QUEUE_TYPES:
            known = ", ".join(QUEUE_TYPES)
            raise ValueError(f"queue_type {self.queue_type!r} is none of {known}")

    def open(self, name: str) -> Link:
        """A new connection, shown under `name` by the broker.  Raises: ConnectionError."""
        return Link(self.url, name)

    def topology(self, link: Link) -> Topology:
        return Topology(link, self.queue_type, self.rabbitmqctl)


class Outbox:
    """A publisher that opens its connection when it is needed, and anew after it broke.

    prepare: declares what the parcels need; called on each new connection.
    """

    def __init__(self, broker: Broker, name: str, prepare: Callable[[Topology], None]) -> None:
        self._broker = broker
        self._name = name
        self._prepare = prepare
        self._lock = Lock()
        self._link: Link | None = None
        self._publisher: Publisher | None = None
        self._count = 0

    def open(self) -> int:
        """Be connected; the number of the connection, from 1.  Raises: ConnectionError."""
        with self._lock:
            if self._link is not None and self._link.is_open:
                return self._count
            self._drop()
            link = self._broker.open(self._name)
            try:
                self._prepare(self._broker.topology(link))
                self._publisher = Publisher(link)
            except ConnectionError:
                link.close()
                raise
            self._link = link
            self._count += 1
            return self._count

    def declare(self, declare: Callable[[Topology], None]) -> None:
        """Declare more on the connection at hand.  Raises: ConnectionError."""
        self.open()
        link = self._link
        if link is not None:
            declare(self._broker.topology(link))

    def publish(self, parcels: list[Parcel]) -> None:
        """See `Publisher.publish`; after an error the next call connects and declares anew."""
        self.open()
        publisher = self._publisher
        if publisher is None:
            raise ConnectionError("the connection was closed here")
        try:
            publisher.publish(parcels)
        except ConnectionError:
            self.close()
            raise

    def close(self) -> None:
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        link, self._link, self._publisher = self._link, None, None
        if link is not None:
            link.close()
