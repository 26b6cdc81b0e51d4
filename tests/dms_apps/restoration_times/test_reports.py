"""What the app shows: the estimates of now, and how good those of the past were."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from dms_apps.restoration_times import RestorationTimesApp
from dms_apps.restoration_times.tables import metadata
from hub.report import Unanswerable
from tests.dms_apps.restoration_times.playing import Run, moment, outage


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'a.db'}")
    metadata.create_all(engine)
    with engine.connect() as opened:
        yield Run(RestorationTimesApp(moved=1000.0), opened, now=moment("08:00"))
    engine.dispose()


def past(run: Run) -> None:
    """Told 10:30 and back at 10:20; told 11:00, then 11:30 by a crew, and back at 11:15."""
    for text, one in (
        ("10:00", {"id": "a", "zone": "F1", "start": "10:00", "ert": "10:30", "source": "history"}),
        ("10:20", {"id": "a", "verb": "closed", "end": "10:20"}),
        ("10:30", {"id": "b", "zone": "F2", "start": "10:30", "ert": "11:00", "source": "history"}),
        ("10:50", {"id": "b", "verb": "changed", "ert": "11:30", "source": "crew"}),
        ("11:15", {"id": "b", "verb": "closed", "end": "11:15"}),
    ):
        run.until(moment(text))
        run.hand(outage(one, run.now))


def test_accuracy(run: Run) -> None:
    past(run)
    report = run.app.report("accuracy", {}, run)
    rows = {(row[0], row[1]): row[2:] for row in report.rows}
    assert rows["all", "history"] == rows["all", "all"] == (2, 50.0, 100.0, 2.5, -12.5, 15.0)
    assert rows["F1", "history"] == (1, 100.0, 100.0, -10.0, -10.0, 10.0)
    assert rows["F2", "all"] == (1, 0.0, 100.0, 15.0, -15.0, 15.0)


def test_only_of_the_days_asked_for(run: Run) -> None:
    past(run)
    run.now += timedelta(days=3)
    assert run.app.report("accuracy", {"days": "4"}, run).rows
    assert not run.app.report("accuracy", {"days": "2"}, run).rows
    with pytest.raises(Unanswerable, match="days: is no whole number of days above 0"):
        run.app.report("accuracy", {"days": "0"}, run)


def test_every_estimate_has_its_reason(run: Run) -> None:
    run.now = moment("12:00")
    run.hand(outage({"id": "c", "zone": "F1", "customers": 3, "start": "11:50"}, run.now))
    [row] = run.app.report("expected", {}, run).rows
    assert row[0] == "c"
    assert row[8] == moment("14:00")
    assert row[10] == "120 min by default: too few outages like it are known."
