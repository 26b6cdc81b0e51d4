"""Live earths: a placed ground or a closed ground disconnector at a node that is supplied."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cim.network import phases
from cim.network.customers import spread
from cim.network.phases import LIVE, SLOTS
from cim.network.state import State
from cim.network.topology import EARTH, NOTHING, RESERVED, Ints


@dataclass(frozen=True)
class LiveEarth:
    """An earth at a node that is supplied; everything by mRID.

    earth:    the ground disconnector; of a placed ground what it was reported as.
    node:     at which it is fastened.
    phases:   on which it is in force and the node is supplied, in order.
    switches: the nearest one on the way to each of these phases; to open them frees the earth,
              unless supply comes by another way too.
    sources:  that supply it.
    """

    earth: str
    node: str
    phases: tuple[str, ...]
    switches: tuple[str, ...]
    sources: tuple[str, ...]


def live_earths(state: State, nodes: Ints | None = None) -> Iterator[LiveEarth]:
    """The live earths at these nodes and those that were placed, or all.

    It is enough to look where earths are fastened.  What is connected with one is supplied only
    together with the earth's own node: but for transformers, which no earth passes, everything
    conducts in both directions.
    """
    table = state.grid.graph.arcs
    arcs = _to_earth(state, nodes)
    if not len(arcs):
        return
    at, number = table[table[arcs, 2], 0], table[arcs, 1]
    supplied = (state.supply.reached(at) << np.arange(SLOTS)).sum(axis=1)
    bits = table[arcs, 3] & LIVE & state.fit.masks.many(number) & supplied
    found: dict[tuple[int, int], int] = {}
    for place in np.flatnonzero(bits).tolist():
        one = int(number[place]), int(at[place])
        found[one] = found.get(one, 0) | int(bits[place])
    for (earth, node), live in found.items():
        yield _live_earth(state, earth, node, live)


def _to_earth(state: State, nodes: Ints | None) -> Ints:
    """The arcs to earth: of these nodes or of any, and those placed in operation, which are few."""
    net, extra = state.grid.graph, state.fit.extra[1]
    built = net.arcs[net.start[EARTH] : net.start[EARTH + 1], 2]
    if nodes is not None:
        built = _own(state, nodes[nodes >= RESERVED]) if len(built) else NOTHING
    return np.concatenate([built, extra[net.arcs[extra, 0] == EARTH]])


def _own(state: State, nodes: Ints) -> Ints:
    """The arcs of these nodes to earth, but for those placed in operation."""
    net = state.grid.graph
    low = net.start[nodes].astype(np.int64)
    arcs = spread(low, net.start[nodes + 1] - low)
    found: Ints = arcs[net.arcs[arcs, 0] == EARTH].astype(np.int32)
    return found


def _live_earth(state: State, earth: int, node: int, bits: int) -> LiveEarth:
    table, count = state.grid.graph.arcs, len(state.grid.switches.rows)
    switches: dict[str, None] = {}
    sources: dict[str, None] = {}
    for slot in phases.slots(bits):
        numbers = table[state.up(node, slot) >> 3, 1].tolist()
        sources[state.called(numbers[-1])] = None
        switches |= {state.called(n): None for n in [n for n in numbers if n < count][:1]}
    return LiveEarth(
        state.called(earth),
        state.grid.objects.ids[int(state.grid.node_rows[node])],
        phases.listed(bits),
        tuple(switches),
        tuple(sources),
    )
