"""All models put together: a graph over columns, and where to find each object in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cim.network.classes import PROTECTIVE, SOURCES, TRANSFORMER
from cim.network.customers import Customers, spread, usage_point_equipment
from cim.network.masks import Masks
from cim.network.objects import Objects
from cim.network.phases import ABC, LIVE
from cim.network.remarks import remarks
from cim.network.statements import Statements, merged
from cim.network.switches import Switches
from cim.network.terminals import Terminals, stated_phases, winding_owner
from cim.network.topology import (
    NO_EXTRA,
    RESERVED,
    SPARE,
    Bools,
    Bytes,
    Graph,
    Ints,
    Spare,
    graph,
    grouped,
)
from cim.network.trace import FROM_SOURCES, Desk, Trace
from cim.network.voltages import Voltages
from cim.network.ways import Numbers, ways


@dataclass(frozen=True, eq=False)
class Given:
    """A state of all equipment, over which facts can be laid.

    closed:  for each switch the phases on which it is closed, bits.
    service: for each object whether it is in service.
    masks:   what conducts by that.
    """

    closed: Bytes
    service: Bools
    masks: Masks

    @classmethod
    def of(cls, closed: Bytes, service: Bools, numbers: Numbers, room: int) -> Given:
        serving = np.where(service[numbers.rows], np.uint8(LIVE), np.uint8(0))
        count = len(closed)
        others = np.concatenate([serving[count:], np.zeros(room, np.uint8)])
        return cls(closed, service, Masks.stated(closed & serving[:count], others))

    @classmethod
    def both(
        cls, said: Statements, switches: Switches, numbers: Numbers, room: int
    ) -> tuple[Given, Given]:
        """As the models say it is, and as it is by design."""
        designed = said.column(said.value("Equipment.normallyInService"), 1)
        now = designed.copy()
        rows, flags = said.value("Equipment.inService")
        now[rows] = flags
        return (
            cls.of(switches.closed(said, normal=False), now == 1, numbers, room),
            cls.of(switches.closed(said, normal=True), designed == 1, numbers, room),
        )


@dataclass(frozen=True, eq=False)
class Grid:
    """What does not change when something is operated.

    node_of:    for each object its node number, -1 where it is no connectivity node.
    node_rows:  for each node its object row; -1 for those that are none of the model.
    terminals:  where equipment meets nodes.
    stated:     for each object its phases as stated, bits; 0 where nothing is said.
    built:      the state as the models say it.
    designed:   the state as it is by design.
    arcs_of:    the arcs of each equipment number (CSR): begin, arcs.
    device:     for each object whether it lies on a protective path.
    protective: for each object whether it opens by itself.
    source:     for each object whether it supplies.
    container:  for each object the container stated for it, -1 if none.
    spare:      room in the graph for what is placed in operation.
    normal:     the trace of the normal state.
    """

    objects: Objects
    node_of: Ints
    node_rows: Ints
    terminals: Terminals
    stated: Ints
    switches: Switches
    numbers: Numbers
    graph: Graph
    arcs_of: tuple[Ints, Ints]
    built: Given
    designed: Given
    device: Bools
    protective: Bools
    source: Bools
    container: Ints
    customers: Customers
    voltages: Voltages
    desk: Desk
    spare: Spare
    normal: Trace
    problems: tuple[str, ...]

    @classmethod
    def of(cls, parts: Iterable[Statements], room: int = SPARE) -> Grid:
        """The grid that all models describe together, in any order.

        room: for what is placed in operation, see Spare.
        Raises: TooLarge.
        """
        said = merged(tuple(parts))
        node_of, node_rows = _nodes(said)
        terminals = Terminals.of(said, node_of)
        stated = stated_phases(said, terminals)
        switches = Switches.of(said, stated)
        found, couplings, numbers = ways(said, terminals, switches, stated)
        net = graph(found, len(node_rows), couplings, room)
        built, designed = Given.both(said, switches, numbers, room)
        desk = Desk(net)
        nothing = Trace.empty(FROM_SOURCES, net, desk)
        device = said.flags(TRANSFORMER)
        device[switches.rows] = True
        container = said.column(said.link("Equipment.EquipmentContainer"))

        pairs = usage_point_equipment(said)

        def present(nodes: Ints) -> Bools:
            all_closed = switches.bits.astype(np.uint8)
            whole = Given.of(all_closed, np.ones_like(designed.service), numbers, room)
            return nothing.anew(NO_EXTRA, whole.masks).reached(nodes)

        return cls(
            Objects.of(said),
            node_of,
            node_rows,
            terminals,
            stated,
            switches,
            numbers,
            net,
            grouped(net.arcs[: net.size, 1].copy(), len(numbers.rows)),
            built,
            designed,
            device,
            _protective(said, switches, container),
            said.flags(*SOURCES),
            container,
            Customers.of(said, terminals, stated, pairs, present),
            Voltages.of(said, terminals, node_of, len(node_rows)),
            desk,
            Spare(net.size, len(numbers.rows), room),
            nothing.anew(NO_EXTRA, designed.masks),
            (*said.problems, *remarks(said, pairs)),
        )

    def phases(self, row: int) -> int:
        """The supplying phases of equipment; three-phase where none is stated."""
        return int(self.stated[row]) & LIVE or ABC

    def nodes(self, row: int) -> Ints:
        """A node itself, or the nodes of equipment."""
        if (node := self.node_of[row]) >= 0:
            return np.array([node], np.int32)
        return self.terminals.node[self.terminals.of_equipment(row)]

    def arcs(self, number: int) -> Ints:
        """The arcs of an equipment number, in both directions."""
        begin, arcs = self.arcs_of
        if number + 1 >= len(begin):
            return arcs[:0]
        return arcs[begin[number] : begin[number + 1]]

    @cached_property
    def devices(self) -> Bytes:
        """For each equipment number whether it lies on a protective path."""
        return self._flags(self.device)

    @cached_property
    def protectors(self) -> Bytes:
        """For each equipment number whether it opens by itself."""
        return self._flags(self.protective)

    def _flags(self, objects: Bools) -> Bytes:
        spare = np.zeros(self.spare.room, np.uint8)
        return np.concatenate([objects[self.numbers.rows].astype(np.uint8), spare])

    @cached_property
    def _by_node(self) -> tuple[Ints, Ints]:
        return grouped(self.terminals.node, len(self.node_rows))

    def terminals_at(self, nodes: Ints) -> Ints:
        """The terminals at these nodes, as places in the columns of `terminals`."""
        start, terminals = self._by_node
        low = start[nodes].astype(np.int64)
        return terminals[spread(low, start[nodes + 1] - low)]

    def is_equipment(self, row: int) -> bool:
        """Whether it is at a node, or conducts."""
        at = self.terminals.of_equipment(row)
        return at.stop > at.start or self.numbers.of[row] >= 0 or bool(self.device[row])

    def terminal_nodes(self, row: int) -> list[int]:
        """The node of a terminal; none for all else."""
        if self.objects.cim_class(row) != "Terminal":
            return []
        found: list[int] = self.terminals.node[self.terminals.row == row].tolist()
        return found

    def called(self, designation: str) -> int:
        """The object of that mRID, or else of that name.

        Raises: KeyError, when there is none or more than one.
        """
        try:
            return self.objects.row(designation)
        except KeyError:
            rows = self.objects.rows_named(designation)
            if len(rows) != 1:
                raise
            return rows[0]


def _nodes(said: Statements) -> tuple[Ints, Ints]:
    is_node = said.flags("ConnectivityNode")
    is_node[said.link("Terminal.ConnectivityNode")[1]] = True
    rows = np.flatnonzero(is_node).astype(np.int32)
    number = np.arange(RESERVED, RESERVED + len(rows), dtype=np.int32)
    return said.column((rows, number)), np.concatenate([np.full(RESERVED, -1, np.int32), rows])


def _protective(said: Statements, switches: Switches, container: Ints) -> Bools:
    """Which equipment opens by itself to clear a fault, or has a fuse that does.

    Breaker, Recloser, Fuse and Sectionaliser do; so does the fuse of a transformer, but a voltage
    regulator (the same base voltage on all sides) has none.  Planning tools write every switch as
    a LoadBreakSwitch: in a container without any protective switch all its switches count.
    """
    by_class = said.flags(*PROTECTIVE)
    guarded = np.zeros(len(said.ids) + 1, np.bool_)  # the last for those in no container
    guarded[container[by_class]] = True
    protective = by_class
    transformers = said.of_class(TRANSFORMER)
    protective[transformers[~_regulators(said)[transformers]]] = True
    protective[switches.rows[~guarded[container[switches.rows]]]] = True
    return protective


def _regulators(said: Statements) -> Bools:
    ends, _, owner = winding_owner(said)
    voltage = said.of(ends, said.link("TransformerEnd.BaseVoltage"))
    lowest = np.full(len(said.ids), np.iinfo(np.int32).max, np.int32)
    highest = np.full(len(said.ids), -1, np.int32)
    np.minimum.at(lowest, owner, voltage)
    np.maximum.at(highest, owner, voltage)
    same: Bools = (lowest == highest) & (lowest >= 0)
    return same
