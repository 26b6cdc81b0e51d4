"""A switching plan says what is done in each step, whatever kind of action it is."""

from __future__ import annotations

from cim.contract import example
from cim.parse import parse
from cim.profiles.switching_actions import GroundAction, SwitchAction, TagAction
from cim.profiles.switching_plans import SwitchingPlans
from cim.profiles.switching_steps import (
    ClearanceAction,
    ControlAction,
    GenericAction,
    MeasurementAction,
    SwitchingStep,
    VerificationAction,
)
from cim.xml import decode

EXAMPLE = example("SwitchingPlans").encode()


def test_the_steps_of_a_plan_have_their_actions_in_order() -> None:
    plans = decode(parse(EXAMPLE))
    assert isinstance(plans, SwitchingPlans)
    [plan] = plans.switching_plan
    steps = [step for group in plan.switching_step_groups for step in group.switching_step]

    assert [type(step.action) for step in steps] == [
        VerificationAction,
        SwitchAction,
        MeasurementAction,
        GroundAction,
        TagAction,
        ClearanceAction,
        GenericAction,
        ClearanceAction,
        GroundAction,
        TagAction,
        SwitchAction,
        ControlAction,
    ]
    assert [step.sequence_number for step in steps] == [1, 2, 3, 4, 4, 5, 6, 7, 8, 8, 9, 10]


def test_a_step_need_not_say_what_is_done() -> None:
    assert SwitchingStep(sequence_number=1).action is None
