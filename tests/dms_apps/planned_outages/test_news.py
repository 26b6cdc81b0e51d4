"""Customers are told what they must know, once, whatever becomes of a plan."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dms_apps.planned_outages.news import Kind, Timing, news
from dms_apps.planned_outages.plan import Plan, State
from tests.dms_apps.planned_outages.playing import DAY

HOUR = timedelta(hours=1)
TIMING = Timing(announce=timedelta(days=7), remind=timedelta(days=1))
POINTS = ["p1", "p2", "p3"]


@dataclass(frozen=True)
class Said:
    kind: str
    begins_at: datetime
    ends_at: datetime
    told_at: datetime


def plan(begins_at: datetime) -> Plan:
    return Plan(
        mrid="P-1", state=State.PLANNED, begins_at=begins_at, ends_at=begins_at + 4 * HOUR,
        created_at=DAY, as_of=DAY, heard_at=DAY, deeds=(), tell_from=DAY,
    )  # fmt: skip


steps = st.lists(
    st.tuples(
        st.integers(1, 60),  # hours that go by
        st.sampled_from(["nothing", "moved", "points", "cancelled"]),
        st.integers(4, 300),  # hours until the new begin
        st.sets(st.sampled_from(POINTS)),
    ),
    min_size=1,
    max_size=12,
)


@given(steps)
def test_nobody_is_told_twice_and_nobody_forgotten(
    happens: list[tuple[int, str, int, set[str]]],
) -> None:
    now, one = DAY, plan(DAY + timedelta(days=9))
    points: dict[str, datetime] = dict.fromkeys(POINTS[:2], now)
    told: dict[str, list[Said]] = {}
    for hours, what, later, concerned in happens:
        now += hours * HOUR
        if now >= one.begins_at or one.state is State.CANCELLED:
            break
        if what == "moved":
            begins_at = now + later * HOUR
            one = replace(one, begins_at=begins_at, ends_at=begins_at + 4 * HOUR)
        elif what == "points":
            points = {p: points.get(p, now) for p in concerned}
            one = replace(one, tell_from=now)
        elif what == "cancelled":
            one = replace(one, state=State.CANCELLED, tell_from=now)
        latest = {point: said[-1] for point, said in told.items()}
        found = news(one, points, latest, now, TIMING)
        for point, kind in found.now.items():
            told.setdefault(point, []).append(Said(kind, one.begins_at, one.ends_at, now))
        again = news(one, points, {p: said[-1] for p, said in told.items()}, now, TIMING)
        assert not again.now
        check(one, points, told, now)
    for said in told.values():
        assert said[0].kind == Kind.ANNOUNCEMENT
        for before, after in itertools.pairwise(said):
            off = before.kind == Kind.CANCELLATION
            assert (after.kind == Kind.ANNOUNCEMENT) == off
            is_same = (before.begins_at, before.ends_at) == (after.begins_at, after.ends_at)
            assert after.kind != Kind.CHANGE or not is_same
            assert after.kind != Kind.REMINDER or (is_same and before.kind != Kind.REMINDER)


def check(
    one: Plan, points: dict[str, datetime], told: dict[str, list[Said]], now: datetime
) -> None:
    """Who is concerned knows when from a week before on; who is not any more knows that."""
    is_on = one.state is not State.CANCELLED
    for point in points:
        if is_on and now >= one.begins_at - TIMING.announce:
            assert told[point][-1].kind != Kind.CANCELLATION
            assert told[point][-1].begins_at == one.begins_at
    for point, said in told.items():
        if not is_on or point not in points:
            assert said[-1].kind == Kind.CANCELLATION or said[-1].ends_at <= now
