"""Short-circuit data, networks behind injections, nominal voltages of nodes."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cim.electrical.short_circuit import Operation, Strength
from cim.electrical.view import View
from tests.cim.electrical.documents import terminals, viewed

Objects = dict[str, dict[str, str]]
BASE: Objects = {"BaseVoltage v": {"nominalVoltage": "20000"}}


def network(**said: str) -> Objects:
    return {
        **BASE,
        **terminals("q", "n"),
        "ExternalNetworkInjection q": {
            "ConductingEquipment.BaseVoltage": "#v",
            "maxInitialSymShCCurrent": "10000",
            "maxR1ToX1Ratio": "0.1",
            "maxZ0ToZ1Ratio": "2.5",
            "maxR0ToX0Ratio": "0.3",
            "minInitialSymShCCurrent": "0",
            **said,
        },
    }


def synchronous(**said: str) -> Objects:
    return {
        **terminals("g", "n"),
        "SynchronousMachine g": {
            "RotatingMachine.ratedS": "10e6",
            "RotatingMachine.ratedU": "10000",
            "RotatingMachine.ratedPowerFactor": "0.8",
            "RotatingMachine.p": "0",
            "RotatingMachine.q": "0",
            "satDirectSubtransX": "0.1",
            "r": "0.018",
            **said,
        },
    }


def asynchronous(**said: str) -> Objects:
    return {
        **terminals("m", "n"),
        "AsynchronousMachine m": {
            "RotatingMachine.ratedU": "10000",
            "RotatingMachine.ratedPowerFactor": "0.88",
            "RotatingMachine.p": "0",
            "RotatingMachine.q": "0",
            "ratedMechanicalPower": "5e6",
            "efficiency": "97.5",
            "iaIrRatio": "5",
            "polePairNumber": "1",
            **said,
        },
    }


def problems(found: View) -> str:
    return " ".join(found.short_circuit.problems)


def test_feeder() -> None:
    [found] = viewed(network()).short_circuit.feeders
    assert found.maximum == Strength(10000, 0.1, 2.5, 0.3)
    assert (found.minimum, found.factor, found.port.node) == (None, None, "n")


def test_feeder_that_says_nothing_or_nonsense_is_named() -> None:
    nothing = viewed(network(maxInitialSymShCCurrent="0"))
    assert nothing.short_circuit.feeders == ()
    assert "ExternalNetworkInjection q is left out: it has no initial" in problems(nothing)
    odd = viewed(network(maxR1ToX1Ratio="-1", voltageFactor="9"))
    assert "has a maxR1ToX1Ratio of -1, which is not used" in problems(odd)
    assert "has no maxR1ToX1Ratio; 0.1 is taken" in problems(odd)
    assert "has a voltageFactor of 9, which is not used" in problems(odd)
    assert odd.problems == viewed(network()).problems


def test_synchronous_machine() -> None:
    said = {"earthing": "true", "earthingStarPointX": "3", "voltageRegulationRange": "5"}
    [found] = viewed(synchronous(x2="1.2", **said)).short_circuit.synchronous
    assert (found.rated_z, found.r, found.x_subtransient) == (10, 0.018, 0.1)
    assert found.rated_current == pytest.approx(577.35, abs=0.01)
    assert (found.z2, found.z0, found.earthing) == (1.2j, None, 3j)
    assert (found.regulation, found.compound, found.rotor) == (0.05, None, "")


def test_sequence_impedances_per_unit_are_known_by_their_size() -> None:
    """The subtransient reactance is 0.1 per unit, which is 1 ohm."""
    assert viewed(synchronous(x2="0.5")).short_circuit.synchronous[0].z2 == 0.5j
    found = viewed(synchronous(x2="0.125"))
    assert found.short_circuit.synchronous[0].z2 == 1.25j
    assert "has r2 and x2 that are per unit by their size; they are read so" in problems(found)


def test_machines_without_their_data_are_named() -> None:
    found = viewed(synchronous(satDirectSubtransX=""), asynchronous(iaIrRatio="0"))
    assert found.short_circuit.synchronous == found.short_circuit.asynchronous == ()
    assert "SynchronousMachine.satDirectSubtransX is missing" in problems(found)
    assert "its iaIrRatio is 0" in problems(found)
    assert len(found.generators) == 2


def test_asynchronous_machine() -> None:
    [found] = viewed(asynchronous()).short_circuit.asynchronous
    assert found.rated_s == pytest.approx(5e6 / 0.975 / 0.88)
    assert (found.mechanical, found.start, found.r_x) == (5e6, 5, None)
    assert (found.pole_pairs, found.converter) == (1, False)
    [drive] = viewed(
        asynchronous(converterFedDrive="true", iaIrRatio="")
    ).short_circuit.asynchronous
    assert drive.converter


def test_absurd_values_of_machines_are_named() -> None:
    odd = viewed(synchronous(satDirectSubtransX="20"))
    assert odd.short_circuit.synchronous == ()
    assert "its satDirectSubtransX is 20, and no machine has that" in problems(odd)
    backward = viewed(asynchronous(rxLockedRotorRatio="-1"))
    assert backward.short_circuit.asynchronous[0].r_x is None
    assert "has AsynchronousMachine.rxLockedRotorRatio -1, which is not used" in problems(backward)
    found = viewed(asynchronous(efficiency="97500"))
    assert found.short_circuit.asynchronous == ()
    assert "has AsynchronousMachine.efficiency 97500, which is not used" in problems(found)


def test_inverter_and_equivalent() -> None:
    objects: Objects = {
        **BASE,
        **terminals("i", "n"),
        "PowerElectronicsConnection i": {
            "p": "0",
            "q": "0",
            "ratedS": "1e6",
            "maxIFault": "1.2",
            "ConductingEquipment.BaseVoltage": "#v",
        },
        **terminals("e", "n"),
        "EquivalentInjection e": {"p": "-3e6", "q": "0", "r": "1", "x": "9", "x0": "20"},
    }
    found = viewed(objects)
    [one] = found.short_circuit.inverters
    assert (one.rated_current, one.limit) == (pytest.approx(1e6 / math.sqrt(3) / 2e4), 1.2)
    [ward] = found.short_circuit.equivalents
    assert (ward.z1, ward.z2, ward.z0) == (1 + 9j, None, 20j)
    assert [g.p.sum() for g in found.generators if g.mrid == "e"] == [3e6]


def test_zeros_of_the_profile_stand_for_unknown() -> None:
    kind = "PowerTransformer.beforeSh"
    objects: Objects = {
        "PowerTransformer t": {
            "isPartOfGeneratorUnit": "true",
            "highSideMinOperatingU": "0",
            f"{kind}CircuitHighestOperatingVoltage": "21000",
            f"{kind}CircuitHighestOperatingCurrent": "0",
            f"{kind}ortCircuitAnglePf": "30",
        }
    }
    silent = viewed(objects).short_circuit.operations["t"]
    assert silent == Operation(unit=True)
    objects["PowerTransformer t"]["operationalValuesConsidered"] = "true"
    said = viewed(objects).short_circuit.operations["t"]
    assert said == Operation(True, None, 21000, None, math.pi / 6)


def test_end_temperature() -> None:
    objects: Objects = {
        f"ACLineSegment {name}": {"shortCircuitEndTemperature": value}
        for name, value in (("a", "80"), ("b", "0"))
    }
    found = viewed(objects)
    assert found.short_circuit.heat == {"a": 80}
    assert "has a shortCircuitEndTemperature of 0, which is not used" in problems(found)


# -- for load flow


def test_a_network_holds_the_voltage_of_its_control() -> None:
    objects = network(**{"RegulatingCondEq.RegulatingControl": "#c"})
    objects["RegulatingControl c"] = {
        "mode": "~RegulatingControlModeKind.voltage",
        "targetValue": "20400",
    }
    [found] = viewed(objects).sources
    assert abs(found.volts[1]) == pytest.approx(20400 / math.sqrt(3))
    assert not found.z.any()
    objects["ExternalNetworkInjection q"]["RegulatingCondEq.controlEnabled"] = "false"
    assert "ExternalNetworkInjection q says no voltage; its nominal one is taken." in (
        viewed(objects).problems
    )


def test_a_network_of_a_solved_state() -> None:
    objects = network()
    objects["TopologicalNode tn"] = {}
    objects["ConnectivityNode n"] = {"TopologicalNode": "#tn"}
    objects["SvVoltage s"] = {"TopologicalNode": "#tn", "v": "20100", "angle": "-30"}
    found = viewed(objects)
    assert found.problems == ()
    volts = found.sources[0].volts[0] * math.sqrt(3)
    assert (abs(volts), math.degrees(math.atan2(volts.imag, volts.real))) == pytest.approx(
        (20100, -30)
    )


def test_nominal_voltages_of_nodes() -> None:
    objects = network()
    assert viewed(objects).nominal == {"n": 20000}
    objects["ConnectivityNode n"] = {"ConnectivityNodeContainer": "#level"}
    objects["VoltageLevel level"] = {"BaseVoltage": "#w"}
    objects["BaseVoltage w"] = {"nominalVoltage": "21000"}
    assert viewed(objects).nominal == {"n": 21000}


@given(st.data())
def test_whatever_one_value_is_the_rest_is_read(data: st.DataObject) -> None:
    """Nothing raises, and what is left out or taken otherwise is named."""
    objects = data.draw(st.sampled_from([network(), synchronous(), asynchronous()]))
    [key] = [k for k in objects if k.split()[0].endswith(("Machine", "Injection"))]
    name = data.draw(st.sampled_from(sorted(objects[key])))
    value = data.draw(st.sampled_from(("", "0", "-1", "nan", "1e308", "-1e-320", "word", "#gone")))
    changed = {**objects, key: {**objects[key], name: value}}
    found = viewed(changed, {**BASE, **terminals("other", "n9")})
    some = found.short_circuit
    there = len(some.feeders) + len(some.synchronous) + len(some.asynchronous)
    assert there == 1 or key in problems(found)
