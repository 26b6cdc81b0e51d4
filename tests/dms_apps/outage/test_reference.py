"""The published scenarios of outage prediction that last gasps and switch positions can carry.

A call stands in for the last gasp of the same premise: where the outage is does not depend on who
said so.  Left out, because the messages they need are not read yet: OP-01 (meter ping on a single
call), OP-15 (call-back after a crew's restoration), OP-16 (planned outages), OP-19 (hazards of
trouble calls), OP-20 (a crew's confirmation).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

SCOPE = [f"OP-{n:02d}" for n in (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 17, 18)]
LOST, RESTORED, ON = "3.26.0.85", "3.26.0.216", "3.26.0.1"


def moment(day: datetime, clock: str) -> datetime:
    """ "10:00:40" on that day."""
    hours, minutes, *seconds = map(int, clock.split(":"))
    return day + timedelta(hours=hours, minutes=minutes, seconds=sum(seconds))


def steps(run: Any, scenario: dict[str, Any], devices: dict[str, Any]) -> Iterator[Any]:
    """What happens, as (arrival, action)."""
    day = run.at.replace(hour=0)
    for device, to in scenario.get("scada", {}).items():
        yield day, lambda d=device, to=to: run.switch(d, to[:5], day)
    for event in scenario["events"]:
        at = moment(day, event["t"])
        arrival = moment(day, event.get("arrive", event["t"]))
        if event["type"] == "scada":
            to = event["to"].removesuffix("d")
            yield arrival, lambda e=event, at=at, to=to: run.switch(e["device"], to, at)
        elif event["type"] == "restore":
            for premise in devices[event["device"]]["premises"]:
                yield arrival, lambda p=premise, at=at: run.meter(p, RESTORED, at)
        else:
            code = event.get("code") or (ON if event.get("power") == "on" else LOST)
            yield arrival, lambda e=event, at=at, c=code: run.meter(e["premise"], c, at)


def play(run: Any, scenario: dict[str, Any], devices: dict[str, Any]) -> None:
    day = run.at.replace(hour=0)
    run.at = day
    for switched in scenario.get("switching", ()):
        for to, device in switched.items():
            run.switch(device.partition("@")[0], to, day)
    happening = sorted(steps(run, scenario, devices), key=lambda step: step[0])
    for arrival, action in happening:
        run.until(arrival)
        action()
    run.settle()


@pytest.mark.reference
@pytest.mark.parametrize("scope", SCOPE)
def test_scenario(scope: str, shared: Path, start: Callable[..., Any]) -> None:
    vectors = json.loads((shared / "data/testvectors/outage_prediction.json").read_text())
    [scenario] = [s for s in vectors["scenarios"] if s["id"] == scope]
    devices = {d["id"]: d for d in vectors["network"]["devices"]}
    drawn = list(devices.values())
    if "switching" in scenario:
        drawn.append({"id": "TIE-F2", "parent": "F1", "kind": "tie", "to": "F2"})
    run = start(drawn)
    play(run, scenario, devices)
    expected = [i for i in scenario["expect"]["incidents"] if i.get("state") != "CLOSED"]
    found = {_place(o): o for _, o in run.told if _place(o)}
    assert set(run.places()) - {""} == {i["at"] for i in expected}
    for incident in scenario["expect"]["incidents"]:
        _check(found[incident["at"]], incident, run.at)
    unresolved = [o for o in run.outages() if not _place(o)]
    assert sum(o.meters_affected or 0 for o in unresolved) == scenario["expect"].get(
        "unresolved_calls", 0
    )


def _check(outage: Any, incident: dict[str, Any], day: datetime) -> None:
    assert outage.original_customers_served == incident["customers"]
    if "customers_net_of_nested" in incident:
        assert outage.meters_affected == incident["customers_net_of_nested"]
    if incident.get("state") == "CONFIRMED":
        assert outage.outage_kind == "confirmed"
    if incident.get("state") == "CLOSED":
        assert outage.outage_kind == "closed"
    if "start" in incident:
        assert outage.reported_start_time == moment(
            day.replace(hour=0, minute=0, second=0), incident["start"]
        )


def _place(outage: Any) -> str:
    if outage.outage_isolation_equipment:
        return str(outage.outage_isolation_equipment[0].names[0].name)
    points = outage.de_energized_usage_point
    return str(points[0].names[0].name) if points and points[0].mrid else ""
