"""Islands: what is connected and supplied; and busbars: what closed switches join."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from cim.network.phases import LIVE, SLOTS
from cim.network.state import State
from cim.network.things import Mrids
from cim.network.topology import RESERVED, SUPPLY, Bools, Ints


@dataclass(frozen=True, eq=False)
class Island:
    """Connectivity nodes that are connected and supplied; everything by mRID.

    sources: that supply it, mobile ones by what they were reported as; each with its node.
    """

    nodes: Sequence[str]
    sources: tuple[tuple[str, str], ...]


def islands(state: State) -> tuple[Island, ...]:
    """All islands; windings connect, and so does what conducts on one phase alone."""
    grid = state.grid
    nodes = np.arange(grid.graph.nodes, dtype=np.int32)
    label = _components(state, _bits(state.supply.reached(nodes)), _ALL)
    sources: dict[int, list[tuple[str, str]]] = {}
    for number, node in _feeding(state):
        one = state.called(number), grid.objects.ids[int(grid.node_rows[node])]
        sources.setdefault(int(label[node]), []).append(one)
    return tuple(
        Island(Mrids(grid.objects.ids, grid.node_rows[nodes]), tuple(sources.get(place, ())))
        for place, nodes in enumerate(_groups(label))
    )


def busbars(state: State) -> tuple[tuple[str, ...], ...]:
    """All nodes, in groups that closed switches join on one phase at least; supplied or not."""
    grid = state.grid
    everything = np.full(grid.graph.nodes, LIVE, np.int32)
    groups = _groups(_components(state, everything, len(grid.switches.rows)))
    if not groups:
        return ()
    words = iter(Mrids(grid.objects.ids, grid.node_rows[np.concatenate(groups)]))
    return tuple(tuple(islice(words, len(nodes))) for nodes in groups)


_ALL = np.iinfo(np.int32).max


def _components(state: State, slots: Ints, numbers: int) -> Ints:
    net, fit = state.grid.graph, state.fit
    if not net.size and not fit.extra.size:  # and nothing needs compiled loops
        return np.where(slots, np.arange(net.nodes, dtype=np.int32) - RESERVED, np.int32(-1))
    from cim.network import components

    return components.components(*net, fit.extra, *fit.masks.arrays, slots, numbers)


def _bits(reached: Bools) -> Ints:
    found: Ints = (reached << np.arange(SLOTS)).sum(axis=1).astype(np.int32)
    return found


def _groups(label: Ints) -> list[Ints]:
    """The nodes of each number, the numbers ascending; the two nodes of no model are in none."""
    nodes = np.flatnonzero(label >= 0).astype(np.int32)
    nodes = nodes[nodes >= RESERVED]
    order = nodes[np.argsort(label[nodes], kind="stable")]
    begins = np.flatnonzero(np.diff(label[order])) + 1
    return np.split(order, begins) if len(order) else []


def _feeding(state: State) -> list[tuple[int, int]]:
    """Equipment numbers and nodes of the sources that feed; those of the models first."""
    net, fit = state.grid.graph, state.fit
    built = np.arange(net.start[SUPPLY], net.start[SUPPLY + 1])
    arcs = np.concatenate([built, fit.extra[1][fit.extra[0] == SUPPLY]])
    bits = net.arcs[arcs, 3] & LIVE & fit.masks.many(net.arcs[arcs, 1])
    found = net.arcs[arcs[bits > 0]]
    return list(zip(found[:, 1].tolist(), found[:, 0].tolist(), strict=True))
