"""What follows from what was taken: events that requests become, and the hub's own answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from cim.message import Message, ObjectId, Operation, OperationSet, Verb
from cim.profile import Profile
from cim.violation import Refusal, Violation
from hub.dispatch import operations, orders, own
from hub.dispatch.checks import Checks
from hub.dispatch.sets import Sets
from hub.dispatch.stamp import Voice, stamp
from hub.journal import Entry, Journal, Transaction, known
from hub.journal.canonical import encode

NOBODY = "2.5"

Said = Profile | OperationSet | tuple[ObjectId, ...] | None
"""What a message may hold."""


class Consequences:
    """A request that no app answers is a fact for those who listen (create -> created); some wait
    elsewhere for an answer."""

    def __init__(self, journal: Journal, checks: Checks, voice: Voice, sets: Sets) -> None:
        self._journal = journal
        self._checks = checks
        self._voice = voice
        self._sets = sets

    def of(self, entry: Entry, seq: int, transaction: Transaction) -> Iterator[Entry]:
        """What follows from `entry`, which was taken as `seq`."""
        message = entry.message
        said = list(own.receipts(entry))
        planned = None
        payload = message.payload
        if not self._journal.subscribers(message):
            book = self._book(entry, transaction)
            planned = operations.plan(message, partial(self._check_operation, book))
            if planned is None or not planned.asked:
                # One order alone has been held against the book before it was accepted.
                payload, refused = _new(book if orders.may_be_in_part(message) else None, payload)
                said += operations.events(message, planned)
                said += own.replies(entry, planned, refused)
        for outgoing in said:
            voice = self._voice
            event = stamp(outgoing, voice.source, transaction.now, message, voice.context)
            if outgoing.payload is None and outgoing.verb is not Verb.REPLY:
                event = replace(event, payload=payload)
            yield Entry(event, encode(event), entry.channel, entry.principal, cause=seq)
        if planned is not None and planned.asked:
            yield from self._sets.begin(transaction, entry, seq, planned)

    def refusal(self, entry: Entry, transaction: Transaction) -> Refusal | None:
        """Why nothing of a request that creates orders can be done: all of them exist.

        The order of the journal is held from here on.  A request sent again is looked at no more.
        """
        message = entry.message
        book = self._book(entry, transaction)
        if book is None or self._journal.subscribers(message):
            return None
        transaction.hold_order()
        if any(known.message_ids(transaction.connection, [message.header.message_id or ""])):
            return None
        try:
            operations.plan(message, partial(self._check_operation, book))
        except Refusal as refusal:
            return refusal
        left, refused = _new(book, message.payload)
        is_empty = isinstance(left, Profile) and not any(orders.orders(left))
        return Refusal(refused) if refused and is_empty else None

    def _book(self, entry: Entry, transaction: Transaction) -> orders.Book | None:
        """What a request to create orders is held against; None for anything else, and for what an
        adapter says, whose external id tells what is new."""
        message = entry.message
        if entry.external_id is not None or not orders.creates(message):
            return None
        return orders.Book(transaction.connection, message.header.context, self._voice.context)

    def check_set(self, message: Message) -> None:
        """Raises: Refusal for an operation set of which nothing can be carried out, or not all
        when an app answers the whole."""
        planned = operations.plan(message, partial(self._check_operation, None))
        if planned is not None and planned.broken and self._journal.subscribers(message):
            raise Refusal(planned.broken)

    def _check_operation(self, book: orders.Book | None, request: Message, one: Operation) -> bool:
        """Whether an app answers it.  Raises: Refusal."""
        self._checks.check_known(request)
        takers = self._journal.subscribers(request)
        what = f"{request.header.verb} {request.header.noun}"
        if takers and not any(taker.answers for taker in takers):
            names = " and ".join(taker.subscriber for taker in takers)
            rule = f"{what} goes to {names}, who answers nothing within a set: send it alone"
            raise Refusal.of(operations.NOT_ATTEMPTED, rule)
        if request.header.verb is Verb.GET and not takers:
            raise Refusal.of(NOBODY, f"nobody here answers {what}")
        if book is not None and not takers:
            book.carry_out(one)
        return bool(takers)


def _new(book: orders.Book | None, payload: Said) -> tuple[Said, tuple[Violation, ...]]:
    """What of a payload is new, and why the rest is not taken."""
    if book is None or not isinstance(payload, Profile) or not (found := book.known(payload)):
        return payload, ()
    return orders.without(payload, found), orders.violations(payload, found)
