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

SHIFT = 9
SIZE = 1 << SHIFT
"""Nodes in a page."""

FAR = 1 << 26
"""Depth of a place that is not reached."""

NONE = 0x7FFFFFFF
"""The way to a place that never was reached."""

BLANK = FAR << 32 | NONE
"""A place that never was reached."""

_NOWHERE = FAR << 36 | NONE >> 3 << 8 | 7 << 5
"""The word of a node that never was reached; words and places: see `cim.network.words`."""


_TOUCH = 4096 // 8


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

    def stamp(self, pool: Pool, first: int, used: int) -> None:
        """Give new pages numbers that no page ever had; only while the desk is taken."""
        for page in range(first, used):
            pool.stamps[page] = self._pages + page
        self._pages += used
        pool.used = used


@dataclass(eq=False)
class Pool:
    """Pages of SIZE words, never written to while a trace has them.

    words:  of a node each, or places of some nodes that take more than a word (see
            `cim.network.words`); page 0 is blank.
    stamps: for each page a number that tells it from all others with another content.
    used:   how many pages are written.
    """

    words: Longs
    stamps: Longs
    used: int
    _given_up: deque[tuple[int, int]] = field(default_factory=deque)
    _gaps: dict[int, int] = field(default_factory=dict)

    @classmethod
    def blank(cls, pages: int) -> Pool:
        words = np.empty(pages << SHIFT, np.int64)
        words[:SIZE] = _NOWHERE
        words[SIZE::_TOUCH] = 0  # to get memory from the system costs more than to fill it
        return cls(words, np.zeros(pages, np.int64), 1)

    def give_up(self, first: int, end: int) -> None:
        """Pages that no trace has any more; at any time, from any thread."""
        self._given_up.append((first, end))

    def ready(self) -> None:
        """Use again what lies behind all pages that traces have; only while the desk is taken."""
        while self._given_up:
            first, end = self._given_up.popleft()
            self._gaps[end] = first
        while self.used in self._gaps:
            self.used = self._gaps.pop(self.used)


class Lease:
    """The pages that one trace has written; it ends with the last trace that shares them."""

    __slots__ = ("_before", "_pages", "_pool")

    def __init__(self, pool: Pool, first: int, end: int, before: Lease | None) -> None:
        self._pool, self._pages, self._before = pool, (first, end), before

    def __del__(self) -> None:
        self._pool.give_up(*self._pages)
