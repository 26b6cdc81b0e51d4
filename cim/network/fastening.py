"""Patches in the graph: jumpers, grounds and mobile sources, as arcs of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cim.network.grid import Grid
from cim.network.overlay import Patch
from cim.network.phases import ABC, LIVE, slots
from cim.network.placing import End
from cim.network.topology import EARTH, SUPPLY, Couplings, Graph, Ints

_ROOTS = {"ground": EARTH, "source": SUPPLY}


@dataclass(frozen=True, eq=False)
class Fastened:
    """A patch in the graph.

    ends: as in the patch when it was fastened, and `nodes` where they are.
    arcs: in both directions.
    most: bits on which it can be in force.
    """

    number: int
    ends: tuple[End, ...]
    nodes: tuple[int, ...]
    arcs: Ints
    most: int

    def fits(self, patch: Patch) -> bool:
        """Whether the patch is fastened like this."""
        return self.ends == patch.ends

    def bits(self, patch: Patch) -> int:
        """On which phases it conducts, as seen from its first end."""
        return patch.phases & self.most

    def among(self, net: Graph, extra: Ints) -> Ints:
        """The extra arcs with these among them."""
        both = np.stack([net.arcs[net.arcs[self.arcs, 2], 0], self.arcs])
        whole = np.concatenate([extra, both], axis=1)
        found: Ints = whole[:, np.lexsort((whole[1], whole[0]))]
        return np.ascontiguousarray(found)


def fastened(grid: Grid, patch: Patch) -> Fastened:
    """Put a patch into the spare room of the graph.

    Raises: LookupError with a sentence, when it is not clear where it belongs; SpareIsUsedUp.
    """
    ways = list(_ways(grid, patch))
    first, number = grid.spare.taken(2 * len(ways))
    most = 0
    for place, (one, two, straight, coupling) in enumerate(ways):
        here, there = first + 2 * place, first + 2 * place + 1
        grid.graph.arcs[here] = (two, number, there, straight | coupling << 8)
        grid.graph.arcs[there] = (one, number, here, straight | (coupling + bool(coupling)) << 8)
        most |= straight or int(grid.graph.couplings[coupling, 0])
    arcs = np.arange(first, first + 2 * len(ways), dtype=np.int32)
    nodes = tuple(dict.fromkeys(n for one, two, *_ in ways for n in (one, two)))
    return Fastened(number, patch.ends, nodes, arcs, most)


def _ways(grid: Grid, patch: Patch) -> Iterator[tuple[int, int, int, int]]:
    """From node, to node, straight bits and coupling."""
    if patch.kind == "jumper":
        yield from _jumped(grid, patch)
        return
    what = f"{patch.kind.capitalize()} {patch.mrid}".rstrip()
    if not patch.ends:
        raise LookupError(f"{what} was placed, but where is not said.")
    for end in patch.ends:
        for node in _nodes(grid, end, what):
            bits = present(grid, node) if patch.phases == LIVE else LIVE
            yield _ROOTS[patch.kind], node, end.phases or bits, 0


def _jumped(grid: Grid, patch: Patch) -> Iterator[tuple[int, int, int, int]]:
    what = f"Jumper {patch.mrid}".rstrip()
    sides = [(end, node) for end in patch.ends for node in _nodes(grid, end, what)]
    if len(sides) != 2 or sides[0][1] == sides[1][1]:
        raise LookupError(
            f"{what} was placed at {_list(patch)}, which leaves open which two nodes it connects."
        )
    (here, one), (there, two) = sides
    first, second = here.phases or there.phases or LIVE, there.phases or here.phases or LIVE
    if first == second:
        yield one, two, first, 0
        return
    if len(slots(first)) != len(slots(second)):
        raise LookupError(f"{what} has more phases at one end than at the other.")
    poles = Couplings()  # its first rows are the same in every graph
    for a, b in zip(slots(first), slots(second), strict=True):
        if a == b:
            yield one, two, 1 << a, 0
        else:
            yield one, two, 0, poles.pole(1 << a, 1 << b)


def _nodes(grid: Grid, end: End, what: str) -> list[int]:
    """The nodes that are meant: a node itself, that of a terminal, or those of equipment."""
    try:
        row = grid.called(end.at)
    except KeyError:
        raise LookupError(f"{what} was placed at {end.at}, but no model describes it.") from None
    nodes = grid.terminal_nodes(row) or sorted(set(grid.nodes(row).tolist()))
    if not nodes:
        kind = grid.objects.cim_class(row)
        raise LookupError(f"{what} was placed at {end.at}, but a {kind} is at no node.")
    return nodes


def present(grid: Grid, node: int) -> int:
    """The phases that a node has by design, bits; three where it never had supply."""
    ways = grid.normal.ways(np.array([node], np.int32))[0]
    bits = sum(1 << slot for slot, way in enumerate(ways.tolist()) if way >= 0)
    return bits or ABC


def _list(patch: Patch) -> str:
    return " and ".join(end.at for end in patch.ends) or "no place"
