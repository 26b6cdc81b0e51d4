"""Short circuits by IEC 60909: what a hand can compute."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from dms_apps.solver.given import Given
from dms_apps.solver.iec60909 import Method, ShortCircuits, short_circuits
from dms_apps.solver.layout import Layout
from dms_apps.solver.nodal import Nodal
from tests.cim.electrical.documents import line, matrix, terminals, viewed
from tests.cim.electrical.test_short_circuit import Objects, asynchronous, network, synchronous
from tests.dms_apps.solver.feeder import switch
from tests.dms_apps.solver.test_balanced import transformer

ROOT = math.sqrt(3)
QUIET = {"earthing": "false"}


def cable(name: str, one: str, two: str, r: float = 0.2, x: float = 0.4, km: float = 1) -> Objects:
    said = {"r": r * km, "x": x * km, "r0": 3 * r * km, "x0": 4 * x * km}
    words = {key: f"{value}" for key, value in said.items()}
    return line(name, {**words, "ConductingEquipment.BaseVoltage": "#v"}, nodes=(one, two))


def at(found: ShortCircuits, node: str, column: str = "three") -> float:
    return float(getattr(found.faults, column)[found.at(node)])


# -- by hand


def test_at_a_network_its_own_current() -> None:
    """20 kV, 10 kA, R/X 0.1; Z0 is 2.5 Z1 with R0/X0 0.3."""
    found = short_circuits(viewed(network(), cable("l", "n", "m")))
    assert at(found, "n") == pytest.approx(10e3)
    kappa = 1.02 + 0.98 * math.exp(-0.3)
    assert at(found, "n", "peak") == pytest.approx(kappa * math.sqrt(2) * 10e3)
    assert at(found, "n", "two") == pytest.approx(ROOT / 2 * 10e3)
    z = 1.1 * 20e3 / ROOT / 10e3
    one, zero = (complex(r, 1) / math.hypot(1, r) * z * k for r, k in ((0.1, 1), (0.3, 2.5)))
    assert at(found, "n", "single") == pytest.approx(ROOT * 1.1 * 20e3 / abs(2 * one + zero))
    both = abs(one * one + 2 * one * zero)
    earth = ROOT * 1.1 * 20e3 * abs(one) / both
    assert at(found, "n", "earth_two_e") == pytest.approx(earth)
    for column in ("breaking", "steady"):
        assert at(found, "n", column) == pytest.approx(10e3)
    behind = abs(one + complex(0.2, 0.4))
    assert at(found, "m") == pytest.approx(1.1 * 20e3 / ROOT / behind)


def test_smallest_currents_are_of_hot_lines_and_of_the_weak_network() -> None:
    weak = network(minInitialSymShCCurrent="5000", minR1ToX1Ratio="0.1")
    found = short_circuits(viewed(weak, cable("l", "n", "m")), method=Method(maximum=False))
    assert at(found, "n") == pytest.approx(5e3)
    z = 20e3 / ROOT / 5e3 / math.hypot(1, 0.1)
    hot = complex(0.1 * z + 0.2 * (1 + 0.004 * 60), z + 0.4)
    assert at(found, "m") == pytest.approx(20e3 / ROOT / abs(hot))
    assert any("1 lines do not say the temperature" in remark for remark in found.remarks)


def test_the_neutral_of_a_line_returns_current_as_one_that_is_earthed() -> None:
    """A line of four wires counts as one of three, with its neutral reduced."""
    apart = {f"{i},{j}": "1e-4 3e-4" for i in range(1, 5) for j in range(1, i)}
    wires = matrix("z", {**apart, **{f"{i},{i}": "4e-4 9e-4" for i in range(1, 5)}})
    said = {"PerLengthImpedance": "#z", "Conductor.length": "1000"}
    view = viewed(network(), line("l", said, "ABCN", ("n", "m")), wires)
    assert view.lines[0].phases == ("A", "B", "C", "N")
    mine = short_circuits(view)
    theirs = short_circuits(replace(view, lines=tuple(one.earthed() for one in view.lines)))
    for column in ("three", "single"):
        assert 0 < at(mine, "m", column) < at(mine, "n", column)
        assert at(mine, "m", column) == pytest.approx(at(theirs, "m", column))


def test_a_machine_alone() -> None:
    """K_G, and the least current of it when contacts part: 6.6.1, 9.1.1."""
    found = short_circuits(viewed(synchronous(**QUIET), {"ConnectivityNode n": LEVEL}, TEN))
    factor = 1.1 / (1 + 0.1 * 0.6)
    z = factor * complex(0.018, 1.0)
    initial = 1.1 * 10e3 / ROOT / abs(z)
    assert at(found, "n") == pytest.approx(initial)
    rated = 10e6 / ROOT / 10e3
    decay = 0.62 + 0.72 * math.exp(-0.32 * initial / rated)
    drop = 1j * z.imag * (1.1 * 10e3 / ROOT / z) / (1.1 * 10e3 / ROOT)
    assert at(found, "n", "breaking") == pytest.approx(initial * abs(1 - (1 - decay) * drop))
    assert at(found, "n", "single") == 0
    assert np.isnan(at(found, "n", "steady"))
    assert at(found, "n", "earth_two_e") == 0
    assert at(found, "n", "earth_two_b") == pytest.approx(at(found, "n", "two"))


LEVEL = {"ConnectivityNodeContainer": "#level"}
TEN: Objects = {
    "VoltageLevel level": {"BaseVoltage": "#ten"},
    "BaseVoltage ten": {"nominalVoltage": "10000"},
}


def test_an_earthed_machine_with_another_negative_sequence() -> None:
    said = {"earthing": "true", "earthingStarPointX": "2", "x2": "1.5", "x0": "0.5"}
    found = short_circuits(viewed(synchronous(**said), {"ConnectivityNode n": LEVEL}, TEN))
    factor = 1.1 / (1 + 0.1 * 0.6)
    one, two, zero = factor * complex(0.018, 1), factor * 1.5j, factor * 0.5j + 6j
    assert at(found, "n", "two") == pytest.approx(11e3 / abs(one + two))
    assert at(found, "n", "single") == pytest.approx(ROOT * 11e3 / abs(one + two + zero))


def test_motors_feed_and_decay_and_are_gone_in_the_end() -> None:
    motor, grid = asynchronous(), network(**{"ConductingEquipment.BaseVoltage": "#ten"})
    view = viewed(grid, motor, TEN)
    found = short_circuits(view)
    start = 5 * view.short_circuit.asynchronous[0].rated_current
    assert at(found, "n") == pytest.approx(10e3 + 1.1 * start, rel=1e-3)
    assert at(found, "n", "steady") == pytest.approx(10e3)
    assert 10e3 < at(found, "n", "breaking") < at(found, "n")
    least = short_circuits(view, method=Method(maximum=False))
    assert any("1 asynchronous machines are left out" in remark for remark in least.remarks)


def test_small_motors_are_left_out() -> None:
    """A rated current of 336 A beside 10 kA is more than 1 %, beside 40 kA less."""
    for current, omitted in ((10e3, False), (40e3, True)):
        grid = network(maxInitialSymShCCurrent=f"{current}")
        grid["ExternalNetworkInjection q"]["ConductingEquipment.BaseVoltage"] = "#ten"
        found = short_circuits(viewed(grid, asynchronous(), TEN), method=Method())
        assert (at(found, "n") == pytest.approx(current)) == omitted
        assert any("at most 1 %" in remark for remark in found.remarks) == omitted


def test_drives_that_feed_back_do_so_in_three_phases_and_not_for_long() -> None:
    grid = network(**{"ConductingEquipment.BaseVoltage": "#ten"})
    drive = asynchronous(converterFedDrive="true")
    found = short_circuits(viewed(grid, drive, TEN))
    assert at(found, "n") > 10.5e3
    assert at(found, "n", "breaking") == pytest.approx(10e3)
    still = short_circuits(
        viewed(grid, asynchronous(converterFedDrive="true", reversible="false"), TEN)
    )
    assert at(still, "n") == pytest.approx(10e3)
    assert "Drive m cannot feed back and is left out (6.11)." in still.remarks


def inverter(**said: str) -> Objects:
    return {
        **terminals("i", "m"),
        "PowerElectronicsConnection i": {
            "p": "0", "q": "0", "ratedS": "10e6", "ratedU": "20000", **said,
        },
    }  # fmt: skip


def test_inverters_are_sources_of_current() -> None:
    """At their own bus their current adds; further away by the ratio of impedances (7.1)."""
    plain = short_circuits(viewed(network(), cable("l", "n", "m")))
    limited = viewed(network(), cable("l", "n", "m"), inverter(maxIFault="1.2"))
    found = short_circuits(limited)
    more = 1.2 * 10e6 / ROOT / 20e3
    assert at(found, "m") - at(plain, "m") == pytest.approx(more)
    assert at(found, "n") - at(plain, "n") == pytest.approx(more)
    rise = at(found, "m", "peak") - at(plain, "m", "peak")
    assert rise == pytest.approx(math.sqrt(2) * more)
    silent = short_circuits(
        viewed(network(), cable("l", "n", "m"), inverter()), method=Method(inverter=2.0)
    )
    assert at(silent, "m") - at(plain, "m") == pytest.approx(more * 2 / 1.2)


def test_what_nothing_feeds_has_no_current() -> None:
    view = viewed(network(), cable("l", "n", "m"), switch("w", ("m", "k")), cable("f", "k", "j"))
    closed = short_circuits(view)
    assert at(closed, "k") == at(closed, "m") > at(closed, "j") > 0
    opened = short_circuits(view, Given(poles={"w": frozenset()}))
    assert [at(opened, node) for node in "kj"] == [0, 0]
    assert at(opened, "m") == pytest.approx(at(closed, "m"))
    dead = short_circuits(view, Given(out=frozenset({"q"})))
    assert not dead.faults.three.any()
    assert "Nothing feeds a short circuit" in dead.remarks[-1]


def test_a_switch_that_passes_some_phases_is_named() -> None:
    view = viewed(network(), cable("l", "n", "m"), switch("w", ("m", "k")), cable("f", "k", "j"))
    found = short_circuits(view, Given(poles={"w": frozenset("AB")}))
    assert math.isnan(at(found, "k"))
    assert any(r.startswith("LoadBreakSwitch w passes A, B only") for r in found.remarks)


def test_a_stiff_source_is_named() -> None:
    stiff = {
        **terminals("s", "n"),
        "EnergySource s": {"voltageMagnitude": "20000", "nominalVoltage": "20000"},
        "BaseVoltage v": {"nominalVoltage": "20000"},
    }
    found = short_circuits(viewed(stiff, cable("l", "n", "m")))
    assert at(found, "m") == pytest.approx(1.1 * 20e3 / ROOT / math.hypot(0.2, 0.4), rel=1e-4)
    assert any("EnergySource s has no impedance" in remark for remark in found.remarks)


# -- what single phases make together


def alone(kind: str, name: str, phase: str, nodes: tuple[str, str]) -> Objects:
    if kind == "line":
        said = {"r": "0.2", "x": "0.4", "r0": "0.2", "x0": "0.4"}
        return line(f"{name}{phase}", said, phase, nodes)
    found = switch(f"{name}{phase}", nodes)
    found[f"SwitchPhase {name}{phase}_p"] = {
        "Switch": f"#{name}{phase}", "phaseSide1": f"~SinglePhaseKind.{phase}",
    }  # fmt: skip
    return found


@pytest.mark.parametrize("kind", ["line", "switch"])
def test_devices_of_each_phase_between_two_nodes_make_one(kind: str) -> None:
    parts = [alone(kind, "s", phase, ("n", "m")) for phase in "ABC"]
    found = short_circuits(viewed(network(), *parts, cable("f", "m", "k")))
    whole = line("l", {"r": "0.2", "x": "0.4", "r0": "0.2", "x0": "0.4"}, nodes=("n", "m"))
    same = {"line": whole, "switch": switch("w", ("n", "m"))}[kind]
    expected = short_circuits(viewed(network(), same, cable("f", "m", "k")))
    for column in ("three", "single", "peak"):
        assert at(found, "k", column) == pytest.approx(at(expected, "k", column))
    lacking = short_circuits(viewed(network(), *parts[:2], cable("f", "m", "k")))
    assert math.isnan(at(lacking, "k"))


# -- beside the phases


def earthed(name: str, nodes: tuple[str, str], group: str, ground: float) -> Objects:
    """A transformer of 20/10 kV whose earthed star has `ground` ohm of reactance to earth."""
    found = transformer(name, *nodes, (20e3, 10e3), group)
    for i in range(2):
        end = found[f"PowerTransformerEnd {name}_e{i}"]
        end |= {"g": "0", "b": "0", "r0": end["r"], "x0": f"{0.9 * float(end['x'])}"}
        if end["TransformerEnd.grounded"] == "true":
            end["TransformerEnd.xground"] = f"{ground}"
    return found


@pytest.mark.parametrize("group", ["Dyn5", "YNyn0", "YNd1"])
@pytest.mark.parametrize("ground", [0.0, 3.0])
def test_impedances_are_those_of_the_phases(group: str, ground: float) -> None:
    """Of the admittance matrix over phases, by symmetrical components; no factors, no heat."""
    stiff = {
        **terminals("s", "n"),
        "EnergySource s": {
            "voltageMagnitude": "20000", "r": "0.1", "x": "1", "r0": "0.3", "x0": "2",
        },
        "BaseVoltage v": {"nominalVoltage": "20000"},
    }  # fmt: skip
    parts = [stiff, cable("l", "n", "h"), earthed("t", ("h", "m"), group, ground)]
    parts += [cable("f", "m", "k"), cable("g", "m", "k", km=3)]
    view = viewed(*parts)
    found = short_circuits(view, method=Method(maximum=False, heat=20.0))
    layout = Layout.of(view)
    phases = Nodal.of(layout)
    turn = np.exp(2j * np.pi / 3)
    components = np.array([[1, 1, 1], [1, turn**2, turn], [1, turn, turn**2]])
    for node in "nhmk":
        z = phases.thevenin([layout.number[node, phase] for phase in "ABC"])
        zero, one, _ = np.diag(np.linalg.inv(components) @ z @ components)
        place = found.at(node)
        assert found.faults.one[place] == pytest.approx(one, rel=1e-6)
        if abs(zero) < 1e4:
            assert found.faults.zero[place] == pytest.approx(zero, rel=1e-5)
        else:
            assert np.isinf(found.faults.zero[place])
