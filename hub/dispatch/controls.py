"""Messages that make something move in the field: who may send them, and that each is audited; so
is what people ask for on the console."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from cim.message import Kind, Message, OperationSet, Verb
from hub.journal import Entry, Transaction
from hub.journal.tables import message as table
from hub.security import audit

NOUNS = frozenset({"Controls", "DERGroupDispatches", "EndDeviceControls"})
"""A request about one of these, other than `get`, is a control."""

CONSOLE = "console"
"""The channel of what people ask for; they are the principals."""


def is_control(message: Message) -> bool:
    """Whether it asks for a control, by itself or by one of its operations."""
    if message.kind is not Kind.REQUEST:
        return False
    return any(noun in NOUNS and verb is not Verb.GET for verb, noun in _asked(message))


def is_single(message: Message) -> bool:
    """Whether it asks for a control by itself."""
    header = message.header
    is_request = message.kind is Kind.REQUEST and header.verb is not Verb.GET
    return is_request and (header.noun in NOUNS or type(message.payload).__name__ in NOUNS)


def _asked(message: Message) -> Iterator[tuple[Verb, str | None]]:
    yield message.header.verb, message.header.noun
    if isinstance(message.payload, OperationSet):
        for one in message.payload.operations:
            yield one.verb or message.header.verb, one.noun


def accepted(transaction: Transaction, entries: Mapping[int, Entry]) -> None:
    """Audit what was accepted; comes last in the transaction, as every entry of the audit."""
    for seq, entry in entries.items():
        by_person = entry.channel == CONSOLE and entry.message.kind is Kind.REQUEST
        if by_person or is_control(entry.message):
            detail = {"message": seq, "channel": entry.channel, **_said(entry.message)}
            action = "request.accept" if by_person else "control.accept"
            _audit(transaction, entry.principal, action, entry.message, audit.OK, detail)


def handed_over(
    transaction: Transaction, to: str, sent: Iterable[tuple[int, Message]], why: str = ""
) -> None:
    """Audit what was handed to `to`, in the name of who has asked; comes last.

    why: it was not, or nobody knows; it is a dead letter.
    """
    controls = {seq: message for seq, message in sent if is_control(message)}
    asking = _principals(transaction, list(controls))
    for seq, message in controls.items():
        detail = {"message": seq, "to": to, **_said(message), **({"reason": why} if why else {})}
        outcome = audit.REFUSED if why else audit.OK
        _audit(transaction, asking[seq], "control.send", message, outcome, detail)


def _said(message: Message) -> dict[str, Any]:
    header = message.header
    user = {"user": header.user.user_id} if header.user else {}
    return {"id": header.message_id, "source": header.source, **user}


def _audit(
    transaction: Transaction,
    actor: str,
    action: str,
    message: Message,
    outcome: str,
    detail: Mapping[str, Any],
) -> None:
    subject = f"{message.header.verb} {message.header.noun}"
    audit.record(transaction.connection, actor, action, subject, outcome, detail, transaction.now)


def _principals(transaction: Transaction, seqs: Sequence[int]) -> dict[int, str]:
    if not seqs:
        return {}
    query = select(table.c.seq, table.c.principal).where(table.c.seq.in_(seqs))
    return {row.seq: row.principal for row in transaction.connection.execute(query)}
