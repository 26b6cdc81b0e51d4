"""What follows from what was taken: events that requests become, and the hub's own answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cim.message import Message, Verb
from cim.violation import Refusal
from hub.dispatch import operations, own
from hub.dispatch.checks import Checks
from hub.dispatch.sets import Sets
from hub.dispatch.stamp import Voice, stamp
from hub.journal import Entry, Journal, Transaction
from hub.journal.canonical import encode

NOBODY = "2.5"


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
        if not self._journal.subscribers(message):
            planned = operations.plan(message, self._check_operation)
            if planned is None or not planned.asked:
                said += [*operations.events(message, planned), *own.replies(entry, planned)]
        for outgoing in said:
            voice = self._voice
            event = stamp(outgoing, voice.source, transaction.now, message, voice.context)
            if outgoing.payload is None and outgoing.verb is not Verb.REPLY:
                event = replace(event, payload=message.payload)
            yield Entry(event, encode(event), entry.channel, entry.principal, cause=seq)
        if planned is not None and planned.asked:
            yield from self._sets.begin(transaction, entry, seq, planned)

    def check_set(self, message: Message) -> None:
        """Raises: Refusal for an operation set of which nothing can be carried out, or not all
        when an app answers the whole."""
        planned = operations.plan(message, self._check_operation)
        if planned is not None and planned.broken and self._journal.subscribers(message):
            raise Refusal(planned.broken)

    def _check_operation(self, request: Message) -> bool:
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
        return bool(takers)
