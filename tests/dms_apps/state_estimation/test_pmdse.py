"""What the tests of PowerModelsDistributionStateEstimation.jl publish.

Represented: its three buses with three unbalanced phases, whose measurements of a load flow it
publishes, and the degrees of freedom and limit of its chi-square test.

Not: the J of that test (bad_data.jl: 0.3017354 of exact measurements, 64.902 of noisy ones).  The
first is what a solver of least absolute values, stopped at 1e-5, leaves of residuals that are 0 in
an exact estimate; the second is of noise from Julia's generator, which is not published, on a
feeder of Electricity North West whose load profiles are not, either.  Matrices H, G, R and Omega
(bad_data.jl) are in binary files, and compared there to within 1.  Its other tests compare its
formulations with one another.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest

from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.solver.nodal import solve
from dms_apps.solver.sensors import Quantity, Sensor
from dms_apps.solver.solution import Options
from dms_apps.state_estimation.estimation import estimated
from dms_apps.state_estimation.wls import chi_square
from tests.cim.electrical.opendss import circuit
from tests.dms_apps.state_estimation.metering import Shown, telemetry

CASE = Path(__file__).parents[2] / "cases" / "state_estimation_pmdse" / "case3_unbalanced"
INPUT, EXPECTED, PARAMS = (
    tomllib.loads((CASE / f"{name}.toml").read_text()) for name in ("input", "expected", "params")
)
VOLT = INPUT["kilovolts"] * 1e3 / np.sqrt(3)
WATT = INPUT["kilovoltamperes"] * 1e3
PHASES = "ABC"


@pytest.fixture(scope="module")
def layout() -> Layout:
    """Through OpenDSS and its CIM; its impedances are at 60 Hz, and so are its susceptances."""
    return Layout.of(circuit(*_commands()).view)


def _commands() -> list[str]:
    said = [
        "clear",
        f"new circuit.three basekv={INPUT['kilovolts']} pu={INPUT['source']} mvasc1=1e6 mvasc3=1e6"
        f" bus1=a basemva={INPUT['kilovoltamperes'] / 1e3}",
    ]
    for one, (line, ends) in enumerate(zip(INPUT["lines"], ("a b", "b c"), strict=True)):
        bus1, bus2 = ends.split()
        r, x = zip(line["own"], line["mutual"], strict=True)
        nano = INPUT["nanofarads"] * 50 / 60
        matrices = [
            f"{name}=({own} | {mutual} {own} | {mutual} {mutual} {own})"
            for name, own, mutual in (("rmatrix", *r), ("xmatrix", *x), ("cmatrix", nano, 0))
        ]
        said += [
            f"new linecode.k{one} nphases=3 units=km {' '.join(matrices)}",
            f"new line.l{one} phases=3 bus1={bus1} bus2={bus2} linecode=k{one} units=km length=1",
        ]
    kva = INPUT["kilovoltamperes"]
    for number, (p, q) in enumerate(zip(INPUT["loads"]["p"], INPUT["loads"]["q"], strict=True), 1):
        said.append(
            f"new load.d{number} phases=1 bus1=c.{number} kv={VOLT / 1e3} kw={p * kva}"
            f" kvar={q * kva} model=1 vminpu=0.5"
        )
    return [*said, f"set voltagebases=[{INPUT['kilovolts']}]", "calcvoltagebases", "solve"]


def node(layout: Layout, name: str) -> str:
    return next(at for at, _ in layout.places if layout.view.names.get(at) == name)


def shown(layout: Layout) -> list[Shown]:
    """All that it measures but the loads, which are models here."""
    measured, sigma = INPUT["measured"], INPUT["measured"]["sigma"]
    (source,) = layout.view.sources
    found = []
    for at, bus in (("source", "a"), ("end", "c")):
        for phase, value in zip(PHASES, measured[at], strict=True):
            found.append(_one("V", node(layout, bus), phase, value, sigma["volts"], VOLT))
    for quantity, part in (("W", "p"), ("VAr", "q")):
        for phase, value in zip(PHASES, measured[part], strict=True):
            found.append(_one(quantity, source.mrid, phase, -value, sigma["power"], WATT))  # type: ignore[arg-type]
    return found


def _one(quantity: Quantity, at: str, phase: str, value: float, sigma: float, base: float) -> Shown:
    name, error = f"{quantity} {at} {phase}", 3 * sigma / abs(value)
    sensor = Sensor(name, "", quantity, (at,), (phase,), error=error)
    return sensor, value * base, sigma * base


def at_end(layout: Layout, volts: np.ndarray) -> np.ndarray:
    end = node(layout, "c")
    return np.array([abs(volts[layout.number[end, phase]]) for phase in PHASES]) / VOLT


def test_the_load_flow_that_is_measured(layout: Layout) -> None:
    solution = solve(layout, options=Options(tolerance=1e-10))
    assert solution.converged
    assert at_end(layout, solution.volts) == pytest.approx(EXPECTED["end"], abs=PARAMS["volts"])
    (source,) = layout.view.sources
    fed = -solution.power[layout.rows(source.mrid)] / WATT
    assert fed.real == pytest.approx(INPUT["measured"]["p"], abs=PARAMS["power"])
    assert fed.imag == pytest.approx(INPUT["measured"]["q"], abs=PARAMS["power"])


def test_the_estimate(layout: Layout) -> None:
    found = estimated(layout, Given(), telemetry(shown(layout)))
    assert found.solution.converged
    assert found.solution.remarks == ()
    volts = at_end(layout, found.solution.volts)
    assert volts == pytest.approx(EXPECTED["end"], abs=PARAMS["estimate"])
    assert found.estimate.objective < PARAMS["objective"]


def test_the_limit_of_the_chi_square_test() -> None:
    """34 degrees of freedom: 48.60 (bad_data.jl)."""
    assert chi_square(34) == pytest.approx(48.60, abs=0.01)
