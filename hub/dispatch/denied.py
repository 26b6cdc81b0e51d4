"""Who sent what he had no right to send, or a control that was refused: the audit hears of it."""

from __future__ import annotations

from hub.dispatch.controls import is_control
from hub.dispatch.rights import Denied
from hub.dispatch.taken import Refused
from hub.journal import Transaction
from hub.security import audit

_NUMBERS = 20  # of items in quarantine that one entry of the audit names


class DeniedOnes:
    """What of a batch its senders had no right to send, and its controls that were refused: one
    entry in the audit for all messages of one kind, so that a sender in a loop does not flood it.
    """

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._items: dict[tuple[str, str, str, str], list[int]] = {}

    def add(self, refused: Refused, number: int) -> None:
        """Note what went into quarantine under `number`, when it is of that sort."""
        request, is_denied = refused.request, isinstance(refused.refusal, Denied)
        if request is None or not (is_denied or is_control(request)):
            return
        action = "message.send" if is_denied else "control.accept"
        subject = f"{request.header.verb} {request.header.noun}"
        what = (refused.principal, action, subject, str(refused.refusal))
        self._items.setdefault(what, []).append(number)

    def audit(self, transaction: Transaction) -> None:
        """Comes last: who holds the lock of the audit must not wait for that of the journal."""
        for (principal, action, subject, reason), numbers in self._items.items():
            detail = {
                "channel": self._channel,
                "reason": reason,
                "messages": len(numbers),
                "quarantine": sorted(set(numbers))[:_NUMBERS],
            }
            audit.record(
                transaction.connection,
                principal,
                action,
                subject,
                audit.REFUSED,
                detail,
                transaction.now,
            )
