"""Phase tap changers: what documents say of them, and what they do to voltages."""

from __future__ import annotations

import cmath
import math

import numpy as np
import pytest

from cim.electrical import yprim
from cim.electrical.phase_shifters import PhaseShifter
from cim.electrical.taps import NOMINAL, Tap
from cim.electrical.view import View
from tests.cim.electrical.banks import CENTRE, bank, end
from tests.cim.electrical.documents import viewed

Objects = dict[str, dict[str, str]]
POSITIVE = np.exp(-2j * np.pi / 3 * np.arange(3))
STEPS = {
    "TapChanger.lowStep": "1",
    "TapChanger.highStep": "9",
    "TapChanger.neutralStep": "5",
    "TapChanger.step": "7",
    "PhaseTapChanger.TransformerEnd": "#e1",
}
NON_LINEAR = {
    "PhaseTapChangerNonLinear.voltageStepIncrement": "2.5",
    "PhaseTapChangerNonLinear.xMin": "20",
    "PhaseTapChangerNonLinear.xMax": "22",
}


def shifting(kind: str, **said: str) -> Objects:
    """A transformer 380 to 110 kV with a phase tap changer at its first end."""
    objects = bank(end("Yn", 380e3, r="1", x="20"), end("Yn", 110e3, r="0", x="0"))
    return {**objects, f"PhaseTapChanger{kind} p": {**STEPS, **said}}


def only(found: View, *problems: str) -> PhaseShifter:
    assert found.problems == problems
    [one] = found.phase_shifters
    return one


def test_linear() -> None:
    objects = shifting("Linear", stepPhaseShiftIncrement="1.5", xMin="20", xMax="22")
    one = only(viewed(objects))
    assert (one.kind, one.transformer, one.end) == ("PhaseTapChangerLinear", "t", "e1")
    assert (one.step, one.low, one.high, one.neutral) == (7, 1, 9, 5)
    assert (one.tap.ratio, one.tap.angle) == (1, 3)
    assert [one.curve.at(step).x for step in (1, 5, 9)] == pytest.approx([10, 0, 10])
    [transformer] = viewed(objects).transformers
    assert [w.tap for w in transformer.windings] == [one.tap, NOMINAL]


def test_symmetrical() -> None:
    one = only(viewed(shifting("Symmetrical", **NON_LINEAR)))
    assert one.tap.ratio == 1
    assert one.tap.angle == pytest.approx(math.degrees(2 * math.atan(0.025)))
    assert one.curve.at(1).x == pytest.approx(10)


def test_asymmetrical() -> None:
    one = only(viewed(shifting("Asymmetrical", windingConnectionAngle="60", **NON_LINEAR)))
    phasor = 1 + 0.05 * cmath.exp(1j * math.pi / 3)
    assert cmath.rect(one.tap.ratio, math.radians(one.tap.angle)) == pytest.approx(phasor)
    assert one.curve.at(7).x == pytest.approx(2.5)


def test_tabular() -> None:
    objects = shifting("Tabular", PhaseTapChangerTable="#table")
    objects["PhaseTapChangerTable table"] = {}
    for step in range(1, 10):
        objects[f"PhaseTapChangerTablePoint p{step}"] = {
            "PhaseTapChangerTable": "#table",
            "angle": f"{step - 5}",
            "TapChangerTablePoint.step": f"{step}",
            "TapChangerTablePoint.ratio": "0.99",
            "TapChangerTablePoint.x": "4",
        }
    one = only(viewed(objects))
    assert one.tap == Tap(0.99, 2, x=4)
    assert one.curve.at(1).angle == -4
    del objects["PhaseTapChangerTablePoint p7"]
    gap = only(
        viewed(objects),
        "PhaseTapChangerTabular p has no point at step 7 in PhaseTapChangerTable table; no phase "
        "shift is taken there.",
    )
    assert gap.tap == NOMINAL


def test_data_sheet() -> None:
    objects = shifting("Linear")
    objects["TapChangerInfo i"] = {
        "stepPhaseIncrement": "1.5",
        "AssetInfo.PowerSystemResources": "#p",
    }
    assert only(viewed(objects)).tap.angle == 3


# -- what they do


def open_voltage(objects: Objects) -> complex:
    """At the second end without load, per volt of its rated ones, for rated ones at the first."""
    [transformer] = viewed(objects).transformers
    y = yprim.of_transformer(transformer).y
    second = -np.linalg.solve(y[3:, 3:], y[3:, :3] @ POSITIVE * 380)
    assert second / second[0] == pytest.approx(POSITIVE)
    return complex(second[0]) / 110


def test_a_positive_angle_lets_the_terminal_lead_the_inside() -> None:
    """From either end."""
    objects = shifting("Linear", stepPhaseShiftIncrement="1.5")
    assert open_voltage(objects) == pytest.approx(cmath.rect(1, math.radians(-3)))
    objects["PhaseTapChangerLinear p"]["PhaseTapChanger.TransformerEnd"] = "#e2"
    assert open_voltage(objects) == pytest.approx(cmath.rect(1, math.radians(3)))


def test_turns_and_angle_of_an_asymmetrical_tap_changer() -> None:
    objects = shifting("Asymmetrical", windingConnectionAngle="90", **NON_LINEAR)
    found = open_voltage(objects)
    assert abs(found) == pytest.approx(1 / math.hypot(1, 0.05))
    assert cmath.phase(found) == pytest.approx(-math.atan(0.05))


def test_power_and_losses_are_those_of_the_impedance() -> None:
    """Shorted at the second end the first sees the impedance of the step, whatever its angle."""
    objects = shifting("Linear", stepPhaseShiftIncrement="1.5", xMin="20", xMax="22")
    found = viewed(objects)
    [transformer] = found.transformers
    y = yprim.of_transformer(transformer).y[:3, :3]
    x = 20 * (1 + found.phase_shifters[0].tap.x / 100)
    assert x > 20
    assert 1 / (POSITIVE.conj() @ y @ POSITIVE / 3) == pytest.approx(1 + 1j * x)


def test_the_zero_sequence_is_not_turned() -> None:
    objects = shifting("Linear", stepPhaseShiftIncrement="1.5")
    [transformer] = viewed(objects).transformers
    y = yprim.of_transformer(transformer).y
    assert y[3:, :3].sum() / 3 == pytest.approx(-(380 / 110) / (1 + 20j))


def test_ratio_and_phase_tap_changer_at_one_end() -> None:
    objects = shifting("Linear", stepPhaseShiftIncrement="1.5")
    objects["RatioTapChanger r"] = {
        **{key: said for key, said in STEPS.items() if key.startswith("TapChanger.")},
        "stepVoltageIncrement": "1",
        "TransformerEnd": "#e1",
    }
    assert open_voltage(objects) == pytest.approx(cmath.rect(1 / 1.02, math.radians(-3)))


# -- what is wrong


@pytest.mark.parametrize(
    ("kind", "said", "reason"),
    [
        ("Linear", {}, "PhaseTapChangerLinear.stepPhaseShiftIncrement is missing"),
        ("Symmetrical", {}, "PhaseTapChangerNonLinear.voltageStepIncrement is missing"),
        ("Asymmetrical", NON_LINEAR, "windingConnectionAngle is missing"),
        ("Tabular", {}, "it has no PhaseTapChangerTable"),
        ("Tabular", {"PhaseTapChangerTable": "#gone"}, "its table gone is not in the model"),
        ("Linear", {"PhaseTapChanger.TransformerEnd": ""}, "it belongs to no transformer end"),
    ],
)
def test_those_that_cannot_be_read_turn_nothing(
    kind: str, said: dict[str, str], reason: str
) -> None:
    found = viewed(shifting(kind, **said))
    assert found.phase_shifters == ()
    [problem] = found.problems
    assert problem.startswith(f"PhaseTapChanger{kind} p is left out: ")
    assert reason in problem
    assert [w.tap for w in found.transformers[0].windings] == [NOMINAL, NOMINAL]


def test_of_a_class_without_formula() -> None:
    found = viewed(shifting("NonLinear", **NON_LINEAR))
    assert found.problems == (
        "PhaseTapChangerNonLinear p is not read: it is neither symmetrical nor asymmetrical.",
    )
    assert found.transformers[0].windings[0].tap == NOMINAL


def test_reactances_that_contradict_one_another_are_named() -> None:
    """IEC 61970-600-2, PhaseTapChangerLinear.xMin: PowerTransformerEnd.x shall be used."""
    said = {"stepPhaseShiftIncrement": "1.5", "xMin": "10", "xMax": "22"}
    one = only(
        viewed(shifting("Linear", **said)),
        "PhaseTapChangerLinear p has xMin 10, and its end x 20, which is taken.",
    )
    assert one.curve.at(9).x == pytest.approx(10)
    flat = only(
        viewed(shifting("Linear", **{**said, "xMin": "20", "xMax": "0"})),
        "PhaseTapChangerLinear p has xMax 0 beside 20 at neutral; it is not used.",
    )
    assert flat.curve.at(9).x == 0


def test_a_single_winding_turns_no_phases() -> None:
    objects: Objects = {key: dict(said) for key, said in CENTRE.items()}
    objects["PhaseTapChangerLinear p"] = {**STEPS, "stepPhaseShiftIncrement": "1.5"}
    found = viewed(objects)
    assert found.problems == (
        "TransformerTankEnd e1 is one winding, which cannot turn phases; its phase shift is not "
        "taken.",
    )
    assert found.transformers[0].windings[0].tap == NOMINAL
