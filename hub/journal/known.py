"""What the journal has already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import (
    ARRAY,
    Connection,
    Select,
    Table,
    Text,
    any_,
    bindparam,
    cast,
    exists,
    func,
    select,
    true,
    union_all,
)

from hub.journal import rows
from hub.journal.tables import callback, mention, message
from hub.journal.tables import fact as fact_table

# PostgreSQL gets one array: a parameter for each value costs as much as the rest.
_wanted = cast(bindparam("ids"), ARRAY(Text))


def _ids(postgres: bool) -> Select[str]:
    """Those of the message ids."""
    column = message.c.message_id
    among = any_(_wanted) == column if postgres else column.in_(bindparam("ids", expanding=True))
    return select(column).where(among)


def _facts(table: Table, postgres: bool) -> Select[str]:
    """Those of the facts of a source that a table has.

    PostgreSQL is made to look each up in the index: by its statistics, which lag behind while a
    table grows, it would go through all facts of the source each time.
    """
    column, of_source = table.c.external_id, table.c.source == bindparam("source")
    if not postgres:
        return select(column).where(of_source, column.in_(bindparam("ids", expanding=True)))
    one = func.unnest(_wanted).table_valued("id", name="wanted").render_derived()
    found = select(column).where(of_source, column == one.c.id).limit(1).lateral()
    return select(found.c.external_id).select_from(one.join(found, true()))


# Made once: for a batch of one or two messages making them would cost as much as running them.
_last_seq = select(func.coalesce(func.max(message.c.seq), 0))
_standing = _last_seq.add_columns(exists(select(callback.c.id)))
_known_ids = [_ids(postgres) for postgres in (False, True)]
_known_facts = [
    union_all(*(_facts(table, postgres) for table in (message, fact_table)))
    for postgres in (False, True)
]


def message_ids(connection: Connection, wanted: Sequence[str]) -> Iterator[str]:
    """Those of these MessageIDs that were used."""
    statement = _known_ids[connection.dialect.name == "postgresql"]
    for chunk in rows.chunks(wanted):
        yield from connection.execute(statement, {"ids": chunk}).scalars()


class Before(NamedTuple):
    """What a source has brought of the facts asked for, up to a seq; later ones may be missing."""

    facts: frozenset[str]
    upto: int


def before(connection: Connection, source: str, wanted: Sequence[str]) -> Before:
    """As `facts`, to be asked again when anything has come since."""
    upto = last_seq(connection)  # first: what is committed in between may be among the facts
    return Before(frozenset(facts(connection, source, wanted)), upto)


def last_seq(connection: Connection) -> int:
    """Of the newest message; 0 when there is none.  All before it are there, too."""
    seq: int = connection.execute(_last_seq).scalar_one()
    return seq


def standing(connection: Connection) -> tuple[int, bool]:
    """As `last_seq`; and whether anybody is called back (`hub.journal.callbacks`)."""
    seq, is_called = connection.execute(_standing).one()
    return seq, is_called


def facts(connection: Connection, source: str, wanted: Sequence[str]) -> Iterator[str]:
    """Those of these facts of a source, by external id, that were brought."""
    statement = _known_facts[connection.dialect.name == "postgresql"]
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
