"""Zones and their dispatchers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dms_apps.crews.zones import Zone, balanced, owners

ZONES = ["A", "B", "C", "D", "E"]
hours = st.dictionaries(st.sampled_from(ZONES), st.integers(0, 40).map(float))
users = st.lists(st.sampled_from(["anna", "ben", "cleo"]), min_size=1, unique=True)


def most(hours: dict[str, float], of: dict[str, str]) -> float:
    sums: dict[str, float] = {}
    for zone, user in of.items():
        sums[user] = sums.get(user, 0.0) + hours[zone]
    return max(sums.values(), default=0.0)


@given(hours, users, st.data())
def test_nobody_is_worse_off_than_the_busiest_was(
    hours: dict[str, float], users: list[str], data: st.DataObject
) -> None:
    now = {zone: data.draw(st.sampled_from(users)) for zone in sorted(hours)}
    then = balanced(hours, now, users)
    assert then.keys() == hours.keys()
    assert set(then.values()) <= set(users)
    assert most(hours, then) <= most(hours, now)


@given(hours, users)
def test_zones_of_nobody_get_a_dispatcher_each(hours: dict[str, float], users: list[str]) -> None:
    then = balanced(hours, {}, users)
    assert then.keys() == hours.keys()
    # As any list schedule: no one has more than the mean and the largest zone together.
    bound = sum(hours.values()) / len(users) + max(hours.values(), default=0.0)
    assert most(hours, then) <= bound + 1e-9


def test_without_dispatchers_nobody_gets_anything() -> None:
    assert balanced({"A": 1.0}, {}, []) == {}


@pytest.mark.parametrize(
    ("dispatchers", "rule"),
    [
        ({"anna": ["A"], "ben": ["A"]}, "dispatchers.ben: A is a zone of anna, too"),
        ({"anna": ["Z"]}, "dispatchers.anna: Z is no zone; known are A"),
    ],
)
def test_zones_that_cannot_be_are_named(dispatchers: dict[str, list[str]], rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        owners(dispatchers, {"A": Zone()})
