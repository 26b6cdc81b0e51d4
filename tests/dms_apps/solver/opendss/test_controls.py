"""Regulators and capacitors that follow their own controls, checked on the voltages they leave."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dms_apps.solver import nodal
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.solver.opendss.session import Session
from dms_apps.solver.solution import Options, Solution
from tests.cim.electrical.banks import bank, end, short_circuit, tank
from tests.cim.electrical.documents import terminals, viewed
from tests.cim.electrical.test_regulators import TAPS
from tests.dms_apps.solver.feeder import balanced_line, feeder, load, source

Objects = dict[str, dict[str, str]]
LOCAL = Options(controls="local")
STEP = 0.00625


def changer(end: str = "#e2", **said: str) -> Objects:
    """A tap changer at neutral, with control x."""
    own = {**TAPS, "TapChanger.step": "0", "TransformerEnd": end}
    return {"RatioTapChanger r": {**own, "TapChanger.TapChangerControl": "#x", **said}}


def voltage(target: float, band: float, terminal: str, phase: str = "", **said: str) -> Objects:
    name = "RegulatingControl"
    return {
        "TapChangerControl x": {
            f"{name}.mode": "~RegulatingControlModeKind.voltage",
            f"{name}.targetValue": f"{target}",
            f"{name}.targetDeadband": f"{band}",
            f"{name}.Terminal": f"#{terminal}",
            **({f"{name}.monitoredPhase": f"~PhaseCode.{phase}"} if phase else {}),
            **said,
        }
    }


def network(*more: Objects, hours: int = 1, uneven: bool = True) -> Layout:
    """source -- n1 --t, D to Yn-- n2 ==k== n3 -- load d, heavy on phase B"""
    powers = {"A": (200e3, 50e3), "B": (600e3 if uneven else 200e3, 50e3), "C": (100e3, 30e3)}
    objects: Objects = {
        **source(),
        **bank(end("D", 10e3, r="0.5", x="9"), end("Yn", 10e3, hours, r="0", x="0")),
        **balanced_line("k", ("n2", "n3")),
        **load(name="d", node="n3", **powers),  # type: ignore[arg-type]
    }
    for some in more:
        objects |= some
    return Layout.of(viewed(objects))


def checked(layout: Layout, given: Given | None = None) -> Solution:
    """The solution, which nodal has, too, with the same taps and sections."""
    solution = Session(layout, LOCAL).solve(given)
    assert solution.converged, solution.remarks
    again = nodal.solve(layout, Given(steps=solution.steps, sections=solution.sections))
    assert np.abs(solution.volts - again.volts).max() < 1e-3
    return solution


@pytest.mark.parametrize("phase", "ABC")
@pytest.mark.parametrize("hours", [1, 11, 5])
def test_all_phases_move_together_by_the_one_that_is_measured(hours: int, phase: str) -> None:
    layout = network(changer(), voltage(10e3, 100, "t_t2", phase), hours=hours)
    solution = checked(layout)
    volts = abs(solution.at("n2", phase)) * np.sqrt(3)
    assert abs(volts - 10e3) <= 50 + 1e-6
    assert solution.remarks == ()
    others = [abs(solution.at("n2", other)) * np.sqrt(3) for other in "ABC" if other != phase]
    assert max(abs(one - 10e3) for one in others) > 50


def test_tap_changer_of_the_other_side() -> None:
    """In the high voltage winding it goes down to raise the low voltage."""
    layout = network(changer("#e1"), voltage(10.2e3, 150, "t_t2", "B"))
    solution = checked(layout)
    assert solution.steps["r"] < 0
    assert abs(abs(solution.at("n2", "B")) * np.sqrt(3) - 10.2e3) <= 75


def test_node_at_the_end_of_a_line() -> None:
    layout = network(changer(), voltage(10e3, 120, "k_t2"), uneven=False)
    solution = checked(layout)
    assert abs(abs(solution.at("n3", "A")) * np.sqrt(3) - 10e3) <= 60


def single(**said: str) -> Objects:
    """A tank on phase A with its own tap changer at the second end."""
    tap = changer("#e2", **{"TapChanger.ptRatio": "48", "TapChanger.ctRating": "200", **said})
    return {
        **tank(
            {"phases": "AN", "ratedU": "5773.5"},
            {"phases": "AN", "ratedU": "5773.5"},
            s=short_circuit(1, 2, 5, 0.01),
        ),
        **tap,
    }


def test_line_drop_compensation() -> None:
    """The set point is held behind 2 + 4j volts per rated ampere of the current transformer."""
    drop = {"lineDropCompensation": "true", "lineDropR": "2", "lineDropX": "4"}
    control = voltage(120, 1, "t_t2", **{f"TapChangerControl.{k}": v for k, v in drop.items()})
    layout = Layout.of(viewed({**source(), **single(), **control,
                               **load(name="d", node="n2", A=(700e3, 200e3))}))  # fmt: skip
    solution = checked(layout)
    rows = layout.rows("d")
    amperes = complex(solution.current[rows][0])
    behind = solution.at("n2", "A") / 48 - (2 + 4j) * amperes / 200
    assert abs(abs(behind) - 120) <= 0.5
    assert abs(solution.at("n2", "A")) / 48 > 121


def test_a_high_limit_comes_first() -> None:
    limit = {"TapChangerControl.maxLimitVoltage": "118"}
    layout = Layout.of(viewed({**source(), **single(), **voltage(124, 1, "t_t2", **limit),
                               **load(name="d", node="n2", A=(700e3, 200e3))}))  # fmt: skip
    solution = checked(layout)
    assert 117 < abs(solution.at("n2", "A")) / 48 < 118.5


def test_the_range_ends() -> None:
    layout = network(changer(), voltage(20e3, 100, "t_t2"))
    assert checked(layout).steps["r"] == 16


def test_where_it_begins_is_as_given() -> None:
    """Not where the moment before has ended."""
    layout = network(changer(), voltage(10e3, 300, "t_t2", "B"))
    session = Session(layout, LOCAL)
    high = session.solve(Given(steps={"r": 16}))
    low = session.solve(Given(steps={"r": -16}))
    assert high.steps["r"] > low.steps["r"]
    assert session.solve(Given(steps={"r": 16})).steps == high.steps
    same = session.solve(Given(steps=low.steps))
    assert same.steps == low.steps


OFF = {
    "no control that is on": voltage(10e3, 100, "t_t2", **{"RegulatingControl.enabled": "false"}),
    "holds no voltage": {
        "TapChangerControl x": {
            "RegulatingControl.mode": "~RegulatingControlModeKind.reactivePower"
        }
    },
}


@pytest.mark.parametrize("why", OFF)
def test_what_does_not_move_is_named(why: str) -> None:
    solution = Session(network(changer(), OFF[why]), LOCAL).solve()
    assert solution.steps == {"r": 0}
    [remark] = solution.remarks
    assert remark.startswith("Tap changer r stays where it is: ")
    assert why in remark


def test_what_openDSS_cannot_move_is_named() -> None:  # noqa: N802
    """A transformer with another zero sequence, and one whose legs are drawn apart."""
    layout = network(changer(), voltage(10e3, 100, "t_t2"), hours=1)
    [one] = layout.view.transformers
    coupled = replace(one, leakage=replace(one.leakage, z0=0.8 * one.leakage.z))
    layout = Layout.of(replace(layout.view, transformers=(coupled,)))
    [remark] = Session(layout, LOCAL).solve().remarks
    assert "its transformer is drawn by its admittance alone" in remark
    turned = bank(end("D", 10e3, r="0.5", x="9"), end("D", 10e3, 6, r="0", x="0"))
    found = viewed({**source(), **turned, **changer(), **voltage(10e3, 100, "t_t2"),
                    **load(name="d", node="n2", connection="D")})  # fmt: skip
    [remark] = Session(Layout.of(found), LOCAL).solve().remarks
    assert "its phases move apart in OpenDSS" in remark


# -- capacitors


def capacitor(mode: str, target: float, band: float, terminal: str, phase: str = "A") -> Objects:
    """A bank of three branches with two sections, both off."""
    name = "RegulatingControl"
    return {
        "LinearShuntCompensator c": {
            "bPerSection": "2e-3",
            "ShuntCompensator.sections": "0",
            "ShuntCompensator.maximumSections": "2",
            "ShuntCompensator.normalSections": "0",
            "RegulatingCondEq.RegulatingControl": "#y",
        },
        "RegulatingControl y": {
            f"{name}.mode": f"~RegulatingControlModeKind.{mode}",
            f"{name}.targetValue": f"{target}",
            f"{name}.targetDeadband": f"{band}",
            f"{name}.Terminal": f"#{terminal}",
            f"{name}.monitoredPhase": f"~PhaseCode.{phase}",
        },
        **terminals("c", "n2"),
    }


@pytest.mark.parametrize(("target", "on"), [(5500.0, 0), (5705.0, 1), (6500.0, 2)])
def test_capacitors_by_voltage(target: float, on: int) -> None:
    """A section raises the voltage, 5,685 V to earth without one, by some 23 V."""
    layout = Layout.of(feeder(load(), capacitor("voltage", target, 30, "c_t1")))
    without = abs(nodal.solve(layout).at("n2", "A"))
    solution = checked(layout)
    assert solution.sections == {"c": (on, on, on)}
    assert on == 0 or abs(solution.at("n2", "A")) > without + 10


@pytest.mark.parametrize(("target", "on"), [(1e6, 0), (1e5, 1)])
def test_capacitors_by_reactive_power(target: float, on: int) -> None:
    """Of the line before it, into which 300 kvar go for the load; a section gives 195."""
    layout = Layout.of(feeder(load(), capacitor("reactivePower", target, 5e4, "l_t1")))
    assert checked(layout).sections == {"c": (on, on, on)}


@pytest.mark.parametrize(("target", "on"), [(100.0, 0), (30.0, 2)])
def test_capacitors_by_current(target: float, on: int) -> None:
    layout = Layout.of(feeder(load(), capacitor("currentFlow", target, 5, "l_t1")))
    assert checked(layout).sections == {"c": (on, on, on)}


def test_controls_that_hunt_are_said() -> None:
    """A section gives more than the band is wide."""
    layout = Layout.of(feeder(load(), capacitor("reactivePower", 2e5, 2e4, "l_t1")))
    solution = Session(layout, LOCAL).solve()
    assert not solution.converged
    assert solution.remarks == ("OpenDSS ended with controls that still wanted to move.",)


def test_capacitors_that_do_not_switch_are_named() -> None:
    for mode, terminal in (("timeScheduled", "c_t1"), ("voltage", "s_t1")):
        layout = Layout.of(feeder(load(), capacitor(mode, 6500, 30, terminal)))
        solution = Session(layout, LOCAL).solve()
        assert solution.sections == {"c": (0, 0, 0)}
        [remark] = solution.remarks
        assert remark.startswith("Shunt c stays as it is: ")


def test_without_local_control_nothing_moves() -> None:
    layout = network(changer(), voltage(20e3, 100, "t_t2"))
    assert Session(layout).solve().steps == {"r": 0}
