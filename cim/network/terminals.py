"""Where equipment meets nodes, and the phases it has there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cim.network.phases import LIVE
from cim.network.statements import Statements
from cim.network.topology import Bools, Ints, grouped

TANK_PHASES = ("TransformerTankEnd.phases", "TransformerTankEnd.orderedPhases")
_LATEST = 9999  # a terminal that does not say which it is comes last


@dataclass(frozen=True, eq=False)
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
        rows = np.flatnonzero((equipment >= 0) & (place >= 0)).astype(np.int32)
        rows = _in_order(said, rows, equipment[rows])
        owner = equipment[rows]
        first = np.diff(owner, prepend=np.int32(-1)) != 0
        bits = said.of(rows, said.value("Terminal.phases"), 0)
        return cls(owner, node_of[place[rows]], bits, first, rows)

    def of_equipment(self, row: int) -> slice:
        """The terminals of one piece of equipment."""
        low, high = np.searchsorted(self.equipment, [row, row + 1])
        return slice(int(low), int(high))


def _in_order(said: Statements, rows: Ints, owner: Ints) -> Ints:
    """Terminals by equipment, those of each by their number."""
    _, order = grouped(owner, len(said.ids))
    rows, owner = rows[order], owner[order]
    stated = said.value("Terminal.sequenceNumber", "ACDCTerminal.sequenceNumber")
    number = said.of(rows, stated, _LATEST)
    if ((number[1:] < number[:-1]) & (owner[1:] == owner[:-1])).any():
        rows = rows[np.argsort(owner.astype(np.int64) << 14 | number, kind="stable")]
    return rows


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
        np.bitwise_or.at(by_object, owners, said.of(rows, said.value(*values), 0))
    ends, _, owners = winding_owner(said)
    np.bitwise_or.at(by_object, owners, said.of(ends, said.value(*TANK_PHASES), 0))
    return np.where(by_object, by_object, bits)


def connected(said: Statements, terminals: Terminals) -> Bools:
    """Which terminals are not loose."""
    stated = said.value("Terminal.connected", "ACDCTerminal.connected")
    joined: Bools = said.of(terminals.row, stated, 1) == 1
    return joined


def winding_owner(said: Statements) -> tuple[Ints, Ints, Ints]:
    """Each transformer end that has a terminal, its tank (or transformer) and its transformer."""
    ends = np.unique(said.link("TransformerEnd.Terminal")[0])
    transformer = said.of(ends, said.link("PowerTransformerEnd.PowerTransformer"))
    tank = said.of(ends, said.link("TransformerTankEnd.TransformerTank"))
    of_tank = said.of(tank, said.link("TransformerTank.PowerTransformer"))
    owner = np.where(tank >= 0, np.where(of_tank >= 0, of_tank, tank), transformer)
    group = np.where(tank >= 0, tank, transformer)
    known = owner >= 0
    return ends[known], group[known], owner[known]


def live(bits: Ints) -> Ints:
    """The supplying ones of these phases; all three where none is stated."""
    bits = bits & LIVE
    three: Ints = np.where(bits, bits, np.int32(0b111))
    return three
