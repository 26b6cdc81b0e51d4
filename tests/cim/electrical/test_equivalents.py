"""Equivalents of networks, static compensators, and banks whose sections are not alike."""

from __future__ import annotations

import numpy as np
import pytest

from cim.electrical import view, yprim
from cim.electrical.reading import CGMES
from tests.cim.electrical.documents import model, terminals, viewed

Objects = dict[str, dict[str, str]]
BRANCH = {"r": "1", "x": "3", "zeroR12": "2", "zeroX12": "9"}


def branch(**said: str) -> Objects:
    return {"EquivalentBranch b": {**BRANCH, **said}, **terminals("b", "n1", "n2")}


def test_an_equivalent_branch_is_a_line() -> None:
    found = viewed(branch(r21="1", x21="3"))
    assert found.problems == ()
    [one] = found.lines
    assert (one.data, one.length, one.phases) == ("EquivalentBranch", None, ("A", "B", "C"))
    eigenvalues = sorted(np.linalg.eigvals(one.z), key=abs)
    assert eigenvalues == pytest.approx([1 + 3j, 1 + 3j, 2 + 9j])


def test_branches_that_cannot_be_are_named() -> None:
    assert "its impedances from either end differ" in viewed(branch(x21="4")).problems[0]
    assert "it has neither r nor x" in viewed(branch(r="", x="")).problems[0]
    positive = viewed(branch(zeroR12="", zeroX12=""))
    assert "has no zero sequence impedance" in positive.problems[0]
    assert positive.lines[0].z == pytest.approx(np.eye(3) * (1 + 3j))


def test_an_equivalent_shunt() -> None:
    objects = {"EquivalentShunt s": {"b": "2e-3", "g": "1e-3"}, **terminals("s", "n1")}
    found = viewed(branch(), objects)
    assert found.problems == ()
    assert yprim.of_shunt(found.shunts[0]).y == pytest.approx(np.eye(3) * (1e-3 + 2e-3j))
    nothing = viewed({"EquivalentShunt s": {"b": "0"}, **terminals("s", "n1")})
    assert "it has neither susceptance nor conductance" in nothing.problems[0]


def static(**said: str) -> Objects:
    return {
        **branch(),
        "StaticVarCompensator s": {
            "q": "-8",
            "sVCControlMode": "~SVCControlMode.reactivePower",
            "ConductingEquipment.BaseVoltage": "#v",
            **said,
        },
        "BaseVoltage v": {"nominalVoltage": "20"},
        **terminals("s", "n1"),
    }


def test_a_static_compensator_by_its_reactive_power() -> None:
    """8 Mvar fed in at 20 kV: three branches of 0.02 siemens."""
    found = view.read(model(static()), unit=CGMES)
    assert found.problems == ()
    [one] = found.shunts
    assert one.y == pytest.approx([0.02j] * 3)
    assert 20e3**2 * one.y[0].imag == pytest.approx(8e6)
    held = view.read(model(static(sVCControlMode="~SVCControlMode.voltage")), unit=CGMES)
    assert "controls voltage; it is read with the susceptance of its present q" in held.problems[0]
    objects = static()
    del objects["BaseVoltage v"]
    lost = view.read(model(objects), unit=CGMES)
    assert "its q is of a voltage that no BaseVoltage says" in lost.problems[0]


def nonlinear(sections: str, *susceptances: str, **said: str) -> Objects:
    objects: Objects = {
        "NonlinearShuntCompensator s": {"ShuntCompensator.sections": sections, **said},
        **terminals("s", "n1"),
    }
    for number, b in enumerate(susceptances, 1):
        objects[f"NonlinearShuntCompensatorPoint p{number}"] = {
            "NonlinearShuntCompensator": "#s",
            "sectionNumber": str(number),
            "b": b,
        }
    return objects


def test_sections_that_are_not_alike() -> None:
    """A point has the total of all sections up to it."""
    [one] = viewed(nonlinear("2", "1e-3", "5e-3")).shunts
    assert one.y == pytest.approx([5e-3j] * 3)
    assert one.at([1, 1, 0]) == pytest.approx([1e-3j, 1e-3j, 0])
    assert one.per_section == pytest.approx([2.5e-3j] * 3)
    delta = {"ShuntCompensator.phaseConnection": "~PhaseShuntConnectionKind.D"}
    [one] = viewed(nonlinear("1", "3e-3", **delta)).shunts
    assert one.y == pytest.approx([1e-3j] * 3)


def test_points_that_cannot_be_are_named() -> None:
    assert "it has no NonlinearShuntCompensatorPoint" in viewed(nonlinear("1")).problems[0]
    assert "some of its points are capacitors" in viewed(nonlinear("1", "1", "-1")).problems[0]
    objects = nonlinear("1", "1", "2")
    objects["NonlinearShuntCompensatorPoint p2"]["sectionNumber"] = "1"
    assert "has the sectionNumber 1" in viewed(objects).problems[0]
