"""The events that move the as-operated network; those of studies do not."""

from __future__ import annotations

from collections.abc import Generator

from sqlalchemy import ColumnElement, Connection, and_, select

from hub.journal.tables import is_real, message

NOUNS = ("MeasurementValues", "NetworkModels", "PSREvents", "SwitchingEvents")


def following(
    connection: Connection, after_seq: int = 0, until_seq: int | None = None
) -> Generator[tuple[int, bytes], None, None]:
    """All of them after a place in the journal, up to another one; in order, one at a time.

    Who may stop before the end closes it: a cursor of the database is open until then.
    """
    statement = select(message.c.seq, message.c.body).where(_is_one())
    statement = statement.where(message.c.seq > after_seq).order_by(message.c.seq)
    if until_seq is not None:
        statement = statement.where(message.c.seq <= until_seq)
    streaming = connection.execution_options(yield_per=20)
    with streaming.execute(statement) as found:
        yield from found


def last(connection: Connection, until_seq: int) -> int:
    """The last of them up to `until_seq`; 0 when there is none."""
    newest = select(message.c.seq).where(
        message.c.kind == "EventMessage", message.c.seq <= until_seq, is_real
    )
    newest = newest.order_by(message.c.seq.desc()).limit(1)
    # One look into the index for each noun; together they would be read from the beginning.
    found = (connection.scalar(newest.where(message.c.noun == noun)) for noun in NOUNS)
    return max(seq or 0 for seq in found)


def _is_one() -> ColumnElement[bool]:
    return and_(message.c.noun.in_(NOUNS), message.c.kind == "EventMessage", is_real)
