"""Values into the historian: series, revisions, and what may be left out by its deadband."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, bindparam, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from hub.historian import bulk, partitions, tables
from hub.historian.blocks import NEVER, Block, Found
from hub.historian.bulk import Rows
from hub.historian.deadband import Deadbands, thinned
from hub.historian.questions import latest
from hub.historian.series import Series
from hub.historian.tables import earlier, microseconds, moment_of, sample

_FEW = 64
"""So many times are looked up one by one; of more, all that lies between is read."""
_CHUNK = 5_000  # bound values of one statement
_TOLD = ("kind", "key", "object", "place", "quantity", "unit", "interval")
_KEPT = 50_000  # series that are remembered

Key = tuple[str, str]
"""Kind and key of a series."""


@dataclass(frozen=True)
class _Known:
    """A series that is in the database for good, and the names that it has there."""

    id: int
    names: frozenset[str]


class Store:
    """Writes in one thread, in transactions of others: what is rolled back must leave nothing, in
    its memory neither."""

    def __init__(self, deadbands: Deadbands) -> None:
        self._deadbands = deadbands
        self._known: dict[Key, _Known] = {}
        self._adding: Any = None  # the transaction in which series were added

    def write(
        self, connection: Connection, found: Sequence[tuple[str, Found]], now: datetime
    ) -> bool:
        """Store what messages hold, each given by its MessageID; whether there are new series."""
        for message_id, one in found:
            _note(connection, one, message_id, now)
        blocks = [block for _, one in found for block in one.blocks]
        if not blocks:
            return False
        ids, is_new = self._ids(connection, [block.series for block in blocks])
        numbered = [(ids[_key(block.series)], block) for block in blocks]
        rows = self._thinned(connection, _joined(numbered), {n: b.series for n, b in numbered})
        rows = _revised(connection, rows, now)
        if len(rows):
            partitions.ensure(connection, rows.at)
            bulk.insert(connection, rows, microseconds(now))
        return is_new

    def _thinned(self, connection: Connection, rows: Rows, series: Mapping[int, Series]) -> Rows:
        bands = {n: band for n, s in series.items() if (band := self._deadbands.of(s)) is not None}
        if not bands:
            return rows
        last = {one.series: one for one in latest(connection, bands)}
        kept = thinned(rows, bands, last, self._deadbands.longest)
        return rows if kept.all() else rows.taken(np.flatnonzero(kept))

    # -- series

    def _ids(
        self, connection: Connection, wanted: Sequence[Series]
    ) -> tuple[Mapping[Key, int], bool]:
        """Their ids, and whether one was not there yet; it is made."""
        merged: dict[Key, Series] = {}
        for one in wanted:  # of the same series, one may tell more names than another
            same = merged.get(_key(one), one)
            merged[_key(one)] = replace(same, names=same.names | one.names)
        ids, left = dict[Key, int](), dict[Key, Series]()
        for key, one in merged.items():
            known = self._known.get(key)
            if known is not None and one.names <= known.names:
                ids[key] = known.id
            else:
                left[key] = one
        if not left:
            return ids, False
        existing = _existing(connection, left)
        missing = {key: one for key, one in left.items() if key not in existing}
        made = _make(connection, missing)
        ids |= existing | made
        named = [(name, ids[key]) for key, one in left.items() for name in sorted(one.names)]
        if _name(connection, named) or made:
            self._adding = connection.get_transaction()
        self._remember(connection, left, existing)
        return ids, bool(made)

    def _remember(
        self, connection: Connection, wanted: Mapping[Key, Series], existing: Mapping[Key, int]
    ) -> None:
        """What was there before a transaction that adds nothing is there for good."""
        if self._adding is connection.get_transaction():
            return
        if len(self._known) > _KEPT:
            self._known.clear()
        for key, number in existing.items():
            self._known[key] = _Known(number, wanted[key].names)


def _key(series: Series) -> Key:
    return series.kind, series.key


def _existing(connection: Connection, wanted: Mapping[Key, Series]) -> dict[Key, int]:
    table = tables.series
    found: dict[Key, int] = {}
    for part in _chunks(list(wanted)):
        keys = [key for _, key in part]
        statement = select(table.c.kind, table.c.key, table.c.id).where(table.c.key.in_(keys))
        for kind, key, number in connection.execute(statement):
            if (kind, key) in wanted:
                found[kind, key] = number
    return found


def _make(connection: Connection, wanted: Mapping[Key, Series]) -> dict[Key, int]:
    if not wanted:
        return {}
    rows = [{name: getattr(one, name) for name in _TOLD} for one in wanted.values()]
    connection.execute(insert(tables.series), rows)
    return _existing(connection, wanted)


def _name(connection: Connection, named: Sequence[tuple[str, int]]) -> int:
    """Have series called these names; how many names are new."""
    if not named:
        return 0
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    rows = [{"name": name, "series": number} for name, number in named]
    statement = dialect.insert(tables.name).on_conflict_do_nothing()
    kept = statement.execution_options(preserve_rowcount=True)
    return connection.execute(kept, rows).rowcount


def _chunks(values: Sequence[Any], size: int = _CHUNK) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _note(connection: Connection, found: Found, message_id: str, now: datetime) -> None:
    if found.left_out:
        rows = [
            {"message_id": message_id[:200], "rule": rule, "times": times, "known": now}
            for rule, times in found.left_out.items()
        ]
        connection.execute(insert(tables.left_out), rows)


# -- values


def _joined(numbered: Sequence[tuple[int, Block]]) -> Rows:
    """All blocks as one, in the order of series and time; what comes last counts."""
    blocks = [block for _, block in numbered]
    series = np.concatenate([np.full(len(b.at), number, np.int64) for number, b in numbered])
    rows = Rows(
        series,
        np.concatenate([block.at for block in blocks]),
        np.concatenate([block.start for block in blocks]),
        np.concatenate([block.value for block in blocks]),
        [quality for block in blocks for quality in block.quality],
        np.zeros(len(series), np.int16),
    )
    same, later = np.diff(series) == 0, np.diff(rows.at) > 0
    if (np.diff(series) >= 0).all() and (later | ~same).all():
        return rows
    order = np.lexsort((rows.at, series))  # stable: of the same time, the last stays behind
    following = np.flatnonzero((np.diff(series[order]) == 0) & (np.diff(rows.at[order]) == 0))
    return rows.taken(np.delete(order, following))


def _revised(connection: Connection, rows: Rows, now: datetime) -> Rows:
    """The rows to be added: those that are there already are left out when they say the same; else
    the ones there have become earlier ones."""
    found = _there(connection, rows)
    if not found:
        return rows
    places = {
        key: n for n, key in enumerate(zip(rows.series.tolist(), rows.at.tolist(), strict=True))
    }
    kept, revision = np.ones(len(rows), np.bool_), rows.revision.copy()
    replaced: list[Row[Any]] = []
    for row in found:
        place = places.get((row.series, microseconds(row.at)))
        if place is None:
            continue
        if _says(rows, place, row):
            kept[place] = False
        else:
            replaced.append(row)
            revision[place] = row.revision + (row.known != now)
    _replace(connection, replaced, now)
    return replace(rows, revision=revision).taken(np.flatnonzero(kept))


def _there(connection: Connection, rows: Rows) -> Sequence[Row[Any]]:
    """What is stored of these series at these times, and maybe others between."""
    if not len(rows):
        return ()
    found: list[Row[Any]] = []
    times = np.unique(rows.at)
    if len(times) <= _FEW:
        within = sample.c.at.in_([moment_of(at) for at in times.tolist()])
    else:
        low, high = moment_of(int(times[0])), moment_of(int(times[-1]))
        within = sample.c.at.between(low, high)
    for part in _chunks(np.unique(rows.series).tolist()):
        mine = sample.c.series == part[0] if len(part) == 1 else sample.c.series.in_(part)
        found += connection.execute(select(sample).where(mine, within)).all()
    return found


def _says(rows: Rows, place: int, row: Row[Any]) -> bool:
    """Whether what is there says the same."""
    value = float(rows.value[place])
    same = row.value is None if value != value else row.value == value
    start = NEVER if row.start is None else microseconds(row.start)
    return same and rows.quality[place] == (row.quality or "") and int(rows.start[place]) == start


def _replace(connection: Connection, rows: Sequence[Row[Any]], now: datetime) -> None:
    known = [{**row._mapping, "replaced": now} for row in rows if row.known != now]
    if known:  # what was told at the same moment was never known
        connection.execute(insert(earlier), known)
    if rows:
        gone = delete(sample).where(
            sample.c.series == bindparam("of"), sample.c.at == bindparam("then")
        )
        connection.execute(gone, [{"of": row.series, "then": row.at} for row in rows])
