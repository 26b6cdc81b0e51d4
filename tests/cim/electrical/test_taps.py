"""What positions do: increments, tables, and the formulas of phase tap changers."""

from __future__ import annotations

import cmath
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cim.electrical.taps import (
    NOMINAL,
    Asymmetrical,
    Increments,
    Linear,
    Symmetrical,
    Table,
    Tap,
    together,
)


def test_increments() -> None:
    assert Increments(17, 0.008).at(21).ratio == pytest.approx(1.032)
    assert Increments(17, -0.008).at(21).ratio == pytest.approx(0.968)
    assert Increments(17, 0.008).at(17) == NOMINAL


def test_a_table_is_read_between_its_points_and_left_where_it_has_none() -> None:
    points = {1: Tap(0.98, r=-4, x=2), 2: Tap(0.99, r=-2, x=1), 4: Tap(1.02, 3.0)}
    table = Table(points, Increments(3, 0.01))
    assert table.at(1) == points[1]
    assert table.at(3) == Tap(1.0)
    between = table.at(1.25)
    assert (between.ratio, between.r, between.x) == pytest.approx((0.9825, -3.5, 1.75))
    assert table.at(3.5) == Tap(pytest.approx(1.01), 1.5)  # type: ignore[arg-type]
    assert table.at(6).ratio == pytest.approx(1.03)


def test_linear() -> None:
    """Twice the angle at twice the steps; the reactance is xMax at the ends only."""
    linear = Linear(neutral=5, increment=2.0, reach=4, rise=10.0)
    assert [linear.at(step).angle for step in (1, 5, 7)] == [-8, 0, 4]
    assert [linear.at(step).ratio for step in (1, 5, 7)] == [1, 1, 1]
    assert [linear.at(step).x for step in (1, 5, 9)] == pytest.approx([10, 0, 10])
    half = (math.sin(math.radians(2)) / math.sin(math.radians(4))) ** 2
    assert linear.at(7).x == pytest.approx(10 * half)


def test_symmetrical() -> None:
    """The difference voltage is the base of a triangle with equal sides."""
    found = Symmetrical(neutral=0, increment=0.02, reach=10, rise=5.0).at(10)
    assert found.ratio == 1
    assert math.radians(found.angle) == pytest.approx(2 * math.atan(0.1))
    assert found.x == pytest.approx(5)


@given(
    steps=st.integers(-12, 12),
    increment=st.floats(-0.05, 0.05).filter(lambda share: abs(share) > 1e-3),
    connection=st.sampled_from([-150, -90, -60, -30, 30, 60, 90, 120, 150]),
)
def test_asymmetrical(steps: int, increment: float, connection: int) -> None:
    """The winding's voltage and the added one as phasors; reactance as the standard writes it."""
    curve = Asymmetrical(3, increment, connection, reach=12, rise=20.0)
    found = curve.at(3 + steps)
    theta = math.radians(connection)
    phasor = 1 + steps * increment * cmath.exp(1j * theta)
    assert cmath.rect(found.ratio, math.radians(found.angle)) == pytest.approx(phasor)

    def tangent(angle: float) -> float:
        tan = math.tan(math.radians(angle))
        return tan / (math.sin(theta) - tan * math.cos(theta))

    written = (tangent(found.angle) / tangent(curve.at(15).angle)) ** 2
    assert found.x == pytest.approx(20 * written, rel=1e-6, abs=1e-9)


def test_no_reach_no_bend() -> None:
    for curve in (
        Linear(5, 1.0, 0, 7.0),
        Symmetrical(5, 0.01, 0, 7.0),
        Asymmetrical(5, 0.01, 90.0, 0, 7.0),
    ):
        assert curve.at(5) == NOMINAL


def test_together() -> None:
    both = together([Tap(1.1, 2.0, r=10, x=-10), Tap(0.9, -5.0, r=10, g=3)])
    assert both == Tap(pytest.approx(0.99), -3.0, pytest.approx(21), -10, 3)  # type: ignore[arg-type]
    assert together([]) == NOMINAL
