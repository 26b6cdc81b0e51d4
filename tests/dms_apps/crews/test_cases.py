"""Stories of crews and troubles: a case folder for each thing that can happen."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.dms_apps.crews.playing import Run

CASES = sorted((Path(__file__).parents[2] / "cases" / "apps" / "crews").iterdir())


def played(story: dict[str, Any], begun: Callable[..., Run]) -> dict[str, Any]:
    run = begun(story.get("device", ()), **story.get("settings", {}))
    said = {}
    for step in story["happens"]:
        said.setdefault(step["at"], []).extend(run.play(step))
    asked = {
        one["report"]: run.rows(one["report"], *one["columns"]) for one in story.get("shown", ())
    }
    return json.loads(json.dumps({"said": said, "shown": asked}, default=str))


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.name)
def test_case(case: Path, begun: Callable[..., Run]) -> None:
    story = tomllib.loads((case / "input.toml").read_text(encoding="utf-8"))
    expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    assert played(story, begun) == expected
