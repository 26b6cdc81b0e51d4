"""From one grid to the next: the ways by which places were last supplied."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cim.network.objects import Objects
from cim.network.state import State
from cim.network.topology import RESERVED, Bools, Ints, at
from cim.network.trace import FAR


def carried(before: State, state: State) -> State:
    """`state`, in which what is not supplied keeps the way it had in `before`, over another grid.

    A way is kept when it leads on, over others that are kept, to what is supplied; elsewhere it is
    that of the normal state.
    """
    from cim.network import walks

    dead = state.supply.everywhere() >> 32 >= FAR
    dead[:RESERVED] = False
    dead[:, ~before.ever_supplied()] = False
    nodes = np.flatnonzero(dead.any(axis=1)).astype(np.int32)
    if not len(nodes) or not before.grid.graph.size:
        return state
    nodes, slots, ways = _ways(before, state, nodes, dead)
    supply = state.supply
    keep = walks.leading_on(
        state.grid.graph.arcs, supply.pool.words, supply.table, nodes, slots, ways
    )
    if not keep.any():
        return state
    return replace(state, supply=supply.with_ways(nodes[keep], slots[keep], ways[keep]))


def _ways(before: State, state: State, nodes: Ints, dead: Bools) -> tuple[Ints, Ints, Ints]:
    """Nodes and slots not supplied now, and the ways they had, in the arcs of the new grid."""
    from cim.network import walks

    old, new = before.grid, state.grid
    rows = moved(new.node_rows[nodes], new.objects, old.objects)
    there = at(old.node_of, rows)
    nodes, there = nodes[there >= 0], there[there >= 0]
    had = before.supply.ways(there)
    which, slot = np.nonzero(dead[nodes] & (had >= 0))
    ways, nodes, slots = had[which, slot], nodes[which], slot.astype(np.int32)
    arcs = old.graph.arcs[ways >> 3]
    rows = moved(old.node_rows[arcs[:, 0]], old.objects, new.objects)
    target = np.where(arcs[:, 0] < RESERVED, arcs[:, 0], at(new.node_of, rows))
    number = _numbers(before, state, arcs[:, 1])
    feeding = ways & np.int32(7)
    found = walks.same_arcs(
        new.graph.start, new.graph.arcs, state.fit.extra, nodes, number, target, slots, feeding
    )
    known = found >= 0
    return nodes[known], slots[known], found[known] << np.int32(3) | feeding[known]


def _numbers(before: State, state: State, numbers: Ints) -> Ints:
    """The numbers that equipment of one grid has in another; -1 where it has none."""
    rows = moved(before.rows_of(numbers), before.grid.objects, state.grid.objects)
    found = at(state.grid.numbers.of, rows)
    for number in np.unique(numbers[numbers >= len(before.grid.numbers.rows)]).tolist():
        if held := state.fit.patches.get(before.fit.patch_of(number)):
            found[numbers == number] = held.number
    return found


def moved(rows: Ints, objects: Objects, others: Objects) -> Ints:
    """Where objects stand among others; -1 where they do not, or where a row is -1."""
    distinct, place = np.unique(rows, return_inverse=True)
    if not len(objects.ids) or not len(others.ids):
        return np.full(len(rows), -1, np.int32)
    ids = objects.ids.take(np.maximum(distinct, 0).astype(np.int32))
    found = np.where(distinct >= 0, others.by_id.first_rows(ids), np.int32(-1))
    return at(others.stands, found)[place]
