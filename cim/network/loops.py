"""Loops: where closed ways lead to a place from two sides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from cim.network.paths import common
from cim.network.state import State
from cim.network.topology import GALVANIC_END, RESERVED, Ints

LoopKind = Literal["loop", "parallel"]
Ring = tuple[LoopKind, frozenset[int]]
"""A kind and the equipment numbers around it."""


@dataclass(frozen=True)
class Loop:
    """A ring of closed ways.

    kind:      "loop" when one source supplies it, "parallel" when it joins two.
    phases:    on which it is closed, in order.
    switches:  those in it; opening one of them opens it.
    equipment: all that it leads through, switches too.
    sources:   that supply it.
    """

    kind: LoopKind
    phases: tuple[str, ...]
    switches: tuple[str, ...]
    equipment: tuple[str, ...]
    sources: tuple[str, ...]


def rings(state: State, nodes: Ints | None = None) -> Mapping[Ring, tuple[int, Ints]]:
    """The rings that close at these nodes, or anywhere: phases (bits) and numbers of the sources.

    Of each way that is not needed for supply the ring that it closes with the shortest ways: as
    many rings as there are such ways, out of which all others can be put together.
    """
    from cim.network import walks

    net, trace, fit = state.grid.graph, state.supply, state.fit
    if nodes is None:
        nodes = np.arange(RESERVED, net.nodes, dtype=np.int32)
    found = walks.chords(
        *net, fit.extra, *fit.masks.arrays, trace.pool.words, trace.table, nodes.astype(np.int32)
    )
    closed: dict[Ring, tuple[int, Ints]] = {}
    for way in found.tolist():
        ring, sources = _ring(state, way >> 3, way & 7)
        if not ring[1]:
            continue
        bits, _ = closed.get(ring, (0, sources))
        closed[ring] = bits | 1 << (way & 7), sources
    return closed


def _ring(state: State, arc: int, slot: int) -> tuple[Ring, Ints]:
    """The ring that an arc closes, with the slot at its own node.

    Empty where windings alone close it: those of an open delta share a phase.
    """
    net = state.grid.graph
    target, _, back, bits = net.arcs[arc].tolist()
    other = slot
    if bits >> 8 and net.couplings[bits >> 8, 1] == 1 << slot:
        other = int(net.couplings[bits >> 8, 2]).bit_length() - 1
    one, two = state.up(int(net.arcs[back, 0]), slot), state.up(target, other)
    same = common(one, two)
    sources = np.unique(net.arcs[[one[-1] >> 3, two[-1] >> 3], 1])
    ways = np.concatenate([one[: len(one) - same], two[: len(two) - same]])
    around = np.concatenate([[arc], ways >> 3])
    if (net.arcs[around, 3] & GALVANIC_END).all():
        return ("loop", frozenset()), sources
    numbers = frozenset(net.arcs[around, 1].tolist())
    return ("loop" if same else "parallel", numbers), sources
