"""What the journal has already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Text,
    any_,
    bindparam,
    cast,
    select,
    union_all,
)

from hub.journal import rows
from hub.journal.tables import fact as fact_table
from hub.journal.tables import mention, message


def _among(column: ColumnElement[str], postgres: bool) -> ColumnElement[bool]:
    """PostgreSQL gets one array: a parameter for each value costs as much as the rest."""
    if postgres:
        return column == any_(cast(bindparam("ids"), ARRAY(Text)))
    return column.in_(bindparam("ids", expanding=True))


# Made once: for a batch of one or two messages making them would cost as much as running them.
_ids = [
    select(message.c.message_id).where(_among(message.c.message_id, postgres))
    for postgres in (False, True)
]
_facts = [
    union_all(
        *(
            select(table.c.external_id).where(
                table.c.source == bindparam("source"), _among(table.c.external_id, postgres)
            )
            for table in (message, fact_table)
        )
    )
    for postgres in (False, True)
]


def message_ids(connection: Connection, wanted: Sequence[str]) -> Iterator[str]:
    """Those of these MessageIDs that were used."""
    statement = _ids[connection.dialect.name == "postgresql"]
    for chunk in rows.chunks(wanted):
        yield from connection.execute(statement, {"ids": chunk}).scalars()


def facts(connection: Connection, source: str, wanted: Sequence[str]) -> Iterator[str]:
    """Those of these facts of a source, by external id, that were brought."""
    statement = _facts[connection.dialect.name == "postgresql"]
    for chunk in rows.chunks(wanted):
        yield from connection.execute(statement, {"source": source, "ids": chunk}).scalars()


class Newest(NamedTuple):
    """The message that spoke of an object last."""

    seq: int
    fact: str


def since(connection: Connection, source: str, fact: str, mrid: str) -> Newest | None:
    """The newest fact of a source about an object, when it is another one than `fact`, which was
    told before."""
    found = _newest(connection, source, mrid)
    if found is None or found.fact == fact or found.fact.startswith(f"{fact} after "):
        return None
    return found


def _newest(connection: Connection, source: str, mrid: str) -> Newest | None:
    found = connection.execute(
        select(message.c.seq, message.c.external_id)
        .join(mention, mention.c.seq == message.c.seq)
        .where(
            mention.c.mrid == mrid,
            message.c.source == source,
            message.c.external_id.is_not(None),
        )
        .order_by(mention.c.seq.desc())
        .limit(1)
    ).first()
    return None if found is None else Newest(found.seq, found.external_id)


def fact(connection: Connection, source: str, external_id: str) -> bytes | None:
    """The canonical bytes of the message that brought a fact of a source."""
    found = select(message.c.body).where(
        message.c.source == source, message.c.external_id == external_id
    )
    body: bytes | None = connection.scalar(found)
    return body


def brought_by(connection: Connection, source: str, external_id: str) -> int:
    """The message that brought a fact of a source; 0 when none has."""
    for table in (message, fact_table):
        found = select(table.c.seq).where(
            table.c.source == source, table.c.external_id == external_id
        )
        if seq := connection.scalar(found):
            return int(seq)
    return 0
