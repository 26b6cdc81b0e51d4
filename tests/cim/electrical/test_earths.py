"""Coils, impedances and grounds between a star point or phases and earth."""

from __future__ import annotations

import numpy as np
import pytest

from cim.electrical import yprim
from tests.cim.electrical.banks import bank, end
from tests.cim.electrical.documents import terminals, viewed

Objects = dict[str, dict[str, str]]
FREE = {"TransformerEnd.grounded": "false"}
COIL = {"xGroundNominal": "40", "EarthFaultCompensator.r": "2"}


def star(**said: str) -> Objects:
    """A transformer with a delta at n1 and a star at n2, whose star point is brought out."""
    return bank(end("D", 20e3, r="1", x="40"), {**end("Yn", 400, 11), **FREE, **said})


def coil(phases: str = "N", kind: str = "PetersenCoil", **said: str) -> Objects:
    return {f"{kind} p": {**COIL, **said}, **terminals("p", "n2", phases=phases)}


@pytest.mark.parametrize("phases", ["N", ""])
def test_a_coil_earths_the_star_point(phases: str) -> None:
    """Together they are a winding that is earthed through this impedance."""
    found = viewed(star(), coil(phases))
    assert found.problems == ()
    [earth] = found.earths
    assert (earth.kind, earth.phases, earth.z) == ("PetersenCoil", ("N",), 2 + 40j)
    transformer = yprim.of_transformer(found.transformers[0])
    assert transformer.places[-1] == ("n2", "N")
    y = transformer.y.copy()
    y[-1, -1] += yprim.of_earth(earth).y[0, 0]
    reduced = y[:-1, :-1] - np.outer(y[:-1, -1], y[-1, :-1]) / y[-1, -1]
    earthed = {"TransformerEnd.grounded": "true"}
    through = {"TransformerEnd.rground": "2", "TransformerEnd.xground": "40"}
    [alone] = viewed(star(**earthed, **through)).transformers
    assert reduced == pytest.approx(yprim.of_transformer(alone).y)


def test_a_grounding_impedance() -> None:
    [earth] = viewed(star(), coil(kind="GroundingImpedance", x="3")).earths
    assert (earth.kind, earth.z) == ("GroundingImpedance", 2 + 3j)
    assert yprim.of_earth(earth).y[0, 0] == pytest.approx(1 / (2 + 3j))


def test_two_terminals_end_at_a_ground() -> None:
    ground = {"Ground g": {}, **terminals("g", "n9", phases="N")}
    both = {**coil(), **terminals("p", "n2", "n9", phases="N")}
    found = viewed(star(), both, ground)
    assert [(one.mrid, one.port.node) for one in found.earths] == [("p", "n2"), ("g", "n9")]
    assert found.earths[1].z == 0
    lost = viewed(star(), both)
    assert "PetersenCoil p is left out: it has 2 terminals, of which 1 must be at a Ground." in (
        lost.problems
    )


def test_a_ground_earths_what_comes_to_its_node() -> None:
    disconnector = {"GroundDisconnector d": {"Switch.open": "true"}}
    ground = {"Ground g": {}, **terminals("g", "n9")}
    ends = terminals("d", "n1", "n9", phases="AB")
    [earth] = viewed(star(), disconnector, ends, ground).earths
    assert earth.phases == ("A", "B")
    assert yprim.of_earth(earth).y == pytest.approx(np.eye(2) * 1e6)


def test_coils_that_cannot_be_are_named() -> None:
    found = viewed(star(), coil(xGroundNominal=""))
    assert "PetersenCoil.xGroundNominal is missing" in found.problems[-1]
    assert found.earths == ()
    found = viewed(star(), coil("ABC"))
    assert "its terminal has the phases ABC and no neutral" in found.problems[-1]
    found = viewed(star(**{"TransformerEnd.grounded": "true"}), coil())
    beside = "is said to be solidly earthed, beside PetersenCoil p; so it is taken."
    assert found.problems == (f"PowerTransformerEnd e2 {beside}",)
    alone = viewed(coil())
    nothing = "is at the neutral of ConnectivityNode n2, and nothing brings one there."
    assert alone.problems == (f"PetersenCoil p {nothing}",)
