"""Circuits of four wires, from OpenDSS through CIM, solved as OpenDSS solves them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cim.electrical.injections import Load, Response
from dms_apps.solver import nodal
from dms_apps.solver.layout import Layout
from tests.cim.electrical.opendss import Circuit
from tests.cim.electrical.test_neutrals import pmd

EXPONENTS = {"test_load_3ph_delta_exp": (0.4, 2.0), "test_load_3ph_wye_exp": (0.4, 2.0)}
"""Which the export makes 1 and 2."""
CASES = (
    "test_gen_1ph_wye",
    "test_gen_3ph_wye",
    "test_load_1ph_wye_cp",
    "test_load_3ph_delta_cp",
    "test_load_3ph_wye_cp",
    *EXPONENTS,
)


def as_opendss(of: Circuit, load: Load, name: str) -> Load:
    """With the rated voltage and the exponents that the export loses."""
    single_phase = len(load.branches) == 1 and load.connection == "Y"
    rated = of.rated[load.name] * (np.sqrt(3) if single_phase else 1)
    response = load.response
    if response.exponents is not None:
        response = Response(exponents=EXPONENTS[name])
    return replace(load, nominal_u=rated, response=response)


@pytest.mark.reference
@pytest.mark.parametrize("name", CASES)
def test_voltages_of_phases_and_neutral(shared: Path, name: str) -> None:
    """The neutral, earthed at the source, has up to 20 V at the load."""
    of = pmd(shared, name, "set tolerance=1e-10", "solve")
    loads = tuple(as_opendss(of, load, name) for load in of.view.loads)
    solution = nodal.solve(Layout.of(replace(of.view, loads=loads)))
    assert solution.converged
    mine = dict(zip(of.places(solution.layout.places), solution.volts, strict=True))
    assert {place for place in mine if place[1] == 4} == {("b1", 4), ("b2", 4)}
    for place, theirs in of.volts.items():
        assert abs(mine[place] - theirs) < 2e-3, place
    assert abs(mine["b2", 4]) > 0.1
