"""Stories of planned outages: one case folder for each thing that can happen."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.dms_apps.planned_outages.conftest import Begin

CASES = sorted((Path(__file__).parents[2] / "cases" / "apps" / "planned_outages").iterdir())


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.name)
def test_case(case: Path, begun: Begin) -> None:
    story = tomllib.loads((case / "story.toml").read_text(encoding="utf-8"))
    run = begun(**story.get("settings", {}))
    told = [(step["at"], run.play(step)) for step in story["happens"]]
    assert told == [(step["at"], step.get("said", [])) for step in story["happens"]]
