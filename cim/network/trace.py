"""Traces: what is reached from a root, and through what.  An immutable value over shared pages.

A trace after a change shares with the one before it all pages in which nothing is new.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from cim.network.phases import SLOTS
from cim.network.topology import EARTH, GALVANIC_END, SUPPLY, Bools, Graph, Ints, Masks

Longs = NDArray[np.int64]

FAR = 1 << 30
NONE = 0x7FFFFFFF
SHIFT = 8
SIZE = 1 << SHIFT
"""As in `cim.network.kernels`, which is imported only where it is needed."""

_BLANK = FAR << 32 | NONE
_FEW = 64  # pages that even an empty trace may write before it needs a larger pool


class Desk:
    """Room to work in for all traces of one graph, one at a time; and the number of the next page.

    What is not written to costs nothing but addresses.
    """

    def __init__(self, graph: Graph) -> None:
        self._lock = Lock()
        self._pages = 1
        # entries of one node have distinct slots; `Trace.after` gives an eighth of the arcs at most
        most = SLOTS * graph.nodes + SLOTS * (graph.size // 8) + 1024
        self.sheets: Longs = np.empty((3, most), np.int64)

    @contextmanager
    def taken(self) -> Iterator[Longs]:
        with self._lock:
            yield self.sheets

    def stamps(self, count: int) -> Longs:
        """Numbers for new pages, never given before; only while the desk is taken."""
        self._pages += count
        return np.arange(self._pages - count, self._pages)


@dataclass(eq=False)
class Pool:
    """Pages of places, SIZE nodes each; a page is never written to again once a trace has it.

    places: depth, arc and slot (see `cim.network.kernels`), by row and phase slot; page 0 is blank.
    stamps: for each page a number that tells it from all others with another content.
    used:   how many pages are written.
    """

    places: Longs
    stamps: Longs
    used: int

    @classmethod
    def blank(cls, pages: int) -> Pool:
        places = np.empty((pages << SHIFT, SLOTS), np.int64)
        places[:SIZE] = _BLANK
        return cls(places, np.zeros(pages, np.int64), 1)


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
    """

    kind: Kind
    graph: Graph
    desk: Desk
    pool: Pool
    table: Ints

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
        from cim.network import kernels

        room = 2 * len(self.table) + _FEW
        with self.desk.taken() as sheets:
            while True:
                pool, table = self._copied(room)
                used = np.array([1, pool.used, 0])
                ways = pool.places[SIZE : pool.used << SHIFT]
                ways &= 0xFFFFFFFF
                ways |= FAR << 32
                kernels.trace(
                    *self.graph, extra, *masks, self.kind.barred,
                    pool.places, table, used, sheets, self.kind.root,
                )  # fmt: skip
                if not used[2]:
                    return self._published(pool, table, 1, int(used[1]))
                room *= 2

    def after(self, extra: Ints, masks: Masks, changed: Ints) -> Trace:
        """What follows once the equipment of the arcs `changed` (both directions) has changed.

        The same as `anew`, at the cost of what is new.
        """
        from cim.network import kernels

        if len(changed) > self.graph.size // 8 + 64:
            return self.anew(extra, masks)
        with self.desk.taken() as sheets:
            pool, table = self.pool, self.table.copy()
            while True:
                first = pool.used
                used = np.array([first, first, 0])
                kernels.retrace(
                    *self.graph, extra, *masks, self.kind.barred,
                    pool.places, table, used, sheets, changed,
                )  # fmt: skip
                if not used[2]:
                    break
                pool, table = self._copied(2 * len(pool.stamps))
            if used[1] == first and pool is self.pool:
                return self
            return self._published(pool, table, first, int(used[1]))

    def _published(self, pool: Pool, table: Ints, first: int, used: int) -> Trace:
        pool.stamps[first:used] = self.desk.stamps(used - first)
        pool.used = used
        return Trace(self.kind, self.graph, self.desk, pool, table)

    def _copied(self, room: int) -> tuple[Pool, Ints]:
        """Our pages alone in a pool of their own, with `room` for as many pages in all or more."""
        here = np.unique(self.table[self.table > 0])
        wanted = min(max(room, 2 * len(here) + _FEW), 2 * len(self.table) + _FEW)
        pool = Pool.blank(wanted)
        pool.used = 1 + len(here)
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
        with self.desk.taken():
            pool, table = self._copied(2 * len(self.table) + _FEW)
            used = pool.used
            bare = np.unique((nodes >> SHIFT)[table[nodes >> SHIFT] == 0])
            table[bare] = np.arange(used, used + len(bare))
            pool.places[used << SHIFT : used + len(bare) << SHIFT] = _BLANK
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
