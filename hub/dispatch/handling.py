"""Let an app handle its messages: its tables, its messages and the receipt in one transaction."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TypeVar

from cim.heard import heard
from cim.message import Kind, Message, Outgoing, Topic, Verb
from cim.network import Network
from hub.bulk import Bulk
from hub.dispatch import controls, unanswered
from hub.dispatch.around import Around
from hub.dispatch.context import Part, Turn, Whole, guarded
from hub.dispatch.decoded import Decoded
from hub.dispatch.handled import Handled
from hub.dispatch.heard import handed
from hub.dispatch.live import Live
from hub.dispatch.retry import Failures, Retry, Trouble
from hub.dispatch.stamp import Voice, stamp
from hub.interfaces import App, Prepared, Timed
from hub.journal import Entry, Journal, Leased, Overtaken, Transaction
from hub.journal.canonical import encode_checked
from hub.journal.database import is_transient

T = TypeVar("T")
_BATCH = 200  # deliveries handled in one transaction at most
_BYTES = 8 * 1024 * 1024  #   and about so many bytes of messages
_GATHER = 0.05  # seconds from one small batch of several to the next
_SECONDS = 0.1  # that a batch may keep other writers waiting, where there is one writer
_PORTION = 2 * 1024 * 1024  # bytes that an app takes at once


class Handler:
    """One app and what it takes to run it; used in the hub's process and in workers alike."""

    def __init__(
        self,
        name: str,
        app: App,
        live: Live,
        decoded: Decoded,
        retry: Retry,
        around: Around,
        voice: Voice = Voice(),  # noqa: B008 - immutable
    ) -> None:
        """voice: of the hub, when it speaks in the app's place."""
        self.name = name
        self.app = app
        self.failures = Failures(name)
        self._waking = Trouble(f"{name}: waking")
        self._live = live
        self._decoded = decoded
        self._around = around
        self._retry = retry
        self._voice = voice
        self._most = _BATCH
        self._looked_at = -math.inf
        # Kept: an app makes them anew whenever it is asked.
        self._bulk = app.bulk if isinstance(app, Bulk) else frozenset[Topic]()
        self._takes_all = bool(self._bulk) and self._bulk >= app.topics

    @property
    def lanes(self) -> Sequence[int]:
        """All that the app has."""
        return range(self.app.partitions)

    def deliver(self, journal: Journal, lanes: Sequence[int] | None = None) -> Handled:
        """Handle one batch of what is open in these lanes, or in all.  Raises: as `run`."""
        lanes = self.lanes if lanes is None else lanes
        return self.handle(journal, journal.lease(self.name, lanes, self._most))

    @property
    def gathers(self) -> float:
        """Seconds for which it leaves what comes in to gather, as there was little a moment ago:
        of several together each takes much less."""
        return max(0.0, self._looked_at + _GATHER - time.monotonic())

    def next(self, journal: Journal, lanes: Sequence[int]) -> tuple[bool, list[Leased]]:
        """Whether the timer of the app has come up, which the first lane looks after, and one
        batch of what is open in these lanes."""
        if 0 in lanes:
            return journal.next(self.name, lanes, self._most, self.lanes)
        return False, journal.lease(self.name, lanes, self._most)

    def handle(self, journal: Journal, leased: Sequence[Leased]) -> Handled:
        """Handle one batch.  Raises: as `run`."""
        self.failures.tell()
        if not leased:
            return Handled()
        self._note_size(leased)
        if self._bulk and 1 < len(leased) < self._most:
            self._looked_at = time.monotonic()
        return self.run(journal, lambda _: leased, _SECONDS if journal.has_one_writer else None)

    def _note_size(self, leased: Sequence[Leased]) -> None:
        """Have fewer leased at once from now on when they are large: they are all read first."""
        size = sum(len(row.body) for row in leased)
        self._most = max(1, min(_BATCH, len(leased) * _BYTES // max(1, size)))

    def run(
        self,
        journal: Journal,
        lease: Callable[[Transaction], Sequence[Leased]],
        seconds: float | None = None,
    ) -> Handled:
        """Handle what `lease` gives, and commit.

        seconds: stop early when this time is up, so that a lock is not held for long; at least
                 one is handled, the others stay open.
        Raises: the database's error or Overtaken, with nothing done, when all must be tried again.
        """
        self._around.begin()
        handled = self._run(journal, lease, seconds)
        self._around.done(handled.seqs)
        return handled

    def _run(
        self,
        journal: Journal,
        lease: Callable[[Transaction], Sequence[Leased]],
        seconds: float | None,
    ) -> Handled:
        """All together first; when anything is raised, once more and each revocable by itself,
        which costs three times as much; when that cannot be done either, one by one."""
        leased: Sequence[Leased] = ()
        for handle in (self._together, self._each):
            leased = ()
            try:
                with journal.transaction() as transaction:
                    leased = lease(transaction)
                    return handle(transaction, leased, seconds)
            except Exception as error:
                if is_transient(error) or isinstance(error, Overtaken) or not leased:
                    raise
                failure = error
        self.failures.happened(failure, f"a batch of {len(leased)}; one by one now")
        return self._singly(journal, leased)

    def _singly(self, journal: Journal, leased: Sequence[Leased]) -> Handled:
        handled, blocked = Handled(), set[str]()
        for row in leased:
            if row.ordering_key in blocked:
                handled.held.append(row.seq)
                continue
            one = self._alone(journal, row)
            handled.add(one)
            if one.failed:
                blocked.add(row.ordering_key)
        if handled.held:
            with journal.transaction() as transaction:
                transaction.unpublish(self.name, handled.held)
        return handled

    def _alone(self, journal: Journal, row: Leased) -> Handled:
        try:
            with journal.transaction() as transaction:
                return self._each(transaction, [row])
        except Exception as error:
            if is_transient(error) or isinstance(error, Overtaken):
                raise
            handled = Handled.of([row])
            handled.failed.append(row.seq)
            with journal.transaction() as transaction:
                self._finish(transaction, handled, self._fail(transaction, row, error))
            return handled

    def _together(
        self, transaction: Transaction, leased: Sequence[Leased], seconds: float | None = None
    ) -> Handled:
        """Handle deliveries in order, all or none; the caller commits or rolls back."""
        if any(row.attempts for row in leased):  # what has failed may well fail again
            return self._each(transaction, leased, seconds)
        handled, entries = Handled.of(leased), list[Entry]()
        network, part = self._network(leased), Whole(transaction)
        with guarded(transaction.connection):
            for given in in_time(self._portions(transaction, leased), seconds):
                entries += self._some(transaction, given, network, part)
                handled.seqs += (one.leased.seq for one in given)
        self._finish(transaction, handled, entries)
        return handled

    def _portions(
        self, transaction: Transaction, leased: Sequence[Leased]
    ) -> Iterator[list[_Accepted]]:
        """Those that follow one another and that the app takes together, so many as have a
        portion's bytes; each other one by itself."""
        portion: list[_Accepted] = []
        size = 0
        for one in (self._accepted(transaction, row) for row in leased):
            alone = not self._is_bulk(one)
            if portion and (alone or size + len(one.body) > _PORTION):
                yield portion
                portion, size = [], 0
            if alone:
                yield [one]
            else:
                portion.append(one)
                size += len(one.body)
        if portion:
            yield portion

    def _accepted(self, transaction: Transaction, row: Leased) -> _Accepted:
        return _Accepted(row, self._decoded, transaction.now)

    def _is_bulk(self, one: _Accepted) -> bool:
        if self._takes_all or not self._bulk:  # nothing need be decoded to know it
            return self._takes_all
        header = one.told.header
        return Topic(header.verb, header.noun) in self._bulk

    def _some(
        self, transaction: Transaction, given: Sequence[_Accepted], network: Network, part: Whole
    ) -> list[Entry]:
        """Have the app handle one portion."""
        if not isinstance(self.app, Bulk) or not self._is_bulk(given[0]):
            return self._one(transaction, given[0], network, part)
        turn, entries = Turn(part, network, transaction.now), list[Entry]()
        for one, said in zip(given, self.app.handle_all(given, turn), strict=True):
            if listed := list(said):
                entries += self._entries(listed, transaction, one.message, one.leased.seq)
        if not transaction.is_sound:
            raise RuntimeError("the app has ended the hub's transaction")
        turn.keep_wake(transaction, self.name, given[-1].leased.seq)
        return entries

    def _each(
        self, transaction: Transaction, leased: Sequence[Leased], seconds: float | None = None
    ) -> Handled:
        """Handle deliveries in order, each revocable by itself; the caller commits."""
        handled, entries, blocked = Handled.of(leased), list[Entry](), set[str]()
        network = self._network(leased)
        with guarded(transaction.connection):
            for row in in_time(leased, seconds):
                if row.ordering_key in blocked:
                    handled.held.append(row.seq)
                    continue
                part = Part(transaction)
                try:
                    with part.revocable():
                        said = self._one(
                            transaction, self._accepted(transaction, row), network, part
                        )
                except Exception as error:
                    if is_transient(error) or not transaction.is_sound:
                        raise
                    entries += self._fail(transaction, row, error)
                    blocked.add(row.ordering_key)
                    handled.failed.append(row.seq)
                else:
                    entries += said
                    handled.seqs.append(row.seq)
        self._finish(transaction, handled, entries)
        return handled

    def _network(self, leased: Sequence[Leased]) -> Network:
        return self._live.at_least(max((row.seq for row in leased), default=0))

    def _one(
        self, transaction: Transaction, given: _Accepted, network: Network, part: Whole
    ) -> list[Entry]:
        seq, message = given.leased.seq, given.told
        turn = Turn(part, network, transaction.now, lambda: self._around.of(seq))
        said = list(handed(self.app, message, turn))
        if not transaction.is_sound:
            raise RuntimeError("the app has ended the hub's transaction")
        entries = self._entries(said, transaction, message, seq)
        if message.kind is Kind.REQUEST and all(one.verb is not Verb.REPLY for one in said):
            entries += unanswered.silent(transaction, message, seq, self.name, self._voice)
        turn.keep_wake(transaction, self.name, seq)
        return entries

    def _entries(
        self,
        said: Iterable[Outgoing],
        transaction: Transaction,
        answers: Message | None = None,
        cause: int | None = None,
    ) -> list[Entry]:
        entries = []
        for outgoing in said:
            message = stamp(outgoing, self.name, transaction.now, answers, self._voice.context)
            entries.append(
                Entry(
                    message,
                    encode_checked(message),
                    channel=self.name,
                    principal=self.name,
                    external_id=outgoing.external_id,
                    cause=cause,
                )
            )
        return entries

    def _fail(self, transaction: Transaction, row: Leased, error: Exception) -> list[Entry]:
        """Have it tried again later, or not; what whoever asked is told then."""
        made = row.attempts + 1
        due = self._retry.due(made, transaction.now)
        after = "dead" if due is None else f"again at {due:%H:%M:%S}"
        story = f"message {row.message_id} failed, attempt {made}, {after}"
        self.failures.happened(error, story)
        transaction.failed(self.name, row.seq, f"{type(error).__name__}: {error}", due)
        if due is not None:
            return []
        return unanswered.dead(transaction, row.seq, self.name, made, self._voice)

    def _finish(self, transaction: Transaction, handled: Handled, entries: Sequence[Entry]) -> None:
        if handled.seqs:
            transaction.delivered(self.name, handled.seqs, transaction.now)
        if handled.held:
            transaction.unpublish(self.name, handled.held)
        # Last, because it holds the order of the journal until the commit.
        seqs = transaction.accept(entries)
        handled.said = {seq: e for seq, e in zip(seqs, entries, strict=True) if seq is not None}
        controls.accepted(transaction, handled.said)

    def wake(self, journal: Journal) -> Handled | None:
        """Wake the app when its timer is due and what was accepted before is handled; None when
        it is not, or when it fails: then it is woken again later, without end.

        Raises: the database's error, when not even that can be noted.
        """
        try:
            with journal.transaction() as transaction:
                handled = self._wake(transaction)
        except Exception as error:
            pause = self._retry.pause(self._waking.happened(error))
            with journal.transaction() as transaction:
                until = transaction.now + timedelta(seconds=pause)
                transaction.postpone_wake(self.name, until)
            return None
        self._waking.over()
        return handled

    def _wake(self, transaction: Transaction) -> Handled | None:
        if not isinstance(self.app, Timed):
            return None
        # Before the first statement: nobody shall wait for a lock while a model is put in force,
        # or while the app looks at all of it.
        network = self._live.catch_up()
        if isinstance(self.app, Prepared):
            self.app.prepare(network)
        woken = transaction.take_wake(self.name, transaction.now, self.lanes)
        if woken is None:
            return None
        part = Part(transaction)
        turn = Turn(part, network, transaction.now)
        with guarded(transaction.connection), part.revocable():
            entries = self._entries(self.app.wake(turn), transaction, cause=woken.cause)
        turn.keep_wake(transaction, self.name, woken.cause)
        handled = Handled()
        self._finish(transaction, handled, entries)
        return handled


@dataclass(frozen=True)
class _Accepted:
    """A leased message (`hub.bulk.Accepted`)."""

    leased: Leased
    decoded: Decoded
    now: datetime

    @property
    def message_id(self) -> str:
        return self.leased.message_id

    @property
    def body(self) -> bytes:
        return self.leased.body

    @cached_property
    def told(self) -> Message:
        """As it was told."""
        return self.decoded.get(self.leased.seq, self.leased.body)

    @cached_property
    def message(self) -> Message:
        return heard(self.told, self.now)


def in_time(leased: Iterable[T], seconds: float | None) -> Iterator[T]:
    """One of `leased` at least, and more until the time is up."""
    end = math.inf if seconds is None else time.monotonic() + seconds
    for row in leased:
        yield row
        if time.monotonic() >= end:
            break
