"""Publish with confirms in windows: a thousand messages on their way, none taken for sent."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

from pika import BasicProperties

from hub.channels.rabbitmq.link import Answer, Link

WINDOW = 1000  # messages published and not yet confirmed, at most


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is published; `mandatory` asks the broker to give it back when no queue takes it."""

    exchange: str
    routing_key: str
    properties: BasicProperties
    body: bytes
    mandatory: bool = True


class Undeliverable(ConnectionError):
    """The broker did not take messages; the link is well.

    returned: ids of those that no queue takes.
    refused:  ids of those that a queue refused (it is full, or lost its disk).
    """

    def __init__(self, returned: Sequence[str], refused: Sequence[str]) -> None:
        parts = [f"no queue takes {_some(returned)}"] if returned else []
        parts += [f"the broker refused {_some(refused)}"] if refused else []
        super().__init__("; ".join(parts))
        self.returned = tuple(returned)
        self.refused = tuple(refused)


def _some(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - 1} more" if len(ids) > 1 else ""
    return f"message {ids[0]}{more}"


class Publisher:
    """One AMQP channel in confirm mode."""

    def __init__(self, link: Link, window: int = WINDOW) -> None:
        self._link = link
        self._window = window
        self._one_batch = Lock()
        # From here on everything belongs to the I/O thread.
        self._tag = 0
        self._open: OrderedDict[int, str] = OrderedDict()  # delivery tag -> message id
        self._left: Iterator[Parcel] = iter(())
        self._exhausted = True
        self._returned: list[str] = []
        self._refused: list[str] = []
        self._answer: Answer = lambda _: None
        self._channel = link.channel()
        link.ask(self._confirm_mode)

    def publish(self, parcels: Sequence[Parcel]) -> None:
        """Publish in order; on return the broker holds every one, in a queue if `mandatory`.

        Raises: Undeliverable, or ConnectionError after which none may be taken for sent.
        """
        if not parcels:
            return
        with self._one_batch:
            # No limit of time: heartbeats and the blocked-connection timeout end a dead wait.
            failed = self._link.ask(lambda answer: self._start(parcels, answer), None)
        if failed is not None:
            raise failed

    def _confirm_mode(self, answer: Answer) -> None:
        self._channel.add_on_return_callback(self._on_return)
        self._channel.confirm_delivery(self._on_confirm, callback=answer)

    def _start(self, parcels: Sequence[Parcel], answer: Answer) -> None:
        self._left, self._exhausted, self._answer = iter(parcels), False, answer
        self._returned, self._refused = [], []
        self._fill()

    def _fill(self) -> None:
        for parcel in self._left:
            self._tag += 1
            self._open[self._tag] = parcel.properties.message_id or ""
            self._channel.basic_publish(
                parcel.exchange,
                parcel.routing_key,
                parcel.body,
                parcel.properties,
                mandatory=parcel.mandatory,
            )
            if len(self._open) >= self._window:
                return
        self._exhausted = True

    def _on_return(self, _channel: Any, _method: Any, properties: Any, _body: bytes) -> None:
        self._returned.append(properties.message_id or "")

    def _on_confirm(self, frame: Any) -> None:
        method = frame.method
        confirmed = self._settle(method.delivery_tag, method.multiple)
        if method.NAME == "Basic.Nack":
            self._refused += confirmed
        if not self._exhausted and len(self._open) <= self._window // 2:
            self._fill()
        if self._exhausted and not self._open:
            bad = self._returned or self._refused
            self._answer(Undeliverable(self._returned, self._refused) if bad else None)

    def _settle(self, tag: int, multiple: bool) -> list[str]:
        if not multiple:
            return [self._open.pop(tag)]
        confirmed = []
        while self._open and next(iter(self._open)) <= tag:
            confirmed.append(self._open.popitem(last=False)[1])
        return confirmed
