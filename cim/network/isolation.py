"""Isolation points: which switches to open, and to keep open, so that nothing feeds a place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cim.network.state import State
from cim.network.topology import SUPPLY, Ints


@dataclass(frozen=True)
class Isolation:
    """What isolates a section: all that no switch divides from the place.

    open:      switches to be opened.
    keep_open: switches that are open and have to stay so.
    sources:   sources inside, which no switch can part from it.
    """

    open: frozenset[str]
    keep_open: frozenset[str]
    sources: frozenset[str]


def points(state: State, nodes: Ints) -> tuple[set[int], set[int], set[int]]:
    """Numbers of the switches to open and to keep open, and of sources inside.

    A switch counts when what lies behind it is supplied once all around the section are open: not
    that to a lateral which only the section feeds.  It says nothing of generators, which count as
    no supply.
    """
    from cim.network import walks

    net, fit, masks = state.grid.graph, state.fit, state.fit.masks
    inside, around = walks.section(
        net.start, net.arcs, fit.extra, *masks.arrays, masks.switches, 0, nodes
    )
    is_inside = np.zeros(net.nodes, np.bool_)
    is_inside[inside] = True
    around = around[~is_inside[net.arcs[around, 0]]]
    numbers = np.unique(net.arcs[around, 1])
    opened = fit.masks.with_(dict.fromkeys(numbers.tolist(), 0))
    changed = np.unique(np.concatenate([around, net.arcs[around, 2]]))
    supply = state.supply.after(fit.extra, opened, changed)
    live = supply.reached(net.arcs[around, 0]).any(axis=1)
    feeding = set(net.arcs[around[live], 1].tolist())
    to_open = {number for number in feeding if fit.masks.of(number)}
    return to_open, feeding - to_open, _sources(state, inside)


def _sources(state: State, inside: Ints) -> set[int]:
    """The equipment numbers of the sources at these nodes that feed."""
    net, fit = state.grid.graph, state.fit
    found = set()
    for node in inside.tolist():
        own = np.arange(net.start[node], net.start[node + 1])
        extra = fit.extra[1][fit.extra[0] == node]
        arcs = np.concatenate([own, extra])
        found |= set(net.arcs[arcs[net.arcs[arcs, 0] == SUPPLY], 1].tolist())
    return {number for number in found if fit.masks.of(number)}
