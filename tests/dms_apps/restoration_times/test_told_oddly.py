"""What is told late, twice, in parts, or as it cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from cim.bounds import LARGEST, LONGEST
from cim.message import Message, Verb
from cim.profiles.compounds import Status
from cim.profiles.crews import Crew, Crews
from cim.profiles.unplanned_outages import UnplannedOutages
from dms_apps.restoration_times import RestorationTimesApp, store
from dms_apps.restoration_times.tables import metadata
from hub.journal.database import connect
from hub.report import Unanswerable
from tests.dms_apps.restoration_times.playing import DAY, Run, crew, event, moment, order, outage
from tests.in_memory import database

SHIFT = {"id": "c1", "from": "08:00", "until": "16:00"}
OPEN = {"id": "o", "zone": "Z", "customers": 5, "start": "07:50"}


@pytest.fixture
def run() -> Iterator[Run]:
    with database(metadata) as connection:
        yield Run(RestorationTimesApp(), connection, now=moment("08:00"))


def on_duty(run: Run, at: str) -> tuple[int, int]:
    return store.crews(run.connection, moment(at))


def test_a_change_of_a_crew_leaves_its_shift(run: Run) -> None:
    run.hand(crew(SHIFT, moment("07:00")))
    only = Crews(crew=(Crew(mrid="c1", status=Status(value="available")),))
    run.hand(event(only, Verb.CHANGED, moment("08:00")))
    assert on_duty(run, "20:00") == (1, 0)
    run.hand(crew(SHIFT | {"verb": "changed", "until": "22:00"}, moment("07:30")))
    assert on_duty(run, "20:00") == (1, 1)


def test_the_newer_word_of_a_crew_counts(run: Run) -> None:
    gone = crew(SHIFT | {"verb": "deleted"}, moment("07:30"))
    run.hand(gone)
    for late in (crew(SHIFT, moment("07:00")), crew(SHIFT, moment("07:30"))):
        run.hand(late)
        assert on_duty(run, "09:00") == (0, 0)
    only = Crews(crew=(Crew(mrid="c1", status=Status(value="available")),))
    run.hand(event(only, Verb.CHANGED, moment("07:40")))
    assert on_duty(run, "09:00") == (0, 0)
    run.hand(crew(SHIFT, moment("08:00")))
    run.hand(gone)
    run.hand(crew(SHIFT | {"until": "08:30"}, moment("07:50")))
    assert on_duty(run, "09:00") == (1, 1)


@pytest.mark.parametrize("verb", ["canceled", "deleted"])
def test_an_outage_that_was_none_stays_so_though_more_is_told_late(run: Run, verb: str) -> None:
    words = [
        outage(OPEN, moment("08:00")),
        outage(OPEN | {"verb": verb}, moment("08:10")),
        outage(OPEN | {"verb": "changed"}, moment("08:05")),
    ]
    for word in (*words, *words, words[1], words[0]):
        run.hand(word)
    assert store.open_outages(run.connection) == []
    run.hand(outage(OPEN, moment("08:20")))
    assert [row.mrid for row in store.open_outages(run.connection)] == ["o"]


def merged(at: str) -> Message:
    told = outage(OPEN | {"verb": "closed", "end": "08:05", "ert": "09:00", "source": "history"},
                  moment(at))  # fmt: skip
    assert isinstance(told.payload, UnplannedOutages)
    [one] = told.payload.unplanned_outage
    part = replace(one, status=Status(value="merged", reason="whole"))
    return replace(told, payload=UnplannedOutages(unplanned_outage=(part,)))


def test_an_outage_that_becomes_part_of_another_teaches_nothing(run: Run) -> None:
    told = outage(OPEN | {"ert": "09:00", "source": "history"}, moment("08:00"))
    for word in (told, merged("08:05"), told):
        run.hand(word)
    assert store.steps(run.connection) == []
    assert store.over(run.connection, DAY) == []
    assert store.open_outages(run.connection) == []


def test_a_time_that_is_taken_back_is_none(run: Run) -> None:
    run.hand(outage(OPEN | {"ert": "18:00", "source": "zone"}, moment("08:00")))
    run.until(moment("08:30"))
    run.hand(outage(OPEN | {"verb": "changed"}, moment("08:30")))
    run.hand(outage(OPEN | {"id": "p", "start": "08:25"}, moment("08:30")))
    run.until(moment("08:31"))
    assert run.asked == ["08:30:05 o 10:00 default low", "08:30:05 p 10:30 default low"]


def test_what_says_nothing_of_the_time_leaves_it(run: Run) -> None:
    run.hand(outage(OPEN | {"ert": "18:00", "source": "crew 7"}, moment("08:00")))
    run.hand(outage({"id": "o", "verb": "changed", "crew": "enroute"}, moment("08:10")))
    [row] = store.open_outages(run.connection)
    assert (row.ert, row.ert_source) == (moment("18:00"), "crew 7")


@pytest.mark.parametrize("days", ["100000", "1000000", "9" * 5000])
def test_days_of_the_past_have_bounds(run: Run, days: str) -> None:
    with pytest.raises(Unanswerable, match="days: is no whole number of days above 0"):
        run.app.report("accuracy", {"days": days}, run)


@pytest.mark.parametrize("customers", [-1, LARGEST + 1, 10**400])
def test_what_has_no_room_is_cut_or_not_said(database_url: str, customers: int) -> None:
    engine = connect(database_url)
    with engine.connect() as connection:
        metadata.create_all(connection)
        run = Run(RestorationTimesApp(), connection, now=moment("08:00"))
        run.hand(outage(OPEN, run.now))
        long = "x" * (LONGEST + 1)
        odd = {"customers": customers, "critical": customers, "zone": long, "ert": "10:00"}
        run.hand(outage(OPEN | odd | {"verb": "changed", "source": long}, run.now))
        [row] = store.open_outages(connection)
        assert (row.customers, row.critical) == (5, 0)
        assert row.zone == row.ert_source == row.first_source == long[:LONGEST]
    engine.dispose()


def test_work_that_ends_before_it_begins_is_not_assessed(run: Run) -> None:
    run.hand(outage(OPEN, run.now))
    run.hand(order({"of": "o", "hours": -3}, run.now))
    assert store.assessments(run.connection) == {"o": 0.0}
