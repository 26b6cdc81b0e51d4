"""From the telemetry of fault indicators to where a crew has to look, with a hub of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from adapters.scada import native, table
from tests.dms_apps.outage.conftest import mrid, rdf
from tests.dms_apps.outage.test_indicators import TRUNK
from tests.installed import Site, until

CONFIG = 'adapters = ["gis", "ami", "scada"]\n[http]\nport = 0\n'
SCADA = """points = "points.csv"
settle = 0.2
interval = 0.1
[quality]
"Good" = []
"""
INDICATORS = ("FI1", "FI2", "FI3")


def at(seconds: float) -> str:
    """So long after now: no outage begins with old news."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="seconds")


def shown(site: Site, file: str, *values: tuple[str, int, float, str]) -> None:
    """SCADA writes a file: indicator, value, seconds and status of each."""
    rows = [
        {"point": name, "time": at(seconds), "value": str(value), "status": status}
        for name, value, seconds, status in values
    ]
    until(site.drop("scada", file, native.write(rows)).exists, f"{file} is taken")


def test_indicators_say_where_the_fault_of_an_outage_is(site: Site) -> None:
    site.configure(CONFIG)
    points = [
        {"name": name, "kind": "Discrete", "equipment": mrid(name),
         "measurement_type": "FaultIndicator"}
        for name in INDICATORS
    ]  # fmt: skip
    (site.folder / "points.csv").write_bytes(table.write(points))
    (site.folder / "config" / "adapters" / "scada.toml").write_text(SCADA)
    hub, url = site.serve()
    rest = site.rest(url, site.add_system("ops", "--source", "AMI"))
    until(site.drop("gis", "network.xml", rdf(TRUNK, "SS1")).exists, "the network is taken")
    shown(site, "day.csv", *((name, 0, -3600, "Good") for name in INDICATORS))
    shown(site, "fault.csv", ("FI1", 1, -2, "Good"), ("FI2", 1, -2, "Good"))
    assert until(rest.is_idle, "all is handled")
    assert rest.outages() == []

    rows = "".join(f"MTR-{meter},{at(0)},3.26.0.85\n" for meter in ("M1", "M3", "M4", "M5"))
    site.drop("ami", "gasps.csv", f"meter_number,event_time,event_code\n{rows}")
    [outage] = until(rest.outages, "an outage")
    assert outage["device_name"] == "CB1"
    [told] = site.messages("--noun", "UnplannedOutages", "--mrid", outage["mrid"])
    body = site.run("message", "show", told["message_id"], "--body").out
    assert "Fault indicator FI2 tripped, FI3 did not: the fault is likely between them." in body

    shown(site, "late.csv", ("FI3", 1, -1, "Good"))

    def latest() -> str:
        *_, last = site.messages("--noun", "UnplannedOutages", "--mrid", outage["mrid"])
        return site.run("message", "show", last["message_id"], "--body").out

    until(lambda: "FI3 tripped: the fault is likely beyond it." in latest(), "it is told again")
    evidence = site.run("report", "outage", "evidence", f"outage={outage['mrid']}").out
    assert evidence.count("fault current went through") == 3
    assert hub.terminate() == 0
