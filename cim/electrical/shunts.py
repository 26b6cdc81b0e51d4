"""Capacitors and reactors between phases and earth or one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cim.electrical.ports import Port, agreed, live, ordered, ports, sorted_phases
from cim.electrical.reading import Absurd, Reading
from cim.electrical.regulators import Control, control

Vector = NDArray[np.complex128]
_NEXT = {"A": "B", "B": "C", "C": "A", "s1": "s2", "s2": "s1"}


@dataclass(frozen=True, eq=False)
class Shunt:
    """A compensator or EquivalentShunt; susceptance above 0 is a capacitor, below 0 a reactor.

    phases:      at its terminal.
    connection:  "Y" or "D".
    grounded:    whether the star point is earthed.
    branches:    from and to phase of each branch; to "N" in a star.
    per_section: siemens of one section, by branch.
    sections:    in service, by branch; `maximum` and `normal` likewise, NaN when not given.
    nominal_u:   volts, between phases (as stated for a single-phase bank); None when not given.
    delay:       seconds (aVRDelay); None when not given.
    points:      siemens of a branch by number of sections in service, of a bank whose sections are
                 not alike (`per_section` is then their mean); None of all others.
    """

    mrid: str
    name: str
    port: Port
    phases: tuple[str, ...]
    connection: str
    grounded: bool
    branches: tuple[tuple[str, str], ...]
    per_section: Vector
    sections: NDArray[np.float64]
    maximum: NDArray[np.float64]
    normal: NDArray[np.float64]
    nominal_u: float | None
    delay: float | None
    control: Control | None
    points: Mapping[int, complex] | None = None

    @property
    def y(self) -> Vector:
        """Siemens by branch, with the sections in service."""
        return self.at(self.sections)

    def at(self, sections: Sequence[float] | NDArray[np.float64]) -> Vector:
        """Siemens by branch with so many sections in service, by branch."""
        if self.points is None:
            return np.asarray(self.per_section * np.asarray(sections), np.complex128)
        steps = [max((n for n in self.points if n <= count), default=0) for count in sections]
        return np.array([self.points[n] if n else 0 for n in steps], np.complex128)


def shunts(reading: Reading) -> tuple[Shunt, ...]:
    """All LinearShuntCompensators and NonlinearShuntCompensators."""
    rows = reading.of_class("LinearShuntCompensator", "NonlinearShuntCompensator")
    return reading.made(rows, lambda row: _shunt(reading, row))


def branches(connection: str, phases: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Between what the parts of single-phase or three-phase equipment are.

    In a delta a phase stands for the branch to the next one: A for AB, C for CA, s1 for s1s2
    (IEC 61970-301, EnergyConsumerPhase.phase, ShuntCompensatorPhase.phase).
    """
    return tuple((phase, _NEXT[phase] if connection == "D" else "N") for phase in phases)


def _shunt(reading: Reading, row: int) -> Shunt:
    [place] = ports(reading, row, 1)
    connection = _connection(reading, row)
    parts = {
        phase: part
        for part in reading.behind(row, "ShuntCompensatorPhase.ShuntCompensator")
        for phase in ordered(reading.code(part, "ShuntCompensatorPhase.phase"))
    }
    named = live(sorted_phases(parts) or agreed((), [place]))
    between = branches(connection, named)
    if connection == "D" and len(named) == 2 and not parts:
        between = ((named[0], named[1]),)
    touched = sorted_phases({phase for branch in between for phase in branch if phase != "N"})
    rows = [parts.get(phase, row) for phase, _ in between]
    points = _points(reading, row, connection, len(between))
    if points is None:
        each_y = [_per_section(reading, each, connection, len(between)) for each in rows]
    else:
        most = max(points)
        each_y = [points[most] / most] * len(rows)
    per_section = np.array(each_y)
    if not per_section.any():
        raise Absurd("it has neither susceptance nor conductance per section")
    grounded = _grounded(reading, row, connection, len(between))
    if grounded and len(between) == 3 and not parts:
        _compare_zero(reading, row)
    return Shunt(
        reading.mrid(row),
        reading.name(row),
        place,
        touched,
        connection,
        grounded,
        between,
        per_section,
        np.array([_sections(reading, row, each) for each in rows]),
        _counts(reading, row, rows, "maximumSections"),
        _counts(reading, row, rows, "normalSections"),
        reading.number(row, "ShuntCompensator.nomU", reading.unit.voltage),
        reading.number(row, "ShuntCompensator.aVRDelay"),
        control(reading, _control(reading, row)),
        points,
    )


def _points(reading: Reading, row: int, connection: str, count: int) -> dict[int, complex] | None:
    """Of a NonlinearShuntCompensator the whole of a branch by number of sections.

    A point has the total at its section number (IEC 61970-600-2, NonlinearShuntCompensator).
    """
    kind = "NonlinearShuntCompensator"
    if reading.kind(row) != kind:
        return None
    found: dict[int, complex] = {}
    for point in reading.behind(row, f"{kind}Point.{kind}"):
        number = reading.whole(point, f"{kind}Point.sectionNumber") or 0
        if number < 1 or number in found:
            raise Absurd(f"its {reading.called(point)} has the sectionNumber {number}")
        y = complex(
            reading.number(point, f"{kind}Point.g") or 0,
            reading.number(point, f"{kind}Point.b") or 0,
        )
        found[number] = y / 3 if connection == "D" and count == 3 else y
    if not found:
        raise Absurd(f"it has no {kind}Point")
    if len({y.imag > 0 for y in found.values()}) > 1:
        raise Absurd("some of its points are capacitors and some are reactors")
    return found


def _connection(reading: Reading, row: int) -> str:
    stated = reading.code(row, "ShuntCompensator.phaseConnection")
    if stated not in ("", "Y", "Yn", "D", "I", "G"):
        raise Absurd(f"its phaseConnection {stated} is not known")
    return "D" if stated == "D" else "Y"


def _grounded(reading: Reading, row: int, connection: str, count: int) -> bool:
    """A star is not earthed only when the document says so, and there is another way."""
    grounded = connection != "D" and reading.flag(row, "ShuntCompensator.grounded") is not False
    if connection != "D" and not grounded and count == 1:
        reading.say(row, "has one phase and no earth; it is taken as earthed")
        return True
    return grounded


def _per_section(reading: Reading, row: int, connection: str, count: int) -> complex:
    """Of one branch.  That of the whole is a positive sequence value: a third lies in a delta."""
    phase = reading.kind(row).endswith("Phase")
    kind = "LinearShuntCompensatorPhase" if phase else "LinearShuntCompensator"
    value = complex(
        reading.number(row, f"{kind}.gPerSection") or 0,
        reading.number(row, f"{kind}.bPerSection") or 0,
    )
    return value / 3 if connection == "D" and not phase and count == 3 else value


def _compare_zero(reading: Reading, row: int) -> None:
    """In an earthed star of three alike every sequence has the same susceptance."""
    kind = "LinearShuntCompensator"
    one, zero = (reading.number(row, f"{kind}.{name}PerSection") for name in ("b", "b0"))
    if one is not None and zero is not None and abs(zero - one) > 1e-6 * abs(one):
        reading.say(
            row,
            f"is an earthed star with bPerSection {one:g} and b0PerSection {zero:g}, "
            "which is not used",
        )


def _sections(reading: Reading, row: int, part: int) -> float:
    """In service: of the phase, else of the whole, else of a solved state, else normal by name."""
    for each, name in (
        (part, "ShuntCompensatorPhase.sections"),
        (row, "ShuntCompensator.sections"),
    ):
        if (value := reading.number(each, name)) is not None:
            return value
    for state in reading.behind(row, "SvShuntCompensatorSections.ShuntCompensator"):
        return reading.needed(state, "SvShuntCompensatorSections.sections")
    normal = reading.number(part, "ShuntCompensatorPhase.normalSections")
    if normal is None:
        normal = reading.needed(row, "ShuntCompensator.normalSections")
    reading.say(row, "does not say its sections in service; the normal ones are taken")
    return normal


def _counts(reading: Reading, row: int, rows: Sequence[int], name: str) -> NDArray[np.float64]:
    whole = reading.number(row, f"ShuntCompensator.{name}")
    parts = [reading.number(each, f"ShuntCompensatorPhase.{name}") for each in rows]
    return np.array([whole if part is None else part for part in parts], np.float64)


def _control(reading: Reading, row: int) -> int | None:
    found = reading.either(
        row, "RegulatingCondEq.RegulatingControl", "RegulatingControl.RegulatingCondEq"
    )
    return found[0] if found else None
