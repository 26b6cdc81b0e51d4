"""Star points in every way, and lines in parts, by the solver of admittances and by OpenDSS."""

from __future__ import annotations

import numpy as np
import pytest

from dms_apps.solver import nodal
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.solver.live import with_parts
from dms_apps.solver.opendss.session import Session
from tests.cim.electrical.banks import Objects
from tests.cim.electrical.documents import terminals, viewed
from tests.cim.electrical.test_earths import coil, star
from tests.cim.electrical.test_neutrals import four, transformed
from tests.cim.electrical.test_parts import clamp, whole
from tests.cim.electrical.test_zigzags import document

SOURCE = {
    "nominalVoltage": "20000",
    "voltageMagnitude": "20000",
    "r": "1",
    "x": "9",
    "r0": "1",
    "x0": "9",
}


def fed(node: str, at: str, **said: str) -> Objects:
    """A source at a node, and a load on phase A at another."""
    load = {"p": "2000", "q": "500", "ConductingEquipment.BaseVoltage": "#v", **said}
    return {
        "EnergySource s": SOURCE,
        **terminals("s", node),
        "EnergyConsumer c": load,
        **terminals("c", at, phases="A"),
        "BaseVoltage v": {"nominalVoltage": "400"},
    }


CASES: dict[str, Objects] = {
    "zigzag": {**document("D", 0, 0.01 + 0.04j, 0.004 + 0.01j), **fed("n1", "n2")},
    "coil": {**star(), **coil(xGroundNominal="0.5"), **fed("n1", "n2")},
    "neutral": {**transformed(), **four(), **fed("n0", "n2")},
    "neutral of an impedance": {
        **transformed(**{"TransformerEnd.rground": "0.5", "TransformerEnd.xground": "0.1"}),
        **four(),
        **fed("n0", "n2"),
    },
}


@pytest.mark.parametrize("name", CASES)
def test_solvers_agree(name: str) -> None:
    layout = Layout.of(viewed(CASES[name]))
    mine, theirs = nodal.solve(layout), Session(layout).solve()
    assert mine.converged
    assert theirs.converged
    assert np.abs(mine.volts - theirs.volts).max() < 1e-5 * np.abs(mine.volts).max()
    size = {phase: abs(mine.volts[layout.number["n2", phase]]) for phase in "ABC"}
    assert size["A"] < min(size["B"], size["C"])


def test_a_line_with_a_clamp() -> None:
    """What hangs on the clamp is fed; out of service is the line with all of its parts."""
    objects = {**transformed(), **whole(), **clamp("400", "n2"), **fed("n0", "n2")}
    objects |= terminals("l", "n1", "n9")
    layout = Layout.of(viewed(objects))
    solution = nodal.solve(layout)
    assert solution.converged
    assert abs(solution.volts[layout.number["n9", "A"]]) > 200
    given = with_parts(layout, Given(out=frozenset({"l"})))
    assert given.out == {"l", "k"}
    dark = nodal.solve(layout, given)
    assert abs(dark.volts[layout.number["n9", "A"]]) == 0
    nothing = Given()
    assert with_parts(layout, nothing) is nothing
