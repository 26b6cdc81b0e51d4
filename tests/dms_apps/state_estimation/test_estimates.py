"""What any estimate must hold, whatever the network and its measurements."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csc_matrix, eye_array
from scipy.sparse import random as sparse_random
from scipy.sparse.linalg import splu

from dms_apps.state_estimation.bad_data import cleaned
from dms_apps.state_estimation.equations import Complex
from dms_apps.state_estimation.inverse import diagonal
from dms_apps.state_estimation.lav import least_absolute
from dms_apps.state_estimation.wls import Estimate, Method, estimate
from tests.dms_apps.state_estimation.plain import Plain

SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(max_examples=10, deadline=None)
BUSES = 6


def ring(seed: int, volt: float = 1.0, power: float = 1.0) -> tuple[Plain, Complex]:
    """Buses in a ring, drawing by chance; all voltages, draws and flows are measured."""
    chance = np.random.default_rng(seed)
    ends = [(at, (at + 1) % BUSES) for at in range(BUSES)]
    impedances = chance.uniform(0.005, 0.02, BUSES) * (1 + 2j)
    plain = Plain(BUSES, [(*end, z) for end, z in zip(ends, impedances, strict=True)], volt, power)
    for bus in range(BUSES):
        plain.volts(bus, volt, 0.003 * volt)
        plain.drawn(bus, 0, 0.02)
    for line in range(BUSES):
        plain.flow(line, 0, 0, 0.01)
        plain.amperes(line, 1, 0, 0.01 * power / volt)
    drawn = chance.uniform(0.1, 0.4, BUSES - 1) * (1 + 0.3j)
    return plain, plain.truth(drawn.tolist())


def noisy(seed: int, volt: float = 1.0, power: float = 1.0) -> tuple[Plain, Complex, Estimate]:
    plain, truth = ring(seed, volt, power)
    known = plain.perfect(truth)
    noise = np.random.default_rng(seed + 1).standard_normal(len(known.value))
    known = replace(known, value=known.value + noise * known.sigma)
    return plain, truth, estimate(known, plain.start())


@FEW
@given(SEEDS)
def test_perfect_measurements_give_the_truth(seed: int) -> None:
    plain, truth = ring(seed)
    found = estimate(plain.perfect(truth), plain.start())
    assert found.converged
    assert np.abs(found.x - truth).max() < 1e-8
    assert found.observable.all()


@FEW
@given(SEEDS)
def test_the_order_of_measurements_does_not_matter(seed: int) -> None:
    plain, _, first = noisy(seed)
    order = np.random.default_rng(seed).permutation(len(plain.rows))
    turned = replace(plain.known(order.tolist()), value=first.known.value[order])
    second = estimate(turned, plain.start())
    assert second.x == pytest.approx(first.x, abs=1e-9)
    assert second.share == pytest.approx(first.share[order], abs=1e-9)


@FEW
@given(SEEDS, st.sampled_from([0.23, 11.0, 400.0]), st.sampled_from([1e-3, 50.0]))
def test_units_do_not_matter(seed: int, volt: float, power: float) -> None:
    first, second = noisy(seed)[2], noisy(seed, volt, power)[2]
    assert second.x[:BUSES] / volt == pytest.approx(first.x[:BUSES], abs=1e-9)
    assert second.x[BUSES:] * volt / power == pytest.approx(first.x[BUSES:], abs=1e-9)
    assert second.objective == pytest.approx(first.objective, rel=1e-6)


@FEW
@given(SEEDS, st.integers(0, 35), st.sampled_from([-1, 1]))
def test_one_gross_error_among_many_measurements_is_found(seed: int, at: int, sign: int) -> None:
    plain, truth, clean = noisy(seed)
    at %= len(plain.rows)
    value = clean.known.value.copy()
    value[at] += sign * 30 * clean.known.sigma[at]
    found = cleaned(replace(clean.known, value=value), plain.start(), limit=5.0)
    assert found.bad == (at,)
    assert np.abs(found.estimate.x - truth).max() < 0.05


@FEW
@given(SEEDS)
def test_shares_and_variances_are_those_of_the_textbook(seed: int) -> None:
    """Against dense algebra on the space that the laws leave."""
    found = noisy(seed)[2]
    rows, frame = found.known.jacobian(found.x)
    laws = found.known.grid.jacobian(frame).toarray()
    free = np.linalg.svd(laws)[2][np.linalg.matrix_rank(laws) :].T
    reduced = rows @ free
    covariance = free @ np.linalg.inv(reduced.T @ reduced) @ free.T
    hat = rows @ covariance @ rows.T
    assert found.share == pytest.approx(1 - np.diag(hat), abs=1e-7)
    assert found.freedom == reduced.shape[0] - reduced.shape[1]
    along, _ = found.variances
    scaled = np.diag(covariance)[: len(frame)] * np.abs(frame / found.x) ** 2
    assert along == pytest.approx(scaled, rel=1e-5, abs=1e-12)
    sigmas = found.sigmas(found.known.quantities) / found.known.sigma
    assert sigmas**2 == pytest.approx(np.diag(hat), rel=1e-5, abs=1e-9)


@FEW
@given(SEEDS)
def test_a_gross_error_does_less_harm_to_robust_estimates(seed: int) -> None:
    plain, truth = ring(seed)
    known = plain.perfect(truth)
    value = known.value.copy()
    value[0] *= 1.3
    wrong = replace(known, value=value)
    plainly = np.abs(estimate(wrong, plain.start()).x - truth).max()
    huber = estimate(wrong, plain.start(), Method(huber=2.0, tolerance=1e-6, iterations=200))
    assert huber.converged
    assert np.abs(huber.x - truth).max() < plainly / 2
    assert np.abs(least_absolute(wrong, plain.start()).x - truth).max() < 1e-5


@FEW
@given(SEEDS)
def test_the_diagonal_of_an_inverse(seed: int) -> None:
    chance = np.random.default_rng(seed)
    middle = sparse_random(40, 40, 0.05, rng=chance) + eye_array(40)
    matrix = csc_matrix(middle + middle.T)
    inverse = np.linalg.inv(matrix.toarray())
    if np.linalg.cond(matrix.toarray()) > 1e8:
        return
    assert diagonal(splu(matrix)) == pytest.approx(np.diag(inverse), rel=1e-6, abs=1e-9)


def test_what_no_measurement_tells_is_said_to_be_unknown() -> None:
    """Bus 3 hangs on bus 2, and what it draws is not measured."""
    plain = Plain(4, [(0, 1, 0.01 + 0.02j), (1, 2, 0.01 + 0.02j), (2, 3, 0.01 + 0.02j)])
    for bus in range(3):
        plain.volts(bus, 1.0, 0.01)
    plain.drawn(1, 0.1 + 0.05j, 0.01)
    plain.flow(0, 0, 0.5 + 0.2j, 0.01)
    found = estimate(plain.known(), plain.start())
    assert found.converged
    assert found.observable[:4].tolist() == [True, True, True, False]
    assert np.isinf(found.variances[0][3])


def test_a_measurement_that_nothing_confirms_is_never_called_bad() -> None:
    plain = Plain(2, [(0, 1, 0.01 + 0.02j)])
    plain.volts(0, 1.0, 0.01)
    plain.drawn(1, 50 + 3j, 0.01)
    found = cleaned(plain.known(), plain.start())
    assert found.bad == ()
    assert found.estimate.share == pytest.approx(0, abs=1e-6)
    assert found.estimate.freedom == 0
    assert found.estimate.limit() == 0
