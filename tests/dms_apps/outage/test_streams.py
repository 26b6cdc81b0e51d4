"""Whatever is heard, asked, planned and modelled: what holds of outages holds all the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dms_apps.outage.tables import interruption, outage, supply
from tests.dms_apps.outage.streams import NETWORK, Player, anything, waits

ANY = settings(
    deadline=None,
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
streams = st.lists(st.tuples(waits, anything), max_size=20)


def meters(says: str, *names: str, lag: int = 0) -> dict[str, Any]:
    return {"meters": [*names], "says": says, "lag": lag}


def switch(name: str, to: str, **more: Any) -> dict[str, Any]:
    return {"switch": name, "to": to, "lag": 0, **more}


def plan(device: str, kind: str, begins: int = -600, lasts: int = 3000) -> dict[str, Any]:
    return {"plan": device, "begins": begins, "lasts": lasts, "is": kind}


def call(name: str, lag: int = 0) -> dict[str, Any]:
    return {"call": name, "does": "rings", "hazard": True, "lag": lag}


# What was over and put away was taken for undone as soon as something older went on elsewhere.
PUT_AWAY = [
    (0, call("M6", 5)),
    (0, meters("restored", "M7", "M3", "M5", lag=2500)),
    (0, meters("lost", "M7", lag=9000)),
    (9000, meters("lost", "M2", lag=5)),
]
# A tie that was closed all along: nobody lost supply by what was thought to have taken it.
LOST_NOTHING = [
    (0, {"recloses": "CB1", "after": 40}),
    (400, switch("TIE", "close", lag=9000)),
    (0, meters("lost", "M5", "M6", "M7", lag=9000)),
    (40_000, switch("TIE", "open", lag=9000)),
]
# A planned outage goes on though a switch above was operated meanwhile.
GOES_ON = [
    (0, {"recloses": "CB1", "after": 40}),
    (0, plan("R1", "actual")),
    (40_000, {"incident": "M7", "over": False}),
]
# It ends for those whom a switch took before, too, as they say that power is back.
TAKEN_BEFORE = [
    (0, switch("CB1", "open")),
    (30, plan("R1", "actual", begins=0)),
    (4000, meters("restored", "M1", "M2", "M3")),
]
# An outage that takes over another one has all that is new of it.
TAKEN_OVER = [
    (0, meters("lost", "M1")),
    (4000, plan("T1", "actual")),
    (4000, call("M2", 9000)),
    (90, {"model": "M8 gone"}),
]
# Whom a tie has taken over is in one outage all the same.
TIED = [
    (0, meters("lost", "M2", "M8", "M3")),
    (0, switch("CB1", "open", lag=70)),
    (0, switch("TIE", "close", lag=70)),
    (4000, {"recloses": "CB1", "after": 2}),
    (30, meters("lost", "M5")),
]
# Single phases are known to an app that starts while they are dead, too.
DEAD_PHASES = [
    (0, call("M4")),
    (400, switch("CB1", "open")),
    (400, call("M5", 2500)),
    (0, {"ask": "change", "of": "T3", "kind": "closed"}),
]
WENT_WRONG = (
    PUT_AWAY, LOST_NOTHING, GOES_ON, TAKEN_BEFORE, TAKEN_OVER, TIED, DEAD_PHASES,
)  # fmt: skip


def check(run: Any) -> None:
    """Nobody is without power twice at once, nothing lies in the future, and every outage is about
    those who are in the ledger for it, as it is told."""
    about, without = defaultdict(set), defaultdict(set)
    rows = sa.select(interruption).order_by(interruption.c.point, interruption.c.started_at)
    every = run.connection.execute(rows).all()
    for row in every:
        assert row.started_at <= run.at
        if row.ended_at is not None:  # in one second only what is momentary
            assert row.started_at < row.ended_at or row.outage is None
            assert row.started_at <= row.ended_at <= run.at
        about[row.outage].add(row.point)
        if row.ended_at is None:
            without[row.outage].add(row.point)
    for one, other in pairwise(every):
        assert one.point != other.point or one.ended_at <= other.started_at
    outages = {row.mrid: row for row in run.connection.execute(sa.select(outage))}
    assert about.keys() <= outages.keys() | {None}
    assert not without[None]
    for mrid, one in outages.items():
        assert one.without == len(without[mrid])
        assert one.closed_at is None or not without[mrid]
    assert told(run) == {
        point: mrid
        for mrid, points in without.items()
        for point in points
        if not outages[mrid].planned
    }


def told(run: Any) -> dict[str, str]:
    """Usage point -> the outage in which it is told to be."""
    found: dict[str, str] = {}
    for one in run.outages():
        for point in one.de_energized_usage_point:
            name = point.mrid or point.names[0].name
            assert name not in found
            found[name] = one.mrid
    return found


def content(run: Any) -> list[Any]:
    """The ledger, with each outage by all that is in it; its mRID tells when it was told first."""
    of = defaultdict(list)
    rows = run.ledger()
    for *row, mrid in rows:
        of[mrid].append(row)
    switched = sa.select(supply.c.point, supply.c.lost_at, supply.c.back_at, supply.c.device)
    return [
        [(*row, mrid and of[mrid]) for *row, mrid in rows],
        run.connection.execute(switched.order_by(supply.c.point, supply.c.lost_at)).all(),
    ]


def played(run: Any, events: Sequence[Any], *, anew: bool = False) -> list[Any]:
    """What has come of a stream; `anew`: the app is started anew before each event."""
    player = Player(run)
    for wait, event in events:
        if anew:
            run.app = replace(run.app)
        player.play(wait, event)
    if anew:
        run.app = replace(run.app)
    run.settle()
    return content(run)


def any_stream(test: Callable[..., None]) -> Callable[..., None]:
    """For any stream, and for those that once went wrong."""
    test = ANY(test)
    for events in WENT_WRONG:
        test = example(events=events)(test)
    return given(events=streams)(test)


@any_stream
def test_the_ledger_holds_at_any_time(start: Callable[..., Any], events: list[Any]) -> None:
    run = start(NETWORK)
    player = Player(run)
    for wait, event in events:
        player.play(wait, event)
        check(run)
    run.settle()
    check(run)


@any_stream
def test_an_app_that_starts_anew_believes_the_same(
    start: Callable[..., Any], events: list[Any]
) -> None:
    """Its state is in its tables."""
    goes_on = played(start(NETWORK), events)
    assert played(start(NETWORK), events, anew=True) == goes_on


def test_who_is_silent_elsewhere_is_counted_on_all_of_the_feeder(start: Callable[..., Any]) -> None:
    """Where nothing is new, too; who is dark below the device is not elsewhere."""
    run = start(NETWORK)
    player = Player(run)
    for wait, event in [(0, meters("lost", "M7", "M1")), (9000, meters("lost", "M2", "M3", "M5"))]:
        player.play(wait, event)
        run.settle()
    [said] = [one.comment for _, one in run.told if "Breaker CB1 is predicted" in one.comment]
    assert "; 1 meter elsewhere on feeder FDR-1 have not." in said
