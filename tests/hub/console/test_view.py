"""How figures stand in tables."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hub.console.view import shown
from hub.report import Cell


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (0.1 + 0.2, "0.3"),
        (1128.83, "1128.83"),
        (999_999.4, "999999"),
        (1_000_000.27, "1000000"),
        (-12_345_678.9, "-12345679"),
        (2e15, "2e+15"),
        (7, "7"),
        (datetime(2026, 3, 1, 12, tzinfo=UTC), "2026-03-01 12:00:00"),
    ],
)
def test_a_cell_is_read_at_a_glance(cell: Cell, text: str) -> None:
    assert shown(cell) == text
