"""The graph: connectivity nodes, and the ways through equipment from one to the next.

A place is one phase slot at one node.  Two nodes are none of the model: SUPPLY stands for all
sources, EARTH for all grounds; nothing is traced through them.
"""

from __future__ import annotations

from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cim.network.phases import SLOTS

Ints = NDArray[np.int32]
Bytes = NDArray[np.uint8]
Bools = NDArray[np.bool_]

SUPPLY, EARTH = 0, 1
"""The two nodes that are none of the model."""

RESERVED = 2

GALVANIC_END = 0x80
"""Bit of arcs that no earth passes: those through a transformer."""

SPARE = 2048
"""So many arcs and equipment numbers are kept free for what is placed in operation, or more."""

NOTHING: Ints = np.empty(0, np.int32)


def at(column: Ints, rows: Ints) -> Ints:
    """What a column says in these rows; -1 where a row is -1."""
    if not len(column):
        return np.full(len(rows), -1, np.int32)
    found: Ints = np.where(rows >= 0, column[rows], np.int32(-1))
    return found


def grouped(keys: Ints, count: int) -> tuple[Ints, Ints]:
    """Where the rows of each key begin, keys being below `count`; and the rows by key, in order."""
    if not len(keys):
        return np.zeros(count + 1, np.int32), NOTHING
    from cim.network import assembly

    return assembly.grouped(keys, count)


class Graph(NamedTuple):
    """The ways, sorted by the node they start from; behind them room for some more.

    start: for each node its first arc (CSR), one more at the end.
    arcs:  of each the node it leads to, its equipment number, the same way in the other direction,
           and bits: the phase slots that pass without change both ways, GALVANIC_END, and from bit
           8 a row of `couplings`, 0 where no phase changes.
    couplings: need, out_from, out_to, in_from, in_to; bits.  While the mask of the equipment has
           one of `need`, every slot of `out_from` here feeds every slot of `out_to` there, and
           every slot of `in_from` there every slot of `in_to` here.
    """

    start: Ints
    arcs: Ints
    couplings: Bytes

    @property
    def nodes(self) -> int:
        return len(self.start) - 1

    @property
    def size(self) -> int:
        """How many arcs there are without those placed in operation."""
        return int(self.start[-1])


class TooLarge(Exception):
    """More nodes or arcs than traces can number; says so in a sentence."""


def limits() -> tuple[int, int]:
    """How many nodes and arcs a graph may have, those in its spare room too.

    A word of a trace (see `cim.network.words`) has so many bits for an arc, and so many for how far
    a place is from the root.  No way comes to a place twice: the farthest place is no farther than
    there are places.
    """
    from cim.network.pages import FAR
    from cim.network.words import ARCS

    return (FAR - 1) // SLOTS, ARCS


def bounded(nodes: int, arcs: int) -> None:
    """Do nothing for a graph of this size.  Raises: TooLarge."""
    most_nodes, most_arcs = limits()
    if nodes > most_nodes:
        raise TooLarge(f"The network has {nodes:,} nodes; it can have {most_nodes:,} at most.")
    if arcs > most_arcs:
        raise TooLarge(
            f"The network has {arcs:,} ways between nodes, each direction counted and the room for"
            f" what is placed in operation; it can have {most_arcs:,} at most."
        )


class SpareIsUsedUp(Exception):
    """No room for one more patch: the grid has to be put together again."""


class Spare:
    """The arcs and equipment numbers that are kept free in a graph, given out once each.

    room: how many of each there are.
    """

    def __init__(self, arc: int, number: int, room: int) -> None:
        self._lock = Lock()
        self.arc, self.number, self.room = arc, number, room
        self._ends = arc + room, number + room

    def taken(self, arcs: int) -> tuple[int, int]:
        """The first of so many arcs, and an equipment number.  Raises: SpareIsUsedUp."""
        with self._lock:
            first, number = self.arc, self.number
            if first + arcs > self._ends[0] or number >= self._ends[1]:
                raise SpareIsUsedUp
            self.arc, self.number = first + arcs, number + 1
            return first, number


NO_EXTRA: Ints = np.empty((2, 0), np.int32)
"""Arcs placed in operation: where they start, in order, and which they are.  None is taken out."""


class Ways(NamedTuple):
    """Ways between two nodes, in the order in which they are to be preferred.

    one, two, number: nodes and equipment number.
    straight:         bits of the phase slots that pass without change, and GALVANIC_END.
    coupling:         row of `couplings` as seen from `one`, the next one as seen from `two`; 0
                      where no phase changes.
    """

    one: Ints
    two: Ints
    number: Ints
    straight: Ints
    coupling: Ints


class Couplings:
    """The distinct ways to change phases, those of poles first; each as seen from both sides."""

    def __init__(self) -> None:
        self._rows: dict[tuple[int, ...], int] = {}
        for one in range(SLOTS):
            for two in range(SLOTS):
                if one != two:
                    self.pole(1 << one, 1 << two)

    def pole(self, one: int, two: int) -> int:
        """A pole that joins one phase here to another there, while the former is closed; bits."""
        return self.row(one, one, two, two, one)

    def row(self, need: int, out_from: int, out_to: int, in_from: int = 0, in_to: int = 0) -> int:
        """The row of a coupling (see Graph); the next row is the same from the other side."""
        return self._rows.setdefault(
            (need, out_from, out_to, in_from, in_to), 1 + 2 * len(self._rows)
        )

    def table(self) -> Bytes:
        rows = [(0, 0, 0, 0, 0)]
        for need, out_from, out_to, in_from, in_to in self._rows:
            rows.append((need, out_from, out_to, in_from, in_to))
            rows.append((need, in_from, in_to, out_from, out_to))
        return np.array(rows, np.uint8)


def graph(ways: Ways, nodes: int, couplings: Bytes, room: int = SPARE) -> Graph:
    """The graph of these ways; one that leads back to its own node is left out.

    room: for so many arcs more.
    Raises: TooLarge.
    """
    keep = ways.one != ways.two
    if not keep.all():
        ways = Ways(*(column[keep] for column in ways))
    if len(ways.one):
        bounded(nodes, 2 * len(ways.one) + room)
    # made here and not by compiled code: large arrays of NumPy lie in large pages
    start = np.zeros(nodes + 1, np.int32)
    arcs = np.zeros((2 * len(ways.one) + room, 4), np.int32)
    if len(ways.one):
        from cim.network import assembly

        assembly.sort_arcs(*ways, start, arcs)
    return Graph(start, arcs, couplings)
