"""Pages that traces share: written once, taken back when no trace has them any more."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from cim.network.phases import SLOTS
from cim.network.topology import Graph

Longs = NDArray[np.int64]

FAR = 1 << 30
NONE = 0x7FFFFFFF
SHIFT = 8
SIZE = 1 << SHIFT
"""As in `cim.network.kernels`, which is imported only where it is needed."""

BLANK = FAR << 32 | NONE

_AHEAD = 64  # pages


class Desk:
    """Room to work in for all traces of one graph, one at a time; and the number of the next page.

    What is not written to costs nothing but addresses.

    taken: held by who works.
    most:  arcs that may change at once; of more all is traced anew.
    """

    def __init__(self, graph: Graph) -> None:
        self.taken = Lock()
        self._pages = 1
        self.most = graph.size // 8 + 64
        # entries of one node have distinct slots
        size = SLOTS * (graph.nodes + self.most) + 64
        self.sheets: Longs = np.empty((4, size), np.int64)
        self._room: Longs = np.empty(4, np.int64)

    def room_of(self, pool: Pool) -> Longs:
        """The room in a pool as the kernels want it: see `cim.network.kernels.copied`."""
        room = self._room
        room[0] = room[1] = pool.used
        room[2] = 0
        return room

    def stamp(self, pool: Pool, first: int, used: int) -> None:
        """Give new pages numbers that no page ever had; only while the desk is taken."""
        for page in range(first, used):
            pool.stamps[page] = self._pages + page
        self._pages += used
        pool.used = used


@dataclass(eq=False)
class Pool:
    """Pages of places, SIZE nodes each; a page is never written to while a trace has it.

    places: depth, arc and slot (see `cim.network.kernels`), by row and phase slot; page 0 is blank.
    stamps: for each page a number that tells it from all others with another content.
    used:   how many pages are written.
    """

    places: Longs
    stamps: Longs
    used: int
    _given_up: deque[tuple[int, int]] = field(default_factory=deque)
    _gaps: dict[int, int] = field(default_factory=dict)
    _touched: int = 0

    @classmethod
    def blank(cls, pages: int) -> Pool:
        places = np.empty((pages << SHIFT, SLOTS), np.int64)
        places[:SIZE] = BLANK
        return cls(places, np.zeros(pages, np.int64), 1)

    def give_up(self, first: int, end: int) -> None:
        """Pages that no trace has any more; at any time, from any thread."""
        self._given_up.append((first, end))

    def ready(self) -> None:
        """Make the next pages ready to be written to; only while the desk is taken.

        What lies behind all pages that traces have is used again.  Further pages are touched some
        at a time: to get one from the system costs more than to copy it.
        """
        while self._given_up:
            first, end = self._given_up.popleft()
            self._gaps[end] = first
        while self.used in self._gaps:
            self.used = self._gaps.pop(self.used)
        if self._touched < self.used + _AHEAD // 4:
            self._touched = max(self._touched, self.used) + _AHEAD
            self.places[self._touched - _AHEAD << SHIFT : self._touched << SHIFT : 4] = 0


class Lease:
    """The pages that one trace has written; it ends with the last trace that shares them."""

    __slots__ = ("_before", "_pages", "_pool")

    def __init__(self, pool: Pool, first: int, end: int, before: Lease | None) -> None:
        self._pool, self._pages, self._before = pool, (first, end), before

    def __del__(self) -> None:
        self._pool.give_up(*self._pages)
