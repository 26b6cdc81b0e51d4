"""Compiled loops that sort ways into a graph."""

from __future__ import annotations

import numpy as np

from cim.network.compiling import compiled, declared
from cim.network.topology import Ints


@compiled
def sort_arcs(
    one: Ints, two: Ints, number: Ints, straight: Ints, coupling: Ints, start: Ints, arcs: Ints
) -> None:
    """The arcs of all ways in both directions, by the node they start from, else as given.

    start, arcs: zeros, to be filled; see `cim.network.topology.Graph`.
    """
    count, nodes = len(one), len(start) - 1
    for way in range(count):
        start[one[way] + 1] += 1
        start[two[way] + 1] += 1
    for node in range(nodes):
        start[node + 1] += start[node]
    free = start[:-1].copy()
    for way in range(count):
        here, there = free[one[way]], free[two[way]]
        free[one[way]] += 1
        free[two[way]] += 1
        bits, cross = straight[way], coupling[way]
        arcs[here, 0], arcs[there, 0] = two[way], one[way]
        arcs[here, 1] = arcs[there, 1] = number[way]
        arcs[here, 2], arcs[there, 2] = there, here
        arcs[here, 3] = bits | cross << 8
        arcs[there, 3] = bits | (cross + 1 if cross else 0) << 8


@declared("rows", "count")
def grouped(keys: Ints, count: int) -> tuple[Ints, Ints]:
    """Where the rows of each key begin, keys being below `count`; and the rows by key, in order."""
    start = np.zeros(count + 1, np.int32)
    for key in keys:
        start[key + 1] += 1
    for key in range(count):
        start[key + 1] += start[key]
    free = start[:-1].copy()
    found = np.empty(len(keys), np.int32)
    for row in range(len(keys)):
        key = keys[row]
        found[free[key]] = row
        free[key] += 1
    return start, found
