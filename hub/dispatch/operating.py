"""Hand controls to what moves devices: one by one, each once, by one hub of all."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import func, select

from cim.message import Message
from cim.ordering import ordering_key
from cim.violation import Refusal
from hub.dispatch import interlock
from hub.dispatch.active import Turn
from hub.dispatch.decoded import Decoded
from hub.dispatch.interlock import Interlock
from hub.dispatch.retry import Retry
from hub.dispatch.sending import Sender, into
from hub.dispatch.stamp import Voice
from hub.interfaces import Operating
from hub.journal import Entry, Journal, Leased, Transaction, known
from hub.journal.tables import delivery, is_accepted
from hub.journal.tables import message as table

BUSY = "5.2"


class OperatingSender(Sender):
    """One for all lanes: it keeps nothing between two steps."""

    def __init__(
        self,
        subscriber: str,
        system: Operating[Any],
        journal: Journal,
        decoded: Decoded,
        retry: Retry,
        voice: Voice,
        interlock: Interlock,
        turn: Turn,
    ) -> None:
        """turn: the right to operate."""
        write = into(subscriber, system)
        super().__init__(subscriber, write, journal, decoded, retry, voice, confirms=True)
        self._system, self._interlock = system, interlock
        self._turn = turn

    def step(self, lanes: Collection[int]) -> bool:
        """Carry out one; False when nothing is open.  Raises: ConnectionError."""
        if not self._turn.hold():
            return False
        leased = self._journal.lease(self.subscriber, lanes, 1)
        self._singly(leased[:1])
        return bool(leased)

    def _one(self, row: Leased) -> None:
        message = self._decoded.get(row.seq, row.body)
        # Once more, for it may be lost since: who wins it after this knows of the control, and only
        # recalls it.
        if not self._turn.hold():
            raise ConnectionError(f"another hub operates {self.subscriber} now")
        if row.seq <= self._turn.before:
            _recall(self._system, message)
            return
        self._interlock.check_now(message)
        self._send([message])


def _recall(system: Operating[Any], message: Message) -> None:
    for record in system.from_cim(message):
        system.recall(record)


def busy(transaction: Transaction, entry: Entry) -> Refusal | None:
    """Why a control is not taken: another one of the same device is not done yet.

    The order of the journal is held from here on.  A request sent again is looked at no more.
    """
    message = entry.message
    if not interlock.is_of_controls(message):
        return None
    transaction.hold_order()
    if any(known.message_ids(transaction.connection, [message.header.message_id or ""])):
        return None
    open_ones = (
        select(func.min(table.c.message_id))
        .join(delivery, delivery.c.seq == table.c.seq)
        .where(
            is_accepted,
            delivery.c.ordering_key == ordering_key(message)[:200],
            table.c.noun == "Controls",
            table.c.kind == message.kind.value,
        )
    )
    other = transaction.connection.scalar(open_ones)
    if other is None:
        return None
    return Refusal.of(BUSY, f"control {other} of the same device is not done yet: ask after it")
