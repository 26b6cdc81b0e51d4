"""Line constants against published matrices and against conductors taken one by one."""

from __future__ import annotations

import cmath
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cim.electrical.line_constants import Conductor, Shield, kron, series, shunt, strands

FOOT, INCH, MILE = 0.3048, 0.0254, 1609.344
ACSR_556 = (0.1859 / MILE, 0.0313 * FOOT, 0.927 / 2 * INCH)
ACSR_4_0 = (0.592 / MILE, 0.00814 * FOOT, 0.563 / 2 * INCH)
ACSR_1_0 = (1.12 / MILE, 0.00446 * FOOT, 0.398 / 2 * INCH)
CU_1_0 = (0.607 / MILE, 0.01113 * FOOT, 0.368 / 2 * INCH)


def wire(x: float, y: float, kind: tuple[float, float, float]) -> Conductor:
    """x and y in feet."""
    return Conductor(x * FOOT, y * FOOT, *kind)


def matrices(conductors: list[Conductor], keep: int) -> tuple[np.ndarray, np.ndarray]:
    """Ohm and microsiemens per mile, at 60 Hz over 100 ohm metre."""
    z = kron(series(conductors, 60, 100), range(keep)) * MILE
    return z, shunt(conductors, 60)[:keep, :keep].imag * MILE * 1e6


def full(rows: list[list[complex]]) -> np.ndarray:
    """A symmetric matrix from its upper triangle."""
    size = len(rows)
    upper = np.zeros((size, size), np.complex128)
    for i, row in enumerate(rows):
        upper[i, i:] = row
    return upper + np.triu(upper, 1).T


# Kersting, Radial distribution test feeders (IEEE PES, 13-node feeder), ohm and microsiemens per
# mile, as printed.  Positions of configuration 601: B, A, C and the neutral.


def test_configuration_601() -> None:
    places = ((2.5, 28), (0, 28), (7, 28))
    wires = [*(wire(x, y, ACSR_556) for x, y in places), wire(4, 24, ACSR_4_0)]
    z, b = matrices(wires, 3)
    printed = full(
        [
            [0.3465 + 1.0179j, 0.1560 + 0.5017j, 0.1580 + 0.4236j],
            [0.3375 + 1.0478j, 0.1535 + 0.3849j],
            [0.3414 + 1.0348j],
        ]
    )
    assert z == pytest.approx(printed, abs=1e-4)
    printed_b = full([[6.2998, -1.9958, -1.2595], [5.9597, -0.7417], [5.6386]]).real
    assert b == pytest.approx(printed_b, rel=1e-3)


def test_configuration_603_of_two_phases() -> None:
    wires = [wire(0, 28, ACSR_1_0), wire(7, 28, ACSR_1_0), wire(4, 24, ACSR_1_0)]
    z, _ = matrices(wires, 2)
    printed = full([[1.3238 + 1.3569j, 0.2066 + 0.4591j], [1.3294 + 1.3471j]])
    assert z == pytest.approx(printed, abs=1e-4)


def test_configuration_606_of_concentric_neutrals() -> None:
    """Z as printed.  B here is that of the insulation between its screens, 0.22 inch of 2.3; the
    paper's, 96.9, leaves out the screens.
    """
    radius = (1.29 - 0.0641) / 2 * INCH
    resistance, gmr = strands(14.8722 / MILE, 0.00208 * FOOT, 13, radius)
    shield = Shield(resistance, radius, gmr, 13, 0.31 * INCH, 0.53 * INCH, 2.3)
    core = (0.41 / MILE, 0.0171 * FOOT, 0.567 / 2 * INCH)
    cables = [Conductor(x * INCH, -4 * FOOT, *core, shield) for x in (-6, 0, 6)]
    z, b = matrices(cables, 3)
    printed = full(
        [
            [0.7982 + 0.4463j, 0.3192 + 0.0328j, 0.2849 - 0.0143j],
            [0.7891 + 0.4041j, 0.3192 + 0.0328j],
            [0.7982 + 0.4463j],
        ]
    )
    assert z == pytest.approx(printed, abs=1e-3)
    coaxial = 2 * math.pi * 8.8541878e-12 * 2.3 / math.log(0.53 / 0.31)
    assert b == pytest.approx(np.eye(3) * 2 * math.pi * 60 * coaxial * MILE * 1e6)


def test_configuration_607_of_a_tape_and_a_wire() -> None:
    radius = (0.88 - 0.005) / 2 * INCH
    tape = Shield(4.2786 / MILE, radius, radius, 0, 0.19 * INCH, 0.41 * INCH, 2.3)
    core = (0.97 / MILE, 0.0111 * FOOT, 0.368 / 2 * INCH)
    cable = Conductor(0, -4 * FOOT, *core, tape)
    z, _ = matrices([cable, wire(1 / 12, -4, CU_1_0)], 1)
    assert z[0, 0] == pytest.approx(1.3425 + 0.5124j, abs=1e-3)


@given(
    count=st.integers(2, 5),
    radius=st.floats(0.05, 0.5),
    resistance=st.floats(1e-5, 1e-3),
    turn=st.floats(0, 6),
)
def test_bundle_is_its_subconductors_in_parallel(
    count: int, radius: float, resistance: float, turn: float
) -> None:
    spots = [cmath.rect(radius, turn + 2 * math.pi * i / count) for i in range(count)]
    each = [Conductor(s.real, 10 + s.imag, resistance, 0.008, 0.01) for s in spots]
    together = 1 / np.linalg.inv(series(each, 50, 100)).sum()
    bundle = Conductor(0, 10, *strands(resistance, 0.008, count, radius), 0.1)
    assert series([bundle], 50, 100)[0, 0] == pytest.approx(together)


@given(count=st.integers(3, 20), apart=st.floats(0.05, 3), other_bare=st.booleans())
def test_shield_is_its_strands_one_by_one(count: int, apart: float, other_bare: bool) -> None:
    """A core within a ring of strands, and a wire on a line through a strand, all reduced."""
    radius = 0.015
    ring = [cmath.rect(radius, 2 * math.pi * i / count) for i in range(count)]
    each = [Conductor(s.real, 10 + s.imag, 9e-3, 2.5e-4, 4e-4) for s in ring]
    core = Conductor(0, 10, 2.5e-4, 0.0052, 0.0072)
    outer = [Conductor(apart, 10, 4e-4, 0.0034, 0.005)] if other_bare else []
    explicit = series([core, *outer, *each], 60, 100)
    expected = kron(explicit, range(1 + len(outer)))
    resistance, gmr = strands(9e-3, 2.5e-4, count, radius)
    shield = Shield(resistance, radius, gmr, count, 0.008, 0.013, 2.3)
    cable = Conductor(0, 10, 2.5e-4, 0.0052, 0.0072, shield)
    found = kron(series([cable, *outer], 60, 100), range(1 + len(outer)))
    # Seen from a wire beside it the strands differ, which their mean does not show.
    assert found == pytest.approx(expected, rel=1e-9 if not other_bare else 0.02)


@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(5, 15)), min_size=3, max_size=6, unique=True))
def test_reduction_is_elimination(places: list[tuple[float, float]]) -> None:
    spots = [complex(round(x, 1), round(y, 1)) for x, y in places]
    wires = [Conductor(s.real, s.imag, 3e-4, 0.008, 0.01) for s in dict.fromkeys(spots)]
    if len(wires) < 3:
        return
    z = series(wires, 60, 100)
    reduced = kron(z, [0, 1])
    assert reduced == pytest.approx(np.linalg.inv(np.linalg.inv(z)[:2, :2]))
    assert reduced == pytest.approx(reduced.T)
    assert (np.linalg.eigvalsh(reduced.real) > 0).all()
    assert (np.linalg.eigvalsh(shunt(wires, 60).imag) > 0).all()


def test_shield_that_does_not_return_is_no_conductor() -> None:
    shield = Shield(1e-3, 0.015, 0.014, 0, 0.008, 0.013, 2.3, returns=False)
    cable = Conductor(0, -1, 2.5e-4, 0.0052, 0.0072, shield)
    assert series([cable], 60, 100).shape == (1, 1)
    assert shunt([cable], 60)[0, 0].imag > 0
