"""What comes in goes into the journal or into quarantine, in one transaction a batch."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any
from uuid import uuid4

from cim.message import Message
from cim.position import located
from cim.violation import Refusal
from hub.channels.addresses import AMQP, Addresses
from hub.config import Replay as ReplaySettings
from hub.dispatch import controls, own
from hub.dispatch.account import Account, once
from hub.dispatch.checks import Checks, check_names
from hub.dispatch.consequences import Consequences
from hub.dispatch.controls import CONSOLE
from hub.dispatch.denied import DeniedOnes
from hub.dispatch.duplicates import came_back, conflict
from hub.dispatch.operating import busy
from hub.dispatch.records import Item, Records, corrections
from hub.dispatch.replay import Replay
from hub.dispatch.replying import reply_to
from hub.dispatch.sets import Sets
from hub.dispatch.stamp import Voice
from hub.dispatch.taken import Refused, Settle, Taken, runs
from hub.dispatch.window import Window, judged
from hub.interfaces import Adapter, Filed, Record
from hub.journal import Entry, Journal, Overtaken, Transaction, feed_files, known, source_clocks
from hub.journal.canonical import encode
from hub.journal.database import is_transient
from hub.journal.entry import ReplyTo
from hub.message_channel import Delivery
from hub.parts import Part

log = logging.getLogger(__name__)
_ALWAYS = Window()

Noting = Callable[[Transaction, Taken], None]
"""Writes down what was taken, in the transaction in which it is."""


class Intake:
    """voice: of what the hub makes of what comes in.
    addresses: where it may send answers.
    windows: of adapters, by name.
    """

    def __init__(
        self,
        journal: Journal,
        checks: Checks,
        voice: Voice,
        sets: Sets,
        addresses: Addresses = Addresses(),  # noqa: B008 - immutable
        replay: Replay = Replay(ReplaySettings()),  # noqa: B008 - immutable
        windows: Mapping[str, Window] = MappingProxyType({}),
    ) -> None:
        self._journal = journal
        self._windows = windows
        self._checks = checks
        self._voice = voice
        self._consequences = Consequences(journal, checks, voice, sets)
        self._addresses = addresses
        self._replay = replay

    def deliveries(self, deliveries: Sequence[Delivery], channel: str) -> Taken:
        """Take what a channel has received.  Raises: the database's error; nothing is taken."""
        return self._take([[self._delivery(d, channel)] for d in deliveries], channel)

    def records(self, name: str, adapter: Adapter[Any], batch: Sequence[Record]) -> Taken:
        """Take what an adapter has read; of a file, what was not taken of it before a power cut.

        Raises: the database's error; nothing is taken.
        """
        account = None
        if isinstance(batch, Part):
            with self._journal.reading() as connection:
                done = feed_files.done(connection, name, batch.file)
            if done is not None and batch.end <= done:
                return Taken([], {})
            batch = batch.after(done or 0)
            account = Account(name, batch, self._journal.clock(), self._journal.clock)
        read = self._read(name, adapter)
        try:
            groups = read.groups(batch, partial(self._known, name))
            return self._take(groups, name, _note(read, account, groups))
        except Overtaken as error:
            log.info("%s: each alone: %s", name, error)
            read = self._read(name, adapter)
            alone = [read.entries(record) for record in batch]
            return self._take(alone, name, _note(read, account, alone))

    def delivery_again(self, delivery: Delivery, channel: str, settle: Settle) -> Taken:
        """Take what lay in quarantine, or have `settle` told why not; it is not kept twice.

        ReplayDetection is not looked at: a person vouches for it, and its time is long over.
        Raises: what `settle` does, the database's error; nothing is taken.
        """
        return self._again([self._delivery(delivery, channel)], settle)

    def records_again(
        self, name: str, adapter: Adapter[Any], records: Sequence[Record], settle: Settle
    ) -> Taken:
        """The same for records of an adapter: all of them or none."""
        read = self._read(name, adapter)
        return self._again([item for one in records for item in read.entries(one)], settle)

    def _read(self, name: str, adapter: Adapter[Any]) -> Records:
        window, now = self._windows.get(name, _ALWAYS), self._journal.clock()
        # Who brings a file by hand (`models`) has looked at it.
        keeps = window.keeps if isinstance(adapter, Filed) else 0.0
        whole = partial(self._checks.check_whole, keeps=keeps, source=name)
        return Records(name, adapter, now, self._voice.context, window, whole=whole)

    def _known(self, source: str, facts: Sequence[str]) -> known.Before:
        with self._journal.reading() as connection:
            return known.before(connection, source, facts)

    def _again(self, items: Sequence[Entry | Refused], settle: Settle) -> Taken:
        entries = [item for item in items if isinstance(item, Entry)]
        taken = Taken([item for item in items if isinstance(item, Refused)], {})
        with self._journal.transaction() as transaction:
            part = transaction.savepoint()
            for run in runs(entries if not taken.results else []):
                taken.add(self._accept(transaction, run))
            if taken.refused:
                part.rollback()
                taken.entries.clear()
            else:
                part.commit()
            settle(transaction, taken, entries)
            controls.accepted(transaction, taken.entries)
        return taken

    def _take(
        self,
        groups: Sequence[Sequence[Item]],
        channel: str,
        note: Noting | None = None,
    ) -> Taken:
        items = once(groups)
        try:
            return self._together(items, channel, note)
        except Exception as error:
            if is_transient(error) or isinstance(error, Overtaken) or len(items) == 1:
                raise
            log.exception("%s: a batch of %d was not taken; one by one now", channel, len(items))
        taken = Taken([], {})
        for item in items:
            taken.add(self._alone(item, channel))
        if note:
            with self._journal.transaction() as transaction:
                note(transaction, taken)
        return taken

    def _alone(self, item: Entry | Refused, channel: str) -> Taken:
        try:
            return self._together([item], channel)
        except Exception as error:
            if is_transient(error) or isinstance(error, Overtaken) or isinstance(item, Refused):
                raise
            log.exception("%s: %s", channel, item.message.header.message_id)
            return self._together([_refused(item, _not_taken(error))], channel)

    def _together(
        self,
        items: Sequence[Entry | Refused],
        channel: str,
        note: Noting | None = None,
    ) -> Taken:
        taken = Taken([], {})
        denied = DeniedOnes(channel)
        with self._journal.transaction() as transaction:
            for run in runs(self._without_replays(transaction, items)):
                taken.add(self._accept(transaction, run))
            for refused in taken.refused:
                denied.add(refused, _quarantine(transaction, channel, refused))
            self._tell_refused(transaction, taken)
            if note:
                note(transaction, taken)
            controls.accepted(transaction, taken.entries)
            denied.audit(transaction)
        return taken

    def _accept(self, transaction: Transaction, run: Sequence[Entry | Refused]) -> Taken:
        """Take what does not depend on one another, and what follows from it."""
        run = [self._without_known(transaction, item) for item in run]
        taken = Taken([], {})
        entries = [item for item in run if isinstance(item, Entry)]
        seqs = iter(transaction.accept(entries))
        for item in run:
            if isinstance(item, Entry):
                taken.results.append(self._result(transaction, item, next(seqs), taken, entries))
            else:
                taken.results.append(item)
        self._derive(transaction, taken)
        return taken

    def _without_known(self, transaction: Transaction, item: Entry | Refused) -> Entry | Refused:
        """The same, or a refusal in its place when it creates only what exists, or controls what
        is being controlled."""
        if not isinstance(item, Entry):
            return item
        refusal = self._consequences.refusal(item, transaction) or busy(transaction, item)
        return _refused(item, refusal) if refusal else item

    def _without_replays(
        self, transaction: Transaction, items: Sequence[Entry | Refused]
    ) -> list[Entry | Refused]:
        """The same, with a refusal in place of each message that was sent before as another."""
        entries = [item for item in items if isinstance(item, Entry)]
        found = self._replay.refusals(transaction.connection, entries, transaction.now)
        refusals = {id(entries[place]): refusal for place, refusal in found.items()}
        return [
            _refused(item, refusals[id(item)])
            if isinstance(item, Entry) and id(item) in refusals
            else item
            for item in items
        ]

    def _result(
        self,
        transaction: Transaction,
        entry: Entry,
        seq: int | None,
        taken: Taken,
        entries: Sequence[Entry],
    ) -> int | Refused | None:
        """entries: the run that it is of."""
        if seq is not None:
            taken.entries[seq] = entry
            return seq
        if refusal := conflict(transaction, entry):
            return _refused(entry, refusal)
        if anew := came_back(transaction, entry, entries):
            [seq] = transaction.accept([anew])
            return self._result(transaction, anew, seq, taken, ())
        return None

    def _derive(self, transaction: Transaction, taken: Taken) -> None:
        """Take what follows from what was taken, too."""
        derived = [
            entry
            for seq, request in taken.entries.items()
            for entry in self._consequences.of(request, seq, transaction)
        ]
        for seq, entry in zip(transaction.accept(derived), derived, strict=True):
            if seq is not None:
                taken.entries[seq] = entry

    def _tell_refused(self, transaction: Transaction, taken: Taken) -> None:
        """Tell those who do not wait for it; the same message is answered once."""
        told = [
            self._told(result, result.request, result.reply_to, transaction)
            for result in taken.results
            if isinstance(result, Refused) and result.reply_to and result.request
        ]
        transaction.accept([entry for entry in told if entry is not None])

    def _told(
        self, refused: Refused, request: Message, to: ReplyTo, transaction: Transaction
    ) -> Entry | None:
        answer = own.refusal(request, refused.refusal, transaction.now, self._voice)
        if answer is None:
            return None
        return Entry(
            answer,
            encode(answer),
            refused.origin,
            refused.principal,
            external_id=f"refusal of {request.header.message_id}",
            reply_to=to,
        )

    def _delivery(self, delivery: Delivery, channel: str) -> Entry | Refused:
        content = delivery.content
        if isinstance(content, Refusal):
            return Refused(content, delivery.principal, channel, delivery.body)
        message = _identified(content)
        to: ReplyTo | None = None
        try:
            to = reply_to(message, channel, self._addresses)
            person = channel == CONSOLE
            self._checks.check(message, delivery.principal, person=person)
            if not person:
                self._replay.check(message, delivery.principal)
            self._consequences.check_set(message)
            body = encode(message)
            check_names(body, message.header.noun)
        except Exception as error:
            if is_transient(error):
                raise
            if not isinstance(error, Refusal):
                log.exception("%s: message %s", channel, message.header.message_id)
            refusal = error if isinstance(error, Refusal) else _not_taken(error)
            elsewhere = to if channel == AMQP else None
            return Refused(refusal, delivery.principal, channel, delivery.body, message, elsewhere)
        received = None if delivery.body == body else delivery.body
        return Entry(
            message,
            body,
            channel,
            delivery.principal,
            received=received,
            corrections=corrections(delivery),
            reply_to=to,
        )


def _note(read: Records, account: Account | None, groups: Sequence[Sequence[Item]]) -> Noting:
    """Notes how long facts took and what became of them, in the transaction that takes them."""

    def note(transaction: Transaction, taken: Taken) -> None:
        if lags := read.lags.seconds:
            judge = partial(judged, usual=read.window.usual)
            source_clocks.note(transaction, read.name, lags, judge)
        if account:
            account.note(groups, transaction, taken)

    return note


def _identified(message: Message) -> Message:
    if message.header.message_id:
        return message
    return replace(message, header=replace(message.header, message_id=str(uuid4())))


def _not_taken(error: Exception) -> Refusal:
    return Refusal.of("5.3", f"the hub could not take it: {type(error).__name__}: {error}")


def _refused(entry: Entry, refusal: Refusal) -> Refused:
    if entry.exact is not None:
        kept = entry.exact
        return Refused(refusal, entry.principal, kept.origin, kept.received, entry.message)
    received = entry.body if entry.received is None else entry.received
    elsewhere = entry.reply_to if entry.channel == AMQP else None
    return Refused(refusal, entry.principal, entry.channel, received, entry.message, elsewhere)


def _quarantine(transaction: Transaction, channel: str, refused: Refused) -> int:
    placed = Refusal(located(refused.refusal.violations, refused.received))
    return transaction.quarantine(
        channel, refused.principal, refused.origin, refused.received, placed
    )
