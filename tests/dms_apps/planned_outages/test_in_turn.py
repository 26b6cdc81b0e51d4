"""Some have supply again while as many others lose it: none is more, and yet it is told."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext

from dms_apps.planned_outages.tables import metadata, outage
from hub.journal import Journal, migration
from tests.cim.network.drawing import Drawing
from tests.dms_apps.planned_outages.conftest import Begin
from tests.dms_apps.planned_outages.playing import Run

SINCE = "since 08:00"


def two_sides() -> Drawing:
    # source - a =[B]= b =[S1]= d: p1
    #                  b =[S2]= e: p2
    # other - x =[T1, open]= d     x =[T2, open]= e
    return (
        Drawing()
        .source("a")
        .switch("B", "a", "b")
        .switch("S1", "b", "d", kind="LoadBreakSwitch")
        .consumer("h1", "d")
        .usage_point("p1", "h1")
        .switch("S2", "b", "e", kind="LoadBreakSwitch")
        .consumer("h2", "e")
        .usage_point("p2", "h2")
        .source("x", "other")
        .switch("T1", "x", "d", kind="LoadBreakSwitch", opened=True, normally_open=True)
        .switch("T2", "x", "e", kind="LoadBreakSwitch", opened=True, normally_open=True)
    )


def under_way(begun: Begin, **given: Any) -> Run:
    """B is open, and p2 has supply from the other side."""
    run = begun()
    run.network = two_sides().network()
    plan = {"id": "P-1", "open": ["B"], "from": "6 08:00", "until": "6 12:00", **given}
    run.play({"at": "09:00", "create": plan})
    run.play({"at": "6 08:00", "switch": {"open": ["B"]}})
    told = run.play({"at": "6 08:30", "switch": [{"open": ["S2"]}, {"close": ["T2"]}]})
    assert told == [f"changed P-1 active (p1 p2) of 2, confirmed, 2 without, {SINCE}"]
    told = run.play({"at": "6 08:31"})
    assert told == [
        f"changed P-1 active (p1; again p2) of 2, partiallyRestored, 1 without, {SINCE}"
    ]
    return run


@pytest.mark.parametrize("given", [{}, {"points": ["p1", "p2"]}], ids=["found", "said"])
def test_who_changes_places_is_told(begun: Begin, given: dict[str, Any]) -> None:
    run = under_way(begun, **given)
    swapped = [{"open": ["T2"]}, {"open": ["S1"]}, {"close": ["T1"]}]
    assert run.play({"at": "6 09:00", "switch": swapped}) == []
    assert run.play({"at": "6 09:01"}) == [
        f"changed P-1 active (p2; again p1) of 2, partiallyRestored, 1 without, {SINCE}"
    ]
    # Nothing is for anybody otherwise: nothing is told.
    assert run.play({"at": "6 09:30", "switch": {"close": ["S2"]}}) == []
    assert run.play({"at": "6 09:31"}) == []


def test_of_before_nobody_knows_who_it_was(begun: Begin) -> None:
    run = under_way(begun)
    run.connection.execute(sa.update(outage).values(mark=""))
    assert run.play({"at": "6 09:00", "switch": {"close": ["S1"]}}) == []
    assert run.play({"at": "6 09:01"}) == []
    assert run.connection.scalar(sa.select(outage.c.mark)) != ""


def test_a_table_of_before_is_brought_up(empty_database_url: str) -> None:
    engine = sa.create_engine(empty_database_url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(migration.SCRIPTS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0024")
        metadata.create_all(connection)
        connection.execute(sa.text(f"ALTER TABLE {outage.name} DROP COLUMN mark"))
    engine.dispose()
    journal = Journal.open(empty_database_url)
    with journal.engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), metadata)
    journal.close()
    assert [one for one in found if "planned_outages_" in repr(one)] == []
