"""What is earthed while it is fed, and sources that give more than they can.

source -- n1 ==line l== n2 --switch w-- n3 -- load d, earthing switch e
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from dms_apps.solver import fault_levels, nodal
from dms_apps.solver.faults import Before
from dms_apps.solver.given import Given
from dms_apps.solver.grounds import earthed
from dms_apps.solver.layout import Layout
from dms_apps.solver.opendss.session import Session
from dms_apps.solver.solution import Solution
from tests.cim.electrical.documents import terminals, viewed
from tests.dms_apps.solver.feeder import VOLTS, Objects, balanced_line, feeder, load, source, switch
from tests.dms_apps.solver.opendss.test_session import same

Z = 1.001 + 2.01j
"""Ohm of source and line, positive sequence."""
ALL = {"n3": {"A", "B", "C"}}
OPENED, CLOSED = Given(poles={"e": frozenset()}), Given(poles={"e": frozenset("ABC")})


def earthing(*nodes: str, closed: bool = True) -> Objects:
    """An earthing switch."""
    said = {"Switch.open": f"{not closed}".lower(), "Switch.normalOpen": "true"}
    return {"GroundDisconnector e": said, **terminals("e", *(nodes or ("n3",)))}


def impedance() -> tuple[Objects, Objects]:
    """A load that draws at no voltage nothing."""
    some = load()
    some["EnergyConsumer d"]["LoadResponse"] = "#z"
    shares = {f"{power}ConstantImpedance": "100" for power in "pq"}
    return some, {"LoadResponseCharacteristic z": shares}


def at_earth(layout: Layout, given: Given) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for node, phase in earthed(layout, given):
        found.setdefault(node, set()).add(phase)
    return found


@pytest.mark.parametrize("nodes", [("n3",), ("n3", "n9"), ("n9", "n3")])
def test_a_closed_earthing_switch_short_circuits_what_feeds_it(nodes: tuple[str, ...]) -> None:
    layout = Layout.of(feeder(*impedance(), earthing(*nodes)))
    solution = Session(layout).solve()
    same(solution, nodal.solve(layout))
    amperes = np.abs(solution.of("s")[1])
    assert amperes == pytest.approx(np.full(3, VOLTS / np.sqrt(3) / abs(Z)), rel=1e-3)
    [told] = [one for one in solution.remarks if "short circuit" in one]
    assert "is fed and earthed on phase A, B, C: what flows there is a short circuit." in told


@pytest.mark.parametrize("solve", [lambda layout: Session(layout).solve(), nodal.solve])
def test_where_that_leaves_a_load_no_voltage_it_is_told_why(
    solve: Callable[[Layout], Solution],
) -> None:
    solution = solve(Layout.of(feeder(load(), earthing())))
    assert not solution.converged
    assert "ConnectivityNode n3 is fed and earthed on phase A, B, C" in solution.remarks[0]


def test_it_earths_where_and_while_it_is_closed() -> None:
    layout = Layout.of(feeder(load(), earthing(closed=False)))
    assert at_earth(layout, Given()) == {}
    assert at_earth(layout, CLOSED) == ALL
    assert at_earth(layout, Given(poles={"e": frozenset("B")})) == {"n3": {"B"}}
    assert at_earth(layout, Given(out=frozenset({"e"})).over(CLOSED)) == {}
    placed = Given(earthed=frozenset({("n2", "A")}))
    assert at_earth(layout, placed.over(CLOSED)) == {**ALL, "n2": {"A"}}


def test_a_circuit_that_stays_follows_it() -> None:
    layout = Layout.of(feeder(*impedance(), earthing(closed=False)))
    session = Session(layout)
    for given in (Given(), CLOSED, OPENED, Given(poles={"e": frozenset("B")}), Given()):
        same(session.solve(given), nodal.solve(layout, given))


def test_behind_an_open_switch_it_earths_what_is_dead() -> None:
    layout = Layout.of(feeder(load(), earthing()))
    given = Given(poles={"w": frozenset()})
    solution = Session(layout).solve(given)
    same(solution, nodal.solve(layout, given))
    assert solution.at("n2", "A") != 0
    assert solution.remarks == ()


def test_at_a_node_with_equipment_that_says_how_it_is_earthed() -> None:
    """Through an earthing reactor, say: here a line."""
    behind = balanced_line("m", ("n9", "n8"))
    layout = Layout.of(feeder(load(), earthing("n3", "n9"), behind))
    assert earthed(layout, Given()) == frozenset()
    assert Session(layout).solve().at("n9", "A") != 0


def test_faults_are_those_of_a_network_that_is_earthed() -> None:
    """On the other side of a line of the same length half of the voltage is left."""
    layout = Layout.of(feeder(load(), earthing()))
    levels = fault_levels.everywhere(Before.of(layout, Given()))
    plain = fault_levels.everywhere(Before.of(layout, OPENED))
    at = [
        plain.nodes[n] == "n1" and k == "3ph" for n, k in zip(plain.node, plain.kinds, strict=True)
    ]
    assert levels.highest[at] == pytest.approx(plain.highest[at], rel=1e-2)


def network_of(amperes: float) -> Layout:
    """Fed by a network that states the most that it gives; the load draws 55 A."""
    grid: Objects = {
        "ExternalNetworkInjection q": {
            "maxInitialSymShCCurrent": f"{amperes}",
            "maxR1ToX1Ratio": "0.1",
            "minInitialSymShCCurrent": "20",
            "minR1ToX1Ratio": "0.1",
            "ConductingEquipment.BaseVoltage": "#base",
            "referencePriority": "1",
        },
        "BaseVoltage base": {"nominalVoltage": f"{VOLTS}"},
        **terminals("q", "n1"),
    }
    return Layout.of(viewed(grid, balanced_line(), switch(), load()))


@pytest.mark.parametrize(("most", "absurd"), [(1000.0, False), (50.0, True)])
def test_a_source_that_gives_more_than_it_states_is_named(most: float, *, absurd: bool) -> None:
    layout = network_of(most)
    for solution in (Session(layout).solve(), nodal.solve(layout)):
        told = [one for one in solution.remarks if "no network does so" in one]
        assert len(told) == absurd
        if absurd:
            assert "Source q carries 55." in told[0].replace(" (q)", "")
            assert "its stated short-circuit current (maxInitialSymShCCurrent) of 50.0 A" in told[0]


def test_two_sources_that_contradict_one_another_are_named() -> None:
    """Ten times the voltage from the other side."""
    other = source(10 * VOLTS, "n3", "t")
    other.pop("BaseVoltage base")
    layout = Layout.of(viewed(source(), balanced_line(), switch(), other))
    solution = nodal.solve(layout)
    assert [one for one in solution.remarks if "no network does so" in one] == []
    close = {"ACLineSegment l": {"r": "0.0001", "x": "0.0001", "r0": "0.0001", "x0": "0.0001"}}
    line = balanced_line()
    line["ACLineSegment l"] |= close["ACLineSegment l"]
    solution = nodal.solve(Layout.of(viewed(source(), line, switch(), other)))
    [told] = [one for one in solution.remarks if "no network does so" in one]
    assert "Source s" in told
    assert "the short-circuit current that its impedance lets through" in told
