"""Answers that nobody waits for on the same connection: where they go, and how they get there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cim.message import Kind, Message
from cim.violation import Refusal
from hub.channels.addresses import AMQP, Addresses
from hub.dispatch.decoded import Decoded
from hub.dispatch.retry import Retry
from hub.dispatch.sending import Sender
from hub.journal import Journal, Leased
from hub.journal.addresses import LANES, destination
from hub.journal.entry import ReplyTo

SOAP, QUEUES = LANES
MISSING, INVALID = "1.5", "1.8"
_XPATH = "/Header/ReplyAddress"

Send = Callable[[Message, ReplyTo], None]
"""Raises: ConnectionError, keep everything; Refusal, do not try again; others, try again."""


class NotTaken(RuntimeError):
    """Who was to be answered cannot be reached or does not want it now: one attempt failed."""


def reply_to(message: Message, channel: str, addresses: Addresses) -> ReplyTo | None:
    """Where answers to `message` go that its sender does not wait for; None: he waits, or there
    are none.

    Raises: Refusal when he names no address, or one where nothing may be sent.
    """
    header = message.header
    if not _is_wanted(message, channel):
        return None
    if not header.reply_address:
        rule = "Header/ReplyAddress is missing: AsyncReplyFlag asks for a reply sent there"
        raise Refusal.of(MISSING, rule, xpath=_XPATH)
    try:
        place = addresses.place(header.reply_address, channel)
    except ValueError as error:
        rule = f"Header/ReplyAddress {error}"
        raise Refusal.of(INVALID, rule, xpath=_XPATH, value=header.reply_address[:80]) from None
    subscriber = SOAP if place.url else QUEUES
    return ReplyTo(
        subscriber,
        place.url or place.queue or "",
        LANES[subscriber],
        message.format,
        message.compressed,
        message.edition,
    )


def _is_wanted(message: Message, channel: str) -> bool:
    """On a queue nobody waits: there a mere address asks for the reply (request/reply over JMS,
    IEC 61968-100), and AckRequired with one for the acknowledgement of an event."""
    header = message.header
    has_address = channel == AMQP and bool(header.reply_address)
    if message.kind is Kind.REQUEST:
        return bool(header.async_reply_flag) or has_address
    return message.kind is Kind.EVENT and bool(header.ack_required) and has_address


class ReplySender(Sender):
    """Sends answers, those to one address in order; an address that fails holds up no other.

    An address is a stranger's: what it does not take ends as a dead letter after all attempts.
    """

    def __init__(
        self, subscriber: str, post: Send, journal: Journal, decoded: Decoded, retry: Retry
    ) -> None:
        super().__init__(subscriber, _nothing, journal, decoded, retry)
        self._post = post

    def step(self, lanes: Sequence[int]) -> bool:
        """Send what is open; False when nothing is.  Raises: ConnectionError."""
        leased = self._journal.lease(self.subscriber, lanes, 100)
        self._singly(leased)
        return bool(leased)

    def _one(self, row: Leased) -> None:
        with self._journal.reading() as connection:
            to = destination(connection, row.seq)
        if to is None:
            raise Refusal.of(MISSING, "nobody has said where this answer goes")
        self._post(self._decoded.get(row.seq, row.body), to)


def _nothing(_messages: Sequence[Message]) -> None:
    """Never called: answers go one by one, each to its own address."""
