"""The outage app on small networks: one case folder for each thing it must get right."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

CASES = sorted((Path(__file__).parents[2] / "cases" / "apps" / "outage").iterdir())
SHOWN = {"reset": 0, "tripped": 1}
CODES = {"lost": "3.26.0.85", "restored": "3.26.0.216", "on": "3.26.0.1"}


def play(run: Any, events: Iterable[Mapping[str, Any]], morning: datetime) -> None:
    """Hand over the events in the order in which they arrive, and wait for the app to rest."""
    for event in sorted(events, key=lambda e: e.get("arrives", e["at"])):
        run.until(morning + timedelta(seconds=event.get("arrives", event["at"])))
        happened = morning + timedelta(seconds=event["at"])
        if "meter" in event:
            run.meter(event["meter"], CODES[event["says"]], happened)
        elif "indicator" in event:
            run.indicator(event["indicator"], SHOWN[event["says"]], happened)
        else:
            run.switch(event["switch"], event["to"], happened, event.get("phases"))
    run.settle()


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.name)
def test_case(case: Path, start: Callable[..., Any]) -> None:
    given = tomllib.loads((case / "input.toml").read_text(encoding="utf-8"))
    expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    run = start(given["device"])
    morning = run.at
    run.at = morning - timedelta(days=1)
    play(run, given["event"], morning)
    assert run.places() == expected["open"]
    assert [verb.value for verb, _ in run.told] == expected["told"]
    by_place = {_place(outage): outage for outage in run.outages()}
    for name, seconds in expected.get("start", {}).items():
        assert by_place[name].reported_start_time == morning + timedelta(seconds=seconds)
    for name, kind in expected.get("kind", {}).items():
        assert by_place[name].outage_kind == kind
    for name, poles in expected.get("poles", {}).items():
        assert by_place[name].comment.startswith(f"Phase {poles} of") == bool(poles)
    for name, sentence in expected.get("comment", {}).items():
        assert sentence in by_place[name].comment


def _place(outage: Any) -> str:
    device = outage.outage_isolation_equipment
    return str(device[0].names[0].name) if device else ""
