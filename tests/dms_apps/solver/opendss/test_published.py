"""Published tables: the four nodes of IEEE in every connection; circuits of four wires.

W. H. Kersting, Radial distribution test feeders, IEEE PES Winter Meeting 2001; the 4 node feeder:
2,000 and 2,500 feet of line, between them 6 MVA of transformers, 12.47 to 4.16 kV, 1 + 6j per cent.
"""

from __future__ import annotations

import cmath
import csv
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cim.electrical import view
from dms_apps.solver import nodal
from dms_apps.solver.layout import Layout
from dms_apps.solver.opendss.session import Session
from tests.cim.electrical.banks import bank, end
from tests.cim.electrical.documents import line, matrix, viewed
from tests.cim.electrical.test_neutrals import pmd
from tests.cim.electrical.test_reference import model
from tests.dms_apps.solver.feeder import load, source
from tests.dms_apps.solver.test_four_wires import CASES, as_opendss

pytestmark = pytest.mark.reference

Objects = dict[str, dict[str, str]]
MILE = 5280.0
FOUR_WIRES = {
    "1,1": "0.4576 1.0780", "2,1": "0.1560 0.5017", "2,2": "0.4666 1.0482",
    "3,1": "0.1535 0.3849", "3,2": "0.1580 0.4236", "3,3": "0.4615 1.0651",
}  # fmt: skip
"""Ohm per mile, the neutral reduced into the phases."""
THREE_WIRES = {
    "1,1": "0.4013 1.4133", "2,1": "0.0953 0.8515", "2,2": "0.4013 1.4133",
    "3,1": "0.0953 0.7266", "3,2": "0.0953 0.7802", "3,3": "0.4013 1.4133",
}  # fmt: skip
LOADS = {
    "balanced": dict.fromkeys("ABC", (1800000.0, 0.9)),
    "unbalanced": {"A": (1275e3, 0.85), "B": (1800e3, 0.9), "C": (2375e3, 0.95)},
}
"""Watts and power factor."""


def four_nodes(connection: str, loading: str) -> Objects:
    """n1 ==l1== n2 --t-- n3 ==l2== n4, a stiff source at n1 and the load at n4."""
    high, low = connection.replace("GrY", "Yn").split("-")
    wires = {"Yn": FOUR_WIRES, "D": THREE_WIRES}
    first = end(high, 12470, r="0.25917", x="1.55501")
    second = end(low, 4160, int(high != low), r="0", x="0")
    powers = {
        phase: (p, p * math.tan(math.acos(factor))) for phase, (p, factor) in LOADS[loading].items()
    }
    said = source(12470)
    said["EnergySource s"] |= dict.fromkeys(("r", "x", "r0", "x0"), "1e-6")
    used = load(name="d", node="n4", connection=low[0], **powers)  # type: ignore[arg-type]
    used["EnergyConsumer d"]["ConductingEquipment.BaseVoltage"] = "#low"
    return {
        **said,
        "BaseVoltage low": {"nominalVoltage": "4160"},
        **matrix("z1", wires[high]),
        **matrix("z2", wires[low]),
        **feet("l1", 2000, "z1", ("n1", "n2")),
        **moved(bank(first, second)),
        **feet("l2", 2500, "z2", ("n3", "n4")),
        **used,
    }


def feet(name: str, length: float, table: str, nodes: tuple[str, str]) -> Objects:
    """The tables are by mile: of a length in miles."""
    said = {"Conductor.length": f"{length / MILE}", "PerLengthImpedance": f"#{table}"}
    return line(name, said, "ABC", nodes)


def moved(objects: Objects) -> Objects:
    """The bank from n2 to n3, and not from n1 to n2."""
    nodes = {"#n1": "#n2", "#n2": "#n3"}
    return {
        key: {name: nodes.get(value, value) for name, value in said.items()}
        for key, said in objects.items()
        if not key.startswith("ConnectivityNode")
    }


def published(shared: Path) -> Iterator[tuple[str, str, str, str, complex]]:
    """Connection, loading, node, phase or two, and volts."""
    with (shared / "data" / "dms" / "ieee_feeders" / "ieee4_published.csv").open() as rows:
        for row in csv.DictReader(rows):
            volts = cmath.rect(float(row["mag_v"]), math.radians(float(row["ang_deg"])))
            yield row["connection"], row["loading"], row["node"], row["phase"], volts


@pytest.mark.parametrize("loading", ["balanced", "unbalanced"])
@pytest.mark.parametrize("connection", ["GrY-GrY", "D-D", "D-GrY"])
def test_four_nodes(shared: Path, connection: str, loading: str) -> None:
    found = viewed(four_nodes(connection, loading))
    solution = Session(Layout.of(found)).solve()
    rows = [row[2:] for row in published(shared) if row[:2] == (connection, loading)]
    assert len(rows) == 9
    for node, phases, theirs in rows:
        one, other = solution.at(f"n{node}", phases[0]), 0j
        if len(phases) > 1:
            other = solution.at(f"n{node}", phases[1])
        mine = one - other
        assert abs(mine) == pytest.approx(abs(theirs), rel=1e-3), (node, phases)
        assert abs(math.degrees(cmath.phase(mine / theirs))) < 0.1, (node, phases)


@pytest.mark.parametrize("name", CASES)
def test_four_wires(shared: Path, name: str) -> None:
    """With the rated voltages and exponents that the CIM export loses."""
    of = pmd(shared, name, "set tolerance=1e-10", "solve")
    loads = tuple(as_opendss(of, load, name) for load in of.view.loads)
    solution = Session(Layout.of(replace(of.view, loads=loads))).solve()
    assert solution.converged
    mine = dict(zip(of.places(solution.layout.places), solution.volts, strict=True))
    for place, theirs in of.volts.items():
        assert abs(mine[place] - theirs) < 2e-3, place


OPEN = ("OnePh.xml",)
"""Circuits with a winding that nothing ties to earth: its voltage to earth is open."""


def test_transformer_cases(shared: Path) -> None:
    """As the solver of our own has them."""
    for file in sorted((shared / "data" / "cim" / "transformer_cases").glob("*.xml")):
        layout = Layout.of(view.read(model(file), frequency=60.0))
        one, other = Session(layout).solve(), nodal.solve(layout)
        assert one.converged
        assert other.converged
        if file.name not in OPEN:
            nominal = np.nan_to_num(layout.nominal, nan=1.0)
            assert (np.abs(one.volts - other.volts) / nominal).max() < 1e-6, file.name
