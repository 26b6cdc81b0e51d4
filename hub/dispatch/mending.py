"""What is in quarantine is corrected, sent again or rejected, always linked to the original.

Bytes go the way they went the first time: as a message of their channel in the name of the sender
they came from, held against its rights of today, or as records of their adapter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cim.dialect import DEFAULT, Correction, Dialect, Dialects, read_element
from cim.message import Fault, Message
from cim.parse import parse
from cim.position import located
from cim.violation import Refusal
from hub.dispatch.hub import Hub
from hub.dispatch.models import Files
from hub.dispatch.taken import Taken
from hub.interfaces import Adapter, Record, Rereading
from hub.journal import Entry, Journal, Transaction, attempts, queries
from hub.journal.attempts import Action
from hub.journal.known import brought_by
from hub.journal.queries import QuarantinedDetail
from hub.security import audit


class NoItem(KeyError):
    """There is no such item in quarantine."""

    def __str__(self) -> str:
        return f"There is no item {self.args[0]} in quarantine."


class NotOpen(ValueError):
    """Somebody has dealt with the item already; the text says who and how."""


@dataclass(frozen=True, kw_only=True)
class Mended:
    """What came of it.

    state:    of the item now; "open" when it was refused again.
    messages: the messages it became, or that were in the journal already.
    refusal:  why it was refused again.
    """

    item: int
    state: str
    messages: tuple[int, ...] = ()
    refusal: Refusal | None = None

    @property
    def sentence(self) -> str:
        """For people."""
        if self.refusal is not None:
            return f"Item {self.item} stays in quarantine: {self.refusal}"
        numbers = ", ".join(map(str, self.messages))
        what = f"message {numbers}" if len(self.messages) == 1 else f"messages {numbers}"
        return f"Item {self.item} is {self.state}: {what}."


def mend(
    hub: Hub,
    number: int,
    actor: str,
    data: bytes | None = None,
    remark: str = "",
    dialects: Dialects = Dialects(),  # noqa: B008 - immutable
) -> Mended:
    """Take an item in quarantine again: with corrected bytes, or, without any, as it came.

    dialects: how strictly each sender is read, this one too.
    Raises: NoItem; NotOpen, when somebody else was first; the database's error.  Nothing is taken.
    """
    item = _item(hub.journal, number)
    _check_open(hub.journal, item)
    again = _Again(item, actor, remark, data, dialects.of(item.principal))
    try:
        adapter = _adapter(hub, item)
        if adapter is None:
            hub.again(again.message(), item.channel, again.settle)
        else:
            hub.again(again.records(adapter), item.channel, again.settle, adapter)
    except Refusal as refusal:
        with hub.journal.transaction() as transaction:
            again.refused(transaction, refusal)
    return again.came


def reject(journal: Journal, number: int, actor: str, reason: str) -> Mended:
    """Close an item that nobody will send again; its bytes are kept.

    Raises: NoItem; NotOpen.
    """
    item = _item(journal, number)
    with journal.transaction() as transaction:
        if not attempts.settle(transaction, number, Action.REJECT):
            raise _not_open(transaction, item)
        attempts.note(transaction, number, actor, Action.REJECT, remark=reason)
        _audit(transaction, actor, Action.REJECT, number, audit.OK, {"reason": reason})
    return Mended(item=number, state=Action.REJECT.end)


def content(
    data: bytes, dialect: Dialect = DEFAULT
) -> tuple[Message | Refusal, tuple[Correction, ...]]:
    """The message in bytes that lay in quarantine, within a SOAP envelope or without, and what was
    tolerated in it."""
    # spyne is loaded where it serves, and where somebody looks at what lies in quarantine
    from hub.channels.soap.envelope import ENVELOPE, opened
    from hub.channels.soap.framework import Fault as SoapFault

    try:
        root = parse(data)
        if root.tag == f"{{{ENVELOPE}}}Envelope":
            root = opened(root)[1]
        read, corrections = read_element(root, dialect)
    except Refusal as refusal:
        return Refusal(located(refusal.violations, data)), ()
    except SoapFault as fault:
        return Refusal.of("1.8", str(fault.faultstring)), ()
    if isinstance(read, Fault):
        return Refusal.of("1.8", "A FaultMessage is an answer; the hub takes none."), ()
    return read, corrections


@dataclass
class _Bytes:
    """Bytes in the name of who sent the first ones (`hub.message_channel.Delivery`)."""

    content: Message | Refusal
    body: bytes
    principal: str
    corrections: tuple[Correction, ...] = ()

    def ack(self) -> None:
        """Nobody waits."""

    def reject(self, why: str) -> None:
        """Nobody waits."""


class _Again:
    """One attempt: `came` is what came of it."""

    def __init__(
        self,
        item: QuarantinedDetail,
        actor: str,
        remark: str,
        data: bytes | None,
        dialect: Dialect,
    ) -> None:
        self._item, self._actor, self._remark, self._data = item, actor, remark, data
        self._dialect = dialect
        self._action = Action.RESEND if data is None else Action.CORRECT
        self._bytes = item.received if data is None else data
        self.came = Mended(item=item.id, state=item.state)

    def message(self) -> _Bytes:
        read, corrections = content(self._bytes, self._dialect)
        return _Bytes(read, self._bytes, self._item.principal, corrections)

    def records(self, adapter: Rereading) -> Sequence[Record]:
        """Raises: Refusal."""
        try:
            found = adapter.again(self._item.origin, self._bytes)
        except Refusal:
            raise
        except ValueError as error:
            raise Refusal.of("1.8", str(error)) from None
        if not found:
            raise Refusal.of("1.8", "There is nothing in it: no row and no event.")
        return found

    def settle(self, transaction: Transaction, taken: Taken, entries: Sequence[Entry]) -> None:
        """The item's part of the transaction in which the messages are taken.

        After the messages: who holds the lock of the item must not wait for that of the journal.
        """
        if taken.refused:
            violations = tuple(v for one in taken.refused for v in one.refusal.violations)
            self.refused(transaction, Refusal(located(violations, self._bytes)))
            return
        if not attempts.settle(transaction, self._item.id, self._action):
            raise _not_open(transaction, self._item)
        pairs = zip(taken.results, entries, strict=True)
        messages = tuple(s if isinstance(s, int) else _known(transaction, e) for s, e in pairs)
        self._note(transaction, audit.OK, {"messages": list(messages)}, messages=messages)
        self.came = Mended(item=self._item.id, state=self._action.end, messages=messages)

    def refused(self, transaction: Transaction, refusal: Refusal) -> None:
        """It stays, with the new reasons in its history."""
        if not attempts.settle(transaction, self._item.id, None):
            raise _not_open(transaction, self._item)
        self._note(transaction, audit.REFUSED, {"reason": str(refusal)}, refusal=refusal)
        self.came = Mended(item=self._item.id, state=self._item.state, refusal=refusal)

    def _note(
        self,
        transaction: Transaction,
        outcome: str,
        detail: dict[str, object],
        refusal: Refusal | None = None,
        messages: tuple[int, ...] = (),
    ) -> None:
        attempts.note(
            transaction,
            self._item.id,
            self._actor,
            self._action,
            remark=self._remark,
            received=self._data,
            refusal=refusal,
            messages=messages,
        )
        said = {"remark": self._remark} if self._remark else {}
        detail = {"principal": self._item.principal, **said, **detail}
        _audit(transaction, self._actor, self._action, self._item.id, outcome, detail)


def _item(journal: Journal, number: int) -> QuarantinedDetail:
    with journal.reading() as connection:
        item = queries.quarantined_item(connection, number)
    if item is None:
        raise NoItem(number)
    return item


def _adapter(hub: Hub, item: QuarantinedDetail) -> Any:
    """Whose records the bytes are; None for a message.  Raises: Refusal.

    A message's origin is its channel; what has a file for its origin and no adapter of this
    configuration is a file of models that was brought by hand.
    """
    adapter: Adapter[Any] | None = hub.adapters.get(item.channel)
    if adapter is None:
        return None if item.origin == item.channel else Files()
    if not isinstance(adapter, Rereading):
        rule = f"The adapter {item.channel} takes nothing again: mend it at its source."
        raise Refusal.of("5.3", rule)
    return adapter


def _known(transaction: Transaction, entry: Entry) -> int:
    """The message that makes `entry` a duplicate."""
    header = entry.message.header
    known = queries.message(transaction.connection, header.message_id or "")
    if known is not None:
        return known.row.seq
    return brought_by(transaction.connection, entry.source, entry.external_id or "")


def _check_open(journal: Journal, item: QuarantinedDetail) -> None:
    """Say so before the work is done; who is told nothing here may still be overtaken."""
    if item.state != "open":
        with journal.transaction() as transaction:
            raise _not_open(transaction, item)


def _not_open(transaction: Transaction, item: QuarantinedDetail) -> NotOpen:
    made = [a for a in attempts.attempts(transaction.connection, item.id) if a.reason is None]
    if not made:
        return NotOpen(f"Item {item.id} is not open any more.")
    last = made[-1]
    state = Action(last.action).end
    became = f", message {', '.join(map(str, last.messages))}" if last.messages else ""
    return NotOpen(f"Item {item.id} is not open any more: {state} by {last.actor}{became}.")


def _audit(
    transaction: Transaction,
    actor: str,
    action: Action,
    number: int,
    outcome: str,
    detail: dict[str, object],
) -> None:
    audit.record(
        transaction.connection,
        actor,
        f"quarantine.{action}",
        f"item {number}",
        outcome,
        detail,
        transaction.now,
    )
