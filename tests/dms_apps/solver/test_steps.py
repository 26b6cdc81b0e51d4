"""Positions that a tap changer does not have are named, wherever they come from."""

from __future__ import annotations

import pytest

from cim.profile import Reference
from cim.profiles.state_variables import Model, StateVariables, SvTapStep
from dms_apps.solver.assumptions import assumed
from dms_apps.solver.given import Given
from dms_apps.solver.what_if import WhatIf
from tests.dms_apps.load_flow.playing import MORNING
from tests.dms_apps.solver.opendss.test_controls import changer, network, voltage

LAYOUT = network(changer(), voltage(2400, 20, "t_t2"))
WHY = "position 99 is beyond its positions -16 to 16"


@pytest.mark.parametrize(("position", "remarks"), [(16, ()), (99, (WHY,))])
def test_of_a_request(position: int, remarks: tuple[str, ...]) -> None:
    state = StateVariables(
        model=Model(mrid="m", scenario_time=MORNING),
        sv_tap_step=(SvTapStep(position=position, tap_changer=Reference("r")),),
    )
    given, told = assumed(state, LAYOUT)
    assert given.steps == ({} if remarks else {"r": position})
    assert told == tuple(f"SvTapStep: tap changer r: {one}." for one in remarks)


def test_of_a_question() -> None:
    with pytest.raises(ValueError, match=f"tap changer r: {WHY}"):
        WhatIf(taps={"r": 99}).given(LAYOUT, Given())
    assert WhatIf(taps={"r": -16}).given(LAYOUT, Given()).steps == {"r": -16}
