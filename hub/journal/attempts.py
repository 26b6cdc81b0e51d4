"""What people did about what is in quarantine: correct, send again or reject, and what came of it.

An attempt is written while its item is locked, so that of two people one comes first and the other
is told.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, func, insert, select, update

from cim.violation import Refusal
from hub.journal.entry import violations_as_json
from hub.journal.tables import (
    CORRECTED,
    OPEN,
    REJECTED,
    RESENT,
    attempt,
    attempt_message,
    quarantine,
)
from hub.journal.transaction import Transaction


class Action(StrEnum):
    """What somebody does about an item."""

    CORRECT = "correct"
    RESEND = "resend"
    REJECT = "reject"

    @property
    def end(self) -> str:
        """The state of the item when it is done."""
        return {"correct": CORRECTED, "resend": RESENT, "reject": REJECTED}[self]


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One attempt, without its bytes.

    remark:     what the actor said about it.
    reason:     why it was refused again; None when it was not.
    violations: code, rule, line, column, xpath and value of each.
    messages:   the messages in the journal that it brought, or that were there already.
    """

    item: int
    number: int
    at: datetime
    actor: str
    action: str
    remark: str
    reason: str | None
    violations: list[dict[str, object]]
    messages: tuple[int, ...]

    @property
    def sentence(self) -> str:
        """E.g. "from quarantine item 5, corrected by anna"."""
        done = {"correct": "corrected", "resend": "sent again", "reject": "rejected"}[self.action]
        return f"from quarantine item {self.item}, {done} by {self.actor}"


_COLUMNS = [attempt.c[n] for n in Attempt.__dataclass_fields__ if n != "messages"]


def settle(transaction: Transaction, item: int, action: Action | None) -> bool:
    """Lock an open item and, by `action`, close it; False when it is not open any more."""
    state = OPEN if action is None else action.end
    changed = transaction.connection.execute(
        update(quarantine)
        .where(quarantine.c.id == item, quarantine.c.state == OPEN)
        .values(state=state)
    )
    return changed.rowcount == 1


def note(
    transaction: Transaction,
    item: int,
    actor: str,
    action: Action,
    *,
    remark: str = "",
    received: bytes | None = None,
    refusal: Refusal | None = None,
    messages: Collection[int] = (),
) -> int:
    """Write down an attempt on an item that `settle` holds; its number."""
    done = select(func.count()).where(attempt.c.item == item)
    number: int = transaction.connection.execute(done).scalar_one() + 1
    transaction.connection.execute(
        insert(attempt).values(
            item=item,
            number=number,
            at=transaction.now,
            actor=actor[:200],
            action=str(action),
            remark=remark,
            reason=None if refusal is None else str(refusal),
            violations=[] if refusal is None else violations_as_json(refusal),
            received=received,
        )
    )
    if rows := [{"item": item, "number": number, "seq": seq} for seq in sorted(set(messages))]:
        transaction.connection.execute(insert(attempt_message), rows)
    return number


def attempts(connection: Connection, item: int) -> list[Attempt]:
    """All attempts on an item, the first one first."""
    return _read(connection, attempt.c.item == item)


def made(connection: Connection, seq: int) -> list[Attempt]:
    """The attempts of which this message came."""
    ours = select(attempt_message.c.item, attempt_message.c.number).where(
        attempt_message.c.seq == seq
    )
    found = connection.execute(ours).all()
    return [
        one
        for item, number in found
        for one in _read(connection, (attempt.c.item == item) & (attempt.c.number == number))
    ]


def corrected(connection: Connection, item: int, number: int) -> bytes | None:
    """The bytes of an attempt; None when it had none of its own, or is not there."""
    wanted = select(attempt.c.received).where(attempt.c.item == item, attempt.c.number == number)
    return connection.execute(wanted).scalar_one_or_none()


def _read(connection: Connection, which: object) -> list[Attempt]:
    statement = select(*_COLUMNS).where(which).order_by(attempt.c.number)  # type: ignore[arg-type]
    rows = connection.execute(statement).all()
    return [
        Attempt(**row._mapping, messages=_messages(connection, row.item, row.number))
        for row in rows
    ]


def _messages(connection: Connection, item: int, number: int) -> tuple[int, ...]:
    found: Sequence[int] = (
        connection.execute(
            select(attempt_message.c.seq)
            .where(attempt_message.c.item == item, attempt_message.c.number == number)
            .order_by(attempt_message.c.seq)
        )
        .scalars()
        .all()
    )
    return tuple(found)
