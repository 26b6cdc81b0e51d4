"""Circuits of single components in tests/cases/solver/components, by both solvers.

expected.csv: the published voltages to earth, by bus and wire: 1 to 3 are A to C, from 4 on the
neutral, whose wires are bonded.  params.toml: `tolerance` of each complex voltage, of the highest
at its bus, where PowerModelsDistribution.jl asks for 1e-6 of the nominal one; wires that are
`dead`: nothing feeds them, and they have no voltage here, which OpenDSS finds by capacitance.
"""

from __future__ import annotations

import cmath
import csv
import json
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cim.electrical import view
from cim.electrical.taps import Tap
from cim.model.read import read
from dms_apps.solver import nodal
from dms_apps.solver.layout import Layout
from dms_apps.solver.opendss.session import Session
from dms_apps.solver.solution import Options, Solution
from tests.cim.electrical.opendss import Circuit
from tests.cim.electrical.test_neutrals import TAPS, pmd
from tests.cim.electrical.test_opendss import NANO_TWICE, with_core_as_opendss
from tests.dms_apps.solver import components

CASES = Path(__file__).parents[2] / "cases" / "solver" / "components"
NAMES = sorted(path.name for path in CASES.iterdir())
PHASES = ("A", "B", "C", "N")
SOLVERS: dict[str, Callable[[Layout, Options], Solution]] = {
    "nodal": lambda layout, options: nodal.solve(layout, options=options),
    "opendss": lambda layout, options: Session(layout, options).solve(),
}

Volts = dict[tuple[str, int], complex]


def published(name: str) -> Volts:
    """By bus and number of the wire."""
    with (CASES / name / "expected.csv").open() as rows:
        return {
            (row["bus"], int(row["wire"])): cmath.rect(float(row["volts"]), float(row["radians"]))
            for row in csv.DictReader(rows)
        }


def params(name: str) -> dict[str, Any]:
    return tomllib.loads((CASES / name / "params.toml").read_text())


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("name", NAMES)
def test_published_voltages(name: str, solver: str) -> None:
    said, theirs = params(name), published(name)
    found = view.read(read((CASES / name / "input.xml").read_bytes()))
    assert found.problems == tuple(said.get("problems", ()))
    solution = SOLVERS[solver](Layout.of(found), Options(**said.get("options", {})))
    assert solution.converged
    assert solution.remarks == ()
    highest: dict[str, float] = {}
    for (bus, _), volt in theirs.items():
        highest[bus] = max(highest.get(bus, 0.0), abs(volt))
    dead = {f"{bus}.{wire}" for bus, wire in theirs} & set(said.get("dead", ()))
    assert len(dead) == len(said.get("dead", ()))
    for (bus, wire), volt in theirs.items():
        mine = solution.at(bus, PHASES[min(wire, 4) - 1])
        if f"{bus}.{wire}" in dead:
            assert mine == 0
        else:
            assert abs(mine - volt) < said["tolerance"] * highest[bus], (bus, wire)


def test_every_published_circuit_has_a_case() -> None:
    assert sorted(components.CIRCUITS) == NAMES
    assert len(NAMES) == 14


@pytest.mark.parametrize("name", NAMES)
def test_the_document_is_what_its_table_says(name: str) -> None:
    assert (CASES / name / "input.xml").read_bytes() == components.document(name)


@pytest.mark.reference
@pytest.mark.parametrize("name", NAMES)
def test_figures_are_as_published(shared: Path, name: str) -> None:
    file = shared / "data" / "dms" / "pmd_validation" / "solutions" / f"{name}.json"
    buses = json.loads(file.read_text())["bus"]
    assert published(name) == {
        (bus, int(wire)): cmath.rect(volts, said["va"][wire])
        for bus, said in buses.items()
        for wire, volts in said["vm"].items()
    }


@pytest.mark.reference
def test_what_the_export_says_of_stars_that_lead(shared: Path) -> None:
    """It says that they lag, which is an error of 60 degrees, as large as the voltage itself; with
    the clock, the core, the lost taps and the capacitance of the line set right, none is left."""
    of = pmd(shared, name := "ut_trans_3w_dyy_1", "set tolerance=1e-10", "solve")
    assert 2067 < _error(of, of.view) < 2069
    [one] = of.view.transformers
    delta, *stars = one.windings
    assert [star.clock for star in stars] == [1, 1]
    windings = (delta, *(replace(star, clock=11) for star in stars))
    assert _error(of, replace(of.view, transformers=(replace(one, windings=windings),))) < 3.5
    tapped = (
        replace(winding, tap=Tap(ratio))
        for winding, ratio in zip(windings, TAPS[name], strict=True)
    )
    right = with_core_as_opendss(replace(one, windings=tuple(tapped)))
    lines = tuple(replace(line, y=line.y * NANO_TWICE) for line in of.view.lines)
    assert _error(of, replace(of.view, transformers=(right,), lines=lines)) < 2e-3


def _error(of: Circuit, found: view.View) -> float:
    """Volts, the largest."""
    solution = nodal.solve(Layout.of(found))
    mine = dict(zip(of.places(solution.layout.places), solution.volts.tolist(), strict=True))
    return float(max(abs(mine[place] - volt) for place, volt in of.volts.items()))
