"""Steady-state short-circuit currents (IEC 60909-0, 10)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from dms_apps.short_circuit.told import iec60909
from dms_apps.solver.iec60909 import Curve, Method, factors, short_circuits
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
        "them: of lambda_max, which IEC 60909-0 (10) has in figures only, no curve"
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


# -- by curves that are given; these are none of the standard

LOW = Curve("turboSeries1", "max", 1.6, (0.0, 2.0, 12.0), (0.0, 1.5, 2.0))
HIGH = Curve("turboSeries1", "max", 2.0, (0.0, 2.0, 12.0), (0.0, 1.2, 1.6))
CURVED = {"satDirectSyncX": "1.8", "shortCircuitRotorType": "~ShortCircuitRotorKind.turboSeries1"}
RATED = 10e6 / ROOT / 10e3


def between(ratio: float) -> float:
    """Lambda of 1.8, half way between the two, by hand."""
    low, high = (a + (b - a) * (ratio - 2) / 10 for a, b in ((1.5, 2.0), (1.2, 1.6)))
    return (low + high) / 2


def by_curves(*parts: Objects, curves: tuple[Curve, ...] = (LOW, HIGH), **said: Any) -> Any:
    return short_circuits(viewed(*parts), method=Method(curves=curves, **said))


def test_lambda_by_curves() -> None:
    """At the terminals and behind a line: Ik = lambda IrG, lambda at I"kG / IrG."""
    found = by_curves(*island(machine(**CURVED), line("l", "n", "m")))
    for node in "nm":
        ratio = at(found, node) / RATED
        assert 2 < ratio < 12
        assert at(found, node, "steady") == pytest.approx(between(ratio) * RATED)
        assert at(found, node, "thermal") < at(found, node) * 1.2
    assert not any("teady-state" in one for one in found.remarks)


def test_lambda_behind_a_transformer() -> None:
    """20/10 kV: what the machine gives is half of it at the high side."""
    unit = transformer("t", "n", "m", (20e3, 10e3), "YNd5")
    found = by_curves(unit, machine(node="m", **CURVED))
    ratio = 2 * at(found, "n") / RATED
    assert at(found, "n", "steady") == pytest.approx(between(ratio) * RATED / 2)


def test_lambda_of_a_power_station_unit() -> None:
    unit = transformer("t", "n", "m", (20e3, 10e3), "YNd5")
    unit["PowerTransformer t"] |= {"isPartOfGeneratorUnit": "true"}
    found = by_curves(unit, machine(node="m", **CURVED))
    for node, times in (("n", 2), ("m", 1)):
        ratio = times * at(found, node) / RATED
        assert at(found, node, "steady") == pytest.approx(between(ratio) * RATED / times)


def test_lambda_of_parallel_machines_and_beside_motors() -> None:
    """Each by its own current; motors add to the initial current and to nothing else."""
    motor = asynchronous(ratedMechanicalPower="5e6")
    one = by_curves(*island(machine(**CURVED)))
    two = by_curves(*island(machine(**CURVED), machine("h", **CURVED)))
    assert at(two, "n", "steady") == pytest.approx(2 * at(one, "n", "steady"))
    beside = by_curves(*island(machine(**CURVED), motor))
    assert at(beside, "n", "steady") == pytest.approx(at(one, "n", "steady"))
    assert at(beside, "n") > at(one, "n")


@pytest.mark.parametrize(
    ("said", "curves"),
    [
        ({**CURVED, "satDirectSyncX": "2.2"}, (LOW, HIGH)),
        ({"satDirectSyncX": "1.8"}, (LOW, HIGH)),
        ({"shortCircuitRotorType": "~ShortCircuitRotorKind.turboSeries1"}, (LOW, HIGH)),
        (CURVED, (Curve("salientPole1", "max", 1.8, (0.0, 12.0), (0.0, 2.0)),)),
        (CURVED, (Curve("turboSeries1", "min", 1.8, (0.0, 12.0), (0.0, 0.5)),)),
        (CURVED, (Curve("turboSeries1", "max", 1.8, (0.0, 2.0), (0.0, 1.5)),)),
    ],
)
def test_without_its_own_curve_there_is_no_number(
    said: dict[str, str], curves: tuple[Curve, ...]
) -> None:
    found = by_curves(*island(machine(**said)), curves=curves)
    assert np.isnan(at(found, "n", "steady"))
    assert "no curve is given" in found.remarks[-1]


def test_the_smallest_by_curves_of_its_own() -> None:
    least = Curve("turboSeries1", "min", 1.8, (0.0, 2.0, 12.0), (0.0, 0.5, 0.6))
    found = by_curves(*island(machine(**CURVED)), curves=(LOW, HIGH, least), maximum=False)
    ratio = at(found, "n") / RATED
    assert at(found, "n", "steady") == pytest.approx((0.5 + 0.1 * (ratio - 2) / 10) * RATED)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"rotor": "turbo"}, "curve of turbo, max, 1.6: rotor is one of turboSeries1, "),
        ({"x": 0.0}, "x must be above 0"),
        ({"factor": (0.0, -1.0, 2.0)}, "factor from 0 up"),
        ({"ratio": (0.0, 2.0)}, "as many values as factor"),
        ({"ratio": (0.0, 2.0, 2.0)}, "ratio must rise"),
    ],
)
def test_what_is_no_curve_is_refused(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Curve(**{**vars(LOW), **wrong})
