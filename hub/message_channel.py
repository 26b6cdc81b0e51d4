"""What a message channel must offer, and who gets what.  Nothing else is asked of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from cim.message import Message, Topic
from cim.violation import Refusal


class Delivery(Protocol):
    """One message on its way, in the hands of whoever received it.

    Exactly one of `ack` and `reject` is called, once.
    """

    @property
    def content(self) -> Message | Refusal:
        """The message, schema valid; or why the bytes are none."""
        ...

    @property
    def body(self) -> bytes:
        """The bytes as received."""
        ...

    @property
    def principal(self) -> str:
        """Who sent it: the authenticated system."""
        ...

    def ack(self) -> None:
        """It is in the journal (or in quarantine): the sender may forget it."""
        ...

    def reject(self, why: str) -> None:
        """It is not: the channel offers it again, or tells the sender to."""
        ...


@runtime_checkable
class Refusable(Protocol):
    """What a delivery adds when its sender is waiting to hear more than yes or later."""

    def refuse(self, refusal: Refusal) -> None:
        """Called instead of `ack`: it was a message, yet went into quarantine, and why."""
        ...


class Outlet(Protocol):
    """The sending half of a channel."""

    def send(self, messages: Sequence[Message]) -> None:
        """Hand over; on return the other side has every one for good.

        Raises: ConnectionError, none of them may be taken for sent; sending again is safe,
        the receiver knows a message by its id.  Refusal, sending the same again would be vain.
        """
        ...


class Channel(Outlet, Protocol):
    """Carries messages (message channel): embedded, RabbitMQ, SOAP."""

    def receive(self) -> Iterator[Sequence[Delivery]]:
        """Yield what has come in, in batches and in order; an empty batch now and then, so that
        the caller can stop."""
        ...


@dataclass(frozen=True)
class Subscription:
    """Who gets which messages.

    subscriber: name of the app or partner, unique.
    topics:     empty means every event.
    partitions: parallel lanes; a message's lane follows from its ordering key.
    answers:    whether it answers the requests among them, as an app does; a partner takes them,
                and what it may say to whoever asked does not come back through the hub.
    studies:    whether messages of studies (`cim.message.STUDY`) are among them.
    serves:     whether a message is about what is its own (`hub.interfaces.Serving`); None: it
                takes all.
    """

    subscriber: str
    topics: frozenset[Topic]
    partitions: int = 1
    answers: bool = True
    studies: bool = False
    serves: Callable[[Message], bool] | None = field(default=None, compare=False)
