"""Hand messages to a partner or another system, in order, as often as it takes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from cim.message import Kind, Message, Verb
from cim.violation import Refusal, Violation
from hub.dispatch import controls
from hub.dispatch.decoded import Decoded
from hub.dispatch.retry import Retry
from hub.dispatch.stamp import Voice
from hub.dispatch.unanswered import dead, silent
from hub.interfaces import App, Operating, Outbound, Record, Serving, Studying
from hub.journal import Entry, Journal, Leased, Transaction, unanswered
from hub.message_channel import Subscription

log = logging.getLogger(__name__)
_BATCH = 100


class Sender:
    """One subscriber outside the hub.

    A ConnectionError keeps everything for it open, without limit (store and forward).  A Refusal
    makes the message it happened with a dead letter at once: the same would be refused again.
    Anything else counts as a failed attempt of that message.  After an interruption messages go one
    by one, each with its receipt: what goes through is not sent again because a later one does not.
    """

    def __init__(
        self,
        subscriber: str,
        send: Callable[[Sequence[Message]], None],
        journal: Journal,
        decoded: Decoded,
        retry: Retry,
        voice: Voice = Voice(),  # noqa: B008 - immutable
        *,
        confirms: bool = False,
    ) -> None:
        """voice: of the hub, when nobody else answers a request that goes this way.
        confirms: whether the hub says OK to whoever asked once the other side has the request; a
                  `get` has its answer elsewhere.
        """
        self.subscriber = subscriber
        self._send = send
        self._journal = journal
        self._decoded = decoded
        self._retry = retry
        self._voice = voice
        self._confirms = confirms
        self._interrupted = False

    def step(self, lanes: Sequence[int]) -> bool:
        """Send one batch; False when nothing is open.  Raises: ConnectionError."""
        leased = self._journal.lease(self.subscriber, lanes, _BATCH)
        if not leased:
            return False
        if self._interrupted:
            self._singly(leased)
            self._interrupted = False
            return True
        try:
            self._send([self._decoded.get(row.seq, row.body) for row in leased])
        except ConnectionError:
            self._interrupted = True
            raise
        except Exception as error:
            log.warning(
                "%s: a batch of %d; one by one now: %s",
                self.subscriber,
                len(leased),
                error,
                exc_info=None if isinstance(error, Refusal) else error,
            )
            self._singly(leased)
            return True
        self._receipt(leased)
        return True

    def _singly(self, leased: Sequence[Leased]) -> None:
        blocked = set[str]()
        for row in leased:
            if row.ordering_key in blocked:
                continue
            try:
                self._one(row)
            except ConnectionError:
                self._interrupted = True
                raise
            except Exception as error:
                blocked.add(row.ordering_key)
                self._failed(row, error)
            else:
                self._receipt([row])

    def _one(self, row: Leased) -> None:
        self._send([self._decoded.get(row.seq, row.body)])

    def _receipt(self, sent: Sequence[Leased]) -> None:
        with self._journal.transaction() as transaction:
            transaction.delivered(self.subscriber, [row.seq for row in sent], transaction.now)
            messages = [(row.seq, self._decoded.get(row.seq, row.body)) for row in sent]
            if self._confirms:
                transaction.accept(self._confirmed(transaction, messages))
            controls.handed_over(transaction, self.subscriber, messages)

    def _confirmed(
        self, transaction: Transaction, sent: Sequence[tuple[int, Message]]
    ) -> list[Entry]:
        return [
            entry
            for seq, message in sent
            if message.kind is Kind.REQUEST and message.header.verb is not Verb.GET
            if not any(s.answers for s in self._journal.subscribers(message))
            for entry in silent(transaction, message, seq, self.subscriber, self._voice)
        ]

    def _failed(self, row: Leased, error: Exception) -> None:
        with self._journal.transaction() as transaction:
            due = None
            if not isinstance(error, Refusal):
                due = self._retry.due(row.attempts + 1, transaction.now)
            text = f"{type(error).__name__}: {error}"
            transaction.failed(self.subscriber, row.seq, text, due)
            if due is None:
                transaction.accept(self._told(transaction, row, error))
                sent = [(row.seq, self._decoded.get(row.seq, row.body))]
                controls.handed_over(transaction, self.subscriber, sent, text)
        if due is None:
            log.warning(
                "%s: message %s is a dead letter: %s", self.subscriber, row.message_id, text
            )

    def _told(self, transaction: Transaction, row: Leased, error: Exception) -> list[Entry]:
        """What whoever asked is told of a dead letter, unless there is an app that answers."""
        request = unanswered.request(transaction.connection, row.seq)
        if request is None or any(s.answers for s in self._journal.subscribers(request)):
            return []
        why = f": {error}" if isinstance(error, Refusal) else ""
        made = row.attempts + 1
        return dead(transaction, row.seq, self.subscriber, made, self._voice, why)


def subscribed(name: str, app: App) -> Subscription:
    """What an app gets."""
    studies = isinstance(app, Studying) and app.studies
    return Subscription(name, app.topics, app.partitions, studies=studies)


def subscription(name: str, adapter: object) -> Subscription | None:
    """What an adapter gets; None when the hub writes nothing to its system, or not now: without
    topics it would be every event."""
    if isinstance(adapter, Outbound) and adapter.topics:
        lanes = adapter.lanes if isinstance(adapter, Operating) else 1
        serves = adapter.serves if isinstance(adapter, Serving) else None
        return Subscription(name, adapter.topics, lanes, answers=False, serves=serves)
    return None


def into(name: str, system: Outbound[Any]) -> Callable[[Sequence[Message]], None]:
    """A way to send for a system that takes records of its own; what it has said itself is no news
    to it, and what cannot be said in its words is a dead letter at once."""

    def send(messages: Sequence[Message]) -> None:
        for message in messages:
            if message.header.source != name:
                _write_all(system, records(system, message))

    return send


def _write_all(system: Outbound[Any], records: Sequence[Record]) -> None:
    """One that is refused keeps no other of its message back.  Raises: Refusal, of all of them."""
    refused: list[Violation] = []
    for record in records:
        try:
            system.write(record)
        except Refusal as refusal:
            refused += refusal.violations
    if refused:
        raise Refusal(tuple(refused))


def records(system: Outbound[Any], message: Message) -> list[Record]:
    """Raises: Refusal, when the adapter says that it cannot be said."""
    try:
        return list(system.from_cim(message))
    except Refusal:
        raise
    except ValueError as error:
        raise Refusal.of("1.8", str(error)) from error
