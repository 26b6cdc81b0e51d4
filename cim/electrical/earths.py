"""What joins conductors of a node to earth."""

from __future__ import annotations

from dataclasses import dataclass

from cim.electrical.ports import ABC, Port, port, ports, sorted_phases
from cim.electrical.reading import Absurd, Reading

SOLID = 1e-6
"""Ohm, of what has no impedance to earth."""


@dataclass(frozen=True)
class Earth:
    """Between conductors of a node and earth, an impedance each, or none.

    mrid:   of the equipment; of the terminal where other equipment has an earthed star point to
            which a neutral comes.
    kind:   class of what earths.
    phases: the conductors that it earths.
    z:      ohm; 0 for solid earth.
    """

    mrid: str
    name: str
    kind: str
    port: Port
    phases: tuple[str, ...]
    z: complex


def earths(reading: Reading) -> tuple[Earth, ...]:
    """All PetersenCoils, GroundingImpedances and Grounds."""
    coils = reading.of_class("PetersenCoil", "GroundingImpedance")
    return (
        *reading.made(coils, lambda row: _compensator(reading, row)),
        *reading.made(reading.of_class("Ground"), lambda row: _ground(reading, row)),
    )


def _compensator(reading: Reading, row: int) -> Earth:
    """Between the neutral of its node and earth.

    A second terminal is at a Ground; without one, that is understood (IEC 61970-301,
    EarthFaultCompensator).
    """
    terminals = reading.behind(row, "Terminal.ConductingEquipment")
    ends = ports(reading, row, 2 if len(terminals) > 1 else 1)
    grounded = [end for end in ends if _at_ground(reading, end)]
    free = [end for end in ends if end not in grounded] or list(ends[:1])
    if len(ends) > 1 and len(grounded) != 1:
        raise Absurd("it has 2 terminals, of which 1 must be at a Ground")
    [place] = free
    if place.phases and "N" not in place.phases:
        raise Absurd(f"its terminal has the phases {''.join(place.phases)} and no neutral")
    kind = reading.kind(row)
    name = f"{kind}.{'xGroundNominal' if kind == 'PetersenCoil' else 'x'}"
    z = complex(reading.number(row, "EarthFaultCompensator.r") or 0, reading.needed(row, name))
    return Earth(reading.mrid(row), reading.name(row), kind, place, ("N",), z)


def _at_ground(reading: Reading, end: Port) -> bool:
    node = reading.model.row(end.node)
    return any(
        reading.kind(one) == "Ground"
        for way in ("Terminal.ConnectivityNode", "Terminal.TopologicalNode")
        for terminal in reading.behind(node, way)
        for one in reading.links(terminal, "Terminal.ConductingEquipment")
    )


def _ground(reading: Reading, row: int) -> Earth:
    """Of the phases of its terminal; without any, of those that equipment there states, or all."""
    terminals = reading.behind(row, "Terminal.ConductingEquipment")
    if len(terminals) != 1:
        raise Absurd(f"it has {len(terminals)} terminals, and must have 1")
    place = port(reading, terminals[0])
    phases = place.phases or _stated_there(reading, place.node) or ABC
    return Earth(reading.mrid(row), reading.name(row), "Ground", place, phases, 0j)


def _stated_there(reading: Reading, node: str) -> tuple[str, ...]:
    row = reading.model.row(node)
    terminals = (
        *reading.behind(row, "Terminal.ConnectivityNode"),
        *reading.behind(row, "Terminal.TopologicalNode"),
    )
    found = {phase for t in terminals for phase in port(reading, t).phases}
    return sorted_phases(found)
