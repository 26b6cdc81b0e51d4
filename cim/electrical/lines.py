"""Line segments: phases, length, series impedance and shunt admittance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cim.electrical.impedances import Numbered, bonded, own, per_length, shunt, with_neutral
from cim.electrical.line_constants import Matrix, kron
from cim.electrical.ports import Port, agreed, live, ordered, ports, sorted_phases
from cim.electrical.reading import Absurd, Reading
from cim.electrical.wires import Surroundings, of_wires

_SINGULAR = 1e12
_LEAST = 1e-30
"""Ohm."""


@dataclass(frozen=True, eq=False)
class Line:
    """An ACLineSegment, or a SeriesCompensator, which has no length and no shunt.

    phases: that it carries, in the order of the matrices.  "N" is among them where the document
            brings it to the nodes as a conductor: with a row in its matrix, or in the phases of its
            terminals.  Any other neutral is reduced into the phases as one that is earthed all
            along (Kron).
    length: metres; None when the document does not say.
    z:      series impedance in ohm, of the whole length.
    y:      shunt admittance in siemens, of the whole length; half of it is at each end.
    data:   the class that said so, e.g. "PerLengthPhaseImpedance".
    segment: mRID of the ACLineSegment that it is a part of, between cuts and clamps; empty for a
            whole one.
    """

    mrid: str
    name: str
    ends: tuple[Port, ...]
    phases: tuple[str, ...]
    length: float | None
    z: Matrix
    y: Matrix
    data: str
    segment: str = ""

    def earthed(self) -> Line:
        """The line as it is with its neutral earthed all along (Kron)."""
        if "N" not in self.phases:
            return self
        phases, z, y = earthed(self.phases, self.z, self.y)
        return replace(self, phases=phases, z=z, y=y)

    @property
    def z_per_metre(self) -> Matrix | None:
        """Ohm per metre; None without a length."""
        return self.z / self.length if self.length else None

    @property
    def y_per_metre(self) -> Matrix | None:
        """Siemens per metre; None without a length."""
        return self.y / self.length if self.length else None


def compensators(reading: Reading) -> tuple[Line, ...]:
    """All SeriesCompensators of a model."""
    rows = reading.of_class("SeriesCompensator")
    return reading.made(rows, lambda row: _compensator(reading, row))


def segment(reading: Reading, row: int, around: Surroundings) -> Line:
    """An ACLineSegment, as if it had neither cuts nor clamps.

    Raises: Absurd.
    """
    ends = ports(reading, row, 2)
    numbered = _numbered(reading, row, ends)
    if not numbered.live:
        raise Absurd("it has no phase but the neutral")
    length = reading.number(row, "Conductor.length", reading.unit.length)
    brought = all("N" in end.phases for end in ends)
    table = reading.link(row, "ACLineSegment.PerLengthImpedance")
    if table is None:
        constants = _constants(reading, row, numbered, around, brought)
    else:
        key = (table, numbered.phases, numbered.numbers, brought)
        constants = reading.once(key, lambda: _tabulated(reading, table, numbered, brought))
    times = _length(length) if constants.by_length else 1.0
    if constants.largest * times < _LEAST:
        raise Absurd(f"its impedance is too small to compute with, at a length of {times:g} m")
    if constants.negative:
        reading.say(row, "has a negative resistance")
    return Line(
        reading.mrid(row),
        reading.name(row),
        ends,
        constants.phases,
        length,
        constants.z * times,
        constants.y * times,
        constants.data,
    )


def _compensator(reading: Reading, row: int) -> Line:
    ends = ports(reading, row, 2)
    phases = live(agreed((), ends))
    z = own(reading, row, "SeriesCompensator", phases)
    if z is None:
        raise Absurd("it has neither r nor x")
    if checked(z):
        reading.say(row, "has a negative resistance")
    return Line(
        reading.mrid(row),
        reading.name(row),
        ends,
        phases,
        None,
        z,
        np.zeros_like(z),
        "SeriesCompensator",
    )


def _length(length: float | None) -> float:
    """Raises: Absurd."""
    if length is None or length <= 0:
        raise Absurd("its impedance is per length, and it has no length above 0")
    return length


def checked(z: Matrix) -> bool:
    """Whether there is a negative resistance.

    Raises: Absurd when there is no impedance that could be inverted.
    """
    if not z.any():
        raise Absurd("its impedance is 0")
    if len(z) > 1 and np.linalg.cond(z) > _SINGULAR:
        raise Absurd("its impedance matrix is singular")
    return bool((z.real.diagonal() < 0).any())


def earthed(
    phases: tuple[str, ...], z: Matrix, y: Matrix
) -> tuple[tuple[str, ...], Matrix, Matrix]:
    """Phases and their matrices, with the neutral at no voltage all along."""
    place = [i for i, phase in enumerate(phases) if phase != "N"]
    if len(place) == len(phases):
        return phases, z, y
    return live(phases), kron(z, place), y[np.ix_(place, place)]


# -- phases


def _numbered(reading: Reading, row: int, ends: Sequence[Port]) -> Numbered:
    """Conductors by sequence number, which binds phases to matrices and wire positions.

    IEC 61970-301, ACLineSegmentPhase.sequenceNumber.
    """
    rows = reading.behind(row, "ACLineSegmentPhase.ACLineSegment")
    found = []
    for each in rows:
        [phase] = ordered(reading.code(each, "ACLineSegmentPhase.phase")) or ("",)
        found.append((reading.whole(each, "ACLineSegmentPhase.sequenceNumber"), phase, each))
    phases = [phase for _, phase, _ in found]
    if not all(phases):
        raise Absurd("one of its ACLineSegmentPhases does not say its phase")
    if not found:
        phases = list(agreed((), ends))
        return Numbered(tuple(phases), tuple(range(1, len(phases) + 1)), (None,) * len(phases))
    agreed(phases, ends)
    numbers = [number for number, _, _ in found if number is not None]
    if len(numbers) < len(found):
        order = {phase: i + 1 for i, phase in enumerate(sorted_phases(phases))}
        found = [(order[phase], phase, each) for _, phase, each in found]
    elif len(set(numbers)) < len(numbers):
        raise Absurd("two of its phases have the same sequenceNumber")
    found.sort(key=lambda one: one[0] or 0)
    numbers_, phases_, rows_ = zip(*found, strict=True)
    return Numbered(tuple(phases_), tuple(int(n or 0) for n in numbers_), tuple(rows_))


@dataclass(frozen=True, eq=False)
class _Constants:
    """Series impedance and shunt admittance, of the whole length or by metre.

    largest: magnitude in z.
    """

    phases: tuple[str, ...]
    z: Matrix
    y: Matrix
    data: str
    by_length: bool
    negative: bool
    largest: float


def _tabulated(reading: Reading, table: int, numbered: Numbered, brought: bool) -> _Constants:
    """By a PerLengthImpedance."""
    kind = reading.kind(table)
    numbered = with_neutral(reading, table, numbered)
    z, y = per_length(reading, table, numbered)
    of_matrix = kind == "PerLengthPhaseImpedance"
    return _settled(numbered, z, y, kind, True, brought or of_matrix)


def _constants(
    reading: Reading, row: int, numbered: Numbered, around: Surroundings, brought: bool
) -> _Constants:
    """By its own values, or by wires."""
    if (z := own(reading, row, "ACLineSegment", numbered.live)) is not None:
        y = shunt(reading, row, "ACLineSegment", numbered.live)
        return _settled(numbered, z, y, "ACLineSegment", False, brought)
    found = of_wires(reading, row, numbered, around)
    if found is None:
        raise Absurd("it has no impedance: no PerLengthImpedance, no r and x, no wires")
    return _settled(numbered, *found, True, brought)


def _settled(
    numbered: Numbered, z: Matrix, y: Matrix, data: str, by_length: bool, brought: bool
) -> _Constants:
    """With one conductor for the neutral, or with none where nothing brings it to the nodes."""
    phases = numbered.phases if len(z) == len(numbered.phases) else numbered.live
    z, y = bonded(z, y, phases)
    phases = tuple(dict.fromkeys(phases))
    if not brought:
        phases, z, y = earthed(phases, z, y)
    return _Constants(phases, z, y, data, by_length, checked(z), float(np.abs(z).max()))
