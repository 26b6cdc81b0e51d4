"""What of a network is otherwise than its models say, object by object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from cim.network import phases
from cim.network.fastening import Fastened
from cim.network.overlay import Patch
from cim.network.phases import LIVE
from cim.network.state import State
from cim.network.topology import RESERVED

Place = tuple[str, str]
"""mRID of a connectivity node, and a phase at it."""


@dataclass(frozen=True)
class Reported:
    """Facts that fit the models.

    poles:   mRID of a switch that was operated -> phases, at its first terminal, on which it is
             closed now.
    out:     mRIDs of equipment that is out of service, or of sources and loads not connected; also
             what a model itself says is out of service.
    joined:  pairs of places that jumpers connect.
    earthed: places with a ground.
    fresh:   places with a mobile source.
    cut:     mRID of a segment -> phases on which it is cut.
    """

    poles: Mapping[str, frozenset[str]]
    out: frozenset[str]
    joined: frozenset[tuple[Place, Place]]
    earthed: frozenset[Place]
    fresh: frozenset[Place]
    cut: Mapping[str, frozenset[str]]


def reported(state: State) -> Reported:
    """Of a state."""
    patches = list(_in_force(state))
    placed = {
        kind: frozenset(p for patch, held in patches if patch.kind == kind
                        for p in _fastened(state, patch, held))
        for kind in ("ground", "source")
    }  # fmt: skip
    joined = (_joined(state, patch, held) for patch, held in patches if patch.kind == "jumper")
    return Reported(
        dict(_poles(state)),
        frozenset(_out(state)),
        frozenset(pair for pairs in joined for pair in pairs),
        placed["ground"],
        placed["source"],
        dict(_cut(state)),
    )


def _poles(state: State) -> Iterator[tuple[str, frozenset[str]]]:
    for row, facts in state.fit.on.items():
        number = int(state.grid.switches.number[row])
        if number >= 0 and any(kind == "positions" for kind, _ in facts):
            closed = state.fit.closed(state.overlay, number)
            yield state.grid.objects.ids[row], phases.names(closed)


def _out(state: State) -> Iterator[str]:
    rows = {*np.flatnonzero(~state.fit.given.service).tolist(), *state.fit.on}
    for row in rows:
        if not state.fit.in_service(state.overlay, row):
            yield state.grid.objects.ids[row]


def _cut(state: State) -> Iterator[tuple[str, frozenset[str]]]:
    for row in state.fit.on:
        if bits := state.fit.cut(state.overlay, row):
            yield state.grid.objects.ids[row], phases.names(bits)


def _in_force(state: State) -> Iterator[tuple[Patch, Fastened]]:
    for of, patch in state.overlay.patches.items():
        held = state.fit.patches.get(of)
        if held is not None and held.fits(patch):
            yield patch, held


def _node(state: State, number: int) -> str:
    return state.grid.objects.ids[int(state.grid.node_rows[number])]


def _fastened(state: State, patch: Patch, held: Fastened) -> Iterator[Place]:
    """The places of a ground or mobile source."""
    for arc in held.arcs.tolist():
        target, bits = (int(state.grid.graph.arcs[arc, column]) for column in (0, 3))
        if target >= RESERVED:
            node = _node(state, target)
            yield from ((node, name) for name in phases.listed(bits & LIVE & held.bits(patch)))


def _joined(state: State, patch: Patch, held: Fastened) -> Iterator[tuple[Place, Place]]:
    """Place by place, in the order in which the message names the phases of both ends."""
    here, there = patch.ends[0], patch.ends[-1]
    first, second = here.phases or there.phases or LIVE, there.phases or here.phases or LIVE
    one, two = (_node(state, node) for node in held.nodes)
    bits = held.bits(patch)
    for a, b in zip(phases.slots(first), phases.slots(second), strict=True):
        if bits >> a & 1:
            yield (one, phases.NAMES[a]), (two, phases.NAMES[b])
