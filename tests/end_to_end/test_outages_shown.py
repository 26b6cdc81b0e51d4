"""From last gasps and a call to what a dispatcher and everybody are told, in a hub as a process."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from hub.console.masking import HIDDEN
from tests.installed import Rest, Site, until

CONFIG = """
adapters = ["gis", "cis", "ami", "ivr"]
apps = ["network_connectivity", "outage", "trouble_calls"]
[http]
port = 0
[public]
enabled = true
least = 3
"""
IVR = Path(__file__).parents[2] / "config" / "adapters" / "ivr.toml"


def report(rest: Rest, place: str, **asked: str) -> list[dict[str, Any]]:
    """The rows of a report, by column."""
    found = rest.get(f"apps/{place}", **asked)
    names = [column["name"] for column in found["columns"]]
    return [dict(zip(names, row, strict=True)) for row in found["rows"]]


def test_what_is_out_is_told_with_why_whom_and_who_calls(site: Site, street: Path) -> None:
    site.configure(CONFIG)
    quick = IVR.read_text().replace("settle = 2.0", "settle = 0.2")
    (site.folder / "config" / "adapters" / "ivr.toml").write_text(quick)
    hub, url = site.serve()
    rest = site.rest(url, site.add_system("desk", "--source", "console"))
    for feed, name in (("gis", "network.xml"), ("cis", "service-points.csv")):
        until(site.drop(feed, name, (street / name).read_bytes()).exists, f"{name} is taken")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    gasps = "".join(f"M-{n},{now},3.26.0.85\n" for n in (1, 2, 3))
    site.drop("ami", "gasps.csv", f"meter_number,event_time,event_code\n{gasps}")
    call = f"external_id,service_point_id,call_time,trouble_code\n71,SP-4,{now},WIRE_DOWN\n"
    site.drop("ivr", "calls.csv", call)

    def seen() -> dict[str, Any] | None:
        found = [one for one in rest.outages() if one["hazards"] and one["customers"] == 4]
        counted = report(rest, "trouble_calls/reports/by-outage")
        return found[0] if found and counted else None

    outage = until(seen, "an outage with danger and a call", pace=0.5)
    assert (outage["hazards"], outage["critical"]) == (["wire down"], 1)
    of = {"outage": outage["mrid"]}
    [calls] = report(rest, "trouble_calls/reports/by-outage")
    assert (calls["outage"], calls["calls"]) == (outage["mrid"], 1)
    affected = report(rest, "outage/reports/affected", **of)
    # a system does not see who it is
    assert [(one["name"], one["critical"]) for one in affected] == [
        (HIDDEN, "yes"), (HIDDEN, "no"), (HIDDEN, "no"), (HIDDEN, "no"),
    ]  # fmt: skip
    evidence = report(rest, "outage/reports/evidence", **of)
    assert sorted((one["place"], one["by"].split()[0]) for one in evidence) == [
        ("SP-1", "meter"), ("SP-2", "meter"), ("SP-3", "meter"), ("SP-4", "call"),
    ]  # fmt: skip

    told = until(lambda: _told(url), "the public is told", pace=1.0)
    assert (told["customers_affected"], len(told["areas"])) == (4, 1)
    page = httpx.get(f"{url}/public", trust_env=False).text
    for private in ("SP-", "M-3", "P-3", "A-3", "wire down", outage["mrid"], outage["device"]):
        assert private not in page + str(told)
    assert hub.terminate() == 0
    assert "Traceback" not in hub.said


def _told(url: str) -> dict[str, Any] | None:
    found: dict[str, Any] = httpx.get(f"{url}/api/v1/public/outages", trust_env=False).json()
    return found if found["customers_affected"] else None
