"""Published feeders in tests/cases/solver/load_flow: voltages beside those of their references.

params.toml: `model` and `reference`, below the shared folder; `tolerance`, of the magnitude of each
voltage; `options` of the solver; and what the CIM export of the reference has lost: the `rated`
volts of its loads, and the phase on which a load is `alone`.  `steps` sets tap changers by name,
`dead` counts the places without a voltage; where it says `regulated`, controls find the taps of
the model again.
"""

from __future__ import annotations

import cmath
import csv
import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cim.electrical import view
from cim.electrical.injections import Load
from cim.electrical.view import View
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.solver.opendss.session import Session
from dms_apps.solver.solution import Options, Solution
from tests.cim.electrical.opendss import NUMBERS
from tests.cim.electrical.test_reference import model, names

pytestmark = pytest.mark.reference

CASES = Path(__file__).parents[3] / "cases" / "solver" / "load_flow"
PARAMS = {path.parent.name: tomllib.loads(path.read_text()) for path in CASES.glob("*/params.toml")}
Volts = Mapping[tuple[str, int], complex]
"""By bus and number of the phase."""


def read(shared: Path, params: Mapping[str, Any]) -> tuple[Layout, dict[str, str]]:
    """The corrected layout, and names by mRID."""
    of = model(shared / params["model"])
    return Layout.of(corrected(view.read(of, frequency=60.0), params)), names(of)


def corrected(found: View, params: Mapping[str, Any]) -> View:
    alone = {name.lower(): phase for name, phase in params.get("alone", {}).items()}
    loads = tuple(_alone(one, alone.get(one.name.lower())) for one in found.loads)
    if rated := params.get("rated"):
        loads = tuple(replace(one, nominal_u=rated * math.sqrt(3)) for one in loads)
    return replace(found, loads=loads)


def _alone(load: Load, phase: str | None) -> Load:
    """Between this phase and earth, rated at the voltage between phases."""
    if phase is None:
        return load
    p, q = (np.array([some.sum()]) for some in (load.p, load.q))
    volts = (load.nominal_u or 0.0) * math.sqrt(3)
    return replace(
        load, connection="Y", grounded=True, branches=((phase, "N"),), nominal_u=volts, p=p, q=q
    )


def reference(shared: Path, params: Mapping[str, Any]) -> Volts:
    """Of OpenDSS by node, or of GridLAB-D by object and phase."""
    with (shared / params["reference"]).open() as rows:
        return dict(map(_volt, csv.DictReader(rows)))


def _volt(row: Mapping[str, str]) -> tuple[tuple[str, int], complex]:
    if "node" in row:
        bus, _, number = row["node"].lower().rpartition(".")
        return (bus, int(number)), cmath.rect(float(row["V"]), math.radians(float(row["deg"])))
    bus = re.sub("^(load_|n|l)", "", row["object"])
    volts = cmath.rect(float(row["mag_v"]), math.radians(float(row["ang_deg"])))
    return (bus, NUMBERS[row["target"][-1]]), volts


def by_bus(solution: Solution, called: Mapping[str, str]) -> Volts:
    pairs = zip(solution.layout.places, solution.volts.tolist(), strict=True)
    return {(called[node], NUMBERS[phase]): volt for (node, phase), volt in pairs}


def steps(layout: Layout, said: Mapping[str, float]) -> Given:
    by_name = {one.name.lower(): one.mrid for one in layout.view.tap_changers}
    return Given(steps={by_name[name]: float(step) for name, step in said.items()})


@pytest.mark.parametrize("name", sorted(PARAMS))
def test_voltages(shared: Path, name: str) -> None:
    params = PARAMS[name]
    layout, called = read(shared, params)
    session = Session(layout, Options(**params.get("options", {})))
    solution = session.solve(steps(layout, params.get("steps", {})))
    assert solution.converged, solution.remarks
    mine, theirs = by_bus(solution, called), reference(shared, params)
    assert theirs.keys() <= mine.keys()
    dead = {place for place, volt in theirs.items() if abs(volt) < 1e-3}
    assert len(dead) == params.get("dead", 0)
    assert max((abs(mine[place]) for place in dead), default=0.0) == 0
    errors = {p: abs(abs(mine[p]) / abs(v) - 1) for p, v in theirs.items() if p not in dead}
    turned = [abs(cmath.phase(mine[p] / v)) for p, v in theirs.items() if p not in dead]
    assert max(errors.values()) < params["tolerance"], max(errors, key=lambda p: errors[p])
    assert math.degrees(max(turned)) < 0.12
    live = solution.island >= 0
    assert np.abs(solution.balance[live]).max() < 1e-5 * np.abs(solution.power).max()


REGULATED = sorted(name for name, params in PARAMS.items() if params.get("regulated"))


@pytest.mark.parametrize("name", REGULATED)
def test_regulators_find_their_taps(shared: Path, name: str) -> None:
    """From where the model has them they stay within a step; from neutral they settle, each
    terminal within its band or at an end of its range."""
    params = PARAMS[name]
    layout, _ = read(shared, params)
    session = Session(layout, replace(Options(**params.get("options", {})), controls="local"))
    solution = session.solve()
    assert solution.converged, solution.remarks
    known = layout.view.regulators
    assert known
    assert all(abs(solution.steps[one.mrid] - one.step) <= 1 for one in known)
    settled = session.solve(Given(steps={one.mrid: one.neutral for one in known}))
    assert settled.converged, settled.remarks
    assert any(settled.steps[one.mrid] != one.neutral for one in known)
    again = session.solve(Given(steps=settled.steps, sections=settled.sections))
    assert again.steps == settled.steps
