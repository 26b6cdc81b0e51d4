"""Duty of breakers, reclosers and fuses beside their ratings."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import pytest

from cim.electrical.view import View
from dms_apps.short_circuit import duty
from dms_apps.short_circuit.duty import Check, Stress
from dms_apps.short_circuit.found import Found, How
from dms_apps.short_circuit.seen import Through
from dms_apps.short_circuit.zones import Zones
from dms_apps.solver import fault_levels, nodal
from dms_apps.solver.faults import Before
from dms_apps.solver.given import Given
from dms_apps.solver.iec60909 import Method, short_circuits
from dms_apps.solver.layout import Layout
from tests.cim.electrical.documents import terminals
from tests.cim.electrical.test_short_circuit import asynchronous
from tests.dms_apps.short_circuit.protected import inverter, protected
from tests.dms_apps.solver.feeder import VOLTS, Objects, load

V = VOLTS / np.sqrt(3)
SOURCE = 0.001 + 0.01j
"""Ohm; of both sequences."""


def met(of: View, given: Given | None = None) -> dict[str, Stress]:
    before = Before.of(Layout.of(of), given)
    zones = Zones.of(before.layout, before.given, before.nodal.island)
    through = Through(before, fault_levels.everywhere(before))
    return {one.device.mrid: one for one in duty.by_phase(zones.devices, through, 60.0)}


def judged(of: View, stresses: dict[str, Stress]) -> dict[tuple[str, str], Check]:
    found, _ = duty.checks(Layout.of(of), tuple(stresses.values()), 60.0)
    return {(one.stress.device.mrid, one.what): one for one in found}


def test_each_device_meets_the_fault_at_its_own_terminals() -> None:
    found = met(protected())
    assert found["b"].initial == pytest.approx(V / abs(SOURCE), rel=1e-2)
    assert found["r"].initial == pytest.approx(V / abs(SOURCE + 1 + 2j), rel=1e-3)
    assert found["f"].initial == pytest.approx(V / abs(SOURCE + 2 + 4j), rel=1e-3)
    assert found["f"].node in ("n6", "n7")
    assert found["r"].fault == "3ph ABC"


def test_an_open_device_meets_what_is_at_its_stronger_side() -> None:
    found = met(protected())
    assert found["z"].initial == pytest.approx(V / abs(SOURCE + 1e-4), rel=1e-3)
    assert found["z"].node == "n2"


def test_peak_and_heat_follow_from_reactance_over_resistance() -> None:
    one = met(protected())["r"]
    z = SOURCE + 1 + 2j + 1e-4
    kappa = 1.02 + 0.98 * math.exp(-3 * z.real / z.imag)
    assert one.peak == pytest.approx(math.sqrt(2) * kappa * one.initial, rel=1e-4)
    decay = math.log(kappa - 1)
    m = (math.exp(4 * 60 * decay) - 1) / (2 * 60 * decay)
    assert one.thermal == pytest.approx(one.initial * math.sqrt(1 + m), rel=1e-6)


@pytest.mark.parametrize(
    ("x_r", "kappa", "heat"), [(0.0, 1.02, 1.0), (np.inf, 2.0, math.sqrt(3)), (14, 1.811, 1.0236)]
)
def test_factors_of_iec_60909(x_r: float, kappa: float, heat: float) -> None:
    """The ends of both, and X/R of 14 over 1 s at 50 Hz."""
    [found] = duty.peak_factor(np.array([x_r])).tolist()
    assert found == pytest.approx(kappa, abs=1e-3)
    assert duty.thermal_factor(found, 1.0, 50.0) == pytest.approx(heat, abs=1e-3)


def test_a_generator_behind_a_device_does_not_add_to_what_goes_through_it() -> None:
    """At the recloser: the source from one side or the inverter from the other, never both."""
    alone, more = met(protected()), met(protected(inverter("n4", "8e6")))
    assert more["r"].initial == pytest.approx(alone["r"].initial, rel=1e-3)
    before_it = met(protected(inverter("n3", "8e6")))
    assert before_it["r"].initial > 1.05 * alone["r"].initial


def test_verdicts() -> None:
    amperes = V / abs(SOURCE + 1 + 2j + 1e-4)
    said = {
        "r": {"ProtectedSwitch.breakingCapacity": f"{amperes / 0.8}", "Switch.ratedCurrent": "30"},
        "f": {"Fuse.name": "F1"},
    }
    of = protected(load(node="n8"), **said)
    found = judged(of, met(of))
    breaking = found["r", "breaking"]
    assert breaking.held
    assert breaking.share == pytest.approx(0.8, rel=1e-3)
    assert breaking.sentence("N3") == (
        "Recloser r may have to break 2.571 kA (3ph ABC at N3), within its 3.214 kA "
        "(ProtectedSwitch.breakingCapacity of Recloser r), 80 %."
    )
    assert found["r", "making"].rating == pytest.approx(2.6 * amperes / 0.8)
    assert found["r", "thermal"].held


def test_what_is_beyond_its_rating_is_a_violation() -> None:
    of = protected(b={"ProtectedSwitch.breakingCapacity": "20e3"})
    stresses = met(of)
    found, remarks = duty.checks(Layout.of(of), tuple(stresses.values()), 60.0)
    assert not judged(of, stresses)["b", "breaking"].held
    violations = duty.violations(Layout.of(of), found)
    assert {(one.equipment, one.kind) for one in violations} >= {("b", "breakingCapacity")}
    assert {one.direction for one in violations} == {"high"}
    again = duty.violations(Layout.of(of), found)
    assert [one.mrid for one in again] == [one.mrid for one in violations]
    assert remarks == (
        "No breaking capacity is stated of Recloser r, Fuse f, Breaker z: their duty cannot be "
        "judged.",
    )


def test_a_breaking_capacity_that_is_the_rated_current_is_none() -> None:
    """As OpenDSS exports it."""
    said = {"b": {"ProtectedSwitch.breakingCapacity": "400", "Switch.ratedCurrent": "400"}}
    of = protected(**said)
    stresses = met(of)
    found, remarks = duty.checks(Layout.of(of), tuple(stresses.values()), 60.0)
    assert found == ()
    assert "The breaking capacity of Breaker b is no more than the rated current" in remarks[1]
    assert "Breaker b" not in remarks[0]


def test_load_beside_rated_current() -> None:
    of = protected(load(node="n8"), r={"Switch.ratedCurrent": "50"})
    layout = Layout.of(of)
    before = Before.of(layout)
    zones = Zones.of(layout, Given(), before.nodal.island)
    solution = nodal.solve(layout)
    through = Through(before, fault_levels.everywhere(before))
    stresses = duty.by_phase(zones.devices, through, 60.0, load=solution)
    found, _ = duty.checks(layout, stresses, 60.0)
    [check] = [one for one in found if one.what == "load"]
    assert check.stress.device.mrid == "r"
    assert check.value == pytest.approx(np.abs(solution.of("r")[1]).max())
    assert not check.held


def test_by_iec_60909_it_is_what_its_bus_has() -> None:
    of = protected()
    before = Before.of(Layout.of(of))
    zones = Zones.of(before.layout, before.given, before.nodal.island)
    currents = short_circuits(of, None, Method(frequency=60.0, peak="B"))
    found = {one.device.mrid: one for one in duty.by_iec60909(zones.devices, currents)}
    bus = currents.at("n3")
    assert found["r"].initial == pytest.approx(float(currents.faults.three[bus]))
    assert found["r"].breaking == pytest.approx(float(currents.faults.breaking[bus]))
    # The equivalent voltage source is c = 1.1 times nominal, otherwise it is the same network.
    per_phase = met(of)["r"].initial
    assert found["r"].initial == pytest.approx(1.1 * per_phase, rel=2e-3)


# -- busbars


def busbar(node: str = "n3", **said: str) -> Objects:
    return {"BusbarSection bb": said, **terminals("bb", node)}


def every(of: View) -> tuple[Check, ...]:
    return found(of).duty[0]


def found(of: View, by: Literal["per-phase", "iec60909"] = "per-phase") -> Found:
    return Found(Layout.of(of), Given(), How(by=by, frequency=60.0))


def test_a_busbar_stands_all_of_the_peak_at_its_node() -> None:
    """kappa sqrt 2 V / |Z|, with what comes from both sides: 8 MVA of inverter give 1.2 In."""
    of = protected(busbar(ipMax="10e3"), inverter("n4", "8e6"))
    [peak] = [one for one in every(of) if one.what == "peak"]
    z = SOURCE + 1 + 2j + 1e-4
    kappa = 1.02 + 0.98 * math.exp(-3 * z.real / z.imag)
    alone = math.sqrt(2) * kappa * V / abs(z)
    [bare] = [one for one in every(protected(busbar(ipMax="10e3"))) if one.what == "peak"]
    assert bare.value == pytest.approx(alone, rel=1e-3)
    assert bare.value < peak.value < bare.value + 2 * math.sqrt(2) * 1.2 * 8e6 / 3 / V
    assert peak.rating == 10e3
    assert peak.held
    assert bare.sentence("N3") == (
        f"BusbarSection bb may meet a peak of {alone / 1e3:.3f} kA (3ph ABC at N3), within its "
        f"10.000 kA (BusbarSection.ipMax of BusbarSection bb), {alone / 100:.0f} %."
    )


def test_a_busbar_that_is_too_weak_is_a_violation_at_its_terminal() -> None:
    of = protected(busbar(ipMax="2000"))
    [violation] = [one for one in duty.violations(Layout.of(of), every(of)) if one.kind == "ipMax"]
    assert (violation.equipment, violation.terminal, violation.node) == ("bb", "bb_t1", "n3")
    assert violation.limit == 2000
    assert violation.direction == "high"


def test_a_busbar_by_iec_60909() -> None:
    """1.1 times the voltage, as of any bus."""
    by = found(protected(busbar(ipMax="10e3")), "iec60909")
    [peak] = [one for one in by.duty[0] if one.what == "peak"]
    currents = by.by_iec60909()
    assert peak.value == pytest.approx(float(currents.faults.peak[currents.at("n3")]))


def test_a_busbar_that_states_no_peak_is_named() -> None:
    _, remarks = found(protected(busbar())).duty
    assert "No BusbarSection.ipMax is stated of BusbarSection bb: what they stand" in remarks[-1]
    unfed = protected(busbar("n9", ipMax="10e3"))
    assert not [one for one in every(unfed) if one.what == "peak"]


def test_small_motors_are_left_out_of_iec_60909_unless_all_are_asked_for() -> None:
    """Of 10 kW behind 250 kVA, at the high side of the transformer."""
    said = {"ratedMechanicalPower": "10e3", "RotatingMachine.ratedU": "400"}
    own = asynchronous(**said)["AsynchronousMachine m"]
    motor: Objects = {"AsynchronousMachine am": own, **terminals("am", "n5")}

    def at(of: View, *, omit: bool) -> float:
        by = Found(Layout.of(of), Given(), How(by="iec60909", frequency=60.0, omit_motors=omit))
        currents = by.by_iec60909()
        return float(currents.faults.three[currents.at("n3")])

    of, bare = protected(motor), at(protected(), omit=True)
    assert at(of, omit=True) == pytest.approx(bare, rel=1e-12)
    assert at(of, omit=False) > bare * (1 + 1e-6)
