"""Switches, phase by phase."""

from __future__ import annotations

import pytest

from cim.electrical.switches import Pole, Switch
from cim.electrical.view import View
from tests.cim.electrical.documents import terminals, viewed

Objects = dict[str, dict[str, str]]


def switch(phases: str = "", **said: str) -> Objects:
    return {"Breaker b": said, **terminals("b", "n1", "n2", phases=phases)}


def part(name: str, one: str, two: str = "", **said: str) -> Objects:
    sides = {"phaseSide1": f"~SinglePhaseKind.{one}"}
    if two:
        sides["phaseSide2"] = f"~SinglePhaseKind.{two}"
    return {f"SwitchPhase {name}": {"Switch": "#b", **sides, **said}}


def only(found: View, *problems: str) -> Switch:
    assert found.problems == problems
    [one] = found.switches
    return one


def test_phases_of_terminals_and_position_of_the_switch() -> None:
    found = only(viewed(switch("AC", **{"Switch.open": "true", "Switch.ratedCurrent": "600"})))
    assert found.poles == (Pole("A", "A", False, None), Pole("C", "C", False, None))
    assert (found.kind, found.rated_current) == ("Breaker", 600)
    assert [end.node for end in found.ends] == ["n1", "n2"]


def test_a_switch_in_the_neutral_is_named() -> None:
    """As a GroundDisconnector at a star point may be."""
    said = {"Switch.open": "false"}
    problem = "Breaker b is in the neutral alone; it is read without a pole."
    assert only(viewed(switch("N", **said)), problem).poles == ()


def test_a_cut_is_a_switch() -> None:
    objects = {"Cut c": {"Switch.open": "true"}, **terminals("c", "n1", "n2")}
    problem = "Cut c is on no ACLineSegment."
    assert [pole.closed for pole in only(viewed(objects), problem).poles] == [False] * 3


def test_normal_position_where_no_other_is_stated() -> None:
    [pole, *_] = only(viewed(switch(**{"Switch.normalOpen": "true"}))).poles
    assert pole == Pole("A", "A", False, True)
    [pole, *_] = only(viewed(switch(**{"Switch.normalOpen": "true", "Switch.open": "false"}))).poles
    assert pole == Pole("A", "A", True, True)


def test_positions_and_sides_of_single_phases() -> None:
    objects = {
        **switch(**{"Switch.open": "false"}),
        **part("p1", "A", "B", closed="true", ratedCurrent="200"),
        **part("p2", "B", "A", closed="false", normalOpen="true", ratedCurrent="100"),
        **part("p3", "C"),
    }
    found = only(viewed(objects))
    assert found.poles == (
        Pole("A", "B", True, None),
        Pole("B", "A", False, True),
        Pole("C", "C", True, None),
    )
    assert found.rated_current == 100


def test_earthing_switch_with_one_end() -> None:
    objects = {"GroundDisconnector g": {"Switch.open": "true"}, **terminals("g", "n1")}
    assert len(only(viewed(objects)).ends) == 1


def test_position_that_nothing_says_is_named() -> None:
    problem = "Breaker b says neither whether it is open nor whether normally; taken as closed."
    assert only(viewed(switch("A")), problem).poles == (Pole("A", "A", True, None),)


@pytest.mark.parametrize(
    ("objects", "reason"),
    [
        ({**switch("AB"), **part("p", "C")}, "its phases are C and its terminal's AB"),
        ({**switch(), **part("p", "none")}, "its SwitchPhase p does not say which phase it is"),
        ({"Breaker b": {}, **terminals("b", "n1")}, "it has 1 terminals, and must have 2"),
        ({**switch(), **part("p", "A"), **part("q", "A")}, "one of them twice"),
    ],
)
def test_absurd_switches_are_named(objects: Objects, reason: str) -> None:
    objects = {**objects, "Breaker b": {**objects["Breaker b"], "Switch.open": "false"}}
    found = viewed(objects)
    assert found.switches == ()
    assert reason in found.problems[0]
