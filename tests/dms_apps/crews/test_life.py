"""How far crews are, whatever the order in which it is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dms_apps.crews.life import ACTIVE, Stage, Step, overall, standing

NOW = datetime(2025, 11, 20, 8, tzinfo=UTC)

steps = st.lists(
    st.builds(
        Step,
        order=st.sampled_from(["O-1", "O-2", "O-3"]),
        crew=st.sampled_from(["", "C-1", "C-2"]),
        at=st.integers(0, 9).map(lambda m: NOW + timedelta(minutes=m)),
        stage=st.sampled_from(Stage),
    ),
    max_size=14,
    unique_by=lambda step: (step.order, step.crew, step.at, step.stage),
)


@given(steps, st.randoms(use_true_random=False))
def test_the_order_of_arrival_and_duplicates_make_no_difference(
    steps: list[Step], order: object
) -> None:
    mixed = [*steps, *steps[:4]]
    order.shuffle(mixed)  # type: ignore[attr-defined]
    assert standing(mixed) == standing(steps)


@given(steps)
def test_no_crew_is_at_two_orders(steps: list[Step]) -> None:
    at = [
        crew
        for crews in standing(steps).values()
        for crew, step in crews.items()
        if step.stage in ACTIVE
    ]
    assert len(at) == len(set(at))


def step(order: str, crew: str, minute: int, stage: Stage) -> Step:
    return Step(order=order, crew=crew, at=NOW + timedelta(minutes=minute), stage=stage)


def test_a_crew_that_has_gone_elsewhere_is_back_only_when_it_says_so() -> None:
    told = [
        step("O-1", "C-1", 0, Stage.ARRIVED),
        step("O-2", "C-1", 1, Stage.ENROUTE),
        step("O-2", "C-1", 2, Stage.COMPLETE),
    ]
    assert standing(told)["O-1"]["C-1"].stage is Stage.SUSPENDED
    told.append(step("O-1", "C-1", 3, Stage.ENROUTE))
    assert standing(told)["O-1"]["C-1"].stage is Stage.ENROUTE


def test_word_of_an_order_is_of_all_that_are_at_it() -> None:
    told = [
        step("O-1", "C-1", 0, Stage.ASSIGNED),
        step("O-1", "C-2", 1, Stage.ASSIGNED),
        step("O-1", "C-2", 2, Stage.AWAITING),
        step("O-1", "", 3, Stage.ENROUTE),
        step("O-1", "C-3", 4, Stage.ASSIGNED),
    ]
    found = standing(told)["O-1"]
    assert {crew: one.stage for crew, one in found.items()} == {
        "C-1": Stage.ENROUTE,
        "C-3": Stage.ASSIGNED,
    }
    assert overall(found) is Stage.ENROUTE
    assert overall({}) is Stage.AWAITING
