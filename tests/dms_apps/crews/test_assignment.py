"""Which crew goes where: what holds for any orders and crews."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dms_apps.crews.assignment import Hand, Job, Turn, plan
from dms_apps.crews.travel import Travel

NOW = datetime(2025, 11, 20, 8, tzinfo=UTC)
METRES = Travel(coordinates="metres", speed=40, detour=1)
SLACK = timedelta(microseconds=50)  # times are rounded to a microsecond each

places = st.none() | st.tuples(st.integers(-50_000, 50_000), st.integers(-50_000, 50_000))
skills = st.sets(st.sampled_from(["live", "trees"])).map(frozenset)
jobs = st.lists(
    st.builds(
        Job,
        order=st.integers(0, 999).map(lambda n: f"O-{n:03}"),
        points=st.integers(0, 50).map(float),
        pinned=st.none() | st.integers(1, 3),
        place=places,
        skills=skills,
        hours=st.sampled_from([0.5, 1.0, 4.0]),
    ),
    max_size=8,
    unique_by=lambda job: job.order,
)
hands = st.lists(
    st.builds(
        Hand,
        crew=st.integers(0, 99).map(lambda n: f"C-{n:02}"),
        free_at=st.integers(0, 5).map(lambda h: NOW + timedelta(hours=h)),
        until=st.none() | st.integers(2, 10).map(lambda h: NOW + timedelta(hours=h)),
        place=places,
        skills=skills,
        room=st.integers(0, 3),
    ),
    max_size=5,
    unique_by=lambda hand: hand.crew,
)
patiences = st.sampled_from([0.0, 0.25, 2.0])


@settings(max_examples=150, deadline=None)
@given(jobs, hands, patiences)
def test_no_crew_is_at_two_orders_off_shift_or_without_the_skill(
    jobs: list[Job], hands: list[Hand], patience: float
) -> None:
    turns = plan(jobs, hands, METRES, patience=patience)
    assert len({turn.order for turn in turns}) == len(turns)
    of = {job.order: job for job in jobs}
    for hand in hands:
        mine = [turn for turn in turns if turn.crew == hand.crew]
        assert len(mine) <= hand.room
        at, free = hand.place, hand.free_at
        for turn in mine:
            job = of[turn.order]
            assert job.skills <= hand.skills
            assert abs(turn.leaves - free) <= SLACK
            way = METRES.hours(at, job.place)
            assert abs(turn.arrives - turn.leaves - timedelta(hours=way)) <= SLACK
            assert abs(turn.done - turn.arrives - timedelta(hours=job.hours)) <= SLACK
            assert hand.until is None or turn.done <= hand.until + SLACK
            at, free = job.place or at, turn.done
        assert all(one.done <= other.leaves + SLACK for one, other in pairwise(mine))


@settings(max_examples=150, deadline=None)
@given(jobs, hands, st.data())
def test_of_two_orders_alike_the_more_urgent_is_reached_first(
    jobs: list[Job], hands: list[Hand], data: st.DataObject
) -> None:
    if not jobs:
        return
    one = data.draw(st.sampled_from(jobs))
    more = replace(one, order="more urgent", points=one.points + 1)
    found = {turn.order: turn for turn in plan([*jobs, more], hands, METRES)}
    if one.order in found:
        assert found["more urgent"].arrives <= found[one.order].arrives + SLACK


@settings(max_examples=150, deadline=None)
@given(jobs, hands, patiences)
def test_nobody_waits_longer_than_patience_allows(
    jobs: list[Job], hands: list[Hand], patience: float
) -> None:
    strict = {turn.order: turn for turn in plan(jobs, hands, METRES)}
    found = {turn.order: turn for turn in plan(jobs, hands, METRES, patience=patience)}
    for order, turn in strict.items():
        assert found[order].arrives <= turn.arrives + timedelta(hours=patience) + SLACK


@settings(max_examples=60, deadline=None)
@given(jobs, hands, patiences, st.randoms(use_true_random=False))
def test_the_order_in_which_they_are_given_does_not_matter(
    jobs: list[Job], hands: list[Hand], patience: float, order: object
) -> None:
    def arrivals(turns: list[Turn]) -> dict[str, datetime]:
        return {turn.order: turn.arrives for turn in turns}

    mixed = jobs.copy()
    order.shuffle(mixed)  # type: ignore[attr-defined]
    assert arrivals(plan(jobs, hands, METRES, patience=patience)) == arrivals(
        plan(mixed, hands, METRES, patience=patience)
    )


def test_a_crew_that_alone_can_do_something_is_kept_for_it_when_another_is_as_near() -> None:
    """The first order would take the line crew, which is 1 min nearer, and the transformer wait."""
    tree = Job(order="tree", points=9, place=(0, 0), hours=1)
    transformer = Job(order="transformer", points=5, place=(0, 0), skills=frozenset({"live"}))
    line = Hand(crew="line", free_at=NOW, place=(1_000, 0), skills=frozenset({"live"}))
    trees = Hand(crew="trees", free_at=NOW, place=(2_000, 0))
    strict = plan([tree, transformer], [line, trees], METRES)
    assert [(turn.order, turn.crew) for turn in strict] == [("tree", "line")]
    found = plan([tree, transformer], [line, trees], METRES, patience=1 / 6)
    assert {turn.order: turn.crew for turn in found} == {"tree": "trees", "transformer": "line"}


def test_ways_are_shared_out_with_the_least_sum() -> None:
    """By urgency alone `a` takes the crew between; `b` would wait for the far one for 40 min more.

     west ----- a - middle - b
    -30 km     0     2      5
    """
    a = Job(order="a", points=9, place=(0, 0))
    b = Job(order="b", points=5, place=(5_000, 0))
    middle = Hand(crew="middle", free_at=NOW, place=(2_000, 0))
    west = Hand(crew="west", free_at=NOW, place=(-4_000, 0))
    assert {t.order: t.crew for t in plan([a, b], [middle, west], METRES)} == {
        "a": "middle",
        "b": "west",
    }
    found = plan([a, b], [middle, west], METRES, patience=0.2)
    assert {t.order: t.crew for t in found} == {"a": "west", "b": "middle"}


def test_nobody_is_passed_over_for_shorter_ways() -> None:
    """`a` and `b` would change crews, were it not for `c`, which then waits for hours.

     H2 ----- a, c --- H1 ------- b
    -6 km      0      4 km      12 km
    """
    a = Job(order="a", points=9, place=(0, 0), hours=0.5)
    b = Job(order="b", points=5, place=(12_000, 0), hours=4)
    c = Job(order="c", points=1, place=(0, 0), hours=0.5, skills=frozenset({"live"}))
    one = Hand(crew="H1", free_at=NOW, place=(4_000, 0), skills=frozenset({"live"}), room=2)
    two = Hand(crew="H2", free_at=NOW, place=(-6_000, 0), room=2)
    without = plan([a, b], [one, two], METRES, patience=0.25)
    assert {t.order: t.crew for t in without} == {"a": "H2", "b": "H1"}
    found = plan([a, b, c], [one, two], METRES, patience=0.25)
    assert {t.order: t.crew for t in found} == {"a": "H1", "c": "H1", "b": "H2"}


@pytest.mark.parametrize(
    ("one", "other", "km"),
    [((8.55, 47.37), (13.40, 52.52), 670.1), ((0.0, 0.0), (0.0, 1.0), 111.195)],
)
def test_ways_on_the_earth(one: tuple[float, float], other: tuple[float, float], km: float) -> None:
    """Zurich to Berlin; a degree along a meridian of a sphere of 6,371.0088 km."""
    travel = Travel(speed=1.0, detour=1.0)
    assert travel.hours(one, other) == pytest.approx(km, rel=3e-3)
    assert travel.hours(one, one) == 0
    assert travel.hours(None, one) == 0.5
