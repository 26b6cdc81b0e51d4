"""The state estimation in a hub, as it is shipped but for bellwethers, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cim.message import Verb
from cim.profiles.get_meter_readings import GetMeterReadings
from cim.profiles.measurement_values import MeasurementValues
from cim.profiles.state_variables import StateVariables
from dms_apps.state_estimation import StateEstimationApp
from hub.journal import Journal
from hub.settings import build, read
from tests import fakes
from tests.dms_apps.load_flow.playing import modelled
from tests.dms_apps.load_model.test_in_hub import Site
from tests.dms_apps.state_estimation.test_app import NORMAL, POINT, scanned

FILE = Path(__file__).parents[3] / "config" / "apps" / "state_estimation.toml"


@pytest.fixture
def site(database_url: str) -> Iterator[Site]:
    app = build(StateEstimationApp, read(FILE, {}), FILE)
    clock = fakes.Clock()
    journal = Journal.open(database_url, clock=clock)
    yield Site(journal, clock, {"state_estimation": replace(app, bellwethers=1)})
    journal.close()


def test_what_is_measured_becomes_a_state_and_what_is_bad_is_flagged(site: Site) -> None:
    site.take(modelled(*NORMAL, POINT))
    values = scanned("VB").analog_value
    now = tuple(replace(one, time_stamp=site.clock.now) for one in values)
    site.take(MeasurementValues(analog_value=now))
    site.clock.forward(900)
    site.settle()
    told = site.told("state_estimation")
    states = [one.payload for one in told if isinstance(one.payload, StateVariables)]
    assert "12 measured values, 1 of them bad" in str(states[-1].model.description)
    [flagged] = [one for one in told if isinstance(one.payload, MeasurementValues)]
    assert flagged.header.verb is Verb.CHANGED
    [asked] = [one for one in told if one.header.verb is Verb.GET]
    assert asked.header.noun == "MeterReadings"
    assert asked.request is not None
    assert isinstance(asked.request.query, GetMeterReadings)
    assert [point.mrid for point in asked.request.query.usage_point] == ["u"]
