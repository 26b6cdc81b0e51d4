"""From a last gasp to the crew that is sent: the outage, its order, the outage with its crew and
with the time at which supply is expected back."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.erp.identity import identifier
from adapters.erp.native import write_crews
from cim.profiles.trouble_orders import TroubleOrders
from cim.profiles.unplanned_outages import UnplannedOutages
from hub.journal import Journal, queries
from hub.journal.canonical import decode, encode
from tests.dms_apps.crews import playing
from tests.installed import Site, until

CONFIG = """
adapters = ["gis", "cis", "ami", "erp"]
apps = ["network_connectivity", "outage", "crews", "restoration_times"]
[http]
port = 0
"""
HEADER = "meter_number,event_time,event_code\n"


@pytest.fixture
def hub(site: Site, street: Path) -> tuple[Site, str, str]:
    """A hub that knows the street and one crew; its address, and a token of a dispatcher's desk."""
    site.configure(CONFIG)
    config = site.folder / "config"
    (config / "apps" / "crews.toml").write_text("pace = 0.1\n")
    (config / "apps" / "restoration_times.toml").write_text("settle = 0.1\n")
    (config / "adapters" / "erp.toml").write_text("settle = 0.2\ninterval = 0.1\n")
    _, url = site.serve()
    token = site.add_system("desk", "--source", "console")
    now = datetime.now(UTC).replace(microsecond=0)
    crew = {
        "crew": "Line 1",
        "as_of": now.isoformat(),
        "shift_start": (now - timedelta(hours=1)).isoformat(),
        "shift_end": (now + timedelta(hours=7)).isoformat(),
    }
    for feed, name, data in (
        ("gis", "network.xml", (street / "network.xml").read_bytes()),
        ("cis", "service-points.csv", (street / "service-points.csv").read_bytes()),
        ("erp", "crews.csv", write_crews([crew])),
    ):
        until(site.drop(feed, name, data).exists, f"{name} is taken")
    return site, url, token


def last(site: Site, noun: str, source: str) -> Any:
    """The payload of the newest message of a noun; None without."""
    database = f"sqlite:///{site.folder / 'var' / 'gridbus.db'}"
    with closing(Journal.open(database)) as journal, journal.reading() as connection:
        found = queries.search(connection, queries.Filter(noun=noun, source=source), limit=1)
        detail = queries.message(connection, found[0].seq) if found else None
    return decode(detail.body).payload if detail else None


def test_a_crew_is_sent_to_an_outage(hub: tuple[Site, str, str]) -> None:
    site, url, token = hub
    now = datetime.now(UTC).isoformat(timespec="seconds")
    gasps = "".join(f"{meter},{now},3.26.0.85\n" for meter in ("M-5", "M-6", "M-7"))
    site.drop("ami", "gasps.csv", HEADER + gasps)
    order = until(lambda: last(site, "TroubleOrders", "crews"), "an order")
    assert isinstance(order, TroubleOrders)
    [one] = order.trouble_order
    assert one.unplanned_outage is not None
    assert (one.status and one.status.value) == "awaitingCrewAssignment"

    asked = {"verb": "change", "id": one.mrid, "crews": [identifier("crew", "ERP", "Line 1")]}
    reply = httpx.post(
        f"{url}/api/v1/requests",
        content=encode(playing.asked(asked, datetime.now(UTC))),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/xml"},
        trust_env=False,
        timeout=30,
    )
    assert reply.status_code == 200, reply.text
    assert "OK" in reply.text

    def told() -> UnplannedOutages | None:
        outages = last(site, "UnplannedOutages", "outage")
        one = outages.unplanned_outage[0] if outages else None
        return outages if one and one.crew and one.estimated_restoration_time else None

    outages = until(told, "the outage tells its crew and when supply is expected back")
    assert outages is not None
    [outage] = outages.unplanned_outage
    assert outage.mrid == one.unplanned_outage.mrid
    assert (outage.status_kind, outage.crew[0].names[0].name) == ("assigned", "Line 1")
    expected = outage.estimated_restoration_time
    assert expected is not None
    assert (expected.ert_source, expected.confidence_kind) == ("default", "low")
    assert expected.ert is not None
    assert expected.ert > datetime.now(UTC)

    report = site.run("report", "crews", "work-queue", "--json")
    assert report.code == 0, report.err
    [row] = report.data["rows"]
    assert row[0] == one.names[0].name
    assert "Line 1 assigned" in row
