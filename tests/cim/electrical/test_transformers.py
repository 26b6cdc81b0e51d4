"""Transformers: the tests on their nameplates done again on their admittance matrices."""

from __future__ import annotations

import cmath
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cim.electrical import yprim
from cim.electrical.leakage import Leakage
from cim.electrical.ports import ABC, Port
from cim.electrical.taps import Tap
from cim.electrical.transformers import Transformer, Winding
from tests.cim.electrical.banks import CENTRE, only

A = cmath.exp(2j * cmath.pi / 3)
POSITIVE = np.array([1, A**2, A])
ZERO = np.ones(3)


def winding(number: int, connection: str, volts: float, clock: int, **said: complex) -> Winding:
    z_ground = complex(said.get("z_ground", 0))
    grounded = connection in ("Yn", "A")
    port = Port(f"t{number}", f"n{number}")
    return Winding(
        f"e{number}", number, port, ABC, connection, clock, volts, 1e6, grounded, z_ground
    )


def pair(one: Winding, two: Winding, z: complex = 1 + 8j, z0: complex | None = None) -> Transformer:
    def upper(value: complex) -> np.ndarray:
        return np.array([[0, value], [0, 0]])

    leakage = Leakage(upper(z), None if z0 is None else upper(z0), "test")
    return Transformer("t", "", "t", "", (one, two), leakage, ())


def blocks(transformer: Transformer) -> tuple[np.ndarray, ...]:
    y = yprim.of_transformer(transformer).y
    return y[:3, :3], y[:3, 3:], y[3:, :3], y[3:, 3:]


# -- nameplate tests


def test_centre_tapped_secondary() -> None:
    """Both halves give 120 V to the neutral and 240 V across, for 7200 V on the primary."""
    found = yprim.of_transformer(only(CENTRE))
    assert found.places == (("n1", "A"), ("n2", "s1"), ("n3", "s2"))
    y = found.y
    secondary = -np.linalg.solve(y[1:, 1:], y[1:, 0] * 7200)
    assert secondary == pytest.approx([120, -120], rel=1e-9)


def test_short_circuit_tests_come_out_again() -> None:
    """Energise one winding, short another, leave the third open: impedance and loss are given."""
    y = yprim.of_transformer(replace(only(CENTRE), cores=())).y
    rated = (7200, 120, 120)
    for one, two, ohm, loss in ((0, 1, 50, 400), (0, 2, 52, 400), (1, 2, 0.02, 600)):
        third = 3 - one - two
        inner = y[np.ix_([one, third], [one, third])]
        impedance = np.linalg.inv(inner)[0, 0]
        assert abs(impedance) == pytest.approx(ohm)
        current = 25000 / rated[one]
        assert impedance.real * current**2 == pytest.approx(loss)


def test_no_load_test_comes_out_again() -> None:
    y = yprim.of_transformer(only(CENTRE)).y
    admittance = 1 / np.linalg.inv(y)[0, 0]
    assert admittance.real * 7200**2 == pytest.approx(90)
    assert abs(admittance) * 7200 == pytest.approx(0.008 * 25000 / 7200)
    assert admittance.imag < 0


@given(
    one=st.sampled_from(["D", "Y", "Yn"]),
    two=st.sampled_from(["D", "Y", "Yn"]),
    hours=st.integers(0, 5),
    z0=st.none() | st.just(2 + 7j),
)
def test_clock(one: str, two: str, hours: int, z0: complex | None) -> None:
    """The open second end lags the first by its hours and has its voltage; reciprocal, passive."""
    clock = 2 * hours + (one == "D") * (two != "D") + (one != "D") * (two == "D")
    transformer = pair(winding(1, one, 11e3, 0), winding(2, two, 400, clock), z0=z0)
    first, _, back, second = blocks(transformer)
    open_end = -np.linalg.lstsq(second, back @ (POSITIVE * 11e3), rcond=1e-9)[0]
    assert open_end[0] - open_end[1] == pytest.approx(
        400 * (1 - A**2) * cmath.exp(-1j * math.pi / 6 * clock), rel=1e-6
    )
    y = yprim.of_transformer(transformer).y
    assert y == pytest.approx(y.T, abs=1e-9)
    assert np.linalg.eigvalsh(y.real).min() > -1e-9
    short = POSITIVE.conj() @ first @ POSITIVE / 3
    assert 1 / short == pytest.approx(1 + 8j)


@pytest.mark.parametrize(
    ("one", "two", "z0"),
    [
        ("Yn", "Yn", None),
        ("Yn", "D", 2 + 7j),
        ("D", "Yn", None),
        ("Y", "Yn", None),
        ("Yn", "Y", None),
        ("D", "D", None),
    ],
)
def test_zero_sequence(one: str, two: str, z0: complex | None) -> None:
    """Passes between earthed stars, ends in a delta, and finds no way elsewhere."""
    clock = int((one == "D") != (two == "D"))
    first, over, _, second = blocks(
        pair(winding(1, one, 11e3, 0), winding(2, two, 400, clock), z0=z0)
    )
    inner = 1 / ((1 + 8j) if z0 is None else z0)
    at_first = {"YnYn": inner, "YnD": inner}.get(one + two, 0)
    at_second = {"YnYn": inner, "DYn": inner}.get(one + two, 0) * (11e3 / 400) ** 2
    across = -inner * 11e3 / 400 if one + two == "YnYn" else 0
    assert ZERO @ first @ ZERO / 3 == pytest.approx(at_first, abs=1e-9)
    assert ZERO @ second @ ZERO / 3 == pytest.approx(at_second, abs=1e-9)
    assert ZERO @ over @ ZERO / 3 == pytest.approx(across, abs=1e-9)


def test_earthing_impedance_counts_three_times() -> None:
    star = winding(2, "Yn", 400, 1, z_ground=0.4 + 0.1j)
    second = blocks(pair(winding(1, "D", 11e3, 0), star))[3]
    leakage = (1 + 8j) * (400 / 11e3) ** 2
    assert ZERO @ second @ ZERO / 3 == pytest.approx(1 / (leakage + 3 * (0.4 + 0.1j)))


def test_star_point_that_is_brought_out() -> None:
    """Between phase and neutral conductor lies the winding, whatever the neutral's voltage."""
    star = replace(winding(2, "Yn", 400, 1), grounded=False, phases=("A", "B", "C", "N"))
    found = yprim.of_transformer(pair(winding(1, "D", 11e3, 0), star))
    assert found.places[-1] == ("n2", "N")
    lifted = np.array([0, 0, 0, 1, 1, 1, 1])
    assert found.y @ lifted == pytest.approx(np.zeros(7), abs=1e-9)
    earthed = yprim.of_transformer(pair(winding(1, "D", 11e3, 0), winding(2, "Yn", 400, 1)))
    assert found.y[:6, :6] == pytest.approx(earthed.y)


def test_ratio() -> None:
    """Five steps of 0.625 % up on the second end raise its open voltage as much."""
    transformer = pair(
        winding(1, "D", 11e3, 0), replace(winding(2, "Yn", 400, 1), tap=Tap(1.03125))
    )
    _, _, back, second = blocks(transformer)
    assert np.abs(np.linalg.solve(second, back @ (POSITIVE * 11e3))) == pytest.approx(412.5)


TAPS = st.builds(
    Tap,
    ratio=st.floats(0.8, 1.2),
    angle=st.floats(-60, 60),
    r=st.floats(-90, 200),
    x=st.floats(-90, 200),
)


@given(one=TAPS, two=TAPS, connection=st.sampled_from(["Y", "Yn", "D"]))
def test_at_every_tap_turns_are_complex_and_power_is_lost_alone(
    one: Tap, two: Tap, connection: str
) -> None:
    """The open second end has the voltage of both taps, and no voltages get power out of it."""
    clock = int(connection == "D")
    ends = (winding(1, connection, 11e3, 0), winding(2, "Yn", 400, clock))
    transformer = pair(*(replace(w, tap=tap) for w, tap in zip(ends, (one, two), strict=True)))  # type: ignore[arg-type]
    y = yprim.of_transformer(transformer).y
    found = -np.linalg.lstsq(y[3:, 3:], y[3:, :3] @ (POSITIVE * 11e3), rcond=1e-9)[0]
    turned = two.angle - one.angle - 30 * clock
    expected = cmath.rect(400 * two.ratio / one.ratio, math.radians(turned))
    assert found[1] - found[2] == pytest.approx(expected * (A**2 - A), rel=1e-6)
    assert np.linalg.eigvalsh(y + y.conj().T).min() > -1e-9 * np.abs(y).max()


def test_autotransformer_has_one_star_point() -> None:
    """Its series winding ends in the common one: the earthing of that is the earthing of both."""
    common = replace(winding(2, "A", 161e3, 0), z_ground=20 + 0j)
    found = pair(winding(1, "Y", 345e3, 0), common)
    solid = pair(winding(1, "Yn", 345e3, 0), winding(2, "Yn", 161e3, 0))
    for floating, earthed in zip(blocks(found), blocks(solid), strict=True):
        assert floating @ POSITIVE == pytest.approx(earthed @ POSITIVE)
    first = blocks(found)[0]
    assert abs(ZERO @ first @ ZERO) > 1e-3
    bare = replace(found, windings=(found.windings[0], replace(common, z_ground=0j)))
    assert yprim.of_transformer(bare).y == pytest.approx(yprim.of_transformer(solid).y)
