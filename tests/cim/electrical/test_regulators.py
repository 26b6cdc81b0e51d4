"""Tap changers and controls."""

from __future__ import annotations

import pytest

from cim.electrical import view
from cim.electrical.regulators import Regulator
from cim.electrical.view import View
from tests.cim.electrical.documents import model, terminals, viewed

Objects = dict[str, dict[str, str]]
TAPS = {
    "TapChanger.lowStep": "-16",
    "TapChanger.highStep": "16",
    "TapChanger.neutralStep": "0",
    "TapChanger.normalStep": "2",
    "TapChanger.step": "5",
    "stepVoltageIncrement": "0.625",
    "TransformerEnd": "#e2",
}


def regulated(**said: str) -> Objects:
    """A transformer with a tap changer at its second end; `said` changes it."""
    objects: Objects = {"PowerTransformer t": {}, **terminals("t", "n1", "n2")}
    for number in (1, 2):
        objects[f"PowerTransformerEnd e{number}"] = {
            "PowerTransformer": "#t",
            "TransformerEnd.Terminal": f"#t_t{number}",
            "TransformerEnd.endNumber": str(number),
            "TransformerEnd.grounded": "true",
            "connectionKind": "~WindingConnection.Yn",
            "ratedU": "11000",
            "x": "4",
        }
    taps = {**TAPS, **said}
    objects["RatioTapChanger r"] = {name: value for name, value in taps.items() if value}
    return objects


def only(found: View, *problems: str) -> Regulator:
    assert found.problems == problems
    [one] = found.regulators
    return one


def test_step_turns_the_ratio_of_its_end() -> None:
    found = viewed(regulated())
    one = only(found)
    assert (one.step, one.low, one.high, one.neutral, one.normal) == (5, -16, 16, 0, 2)
    assert one.ratio == pytest.approx(1.03125)
    assert [w.ratio for w in found.transformers[0].windings] == [1, pytest.approx(1.03125)]
    assert (one.transformer, one.end, one.phases) == ("t", "e2", ("A", "B", "C"))
    assert one.control is None


def test_the_end_may_name_the_tap_changer() -> None:
    """As the CIM18 has it."""
    objects = regulated(TransformerEnd="")
    objects["PowerTransformerEnd e2"]["TransformerEnd.RatioTapChanger"] = "#r"
    assert only(viewed(objects)).end == "e2"


def test_step_of_a_solved_state() -> None:
    objects = regulated(**{"TapChanger.step": ""})
    objects["SvTapStep s"] = {"TapChanger": "#r", "position": "-3"}
    assert only(viewed(objects)).step == -3


def test_missing_steps_are_named() -> None:
    normal = only(
        viewed(regulated(**{"TapChanger.step": ""})),
        "RatioTapChanger r has no step; it is taken to be at normal.",
    )
    assert normal.step == 2
    neutral = only(
        viewed(regulated(**{"TapChanger.step": "", "TapChanger.normalStep": ""})),
        "RatioTapChanger r has no step; it is taken to be at neutral.",
    )
    assert neutral.step == 0


@pytest.mark.parametrize(("step", "nearest"), [(17, 16), (-99, -16)])
def test_of_a_step_out_of_range_the_nearer_end_is_taken_and_named(step: int, nearest: int) -> None:
    found = viewed(regulated(**{"TapChanger.step": f"{step}"}))
    said = f"is at step {step}, outside of its range -16 to 16; {nearest} is taken"
    assert only(found, f"RatioTapChanger r {said}.").step == nearest
    within = viewed(regulated(**{"TapChanger.step": f"{nearest}"}))
    assert found.transformers[0].windings[1].ratio == within.transformers[0].windings[1].ratio


def test_incomplete_tap_changers_are_named_and_their_end_is_at_rated_turns() -> None:
    found = viewed(regulated(stepVoltageIncrement=""))
    assert found.regulators == ()
    assert "stepVoltageIncrement is missing" in found.problems[0]
    assert found.transformers[0].windings[1].ratio == 1
    stray = viewed(regulated(TransformerEnd=""))
    assert "it belongs to no transformer end" in stray.problems[0]


def test_data_sheet_of_a_tap_changer() -> None:
    """TapChangerInfo says what the tap changer does not; where both do, that one's own holds."""
    silent = ("TapChanger.lowStep", "TapChanger.neutralStep", "stepVoltageIncrement")
    objects = regulated(**dict.fromkeys(silent, ""))
    objects["TapChangerInfo i"] = {
        "lowStep": "-8",
        "highStep": "8",
        "neutralStep": "1",
        "neutralU": "11500",
        "stepVoltageIncrement": "1.25",
        "isTcul": "false",
        "AssetInfo.PowerSystemResources": "#r",
    }
    found = viewed(objects)
    one = only(found)
    assert (one.low, one.high, one.neutral, one.neutral_u) == (-8, 16, 1, 11500)
    assert one.ratio == pytest.approx(1.05)
    assert found.transformers[0].windings[1].ratio == one.ratio
    assert not one.under_load


def test_control() -> None:
    objects = regulated(**{"TapChanger.TapChangerControl": "#c", "TapChanger.ptRatio": "60"})
    objects["TapChangerInfo i"] = {"ctRating": "500", "AssetInfo.PowerSystemResources": "#r"}
    objects["TapChangerControl c"] = {
        "RegulatingControl.mode": "~RegulatingControlModeKind.voltage",
        "RegulatingControl.targetValue": "0.122",
        "RegulatingControl.targetDeadband": "0.002",
        "RegulatingControl.targetValueUnitMultiplier": "~UnitMultiplier.k",
        "RegulatingControl.Terminal": "#t_t2",
        "RegulatingControl.monitoredPhase": "~PhaseCode.B",
        "RegulatingControl.enabled": "false",
        "lineDropCompensation": "true",
        "lineDropR": "3",
        "lineDropX": "9",
        "reverseLineDropR": "1",
        "maxLimitVoltage": "132",
        "reversible": "true",
    }
    one = only(viewed(objects))
    assert (one.pt_ratio, one.ct_rating, one.ct_ratio) == (60, 500, None)
    control = one.control
    assert control is not None
    assert (control.target, control.band) == (pytest.approx(122), pytest.approx(2))
    assert (control.mode, control.phases, control.enabled) == ("voltage", ("B",), False)
    assert control.place is not None
    assert control.place.node == "n2"
    assert control.compensation is not None
    assert control.compensation.reversed == (1, 0)
    assert control.limits == (None, 132)
    assert control.reversible


def test_multipliers_of_the_profile() -> None:
    objects = regulated(**{"TapChanger.TapChangerControl": "#c"})
    objects["TapChangerControl c"] = {
        "RegulatingControl.mode": "~RegulatingControlModeKind.voltage",
        "RegulatingControl.targetValue": "11.2",
    }
    spaced = model(objects, namespace="http://ucaiug.org/61970cim18v02_61968cim14v00#")
    [one] = view.read(spaced).regulators
    assert one.control is not None
    assert one.control.target == pytest.approx(11200)
    reactive = dict(objects["TapChangerControl c"])
    reactive["RegulatingControl.mode"] = "~RegulatingControlModeKind.reactivePower"
    [other] = view.read(
        model({**objects, "TapChangerControl c": reactive}, namespace="http://x/CIM101/draft#")
    ).regulators
    assert other.control is not None
    assert other.control.target == pytest.approx(11.2e6)


def test_regulated_terminal_at_no_node_is_named() -> None:
    objects = regulated(**{"TapChanger.TapChangerControl": "#c"})
    objects["Terminal far"] = {}
    objects["TapChangerControl c"] = {
        "RegulatingControl.Terminal": "#far",
        "RegulatingControl.targetDeadband": "-2",
    }
    one = only(
        viewed(objects),
        "TapChangerControl c has a targetDeadband below 0; its magnitude is taken.",
        "TapChangerControl c has no regulated node: its Terminal far is at no node.",
    )
    assert one.control is not None
    assert one.control.place is None
    assert one.control.band == 2
