"""Factors of IEC 60909: by their formulas, and from what a document says."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from dms_apps.solver.iec60909 import Method, factors, short_circuits
from tests.cim.electrical.documents import terminals, viewed
from tests.cim.electrical.test_short_circuit import network, synchronous
from tests.dms_apps.solver.test_balanced import transformer
from tests.dms_apps.solver.test_iec60909 import QUIET, ROOT, at, cable

# -- by their formulas


def test_heat_of_the_direct_current_is_its_integral() -> None:
    """(11): over the initial current squared, with the decay that kappa stands for."""
    for kappa, duration in ((1.8, 0.1), (1.3, 1.0), (1.95, 0.3)):
        rate = -2 * 50 * math.log(kappa - 1)
        heat, _ = quad(lambda t, k=rate: 2 * math.exp(-2 * k * t), 0, duration)
        assert factors.m(np.array([kappa]), duration, 50)[0] == pytest.approx(heat / duration)


def test_heat_of_the_alternating_current_is_its_integral() -> None:
    for ratio, duration in ((2.5, 0.5), (5.0, 0.1), (1.25, 3.0)):
        transient = ratio / (0.88 + 0.17 * ratio)
        slow = 3.1 / transient

        def current(t: float, a: float = ratio, b: float = transient, s: float = slow) -> float:
            return 1 + (b - 1) * math.exp(-t / s) + (a - b) * math.exp(-10 * t / s)

        heat, _ = quad(lambda t, f=current: f(t) ** 2, 0, duration)
        found = factors.n(np.array([ratio]), np.array([1.0]), duration)[0]
        assert found == pytest.approx(heat / duration / ratio**2)
    assert factors.n(np.array([7.0]), np.array([7.0]), 1.0)[0] == 1


def test_voltage_factors_of_table_1() -> None:
    assert factors.voltage_factor(400, maximum=True, tolerance=6) == 1.05
    assert factors.voltage_factor(400, maximum=True) == 1.10
    assert factors.voltage_factor(400, maximum=False, tolerance=6) == 0.95
    assert factors.voltage_factor(400, maximum=False) == 0.90
    assert factors.voltage_factor(20e3, maximum=True) == 1.10
    assert factors.voltage_factor(20e3, maximum=False) == 1.00


@given(st.floats(2.3, 12), st.floats(0.02, 0.5))
def test_decay_is_a_share_that_falls_with_time_and_nearness(ratio: float, delay: float) -> None:
    """Nearer to 2 the standard's curves of 0.05, 0.10 and 0.25 s cross one another."""
    share = factors.mu(np.array([ratio, ratio + 1]), delay)
    assert 0 < share[1] <= share[0] <= 1
    assert factors.mu(np.array([ratio]), delay + 0.1)[0] <= share[0] + 1e-12
    assert factors.mu(np.array([1.9]), delay)[0] == 1
    assert 0 <= factors.q(np.array([1e5]), delay)[0] <= 1


def test_methods_that_the_standard_does_not_know_are_refused() -> None:
    with pytest.raises(ValueError, match="tolerance is 7; it may be 6 or 10"):
        Method(tolerance=7)
    with pytest.raises(ValueError, match="peak is 'A'"):
        Method(peak="A")
    with pytest.raises(ValueError, match="delay must be above 0"):
        Method(delay=0)


# -- from what a document says


def behind(**said: str) -> complex:
    """Ohm at the low side of a Dyn5 transformer of 20/10 kV, 5 MVA and 8 %, without the network."""
    unit = transformer("t", "n", "m", (20e3, 10e3), "Dyn5")
    unit["PowerTransformer t"] |= said
    found = short_circuits(viewed(network(), unit))
    one = found.faults.one
    return complex(one[found.at("m")] - one[found.at("n")] / 4)


def test_a_network_transformer_has_its_factor() -> None:
    """K_T (6.3.3), of a relative reactance of 0.08, and in known operation."""
    z = complex(0.01, 0.08) * 10e3**2 / 5e6
    assert behind() == pytest.approx(0.95 * 1.1 / (1 + 0.6 * 0.08) * z)
    kind = "PowerTransformer.beforeSh"
    known = {
        "operationalValuesConsidered": "true",
        f"{kind}CircuitHighestOperatingVoltage": "10500",
        f"{kind}CircuitHighestOperatingCurrent": "250",
        f"{kind}ortCircuitAnglePf": "30",
    }
    rated = 5e6 / ROOT / 10e3
    factor = 10e3 / 10.5e3 * 1.1 / (1 + 0.08 * 250 / rated * 0.5)
    assert behind(**known) == pytest.approx(factor * z)


def test_heat_is_of_direct_and_alternating_current() -> None:
    found = short_circuits(viewed(network(), cable("l", "n", "m")), method=Method(duration=0.5))
    kappa = 1.02 + 0.98 * math.exp(-0.3)
    direct = float(factors.m(np.array([kappa]), 0.5, 50.0)[0])
    assert at(found, "n", "thermal") == pytest.approx(10e3 * math.sqrt(direct + 1))


def test_method_b_by_hand() -> None:
    """R/X is 0.1 at the network and 0.5 in the cable, so that 1.15 holds, up to 2."""
    found = short_circuits(viewed(network(), cable("l", "n", "m")), method=Method(peak="B"))
    kappa = 1.15 * (1.02 + 0.98 * math.exp(-0.3))
    assert at(found, "n", "peak") == pytest.approx(min(kappa, 2.0) * math.sqrt(2) * 10e3)
    plain = short_circuits(viewed(network(), cable("l", "n", "m", r=0.1)), method=Method(peak="B"))
    assert at(plain, "n", "peak") == pytest.approx(kappa / 1.15 * math.sqrt(2) * 10e3)


def unit_impedance(**said: str) -> complex:
    """Ohm at the high side of a power station unit: a machine behind a transformer of 20/10 kV."""
    unit = transformer("t", "n", "m", (20e3, 10e3), "YNd5")
    unit["PowerTransformer t"] |= {"isPartOfGeneratorUnit": "true", **said}
    machine = {**synchronous(**QUIET), **terminals("g", "m")}
    view = viewed(network(), unit, machine)
    silent = replace(view, sources=(), short_circuit=replace(view.short_circuit, feeders=()))
    found = short_circuits(silent)
    return complex(found.faults.one[found.at("n")])


def test_units_without_a_tap_changer_under_load() -> None:
    """K_SO (6.7.2): 20/10 times 10/20 times c over 1 + x" sin phi."""
    z = complex(0.018, 1.0) * 4 + complex(0.01, 0.08) * 20e3**2 / 5e6
    assert unit_impedance() == pytest.approx(1.1 / (1 + 0.1 * 0.6) * z)
