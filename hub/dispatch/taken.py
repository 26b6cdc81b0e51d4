"""What became of what came in."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from cim.message import Message
from cim.violation import Refusal
from hub.dispatch import interlock, orders
from hub.journal import Entry, Transaction
from hub.journal.entry import ReplyTo
from hub.message_channel import Delivery, Refusable

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Refused:
    """What goes into quarantine.

    request:  the message when it could be read as one.
    reply_to: where its sender is told, when he does not wait for it.
    """

    refusal: Refusal
    principal: str
    origin: str
    received: bytes
    request: Message | None = None
    reply_to: ReplyTo | None = None


@dataclass
class Taken:
    """What a batch came to, in its order: seq, None for a duplicate, or what was refused."""

    results: list[int | Refused | None]
    entries: dict[int, Entry]

    @property
    def refused(self) -> list[Refused]:
        return [result for result in self.results if isinstance(result, Refused)]

    def add(self, other: Taken) -> None:
        """Add what came after."""
        self.results += other.results
        self.entries |= other.entries


Settle = Callable[[Transaction, Taken, Sequence[Entry]], None]
"""Told of what was taken, and of all that was to be, within the transaction in which it was."""


def runs(items: Sequence[Entry | Refused]) -> Iterator[list[Entry | Refused]]:
    """All in order; a request to create orders, or a control, comes by itself, after what was told
    before it.

    What an adapter has read stays together.
    """
    run: list[Entry | Refused] = []
    for item in items:
        if isinstance(item, Entry) and _is_alone(item):
            if run:
                yield run
            yield [item]
            run = []
        else:
            run.append(item)
    if run:
        yield run


def _is_alone(entry: Entry) -> bool:
    if interlock.is_of_controls(entry.message):
        return True
    return entry.external_id is None and orders.creates(entry.message)


def receipt(delivery: Delivery, result: int | Refused | None, channel: str) -> None:
    """Tell who sent it, if that can be done."""
    try:
        if isinstance(result, Refused) and isinstance(delivery, Refusable):
            delivery.refuse(result.refusal)
        else:
            delivery.ack()
    except Exception as error:
        # It is in the journal; offered again, it will be known as a duplicate.
        log.warning("%s: no acknowledgement given: %s", channel, error)
