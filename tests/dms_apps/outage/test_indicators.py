"""Fault indicators: what counts of what they show, what it weighs, and where the fault is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dms_apps.outage.forest import Forest, Group
from dms_apps.outage.indicated import Indicated
from dms_apps.outage.prediction import Rules, Search
from dms_apps.outage.sections import (
    RESET,
    TRIPPED,
    UNKNOWN,
    Between,
    Indication,
    Indications,
    Placed,
    Sections,
    Signs,
)
from tests.dms_apps.outage.conftest import MORNING, mrid

WINDOW = timedelta(minutes=30)

# SS1 -- CB1 -- L1 FI1 -+- F1 -- M1 M2
#                       +- L2 FI2 -+- F2 -- M3 M4
#                                  +- L3 FI3 -- F3 -- M5 M6
TRUNK: list[dict[str, Any]] = [
    {"id": "CB1", "parent": "SS1", "kind": "breaker"},
    {"id": "L1", "parent": "CB1", "kind": "line", "indicators": ["FI1"]},
    {"id": "F1", "parent": "L1", "kind": "fuse", "premises": ["M1", "M2"]},
    {"id": "L2", "parent": "L1", "kind": "line", "indicators": ["FI2"]},
    {"id": "F2", "parent": "L2", "kind": "fuse", "premises": ["M3", "M4"]},
    {"id": "L3", "parent": "L2", "kind": "line", "indicators": ["FI3"]},
    {"id": "F3", "parent": "L3", "kind": "fuse", "premises": ["M5", "M6"]},
]


def placed(devices: Sequence[Mapping[str, Any]]) -> frozenset[Placed]:
    return frozenset(
        Placed(mrid(name), mrid(device["id"]))
        for device in devices
        for name in device.get("indicators", ())
    )


def sections(run: Any, devices: Sequence[Mapping[str, Any]]) -> tuple[Forest, Sections]:
    forest = Forest.of(run.network)
    return forest, Sections.of(run.network, forest, placed(devices))


def said(name: str, says: str, seconds: float, phases: str = "") -> Indication:
    return Indication(mrid(name), MORNING + timedelta(seconds=seconds), phases, says, "")


def signs(run: Any, devices: Sequence[Mapping[str, Any]], *some: Indication) -> Signs:
    """Of a fault in the morning."""
    forest, where = sections(run, devices)
    names = {one.indicator: one.indicator for one in some}
    found = Indications.of(forest, where, placed(devices), names, some)
    return found.at(MORNING, MORNING, WINDOW, Rules())


def test_indicators_are_placed_between_devices(start: Callable[..., Any]) -> None:
    _, found = sections(start(TRUNK), TRUNK)
    one, two, three = map(mrid, ("FI1", "FI2", "FI3"))
    assert found.zone == dict.fromkeys((one, two, three), mrid("CB1"))
    assert found.within == {mrid("CB1"): [one, two, three]}
    assert found.over == {two: one, three: two}
    assert found.behind == {mrid("F1"): one, mrid("F2"): two, mrid("F3"): three}


@pytest.mark.parametrize(
    ("some", "expected"),
    [
        ([(TRIPPED, -1)], True),
        ([(RESET, -86400), (TRIPPED, -1), (RESET, 60)], True),
        ([(RESET, -86400)], False),
        ([(RESET, -86400), (RESET, 90)], False),
        ([], None),
        ([(TRIPPED, -7200)], None),  # of an earlier fault, and not reset since
        ([(TRIPPED, -7200), (TRIPPED, -1)], None),  # the same, told again
        ([(TRIPPED, -7200), (UNKNOWN, -60), (TRIPPED, -1)], None),
        ([(TRIPPED, -7200), (RESET, -3600)], False),
        ([(TRIPPED, -7200), (RESET, -3600), (TRIPPED, 0)], True),
        ([(RESET, -86400), (UNKNOWN, -60)], None),  # it would not be heard of
        ([(RESET, -86400), (UNKNOWN, 60)], None),
        ([(UNKNOWN, -60), (RESET, -30)], False),
        ([(RESET, 30)], None),  # nobody knows what it was before
        ([(RESET, -86400), (TRIPPED, 7200)], False),  # of a later one
    ],
)
def test_what_an_indicator_says_of_a_fault(
    start: Callable[..., Any], some: Sequence[tuple[str, float]], expected: bool | None
) -> None:
    run = start(TRUNK)
    for order in (1, -1):
        told = [said("FI1", says, seconds) for says, seconds in some][::order]
        assert signs(run, TRUNK, *told).tripped(mrid("FI1")) is expected


def test_an_indicator_of_one_phase_speaks_of_that_phase(start: Callable[..., Any]) -> None:
    found = signs(
        start(TRUNK),
        TRUNK,
        *(said("FI1", RESET, -600, phase) for phase in "ABC"),
        said("FI1", TRIPPED, 0, "B"),
    )
    one = mrid("FI1")
    assert [found.tripped(one, group) for group in (Group.A, Group.B, Group.C)] == [
        False, True, False,
    ]  # fmt: skip
    assert found.tripped(one) is True


@pytest.mark.parametrize(
    ("tripped", "healthy", "expected"),
    [
        ("1", "23", Between("FI1", ("FI2",))),
        ("12", "3", Between("FI2", ("FI3",))),
        ("123", "", Between("FI3", ())),
        ("13", "", Between("FI3", ())),
        ("3", "12", Between("", ("FI1",))),  # one false trip against two that are healthy
        ("13", "2", Between("FI3", ())),  # two against one
        ("", "123", Between("", ("FI1",))),
        ("", "", None),
    ],
)
def test_where_the_fault_is(
    start: Callable[..., Any], tripped: str, healthy: str, expected: Between | None
) -> None:
    found = signs(
        start(TRUNK),
        TRUNK,
        *(said(f"FI{n}", RESET, -600) for n in tripped + healthy),
        *(said(f"FI{n}", TRIPPED, -1) for n in tripped),
    ).where(mrid("CB1"))
    if expected is not None:
        after_, before = expected
        expected = Between(after_ and mrid(after_), tuple(map(mrid, before)))
    assert found == expected


def test_the_fault_is_followed_below_a_device_that_did_not_clear_it(
    start: Callable[..., Any],
) -> None:
    devices = [*TRUNK, {"id": "L4", "parent": "F3", "kind": "line", "indicators": ["FI4"]}]
    devices.append({"id": "T1", "parent": "L4", "kind": "fuse", "premises": ["M7"]})
    every = [said(f"FI{n}", TRIPPED, 0) for n in (1, 2, 3, 4)]
    found = signs(start(devices), devices, *every)
    assert found.where(mrid("CB1")) == Between(mrid("FI4"), ())


# -- the search


@st.composite
def networks(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A breaker, lines and fuses below, meters at some, indicators at most."""
    devices: list[dict[str, Any]] = [{"id": "D0", "parent": "SS1", "kind": "breaker"}]
    for number in range(1, draw(st.integers(2, 6)) + 1):
        parent = draw(st.sampled_from(devices))["id"]
        kind = draw(st.sampled_from(["fuse", "line"]))
        devices.append({"id": f"D{number}", "parent": parent, "kind": kind})
    meter = 0
    for number, device in enumerate(devices):
        if draw(st.booleans()):
            device["indicators"] = [f"FI{number}"]
        count = draw(st.integers(0, 3))
        device["premises"] = [f"M{meter + n}" for n in range(count)]
        meter += count
    return devices


QUICK = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@given(devices=networks(), data=st.data())
@QUICK
def test_the_search_finds_the_cheapest_of_all_explanations(
    start: Callable[..., Any], devices: list[dict[str, Any]], data: st.DataObject
) -> None:
    """Beside trying every set of open devices, with every section for each of their faults."""
    run = start(devices)
    points = [p for device in devices for p in device["premises"]]
    dark = {mrid(p): MORNING for p in points if data.draw(st.booleans())}
    some = [
        said(one, says, -1)
        for device in devices
        for one in device.get("indicators", ())
        if (says := data.draw(st.sampled_from([TRIPPED, RESET, UNKNOWN]))) is not None
    ]
    found = signs(run, devices, *some)
    search = Indicated(Forest.of(run.network), frozenset(), Rules(device_share=0.0), found)
    answer = search.run(dark, {}, frozenset())
    assert sorted(p for one in answer for p in one.dark) == sorted(dark)
    opened = frozenset(one.device for one in answer if one.device)
    costs = {of: cost_of(search, found, dark, of) for of in antichains(search.forest)}
    assert costs[opened] == min(costs.values())


def antichains(forest: Forest) -> Iterator[frozenset[str]]:
    """Every set of devices of which none is below another."""
    above = {device: set(chain(forest, device)) for device in forest.parent}
    for count in range(len(forest.parent) + 1):
        for some in combinations(forest.parent, count):
            if not any(one in above[other] for one in some for other in some):
                yield frozenset(some)


def chain(forest: Forest, device: str) -> Iterator[str]:
    while (upper := forest.parent[device]) is not None:
        yield upper
        device = upper


def cost_of(search: Search, found: Signs, dark: Mapping[str, datetime], of: frozenset[str]) -> int:
    """Of one set of open devices, with the best places for their faults."""
    forest, where = search.forest, found.sections
    groups = tuple(Group)
    below = {device: set(forest.under(device, lambda _: True)) for device in of}
    covered = {point for points in below.values() for point in points}
    alone = sum(1 for p in dark if forest.home.get(p) is not None and p not in covered)
    if any(not points & dark.keys() for points in below.values()):
        return 1 << 60
    cost = alone * (search.service_cost + search.dark_cost)
    cost += sum(search._open_cost(device, groups) for device in of)
    ways = [
        [
            {*where.down_to(last), *where.above(device, forest)}
            for last in (None, *where.within.get(device, ()))
        ]
        for device in sorted(of)
    ]
    return cost + min(found.weight(set().union(*some)) for some in product(*ways))


@given(devices=networks(), data=st.data())
@QUICK
def test_where_indicators_say_nothing_it_is_the_search_without_them(
    start: Callable[..., Any], devices: list[dict[str, Any]], data: st.DataObject
) -> None:
    for device in devices:
        device["premises"] = [
            f"{point}:{data.draw(st.sampled_from(['A', 'B', 'C', 'ABC']))}"
            for point in device["premises"]
        ]
    run = start(devices)
    points = [p.partition(":")[0] for device in devices for p in device["premises"]]
    dark = {mrid(p): MORNING for p in points if data.draw(st.booleans())}
    forest, rules = Forest.of(run.network), Rules()
    plain = Search(forest, frozenset(), rules).run(dark, {}, frozenset())
    search = Indicated(forest, frozenset(), rules, signs(run, devices))
    assert set(search.run(dark, {}, frozenset())) == set(plain)
