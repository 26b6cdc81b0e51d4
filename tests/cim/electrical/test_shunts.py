"""Capacitors and reactors."""

from __future__ import annotations

import numpy as np
import pytest

from cim.electrical import yprim
from cim.electrical.shunts import Shunt
from cim.electrical.view import View
from tests.cim.electrical.documents import line, terminals, viewed

Objects = dict[str, dict[str, str]]
FEED = line("feed", {"r": "1", "x": "1", "r0": "1", "x0": "1"}, nodes=("n", "m"))


def bank(connection: str = "Y", b: str = "0.003", phases: str = "", **said: str) -> Objects:
    """A compensator c at node n with two of its four sections in; per phase with `phases`."""
    objects: Objects = {
        **FEED,
        **terminals("c", "n"),
        "LinearShuntCompensator c": {
            "ShuntCompensator.phaseConnection": f"~PhaseShuntConnectionKind.{connection}",
            "ShuntCompensator.sections": "2",
            "ShuntCompensator.maximumSections": "4",
            "ShuntCompensator.nomU": "12470",
            "ShuntCompensator.grounded": "true",
            "bPerSection": b,
            **said,
        },
    }
    for phase in phases:
        objects[f"LinearShuntCompensatorPhase {phase}"] = {
            "ShuntCompensatorPhase.ShuntCompensator": "#c",
            "ShuntCompensatorPhase.phase": f"~SinglePhaseKind.{phase}",
            "bPerSection": b,
            "ShuntCompensatorPhase.sections": "1",
        }
    return objects


def only(found: View) -> Shunt:
    assert found.problems == ()
    [one] = found.shunts
    return one


def test_zero_sequence_that_contradicts_an_earthed_star_is_named() -> None:
    found = viewed(bank(b0PerSection="0"))
    assert found.problems == (
        "LinearShuntCompensator c is an earthed star with bPerSection 0.003 and b0PerSection 0, "
        "which is not used.",
    )
    assert viewed(bank(b0PerSection="0.003")).problems == ()
    assert viewed(bank("D", b0PerSection="0")).problems == ()
    floating = bank(b0PerSection="0", **{"ShuntCompensator.grounded": "false"})
    assert viewed(floating).problems == ()


def currents(shunt: Shunt, *volts: complex) -> np.ndarray:
    return np.asarray(yprim.of_shunt(shunt).y @ np.array(volts))


def test_earthed_star() -> None:
    one = only(viewed(bank()))
    assert currents(one, 100, 0, 50) == pytest.approx([0.6j, 0, 0.3j])
    assert (one.nominal_u, one.maximum.tolist()) == (12470, [4, 4, 4])
    assert np.isnan(one.normal).all()


def test_star_that_is_not_earthed() -> None:
    """Equal voltages on all phases find no way; what flows in by one flows out by the others."""
    one = only(viewed(bank(**{"ShuntCompensator.grounded": "false"})))
    assert currents(one, 100, 100, 100) == pytest.approx(np.zeros(3))
    assert currents(one, 150, 0, 0) == pytest.approx([0.6j, -0.3j, -0.3j])


def test_one_phase_without_earth_is_named() -> None:
    found = viewed(bank(phases="B", **{"ShuntCompensator.grounded": "false"}))
    assert found.problems == (
        "LinearShuntCompensator c has one phase and no earth; it is taken as earthed.",
    )
    assert currents(found.shunts[0], 100) == pytest.approx([0.3j])


def test_nothing_in_service_draws_nothing() -> None:
    said = {"ShuntCompensator.grounded": "false", "ShuntCompensator.sections": "0"}
    assert currents(only(viewed(bank(**said))), 100, 0, 0).tolist() == [0, 0, 0]


def test_delta_draws_what_a_star_does() -> None:
    """bPerSection is of the positive sequence, however the bank is connected."""
    turn = np.exp(2j * np.pi / 3)
    balanced = (100, 100 / turn, 100 * turn)
    delta = only(viewed(bank("D")))
    assert currents(delta, *balanced) == pytest.approx(0.006j * np.array(balanced))
    assert currents(delta, 1, 1, 1) == pytest.approx(np.zeros(3))


def test_reactor() -> None:
    assert currents(only(viewed(bank(b="-0.003"))), 100, 0, 0)[0] == pytest.approx(-0.6j)


def test_phases_have_their_own_sections() -> None:
    one = only(viewed(bank(phases="CB")))
    assert one.branches == (("B", "N"), ("C", "N"))
    assert one.sections.tolist() == [1, 1]
    assert currents(one, 100, 50) == pytest.approx([0.3j, 0.15j])


def test_a_phase_of_a_delta_is_a_branch_to_the_next() -> None:
    one = only(viewed(bank("D", phases="C")))
    assert one.branches == (("C", "A"),)
    assert one.phases == ("A", "C")
    assert currents(one, 0, 100) == pytest.approx([-0.3j, 0.3j])


def test_sections_that_are_not_stated() -> None:
    silent = bank(**{"ShuntCompensator.sections": ""})
    assert viewed(silent).shunts == ()
    assert "normalSections is missing" in viewed(silent).problems[0]
    silent["LinearShuntCompensator c"]["ShuntCompensator.normalSections"] = "3"
    found = viewed(silent)
    assert found.shunts[0].sections.tolist() == [3, 3, 3]
    assert found.problems == (
        "LinearShuntCompensator c does not say its sections in service; the normal ones are taken.",
    )
    silent["SvShuntCompensatorSections s"] = {"ShuntCompensator": "#c", "sections": "1"}
    assert only(viewed(silent)).sections.tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("objects", "reason"),
    [
        (bank(b="0"), "it has neither susceptance nor conductance per section"),
        (bank("Q"), "its phaseConnection Q is not known"),
        ({"LinearShuntCompensator c": {}}, "it has 0 terminals, and must have 1"),
    ],
)
def test_absurd_banks_are_named(objects: Objects, reason: str) -> None:
    found = viewed(objects)
    assert found.shunts == ()
    assert reason in found.problems[0]
