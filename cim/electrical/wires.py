"""Line segments described by wires and cables and where these are (IEC 61968-11, AssetInfo)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from cim.electrical.impedances import Numbered
from cim.electrical.line_constants import (
    Conductor,
    Matrix,
    Shield,
    kron,
    series,
    shunt,
    strands,
)
from cim.electrical.reading import Absurd, Reading, data_sheets

_TAPE_RESISTIVITY = 2.3715e-8
"""Of copper tape at 50 degrees Celsius, ohm metre (Kersting, chapter 4)."""
_PERMITTIVITY = {
    "crosslinkedPolyethylene": 2.5,
    "treeRetardantCrosslinkedPolyethylene": 2.5,
    "treeResistantHighMolecularWeightPolyethylene": 2.3,
    "lowCapacitanceRubber": 3.0,
    "ethylenePropyleneRubber": 3.0,
    "highMolecularWeightPolyethylene": 2.3,
    "butyl": 4.0,
    "oilPaper": 3.6,
}
"""IEC 60287-1-1, table 3, by WireInsulationKind."""


@dataclass(frozen=True)
class Surroundings:
    """What wire data alone do not say.

    resistivity: of earth, ohm metre.
    temperature: of conductors, degrees Celsius, between 25 and 75.
    """

    resistivity: float = 100.0
    temperature: float = 50.0


def of_wires(
    reading: Reading, row: int, numbered: Numbered, around: Surroundings
) -> tuple[Matrix, Matrix, str] | None:
    """Series impedance and shunt admittance per metre of a segment's phases, and the data's class.

    Shields, and wires at positions that no phase has, are reduced as earthed.  None when the
    segment refers to no spacing.
    Raises: Absurd.
    """
    spacing = spacing_of(reading, row)
    if spacing is None:
        return None
    if reading.frequency is None:
        raise Absurd("its impedance depends on the frequency, which neither model nor caller says")
    phases = list(range(len(numbered.phases)))
    wires = list(_conductors(reading, spacing, numbered, around))
    if len({(wire.x, wire.y) for wire in wires}) < len(wires):
        raise Absurd(f"two of its wires are at one place of {reading.called(spacing)}")
    z = kron(series(wires, reading.frequency, around.resistivity), phases)
    y = shunt(wires, reading.frequency)[: len(phases), : len(phases)]
    return z, y, reading.kind(spacing)


def spacing_of(reading: Reading, row: int) -> int | None:
    """The WireSpacingInfo or WireAssembly of a segment; None without one."""
    found = reading.link(row, "ACLineSegment.WireSpacingInfo", "ACLineSegment.WireAssembly")
    if found is not None:
        return found
    kinds = ((sheet, reading.kind(sheet)) for sheet in data_sheets(reading, row))
    return next((sheet for sheet, kind in kinds if kind == "WireSpacingInfo"), None)


def _conductors(
    reading: Reading, spacing: int, numbered: Numbered, around: Surroundings
) -> Iterable[Conductor]:
    """The conductors of the phases, then the wires that the spacing itself has and no phase."""
    places = wire_positions(reading, spacing)
    for phase, number, each in zip(numbered.phases, numbered.numbers, numbered.rows, strict=True):
        place = places.pop(number, None)
        if place is None:
            raise Absurd(
                f"{reading.called(spacing)} has no WirePosition {number} for phase {phase}"
            )
        wire = wire_of(reading, each, place)
        if wire is None:
            raise Absurd(f"phase {phase} has no WireInfo")
        yield _conductor(reading, spacing, place, wire, around)
    for place in places.values():
        if (wire := wire_of(reading, None, place)) is not None:
            yield _conductor(reading, spacing, place, wire, around)


def wire_positions(reading: Reading, spacing: int) -> dict[int, int]:
    """WirePositions by sequence number."""
    rows = (
        *reading.behind(spacing, "WirePosition.WireSpacingInfo"),
        *reading.behind(spacing, "WirePosition.WireAssembly"),
    )
    return {reading.whole(row, "WirePosition.sequenceNumber") or 0: row for row in rows}


def wire_of(reading: Reading, phase: int | None, place: int | None) -> int | None:
    """The WireInfo of an ACLineSegmentPhase, else the one at a WirePosition."""
    if phase is not None:
        found = (*reading.links(phase, "ACLineSegmentPhase.WireInfo"), *data_sheets(reading, phase))
        if found:
            return found[0]
    return None if place is None else reading.link(place, "WirePosition.WireInfo")


def _conductor(
    reading: Reading, spacing: int, place: int, wire: int, around: Surroundings
) -> Conductor:
    """One conductor, or the bundle that WireSpacingInfo says stands for it."""
    resistance = _resistance(reading, wire, around)
    gmr = reading.positive(wire, "WireInfo.gmr")
    radius = reading.positive(wire, "WireInfo.radius")
    shield = _shield(reading, wire)
    y = reading.needed(place, "WirePosition.yCoord")
    if shield is None and y <= 0 and not reading.flag(spacing, "WireSpacingInfo.isCable"):
        raise Absurd(f"{reading.called(place)} is not above ground, at {y:g} m")
    count = reading.whole(spacing, "WireSpacingInfo.phaseWireCount") or 1
    if count > 1:
        apart = reading.positive(spacing, "WireSpacingInfo.phaseWireSpacing")
        circle = apart / (2 * math.sin(math.pi / count))
        resistance, gmr = strands(resistance, gmr, count, circle)
        _, radius = strands(0, radius, count, circle)
    return Conductor(
        reading.needed(place, "WirePosition.xCoord"), y, resistance, gmr, radius, shield
    )


def _resistance(reading: Reading, wire: int, around: Surroundings) -> float:
    """Ohm per metre at working temperature, between the values given at 25, 50 and 75 degrees."""
    given = {t: reading.number(wire, f"WireInfo.rAC{t}") for t in (25, 50, 75)}
    known = [(t, value) for t, value in given.items() if value]
    if not known:
        value = reading.positive(wire, "WireInfo.rDC20")
        reading.say(wire, "has no AC resistance; its DC resistance at 20 degrees is taken")
        return value
    below = [one for one in known if one[0] <= around.temperature] or known[:1]
    above = [one for one in known if one[0] >= around.temperature] or known[-1:]
    (low, r_low), (high, r_high) = below[-1], above[0]
    if low == high:
        return r_low
    return r_low + (r_high - r_low) * (around.temperature - low) / (high - low)


def _shield(reading: Reading, wire: int) -> Shield | None:
    """Concentric strands are a neutral; a tape returns current unless the cable says it does not
    (CableInfo.sheathAsNeutral).
    """
    kind = reading.kind(wire)
    if kind not in ("ConcentricNeutralCableInfo", "TapeShieldCableInfo"):
        if kind.endswith("CableInfo"):
            raise Absurd(f"{reading.called(wire)} is a cable of a kind that is not modelled")
        return None
    tape = kind == "TapeShieldCableInfo"
    core = reading.positive(wire, "CableInfo.diameterOverCore") / 2
    insulation = reading.positive(wire, "CableInfo.diameterOverInsulation") / 2
    if insulation <= core:
        raise Absurd(f"the insulation of {reading.called(wire)} is not thicker than its core")
    resistance, radius, gmr, count = (_tape if tape else _neutral)(reading, wire)
    returns = not (tape and reading.flag(wire, "CableInfo.sheathAsNeutral") is False)
    permittivity = _permittivity(reading, wire)
    return Shield(resistance, radius, gmr, count, core, insulation, permittivity, returns)


def _neutral(reading: Reading, wire: int) -> tuple[float, float, float, int]:
    """Of concentric strands: resistance, radius of their circle, geometric mean radius, number."""
    kind = "ConcentricNeutralCableInfo"
    count = reading.whole(wire, f"{kind}.neutralStrandCount") or 0
    if count < 1:
        raise Absurd(f"{reading.called(wire)} has no neutralStrandCount above 0")
    outside = reading.positive(wire, f"{kind}.diameterOverNeutral") / 2
    radius = outside - reading.positive(wire, f"{kind}.neutralStrandRadius")
    one = reading.positive(wire, f"{kind}.neutralStrandRDC20")
    gmr = reading.positive(wire, f"{kind}.neutralStrandGmr")
    resistance, gmr = strands(one, gmr, count, radius)
    return resistance, radius, gmr, count


def _tape(reading: Reading, wire: int) -> tuple[float, float, float, int]:
    """Of a copper tape: resistance, radius, geometric mean radius, and 0 strands.

    Kersting, chapter 4; the lap as in OpenDSS, TSData: one of 50 % counts as one whole tube.
    """
    if reading.code(wire, "CableInfo.shieldMaterial") not in ("", "copper"):
        reading.say(wire, "has a tape that is not of copper; the resistance of copper is taken")
    thickness = reading.positive(wire, "TapeShieldCableInfo.tapeThickness")
    inside = reading.positive(wire, "CableInfo.diameterOverScreen")
    lap = reading.number(wire, "TapeShieldCableInfo.tapeLap")
    length = 1.0 if lap is None else math.sqrt(50 / (100 - min(lap, 99.0)))
    resistance = _TAPE_RESISTIVITY / (math.pi * (inside + 2 * thickness) * thickness * length)
    radius = (inside + thickness) / 2
    return resistance, radius, radius, 0


def _permittivity(reading: Reading, wire: int) -> float:
    if value := reading.number(wire, "CableInfo.relativePermittivity"):
        return value
    material = reading.code(wire, "WireInfo.insulationMaterial")
    known = _PERMITTIVITY.get(material)
    if known is None:
        raise Absurd(f"{reading.called(wire)} says neither permittivity nor insulation")
    reading.say(wire, f"has no relativePermittivity; that of its insulation, {known:g}, is taken")
    return known
