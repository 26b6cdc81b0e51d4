"""How things are shown."""

from __future__ import annotations

import json

import pytest

from hub.cli import show


def test_what_has_no_order_is_shown_in_one(capsys: pytest.CaptureFixture[str]) -> None:
    show.data({"phases": frozenset({"s2", "N", "B", "s1", "C", "A"})}, as_json=True)
    said = json.loads(capsys.readouterr().out)
    assert said == {"phases": ["A", "B", "C", "N", "s1", "s2"]}
