"""Storms follow from what happened when: whoever hears it again comes to the same."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from dms_apps.outage.modes import NORMAL, STORM, Modes, RuleSet, note_storms, timeline
from dms_apps.outage.tables import outage, storm, ticket
from tests.dms_apps.outage.conftest import LOST, MORNING, RESTORED, Run

MODES = Modes(calls=1.0, outages=0, calm=1200.0, sets={STORM: RuleSet(device_share=0.3)})
BEFORE = [f"A{n}" for n in range(12)]
DURING = [f"B{n}" for n in range(12)]
DEVICES = [
    {"id": "CB1", "parent": "SS1", "kind": "breaker"},
    {"id": "FA", "parent": "CB1", "kind": "fuse", "premises": BEFORE[1:]},
    {"id": "TA", "parent": "FA", "kind": "fuse", "premises": BEFORE[:1]},
    {"id": "CB2", "parent": "SS1", "kind": "breaker"},
    {"id": "FB", "parent": "CB2", "kind": "fuse", "premises": DURING[1:]},
    {"id": "TB", "parent": "FB", "kind": "fuse", "premises": DURING[:1]},
    {"id": "CB3", "parent": "SS1", "kind": "breaker"},
    {"id": "FC", "parent": "CB3", "kind": "fuse", "premises": ["C0"]},
]
Happened = tuple[float, Callable[[Run, datetime], object]]


def at(minutes: float) -> datetime:
    return MORNING + timedelta(minutes=minutes)


def _lost(points: Sequence[str]) -> Callable[[Run, datetime], object]:
    return lambda run, when: run.meters([(point, LOST, when) for point in points])


def _back(points: Sequence[str]) -> Callable[[Run, datetime], object]:
    return lambda run, when: run.meters([(point, RESTORED, when) for point in points])


def _call(number: int) -> Callable[[Run, datetime], object]:
    return lambda run, when: run.call("C0", when, number=f"C{number}")


STREAM: list[Happened] = [
    (0, _lost(BEFORE[1:4])),  # a quarter of a fuse: that is open, by the normal rules
    *((10 + n / 4, _call(n)) for n in range(16)),
    (16, _lost(DURING[1:4])),  # a quarter of another: in a storm three services
    (90, _back(BEFORE[1:4])),  # when the storm is long over
    (91, _back(DURING[1:4])),
]


def _state(run: Run) -> tuple[Any, ...]:
    """What is kept of outages and storms, but for when that was found."""
    columns = outage.c.device, outage.c.anchor, outage.c.started_at, outage.c.ended_at
    outages = run.connection.execute(sa.select(*columns, outage.c.state)).all()
    storms = run.connection.execute(sa.select(storm.c.began, storm.c.high_at)).all()
    return sorted(map(repr, outages)), storms, [row[:3] for row in run.ledger()]


def _afresh(run: Run) -> None:
    """As after a restart: nothing in memory."""
    run.app = type(run.app)(codes=run.app.codes, modes=run.app.modes)


def _replayed(start: Callable[..., Run], pace: float, lag: float, stream: list[Happened]) -> Run:
    """pace: minutes between looks that nobody asked for; 0: none.  lag: of all that is heard."""
    run = start(DEVICES, modes=MODES)
    run.settle()
    run.at = at(0)
    for minutes, say in stream:
        run.until(max(run.at, at(minutes + lag)))
        say(run, at(minutes))
        if pace:
            _afresh(run)
            run.wake_at(run.at)
    moment = 100.0
    while moment < 400:
        run.until(at(moment))
        if pace:
            _afresh(run)
            run.wake_at(run.at)
        moment += pace or 300
    run.settle()
    return run


@pytest.mark.parametrize(("pace", "lag"), [(0, 0.5), (7, 0), (3, 1)])
def test_what_is_heard_again_comes_to_the_same(
    start: Callable[..., Run], pace: float, lag: float
) -> None:
    first = _state(_replayed(start, 0, 0, STREAM))
    again = _replayed(start, pace, lag, STREAM)
    assert _state(again) == first
    devices = {row[0] for row in again.connection.execute(sa.select(outage.c.device))}
    assert devices == {None, *(again.network.equipment_named(d).mrid for d in ("FA", "FC"))}
    assert len(first[2]) == 12 + 3 + 1  # all of a fuse, three services, and who has called


def test_rules_hold_for_what_was_lost_under_them(start: Callable[..., Run]) -> None:
    """A storm that is over does not make one device of what was explained in it."""
    run = _replayed(start, 0, 0, [one for one in STREAM if one[0] < 90])
    assert sorted(run.places()) == ["B1", "B2", "B3", "FA", "FC"]
    told = [o.comment or "" for _, o in run.told]
    assert sum("Rules of storm since 2025-11-20 10:12" in one for one in told) > 0


def test_storms_do_not_depend_on_the_order_of_calls(start: Callable[..., Run]) -> None:
    """One by one, in any order, they make the storms that they make all at once."""
    run = start(DEVICES, modes=MODES)
    run.settle()
    chance = random.Random(7)  # noqa: S311 - for a test
    times = [chance.uniform(0, 240) for _ in range(60)]
    times += [60 + n / 4 for n in range(14)] + [85 + n / 2 for n in range(8)]
    feeder: dict[str, str] = {}
    found = set()
    for size in (len(times), 1, 1, 5):
        run.connection.execute(sa.delete(ticket))
        run.connection.execute(sa.delete(storm))
        for begin in range(0, len(times), size):
            for number, minutes in enumerate(times[begin : begin + size]):
                run.call("C0", at(minutes), number=f"{begin + number}")
            note_storms(run.connection, MODES, feeder)
            run.connection.execute(sa.update(ticket).values(fresh=False))
        storms = run.connection.execute(sa.select(storm.c.began, storm.c.high_at))
        found.add(tuple(tuple(row) for row in storms))
        chance.shuffle(times)
    assert len(found) == 1
    [[*storms]] = found
    assert storms


def test_as_many_outages_as_half_make_it_last(start: Callable[..., Run]) -> None:
    modes = Modes(calls=0, outages=4, calm=600.0)
    run = start(DEVICES, modes=modes)
    run.settle()
    run.at = at(0)
    some = ["A1", "A5", "B1", "B5"]
    for number, point in enumerate(some):
        run.until(at(number * 5))
        run.meter(point, LOST, at(number * 5))
    run.until(at(60))

    def mode(minutes: float) -> str:
        return timeline(run.connection, modes, {}).at("", at(minutes)).name

    assert len(run.outages()) == 4
    assert [mode(m) for m in (14.9, 15, 60, 900)] == [NORMAL, STORM, STORM, STORM]
    for minutes, point in ((70, "A1"), (71, "A5"), (100, "B1")):
        run.until(at(minutes))
        run.meter(point, RESTORED, at(minutes))
    run.settle()
    assert [mode(m) for m in (60, 109.9, 110)] == [STORM, STORM, NORMAL]
