"""Operation sets of which an app answers a part, until they are answered: one row an operation.

The rows say what has been begun; what came of it are the replies in the journal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    delete,
    exists,
    insert,
    select,
    update,
)

from hub.columns import Sequence as Seq
from hub.journal.tables import message

tables = MetaData()
step = Table(
    "operation_sets_step",
    tables,
    Column("seq", Seq, primary_key=True, autoincrement=False),  # the request for the set
    Column("place", Integer, primary_key=True, autoincrement=False),  # in which it is its turn
    Column("operation", Integer, nullable=False),  # its index in the set
    Column("state", String(10), nullable=False),
    Column("request", String(200), unique=True),  # message id of the request to an app
    Column("code", String(10)),  # why it is not carried out
    Column("rule", Text),
    comment="operations of sets that are not answered yet",
)


class State(StrEnum):
    """What was begun of an operation."""

    TO_DO = "to do"  # by the hub
    DONE = "done"
    TO_ASK = "to ask"  # an app
    ASKED = "asked"
    BROKEN = "broken"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One operation; the fields are those of the table."""

    seq: int
    place: int
    operation: int
    state: State
    request: str | None = None
    code: str | None = None
    rule: str | None = None


def begin(connection: Connection, steps: Sequence[Step]) -> None:
    """Note the operations of a set."""
    connection.execute(insert(step), [asdict(one) for one in steps])


def steps(connection: Connection, seq: int) -> list[Step]:
    """Those of the set `seq` in their turn, locked; empty when it is answered."""
    rows = select(step).where(step.c.seq == seq).order_by(step.c.place).with_for_update()
    found = connection.execute(rows).mappings()
    return [Step(**{**row, "state": State(row["state"])}) for row in found]


def note(connection: Connection, one: Step) -> None:
    """Note how far an operation has come."""
    connection.execute(
        update(step)
        .where(step.c.seq == one.seq, step.c.place == one.place)
        .values(state=one.state, request=one.request)
    )


def end(connection: Connection, seq: int) -> None:
    """The set `seq` is answered."""
    connection.execute(delete(step).where(step.c.seq == seq))


def is_open(connection: Connection, message_id: str) -> bool:
    """Whether the request with this id is for a set that waits for answers of apps."""
    request = select(message.c.seq).where(message.c.message_id == message_id).scalar_subquery()
    return bool(connection.scalar(select(exists().where(step.c.seq == request))))


def answered_by(connection: Connection, reply: int) -> int | None:
    """The set of which the message `reply` answers an operation, while that is not answered."""
    request = message.alias()
    found = (
        select(step.c.seq)
        .join(request, request.c.message_id == step.c.request)
        .join(message, message.c.cause == request.c.seq)
    )
    seq: int | None = connection.scalar(found.where(message.c.seq == reply))
    return seq
