"""Steady-state short-circuit currents (IEC 60909-0, 10)."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dms_apps.short_circuit.told import iec60909
from dms_apps.solver.iec60909 import Method, factors, short_circuits
from dms_apps.solver.layout import Layout
from tests.cim.electrical.documents import terminals, viewed
from tests.cim.electrical.test_short_circuit import Objects, asynchronous, network, synchronous
from tests.dms_apps.solver.test_balanced import transformer
from tests.dms_apps.solver.test_iec60909 import LEVEL, QUIET, ROOT, TEN, at, cable

LEAST = Method(maximum=False, heat=20.0)


def machine(name: str = "g", node: str = "n", **said: str) -> Objects:
    """10 MVA, 10 kV, x" of 0.1."""
    own = synchronous(**QUIET, **said)["SynchronousMachine g"]
    return {f"SynchronousMachine {name}": own, **terminals(name, node)}


def island(*more: Objects) -> tuple[Objects, ...]:
    return (*more, {"ConnectivityNode n": LEVEL}, TEN)


def line(name: str, one: str, two: str) -> Objects:
    found = cable(name, one, two)
    del found[f"ACLineSegment {name}"]["ConductingEquipment.BaseVoltage"]
    return found


def test_of_a_machine_alone_it_is_not_computed_and_named() -> None:
    """Heat is of n = 1: Ith = Ik" sqrt(m + 1)."""
    view = viewed(*island(machine(), line("l", "n", "m")))
    found = short_circuits(view)
    for node in "nm":
        assert np.isnan(at(found, node, "steady"))
        kappa = found.faults.kappa[found.at(node)]
        heat = float(factors.m(np.array([kappa]), 1.0, 50.0)[0])
        assert at(found, node, "thermal") == pytest.approx(at(found, node) * math.sqrt(heat + 1))
    assert found.remarks[-1].startswith(
        "Steady-state current not computed at 2 buses, because SynchronousMachine g alone feed "
        "them: lambda_max is a curve"
    )
    table = iec60909(Layout.of(view), found)
    column = [name for name, _ in table.columns].index("Ik")
    assert [row[column] for row in table.rows] == [None, None]


def test_the_smallest_with_compound_excitation_by_hand() -> None:
    """Ik = cmin Un / (sqrt 3 |Z|) with XdP = UrG / (sqrt 3 IkP) of a machine of IkP = 1,800 A."""
    parts = island(machine(ikk="1800"), line("l", "n", "m"))
    found = short_circuits(viewed(*parts), method=LEAST)
    reactance = 10e3 / ROOT / 1800
    for node, z in (("n", 0.018 + 1j * reactance), ("m", 0.218 + 1j * (reactance + 0.4))):
        assert at(found, node, "steady") == pytest.approx(10e3 / ROOT / abs(z))
    assert at(found, "n", "steady") == pytest.approx(1800, rel=1e-4)
    assert not any("Steady-state" in one for one in found.remarks)
    initial = 10e3 / ROOT / abs(1.1 / (1 + 0.1 * 0.6) * (0.018 + 1j))
    assert at(found, "n") == pytest.approx(initial)
    largest = short_circuits(viewed(*parts))
    assert np.isnan(at(largest, "n", "steady"))


def test_parallel_machines_with_compound_excitation() -> None:
    """Two at one bus feed twice as much; with one that has none there is no number."""
    two = island(machine(ikk="1800"), machine("h", ikk="1800"))
    found = short_circuits(viewed(*two), method=LEAST)
    assert at(found, "n", "steady") == pytest.approx(3600, rel=1e-4)
    mixed = island(machine(ikk="1800"), machine("h"))
    found = short_circuits(viewed(*mixed), method=LEAST)
    assert np.isnan(at(found, "n", "steady"))
    assert any("lambda_min" in one and "g, h alone" in one for one in found.remarks)


def test_with_a_network_it_is_the_initial_one_without_motors() -> None:
    motor = asynchronous(ratedMechanicalPower="5e6")
    parts = [network(**{"ConductingEquipment.BaseVoltage": "#ten"}), machine(node="k"), TEN]
    parts += [line("l", "n", "k")]
    bare = short_circuits(viewed(*parts))
    found = short_circuits(viewed(*parts, motor))
    for node in "nk":
        assert at(found, node, "steady") == pytest.approx(at(bare, node))
        assert at(found, node) > at(bare, node)
    assert not any("teady-state" in one for one in found.remarks)


def test_motors_do_not_hold_up_the_current_of_a_machine_alone() -> None:
    motor = asynchronous(ratedMechanicalPower="5e6")
    found = short_circuits(viewed(*island(machine(), motor)))
    assert np.isnan(at(found, "n", "steady"))


def test_machines_at_several_places_are_a_meshed_network() -> None:
    found = short_circuits(viewed(*island(machine(), machine("h", "m"), line("l", "n", "m"))))
    assert at(found, "n", "steady") == pytest.approx(at(found, "n"))
    assert any("Machines alone feed from several places" in one for one in found.remarks)


def test_each_part_of_the_network_by_itself() -> None:
    """A machine alone beside a network that does not reach it."""
    apart = [network(), cable("c", "n", "m"), machine(node="k"), TEN]
    apart += [line("l", "k", "j"), {"ConnectivityNode k": LEVEL}]
    found = short_circuits(viewed(*apart))
    assert at(found, "m", "steady") == pytest.approx(at(found, "m"))
    assert [bool(np.isnan(at(found, node, "steady"))) for node in "nmkj"] == [
        False, False, True, True,
    ]  # fmt: skip


def test_a_power_station_unit_alone() -> None:
    """At both sides of its transformer; with compound excitation likewise, as its factor is one
    of the unit."""
    unit = transformer("t", "n", "m", (20e3, 10e3), "YNd5")
    unit["PowerTransformer t"] |= {"isPartOfGeneratorUnit": "true"}
    found = short_circuits(viewed(unit, machine(node="m", ikk="1800")), method=LEAST)
    assert [bool(np.isnan(at(found, node, "steady"))) for node in "nm"] == [True, True]
    assert at(found, "n") > 0
