"""Networks behind ExternalNetworkInjections as sources, and the nominal voltages of nodes."""

from __future__ import annotations

import cmath
import math
from collections.abc import Iterator

import numpy as np

from cim.electrical.injections import Source
from cim.electrical.ports import ABC, Port, agreed, live, ports
from cim.electrical.reading import Absurd, Reading
from cim.electrical.regulators import control

_KIND = "ExternalNetworkInjection"
_TURNS = {"A": 0.0, "B": -2 * math.pi / 3, "C": 2 * math.pi / 3}


def external_networks(reading: Reading) -> tuple[Source, ...]:
    """Each as a source that holds the voltage at its node.

    The voltage is the target of its RegulatingControl where that controls, else an SvVoltage of a
    solved state, else the nominal one, by a sentence.
    """
    return reading.made(reading.of_class(_KIND), lambda row: _source(reading, row))


def _source(reading: Reading, row: int) -> Source:
    [place] = ports(reading, row, 1)
    phases = live(agreed((), [place]))
    if phases != ABC:
        raise Absurd(f"it has the phases {''.join(phases)}")
    nominal = reading.base_voltage(row)
    volts, angle = _voltage(reading, row, place, nominal)
    turned = [cmath.rect(volts / math.sqrt(3), angle + _TURNS[phase]) for phase in phases]
    nothing = np.zeros((3, 3), np.complex128)
    name = reading.name(row)
    return Source(reading.mrid(row), name, place, phases, nominal, np.array(turned), nothing)


def _voltage(reading: Reading, row: int, place: Port, nominal: float | None) -> tuple[float, float]:
    """Volts between phases, and an angle in radians."""
    solved = next(_solved(reading, place), None)
    angle = solved[1] if solved else 0.0
    target = _target(reading, row)
    if target is not None:
        return target, angle
    if solved is not None:
        return solved
    if not nominal:
        raise Absurd("nothing says its voltage: no RegulatingControl, SvVoltage or BaseVoltage")
    reading.say(row, "says no voltage; its nominal one is taken")
    return nominal, angle


def _target(reading: Reading, row: int) -> float | None:
    """Volts that it controls; None when it controls none."""
    one = control(reading, reading.link(row, "RegulatingCondEq.RegulatingControl"))
    off = reading.flag(row, "RegulatingCondEq.controlEnabled") is False
    if one is None or off or not one.enabled or one.mode != "voltage":
        return None
    if one.target is None or one.target <= 0:
        return None
    return one.target


def _solved(reading: Reading, place: Port) -> Iterator[tuple[float, float]]:
    """SvVoltages at its node, topological or not."""
    terminal, node = (reading.model.row(mrid) for mrid in (place.terminal, place.node))
    nodes = [node, *reading.links(terminal, "Terminal.TopologicalNode")]
    nodes += reading.links(node, "ConnectivityNode.TopologicalNode")
    for each in dict.fromkeys(nodes):
        for state in reading.behind(each, "SvVoltage.TopologicalNode"):
            volts = reading.number(state, "SvVoltage.v", reading.unit.voltage)
            if volts:
                angle = reading.number(state, "SvVoltage.angle") or 0.0
                yield volts, math.radians(angle)


def nominal_voltages(reading: Reading) -> dict[str, float]:
    """Volts between phases by node, where a BaseVoltage says it.

    Of its container or TopologicalNode, of a transformer end there, or of other equipment there.
    """
    found: dict[int, float] = {}
    for node, base in _bases(reading):
        volts = reading.number(base, "BaseVoltage.nominalVoltage", reading.unit.voltage)
        if volts and volts > 0:
            found.setdefault(node, volts)
    return {reading.mrid(node): volts for node, volts in found.items()}


def _bases(reading: Reading) -> Iterator[tuple[int, int]]:
    """Nodes with rows of BaseVoltages, the surest first."""
    for node in reading.of_class("ConnectivityNode"):
        level = reading.link(node, "ConnectivityNode.ConnectivityNodeContainer")
        if level is not None and (base := reading.link(level, "VoltageLevel.BaseVoltage")):
            yield node, base
    for node in reading.of_class("TopologicalNode"):
        if (base := reading.link(node, "TopologicalNode.BaseVoltage")) is not None:
            yield node, base
    for base in reading.of_class("BaseVoltage"):
        for end in reading.behind(base, "TransformerEnd.BaseVoltage"):
            terminal = reading.link(end, "TransformerEnd.Terminal")
            yield from ((node, base) for node in _nodes(reading, terminal))
    for base in reading.of_class("BaseVoltage"):
        for one in reading.behind(base, "ConductingEquipment.BaseVoltage"):
            for terminal in reading.behind(one, "Terminal.ConductingEquipment"):
                yield from ((node, base) for node in _nodes(reading, terminal))


def _nodes(reading: Reading, terminal: int | None) -> list[int]:
    if terminal is None:
        return []
    node = reading.link(terminal, "Terminal.ConnectivityNode", "Terminal.TopologicalNode")
    return [] if node is None else [node]
