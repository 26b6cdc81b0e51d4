"""Zones and their dispatchers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dms_apps.crews.zones import Zone, balanced, loads, owners
from tests.dms_apps.crews.playing import DAY, Run, moment

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


@pytest.mark.parametrize(
    ("work", "crews", "short"),
    [
        # Three crews of no zone, of which its own order takes one.
        ({"": 1, "F-1": 1}, {"": 3}, {"": 0, "F-1": 0}),
        ({"": 3, "F-1": 1}, {"": 3}, {"": 0, "F-1": 1}),
        # They come where most lack, and are nowhere twice.
        ({"F-1": 1, "F-2": 3}, {"": 2}, {"": 0, "F-1": 1, "F-2": 1}),
        ({"F-1": 2, "F-2": 2}, {"": 3}, {"": 0, "F-1": 0, "F-2": 1}),
        # Those of a zone stay there.
        ({"F-1": 2}, {"": 1, "F-1": 1, "F-2": 4}, {"": 0, "F-1": 0, "F-2": 0}),
        ({"": 1, "F-1": 2}, {"F-1": 1, "F-2": 4}, {"": 1, "F-1": 1, "F-2": 0}),
    ],
)
def test_crews_of_no_zone_come_where_they_lack(
    work: dict[str, int], crews: dict[str, int], short: dict[str, int]
) -> None:
    found = loads(
        [(zone, 8.0) for zone, orders in work.items() for _ in range(orders)],
        [(zone, None, False) for zone, there in crews.items() for _ in range(there)],
        DAY,
        8.0,
    )
    assert {one.zone: one.short for one in found} == short


def test_what_is_in_no_zone_is_called_so(begun: Callable[..., Run]) -> None:
    run = begun([{"id": "a", "kind": "Fuse", "at": [0, 0], "feeder": "F-A"}])
    some = [{"id": "O-1", "customers": 3}, {"id": "O-2", "device": "a", "customers": 3}]
    run.tell({"at": "08:00", "crew": {"id": "C-1"}, "outage": some})
    run.until(moment("08:01"))
    assert run.rows("dispatchers", "dispatcher", "zones") == [["nobody", "no zone, F-A"]]


def test_a_zone_is_handed_over_until_it_is_again(begun: Callable[..., Run]) -> None:
    run = begun(
        [{"id": "a", "kind": "Fuse", "at": [0, 0], "feeder": "F-A"}],
        zones={"North": {"feeders": ["F-A"]}, "South": {}},
        dispatchers={"anna": ["North", "South"], "ben": []},
    )
    run.tell({"at": "08:00", "crew": {"id": "C-1"}, "outage": {"id": "O-2", "device": "a"}})
    run.until(moment("08:01"))

    def has() -> list[list[object]]:
        return run.rows("dispatchers", "dispatcher", "zones", "orders")

    def ask(**given: str) -> list[str]:
        said = run.play({"at": "08:02", "ask": {"verb": "change", **given}})
        return [line for line in said if not line.startswith("OK")]

    assert has() == [["anna", "North, South", 1], ["ben", "", 0]]
    assert ask(zone="North", dispatcher="ben") == []
    assert has() == [["anna", "South", 0], ["ben", "North", 1]]
    assert ask(zone="South", dispatcher="") == []
    assert has() == [["anna", "", 0], ["ben", "North", 1]]
    assert ask(zone="South", user="carl") == []  # who takes it over
    assert has() == [["anna", "", 0], ["ben", "North", 1], ["carl", "South", 0]]
    assert ask(zone="North", dispatcher="carl") == []
    assert ask(zone="North", dispatcher="ben") == []
    log = [row for row in run.rows("log", "what", "who") if "zone" in str(row[0])]
    assert sorted(log) == [
        ["zone North handed over from anna to ben", "anna"],
        ["zone North handed over from ben to carl", "anna"],
        ["zone North handed over from carl to ben", "anna"],
        ["zone South handed over from anna to nobody", "anna"],
        ["zone South handed over from nobody to carl", "carl"],
    ]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"zone": "West"}, "Option zone: there is no zone 'West'; known are North."),
        (
            {"zone": "North", "dispatcher": "eve"},
            "Option dispatcher: there is no dispatcher 'eve'; known are anna, ben.",
        ),
        ({"zone": "North"}, "Option dispatcher: anna looks after North already."),
        (
            {"zone": "North", "dispatcher": "ben", "orders": [{"of": "O-1"}]},
            "Option zone: it is about no TroubleOrder, and none may be named.",
        ),
    ],
)
def test_what_cannot_be_handed_over_is_refused(
    begun: Callable[..., Run], given: dict[str, Any], why: str
) -> None:
    run = begun(zones={"North": {}}, dispatchers={"anna": ["North"], "ben": []})
    said = run.play({"at": "08:00", "ask": {"verb": "change", **given}})
    assert [line for line in said if why in line] == said[-1:]
    assert run.rows("dispatchers", "dispatcher", "zones")[0] == ["anna", "North"]
