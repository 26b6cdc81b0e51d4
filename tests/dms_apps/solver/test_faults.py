"""Faults against what a hand can compute by symmetrical components."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cim.electrical.injections import Response
from cim.electrical.view import View
from dms_apps.solver import fault_levels, faults, nodal
from dms_apps.solver.fault_levels import Levels
from dms_apps.solver.faults import Before, Fault, Impedance
from dms_apps.solver.given import Given
from dms_apps.solver.infeed import Infeed
from dms_apps.solver.layout import Layout
from dms_apps.solver.solution import Options
from dms_apps.solver.sources import with_forming
from tests.cim.electrical.documents import line, terminals, viewed
from tests.dms_apps.solver.feeder import VOLTS, Objects, balanced_line, feeder, load, source

V = VOLTS / np.sqrt(3)
SOURCE = 0.001 + 0.01j
ONE, ZERO = 1.001 + 2.01j, 3.001 + 6.01j
"""Ohm at n2: source and line."""


def flat(of: View, given: Given | None = None, **assumed: bool | float) -> Before:
    return Before.of(Layout.of(of), given, replace(Infeed(), **assumed))  # type: ignore[arg-type]


def highest(levels: Levels, node: str, kind: str) -> list[float]:
    rows = [r for r, one in enumerate(levels.kinds) if one == kind]
    return [float(levels.highest[r]) for r in rows if levels.nodes[levels.node[r]] == node]


# -- by hand


@pytest.mark.parametrize("impedance", [Impedance(), Impedance(0.5, 0.0), Impedance(0.3, 2 + 1j)])
def test_faults_by_symmetrical_components(impedance: Impedance) -> None:
    """J. L. Blackburn, Protective relaying: sequence networks in parallel and in series."""
    levels = fault_levels.everywhere(flat(feeder()), impedance)
    z, z0 = ONE + impedance.arc, ZERO + impedance.arc + 3 * impedance.earth
    by_hand = {
        "3ph": V / abs(z),
        "3ph-earth": V / abs(z),
        "2ph": np.sqrt(3) * V / abs(2 * z),
        "1ph-earth": 3 * V / abs(2 * z + z0),
    }
    for kind, expected in by_hand.items():
        found = highest(levels, "n2", kind)
        assert len(found) == {"3": 1, "2": 3, "1": 3}[kind[0]]
        assert found == pytest.approx([expected] * len(found), rel=1e-6), kind
    double = [r for r, one in enumerate(levels.kinds) if one == "2ph-earth"]
    at = [levels.to_earth[r] for r in double if levels.nodes[levels.node[r]] == "n2"]
    assert at == pytest.approx([3 * V / abs(z + 2 * z0)] * 3, rel=1e-6)


def test_reactance_over_resistance_is_of_the_loop_without_the_fault() -> None:
    levels = fault_levels.everywhere(flat(feeder()), Impedance(0.4, 3.0), ["n2"])
    found = dict(zip(levels.kinds, levels.x_r.tolist(), strict=True))
    assert found["3ph"] == pytest.approx(2.01 / 1.001, rel=1e-4)
    assert found["2ph"] == pytest.approx(2.01 / 1.001, rel=1e-4)
    loop = 2 * ONE + ZERO
    assert found["1ph-earth"] == pytest.approx(loop.imag / loop.real, rel=1e-4)


def test_the_voltage_factor_scales_all_currents() -> None:
    layout = Layout.of(feeder())
    once = fault_levels.everywhere(Before.of(layout))
    more = fault_levels.everywhere(Before.of(layout, scale=1.1))
    assert more.current == pytest.approx(1.1 * once.current, rel=1e-12)


MACHINE: Objects = {
    "SynchronousMachine g": {
        "RotatingMachine.ratedS": "2e6",
        "RotatingMachine.ratedU": f"{VOLTS}",
        "RotatingMachine.ratedPowerFactor": "0.9",
        "satDirectSubtransX": "0.2",
        "r": "1",
        "RotatingMachine.p": "0",
        "RotatingMachine.q": "0",
    },
    **terminals("g", "n3"),
}
INVERTER: Objects = {
    "PowerElectronicsConnection i": {
        "ratedS": "600e3",
        "ratedU": f"{VOLTS}",
        "p": "-300e3",
        "q": "0",
    },
    **terminals("i", "n3"),
}


def test_a_machine_feeds_through_its_subtransient_impedance() -> None:
    before = flat(feeder(load(), MACHINE))
    machine, passed = complex(1, 0.2 * VOLTS**2 / 2e6), 1e-4
    [found] = highest(fault_levels.everywhere(before, nodes=["n3"]), "n3", "3ph")
    assert found == pytest.approx(abs(V / (ONE + passed) + V / machine), rel=1e-6)
    during = faults.during(before, Fault("n3", ("A", "B", "C"), earth=False))
    assert abs(during.of("g")[1][0]) == pytest.approx(V / abs(machine), rel=1e-6)
    assert abs(during.of("l")[1][0]) == pytest.approx(V / abs(ONE + passed), rel=1e-6)


def test_a_machine_without_an_earthed_star_point_feeds_no_zero_sequence() -> None:
    """With its breaker open it is alone: an earth fault behind it draws what the line does."""
    before = flat(feeder(load(), MACHINE))
    found = faults.during(before, Fault("n3", ("A",), earth=True)).of("g")[1]
    assert abs(found.sum()) < 1e-6 * np.abs(found).max()
    assert np.abs(found).max() > 10


def test_a_machine_without_data_is_named() -> None:
    bare = {"SynchronousMachine g": {"RotatingMachine.p": "0", "RotatingMachine.q": "0"}}
    before = flat(feeder(load(), bare | terminals("g", "n3")))
    assert any("SynchronousMachine g has no short-circuit data" in one for one in before.remarks)


def test_an_inverter_feeds_its_limit_of_reactive_current() -> None:
    before = flat(feeder(load(), INVERTER), inverters=1.5)
    rated = 600e3 / np.sqrt(3) / VOLTS
    during = faults.during(before, Fault("n3", ("A", "B", "C"), earth=False))
    fed = during.of("i")[1]
    assert fed == pytest.approx(1j * 1.5 * rated * np.exp(-2j * np.pi / 3 * np.arange(3)), rel=1e-6)
    without = flat(feeder(load(), INVERTER), inverters=0)
    [more] = highest(fault_levels.everywhere(before), "n3", "3ph")
    [less] = highest(fault_levels.everywhere(without), "n3", "3ph")
    line = V / (ONE + 1e-4)
    assert less == pytest.approx(abs(line), rel=1e-6)
    assert more == pytest.approx(abs(line - 1.5j * rated), rel=1e-6)


@pytest.mark.parametrize("generator", ["g", "i"])
def test_what_holds_the_voltage_of_an_island_gives_no_more_than_it_can(generator: str) -> None:
    """With the switch open n3 is an island of its own."""
    own = MACHINE if generator == "g" else INVERTER
    opened = Given(poles={"w": frozenset()})
    layout, remarks = with_forming(Layout.of(feeder(load(), own)), opened, {generator})
    assert remarks
    before = Before.of(layout, opened, Infeed(inverters=1.5))
    [found] = highest(fault_levels.everywhere(before, nodes=["n3"]), "n3", "3ph")
    machine = V / abs(complex(1, 0.2 * VOLTS**2 / 2e6))
    expected = machine if generator == "g" else 1.5 * 600e3 / np.sqrt(3) / VOLTS
    assert found == pytest.approx(expected, rel=1e-6)


def test_a_network_behind_an_injection_has_the_strength_that_it_says() -> None:
    injection: Objects = {
        "ExternalNetworkInjection s": {
            "maxInitialSymShCCurrent": "5000",
            "maxR1ToX1Ratio": "0.1",
            "maxZ0ToZ1Ratio": "2",
            "minInitialSymShCCurrent": "3000",
            "minR1ToX1Ratio": "0.1",
            "voltageFactor": "1.1",
            "ConductingEquipment.BaseVoltage": "#base",
        },
        "BaseVoltage base": {"nominalVoltage": f"{VOLTS}"},
        **terminals("s", "n1"),
    }
    of = viewed(injection, balanced_line())
    strong = fault_levels.everywhere(Before.of(Layout.of(of), scale=1.1))
    assert highest(strong, "n1", "3ph") == pytest.approx([5000], rel=1e-6)
    assert highest(strong, "n1", "1ph-earth") == pytest.approx([3 * 5000 / 4] * 3, rel=1e-6)
    weak = fault_levels.everywhere(
        Before.of(Layout.of(of), assumed=Infeed(weakest=True), scale=1.1)
    )
    assert highest(weak, "n1", "3ph") == pytest.approx([3000], rel=1e-6)
    assert max(highest(weak, "n1", "1ph-earth")) < 1


# -- without earth, and with fewer phases


def delta(*more: Objects) -> View:
    """source -- n1, delta-delta 10/5 kV, n2 ==line== n3, a network without earth."""
    transformer: Objects = {
        "PowerTransformer t": {},
        **terminals("t", "n1", "n2"),
    }
    for number, volts in ((1, VOLTS), (2, VOLTS / 2)):
        transformer[f"PowerTransformerEnd t_e{number}"] = {
            "PowerTransformer": "#t",
            "TransformerEnd.endNumber": f"{number}",
            "TransformerEnd.Terminal": f"#t_t{number}",
            "ratedU": f"{volts}",
            "ratedS": "1e6",
            "r": "0.5" if number == 1 else "0",
            "x": "5" if number == 1 else "0",
            "connectionKind": "~WindingConnection.D",
            "phaseAngleClock": "0",
        }
    return viewed(source(), transformer, balanced_line(nodes=("n2", "n3")), *more)


def test_an_earth_fault_in_a_network_without_earth_draws_nothing() -> None:
    before = flat(delta())
    levels = fault_levels.everywhere(before, nodes=["n3"])
    z = (0.501 + 5.01j) / 4 + 1 + 2j
    assert highest(levels, "n3", "3ph") == pytest.approx([V / 2 / abs(z)], rel=1e-5)
    assert highest(levels, "n3", "3ph-earth") == pytest.approx([V / 2 / abs(z)], rel=1e-5)
    assert highest(levels, "n3", "2ph-earth") == pytest.approx(highest(levels, "n3", "2ph"))
    assert highest(levels, "n3", "1ph-earth") == [0, 0, 0]
    found = faults.during(before, Fault("n3", ("A",), earth=True))
    assert np.abs(found.of("l")[1]).max() < 1e-4
    assert found.at("n2", "A") == pytest.approx(0, abs=1e-3)
    assert abs(found.at("n2", "B")) == pytest.approx(VOLTS / 2, rel=1e-6)
    assert abs(found.at("n1", "B")) == pytest.approx(V, rel=1e-6)


def four_wires() -> View:
    """source -- n1, delta-star 10/0.4 kV, n2 ==A, B, C and N== n3; the star point is earthed."""
    transformer: Objects = {"PowerTransformer t": {}, **terminals("t", "n1", "n2")}
    transformer["Terminal t_t2"]["phases"] = "~PhaseCode.ABCN"
    for number, volts, kind in ((1, VOLTS, "D"), (2, 400.0, "Yn")):
        transformer[f"PowerTransformerEnd t_e{number}"] = {
            "PowerTransformer": "#t",
            "TransformerEnd.endNumber": f"{number}",
            "TransformerEnd.Terminal": f"#t_t{number}",
            "ratedU": f"{volts}",
            "ratedS": "250e3",
            "r": "4" if number == 1 else "0",
            "x": "16" if number == 1 else "0",
            "connectionKind": f"~WindingConnection.{kind}",
            "phaseAngleClock": "0" if number == 1 else "11",
            "TransformerEnd.grounded": "true" if number == 2 else "false",
            "TransformerEnd.rground": "2" if number == 2 else "0",
        }
    wires: Objects = {
        "PerLengthPhaseImpedance z": {"conductorCount": "4"},
        **{
            f"PhaseImpedanceData z{i}{j}": {
                "PhaseImpedance": "#z",
                "row": f"{i}",
                "column": f"{j}",
                "r": "3e-4" if i == j else "0.5e-4",
                "x": "4e-4" if i == j else "2e-4",
                "b": "0",
            }
            for i in range(1, 5)
            for j in range(1, i + 1)
        },
    }
    said = {"PerLengthImpedance": "#z", "Conductor.length": "200"}
    return viewed(source(), transformer, wires, line("w", said, "ABCN", ("n2", "n3")))


def test_a_fault_to_the_neutral_is_a_loop_of_two_wires() -> None:
    levels = fault_levels.everywhere(flat(four_wires()))
    leakage = (4 + 16j + SOURCE) * (400 / VOLTS) ** 2
    own, mutual = 200 * (3e-4 + 4e-4j), 200 * (0.5e-4 + 2e-4j)
    # Behind the delta the source is in the positive and negative sequence only.
    at_source = leakage - SOURCE * (400 / VOLTS) ** 2 / 3
    loop = at_source + 2 * own - 2 * mutual
    found = highest(levels, "n3", "1ph-neutral")
    assert found == pytest.approx([400 / np.sqrt(3) / abs(loop)] * 3, rel=1e-4)
    through_earth = at_source + own + 2
    found = highest(levels, "n3", "1ph-earth")
    assert found == pytest.approx([400 / np.sqrt(3) / abs(through_earth)] * 3, rel=1e-3)


def test_laterals_have_the_faults_of_their_phases() -> None:
    said = {"r": "1", "x": "2", "r0": "3", "x0": "6", "Conductor.length": "1000"}
    lateral, two = line("m", said, "B", ("n2", "n4")), line("o", said, "CA", ("n2", "n5"))
    levels = fault_levels.everywhere(flat(viewed(source(), balanced_line(), lateral, two)))
    kinds: dict[str, list[tuple[str, str]]] = {}
    for row, kind in enumerate(levels.kinds):
        node = levels.nodes[levels.node[row]]
        kinds.setdefault(node, []).append((kind, "".join(levels.phases(row))))
    assert kinds["n4"] == [("1ph-earth", "B")]
    assert sorted(kinds["n5"]) == [
        *(("1ph-earth", "A"), ("1ph-earth", "C"), ("2ph", "AC"), ("2ph-earth", "AC"))
    ]
    assert len(kinds["n2"]) == 11
    own = (2 * ONE + ZERO) / 3 + (2 * (1 + 2j) + 3 + 6j) / 3
    assert highest(levels, "n4", "1ph-earth") == pytest.approx([V / abs(own)], rel=1e-6)


def test_what_nothing_feeds_has_no_fault() -> None:
    before = flat(feeder(), Given(poles={"w": frozenset("AB")}))
    levels = fault_levels.everywhere(before)
    assert {p for r in range(len(levels.node)) for p in levels.phases(r)
            if levels.nodes[levels.node[r]] == "n3"} == {"A", "B"}  # fmt: skip
    with pytest.raises(ValueError, match="nothing feeds n3 on C"):
        faults.during(before, Fault("n3", ("C",), earth=True))


# -- from a load flow


def unbalanced(constant: str = "impedance") -> View:
    of = feeder(
        load(A=(300e3, 100e3), B=(500e3, 0.0), C=(100e3, 200e3)),
        load(0, 0, name="e", node="n2", connection="D", A=(200e3, 50e3)),
    )
    shares = (1.0, 0.0, 0.0) if constant == "impedance" else (0.0, 0.0, 1.0)
    response = Response(shares, shares)
    return replace(of, loads=tuple(replace(one, response=response) for one in of.loads))


def test_a_fault_with_loads_is_what_a_ground_in_the_network_does() -> None:
    """With loads of constant impedance a load flow with the place earthed is the same thing."""
    layout = Layout.of(unbalanced())
    before = Before.after(nodal.solve(layout))
    found = faults.during(before, Fault("n2", ("A",), True, Impedance(earth=1e-6)))
    earthed = Given(earthed=frozenset({("n2", "A")}))
    by_ground = nodal.solve(layout, earthed, Options(iterations=2000))
    assert by_ground.converged
    assert found.volts == pytest.approx(by_ground.volts, rel=1e-6, abs=1e-3)
    assert found.current == pytest.approx(by_ground.current, rel=1e-6, abs=1e-4)


def test_before_a_fault_it_is_the_load_flow() -> None:
    """What a fault of almost no current leaves; loads of constant power keep their currents."""
    solution = nodal.solve(Layout.of(unbalanced("power")))
    before = Before.after(solution)
    found = faults.during(before, Fault("n3", ("B",), True, Impedance(earth=1e9)))
    assert found.volts == pytest.approx(solution.volts, rel=1e-6)
    assert found.current == pytest.approx(solution.current, rel=1e-5, abs=1e-4)


def test_a_load_flow_that_did_not_converge_is_refused() -> None:
    with pytest.raises(ValueError, match="did not converge"):
        Before.after(nodal.solve(Layout.of(feeder(load(900e6, 300e6)))))
