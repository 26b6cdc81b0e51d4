"""Who sent what he had no right to send: the audit hears of it."""

from __future__ import annotations

from hub.dispatch.rights import Denied
from hub.dispatch.taken import Refused
from hub.journal import Transaction
from hub.security import audit

_NUMBERS = 20  # of items in quarantine that one entry of the audit names


class DeniedOnes:
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
