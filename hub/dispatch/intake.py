"""What comes in goes into the journal or into quarantine, in one transaction a batch."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from cim.dialect import Correction
from cim.message import Message
from cim.violation import Refusal
from hub.dispatch import operations
from hub.dispatch.checks import Checks, same_fact
from hub.dispatch.rights import Denied
from hub.dispatch.stamp import stamp
from hub.interfaces import Adapter, Corrected, Delivery, Record
from hub.journal import Entry, Journal, Transaction, queries
from hub.journal.canonical import encode, encode_checked
from hub.journal.database import is_transient
from hub.security import audit

log = logging.getLogger(__name__)
_NUMBERS = 20  # of items in quarantine that one entry of the audit names


@dataclass(frozen=True)
class Refused:
    """What goes into quarantine; `request` is the message when it could be read as one."""

    refusal: Refusal
    principal: str
    origin: str
    received: bytes
    request: Message | None = None


@dataclass
class Taken:
    """What a batch came to, in its order: seq, None for a duplicate, or what was refused."""

    results: list[int | Refused | None]
    entries: dict[int, Entry]


class Intake:
    """name, context: Header.Source and Header.Context of what the hub makes of what comes in."""

    def __init__(
        self, journal: Journal, checks: Checks, name: str, context: str | None = None
    ) -> None:
        self._journal = journal
        self._checks = checks
        self._name = name
        self._context = context

    def deliveries(self, deliveries: Sequence[Delivery], channel: str) -> Taken:
        """Take what a channel has received.  Raises: the database's error; nothing is taken."""
        return self._take([[self._delivery(d, channel)] for d in deliveries], channel)

    def records(self, name: str, adapter: Adapter[Any], batch: Sequence[Record]) -> Taken:
        """Take what an adapter has read.  Raises: the database's error; nothing is taken."""
        return self._take([self._record(name, adapter, record) for record in batch], name)

    def _take(self, groups: Iterable[list[Entry | Refused]], channel: str) -> Taken:
        items = [item for group in groups for item in group]
        try:
            return self._together(items, channel)
        except Exception as error:
            if is_transient(error) or len(items) == 1:
                raise
            log.exception("%s: a batch of %d was not taken; one by one now", channel, len(items))
        taken = Taken([], {})
        for item in items:
            one = self._alone(item, channel)
            taken.results += one.results
            taken.entries |= one.entries
        return taken

    def _alone(self, item: Entry | Refused, channel: str) -> Taken:
        try:
            return self._together([item], channel)
        except Exception as error:
            if is_transient(error) or isinstance(item, Refused):
                raise
            log.exception("%s: %s", channel, item.message.header.message_id)
            return self._together([_refused(item, _not_taken(error))], channel)

    def _together(self, items: Sequence[Entry | Refused], channel: str) -> Taken:
        taken = Taken([], {})
        denied = _DeniedOnes(channel)
        with self._journal.transaction() as transaction:
            entries = [item for item in items if isinstance(item, Entry)]
            seqs = iter(transaction.accept(entries))
            for item in items:
                result: int | Refused | None
                if isinstance(item, Entry):
                    result = self._result(transaction, item, next(seqs), taken)
                else:
                    result = item
                if isinstance(result, Refused):
                    denied.add(result, _quarantine(transaction, channel, result))
                taken.results.append(result)
            self._derive(transaction, taken)
            denied.audit(transaction)
        return taken

    def _result(
        self, transaction: Transaction, entry: Entry, seq: int | None, taken: Taken
    ) -> int | Refused | None:
        if seq is not None:
            taken.entries[seq] = entry
            return seq
        if refusal := self._conflict(transaction, entry):
            return _refused(entry, refusal)
        return None

    def _conflict(self, transaction: Transaction, entry: Entry) -> Refusal | None:
        """Why what looks like a duplicate is none: its id was used for something else."""
        header = entry.message.header
        if entry.external_id is not None or header.message_id is None:
            return None
        known = queries.message(transaction.connection, header.message_id)
        if known is None or same_fact(known.body, entry):
            return None
        return Refusal.of(
            "2.15",
            f"MessageID {header.message_id} was used before by {known.row.source} for another"
            f" message ({known.row.verb} {known.row.noun})",
            xpath="/Header/MessageID",
        )

    def _derive(self, transaction: Transaction, taken: Taken) -> None:
        """A request that no app answers is a fact for those who listen: create -> created."""
        derived = [
            entry
            for seq, request in taken.entries.items()
            for entry in self._events(request, seq, transaction)
        ]
        for seq, entry in zip(transaction.accept(derived), derived, strict=True):
            if seq is not None:
                taken.entries[seq] = entry

    def _events(self, request: Entry, seq: int, transaction: Transaction) -> Iterator[Entry]:
        message = request.message
        if self._journal.subscribers(message):
            return
        for outgoing in operations.events(message):
            event = stamp(outgoing, self._name, transaction.now, message, self._context)
            if outgoing.payload is None:
                event = replace(event, payload=message.payload)
            yield Entry(event, encode(event), request.channel, request.principal, cause=seq)

    def _delivery(self, delivery: Delivery, channel: str) -> Entry | Refused:
        content = delivery.content
        if isinstance(content, Refusal):
            return Refused(content, delivery.principal, channel, delivery.body)
        message = _identified(content)
        try:
            self._checks.check(message, delivery.principal)
            operations.check(message, lambda request: bool(self._journal.subscribers(request)))
            body = encode(message)
        except Refusal as refusal:
            return Refused(refusal, delivery.principal, channel, delivery.body, message)
        except Exception as error:
            if is_transient(error):
                raise
            log.exception("%s: message %s", channel, message.header.message_id)
            return Refused(_not_taken(error), delivery.principal, channel, delivery.body, message)
        received = None if delivery.body == body else delivery.body
        return Entry(
            message,
            body,
            channel,
            delivery.principal,
            received=received,
            corrections=_corrections(delivery),
        )

    def _record(self, name: str, adapter: Adapter[Any], record: Record) -> list[Entry | Refused]:
        """One record becomes all of its messages or, when one of them is wrong, a refusal."""
        now = self._journal.clock()
        try:
            said = [(o, stamp(o, name, now, context=self._context)) for o in adapter.to_cim(record)]
            return [
                Entry(
                    m,
                    encode_checked(m),
                    name,
                    name,
                    record.raw,
                    o.external_id,
                    corrections=_corrections(record),
                )
                for o, m in said
            ]
        except Refusal as refusal:
            return [Refused(refusal, name, record.origin, record.raw)]
        except (ValueError, KeyError) as error:
            reason = str(error) if isinstance(error, ValueError) else f"unknown {error}"
        except Exception as error:
            log.exception("%s: %s", name, record.origin)
            reason = f"the adapter failed: {type(error).__name__}: {error}"
        return [Refused(Refusal.of("1.8", reason), name, record.origin, record.raw)]


def _corrections(item: Delivery | Record) -> Sequence[Correction]:
    return item.corrections if isinstance(item, Corrected) else ()


def _identified(message: Message) -> Message:
    if message.header.message_id:
        return message
    return replace(message, header=replace(message.header, message_id=str(uuid4())))


def _not_taken(error: Exception) -> Refusal:
    return Refusal.of("5.3", f"the hub could not take it: {type(error).__name__}: {error}")


def _refused(entry: Entry, refusal: Refusal) -> Refused:
    received = entry.body if entry.received is None else entry.received
    return Refused(refusal, entry.principal, entry.channel, received, entry.message)


def _quarantine(transaction: Transaction, channel: str, refused: Refused) -> int:
    return transaction.quarantine(
        channel, refused.principal, refused.origin, refused.received, refused.refusal
    )


class _DeniedOnes:
    """What of a batch its senders had no right to send: one entry in the audit for all messages
    of one kind, so that a sender in a loop does not flood it."""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._items: dict[tuple[str, str, str], list[int]] = {}

    def add(self, refused: Refused, number: int) -> None:
        """Note what went into quarantine under `number`, when it is of that sort."""
        if isinstance(refused.refusal, Denied) and refused.request is not None:
            header = refused.request.header
            what = (refused.principal, f"{header.verb} {header.noun}", str(refused.refusal))
            self._items.setdefault(what, []).append(number)

    def audit(self, transaction: Transaction) -> None:
        """Comes last: who holds the lock of the audit must not wait for that of the journal."""
        for (principal, subject, reason), numbers in self._items.items():
            detail = {
                "channel": self._channel,
                "reason": reason,
                "messages": len(numbers),
                "quarantine": sorted(set(numbers))[:_NUMBERS],
            }
            audit.record(
                transaction.connection,
                principal,
                "message.send",
                subject,
                audit.REFUSED,
                detail,
                transaction.now,
            )
