"""Usage points and meters, and where on the network they hang."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cim.network.arcs import Bools, Terminals
from cim.network.phases import ABC, LIVE, SLOTS
from cim.network.statements import Statements
from cim.network.texts import Ints


@dataclass(frozen=True)
class Customers:
    """Usage points by number.

    rows:    object row of each usage point.
    number:  for each object its usage point number, -1 where it is none.
    owner, vertex: pairs, the phases of the network that supply a usage point.
    start:   for each usage point its first pair (CSR), one more at the end.
    equipment: for each usage point the equipment it is on, -1 if none is known.
    metered: for each object the row of the usage point that it meters, -1 where it is no meter.
    """

    rows: Ints
    number: Ints
    owner: Ints
    vertex: Ints
    start: Ints
    equipment: Ints
    metered: Ints

    @classmethod
    def of(cls, said: Statements, terminals: Terminals, stated: Ints, present: Bools) -> Customers:
        rows = np.flatnonzero(said.of_class("UsagePoint")).astype(np.int32)
        number = said.column((rows, np.arange(len(rows), dtype=np.int32)))
        points, equipment = usage_point_equipment(said)
        owner, vertex = _supply(number[points], equipment, terminals, stated, present)
        start = np.searchsorted(owner, np.arange(len(rows) + 1)).astype(np.int32)
        first = said.column((points[::-1], equipment[::-1]))
        return cls(rows, number, owner, vertex, start, first[rows], _metered(said))

    def vertices(self, number: int) -> Ints:
        """The phases that supply one usage point."""
        return self.vertex[self.start[number] : self.start[number + 1]]

    def having(self, vertices: Bools) -> Ints:
        """The object rows of the usage points with a phase among `vertices`."""
        return self.rows[np.unique(self.owner[vertices[self.vertex]])]


def usage_point_equipment(said: Statements) -> tuple[Ints, Ints]:
    """Pairs of usage point and equipment, from whichever side they are stated."""
    points, equipment = said.link("UsagePoint.Equipments")
    equipment2, points2 = said.link("Equipment.UsagePoints")
    pairs = np.stack([np.concatenate([points, points2]), np.concatenate([equipment, equipment2])])
    pairs = np.unique(pairs, axis=1)
    pairs = pairs[:, said.of_class("UsagePoint")[pairs[0]]]
    return pairs[0], pairs[1]


def _supply(
    number: Ints, equipment: Ints, terminals: Terminals, stated: Ints, present: Bools
) -> tuple[Ints, Ints]:
    """Pairs of usage point number and vertex, sorted."""
    low = np.searchsorted(terminals.equipment, equipment)
    count = np.searchsorted(terminals.equipment, equipment, "right") - low
    at = np.repeat(low, count) + np.arange(count.sum()) - np.repeat(count.cumsum() - count, count)
    owner, node = np.repeat(number, count), terminals.node[at]
    bits = _supplying(stated[np.repeat(equipment, count)], node, present)
    pairs = [
        (owner[here], node[here] * SLOTS + slot)
        for slot in range(SLOTS)
        for here in [bits >> slot & 1 == 1]
    ]
    owner, vertex = (np.concatenate(column) for column in zip(*pairs, strict=True))
    order = np.lexsort((vertex, owner))
    return owner[order], vertex[order]


def _supplying(bits: Ints, node: Ints, present: Bools) -> Ints:
    """The phases as stated; else those that reach the node by design; else all three."""
    by_design = np.zeros_like(bits)
    for slot in range(SLOTS):
        by_design |= present[node * SLOTS + slot].astype(np.int32) << slot
    bits = bits & LIVE
    bits = np.where(bits, bits, by_design)
    return np.where(bits, bits, ABC)


def _metered(said: Statements) -> Ints:
    metered = said.column(said.link("EndDevice.UsagePoint"))
    points, meters = said.link("UsagePoint.EndDevices")
    metered[meters] = points
    return metered
