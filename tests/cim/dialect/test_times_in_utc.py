"""Times in UTC, by their offset or by the clocks of a zone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from cim.dialect.times import in_utc

CHICAGO = ZoneInfo("America/Chicago")


@pytest.mark.parametrize(
    ("text", "local", "utc"),
    [
        ("2026-07-14T10:00:00+02:00", False, "2026-07-14T08:00:00+00:00"),
        ("2026-07-14T10:00:00+02:00", True, "2026-07-14T15:00:00+00:00"),
        ("2026-07-14T10:00:00", False, "2026-07-14T15:00:00+00:00"),
    ],
)
def test_by_offset_or_zone(text: str, local: bool, utc: str) -> None:
    assert in_utc(datetime.fromisoformat(text), CHICAGO, local=local).isoformat() == utc


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00"])
def test_what_no_calendar_has_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"^lies outside of the years 1 to 9999 in UTC$"):
        in_utc(datetime.fromisoformat(text), CHICAGO)
