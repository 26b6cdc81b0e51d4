"""Tracing: what is supplied, and through what."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import breadth_first_order

from cim.network.arcs import Arcs, Bools
from cim.network.texts import Ints


@dataclass(frozen=True)
class Trace:
    """The tree over which every vertex is supplied, or was when it was last supplied.

    reached: whether the vertex is supplied.
    parent:  the arc it is (was) supplied through; -1 where it never was.
    """

    arcs: Arcs
    reached: Bools
    parent: Ints

    @classmethod
    def of(cls, arcs: Arcs, conducting: Bools) -> Trace:
        """Breadth first from the sources over the conducting arcs."""
        vertices = len(arcs.start) - 1
        before = np.concatenate([[0], np.cumsum(conducting)]).astype(np.int32)
        graph = csr_matrix(
            (np.ones(int(before[-1])), arcs.target[conducting], before[arcs.start]),
            shape=(vertices, vertices),
        )
        order, comes_from = breadth_first_order(graph, vertices - 1)
        reached = np.zeros(vertices, np.bool_)
        reached[order] = True
        used = np.flatnonzero(conducting & (comes_from[arcs.target] == arcs.source))[::-1]
        parent = np.full(vertices, -1, np.int32)
        parent[arcs.target[used]] = used  # of parallel arcs the first remains
        return cls(arcs, reached, parent)

    def over(self, earlier: Trace) -> Trace:
        """This trace; what it does not reach keeps the way by which it was supplied in `earlier`.

        No circle can arise: the arcs before one that was kept lie in the tree it was kept from, or
        in a later one.
        """
        parent = np.where(self.reached, self.parent, earlier.parent)
        return Trace(self.arcs, self.reached, parent)

    @cached_property
    def upstream(self) -> Ints:
        """For each vertex the one before it; itself where there is none."""
        itself = np.arange(len(self.parent), dtype=np.int32)
        return np.where(self.parent >= 0, self.arcs.source[self.parent], itself)

    @cached_property
    def equipment(self) -> Ints:
        """The equipment each vertex is supplied through; -1 where there is none."""
        return np.where(self.parent >= 0, self.arcs.equipment[self.parent], np.int32(-1))

    def nearest(self, device: Bools) -> Ints:
        """For each vertex the nearest at or before it that is supplied through a device; or -1.

        device: for each object whether it counts.
        """
        through = (self.equipment >= 0) & device[self.equipment]
        itself = np.arange(len(self.parent), dtype=np.int32)
        jump = np.where(through, itself, self.upstream)
        while True:
            further = jump[jump]
            if np.array_equal(further, jump):
                found: Ints = np.where(through[jump], jump, np.int32(-1))
                return found
            jump = further

    def below(self, equipment: int) -> Bools:
        """Which vertices are supplied through this equipment."""
        found: Bools = self.equipment == equipment
        jump = self.upstream
        while True:
            found = found | found[jump]
            further = jump[jump]
            if np.array_equal(further, jump):
                return found
            jump = further
