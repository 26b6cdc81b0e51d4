"""Positions that a tap changer does not have are named, wherever they come from."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cim.network import Network
from cim.profile import Reference
from cim.profiles.measurement_values import (
    Discrete,
    DiscreteValue,
    MeasurementValueQuality,
    MeasurementValues,
    Validity,
)
from cim.profiles.state_variables import Model, StateVariables, SvTapStep
from dms_apps.solver.assumptions import assumed
from dms_apps.solver.given import Given
from dms_apps.solver.live import Live, Lives
from dms_apps.solver.what_if import WhatIf
from tests.cim.electrical.banks import bank, end
from tests.dms_apps.load_flow.playing import MORNING, modelled, said
from tests.dms_apps.solver.feeder import load, source
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


def measured(value: int, validity: Validity = Validity.GOOD) -> Live:
    """The network with a measured position of its tap changer, an hour ago."""
    sensor = {
        "Discrete m": {
            "Measurement.measurementType": "TapPosition",
            "Measurement.PowerSystemResource": "#r",
        }
    }
    transformer = bank(end("D", 10e3, r="0.5", x="9"), end("Yn", 10e3, 1, r="0", x="0"))
    parts = (source(), transformer, changer(), load(node="n2"), sensor)
    shown = DiscreteValue(
        value=value,
        time_stamp=MORNING,
        discrete=Discrete(mrid="m"),
        measurement_value_quality=MeasurementValueQuality(validity=validity),
    )
    network = Network.empty().after(said(modelled(*parts)))
    network = network.after(said(MeasurementValues(discrete_value=(shown,))))
    return LIVES.of(network, MORNING + timedelta(hours=1))


LIVES = Lives(stale=timedelta(hours=24))


def test_of_telemetry() -> None:
    assert measured(5).given.steps == {"r": 5}
    live = measured(99)
    assert live.given.steps == {}
    assert f"Tap changer r: its measured {WHY}; it is not used." in live.remarks
    live = measured(5, Validity.INVALID)
    assert live.given.steps == {}
    assert "Tap changer r: its measured position of invalid quality is not used." in live.remarks
