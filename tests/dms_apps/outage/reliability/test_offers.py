"""The reports that the outage app offers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from cim.network import Network
from dms_apps.outage import OutageApp
from dms_apps.outage.reliability import offers
from dms_apps.outage.reliability.conventions import Conventions
from dms_apps.outage.reliability.interruption import Interruption
from hub.interfaces import Reporting
from hub.report import Form, Unanswerable
from hub.settings import ConfigError, build, read
from tests.dms_apps.outage.reliability.test_ledger import (
    connection,
    operated,
    recorded,
    serves,
    told,
)

__all__ = ["connection", "operated"]
CONFIG = Path(__file__).parents[4] / "config" / "apps" / "outage.toml"


@dataclass
class Given:
    """A question in the middle of the year."""

    connection: sa.Connection
    network: Network
    now: datetime = datetime(2025, 7, 1, 12, tzinfo=UTC)


@pytest.fixture
def given(connection: sa.Connection, operated: Network) -> Given:
    start = datetime(2025, 5, 1, 6, tzinfo=UTC)
    some = [
        Interruption(started=start, ended=start + timedelta(hours=n), point=f"p{n}", outage="o1")
        for n in (1, 2, 3)
    ]
    recorded(connection, some)
    told(connection, "o1", cause="wind")
    serves(connection, operated, datetime(2025, 1, 1, tzinfo=UTC))
    return Given(connection, operated)


def cells(given: Given, name: str, **asked: str) -> list[dict[str, Any]]:
    app = OutageApp()
    assert isinstance(app, Reporting)
    report = app.report(name, {key.rstrip("_"): text for key, text in asked.items()}, given)
    heads = [column.heading for column in report.columns]
    return [dict(zip(heads, row, strict=True)) for row in report.rows]


def test_the_year_so_far(given: Given) -> None:
    row = cells(given, "reliability")[0]
    assert (row["SAIFI"], row["SAIDI (min)"], row["CAIDI (min)"]) == (0.5, 60.0, 120.0)
    [line] = cells(given, "reliability-indices", by="region")
    assert (line["region"], line["SAIDI (min)"]) == ("North", 60.0)
    assert cells(given, "outage-causes")[0]["cause"] == "wind"
    assert cells(given, "worst-feeders")[0]["feeder"] == "FDR-1"
    first, sum_ = cells(given, "outage-contributions")
    assert first["SAIDI of the system (min)"] == sum_["SAIDI of the system (min)"] == 60.0
    assert cells(given, "major-days") == []
    assert cells(given, "major-day-thresholds")[0]["reporting year from"] == "2025-01-01"


def test_the_days_that_are_asked_for(given: Given) -> None:
    months = cells(given, "reliability-indices", each="month", from_="2025-04-01", to="2025-06-30")
    assert [(row["time"], row["SAIDI (min)"]) for row in months] == [
        ("2025-04", 0.0), ("2025-05", 60.0), ("2025-06", 0.0)
    ]  # fmt: skip
    assert cells(given, "reliability", from_="2024-01-01")[0]["SAIDI (min)"] == 0.0


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        ({"from": "soon"}, "from"),
        ({"from": "0001-01-01"}, "from"),
        ({"from": "2025-02-01", "to": "2025-01-01"}, "to"),
    ],
)
def test_a_wrong_day_is_refused(given: Given, asked: dict[str, str], parameter: str) -> None:
    with pytest.raises(Unanswerable) as refused:
        OutageApp().report("reliability", asked, given)
    assert refused.value.parameter == parameter


def test_every_offer_can_be_answered_and_drawn(given: Given) -> None:
    assert {*offers.OFFERS} <= {*OutageApp().reports}
    for offer in offers.OFFERS:
        report = OutageApp().report(offer.name, {}, given)
        assert offer.nouns == {"UnplannedOutages"}
        assert report.columns
        if report.draw is not None:
            assert report.draw(Form.PNG)


def test_from_the_first_gasp_to_the_indices(start: Callable[..., Any]) -> None:
    """Two of three lose power with the fuse for an hour; one comes back ten minutes later."""
    premises = ["M1", "M2", "M3"]
    run = start(
        [{"id": "B1", "parent": "SS1", "kind": "breaker", "premises": ["M4"]},
         {"id": "T1", "parent": "B1", "kind": "transformer", "premises": premises}]
    )  # fmt: skip
    lost, restored = "3.26.0.85", "3.26.0.216"
    at = run.at
    run.meters([(point, lost, at) for point in premises])
    run.until(at + timedelta(minutes=30))
    for point, minutes in zip(premises, (60, 60, 70), strict=True):
        run.until(at + timedelta(minutes=minutes))
        run.meter(point, restored, at + timedelta(minutes=minutes))
    run.settle()
    run.at = at + timedelta(hours=5)
    report = run.app.report("reliability", {}, run)
    heads = [column.heading for column in report.columns]
    row = dict(zip(heads, report.rows[0], strict=True))
    assert (row["customers served"], row["customers interrupted"]) == (4.0, 3)
    assert row["customer minutes (min)"] == 190.0
    assert (row["SAIFI"], row["SAIDI (min)"], row["CTAIDI (min)"]) == (0.75, 47.5, 190 / 3)
    contributions = run.app.report("outage-contributions", {}, run)
    assert sum(row[8] for row in contributions.rows[:-1]) == 3
    fuse, left_over, _ = contributions.rows
    assert (fuse[1], fuse[9], left_over[1], left_over[9]) == ("T1", 120.0, "", 70.0)


def test_the_settings_that_come_along_are_the_defaults() -> None:
    given = read(CONFIG, {})
    assert build(Conventions, given["reliability"], CONFIG) == Conventions()
    assert build(OutageApp, given, CONFIG).reliability == Conventions()
    with pytest.raises(ConfigError, match=r"reliability\.sustaned"):
        build(OutageApp, {"reliability": {"sustaned": 60}}, CONFIG)


def test_the_time_when_nothing_is_said() -> None:
    by = Conventions(year="04-01")
    assert offers._time({}, date(2025, 3, 31), by) == (date(2024, 4, 1), date(2025, 3, 31))
    assert offers._time({"from": "2023-05-01"}, date(2025, 3, 31), by) == (
        date(2023, 5, 1),
        date(2024, 3, 31),
    )
