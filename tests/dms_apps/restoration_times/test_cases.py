"""Stories of outages, crews and restoration times: one case folder for each thing."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from dms_apps.restoration_times import RestorationTimesApp
from dms_apps.restoration_times.tables import metadata
from hub.settings import build, read
from tests.dms_apps.restoration_times.playing import Run, crew, moment, order, outage
from tests.in_memory import database

ROOT = Path(__file__).parents[3]
CASES = sorted((ROOT / "tests" / "cases" / "apps" / "restoration_times").iterdir())
SETTINGS = ROOT / "config" / "apps" / "restoration_times.toml"


@pytest.fixture
def connection() -> Iterator[sa.Connection]:
    with database(metadata) as opened:
        yield opened


def begun(connection: sa.Connection, **changed: Any) -> Run:
    return Run(build(RestorationTimesApp, read(SETTINGS, {}) | changed, SETTINGS), connection)


def play(run: Run, steps: list[dict[str, Any]]) -> list[tuple[str, list[str]]]:
    """What was asked for until each step."""
    told = []
    for step in steps:
        run.asked = []
        run.until(moment(step["at"]))
        for kind, make in (("outage", outage), ("crew", crew), ("order", order)):
            if kind in step:
                run.hand(make(step[kind], run.now))
        told.append((step["at"], run.asked))
    return told


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.name)
def test_case(case: Path, connection: sa.Connection) -> None:
    story = tomllib.loads((case / "story.toml").read_text(encoding="utf-8"))
    run = begun(connection, **story.get("settings", {}))
    told = play(run, story["happens"])
    assert told == [(step["at"], step.get("said", [])) for step in story["happens"]]
