"""The load model in a hub with the historian, the load flow, losses and power quality, as they are
shipped, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cim.message import Message
from cim.profile import Profile, Reference
from cim.profiles.end_device_events import Asset, EndDeviceEvent, EndDeviceEvents
from cim.profiles.measurement_values import MeasurementValues
from cim.profiles.meter_readings import (
    IntervalBlock,
    IntervalReading,
    MeterReading,
    MeterReadings,
    UsagePoint,
)
from cim.profiles.state_variables import StateVariables
from dms_apps.load_flow import LoadFlowApp
from dms_apps.load_model import LoadModelApp
from dms_apps.losses import LossesApp
from dms_apps.power_quality import PowerQualityApp
from hub.dispatch import Hub
from hub.historian.app import NAME, Historian
from hub.interfaces import App
from hub.journal import Journal, queries
from hub.journal.canonical import decode
from hub.settings import build, read
from tests import fakes
from tests.dms_apps.load_flow.playing import modelled, said
from tests.dms_apps.load_model.playing import HOURLY, point
from tests.dms_apps.power_quality.test_app import code
from tests.dms_apps.solver.feeder import balanced_line, load, source, switch

CONFIG = Path(__file__).parents[3] / "config" / "apps"
APPS: dict[str, type[App]] = {
    "load_flow": LoadFlowApp,
    "load_model": LoadModelApp,
    "losses": LossesApp,
    "power_quality": PowerQualityApp,
}


@pytest.fixture
def apps() -> dict[str, App]:
    return {
        name: build(made, read(CONFIG / f"{name}.toml", {}), CONFIG / f"{name}.toml")
        for name, made in APPS.items()
    }


class Site:
    """A hub on a database."""

    def __init__(self, journal: Journal, clock: fakes.Clock, apps: dict[str, App]) -> None:
        self.journal, self.clock, self.count = journal, clock, 0
        self.hub = Hub(journal, apps, own={NAME: Historian()})
        self.apps = [NAME, *apps]

    def take(self, payload: Profile) -> None:
        self.count += 1
        message = said(payload)
        header = replace(
            message.header, message_id=f"message {self.count}", timestamp=self.clock.now
        )
        handed = fakes.Handed.of(replace(message, header=header))
        self.hub.accept([handed], "test")
        assert not handed.rejected
        self.settle()

    def settle(self) -> None:
        for _ in range(12):
            self.clock.forward(5)
            for app in self.apps:
                self.hub.deliver(app)
                self.hub.wake(app)

    def told(self, source_: str) -> list[Message]:
        with self.journal.reading() as connection:
            rows = queries.search(connection, queries.Filter(source=source_), limit=1000)
            found = [queries.message(connection, row.seq) for row in reversed(rows)]
        return [decode(one.body) for one in found if one is not None]


@pytest.fixture
def site(database_url: str, apps: dict[str, App]) -> Iterator[Site]:
    clock = fakes.Clock()
    journal = Journal.open(database_url, clock=clock)
    yield Site(journal, clock, apps)
    journal.close()


def test_meters_become_loads_and_loads_losses(site: Site) -> None:
    start = site.clock.now - timedelta(days=1)
    day = start.replace(hour=0, minute=0, second=0, microsecond=0)
    kwh = IntervalBlock(
        interval_readings=tuple(
            IntervalReading(time_stamp=start + timedelta(hours=n), value=300.0) for n in range(30)
        ),
        reading_type=Reference(HOURLY),
    )
    volts = IntervalBlock(
        interval_readings=tuple(
            IntervalReading(time_stamp=day + timedelta(minutes=10 * n), value=5000.0)
            for n in range(1, 145)
        ),
        reading_type=Reference(code("A")),
    )
    site.take(modelled(source(), balanced_line(), switch(), load(), point("a", "d")))
    readings = MeterReading(usage_point=UsagePoint(mrid="a"), interval_blocks=(kwh, volts))
    site.take(MeterReadings(meter_reading=(readings,)))
    event = EndDeviceEvent(
        created_date_time=site.clock.now,
        end_device_event_type=Reference("3.26.0.85"),
        assets=Asset(mrid="a"),
    )
    site.take(EndDeviceEvents(end_device_event=(event,)))
    site.clock.forward(900)
    site.settle()
    site.clock.forward(900)
    site.settle()
    [loads, *_] = site.told("load_model")
    assert isinstance(loads.payload, StateVariables)
    assert sum(flow.p for flow in loads.payload.sv_power_flow) == pytest.approx(0.3)
    states = [one.payload for one in site.told("load_flow")]
    whole = [one for one in states if isinstance(one, StateVariables) and one.sv_power_flow]
    drawn = sum(f.p for f in whole[-1].sv_power_flow if str(f.terminal) == "d_t1")
    assert drawn == pytest.approx(0.3, rel=1e-4)
    lost = [one.payload for one in site.told("losses")]
    assert lost
    assert all(isinstance(one, MeasurementValues) for one in lost)
    violated = [one.payload for one in site.told("power_quality")]
    assert len(violated) == 1  # 5,000 V are 87 per cent, on the one day that is known
