"""What tests and equivalent circuits say about the inside of a transformer.

Impedances are between pairs of windings, as a short-circuit test measures them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from cim.electrical.line_constants import Matrix
from cim.electrical.reading import Absurd, Reading
from cim.electrical.taps import Tap, together

Sheets = Sequence[int | None]
_SINGULAR = 1e12


@dataclass(frozen=True, eq=False)
class Leakage:
    """Short-circuit impedances between the windings.

    z:    ohm, square, [i, j] for i < j between the windings at places i and j, seen from i at its
          rated voltage (star equivalent of a three-phase unit); the rest is 0.
    z0:   the same for the zero sequence; None when not given, as in a bank, where it is z.
    data: the class that said so.
    star: ohm at each end where the document gives a star equivalent, as it does by
          TransformerStarImpedance and PowerTransformerEnd; else None.
    """

    z: Matrix
    z0: Matrix | None
    data: str
    star: tuple[complex, ...] | None = None

    def tapped(self, taps: Sequence[Tap], rated: Sequence[float]) -> Leakage:
        """With the deviations of r and x that tap tables state, which are of a star equivalent.

        They are of the end with the tap changer, and of the other of two where that alone has the
        impedance.  r0 and x0 stay as stated; more than three ends without a star, all.
        """
        star = self._as_star(rated)
        if star is None or not any(tap.r or tap.x for tap in taps):
            return self
        values = list(star)
        for place, tap in enumerate(taps):
            there = 1 - place if len(star) == 2 and not star[place] else place
            z = values[there]
            values[there] = complex(z.real * (1 + tap.r / 100), z.imag * (1 + tap.x / 100))
        return replace(self, z=_pairs(values, rated), star=tuple(values))

    def _as_star(self, rated: Sequence[float]) -> tuple[complex, ...] | None:
        if self.star is not None:
            return self.star
        if len(self.z) == 2:
            return complex(self.z[0, 1]), 0j
        if len(self.z) > 3:
            return None
        one, two, three = rated
        a, b, c = self.z[0, 1], self.z[0, 2], self.z[1, 2] * (one / two) ** 2
        first = complex(a + b - c) / 2
        second, third = complex(a - first), complex(b - first)
        return first, second * (two / one) ** 2, third * (three / one) ** 2


@dataclass(frozen=True)
class Core:
    """Magnetising branch.

    place: of the winding across which it is, in the transformer's windings.
    y, y0: siemens at rated voltage (star equivalent), positive and zero sequence.
    """

    place: int
    y: complex = 0j
    y0: complex = 0j

    def tapped(self, taps: Sequence[Tap]) -> Core:
        """With the deviations of g and b that tap tables state, at whichever end; y0 stays."""
        tap = together(taps)
        y = complex(self.y.real * (1 + tap.g / 100), self.y.imag * (1 + tap.b / 100))
        return replace(self, y=y)


# -- leakage


def leakage(
    reading: Reading, ends: Sequence[int], sheets: Sheets, rated: Sequence[float]
) -> Leakage:
    """From mesh or star impedances, the ends' own r and x, or short-circuit tests, in this order.

    Raises: Absurd when a pair of windings has none.
    """
    for way in (_mesh, _star, _own):
        found = way(reading, ends, sheets, rated)
        if found is not None:
            return _checked(found, rated)
    key = ("tests", *sheets, *rated)
    return reading.once(key, lambda: _checked(_tests(reading, sheets, rated), rated))


def to_first(z: Matrix) -> Matrix:
    """Impedances of loops through the first winding and another, from those of all pairs.

    z: over the diagonal, at one voltage.
    """
    pairs = z + z.T
    alone = pairs[0, 1:]
    return np.asarray((alone[:, None] + alone[None, :] - pairs[1:, 1:]) / 2)


def _checked(found: Leakage | None, rated: Sequence[float]) -> Leakage:
    if found is None:
        raise Absurd("it has no impedance: none of mesh, star, end or short-circuit test gives it")
    upper = np.triu_indices(len(found.z), 1)
    if (found.z[upper] == 0).any():
        raise Absurd(f"its {found.data} gives no impedance between some of its ends")
    if np.linalg.cond(to_first(found.z / np.square(rated)[:, None])) > _SINGULAR:
        raise Absurd(f"the impedances that its {found.data} gives contradict one another")
    if found.z0 is not None and (found.z0[upper] == 0).any():
        return replace(found, z0=None)
    return found


def _mesh(
    reading: Reading, ends: Sequence[int], sheets: Sheets, rated: Sequence[float]
) -> Leakage | None:
    """TransformerMeshImpedance: ohm at the from end, between it and the to end."""
    kind = "TransformerMeshImpedance"
    z, z0 = _nothing(ends), _nothing(ends)
    places = _places(ends, sheets)
    rows = {
        row: None
        for item in places
        for side in ("FromTransformerEnd", "FromTransformerEndInfo")
        for row in reading.behind(item, f"{kind}.{side}")
    }
    for row in rows:
        start = reading.link(row, f"{kind}.FromTransformerEnd", f"{kind}.FromTransformerEndInfo")
        if start is None:
            continue
        goals = (
            target
            for name in ("ToTransformerEnd", "ToTransformerEnds", "ToTransformerEndInfos")
            for target in reading.links(row, f"{kind}.{name}")
        )
        one = _complex(reading, row, f"{kind}.r", f"{kind}.x")
        zero = _complex(reading, row, f"{kind}.r0", f"{kind}.x0")
        for goal in goals:
            if start in places and goal in places:
                _put(z, places[start], places[goal], one, rated)
                _put(z0, places[start], places[goal], zero, rated)
    return Leakage(z, z0 if z0.any() else None, kind) if rows else None


def _star(
    reading: Reading, ends: Sequence[int], sheets: Sheets, rated: Sequence[float]
) -> Leakage | None:
    """TransformerStarImpedance: ohm at each end, to a common point."""
    kind = "TransformerStarImpedance"
    rows = [
        next(
            (
                row
                for item, back in ((end, "TransformerEnd"), (sheet, "TransformerEndInfo"))
                if item is not None
                for row in reading.either(item, f"{back}.StarImpedance", f"{kind}.{back}")
            ),
            None,
        )
        for end, sheet in zip(ends, sheets, strict=True)
    ]
    return _of_star(reading, rows, kind, rated)


def _own(
    reading: Reading, ends: Sequence[int], _sheets: Sheets, rated: Sequence[float]
) -> Leakage | None:
    """PowerTransformerEnd.r and x, which are a star too; of two ends one may hold all."""
    return _of_star(reading, ends, "PowerTransformerEnd", rated)


def _of_star(
    reading: Reading, rows: Sequence[int | None], kind: str, rated: Sequence[float]
) -> Leakage | None:
    known = [row for row in rows if row is not None and reading.text(row, f"{kind}.x")]
    if not known:
        return None
    one = [0j if row is None else _complex(reading, row, f"{kind}.r", f"{kind}.x") for row in rows]
    zero = [
        0j if row is None else _complex(reading, row, f"{kind}.r0", f"{kind}.x0") for row in rows
    ]
    z0 = _pairs(zero, rated)
    return Leakage(_pairs(one, rated), z0 if z0.any() else None, kind, tuple(one))


def _pairs(star: Sequence[complex], rated: Sequence[float]) -> Matrix:
    """Between each two of the ends of a star."""
    z = _nothing(rated)
    for i, j in combinations(range(len(star)), 2):
        z[i, j] = star[i] + star[j] * (rated[i] / rated[j]) ** 2
    return z


def _tests(reading: Reading, sheets: Sheets, rated: Sequence[float]) -> Leakage | None:
    """ShortCircuitTest (IEC 60076-1): the modulus in ohm at the energised end, loss in kW.

    The steps of tap changers during the test are not used: rated ratios are assumed.
    """
    z, z0 = _nothing(rated), _nothing(rated)
    places = {sheet: place for place, sheet in enumerate(sheets) if sheet is not None}
    infos = [sheet for sheet in sheets if sheet is not None]
    rows = [row for i in infos for row in reading.behind(i, "ShortCircuitTest.EnergisedEnd")]
    for row in rows:
        start = reading.link(row, "ShortCircuitTest.EnergisedEnd")
        goals = reading.links(row, "ShortCircuitTest.GroundedEnds")
        if start is None or len(goals) != 1 or goals[0] not in places:
            raise Absurd(f"{reading.called(row)} is not between two of its ends")
        place = places[start]
        _put(z, place, places[goals[0]], _tested(reading, row, "", rated[place]), rated)
        if reading.text(row, "ShortCircuitTest.leakageImpedanceZero"):
            _put(z0, place, places[goals[0]], _tested(reading, row, "Zero", rated[place]), rated)
    return Leakage(z, z0 if z0.any() else None, "ShortCircuitTest") if rows else None


def _tested(reading: Reading, row: int, sequence: str, rated: float) -> complex:
    """Resistance and reactance of a test; the loss is at the current of its basePower."""
    modulus = reading.positive(row, f"ShortCircuitTest.leakageImpedance{sequence}")
    base = reading.positive(row, "TransformerTest.basePower", reading.unit.power)
    loss = reading.needed(row, f"ShortCircuitTest.loss{sequence}", 1e3)
    resistance = loss * (rated / base) ** 2
    if resistance > modulus * (1 + 1e-6):
        raise Absurd(f"the loss of {reading.called(row)} exceeds what its impedance allows")
    return complex(resistance, math.sqrt(max(modulus**2 - resistance**2, 0)))


def _nothing(ends: Sequence[object]) -> Matrix:
    return np.zeros((len(ends), len(ends)), np.complex128)


def _places(ends: Sequence[int], sheets: Sheets) -> dict[int, int]:
    """Where an end, or its data sheet, stands."""
    return {
        item: place
        for items in (ends, sheets)
        for place, item in enumerate(items)
        if item is not None
    }


def _put(z: Matrix, start: int, goal: int, value: complex, rated: Sequence[float]) -> None:
    """An impedance seen from `start`, put where the lower place sees it."""
    low, high = sorted((start, goal))
    z[low, high] = value * (rated[low] / rated[start]) ** 2


def _complex(reading: Reading, row: int, real: str, imaginary: str) -> complex:
    return complex(reading.number(row, real) or 0, reading.number(row, imaginary) or 0)


# -- core


def cores(
    reading: Reading, ends: Sequence[int], sheets: Sheets, rated: Sequence[float]
) -> tuple[Core, ...]:
    """From TransformerCoreAdmittance, PowerTransformerEnd.g and b, or a NoLoadTest, in this order.

    Each is across the winding that these refer to; ends may share it (IEC 61970-301,
    PowerTransformerEnd).
    """
    for found in (_core_admittances(reading, ends, sheets), _at_ends(reading, ends)):
        if found:
            return found
    for item, place in _places(ends, sheets).items():
        for row in reading.behind(item, "NoLoadTest.EnergisedEnd"):
            one = _no_load(reading, row, "", rated[place]) or 0j
            zero = _no_load(reading, row, "Zero", rated[place])
            return (Core(place, one, one if zero is None else zero),)
    return ()


def _core_admittances(reading: Reading, ends: Sequence[int], sheets: Sheets) -> tuple[Core, ...]:
    """Of an end itself, else of its data sheet."""
    kind = "TransformerCoreAdmittance"
    found = []
    for place, (end, sheet) in enumerate(zip(ends, sheets, strict=True)):
        rows = reading.either(end, "TransformerEnd.CoreAdmittance", f"{kind}.TransformerEnd")
        if not rows and sheet is not None:
            back = f"{kind}.TransformerEndInfo"
            rows = reading.either(sheet, "TransformerEndInfo.CoreAdmittance", back)
        found += [_admittance(reading, row, kind, place) for row in rows[:1]]
    return tuple(found)


def _at_ends(reading: Reading, ends: Sequence[int]) -> tuple[Core, ...]:
    kind = "PowerTransformerEnd"
    return tuple(
        _admittance(reading, end, kind, place)
        for place, end in enumerate(ends)
        if reading.number(end, f"{kind}.g") or reading.number(end, f"{kind}.b")
    )


def _admittance(reading: Reading, row: int, kind: str, place: int) -> Core:
    """A magnetising branch is inductive: TransformerCoreAdmittance.b above 0 is its magnitude.

    Without g0 and b0 the zero sequence is taken to be the positive one.
    """
    one = _complex(reading, row, f"{kind}.g", f"{kind}.b")
    silent = not (reading.text(row, f"{kind}.g0") or reading.text(row, f"{kind}.b0"))
    zero = one if silent else _complex(reading, row, f"{kind}.g0", f"{kind}.b0")
    if kind == "TransformerCoreAdmittance" and one.imag > 0:
        reading.say(row, "has a capacitive b above 0; it is taken as inductive")
        one, zero = one.conjugate(), zero.conjugate()
    return Core(place, one, zero)


def _no_load(reading: Reading, row: int, sequence: str, rated: float) -> complex | None:
    """NoLoadTest (IEC 60076-1): exciting current in per cent of that of basePower, loss in kW.

    None when the test does not give the sequence.
    """
    current = reading.number(row, f"NoLoadTest.excitingCurrent{sequence}", 0.01)
    loss = reading.number(row, f"NoLoadTest.loss{sequence}", 1e3)
    if current is None and loss is None:
        return None
    voltage = reading.number(row, "NoLoadTest.energisedEndVoltage", reading.unit.voltage) or rated
    base = reading.number(row, "TransformerTest.basePower", reading.unit.power) or 0.0
    modulus, conductance = (current or 0) * base / voltage**2, (loss or 0) / voltage**2
    if conductance > modulus * (1 + 1e-6):
        reading.say(row, "has a loss above what its exciting current allows; the loss is taken")
    return complex(conductance, -math.sqrt(max(modulus**2 - conductance**2, 0)))
