"""Impedance and admittance of conductors over earth, from their geometry.

J. R. Carson, Wave propagation in overhead wires with ground return, Bell System Technical Journal
5 (1926) 539, with the first term of his series for earth resistance and reactance, which makes
them independent of height; W. H. Kersting, Distribution System Modeling and Analysis, chapters 4
(modified Carson's equations, Kron reduction, cables) and 5 (shunt admittance).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.complex128]
_Place = tuple["Conductor", "Shield | None"]

MU_0 = 4e-7 * math.pi
EPSILON_0 = 8.8541878128e-12
_EARTH = 658.87
"""Carson's equivalent depth of return in metres is this times sqrt(resistivity / frequency)."""


@dataclass(frozen=True)
class Shield:
    """What surrounds the insulation of a cable and returns current: neutral strands or a tape.

    resistance:   ohm per metre, of all strands together.
    radius:       metres, of the circle through the strands or of the tape.
    gmr:          metres, geometric mean radius of strands or tape.
    strands:      how many; 0 for a tape.
    core:         metres, radius over the conductor and its screen, where the insulation begins.
    insulation:   metres, radius where the insulation ends.
    permittivity: of the insulation, relative.
    returns:      whether it is bonded as a neutral; one that is not carries no current.
    """

    resistance: float
    radius: float
    gmr: float
    strands: int
    core: float
    insulation: float
    permittivity: float
    returns: bool = True


@dataclass(frozen=True)
class Conductor:
    """A wire or the core of a cable.

    x, y:       metres, across the route and above ground (below it negative).
    resistance: ohm per metre at working temperature.
    gmr:        metres, geometric mean radius.
    radius:     metres.
    shield:     None for a bare wire.
    """

    x: float
    y: float
    resistance: float
    gmr: float
    radius: float
    shield: Shield | None = None


def strands(resistance: float, gmr: float, count: int, radius: float) -> tuple[float, float]:
    """Resistance and geometric mean radius of `count` equal strands on a circle.

    resistance, gmr: of one strand; for a bundle of subconductors likewise.
    """
    return resistance / count, float((gmr * count * radius ** (count - 1)) ** (1 / count))


def series(conductors: Sequence[Conductor], frequency: float, resistivity: float) -> Matrix:
    """Primitive series impedance, ohm per metre: the conductors, then the shields that return.

    frequency: hertz.  resistivity: of earth, ohm metre.
    """
    places: list[_Place] = [(c, None) for c in conductors]
    places += [(c, c.shield) for c in conductors if c.shield and c.shield.returns]
    omega = 2 * math.pi * frequency
    depth = _EARTH * math.sqrt(resistivity / frequency)
    resistance = [c.resistance if shield is None else shield.resistance for c, shield in places]
    apart = np.array([[_distance(one, other) for other in places] for one in places])
    reactance = omega * MU_0 / (2 * math.pi) * np.log(depth / apart)
    earth = omega * MU_0 / 8
    return np.asarray(np.diag(resistance) + earth + 1j * reactance, np.complex128)


def shunt(conductors: Sequence[Conductor], frequency: float) -> Matrix:
    """Shunt admittance, siemens per metre, of the conductors with shields and earth at no voltage.

    A cable is a coaxial capacitor; bare wires are coupled by their images, unless buried.
    """
    omega = 2 * math.pi * frequency
    capacitance = np.zeros((len(conductors), len(conductors)))
    bare = [i for i, c in enumerate(conductors) if c.shield is None and c.y > 0]
    if bare:
        potentials = np.array(
            [[_potential(conductors[i], conductors[j]) for j in bare] for i in bare]
        )
        capacitance[np.ix_(bare, bare)] = 2 * math.pi * EPSILON_0 * np.linalg.inv(potentials)
    for i, conductor in enumerate(conductors):
        if (shield := conductor.shield) is not None:
            ratio = math.log(shield.insulation / shield.core)
            capacitance[i, i] = 2 * math.pi * EPSILON_0 * shield.permittivity / ratio
    return np.asarray(1j * omega * capacitance, np.complex128)


def kron(matrix: Matrix, keep: Sequence[int]) -> Matrix:
    """An impedance matrix after what is not kept is at no voltage at both ends."""
    rest = [i for i in range(len(matrix)) if i not in set(keep)]
    kept = matrix[np.ix_(keep, keep)]
    if not rest:
        return kept
    across = matrix[np.ix_(keep, rest)]
    inner = matrix[np.ix_(rest, rest)]
    return np.asarray(kept - across @ np.linalg.solve(inner, matrix[np.ix_(rest, keep)]))


def _distance(one: _Place, other: _Place) -> float:
    """Geometric mean distance; of a conductor to itself its geometric mean radius."""
    (a, a_shield), (b, b_shield) = one, other
    shield = a_shield or b_shield
    if a is b:
        if shield is None:
            return a.gmr
        return shield.gmr if a_shield is b_shield else shield.radius
    apart = math.hypot(a.x - b.x, a.y - b.y)
    if shield is None or not shield.strands or (a_shield and b_shield):
        return apart
    return float(apart * (1 - (shield.radius / apart) ** shield.strands) ** (1 / shield.strands))


def _potential(one: Conductor, other: Conductor) -> float:
    """Logarithm of distance to the other's image over distance to the other."""
    if one is other:
        return math.log(2 * one.y / one.radius)
    image = math.hypot(one.x - other.x, one.y + other.y)
    return math.log(image / math.hypot(one.x - other.x, one.y - other.y))
