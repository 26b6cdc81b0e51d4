"""What holds between the unknowns of a network, and what each measurement says of them.

The unknowns are complex: volts to earth of places, then amperes of branches, which are whatever is
no admittance: loads, generators, sources.  Every measurement is the magnitude or a part of a number
that is linear in them, or a part of a sum of products of two such numbers.

Changes of an unknown are counted along and across a frame, a complex number for each unknown:
x + frame * (along + 1j * across).  With the unknown itself as frame these are, to first order, its
relative change and the change of its angle in radians.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags, hstack, vstack

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Sparse = Any
"""A sparse matrix of SciPy, which has no types."""

_SMALL = 1e-12


class Kind(IntEnum):
    """What a measurement gives of its numbers."""

    MAGNITUDE = 0
    ANGLE = 1
    REAL = 2
    IMAGINARY = 3
    ACTIVE = 4
    REACTIVE = 5


@dataclass(frozen=True, eq=False)
class Grid:
    """Kirchhoff's current law at every place, and where angles count from.

    law:     places by unknowns, siemens and 1: the amperes that leave a place add up to 0.
    anchors: islands by unknowns: of each a voltage whose angle is known.
    angles:  these, radians.
    scale:   volts and amperes of usual size, by unknown.
    power:   volt-amperes of usual size.
    """

    law: Sparse
    anchors: Sparse
    angles: Floats
    scale: Floats
    power: float

    @property
    def places(self) -> int:
        """How many of the unknowns, the first ones, are voltages."""
        return int(self.law.shape[0])

    def residual(self, x: Complex) -> Floats:
        """What the equations leave: amperes, real and imaginary, then angles, over usual sizes."""
        law, anchors = self._rows()
        left = law @ x
        return np.concatenate([left.real, left.imag, (anchors @ x).real])

    def jacobian(self, frame: Complex) -> Sparse:
        """Of `residual`, over changes along and then across the frame."""
        law, anchors = self._rows()
        turned = diags(frame)
        return vstack([real(law @ turned), imaginary(law @ turned), real(anchors @ turned)])

    def _rows(self) -> tuple[Sparse, Sparse]:
        usual = self.scale[: self.places] / self.power
        return diags(usual) @ self.law, diags(self._turns()) @ self.anchors

    def _turns(self) -> Complex:
        heights = abs(self.anchors) @ self.scale
        return np.asarray(-1j * np.exp(-1j * self.angles) / heights)


@dataclass(frozen=True, eq=False)
class Quantities:
    """What is measured, as columns.

    rows:  numbers by unknowns, complex: volts and amperes that measurements are made of.
    kind:  `Kind`, by measurement.
    owner: measurement to which a term belongs; one each for magnitudes and parts, any number of
           products for powers.
    one:   row of the term: volts, when it is a power.
    two:   row of the amperes of the term; -1 when it is no power.
    """

    rows: Sparse
    kind: Ints
    owner: Ints
    one: Ints
    two: Ints

    def some(self, numbers: Sequence[int]) -> Quantities:
        """These measurements alone, in this order."""
        place = np.full(len(self.kind), -1, np.int64)
        place[list(numbers)] = np.arange(len(numbers))
        terms = np.flatnonzero(place[self.owner] >= 0)
        owner = place[self.owner[terms]]
        return Quantities(
            self.rows, self.kind[list(numbers)], owner, self.one[terms], self.two[terms]
        )

    def values(self, x: Complex) -> Floats:
        """What would be measured; angles in radians."""
        numbers, kind = self.rows @ x, self.kind[self.owner]
        first = numbers[self.one]
        product = first * np.conj(numbers[self.two])
        parts = [np.abs(first), np.angle(first), first.real, first.imag]
        parts += [product.real, product.imag]
        return np.asarray(np.bincount(self.owner, np.choose(kind, parts), len(self.kind)), float)

    def off(self, value: Floats, x: Complex) -> Floats:
        """How far measured values are above; of angles the short way round."""
        found = value - self.values(x)
        return np.where(self.kind == Kind.ANGLE, np.angle(np.exp(1j * found)), found)

    def jacobian(self, x: Complex, frame: Complex, scale: Floats) -> Sparse:
        """Of `values`, over changes along and then across the frame.

        scale: of the unknowns; a magnitude far below has no direction, and is said not to change.
        """
        numbers, kind = self.rows @ x, self.kind[self.owner]
        first, second = numbers[self.one], numbers[self.two]
        sizes = np.maximum(np.abs(first), _SMALL * (abs(self.rows) @ scale)[self.one])
        along, turn = first.conj() / sizes, -1j * first.conj() / sizes**2
        of_one = np.choose(kind, [along, turn, 1, -1j, second.conj(), -1j * second.conj()])
        of_two = np.choose(kind, [0, 0, 0, 0, first.conj(), 1j * first.conj()])
        shape = (len(kind) and len(self.kind), self.rows.shape[0])
        across = csr_matrix((of_one, (self.owner, self.one)), shape)
        across += csr_matrix((of_two, (self.owner, np.maximum(self.two, 0))), shape)
        return real(across @ self.rows @ diags(frame))


def real(rows: Sparse) -> Sparse:
    """The real part of complex rows times (along + 1j * across), as a matrix."""
    return hstack([rows.real, -rows.imag], format="csr")


def imaginary(rows: Sparse) -> Sparse:
    """The imaginary part of the same."""
    return hstack([rows.imag, rows.real], format="csr")
