"""Who is without power in an outage, and what speaks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from dms_apps.outage.tables import metadata
from hub.dispatch import reports
from hub.dispatch.reports import Given
from hub.report import Report, Unanswerable
from tests.dms_apps.outage.conftest import LOST, RESTORED, Run
from tests.dms_apps.outage.test_app import DEVICES


def asked(run: Run, name: str, mrid: str) -> Report:
    given = Given(run.connection, run.at, lambda: run.network)
    return reports.ask({"outage": run.app}, "outage", name, {"outage": mrid}, given)


def test_both_databases_can_be_asked(database_url: str, dark: Run) -> None:
    """The same tables in another database, with the rows of this one."""
    engine = sa.create_engine(database_url)
    with engine.connect() as connection:
        metadata.create_all(connection)
        for table in metadata.sorted_tables:
            if rows := [row._asdict() for row in dark.connection.execute(sa.select(table))]:
                connection.execute(sa.insert(table), rows)
        mrid = of(dark, "T3")
        here = [asked(dark, name, mrid).rows for name in ("affected", "evidence")]
        other = replace(dark, connection=connection)
        assert [asked(other, name, mrid).rows for name in ("affected", "evidence")] == here
    engine.dispose()


@pytest.fixture
def dark(start: Callable[..., Any]) -> Run:
    """T3 is dark, M8 on it critical; a caller says so, too."""
    run: Run = start(DEVICES)
    begin = run.at
    for number, meter in enumerate(("M7", "M8", "M9")):
        run.meter(meter, LOST, begin + timedelta(seconds=number))
    run.call("M9", begin + timedelta(seconds=50), number="C-1")
    run.until(begin + timedelta(minutes=3))
    return run


def of(run: Run, device: str) -> str:
    [one] = [
        o
        for o in run.outages()
        if o.outage_isolation_equipment and o.outage_isolation_equipment[0].names[0].name == device
    ]
    return one.mrid or ""


def test_who_is_affected_is_told_with_the_critical_first(dark: Run) -> None:
    found = asked(dark, "affected", of(dark, "T3"))
    personal = [column.name for column in found.columns if column.personal]
    assert personal == ["usage point", "name"]
    assert [row[1:3] for row in found.rows] == [("M8", "yes"), ("M7", "no"), ("M9", "no")]
    assert all(row[4] is None for row in found.rows)
    back = dark.at
    dark.meter("M7", RESTORED, back)
    mrid = of(dark, "T3")
    dark.settle()
    rows = {row[1]: row for row in asked(dark, "affected", mrid).rows}
    assert rows["M7"][4] == back


def test_evidence_is_told_by_place_and_by_whom(dark: Run) -> None:
    begin = dark.at - timedelta(minutes=3)
    found = asked(dark, "evidence", of(dark, "T3"))
    told = [((row[0] - begin).seconds, *row[1:3], row[3].split()[0]) for row in found.rows]
    assert told == [
        (50, "M9", "no power", "call"),
        (2, "M9", "no power", "meter"),
        (1, "M8", "no power", "meter"),
        (0, "M7", "no power", "meter"),
    ]


def test_a_switch_is_evidence_for_what_it_feeds(start: Callable[..., Any]) -> None:
    run: Run = start(DEVICES)
    begin = run.at
    run.switch("R1", "open", begin, "ABC")
    run.until(begin + timedelta(minutes=2))
    found = asked(run, "evidence", of(run, "R1"))
    assert (begin, "R1", "switch") in [(row[0], row[1], row[3]) for row in found.rows]
    assert len(asked(run, "affected", of(run, "R1")).rows) == 6


def test_much_evidence_is_cut_and_says_so(dark: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dms_apps.outage.affected.MOST", 2)
    found = asked(dark, "evidence", of(dark, "T3"))
    assert len(found.rows) == 2
    assert found.remarks == ("Only the newest 2 are shown.",)


def test_an_outage_that_is_none_is_named(dark: Run) -> None:
    for name in ("affected", "evidence"):
        with pytest.raises(Unanswerable, match="outage: there is no outage O-9"):
            asked(dark, name, "O-9")
