"""From the telemetry of fault indicators to where a crew has to look: in a hub, on both databases,
by the files of SCADA and the settings as they are shipped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.scada import ScadaAdapter, native, table
from cim.profile import RdfXml, Reference
from cim.profiles.end_device_events import Asset, EndDeviceEvent, EndDeviceEvents
from cim.profiles.identification import Name
from cim.profiles.network_models import NetworkModel, NetworkModels
from cim.profiles.unplanned_outages import UnplannedOutages
from dms_apps.outage import OutageApp
from dms_apps.outage.tables import indication
from hub.journal import Journal
from hub.settings import build, read
from tests import fakes
from tests.dms_apps.load_model.test_in_hub import Site
from tests.dms_apps.outage.conftest import LOST, mrid, rdf
from tests.dms_apps.outage.test_indicators import TRUNK

FILE = Path(__file__).parents[3] / "config" / "apps" / "outage.toml"
QUALITY = {"Good": [], "I/O Timeout": ["old_data"]}
INDICATORS = ("FI1", "FI2", "FI3")


@pytest.fixture
def site(database_url: str) -> Iterator[Site]:
    clock = fakes.Clock()
    journal = Journal.open(database_url, clock=clock)
    yield Site(journal, clock, {"outage": build(OutageApp, read(FILE, {}), FILE)})
    journal.close()


def shown(site: Site, folder: Path, *values: tuple[str, str, datetime, str]) -> None:
    """SCADA writes a file: point, value, time and status of each."""
    points = [
        {"name": name, "kind": "Discrete", "equipment": mrid(name),
         "measurement_type": "FaultIndicator"}
        for name in INDICATORS
    ]  # fmt: skip
    (folder / "points.csv").write_bytes(table.write(points))
    settings = {"points": folder / "points.csv", "quality": QUALITY}
    adapter = build(ScadaAdapter, settings, folder)
    rows = [
        {"point": name, "time": at.isoformat(), "value": value, "status": status}
        for name, value, at, status in values
    ]
    for record in adapter.records("values.csv", native.write(rows)):
        for one in adapter.to_cim(record):
            assert one.payload is not None
            site.take(one.payload)  # type: ignore[arg-type]


def comments(site: Site) -> list[str]:
    payloads = [one.payload for one in site.told("outage")]
    said = [p for p in payloads if isinstance(p, UnplannedOutages)]
    return [one.comment or "" for some in said for one in some.unplanned_outage]


def test_indicators_say_where_the_fault_of_an_outage_is(site: Site, tmp_path: Path) -> None:
    model = NetworkModel(
        mrid=mrid("model"), profile=("urn:test:UsagePoint",), document=RdfXml(rdf(TRUNK, "SS1"))
    )
    site.take(NetworkModels(network_model=(model,)))
    now = site.clock.now
    healthy = [(name, "0", now - timedelta(hours=1), "Good") for name in INDICATORS]
    shown(site, tmp_path, *healthy, ("FI1", "1", now, "Good"), ("FI2", "1", now, "Good"))
    site.settle()
    assert comments(site) == []

    gasps = tuple(
        EndDeviceEvent(
            created_date_time=now,
            assets=Asset(names=(Name(name=f"MTR-{meter}"),)),
            end_device_event_type=Reference(LOST),
        )
        for meter in ("M1", "M3", "M4", "M5")
    )
    site.take(EndDeviceEvents(end_device_event=gasps))
    site.clock.forward(60)
    site.settle()
    [told] = comments(site)
    assert "Fault indicator FI2 tripped, FI3 did not: the fault is likely between them." in told

    late = ("FI3", "1", now + timedelta(seconds=1), "Good")
    shown(site, tmp_path, late)
    site.settle()
    assert len(comments(site)) == 2
    assert "Fault indicator FI3 tripped: the fault is likely beyond it." in comments(site)[-1]
    shown(site, tmp_path, late)  # again: nothing new
    shown(site, tmp_path, ("FI3", "0", now + timedelta(seconds=2), "I/O Timeout"))
    site.settle()
    assert len(comments(site)) == 2
    with site.journal.reading() as connection:
        count = sa.select(sa.func.count()).select_from(indication)
        assert connection.scalar(count) == len(healthy) + 4
