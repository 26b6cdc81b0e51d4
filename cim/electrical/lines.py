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
    """

    mrid: str
    name: str
    ends: tuple[Port, ...]
    phases: tuple[str, ...]
    length: float | None
    z: Matrix
    y: Matrix
    data: str

    def earthed(self) -> Line:
        """The line as it is with its neutral earthed all along (Kron)."""
        place = [i for i, phase in enumerate(self.phases) if phase != "N"]
        if len(place) == len(self.phases):
            return self
        return replace(
            self, phases=live(self.phases), z=kron(self.z, place), y=self.y[np.ix_(place, place)]
        )

    @property
    def z_per_metre(self) -> Matrix | None:
        """Ohm per metre; None without a length."""
        return self.z / self.length if self.length else None

    @property
    def y_per_metre(self) -> Matrix | None:
        """Siemens per metre; None without a length."""
        return self.y / self.length if self.length else None


def lines(reading: Reading, around: Surroundings) -> tuple[Line, ...]:
    """All ACLineSegments and SeriesCompensators of a model."""
    segments = reading.of_class("ACLineSegment")
    compensators = reading.of_class("SeriesCompensator")
    return (
        *reading.made(segments, lambda row: _segment(reading, row, around)),
        *reading.made(compensators, lambda row: _compensator(reading, row)),
    )


def _segment(reading: Reading, row: int, around: Surroundings) -> Line:
    ends = ports(reading, row, 2)
    numbered = with_neutral(reading, row, _numbered(reading, row, ends))
    if not numbered.live:
        raise Absurd("it has no phase but the neutral")
    length = reading.number(row, "Conductor.length", reading.unit.length)
    z, y, data = _constants(reading, row, numbered, length, around)
    phases = numbered.phases if len(z) == len(numbered.phases) else numbered.live
    z, y = bonded(z, y, phases)
    phases = tuple(dict.fromkeys(phases))
    line = Line(reading.mrid(row), reading.name(row), ends, phases, length, z, y, data)
    brought = data == "PerLengthPhaseImpedance" or all("N" in end.phases for end in ends)
    return _checked(reading, row, line if brought else line.earthed())


def _compensator(reading: Reading, row: int) -> Line:
    ends = ports(reading, row, 2)
    phases = live(agreed((), ends))
    z = own(reading, row, "SeriesCompensator", phases)
    if z is None:
        raise Absurd("it has neither r nor x")
    line = Line(
        reading.mrid(row),
        reading.name(row),
        ends,
        phases,
        None,
        z,
        np.zeros_like(z),
        "SeriesCompensator",
    )
    return _checked(reading, row, line)


def _checked(reading: Reading, row: int, line: Line) -> Line:
    """Raises: Absurd when there is no impedance that could be inverted."""
    if not line.z.any():
        raise Absurd("its impedance is 0")
    if np.linalg.cond(line.z) > 1e12:
        raise Absurd("its impedance matrix is singular")
    if (line.z.real.diagonal() < 0).any():
        reading.say(row, "has a negative resistance")
    return line


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


def _constants(
    reading: Reading, row: int, numbered: Numbered, length: float | None, around: Surroundings
) -> tuple[Matrix, Matrix, str]:
    """Series impedance and shunt admittance of the whole length, and the class they are from."""
    table = reading.link(row, "ACLineSegment.PerLengthImpedance")
    if table is not None:
        data = reading.kind(table)
        z, y = per_length(reading, table, numbered)
    elif (z_own := own(reading, row, "ACLineSegment", numbered.live)) is not None:
        return z_own, shunt(reading, row, "ACLineSegment", numbered.live), "ACLineSegment"
    else:
        found = of_wires(reading, row, numbered, around)
        if found is None:
            raise Absurd("it has no impedance: no PerLengthImpedance, no r and x, no wires")
        z, y, data = found
    if length is None or length <= 0:
        raise Absurd("its impedance is per length, and it has no length above 0")
    return z * length, y * length, data
