"""Traces: what is reached from a root, and through what.  An immutable value over shared pages.

A trace after a change shares with the one before it all pages in which nothing is new.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from cim.network.pages import BLANK, FAR, NONE, SHIFT, SIZE, Desk, Lease, Longs, Pool
from cim.network.phases import SLOTS
from cim.network.topology import EARTH, GALVANIC_END, SUPPLY, Bools, Graph, Ints, Masks

__all__ = ["FAR", "NONE", "Desk", "Kind", "Longs", "Trace"]

_FEW = 64  # pages that even an empty trace may write before it needs a larger pool


@cache
def _kernels() -> Any:
    from cim.network import kernels

    return kernels


@dataclass(frozen=True)
class Kind:
    """From where is traced, and which ways (bits of arcs) do not count."""

    root: int
    barred: int


FROM_SOURCES = Kind(SUPPLY, 0)
FROM_GROUNDS = Kind(EARTH, GALVANIC_END)


@dataclass(frozen=True, eq=False)
class Trace:
    """The tree over which every place is reached, or was when it was last reached.

    table: for each page of nodes the page of the pool that says it.
    lease: keeps these pages from being used again.
    """

    kind: Kind
    graph: Graph
    desk: Desk
    pool: Pool
    table: Ints
    lease: Lease | None = None

    @classmethod
    def empty(cls, kind: Kind, graph: Graph, desk: Desk) -> Trace:
        """Nothing is reached, nor ever was."""
        pages = graph.nodes + SIZE - 1 >> SHIFT
        return cls(kind, graph, desk, Pool.blank(_FEW), np.zeros(pages, np.int32))

    def anew(self, extra: Ints, masks: Masks) -> Trace:
        """Breadth first over what conducts; what is not reached keeps the way it had here.

        No circle can arise: the arcs before one that was kept lie in the tree it was kept from, or
        in a later one.
        """
        if not self.graph.size and not extra.size:
            return self  # and nothing needs compiled loops
        room = 2 * len(self.table) + _FEW
        with self.desk.taken:
            while True:
                pool, table = self._copied(room, put_off=True)
                room_ = self.desk.room_of(pool)
                room_[0] = 1
                _kernels().trace(
                    *self.graph, extra, *masks, self.kind.barred,
                    pool.places, table, room_, self.desk.sheets, self.kind.root,
                )  # fmt: skip
                if not room_[2]:
                    return self._published(pool, table, 1, int(room_[1]))
                room *= 2

    def after(self, extra: Ints, masks: Masks, changed: Ints) -> Trace:
        """What follows once the equipment of the arcs `changed` (both directions) has changed.

        The same as `anew`, at the cost of what is new.
        """
        desk, pool = self.desk, self.pool
        if len(changed) > desk.most:
            return self.anew(extra, masks)
        with desk.taken:
            table = self.table.copy()
            pool.ready()
            while True:
                used: int = _kernels().retrace(
                    *self.graph, extra, *masks, self.kind.barred,
                    pool.places, table, desk.room_of(pool), desk.sheets, changed,
                )  # fmt: skip
                if used >= 0:
                    break
                pool, table = self._copied(2 * len(pool.stamps))
            if used == pool.used and pool is self.pool:
                return self
            return self._published(pool, table, pool.used, used)

    def _published(self, pool: Pool, table: Ints, first: int, used: int) -> Trace:
        self.desk.stamp(pool, first, used)
        lease = Lease(pool, first, used, self.lease if pool is self.pool else None)
        return Trace(self.kind, self.graph, self.desk, pool, table, lease)

    def _copied(self, room: int, *, put_off: bool = False) -> tuple[Pool, Ints]:
        """Our pages alone in a pool of their own, with `room` for as many pages in all or more.

        put_off: say that nothing is reached any more.
        """
        here = np.unique(self.table[self.table > 0])
        wanted = min(max(room, 2 * len(here) + _FEW), 2 * len(self.table) + _FEW)
        pool = Pool.blank(wanted)
        pool.used = 1 + len(here)
        if put_off and len(here):
            _kernels().put_off(self.pool.places, here.astype(np.int64), pool.places)
        else:
            pages = self.pool.places.reshape(-1, SIZE, SLOTS)
            pool.places.reshape(-1, SIZE, SLOTS)[1 : pool.used] = pages[here]
        pool.stamps[1 : pool.used] = self.pool.stamps[here]
        moved = np.zeros(len(self.pool.stamps), np.int32)
        moved[here] = np.arange(1, pool.used)
        return pool, moved[self.table]

    def places(self, nodes: Ints) -> Longs:
        """The places at these nodes, SLOTS a node."""
        pages = self.table[nodes >> SHIFT].astype(np.int64)
        found: Longs = self.pool.places[pages << SHIFT | (nodes & (SIZE - 1))]
        return found

    def everywhere(self) -> Longs:
        """The places at all nodes."""
        pages = self.pool.places.reshape(-1, SIZE, SLOTS)[self.table]
        found: Longs = pages.reshape(-1, SLOTS)[: self.graph.nodes]
        return found

    def ways(self, nodes: Ints) -> Ints:
        """The ways to the places at these nodes, `arc << 3 | slot`; -1 where there never was."""
        found = self.places(nodes) & NONE
        return np.where(found == NONE, -1, found).astype(np.int32)

    def with_ways(self, nodes: Ints, slots: Ints, ways: Ints) -> Trace:
        """The same, but that these places, which are not reached, were reached by these ways."""
        with self.desk.taken:
            pool, table = self._copied(2 * len(self.table) + _FEW)
            used = pool.used
            bare = np.unique((nodes >> SHIFT)[table[nodes >> SHIFT] == 0])
            table[bare] = np.arange(used, used + len(bare))
            pool.places[used << SHIFT : used + len(bare) << SHIFT] = BLANK
            rows = table[nodes >> SHIFT].astype(np.int64) << SHIFT | (nodes & (SIZE - 1))
            pool.places[rows, slots] = FAR << 32 | ways.astype(np.int64)
            return self._published(pool, table, 1, used + len(bare))

    def reached(self, nodes: Ints) -> Bools:
        """Which places at these nodes are reached, SLOTS a node."""
        found: Bools = self.places(nodes) >> 32 < FAR
        return found

    def differing(self, other: Trace) -> Ints:
        """The nodes at which this trace says something else than `other`, of the same graph."""
        mine, theirs = self.pool.stamps[self.table], other.pool.stamps[other.table]
        pages = np.flatnonzero(mine != theirs).astype(np.int32)
        nodes = np.add.outer(pages << SHIFT, np.arange(SIZE, dtype=np.int32)).ravel()
        nodes = nodes[nodes < self.graph.nodes]
        found: Ints = nodes[(self.places(nodes) != other.places(nodes)).any(axis=1)]
        return found
