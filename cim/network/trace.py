"""Traces: what is reached from a root, and through what.  An immutable value over shared pages.

A trace after a change shares with the one before it all pages in which nothing is new.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from cim.network.masks import Masks
from cim.network.pages import BLANK, FAR, NONE, SHIFT, SIZE, Desk, Lease, Longs, Pool
from cim.network.phases import SLOTS
from cim.network.topology import EARTH, GALVANIC_END, SUPPLY, Bools, Graph, Ints

__all__ = ["FAR", "NONE", "Desk", "Kind", "Longs", "Trace"]

_FEW = 64  # pages that even an empty trace may write before it needs a larger pool
_MOST = 14  # pages that a page of nodes may take at most, twice: see cim.network.words


@cache
def _kernels() -> Any:
    from cim.network import kernels

    return kernels


@cache
def _words() -> Any:
    from cim.network import words

    return words


@dataclass(frozen=True)
class Kind:
    """From where is traced, and which ways (bits of arcs) do not count."""

    root: int
    barred: int


FROM_SOURCES = Kind(SUPPLY, 0)
FROM_GROUNDS = Kind(EARTH, GALVANIC_END)


class Trace(NamedTuple):
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
                used = _kernels().trace(
                    *self.graph, extra, *masks.arrays, self.kind.barred,
                    pool.words, table, self.desk.sheets, pool.used, self.kind.root,
                )  # fmt: skip
                if used >= 0:
                    return self._published(pool, table, 1, used)
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
                    *self.graph, extra, *masks.arrays, self.kind.barred,
                    pool.words, table, desk.sheets, pool.used, changed,
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
        apart = int(np.count_nonzero(self.pool.words.reshape(-1, SIZE)[here] < 0))
        used = 1 + len(here)
        wanted = used + apart // (SIZE // SLOTS) + 1
        pool = Pool.blank(max(min(room, _MOST * len(self.table)), 2 * wanted) + _FEW)
        pool.used = used
        if len(here):
            pool.used = _kernels().moved(
                self.pool.words, here, pool.words, self.desk.sheets, put_off
            )
        pool.stamps[1:used] = self.pool.stamps[here]
        moved = np.zeros(len(self.pool.stamps), np.int32)
        moved[here] = np.arange(1, used)
        return pool, moved[self.table]

    def places(self, nodes: Ints) -> Longs:
        """The places at these nodes, SLOTS a node."""
        if self.lease is None:  # and nothing needs compiled loops
            return np.full((len(nodes), SLOTS), BLANK)
        found: Longs = _words().places_of(self.pool.words, self.table, nodes.astype(np.int32))
        return found

    def everywhere(self) -> Longs:
        """The places at all nodes."""
        return self.places(np.arange(self.graph.nodes, dtype=np.int32))

    def ways(self, nodes: Ints) -> Ints:
        """The ways to the places at these nodes, `arc << 3 | slot`; -1 where there never was."""
        found = self.places(nodes) & NONE
        return np.where(found == NONE, -1, found).astype(np.int32)

    def with_ways(self, nodes: Ints, slots: Ints, ways: Ints) -> Trace:
        """The same, but that these places, which are not reached, were reached by these ways."""
        room = 2 * len(self.table)
        with self.desk.taken:
            while True:
                pool, table = self._copied(room)
                used = _kernels().noted(
                    pool.words, table, self.desk.sheets, pool.used, nodes, slots, ways
                )
                if used >= 0:
                    return self._published(pool, table, 1, used)
                room *= 2

    def reached(self, nodes: Ints) -> Bools:
        """Which places at these nodes are reached, SLOTS a node."""
        if self.lease is None:
            return np.zeros((len(nodes), SLOTS), np.bool_)
        found: Bools = _words().reached_of(self.pool.words, self.table, nodes.astype(np.int32))
        return found

    def differing(self, other: Trace) -> Ints:
        """The nodes at which this trace says something else than `other`, of the same graph."""
        mine, theirs = self.pool.stamps[self.table], other.pool.stamps[other.table]
        pages = np.flatnonzero(mine != theirs).astype(np.int32)
        nodes = np.add.outer(pages << SHIFT, np.arange(SIZE, dtype=np.int32)).ravel()
        nodes = nodes[nodes < self.graph.nodes]
        found: Ints = nodes[(self.places(nodes) != other.places(nodes)).any(axis=1)]
        return found
