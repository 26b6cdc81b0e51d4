"""Loads, sources and generators."""

from __future__ import annotations

import cmath
import math

import numpy as np
import pytest

from cim.electrical import view, yprim
from cim.electrical.injections import Generator, Load, Response, Source
from cim.electrical.view import View
from tests.cim.electrical.documents import line, model, terminals, viewed

Objects = dict[str, dict[str, str]]
FEED = line("feed", {"r": "1", "x": "1", "r0": "1", "x0": "1"}, nodes=("n", "m"))


def load(connection: str = "Y", phases: str = "", **said: str) -> Objects:
    """A consumer c of 90 kW and 30 kvar at node n."""
    objects: Objects = {
        **FEED,
        **terminals("c", "n"),
        "BaseVoltage v": {"nominalVoltage": "400"},
        "EnergyConsumer c": {
            "phaseConnection": f"~PhaseShuntConnectionKind.{connection}",
            "p": "90000",
            "q": "30000",
            "ConductingEquipment.BaseVoltage": "#v",
            **said,
        },
    }
    for i, phase in enumerate(phases):
        objects[f"EnergyConsumerPhase c{phase}"] = {
            "EnergyConsumer": "#c",
            "phase": f"~SinglePhaseKind.{phase}",
            "p": str(30000 * (i + 1)),
            "q": "15000",
        }
    return objects


def only_load(found: View, *problems: str) -> Load:
    assert found.problems == problems
    [one] = found.loads
    return one


# -- loads


def test_three_phase_loads_are_shared_equally() -> None:
    star = only_load(viewed(load()))
    assert star.branches == (("A", "N"), ("B", "N"), ("C", "N"))
    assert star.p.tolist() == [30000] * 3
    assert star.q.tolist() == [10000] * 3
    assert (star.nominal_u, star.connection, star.grounded) == (400, "Y", True)
    assert star.response == Response(p=(0, 0, 1), q=(0, 0, 1))
    delta = only_load(viewed(load("D", grounded="false")))
    assert delta.branches == (("A", "B"), ("B", "C"), ("C", "A"))
    assert not delta.grounded


def test_phases_have_their_own_powers() -> None:
    found = only_load(viewed(load(phases="BA")))
    assert found.branches == (("A", "N"), ("B", "N"))
    assert found.p.tolist() == [60000, 30000]
    assert found.q.tolist() == [15000, 15000]


def test_a_phase_of_a_delta_is_a_branch_to_the_next() -> None:
    found = only_load(viewed(load("D", "C", p="30000", q="15000")))
    assert found.branches == (("C", "A"),)


def test_delta_across_two_phases_of_a_terminal() -> None:
    objects = {**load("D"), **terminals("c", "n", phases="BC")}
    assert only_load(viewed(objects)).branches == (("B", "C"),)


def test_shares_and_exponents() -> None:
    objects = load(LoadResponse="#r")
    shares = {"pConstantImpedance": "20", "pConstantCurrent": "30", "pConstantPower": "50"}
    objects["LoadResponseCharacteristic r"] = {**shares, "qConstantImpedance": "1"}
    assert only_load(viewed(objects)).response == Response((0.2, 0.3, 0.5), (1, 0, 0))
    objects["LoadResponseCharacteristic r"] = {
        "exponentModel": "true",
        "pVoltageExponent": "1.2",
        "qVoltageExponent": "2.4",
    }
    assert only_load(viewed(objects)).response.exponents == (1.2, 2.4)


def test_shares_that_do_not_add_up_are_named() -> None:
    objects = load(LoadResponse="#r")
    objects["LoadResponseCharacteristic r"] = {"pConstantImpedance": "30", "pConstantPower": "30"}
    found = only_load(
        viewed(objects),
        "LoadResponseCharacteristic r gives shares for p that add up to 60; they are scaled.",
        "LoadResponseCharacteristic r gives no shares for q; constant power is taken.",
    )
    assert found.response == Response((0.5, 0, 0.5), (0, 0, 1))


def test_powers_that_are_missing_or_disagree_are_named() -> None:
    only_load(
        viewed(load(p="", q="")),
        "EnergyConsumer c has no p; it is taken to be 0.",
        "EnergyConsumer c has no q; it is taken to be 0.",
    )
    found = only_load(
        viewed(load(phases="AB", p="100000")),
        "EnergyConsumer c has p 100000, and its phases 90000 together.",
    )
    assert found.p.sum() == 90000


def test_voltage_of_the_level() -> None:
    objects = load(**{"Equipment.EquipmentContainer": "#level"})
    del objects["EnergyConsumer c"]["ConductingEquipment.BaseVoltage"]
    objects["VoltageLevel level"] = {"BaseVoltage": "#v"}
    assert only_load(viewed(objects)).nominal_u == 400
    del objects["EnergyConsumer c"]["Equipment.EquipmentContainer"]
    assert only_load(viewed(objects)).nominal_u is None


def test_a_phase_twice_is_named() -> None:
    objects = load(phases="AB")
    objects["EnergyConsumerPhase cB"]["phase"] = "~SinglePhaseKind.A"
    found = viewed(objects)
    assert found.loads == ()
    assert "does not say which phase, or a phase again" in found.problems[0]


# -- sources


def source(**said: str) -> Objects:
    return {
        **terminals("s", "n"),
        "EnergySource s": {
            "voltageMagnitude": "11550",
            "nominalVoltage": "11000",
            "voltageAngle": "0.5",
            "r": "0.1",
            "x": "2",
            "r0": "0.4",
            "x0": "5",
            **said,
        },
    }


def only_source(found: View, *problems: str) -> Source:
    assert found.problems == problems
    [one] = found.sources
    return one


def test_source() -> None:
    found = only_source(viewed(source()))
    turns = (0, -2 * math.pi / 3, 2 * math.pi / 3)
    expected = [cmath.rect(11550 / math.sqrt(3), 0.5 + turn) for turn in turns]
    assert found.volts == pytest.approx(expected)
    assert found.nominal_u == 11000
    y = yprim.of_source(found).y
    assert 1 / (np.ones(3) @ y @ np.ones(3) / 3) == pytest.approx(0.4 + 5j)
    assert 1 / (found.volts.conj() @ y @ found.volts / (11550**2)) == pytest.approx(0.1 + 2j)


def test_source_of_one_phase() -> None:
    objects = source()
    objects["EnergySourcePhase p"] = {"EnergySource": "#s", "phase": "~SinglePhaseKind.B"}
    found = only_source(viewed(objects))
    assert found.phases == ("B",)
    assert found.z[0, 0] == pytest.approx((2 * (0.1 + 2j) + 0.4 + 5j) / 3)


def test_source_that_holds_its_voltage() -> None:
    found = only_source(viewed(source(r="0", x="0", r0="0", x0="0")))
    with pytest.raises(ZeroDivisionError, match="s has no impedance"):
        yprim.of_source(found)


def test_incomplete_sources_are_named() -> None:
    found = only_source(
        viewed(source(voltageMagnitude="", r0="", x0="")),
        "EnergySource s has no voltageMagnitude; its nominalVoltage is taken.",
        "EnergySource s has no zero sequence impedance; it is taken to be the positive one.",
    )
    assert abs(found.volts[0]) == pytest.approx(11000 / math.sqrt(3))
    nothing = viewed(source(voltageMagnitude="", nominalVoltage=""))
    assert nothing.sources == ()
    assert "it has no voltageMagnitude above 0" in nothing.problems[0]


# -- generators


def inverter(unit: str, p: str, **said: str) -> Objects:
    return {
        **FEED,
        **terminals("i", "n"),
        "PowerElectronicsConnection i": {"p": p, "q": "-300", "ratedS": "9000", **said},
        f"{unit} u": {
            "PowerElectronicsUnit.PowerElectronicsConnection": "#i",
            "PowerElectronicsUnit.maxP": "8000",
        },
    }


def generator(found: View) -> Generator:
    [one] = found.generators
    return one


def test_powers_are_fed_in() -> None:
    """IEC 61970-301 counts them as drawn."""
    found = viewed(inverter("PhotovoltaicUnit", "-6000", maxQ="5000"))
    one = generator(found)
    assert found.problems == ()
    assert one.p.tolist() == [2000] * 3
    assert one.q.tolist() == [100] * 3
    assert (one.rated_s, one.max_q, one.rated_u) == (9000, 5000, None)
    [unit] = one.units
    assert (unit.kind, unit.max_p, unit.min_p) == ("PhotovoltaicUnit", 8000, None)


@pytest.mark.parametrize(
    ("unit", "p", "state"),
    [
        ("PhotovoltaicUnit", "6000", ""),
        ("BatteryUnit", "6000", "discharging"),
        ("BatteryUnit", "-6000", "charging"),
    ],
)
def test_documents_that_count_them_as_fed_in(unit: str, p: str, state: str) -> None:
    objects = inverter(unit, p)
    if state:
        objects[f"{unit} u"]["BatteryUnit.batteryState"] = f"~BatteryStateKind.{state}"
    found = viewed(objects)
    assert generator(found).p.sum() == float(p)
    [problem] = found.problems
    assert "p and q of all inverters and machines are read as fed in" in problem


def test_battery_that_charges_as_the_standard_counts() -> None:
    objects = inverter("BatteryUnit", "6000")
    objects["BatteryUnit u"] |= {
        "batteryState": "~BatteryStateKind.charging",
        "ratedE": "20000",
        "storedE": "5000",
    }
    found = viewed(objects)
    assert found.problems == ()
    assert generator(found).p.sum() == -6000
    [unit] = generator(found).units
    assert (unit.rated_e, unit.stored_e, unit.state) == (20000, 5000, "charging")


def test_machine_of_a_profile_in_megawatts() -> None:
    objects = {
        **FEED,
        **terminals("g", "n"),
        "SynchronousMachine g": {
            "RotatingMachine.p": "-5",
            "RotatingMachine.q": "-1",
            "RotatingMachine.ratedU": "11",
            "maxQ": "2",
        },
    }
    header = (
        '<md:FullModel xmlns:md="http://iec.ch/TC57/61970-552/ModelDescription/1#"'
        ' rdf:about="urn:uuid:1"><md:Model.profile>http://entsoe.eu/CIM/EquipmentCore/3/1'
        "</md:Model.profile></md:FullModel>"
    )
    one = generator(view.read(model(objects, header=header)))
    assert one.p.sum() == pytest.approx(5e6)
    assert (one.rated_u, one.max_q) == (11000, 2e6)
