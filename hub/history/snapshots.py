"""Snapshots of the network, so that nobody has to fold the journal from its beginning."""

from __future__ import annotations

import logging
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from cim.network import Network
from cim.network.snapshot import FORMAT
from hub.history import pieces, versions
from hub.history.fold import At
from hub.history.tables import snapshot
from hub.journal import Journal, moments

log = logging.getLogger(__name__)


class Taken(NamedTuple):
    """One snapshot without its content."""

    seq: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Keep:
    """Which snapshots stay: all of the last `hours`, then the last of each day for `days` days,
    then the last of each month.  The newest one always stays."""

    hours: float = 24.0
    days: float = 90.0


def newest(connection: Connection, until: int | None = None) -> At | None:
    """The newest snapshot (at or before the message `until`) that can be read.

    One of another format (`cim.network.snapshot`) is as if it were not there.  The models in it are
    fetched from their versions when somebody asks for all that they say.
    """
    rows = select(snapshot.c.seq, snapshot.c.pieces).where(snapshot.c.format == FORMAT)
    if until is not None:
        rows = rows.where(snapshot.c.seq <= until)
    for seq, digests in connection.execute(rows.order_by(snapshot.c.seq.desc())):
        fetch = versions.Fetching(connection.engine, seq)
        try:
            return At(seq, Network.from_bytes(pieces.fetch(connection, digests), fetch))
        except MemoryError:
            raise
        except Exception:
            # It only saves time: whatever is wrong with it, the journal is there.
            log.exception("the snapshot after message %d cannot be read and is passed over", seq)
    return None


def last_seq(connection: Connection, until: int | None = None) -> int:
    """Up to which message the newest snapshot (at or before `until`) goes; 0 without one."""
    seqs = select(func.coalesce(func.max(snapshot.c.seq), 0)).where(snapshot.c.format == FORMAT)
    if until is not None:
        seqs = seqs.where(snapshot.c.seq <= until)
    seq: int = connection.execute(seqs).scalar_one()
    return seq


def taken(connection: Connection) -> list[Taken]:
    """All snapshots of this format, in order."""
    columns = select(snapshot.c.seq, snapshot.c.at).where(snapshot.c.format == FORMAT)
    return [Taken(*row) for row in connection.execute(columns.order_by(snapshot.c.seq))]


def write(journal: Journal, at: At) -> None:
    """Keep the network as it was after the message `at.seq`, which must be in the journal, and
    the versions of its models too.
    """
    data = at.network.to_bytes(with_models=False)
    digests = pieces.keep(journal, data, _said(data))
    dialect = postgresql if journal.engine.dialect.name == "postgresql" else sqlite
    with journal.transaction() as transaction:
        when = moments.accepted_at(transaction.connection, at.seq)
        row = {"at": when, "format": FORMAT, "pieces": digests}
        kept = dialect.insert(snapshot).values(seq=at.seq, **row)
        transaction.connection.execute(
            kept.on_conflict_do_update(index_elements=[snapshot.c.seq], set_=row)
        )


def _said(data: bytes) -> int:
    """How much of it stands in front of the columns (`cim.model.packing`): what was reported is
    there, and changes while the columns stay."""
    (length,) = struct.unpack_from("<q", data, 8)
    return min(len(data), 16 + int(length))


def thin(journal: Journal, keep: Keep, now: datetime) -> list[int]:
    """Drop the snapshots that `keep` does not want, and those of other formats; their seqs."""
    with journal.reading() as connection:
        foreign = connection.execute(select(snapshot.c.seq).where(snapshot.c.format != FORMAT))
        dropped = [*foreign.scalars(), *_superfluous(taken(connection), keep, now)]
    if dropped:
        with journal.transaction() as transaction:
            transaction.connection.execute(delete(snapshot).where(snapshot.c.seq.in_(dropped)))
        pieces.sweep(journal)
    return dropped


def _superfluous(rows: Sequence[Taken], keep: Keep, now: datetime) -> Iterator[int]:
    last: dict[object, int] = {}
    for row in rows:
        last[_group(row, keep, now)] = row.seq
    stay = {*last.values(), *(row.seq for row in rows[-1:])}
    return (row.seq for row in rows if row.seq not in stay)


def _group(row: Taken, keep: Keep, now: datetime) -> object:
    """Of the snapshots with the same group only the last stays."""
    age = now - row.at
    if age <= timedelta(hours=keep.hours):
        return row.seq
    if age <= timedelta(days=keep.days):
        return row.at.date()
    return row.at.year, row.at.month
