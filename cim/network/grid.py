"""All models put together: a graph over columns, and where to find each object in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from cim.network import phases
from cim.network.arcs import Arcs, Bools, Switches, Terminals, stated_phases, winding_owner
from cim.network.classes import PROTECTIVE, TRANSFORMER
from cim.network.customers import Customers
from cim.network.objects import Objects
from cim.network.phases import ABC, LIVE, SLOTS
from cim.network.remarks import remarks
from cim.network.statements import Statements, merged
from cim.network.texts import Ints
from cim.network.trace import Trace


@dataclass(frozen=True)
class Grid:
    """What does not change when a switch is operated.

    node_of:    for each object its node number, -1 where it is no connectivity node.
    terminals:  where equipment meets nodes.
    stated:     for each object its phases as stated, bits; 0 where nothing is said.
    device:     for each object whether it lies on a protective path.
    protective: for each object whether it opens by itself.
    container:  for each object the container stated for it, -1 if none.
    """

    objects: Objects
    node_of: Ints
    terminals: Terminals
    stated: Ints
    switches: Switches
    arcs: Arcs
    designed: Bools
    as_built: Bools
    device: Bools
    protective: Bools
    container: Ints
    customers: Customers
    problems: tuple[str, ...]

    @classmethod
    def of(cls, parts: Iterable[Statements]) -> Grid:
        """The grid that all documents describe together, in any order."""
        said = merged(tuple(parts))
        node_of, nodes = _nodes(said)
        terminals = Terminals.of(said, node_of)
        stated = stated_phases(said, terminals)
        switches = Switches.of(said, stated)
        arcs = Arcs.of(said, terminals, switches, stated, nodes)
        present = Trace.of(arcs, np.ones(len(arcs.cell), np.bool_)).reached
        device = said.of_class(TRANSFORMER)
        device[switches.rows] = True
        container = said.column(said.link("Equipment.EquipmentContainer"))
        customers = Customers.of(said, terminals, stated, present)
        return cls(
            Objects.of(said),
            node_of,
            terminals,
            stated,
            switches,
            arcs,
            switches.state(said, normal=True),
            switches.state(said, normal=False),
            device,
            _protective(said, switches, container),
            container,
            customers,
            (*said.problems, *remarks(said)),
        )

    def phases(self, row: int) -> int:
        """The supplying phases of equipment; three-phase where none is stated."""
        return int(self.stated[row]) & LIVE or ABC

    def vertices(self, row: int) -> Ints:
        """All phases at a node, or at the nodes of equipment."""
        if (node := self.node_of[row]) >= 0:
            return np.arange(node * SLOTS, (node + 1) * SLOTS, dtype=np.int32)
        low, high = np.searchsorted(self.terminals.equipment, [row, row + 1])
        nodes = self.terminals.node[low:high]
        slots = np.array(phases.slots(self.phases(row)), np.int32)
        vertices: Ints = np.add.outer(nodes * np.int32(SLOTS), slots).ravel()
        return vertices


def _nodes(said: Statements) -> tuple[Ints, int]:
    is_node = said.of_class("ConnectivityNode")
    is_node[said.link("Terminal.ConnectivityNode")[1]] = True
    rows = np.flatnonzero(is_node).astype(np.int32)
    return said.column((rows, np.arange(len(rows), dtype=np.int32))), len(rows)


def _protective(said: Statements, switches: Switches, container: Ints) -> Bools:
    """Which equipment opens by itself to clear a fault, or has a fuse that does.

    Breaker, Recloser, Fuse and Sectionaliser do; so does the fuse of a transformer, but a voltage
    regulator (the same base voltage on all sides) has none.  Planning tools write every switch as
    a LoadBreakSwitch: in a container without any protective switch all its switches count.
    """
    by_class = said.of_class(*PROTECTIVE)
    guarded = np.unique(container[by_class])
    protective = by_class | (said.of_class(TRANSFORMER) & ~_regulators(said))
    bare = switches.rows[~np.isin(container[switches.rows], guarded)]
    protective[bare] = True
    return protective


def _regulators(said: Statements) -> Bools:
    ends, _, owner = winding_owner(said)
    voltage = said.column(said.link("TransformerEnd.BaseVoltage"))[ends]
    lowest = np.full(len(said.ids), np.iinfo(np.int32).max, np.int32)
    highest = np.full(len(said.ids), -1, np.int32)
    np.minimum.at(lowest, owner, voltage)
    np.maximum.at(highest, owner, voltage)
    same: Bools = (lowest == highest) & (lowest >= 0)
    return same
