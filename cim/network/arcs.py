"""The graph: a vertex is one phase at one connectivity node, an arc is one way through equipment.

Vertex = node number x SLOTS + slot of the phase; one more vertex, the last, stands for all sources.
An arc conducts while its cell of the switch state is closed; the last cell is always closed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cim.network.classes import SOURCES, SWITCHES, TRANSFORMER
from cim.network.phases import ABC, LIVE, SECONDARY, SLOTS
from cim.network.statements import Statements
from cim.network.texts import Ints

Bools = NDArray[np.bool_]
_TANK_PHASES = ("TransformerTankEnd.phases", "TransformerTankEnd.orderedPhases")
_Chunk = tuple[Ints, Ints, Ints, Ints]


@dataclass(frozen=True)
class Terminals:
    """The terminals that join equipment to a node, by equipment and in its order.

    equipment, node: object row and node number.
    phases:          bits, 0 where not stated.
    first:           whether it is the first of its equipment.
    row:             its own object row.
    """

    equipment: Ints
    node: Ints
    phases: Ints
    first: Bools
    row: Ints

    @classmethod
    def of(cls, said: Statements, node_of: Ints) -> Terminals:
        equipment = said.column(said.link("Terminal.ConductingEquipment"))
        place = said.column(said.link("Terminal.ConnectivityNode"))
        number = said.column(
            said.value("Terminal.sequenceNumber", "ACDCTerminal.sequenceNumber"), 99
        )
        rows = np.flatnonzero((equipment >= 0) & (place >= 0)).astype(np.int32)
        rows = rows[np.lexsort((rows, number[rows], equipment[rows]))]
        owner = equipment[rows]
        first = np.diff(owner, prepend=np.int32(-1)) != 0
        bits = said.column(said.value("Terminal.phases"), 0)[rows]
        return cls(owner, node_of[place[rows]], bits, first, rows)


@dataclass(frozen=True)
class Switches:
    """All switches, numbered; the state of a switch is SLOTS cells, one a pole.

    rows:   object row of each.
    number: for each object its switch number, -1 where it is none.
    poles:  bits of the phases it has poles for.
    phased: whether its poles are stated one by one.
    """

    rows: Ints
    number: Ints
    poles: Ints
    phased: Bools

    @classmethod
    def of(cls, said: Statements, stated: Ints) -> Switches:
        is_switch = said.of_class(*SWITCHES)
        _, switches = said.link("SwitchPhase.Switch")
        is_switch[switches] = True
        is_switch[said.value("Switch.open", "Switch.normalOpen")[0]] = True
        rows = np.flatnonzero(is_switch).astype(np.int32)
        number = said.column((rows, np.arange(len(rows), dtype=np.int32)))
        phased = np.zeros(len(rows), np.bool_)
        phased[number[switches]] = True
        poles = np.where(stated[rows] & LIVE, stated[rows] & LIVE, ABC).astype(np.int32)
        return cls(rows, number, poles, phased)

    @property
    def cells(self) -> int:
        """Length of a switch state; its last cell is the one that is always closed."""
        return len(self.rows) * SLOTS + 1

    def state(self, said: Statements, *, normal: bool) -> Bools:
        """Which cells are closed, as operated or as designed; one stands in for the other."""
        closed = np.zeros((len(self.rows), SLOTS), np.bool_)
        for slot in range(SLOTS):
            closed[:, slot] = self.poles >> slot & 1 == 1
        has_pole = closed.copy()
        now = said.value("Switch.open"), said.value("SwitchPhase.closed")
        rows, is_open = said.value("SwitchPhase.normalOpen")
        designed = said.value("Switch.normalOpen"), (rows, np.int32(1) - is_open)
        for whole, single in (now, designed) if normal else (designed, now):
            is_open = said.column(whole)[self.rows]
            closed[is_open == 0] = has_pole[is_open == 0]
            closed[is_open == 1] = False
            pole = said.column(single)
            for phase, switch, slot_of_it, _ in switch_phases(said):
                known = pole[phase] >= 0
                closed[self.number[switch[known]], slot_of_it[known]] = pole[phase[known]] == 1
        return np.append(closed.ravel(), True)


def switch_phases(said: Statements) -> Iterator[tuple[Ints, Ints, Ints, Ints]]:
    """Phase object, switch, slot on side 1 and slot on side 2 of each pole that is stated."""
    phase, switch = said.link("SwitchPhase.Switch")
    side1 = said.column(said.value("SwitchPhase.phaseSide1"), 0)[phase] & LIVE
    side2 = said.column(said.value("SwitchPhase.phaseSide2"), 0)[phase] & LIVE
    side1, side2 = np.where(side1, side1, side2), np.where(side2, side2, side1)
    for one in range(SLOTS):
        for two in range(SLOTS):
            here = (side1 == 1 << one) & (side2 == 1 << two)
            count = int(here.sum())
            yield (
                phase[here],
                switch[here],
                np.full(count, one, np.int32),
                np.full(count, two, np.int32),
            )


def stated_phases(said: Statements, terminals: Terminals) -> Ints:
    """The phases of each piece of equipment as its phase objects or terminals say; 0 if neither."""
    bits = said.column(said.value("ConductingEquipment.phases"), 0)
    np.bitwise_or.at(bits, terminals.equipment, terminals.phases)
    by_object = np.zeros_like(bits)
    for owner, values in (
        ("ACLineSegmentPhase.ACLineSegment", ("ACLineSegmentPhase.phase",)),
        ("SwitchPhase.Switch", ("SwitchPhase.phaseSide1",)),
        ("SwitchPhase.Switch", ("SwitchPhase.phaseSide2",)),
        ("EnergyConsumerPhase.EnergyConsumer", ("EnergyConsumerPhase.phase",)),
        ("EnergySourcePhase.EnergySource", ("EnergySourcePhase.phase",)),
    ):
        rows, owners = said.link(owner)
        np.bitwise_or.at(by_object, owners, said.column(said.value(*values), 0)[rows])
    ends, _, owners = winding_owner(said)
    np.bitwise_or.at(by_object, owners, said.column(said.value(*_TANK_PHASES), 0)[ends])
    return np.where(by_object, by_object, bits)


@dataclass(frozen=True)
class Arcs:
    """The arcs, sorted by where they start.

    start:      for each vertex the number of its first arc (CSR), one more at the end.
    source, target, equipment, cell: of each arc.
    in_service, normally_in_service: False where the equipment is out of service.
    """

    start: Ints
    source: Ints
    target: Ints
    equipment: Ints
    cell: Ints
    in_service: Bools
    normally_in_service: Bools

    @classmethod
    def of(
        cls, said: Statements, terminals: Terminals, switches: Switches, stated: Ints, nodes: int
    ) -> Arcs:
        joints = [
            *_branches(said, terminals, switches, stated),
            *_windings(said, terminals, switches),
            *_supplies(said, terminals, switches, stated, nodes * SLOTS),
        ]
        source, target, equipment, cell = (np.concatenate(c) for c in zip(*joints, strict=True))
        order = np.argsort(source, kind="stable")
        start = np.searchsorted(source[order], np.arange(nodes * SLOTS + 2)).astype(np.int32)
        designed = said.column(said.value("Equipment.normallyInService"), 1)
        now = designed.copy()
        now[said.value("Equipment.inService")[0]] = said.value("Equipment.inService")[1]
        equipment = equipment[order]
        return cls(
            start,
            source[order],
            target[order],
            equipment,
            cell[order],
            now[equipment] == 1,
            designed[equipment] == 1,
        )


def _both_ways(one: Ints, two: Ints, equipment: Ints, cell: Ints) -> Iterator[_Chunk]:
    yield one, two, equipment, cell
    yield two, one, equipment, cell


def _connected(said: Statements, terminals: Terminals) -> Bools:
    stated = said.value("Terminal.connected", "ACDCTerminal.connected")
    connected: Bools = said.column(stated, 1)[terminals.row] == 1
    return connected


def _branches(
    said: Statements, terminals: Terminals, switches: Switches, stated: Ints
) -> Iterator[_Chunk]:
    """Everything with two terminals or more but transformers: from the first to each other one."""
    head = np.maximum.accumulate(np.where(terminals.first, np.arange(len(terminals.row)), 0))
    joined = _connected(said, terminals)
    ends = ~terminals.first & ~said.of_class(TRANSFORMER)[terminals.equipment]
    ends &= joined & joined[head]
    equipment = terminals.equipment[ends]
    one, two = terminals.node[head[ends]] * SLOTS, terminals.node[ends] * SLOTS
    number = switches.number[equipment]
    bits = np.where(stated[equipment] & LIVE, stated[equipment], ABC)
    plain = (number < 0) | ~switches.phased[number] if len(switches.rows) else number < 0
    for slot in range(SLOTS):
        here = plain & (bits >> slot & 1 == 1)
        cell = np.where(number < 0, switches.cells - 1, number * SLOTS + slot).astype(np.int32)
        yield from _both_ways(one[here] + slot, two[here] + slot, equipment[here], cell[here])
    branch_of = said.column((equipment, np.arange(len(equipment), dtype=np.int32)))
    for _, switch, slot1, slot2 in switch_phases(said):
        here = branch_of[switch] >= 0
        switch, slot1, slot2 = switch[here], slot1[here], slot2[here]
        branch = branch_of[switch]
        cell = switches.number[switch] * np.int32(SLOTS) + slot1
        yield from _both_ways(one[branch] + slot1, two[branch] + slot2, switch, cell)


def winding_owner(said: Statements) -> tuple[Ints, Ints, Ints]:
    """Each transformer end that has a terminal, its tank (or transformer) and its transformer."""
    ends = np.unique(said.link("TransformerEnd.Terminal")[0])
    transformer = said.column(said.link("PowerTransformerEnd.PowerTransformer"))[ends]
    tank = said.column(said.link("TransformerTankEnd.TransformerTank"))[ends]
    of_tank = said.column(said.link("TransformerTank.PowerTransformer"))[tank]
    owner = np.where(tank >= 0, np.where(of_tank >= 0, of_tank, tank), transformer)
    group = np.where(tank >= 0, tank, transformer)
    known = owner >= 0
    return ends[known], group[known], owner[known]


def _windings(said: Statements, terminals: Terminals, switches: Switches) -> Iterator[_Chunk]:
    """Transformers: from the first winding of each tank to each other one.

    A phase on both sides joins them both ways.  A phase that only the other winding has, such as
    s1 of a center-tapped secondary, is fed by every phase of the first one, and does not feed back.
    """
    ends, group, owner = winding_owner(said)
    spot = said.column((terminals.row, np.arange(len(terminals.row), dtype=np.int32)))
    at = spot[said.column(said.link("TransformerEnd.Terminal"))[ends]]
    usable = at >= 0
    if usable.any():
        usable[usable] = _connected(said, terminals)[at[usable]]
    ends, group, owner, at = ends[usable], group[usable], owner[usable], at[usable]
    bits = said.column(said.value(*_TANK_PHASES), 0)[ends]
    bits = np.where(bits & LIVE, bits, terminals.phases[at]) & LIVE
    bits = np.where(bits, bits, ABC)
    number = said.column(said.value("TransformerEnd.endNumber"), 99)[ends]
    order = np.lexsort((ends, number, group))
    group, owner, bits = group[order], owner[order], bits[order]
    node = terminals.node[at[order]] * SLOTS
    first = np.diff(group, prepend=-1) != 0
    head = np.maximum.accumulate(np.where(first, np.arange(len(group)), 0))[~first]
    yield from _couplings(
        np.stack([node[head], node[~first]]),
        np.stack([bits[head], bits[~first]]),
        owner[~first],
        switches.cells - 1,
    )


def _couplings(node: Ints, bits: Ints, owner: Ints, closed: int) -> Iterator[_Chunk]:
    """Arcs between pairs of windings; row 0 is the side that feeds."""
    reverse = (bits[0] & SECONDARY != 0) & (bits[1] & SECONDARY == 0)
    one, two = np.where(reverse, node[::-1], node)
    feeding, fed = np.where(reverse, bits[::-1], bits)
    always = np.full(len(owner), closed, np.int32)
    for slot in range(SLOTS):
        here = feeding & fed & 1 << slot != 0
        yield from _both_ways(one[here] + slot, two[here] + slot, owner[here], always[here])
        alone = fed & ~feeding & 1 << slot != 0
        for feeder in range(SLOTS):
            here = alone & (feeding & 1 << feeder != 0)
            yield one[here] + feeder, two[here] + slot, owner[here], always[here]


def _supplies(
    said: Statements, terminals: Terminals, switches: Switches, stated: Ints, root: int
) -> Iterator[_Chunk]:
    """Sources feed the phases they state, or all three."""
    here = said.of_class(*SOURCES)[terminals.equipment] & _connected(said, terminals)
    equipment, node = terminals.equipment[here], terminals.node[here]
    bits = np.where(stated[equipment] & LIVE, stated[equipment], ABC)
    for slot in range(SLOTS):
        fed = bits >> slot & 1 == 1
        count = int(fed.sum())
        yield (
            np.full(count, root, np.int32),
            node[fed] * SLOTS + slot,
            equipment[fed],
            np.full(count, switches.cells - 1, np.int32),
        )
