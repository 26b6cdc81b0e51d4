"""Zigzag windings, beside the same transformer made of single-phase units of three windings.

On each limb is a winding of the first side and two halves of the second; a phase of the second side
is a half on one limb and, turned about, a half on another.  Single-phase units are as OpenDSS has
them (test_opendss.py).
"""

from __future__ import annotations

import cmath
from dataclasses import replace

import numpy as np
import pytest

from cim.electrical import yprim
from cim.electrical.line_constants import Matrix
from tests.cim.electrical.banks import CENTRE, Objects, bank, end, only, why

VOLTS, HALF = 20e3, 230.0
TURN = cmath.exp(2j * cmath.pi / 3)
SEQUENCES = np.array([[1, 1, 1], [1, TURN**2, TURN], [1, TURN, TURN**2]])
PLACES = [("n1", p) for p in "ABC"] + [("n2", p) for p in "ABC"]


def limb(rated_u: float) -> Matrix:
    """Admittance between the ends of the three windings on a limb: one, and two halves."""
    unit = replace(only(CENTRE), cores=())
    volts = (rated_u, HALF, HALF)
    windings = tuple(
        replace(w, rated_u=u, phases=("A", "N"), grounded=True, z_ground=0j)
        for w, u in zip(unit.windings, volts, strict=True)
    )
    by = np.array([(u / w.rated_u) ** 2 for u, w in zip(volts, unit.windings, strict=True)])
    inside = replace(unit.leakage, z=unit.leakage.z * by[:, None], star=None)
    return yprim.of_transformer(replace(unit, windings=windings, leakage=inside)).y


def assembled(first: str, back: int) -> Matrix:
    """The whole over `PLACES`, with all star points earthed.

    back: by how many limbs further the second half of a phase is.
    """
    y = limb(VOLTS if first == "D" else VOLTS / np.sqrt(3))
    rows = 9
    whole = np.zeros((rows, rows), np.complex128)
    for k in range(3):
        across = np.zeros((3, rows))
        across[0, k] = 1
        if first == "D":
            across[0, (k + 1) % 3] = -1
        across[1, 3 + k], across[1, 6 + k] = 1, -1
        across[2, 6 + (k - back) % 3] = -1
        whole += across.T @ y @ across
    inner = np.linalg.solve(whole[6:, 6:], whole[6:, :6])
    return np.asarray(whole[:6, :6] - whole[:6, 6:] @ inner)


def sequenced(y: Matrix) -> Matrix:
    """Over both sides, by sequence: zero, positive, negative."""
    turned = np.kron(np.eye(2), SEQUENCES)
    return np.asarray(np.linalg.inv(turned) @ y @ turned)


def document(first: str, clock: int, z1: complex, z0: complex) -> Objects:
    """The same as CIM has it: impedances at the second end, in ohm there."""
    said = {"r": z1.real, "x": z1.imag, "r0": z0.real, "x0": z0.imag}
    nothing = dict.fromkeys(said, "0")
    side = end("Yn" if first == "Y" else "D", VOLTS, **nothing)  # type: ignore[arg-type]
    words = {name: repr(float(value)) for name, value in said.items()}
    return bank(side, end("Zn", 3 * HALF, clock, **{**words, "TransformerEnd.grounded": "true"}))


@pytest.mark.parametrize("first", ["D", "Y"])
@pytest.mark.parametrize("back", [1, 2])
def test_a_zigzag_of_single_phase_units(first: str, back: int) -> None:
    theirs = assembled(first, back)
    by_sequence = sequenced(theirs)
    positive = by_sequence[np.ix_([1, 4], [1, 4])]
    z0, z1 = 1 / by_sequence[3, 3], 1 / positive[1, 1]
    clock = round(np.angle(-positive[0, 1] / positive[0, 0]) / (np.pi / 6)) % 12
    mine = yprim.of_transformer(only(document(first, clock, z1, z0)))
    assert list(mine.places) == PLACES
    assert np.abs(mine.y - theirs).max() < 1e-9 * np.abs(theirs).max()
    assert clock % 2 == (first == "Y")


def test_zigzags_that_are_not_known_enough_are_named() -> None:
    objects = document("D", 0, 1 + 4j, 1 + 1j)
    for number in (1, 2):
        for name in ("r0", "x0"):
            del objects[f"PowerTransformerEnd e{number}"][name]
    assert "it has a zigzag, whose zero sequence impedance is not given" in why(objects)
    assert "clock 1 of end 2 is impossible between D and Zn" in why(document("D", 1, 1 + 4j, 1j))
    two = bank(*(end("Zn", 400, x="1", x0="1") for _ in range(2)))
    assert "it has a zigzag that is not one of two windings" in why(two)
