"""Nominal voltages: which BaseVoltage each node has, as far as the models say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cim.network.classes import TRANSFORMER
from cim.network.statements import Floats, Statements
from cim.network.terminals import Terminals
from cim.network.topology import Ints


@dataclass(frozen=True, eq=False)
class Voltages:
    """base: for each node the object row of its BaseVoltage, -1 where nothing is stated.
    volts: for each object its nominal voltage, V, where it is a BaseVoltage; else NaN.
    """

    base: Ints
    volts: Floats

    @classmethod
    def of(cls, said: Statements, terminals: Terminals, node_of: Ints, nodes: int) -> Voltages:
        """What is nearest to a node counts: the winding there, its voltage level, its equipment."""
        base = np.full(nodes, -1, np.int32)
        level = said.link("VoltageLevel.BaseVoltage")
        place, within = said.link("ConnectivityNode.ConnectivityNodeContainer")
        end, terminal = said.link("TransformerEnd.Terminal")
        _put(base, terminals.node, _of_equipment(said, terminals.equipment))
        _put(base, node_of[place], said.of(_level(said, within), level))
        winding = said.of(terminal, (terminals.row, terminals.node))
        _put(base, winding, said.of(end, said.link("TransformerEnd.BaseVoltage")))
        volts = np.full(len(said.ids), np.nan)
        rows, numbers = said.value("BaseVoltage.nominalVoltage")
        volts[rows] = numbers
        return cls(base, volts)


def _of_equipment(said: Statements, rows: Ints) -> Ints:
    """The BaseVoltage of equipment or of the voltage level it is in; none of a transformer."""
    container = said.of(rows, said.link("Equipment.EquipmentContainer"))
    level = said.of(_level(said, container), said.link("VoltageLevel.BaseVoltage"))
    own = said.of(rows, said.link("ConductingEquipment.BaseVoltage"))
    base = np.where(own >= 0, own, level)
    base[said.is_of(rows, TRANSFORMER)] = -1
    return base


def _level(said: Statements, container: Ints) -> Ints:
    """The voltage level of containers, of which a bay lies within one."""
    level = said.of(container, said.link("Bay.VoltageLevel"))
    found: Ints = np.where(level >= 0, level, container)
    return found


def _put(base: Ints, nodes: Ints, rows: Ints) -> None:
    stated = (nodes >= 0) & (rows >= 0)
    base[nodes[stated]] = rows[stated]
