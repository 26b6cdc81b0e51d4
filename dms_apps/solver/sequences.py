"""Equipment in symmetrical components: what three phases alike come down to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cim.electrical.ports import ABC
from cim.electrical.yprim import Primitive

Matrix = NDArray[np.complex128]

_TURN = np.exp(2j * np.pi / 3)
_PHASES = np.array([[1, 1, 1], [1, _TURN**2, _TURN], [1, _TURN, _TURN**2]])
_SEQUENCES = np.linalg.inv(_PHASES)
_NOTHING = 1e-10


@dataclass(frozen=True, eq=False)
class Sequenced:
    """An element between nodes.

    nodes:    mRIDs, one for each end.
    one:      siemens between the ends, positive sequence, without what clocks turn.
    zero:     the same of the zero sequence, which no clock turns.
    terminals: mRIDs, one for each end; "" for a bank.
    turned:   degrees by which the voltage of each end leads that of the first, without load.
    coupling: the largest admittance between two different sequences, over that of the positive
              one; 0 when the phases are alike.
    """

    nodes: tuple[str, ...]
    terminals: tuple[str, ...]
    one: Matrix
    zero: Matrix
    turned: tuple[float, ...]
    coupling: float

    @property
    def whole(self) -> Matrix:
        """Siemens of the positive sequence with what clocks and taps turn."""
        leads = np.radians(self.turned)
        return np.asarray(self.one * np.exp(1j * np.subtract.outer(leads, leads)))


def sequenced(
    primitives: Sequence[Primitive], rated: Mapping[str, float], *, partly: bool = False
) -> Sequenced | None:
    """A three-phase element, or several that make one, as three tanks make a bank.

    rated:  volts by node at which the ends are compared.
    partly: take one of one or two phases, too, as what it means to the sequences alone.
    Returns None when an end lacks a phase, or `partly` all of them.
    """
    ends = _ends(primitives)
    enough = any if partly else all
    if not ends or not all(enough(phase in own for phase in ABC) for own in ends.values()):
        return None
    y = _summed(primitives, ends)
    count = len(ends)
    nodes = tuple(node for node, _ in ends)
    volts = np.array([rated.get(node, 1.0) for node in nodes])
    blocks = y.reshape(count, 3, count, 3).transpose(0, 2, 1, 3)
    parts = _SEQUENCES @ blocks @ _PHASES * np.outer(volts, volts)[:, :, None, None]
    zero, one, two = (parts[:, :, k, k].copy() for k in range(3))
    mixed = parts.copy()
    mixed[:, :, range(3), range(3)] = 0
    size = np.abs(one).max()
    zero[np.abs(zero) < _NOTHING * size] = 0
    turned = _turned(one)
    turn = np.exp(1j * np.radians(np.subtract.outer(turned, turned)))
    straight: Matrix = one / turn
    apart = np.abs(one - two * turn**2).max()
    back = np.outer(volts, volts)
    coupling = float(max(np.abs(mixed).max(), apart) / size) if size else 0.0
    terminals = tuple(terminal for _, terminal in ends)
    leads = tuple(turned.tolist())
    return Sequenced(nodes, terminals, straight / back, zero / back, leads, coupling)


_Ends = dict[tuple[str, str], dict[str, int]]


def _ends(primitives: Sequence[Primitive]) -> _Ends:
    """By node and terminal; of several primitives by node alone: which conductor is which."""
    ends: _Ends = {}
    for primitive in primitives:
        for (node, phase), terminal in zip(primitive.places, primitive.terminals, strict=True):
            key = (node, terminal if len(primitives) == 1 else "")
            ends.setdefault(key, {}).setdefault(phase, 0)
    for key, phases in ends.items():
        ends[key] = {phase: i for i, phase in enumerate(sorted(phases))}
    return ends


def _summed(primitives: Sequence[Primitive], ends: _Ends) -> Matrix:
    """Over A, B, C of each end; neutrals that are brought out carry nothing further."""
    columns: dict[tuple[str, str, str], int] = {}
    for node, terminal in ends:
        for phase in ABC:
            columns[node, terminal, phase] = len(columns)
    inner = len(columns)
    for (node, terminal), phases in ends.items():
        for phase in phases:
            columns.setdefault((node, terminal, phase), len(columns))
    whole = np.zeros((len(columns), len(columns)), np.complex128)
    for primitive in primitives:
        alone = len(primitives) == 1
        at = [
            columns[node, terminal if alone else "", phase]
            for (node, phase), terminal in zip(primitive.places, primitive.terminals, strict=True)
        ]
        np.add.at(whole, np.ix_(at, at), primitive.y)
    if len(columns) == inner:
        return whole
    rest = np.linalg.pinv(whole[inner:, inner:], rcond=_NOTHING)
    return np.asarray(whole[:inner, :inner] - whole[:inner, inner:] @ rest @ whole[inner:, :inner])


def _turned(one: Matrix) -> NDArray[np.float64]:
    """Degrees by which each end leads the first, by the admittances between them.

    y[i, j] is near -|y| exp(j (angle of y[i, i] + turn)); a turn by taps is no whole hour.
    """
    turned = np.zeros(len(one))
    known = [0]
    while len(known) < len(one):
        rest = [i for i in range(len(one)) if i not in known]
        i, j = max(
            ((i, j) for i in rest for j in known), key=lambda pair: abs(one[pair[0], pair[1]])
        )
        if not one[i, j] or not one[j, i]:
            turned[i] = 0.0
        else:
            half = np.angle(one[i, j] / one[j, i]) / 2
            middle = -one[i, j] * np.exp(-1j * half)
            if (middle * np.conj(one[i, i])).real < 0:
                half += np.pi
            turned[i] = turned[j] + np.degrees(half)
        known.append(i)
    return np.asarray((turned + 180.0) % 360.0 - 180.0)
