"""The embedded channel: the journal's own tables carry the messages; nothing to install."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from cim.message import Message
from cim.violation import Refusal
from hub.journal import Entry, Journal, Leased
from hub.journal.canonical import decode, encode

_BATCH = 200
_POLL = 0.5  # seconds between looks for messages that another process has accepted


class EmbeddedDelivery:
    """One open delivery of the journal (`hub.message_channel.Delivery`)."""

    def __init__(
        self,
        journal: Journal,
        subscriber: str,
        leased: Leased,
        again_after: float,
        in_hand: set[int],
    ) -> None:
        self._journal = journal
        self._subscriber = subscriber
        self._leased = leased
        self._again_after = again_after
        self._in_hand = in_hand
        in_hand.add(leased.seq)
        self.content: Message | Refusal = decode(leased.body)

    @property
    def body(self) -> bytes:
        return self._leased.body

    @property
    def principal(self) -> str:
        return self._leased.channel

    def ack(self) -> None:
        with self._journal.transaction() as transaction:
            transaction.delivered(self._subscriber, [self._leased.seq], transaction.now)
        self._in_hand.discard(self._leased.seq)

    def reject(self, why: str) -> None:
        with self._journal.transaction() as transaction:
            due = transaction.now + timedelta(seconds=self._again_after)
            transaction.failed(self._subscriber, self._leased.seq, why, due)
        self._in_hand.discard(self._leased.seq)


class EmbeddedChannel:
    """Sends into the journal and receives what it holds for one subscriber.

    again_after: seconds until a rejected message is offered again.
    """

    def __init__(
        self, journal: Journal, subscriber: str, name: str = "embedded", again_after: float = 1.0
    ) -> None:
        self._journal = journal
        self._subscriber = subscriber
        self._name = name
        self._again_after = again_after

    def send(self, messages: Sequence[Message]) -> None:
        """Accept the messages; those that are in the journal already count as sent."""
        entries = [
            Entry(message, encode(message), self._name, message.header.source or self._name)
            for message in messages
        ]
        with self._journal.transaction() as transaction:
            transaction.accept(entries)

    def receive(self) -> Iterator[Sequence[EmbeddedDelivery]]:
        """Yield open deliveries; those neither acked nor rejected are offered again to the next
        who calls this."""
        in_hand: set[int] = set()
        [lanes] = (
            range(s.partitions)
            for s in self._journal.subscriptions
            if s.subscriber == self._subscriber
        )
        work = self._journal.work[self._subscriber]
        while True:
            seen = work.count
            leased = self._journal.lease(self._subscriber, lanes, _BATCH + len(in_hand))
            fresh = [row for row in leased if row.seq not in in_hand]
            yield [self._delivery(row, in_hand) for row in fresh]
            if not fresh:
                work.wait(seen, _POLL)

    def _delivery(self, leased: Leased, in_hand: set[int]) -> EmbeddedDelivery:
        return EmbeddedDelivery(self._journal, self._subscriber, leased, self._again_after, in_hand)
