"""Times that go before estimates: which settings are refused, whom they are about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from dms_apps.restoration_times.estimates import DEFAULT, Estimate
from dms_apps.restoration_times.joint import latest
from dms_apps.restoration_times.overrides import Override

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "delay or at is needed"),
        ({"delay": 5.0, "at": NOON}, "only one of them"),
        ({"at": NOON.replace(tzinfo=None)}, "offset from UTC"),
        ({"delay": 5.0, "least": 10, "below": 10}, "below 10 is not above least 10"),
    ],
)
def test_an_override_that_says_nothing_or_too_much_is_refused(
    given: Mapping[str, Any], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        Override(**given)


def row(mrid: str, zone: str = "F1", kind: str = "", customers: int = 5, stage: str = "") -> Any:
    return SimpleNamespace(mrid=mrid, zone=zone, kind=kind, customers=customers, stage=stage)


@pytest.mark.parametrize(
    ("override", "fits"),
    [
        (Override(delay=5.0), True),
        (Override(delay=5.0, zones=("North",)), True),
        (Override(delay=5.0, zones=("South",)), False),
        (Override(delay=5.0, storm=True), False),
        (Override(delay=5.0, least=5), True),
        (Override(delay=5.0, below=5), False),
        (Override(at=NOON), False),
        (Override(at=NOON + timedelta(hours=1)), True),
    ],
)
def test_whom_an_override_is_about(override: Override, fits: bool) -> None:
    assert override.fits(row("a"), ("F1", "North"), NOON, storm=False) is fits


@pytest.mark.parametrize(
    ("by_kind", "hours"),
    [(False, [3, 3, 3, 4]), (True, [2, 2, 3, 4])],
)
def test_those_that_wait_in_a_zone_get_the_time_of_the_last(
    by_kind: bool, hours: list[int]
) -> None:
    rows = [row("a", kind="Fuse"), row("b", kind="Fuse"), row("c"), row("d", stage="arrived")]
    found = {
        one.mrid: Estimate(at=NOON + timedelta(hours=n), source=DEFAULT, sure=False, why="")
        for n, one in enumerate(rows, 1)
    }
    told = latest(rows, found, by_kind=by_kind)
    assert [told[one.mrid].at - NOON for one in rows] == [timedelta(hours=n) for n in hours]
