"""The events of one noun in the journal, all or those that speak of certain objects."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, literal, or_, select

from cim.message import STUDY, Kind
from hub.journal import rows
from hub.journal.tables import is_real, mention, message

_READ = 1_000  # of one object, until one is found that is about it


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What to look for.

    ids:     mRIDs or names, any of which a message must speak of; empty: all messages.
    context: Header.Context; `default` is that of messages which name none.  Those of studies are
             found by their own alone.
    since, until: accepted at or after, at or before.
    first, last:  seq of the first and the last that count.
    """

    noun: str
    ids: frozenset[str] = frozenset()
    context: str | None = None
    default: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    first: int = 0
    last: int = sys.maxsize


def seqs(connection: Connection, wanted: Wanted, limit: int, *, newest: bool) -> list[int]:
    """At most `limit` of them, the first or the newest ones; in order."""
    statement = select(message.c.seq).where(
        *_is_one(wanted),
        message.c.seq.between(wanted.first, wanted.last),
        *_conditions(wanted),
    )
    if wanted.ids:
        statement = statement.where(_speaks_of(connection, wanted))
    order = message.c.seq.desc() if newest else message.c.seq
    return sorted(connection.execute(statement.order_by(order).limit(limit)).scalars())


def bodies(connection: Connection, seqs: Sequence[int]) -> Iterator[tuple[int, bytes, datetime]]:
    """Seq, envelope and time of acceptance of these, in order."""
    columns = message.c.seq, message.c.body, message.c.accepted_at
    for chunk in rows.chunks(seqs, 200):
        statement = select(*columns).where(message.c.seq.in_(chunk)).order_by(message.c.seq)
        yield from connection.execute(statement)


def mentioned(connection: Connection, wanted: Wanted) -> set[str]:
    """Those of the mRIDs of which any such message speaks."""
    found: set[str] = set()
    for chunk in rows.chunks(sorted(wanted.ids)):
        statement = (
            select(mention.c.mrid)
            .join(message, message.c.seq == mention.c.seq)
            .where(mention.c.mrid.in_(chunk), *_is_one(wanted), *_conditions(wanted))
        )
        found.update(connection.execute(statement.distinct()).scalars())
    return found


def backwards(connection: Connection, wanted: Wanted, *, indexed: bool) -> Iterator[bytes]:
    """The envelopes that speak of the ids, the newest first, at most a thousand.

    indexed: the ids are mRIDs; names are looked for in every envelope of the noun.
    """
    speaking = select(mention.c.seq).where(mention.c.mrid.in_(wanted.ids))
    named = (_holds(connection, name) for name in sorted(wanted.ids))
    speaks = message.c.seq.in_(speaking) if indexed else or_(*named)
    statement = select(message.c.body).where(speaks, *_is_one(wanted), *_conditions(wanted))
    yield from connection.execute(statement.order_by(message.c.seq.desc()).limit(_READ)).scalars()


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.since is not None:
        yield message.c.accepted_at >= wanted.since
    if wanted.until is not None:
        yield message.c.accepted_at <= wanted.until
    if (wanted.context or "").upper() != STUDY:
        yield is_real
    if wanted.context is not None:
        yield func.coalesce(message.c.context, wanted.default) == wanted.context


def _speaks_of(connection: Connection, wanted: Wanted) -> ColumnElement[bool]:
    """mRIDs are in an index; what no such message has there may be a name, which its envelope
    holds."""
    indexed = (
        select(mention.c.mrid)
        .join(message, message.c.seq == mention.c.seq)
        .where(mention.c.mrid.in_(wanted.ids), *_is_one(wanted))
    )
    known = set(connection.execute(indexed.distinct()).scalars())
    mentioned = message.c.seq.in_(select(mention.c.seq).where(mention.c.mrid.in_(known)))
    named = (_holds(connection, name) for name in sorted(wanted.ids - known))
    return or_(mentioned, *named)


def _is_one(wanted: Wanted) -> tuple[ColumnElement[bool], ...]:
    return message.c.noun == wanted.noun, message.c.kind == Kind.EVENT.value


def _holds(connection: Connection, name: str) -> ColumnElement[bool]:
    text = name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    looked_for = literal(text.encode())
    if connection.dialect.name == "postgresql":
        return func.pg_catalog.position(message.c.body, looked_for) > 0
    return func.instr(message.c.body, looked_for) > 0
