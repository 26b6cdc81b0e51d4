"""Small models of our own, each with what its check must find, word for word."""

from __future__ import annotations

import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from cim.model.read import read
from cim.vocabulary import RULES, Vocabulary, choose, validate, vocabulary

CASES = sorted((Path(__file__).parents[2] / "cases" / "vocabulary").iterdir())


def params(case: Path) -> dict[str, Any]:
    return tomllib.loads((case / "expected.toml").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_findings_are_these(case: Path) -> None:
    given = params(case)
    model = read((case / "input.xml").read_bytes())
    known: Vocabulary | None = choose(model)
    if "vocabulary" in given:
        known = vocabulary(given["vocabulary"]).claiming(*given["profiles"])
    assert known is not None
    found = validate(model, known, given.get("most", 10))
    assert [asdict(finding) for finding in found] == [
        {"count": 1} | finding for finding in given["finding"]
    ]


def test_every_rule_has_a_case() -> None:
    shown = {finding["rule"] for case in CASES for finding in params(case)["finding"]}
    assert shown == set(RULES)
