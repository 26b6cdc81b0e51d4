"""Impedance and admittance matrices of line segments from per-length and sequence data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cim.electrical.line_constants import Matrix
from cim.electrical.ports import live
from cim.electrical.reading import Absurd, Reading

_UNEQUAL = 1e-6


@dataclass(frozen=True)
class Numbered:
    """The conductors of a segment in the order of their sequence numbers.

    rows: of the ACLineSegmentPhases; None where the phases are those of the terminals.
    """

    phases: tuple[str, ...]
    numbers: tuple[int, ...]
    rows: tuple[int | None, ...]

    @property
    def live(self) -> tuple[str, ...]:
        """The phases without the neutral."""
        return live(self.phases)


def per_length(reading: Reading, data: int, numbered: Numbered) -> tuple[Matrix, Matrix]:
    kind = reading.kind(data)
    if kind == "PerLengthPhaseImpedance":
        return _phase_impedance(reading, data, numbered)
    if kind == "PerLengthSequenceImpedance":
        phases = numbered.live
        z = _sequences(reading, data, f"{kind}.r", f"{kind}.x", f"{kind}.r0", f"{kind}.x0", phases)
        if z is None:
            raise Absurd(f"{reading.called(data)} has neither r nor x")
        return z, shunt(reading, data, kind, phases)
    raise Absurd(f"its PerLengthImpedance {reading.mrid(data)} is not in the model")


def _phase_impedance(reading: Reading, data: int, numbered: Numbered) -> tuple[Matrix, Matrix]:
    """PerLengthPhaseImpedance: the rows and columns of the sequence numbers of the phases.

    Where the numbers go beyond a matrix that has as many rows as there are phases (OpenDSS counts
    s1 and s2 as 2 and 3), their order alone binds them.
    """
    entries = reading.once(("entries", data), lambda: _entries(reading, data))
    size = max((row for pair in entries for row in pair), default=0)
    by_order = size == len(numbered.numbers)
    place = {number + 1 if by_order else n: number for number, n in enumerate(numbered.numbers)}
    z = np.full((len(place), len(place)), np.nan + 0j)
    y = np.zeros_like(z)
    for (line, column), (impedance, admittance) in entries.items():
        if line in place and column in place:
            for i, j in ((place[line], place[column]), (place[column], place[line])):
                z[i, j], y[i, j] = impedance, admittance
    if np.isnan(z).any():
        names = "".join(numbered.phases)
        raise Absurd(
            f"{reading.called(data)} has no element for some of its phases {names} with the "
            f"sequence numbers {', '.join(map(str, numbered.numbers))}"
        )
    return z, y


def with_neutral(reading: Reading, table: int, numbered: Numbered) -> Numbered:
    """With the neutral that segments have by their table alone.

    A matrix with more rows than A, B and C, or s1 and s2, has the neutral in the others: documents
    from OpenDSS name the phases only.
    """
    count = len(numbered.phases)
    whole = set(numbered.phases) in ({"A", "B", "C"}, {"s1", "s2"})
    if not whole or set(numbered.numbers) != set(range(1, count + 1)):
        return numbered
    more = _size(reading, table) - count
    if more < 1:
        return numbered
    said = "is taken as their neutral" if more == 1 else "are taken as one neutral, bonded at nodes"
    reading.say(table, f"has {count + more} conductors for {count} phases; what is more {said}")
    return Numbered(
        numbered.phases + ("N",) * more,
        numbered.numbers + tuple(range(count + 1, count + more + 1)),
        numbered.rows + (None,) * more,
    )


def bonded(z: Matrix, y: Matrix, phases: Sequence[str]) -> tuple[Matrix, Matrix]:
    """Matrices with one row for each phase, of conductors that are joined at both ends."""
    names = list(dict.fromkeys(phases))
    if len(names) == len(phases):
        return z, y
    across = np.array([[float(phase == name) for name in names] for phase in phases])
    series = np.linalg.inv(across.T @ np.linalg.inv(z) @ across)
    return np.asarray(series), np.asarray(across.T @ y @ across)


def _size(reading: Reading, data: int) -> int:
    """The highest row or column of a PerLengthPhaseImpedance."""
    if reading.kind(data) != "PerLengthPhaseImpedance":
        return 0
    entries = reading.once(("entries", data), lambda: _entries(reading, data))
    return max((row for pair in entries for row in pair), default=0)


def _entries(reading: Reading, data: int) -> dict[tuple[int, int], tuple[complex, complex]]:
    """By row and column, as PhaseImpedanceData has them; either triangle may be missing.

    Before CIM100 one sequence number counted down the columns of the lower triangle.
    """
    rows = reading.behind(data, "PhaseImpedanceData.PhaseImpedance")
    count = int((np.sqrt(8 * len(rows) + 1) - 1) / 2)
    down = [(i, j) for j in range(1, count + 1) for i in range(j, count + 1)]
    found: dict[tuple[int, int], tuple[complex, complex]] = {}
    for each in rows:
        line = reading.whole(each, "PhaseImpedanceData.row")
        column = reading.whole(each, "PhaseImpedanceData.column")
        if line is None or column is None:
            number = reading.whole(each, "PhaseImpedanceData.sequenceNumber") or 0
            if not 0 < number <= len(down):
                raise Absurd(f"an element of {reading.called(data)} has no row and column")
            line, column = down[number - 1]
        impedance = complex(
            reading.needed(each, "PhaseImpedanceData.r"),
            reading.needed(each, "PhaseImpedanceData.x"),
        )
        admittance = complex(
            reading.number(each, "PhaseImpedanceData.g") or 0,
            reading.number(each, "PhaseImpedanceData.b") or 0,
        )
        mirrored = found.get((column, line))
        if mirrored and abs(mirrored[0] - impedance) > _UNEQUAL * abs(impedance):
            raise Absurd(f"{reading.called(data)} is not symmetric at {line}, {column}")
        found[line, column] = impedance, admittance
    return found


def own(reading: Reading, row: int, kind: str, phases: Sequence[str]) -> Matrix | None:
    """From r, x, r0 and x0 of the equipment itself; None without r and x."""
    return _sequences(reading, row, f"{kind}.r", f"{kind}.x", f"{kind}.r0", f"{kind}.x0", phases)


def shunt(reading: Reading, row: int, kind: str, phases: Sequence[str]) -> Matrix:
    """From bch, gch, b0ch and g0ch; without zero sequence values there is no coupling."""
    one = complex(
        reading.number(row, f"{kind}.gch") or 0,
        reading.number(row, f"{kind}.bch") or 0,
    )
    zero = [reading.number(row, f"{kind}.{name}") for name in ("g0ch", "b0ch")]
    none = zero[0] is None and zero[1] is None
    return from_sequences(one, one if none else complex(zero[0] or 0, zero[1] or 0), phases)


def _sequences(
    reading: Reading, row: int, r: str, x: str, r0: str, x0: str, phases: Sequence[str]
) -> Matrix | None:
    values = [reading.number(row, name) for name in (r, x, r0, x0)]
    if values[0] is None and values[1] is None:
        return None
    one = complex(values[0] or 0, values[1] or 0)
    zero = complex(values[2] or 0, values[3] or 0)
    if zero == 0:
        reading.say(row, "has no zero sequence impedance; it is taken to be the positive one")
        zero = one
    return from_sequences(one, zero, phases)


def from_sequences(one: complex, zero: complex, phases: Sequence[str]) -> Matrix:
    """The phase matrix of a transposed line with these sequence values."""
    mutual = (zero - one) / 3
    count = len(phases)
    return np.asarray(np.full((count, count), mutual) + np.eye(count) * one, np.complex128)
