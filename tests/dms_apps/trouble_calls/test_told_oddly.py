"""What is told of calls and outages in an order, or in a way, that nobody would expect."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dms_apps.trouble_calls.tables import outage
from tests.dms_apps.trouble_calls.playing import Run, moment, plain
from tests.dms_apps.trouble_calls.playing import outage as outage_of
from tests.dms_apps.trouble_calls.test_cases import begun


@pytest.fixture
def run() -> Iterator[Run]:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        yield begun(connection)
    engine.dispose()


CALL = {"id": "T-1", "point": "p", "phone": "123", "wants": ["powerRestored"]}
OUT = {"id": "O-1", "verb": "created", "points": ["p"], "start": "07:50"}


def restored_very_late(run: Run) -> None:
    """Told six weeks after it was over, as of then."""
    run.play({"at": "08:00", "call": CALL})
    run.play({"at": "08:01", "outage": OUT})
    run.now += timedelta(days=45)
    over = {"id": "O-1", "verb": "closed", "start": "07:50", "end": "08:30"}
    list(run.app.handle(outage_of(over, moment("08:30")), run))  # type: ignore[arg-type]
    list(run.app.wake(run))  # type: ignore[arg-type]


def test_an_outage_stays_until_its_callers_are_told(run: Run) -> None:
    restored_very_late(run)
    run.said = []
    run.until(run.now + timedelta(minutes=5))
    assert [line for one in run.said for line in plain(one)] == ["call 123 of T-1: powerRestored"]
    run.until(run.now + timedelta(hours=2))
    assert run.connection.execute(sa.select(outage)).first() is None


def test_an_outage_that_was_forgotten_stops_nobody(run: Run) -> None:
    restored_very_late(run)
    run.connection.execute(sa.delete(outage))  # as it was done before
    run.said = []
    run.until(run.now + timedelta(minutes=5))
    assert run.said == []
