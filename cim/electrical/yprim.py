"""Primitive admittance matrices: the currents that an element takes from its conductors' voltages.

I = y V, currents into the element, voltages to earth.  No row stands for earth itself.
"""

from __future__ import annotations

import cmath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from cim.electrical.earths import SOLID, Earth
from cim.electrical.injections import Source
from cim.electrical.leakage import to_first
from cim.electrical.line_constants import Matrix
from cim.electrical.lines import Line
from cim.electrical.ports import Port, live
from cim.electrical.shunts import Shunt
from cim.electrical.taps import Tap
from cim.electrical.transformers import Transformer, Winding

Place = tuple[str, str]
"""mRID of a node, and a phase at it."""

_TURN = cmath.exp(2j * cmath.pi / 3)
_PHASES = np.array([[1, 1, 1], [1, _TURN**2, _TURN], [1, _TURN, _TURN**2]])
"""Phase quantities from zero, positive and negative sequence (Fortescue)."""


@dataclass(frozen=True, eq=False)
class Primitive:
    """An admittance matrix in siemens and the conductors that its rows and columns stand for.

    A conductor may occur twice, where an element has both ends at one node.

    terminals: mRID of the terminal of each conductor.
    """

    places: tuple[Place, ...]
    y: Matrix
    terminals: tuple[str, ...] = ()


def of_line(line: Line) -> Primitive:
    """Series impedance, with half of the shunt admittance at each end."""
    series = np.linalg.inv(line.z)
    own = series + line.y / 2
    count = len(own)
    y = np.empty((2 * count, 2 * count), np.complex128)
    y[:count, :count] = y[count:, count:] = own
    y[:count, count:] = y[count:, :count] = -series
    return _primitive([(end, line.phases) for end in line.ends], y)


def of_shunt(shunt: Shunt) -> Primitive:
    """A capacitor or reactor with its present sections."""
    phases = shunt.phases
    count = len(phases)
    y = np.zeros((count, count), np.complex128)
    if shunt.connection == "D":
        for (start, end), branch in zip(shunt.branches, shunt.y, strict=True):
            line = np.zeros(count)
            line[phases.index(start)], line[phases.index(end)] = 1, -1
            y += branch * np.outer(line, line)
    else:
        y = np.diag(shunt.y)
        if not shunt.grounded and (whole := shunt.y.sum()):
            y = y - np.outer(shunt.y, shunt.y) / whole
    return _primitive([(shunt.port, phases)], y)


def of_source(source: Source) -> Primitive:
    """The impedance behind the voltage of a source.

    Raises: ZeroDivisionError for a source without impedance, which holds its voltage.
    """
    if not source.z.any():
        raise ZeroDivisionError(f"{source.name or source.mrid} has no impedance")
    return _primitive([(source.port, source.phases)], np.asarray(np.linalg.inv(source.z)))


def of_earth(earth: Earth) -> Primitive:
    """What joins conductors to earth; 1e-6 ohm where nothing is between."""
    y = np.eye(len(earth.phases)) / (earth.z or SOLID)
    return _primitive([(earth.port, earth.phases)], np.asarray(y, np.complex128))


def of_transformer(transformer: Transformer, taps: Sequence[Tap] | None = None) -> Primitive:
    """A tank or transformer.

    taps: what tap changers do, by winding; the present ones when None.
    """
    windings = transformer.windings
    taps = [winding.tap for winding in windings] if taps is None else taps
    rated = np.array([winding.rated_u for winding in windings])
    leakage = transformer.leakage.tapped(taps, rated.tolist())
    cores = [core.tapped(taps) for core in transformer.cores]
    volts = rated * [tap.ratio for tap in taps]
    one = _rated(rated, leakage.z, {core.place: core.y for core in cores}) / np.outer(volts, volts)
    if not windings[0].three_phase:
        return _alone(windings, one)
    other = leakage.z if leakage.z0 is None else leakage.z0
    zero = _rated(rated, other, {core.place: core.y0 for core in cores}) / np.outer(volts, volts)
    if any(winding.is_zigzag for winding in windings):
        inside = _rated(rated, other, {}) / np.outer(volts, volts)
        apart = [winding.is_zigzag for winding in windings]
        zero = zero - inside + np.diag(inside.diagonal() * apart)
    hours = [w.clock - tap.angle / 30 for w, tap in zip(windings, taps, strict=True)]
    return _three_phase(windings, one, zero, hours)


def _rated(rated: NDArray[np.float64], z: Matrix, cores: Mapping[int, complex]) -> Matrix:
    """Between the windings, in siemens times the squares of their voltages."""
    y = _of_pairs(z / np.square(rated)[:, None])
    for place, core in cores.items():
        y[place, place] += core * rated[place] ** 2
    return y


def _of_pairs(z: Matrix) -> Matrix:
    """The admittance between windings whose short-circuit impedances are z[i, j], i < j.

    V. Brandwajn, H. W. Dommel, I. I. Dommel, Matrix representation of three-phase n-winding
    transformers, IEEE Trans. PAS 101 (1982) 1369.
    """
    loops = _loops(len(z))
    return np.asarray(loops.T @ np.linalg.inv(to_first(z)) @ loops)


@cache
def _loops(count: int) -> NDArray[np.float64]:
    """From the first winding to each of the others."""
    return np.hstack([-np.ones((count - 1, 1)), np.eye(count - 1)])


# -- single-phase units


def _alone(windings: Sequence[Winding], y: Matrix) -> Primitive:
    """One winding each, between two conductors or one and earth."""
    ends = [
        (place, sign, winding.port, phase)
        for place, winding in enumerate(windings)
        for sign, phase in zip((1, -1), winding.phases, strict=False)
    ]
    across = np.zeros((len(windings), len(ends)))
    for column, (place, sign, _, _) in enumerate(ends):
        across[place, column] = sign
    y = across.T @ y @ across
    neutrals = {c: windings[w] for c, (w, _, _, phase) in enumerate(ends) if phase == "N"}
    electrodes = {w.port.node: c for c, w in neutrals.items() if w.grounded and w.z_ground}
    for column in electrodes.values():
        y[column, column] += 1 / neutrals[column].z_ground
    solid = {c for c, w in neutrals.items() if w.grounded and not w.z_ground}
    keep = [column for column in range(len(ends)) if column not in solid]
    conductors = [(ends[column][2], (ends[column][3],)) for column in keep]
    return _primitive(conductors, y[np.ix_(keep, keep)])


# -- three-phase units


def _three_phase(
    windings: Sequence[Winding], one: Matrix, zero: Matrix, hours: Sequence[float]
) -> Primitive:
    """By symmetrical components, then with the star points that are not solidly earthed.

    A delta has no way in for the zero sequence, and short-circuits it inside; a zigzag has its own
    between its halves.

    hours: of the clock by which each winding's positive sequence lags.
    """
    stars = [winding.is_star for winding in windings]
    zero = zero * np.outer(stars, stars)
    rows = [
        [_of_sequences(zero[i, j], one[i, j], a - b) for j, b in enumerate(hours)]
        for i, a in enumerate(hours)
    ]
    return _with_star_points(windings, np.block(rows))


def _with_star_points(windings: Sequence[Winding], y: Matrix) -> Primitive:
    """Those that are brought out become conductors, the others are earthed or left floating."""
    shared = star_points(windings)
    points = sorted(set(shared.values()))
    across = np.hstack([np.eye(len(y)), np.zeros((len(y), len(points)))])
    for place, point in shared.items():
        across[3 * place : 3 * place + 3, len(y) + points.index(point)] = -1
    conductors = [(winding.port, live(winding.phases)) for winding in windings]
    inner = []
    first = len(y)
    y = across.T @ y @ across
    for column, winding in enumerate((windings[point] for point in points), first):
        if winding.grounded:
            y[column, column] += 1 / winding.z_ground
        if "N" in winding.phases:
            conductors.append((winding.port, ("N",)))
        else:
            inner.append(column)
    return _primitive(conductors, _without(y, inner))


def _of_sequences(zero: complex, one: complex, hours: float) -> Matrix:
    """Phase admittance between ends of which one lags the other by these hours of the clock."""
    turn = cmath.exp(-1j * cmath.pi / 6 * hours)
    sequences = np.diag([zero, one * turn, one * turn.conjugate()])
    return np.asarray(_PHASES @ sequences @ np.linalg.inv(_PHASES))


def star_points(windings: Sequence[Winding]) -> dict[int, int]:
    """For each star that is not solidly earthed, the winding whose star point it has.

    The series winding of an autotransformer, the star of highest voltage, ends in the common one.
    """
    stars = {place: place for place, winding in enumerate(windings) if winding.is_star}
    for common in [place for place in stars if windings[place].connection == "A"]:
        others = [place for place in stars if windings[place].connection != "A"]
        if others:
            stars[max(others, key=lambda place: windings[place].rated_u)] = common
    return {
        place: point
        for place, point in stars.items()
        if not windings[point].grounded or windings[point].z_ground
    }


def _without(y: Matrix, inner: Sequence[int]) -> Matrix:
    """The admittance of the other conductors when these are connected to nothing else.

    The pseudo-inverse leaves the voltage of a group of star points open where nothing fixes it.
    """
    if not inner:
        return y
    keep = [i for i in range(len(y)) if i not in set(inner)]
    scale = 1 / np.sqrt(np.abs(y[inner, inner]))
    middle = np.linalg.pinv(y[np.ix_(inner, inner)] * np.outer(scale, scale), rcond=1e-9)
    across = y[np.ix_(keep, inner)] * scale
    return np.asarray(
        y[np.ix_(keep, keep)] - across @ middle @ (y[np.ix_(inner, keep)].T * scale).T
    )


def _primitive(conductors: Sequence[tuple[Port, Sequence[str]]], y: Matrix) -> Primitive:
    return Primitive(
        tuple((port.node, phase) for port, phases in conductors for phase in phases),
        y,
        tuple(port.terminal for port, phases in conductors for _ in phases),
    )
