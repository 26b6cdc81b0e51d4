"""What is told of small networks: one case folder for each thing that can happen."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from tests.dms_apps.network_connectivity.playing import Run, drawn, plain

CASES = sorted((Path(__file__).parents[2] / "cases" / "apps" / "network_connectivity").iterdir())


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.name)
def test_case(case: Path) -> None:
    given = tomllib.loads((case / "input.toml").read_text(encoding="utf-8"))
    run = Run(drawn(given["network"]).network())
    told = [{"after": one, "told": [*map(plain, run.play(one))]} for one in given["happens"]]
    assert told == json.loads((case / "expected.json").read_text(encoding="utf-8"))
