"""Lanes: what goes on side by side, each in order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from zlib import crc32

from sqlalchemy import ColumnElement, Connection, Select, and_, select, update

from hub.journal.tables import delivery, is_accepted, is_dead

_CHUNK = 5_000  # bound values in one statement; SQLite allows 32,766


def lane(ordering_key: str, partitions: int) -> int:
    """The lane of all messages of a key, from 0."""
    return crc32(ordering_key.encode()) % partitions


def relane(connection: Connection, subscriber: str, partitions: int) -> int:
    """Move what is open or dead into the lanes of today; how many were moved.

    The dead, too: replayed into a lane that nobody looks at they would stay open for ever.  What a
    broker has got counts as unpublished again, for the queue of its old lane may have no reader.
    """
    moved = defaultdict[int, list[int]](list)
    for state in (is_accepted, is_dead):
        for seq, key, old in connection.execute(_of(subscriber, state)):
            new = lane(key, partitions)
            if new != old:
                moved[new].append(seq)
    _lock(connection, subscriber, sorted(seq for seqs in moved.values() for seq in seqs))
    for new, seqs in moved.items():
        for chunk in _chunks(seqs):
            rows = update(delivery).where(_among(subscriber, chunk))
            connection.execute(rows.values(lane=new, published_at=None))
    return sum(map(len, moved.values()))


def _of(subscriber: str, state: ColumnElement[bool]) -> Select[int, str, int]:
    columns = delivery.c.seq, delivery.c.ordering_key, delivery.c.lane
    rows = select(*columns).where(delivery.c.subscriber == subscriber, state)
    return rows.execution_options(yield_per=_CHUNK)


def _lock(connection: Connection, subscriber: str, seqs: Sequence[int]) -> None:
    # In the order in which a worker locks them: else each could wait for the other.
    for chunk in _chunks(seqs):
        rows = select(delivery.c.seq).where(_among(subscriber, chunk)).order_by(delivery.c.seq)
        connection.execute(rows.with_for_update()).all()


def _among(subscriber: str, seqs: Sequence[int]) -> ColumnElement[bool]:
    return and_(delivery.c.subscriber == subscriber, delivery.c.seq.in_(seqs))


def _chunks(seqs: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(seqs), _CHUNK):
        yield seqs[start : start + _CHUNK]
