"""Who is without supply by a switch and by planned work at once is so once, and has it back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from cim.message import Verb
from cim.profiles.compounds import DateTimeInterval
from cim.profiles.outages import ConductingEquipment
from cim.profiles.planned_outages import PlannedOutage, PlannedOutages
from dms_apps.outage.store import named_outages
from dms_apps.outage.tables import planned
from tests.dms_apps.outage.conftest import LOST, MORNING, event_message, mrid
from tests.dms_apps.outage.streams import NETWORK, play
from tests.dms_apps.outage.test_app import DEVICES
from tests.dms_apps.outage.test_streams import check, content, meters, plan, switch
from tests.dms_apps.outage.test_transfers import TWO_TIES

WORK = plan("R1", "actual", begins=0, lasts=100_000)
OPENS, CLOSES = switch("CB1", "open"), switch("CB1", "close")
SAY_SO = meters("restored", "M1", "M2", "M3", "M4", "M5", "M6")


def ended(after: int, lasts: int) -> dict[str, Any]:
    """It is told that the work that began so many seconds ago is over."""
    return plan("R1", "actual", begins=-after, lasts=lasts)


@pytest.mark.parametrize(
    ("events", "of", "first", "last"),
    [
        # by the switch before the work
        ([(0, OPENS), (30, WORK), (4000, SAY_SO)], "R1", 0, 4030),
        ([(0, OPENS), (30, WORK), (4000, CLOSES)], "R1", 0, 4030),
        ([(0, OPENS), (300, WORK), (4000, SAY_SO)], "CB1", 0, 4300),
        ([(0, OPENS), (300, WORK), (4000, CLOSES)], "CB1", 0, 4300),
        ([(0, OPENS), (300, WORK), (4000, SAY_SO), (90, CLOSES)], "CB1", 0, 4300),
        # the work is over, the switch is not closed yet
        ([(0, OPENS), (30, WORK), (4000, ended(4000, 600))], "R1", 0, None),
        ([(0, OPENS), (300, WORK), (4000, ended(4000, 600))], "CB1", 0, None),
        ([(0, OPENS), (300, WORK), (4000, ended(4000, 600)), (90, CLOSES)], "CB1", 0, 4390),
        # by the work before the switch: the switch is what tells when
        ([(0, WORK), (300, OPENS), (4000, SAY_SO)], "CB1", 300, 4300),
        ([(0, WORK), (300, OPENS), (4000, CLOSES)], "CB1", 300, 4300),
        ([(0, WORK), (300, OPENS), (4000, ended(4300, 4000))], "CB1", 300, None),
        # two switches, one below the other
        (
            [(0, OPENS), (300, switch("R1", "open")), (300, WORK), (4000, CLOSES)],
            "R1", 0, None,
        ),
        (
            [(0, OPENS), (300, switch("R1", "open")), (300, WORK), (4000, CLOSES),
             (90, switch("R1", "close"))],
            "R1", 0, 4690,
        ),
        # meters told of it before the switch and the work did
        (
            [(0, meters("lost", "M1", "M2", "M3")), (5, OPENS), (300, WORK), (4000, CLOSES),
             (5, SAY_SO)],
            "CB1", 5, 4305,
        ),
    ],
)  # fmt: skip
def test_it_is_without_once_and_has_it_back(
    start: Callable[..., Any], events: list[Any], of: str, first: int, last: int | None
) -> None:
    run = start(NETWORK)
    play(run, events)
    run.settle()
    check(run)
    [row] = [row for row in run.ledger() if row[0] == "M1"]
    assert row[1] == MORNING + timedelta(seconds=first)
    assert row[2] == (None if last is None else MORNING + timedelta(seconds=last))
    [outage] = named_outages(run.connection, [row[3]])
    assert run.network.name(outage.device or "") == of
    assert outage.is_open == (last is None)


@pytest.mark.parametrize(
    ("events", "without"),
    [
        # by the meter alone, once the work had given it back
        ([(0, WORK), (400, meters("restored", "M1")), (600, meters("lost", "M1"))], 3),
        (
            [(0, WORK), (400, meters("restored", "M1")), (600, meters("lost", "M1")),
             (400, ended(1400, 1300))],
            1,
        ),
        # by a switch twice
        ([(0, WORK), (300, OPENS), (300, CLOSES), (300, OPENS)], 3),
        ([(0, WORK), (300, OPENS), (300, CLOSES), (300, OPENS), (300, CLOSES)], 0),
        # on two feeders
        ([(0, WORK | {"out": ["M1", "M7"]}), (400, meters("restored", "M7"))], 1),
        ([(0, WORK | {"out": ["M1", "M7"]}), (400, meters("lost", "M8"))], 2),
        ([(0, WORK | {"out": ["M1", "M7"]}), (400, meters("restored", "M1", "M7"))], 0),
    ],
)  # fmt: skip
def test_one_planned_outage_is_one_whatever_takes_supply_for_it(
    start: Callable[..., Any], events: list[Any], without: int
) -> None:
    run = start(NETWORK)
    play(run, events)
    run.settle()
    check(run)
    [outage] = named_outages(run.connection, [mrid("plan R1")])
    assert outage.planned
    assert outage.without == without
    assert outage.is_open == bool(without)


def test_who_has_it_back_before_others_is_concerned_by_the_work_all_the_same(
    start: Callable[..., Any],
) -> None:
    run = start(NETWORK)
    play(run, [(0, WORK | {"out": ["M1", "M2"]})])
    play(run, [(400, WORK | {"begins": -400, "out": ["M1"], "again": ["M2"]})])
    [points] = run.connection.scalars(sa.select(planned.c.points))
    assert {run.network.name(point) for point in points} == {"M1", "M2"}


def test_who_has_had_supply_all_the_time_is_not_concerned(start: Callable[..., Any]) -> None:
    run = start(NETWORK)
    play(run, [(0, WORK | {"out": ["M1"]})])
    play(run, [(400, WORK | {"begins": -400, "out": [], "again": ["M1", "M2"]})])
    [points] = run.connection.scalars(sa.select(planned.c.points))
    assert {run.network.name(point) for point in points} == {"M1"}


@pytest.mark.parametrize(
    "words",
    [  # the first late
        # of the other feeder, whose rows were dropped
        [(0, "lost", "M7"), (4000, "lost", "M8")],
        [(100, "lost", "M1"), (5500, "lost", "M2")],
        # after its end: what it joins is seen once it is taken up
        [(1200, "restored", "M2"), (0, "restored", "M8"), (0, "restored", "M1")],
    ],
)
def test_late_news_takes_up_all_feeders_of_a_plan_that_is_over(
    start: Callable[..., Any], words: list[tuple[int, str, str]]
) -> None:
    two_feeders = {"out": ["M1", "M7"]}
    began = (0, ended(0, 1000) | two_feeders)
    over = (1100, ended(1100, 1000) | two_feeders)

    def ledger(late: int) -> list[Any]:
        said = [(at, meters(says, name)) for at, says, name in words[late:]]
        run, now = start(NETWORK), 0
        for at, event in sorted([*said, began, over], key=lambda one: one[0]):
            play(run, [(at - now, event)])
            now = at
        for at, says, name in words[:late]:
            play(run, [(50_000 - now, meters(says, name, lag=50_000 - at))])
        run.settle()
        check(run)
        return content(run)

    assert ledger(late=1) == ledger(late=0)


def test_a_call_during_a_planned_outage_is_no_new_trouble(start: Callable[..., Any]) -> None:
    run = start(DEVICES)
    run.plan("T1", run.at, run.at + timedelta(hours=2))
    run.until(run.at + timedelta(minutes=10))
    run.call("M2", run.at)
    run.settle()
    assert run.told == []
    run.call("M4", run.at)
    run.settle()
    assert [verb for verb, _ in run.told] == [Verb.CREATED]


@pytest.mark.parametrize("anew", [False, True])
def test_who_is_fed_another_way_meanwhile_was_without_by_the_work(
    start: Callable[..., Any], *, anew: bool
) -> None:
    """Though by then nobody is below the switch any more that is named for it."""
    run = start(TWO_TIES)
    run.settle()
    begins, tied, ends = (MORNING + timedelta(minutes=minutes) for minutes in (5, 15, 60))
    of = run.plan("S1", MORNING, ends)
    for at, name, kind in ((begins, "S1", "open"), (tied, "TIE", "close"), (ends, "S1", "close")):
        run.until(max(run.at, at))
        run.switch(name, kind, at)
        if anew:
            run.app = type(run.app)(codes=run.app.codes)
            run.wake_at(run.at)
    run.until(ends + timedelta(minutes=30))
    assert {tuple(row) for row in run.ledger()} == {(p, begins, tied, of) for p in ("M6", "M7")}
    assert run.told == []


NEVER = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC)


@pytest.mark.parametrize("first", [*NEVER, MORNING])
@pytest.mark.parametrize("last", [*NEVER, None])
@pytest.mark.parametrize("actual", [False, True])
def test_a_plan_for_no_time_stops_nothing(
    start: Callable[..., Any], first: datetime, last: datetime | None, *, actual: bool
) -> None:
    """Nobody says when it is then."""
    run = start(TWO_TIES)
    run.settle()
    period = DateTimeInterval(start=first, end=last)
    one = PlannedOutage(
        mrid=mrid("work"),
        estimated_period=period,
        actual_period=period if actual else None,
        outage_isolation_equipment=(ConductingEquipment(mrid=mrid("CB2")),),
    )
    run.handle(event_message(PlannedOutages(planned_outage=(one,))))
    run.until(MORNING + timedelta(minutes=30))
    run.meter("M6", LOST, run.at)
    run.until(MORNING + timedelta(minutes=60))
    run.settle()
    assert [row[1] for row in run.ledger() if row[0] == "M6"] == [MORNING + timedelta(minutes=30)]
