"""The ledger of interruptions: true to the second, whatever the order in which things are heard."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.dms_apps.outage.conftest import MORNING

SHOWN = {"tripped": 1, "reset": 0}
LOST, RESTORED, ON = "3.26.0.85", "3.26.0.216", "3.26.0.1"
QUICK = settings(
    deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

Opening = tuple[str, int, int]
"""A device, and from which second to which it is open."""


@st.composite
def trees(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A breaker, up to three devices below it or each other, and meters at the lowest; a fault
    indicator at each but the lowest."""
    devices: list[dict[str, Any]] = [{"id": "D0", "parent": "SS1", "kind": "breaker"}]
    for number in range(1, draw(st.integers(1, 3)) + 1):
        parent = draw(st.sampled_from(devices))["id"]
        devices.append({"id": f"D{number}", "parent": parent, "kind": "recloser"})
    for device in devices:
        device["indicators"] = [f"FI-{device['id']}"]
    parents = {device["parent"] for device in devices}
    meters = 0
    for device in list(devices):
        if device["id"] not in parents or draw(st.booleans()):
            count = draw(st.integers(1, 3))
            points = [f"M{meters + n}" for n in range(count)]
            name = f"T-{device['id']}"
            devices.append(
                {"id": name, "parent": device["id"], "kind": "transformer", "premises": points}
            )
            meters += count
    return devices


@st.composite
def storms(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[Opening]]:
    """A tree, and when which of its devices are open."""
    devices = draw(trees())
    openings: list[Opening] = []
    for device in devices:
        times = draw(st.lists(st.integers(0, 900), max_size=4, unique=True))
        times = sorted(times[: len(times) // 2 * 2])
        pairs = zip(times[::2], times[1::2], strict=True)
        openings += [(device["id"], first, last) for first, last in pairs]
    return devices, openings


def above(devices: Sequence[dict[str, Any]], device: str) -> list[str]:
    """The device, and all that supply it."""
    parent = {one["id"]: one["parent"] for one in devices}
    found = []
    while device in parent:
        found.append(device)
        device = parent[device]
    return found


def homes(devices: Iterable[dict[str, Any]]) -> dict[str, str]:
    return {point: one["id"] for one in devices for point in one.get("premises", ())}


def dark_seconds(devices: Sequence[dict[str, Any]], openings: Iterable[Opening]) -> set[Any]:
    """Every second at every meter in which any device above it is open: one by one."""
    return {
        (point, second)
        for point, home in homes(devices).items()
        for device in above(devices, home)
        for of, first, last in openings
        if of == device
        for second in range(first, last)
    }


def spans(seconds: set[Any]) -> list[tuple[str, int, int]]:
    """Meter, first second and the one after the last, of each time it was dark."""
    found = []
    for point, second in sorted(seconds):
        if (point, second - 1) not in seconds:
            last = second
            while (point, last) in seconds:
                last += 1
            found.append((point, second, last))
    return found


def told(spans: Iterable[tuple[str, int, int]]) -> list[tuple[str, str, int]]:
    """What meters say that say all."""
    return [
        word
        for point, first, last in spans
        for word in ((point, LOST, first), (point, RESTORED, last))
    ]


def tell(run: Any, word: tuple[str, str, int]) -> None:
    name, says, seconds = word
    happened = MORNING + timedelta(seconds=seconds)
    if says in SHOWN:
        run.indicator(name, SHOWN[says], happened)
    elif says in ("open", "close"):
        run.switch(name, says, happened)
    else:
        run.meter(name, says, happened)


def after(run: Any, words: Sequence[tuple[str, str, int]], order: random.Random) -> list[Any]:
    """The ledger without the identities of outages, once all is said with pauses."""
    for word in words:
        run.until(run.at + timedelta(seconds=order.choice([0, 0, 1, 30, 90])))
        tell(run, word)
    run.until(MORNING + timedelta(seconds=2000))
    run.settle()
    return content(run)


def content(run: Any) -> list[Any]:
    return sorted(
        ((name, start, end, outage is None) for name, start, end, outage in run.ledger()),
        key=lambda row: row[:2],
    )


def seconds(moment: datetime) -> int:
    return int((moment - MORNING).total_seconds())


TWO_OF_THREE = [
    {"id": "D0", "parent": "SS1", "kind": "breaker"},
    *({"id": f"D{n}", "parent": "D0", "kind": "recloser"} for n in (1, 2, 3)),
    *(
        {"id": f"T-D{n}", "parent": f"D{n}", "kind": "transformer", "premises": [f"M{n}"]}
        for n in (1, 2, 3)
    ),
]


@given(storm=storms(), order=st.randoms(use_true_random=False))
@example(
    storm=(TWO_OF_THREE, [("T-D2", 0, 60), ("T-D3", 0, 60)]),
    order=random.Random(1),  # noqa: S311
)
@QUICK
def test_who_says_all_is_believed_to_the_second(
    start: Callable[..., Any], storm: Any, order: random.Random
) -> None:
    """Meters that tell each loss and return of power, in any order: the ledger is what was, and the
    customer seconds are those that a count second by second finds.

    The rules say so: every meter without power tells it, and a device is as likely open as not.  By
    others a silent meter between two that are dark may rightly be believed to be out with them.
    """
    devices, openings = storm
    true = dark_seconds(devices, openings)
    words = told(spans(true))
    order.shuffle(words)
    rows = after(start(devices, skew=0.0, delivery=1.0, rarity=0.5), words, order)
    assert [(n, seconds(s), seconds(e)) for n, s, e, _ in rows] == spans(true)
    assert sum(seconds(e) - seconds(s) for _, s, e, _ in rows) == len(true)


@given(storm=storms(), order=st.randoms(use_true_random=False))
@example(
    storm=(TWO_OF_THREE, [("D0", 0, 1), ("T-D2", 1, 61)]),  # the same second
    order=random.Random(1),  # noqa: S311
)
@QUICK
def test_switches_alone_tell_it_to_the_second(
    start: Callable[..., Any], storm: Any, order: random.Random
) -> None:
    """Every device is telemetered and no meter says anything: the same."""
    devices, openings = storm
    true = dark_seconds(devices, openings)
    moves = [
        move
        for device, first, last in openings
        for move in ((device, "open", first), (device, "close", last))
    ]
    order.shuffle(moves)
    rows = after(start(devices), moves, order)
    assert [(n, seconds(s), seconds(e)) for n, s, e, _ in rows] == spans(true)


def test_who_was_handed_over_to_another_switch_was_out_by_the_first_before(
    start: Callable[..., Any],
) -> None:
    """A recloser is told to have closed in between only once the fuse below is to blame."""
    devices = [
        {"id": "D1", "parent": "SS1", "kind": "recloser"},
        {"id": "D2", "parent": "D1", "kind": "transformer", "premises": ["M1"]},
    ]
    run = start(devices)
    early = [("D2", "close", 590), ("D1", "close", 380), ("D1", "open", 0), ("D2", "open", 340)]
    for moves in (early, [("D1", "close", 175), ("D1", "open", 198)]):
        for move in moves:
            tell(run, move)
        run.until(run.at + timedelta(seconds=5))
    run.until(MORNING + timedelta(seconds=2000))
    run.settle()
    rows = [(seconds(began), seconds(ended)) for _, began, ended, _ in run.ledger()]
    assert rows == [(0, 175), (198, 590)]


@st.composite
def words(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[tuple[str, str, int]]]:
    """A tree, and whatever meters, switches and fault indicators may say, true or not."""
    devices = draw(trees())
    meters = st.tuples(
        st.sampled_from([*homes(devices), "M99"]),
        st.sampled_from([LOST, LOST, RESTORED, ON]),
        st.integers(0, 600),
    )
    switches = st.tuples(
        st.sampled_from([one["id"] for one in devices if not one.get("premises")]),
        st.sampled_from(["open", "close"]),
        st.integers(0, 600),
    )
    indicators = st.tuples(
        st.sampled_from([name for one in devices for name in one.get("indicators", ())]),
        st.sampled_from([*SHOWN]),
        st.integers(-600, 600),
    )
    said = draw(
        st.lists(
            meters | switches | indicators,
            max_size=16,
            # a switch cannot open and close in the same instant
            unique_by=lambda e: (e[0], e[2]) if e[1] in ("open", "close") else e,
        )
    )
    return devices, said


@given(said=words(), order=st.randoms(use_true_random=False))
@QUICK
def test_order_and_duplicates_change_nothing(
    start: Callable[..., Any], said: Any, order: random.Random
) -> None:
    """The order of switches among themselves, too."""
    devices, events = said
    ledger = after(start(devices), events, order)
    shuffled = [*events, *events[:4]]
    order.shuffle(shuffled)
    assert after(start(devices), shuffled, order) == ledger


@given(said=words(), order=st.randoms(use_true_random=False))
@QUICK
def test_nobody_is_without_power_twice_at_once(
    start: Callable[..., Any], said: Any, order: random.Random
) -> None:
    """At any time, at every wake: no two rows of a usage point overlap, and who is in an outage as
    it is told is so in the ledger."""
    devices, events = said
    run = start(devices)
    for event in events:
        tell(run, event)
        run.until(run.at + timedelta(seconds=order.choice([1, 30, 90])))
        check(run)
    run.settle()
    check(run)


def check(run: Any) -> None:
    rows = run.ledger()
    for (name, _, end, _), (other, start, _, _) in pairwise(rows):
        assert name != other or (end is not None and end <= start)
    now = {(outage, name) for name, _, end, outage in rows if end is None}
    said = {
        (outage.mrid, point.names[0].name)
        for outage in run.outages()
        for point in outage.de_energized_usage_point
    }
    assert said == now


@given(said=words(), order=st.randoms(use_true_random=False))
@QUICK
def test_told_again_from_the_journal_it_is_the_same(
    start: Callable[..., Any], said: Any, order: random.Random
) -> None:
    """All at once, as it is when the state is made anew."""
    devices, events = said
    ledger = after(start(devices), events, order)
    run = start(devices)
    for event in events:
        tell(run, event)
    run.until(MORNING + timedelta(seconds=3000))
    run.settle()
    assert content(run) == ledger


@st.composite
def silences(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[tuple[str, str, int]]]:
    """A tree, of whose meters some tell of losses of power and in the end that it is back, some
    only that they have power, as when they are asked, and some nothing."""
    devices = draw(trees())
    points = sorted(homes(devices))
    speaking = draw(st.sets(st.sampled_from(points), min_size=1))
    times, said = st.integers(0, 600), list[tuple[str, str, int]]()
    for point in points:
        kinds = [LOST, LOST, RESTORED, ON] if point in speaking else [ON]
        words = st.lists(st.tuples(st.sampled_from(kinds), times), max_size=4)
        said += [(point, says, at) for says, at in draw(words)]
    said += [(point, RESTORED, draw(st.integers(700, 800))) for point in sorted(speaking)]
    return devices, said


@given(told=silences(), order=st.randoms(use_true_random=False))
@QUICK
def test_who_is_silent_is_out_no_longer_than_others_say_and_never_while_it_has_power(
    start: Callable[..., Any], told: Any, order: random.Random
) -> None:
    """By the rules as they are a silent meter may be believed to be out with those around it.  What
    holds all the same, in whatever order it is heard:

    - who says to have power, and never that it was lost, is not without at that time;
    - who says nothing is without only between the first word that power is lost and the last that
      it is back anywhere;
    - when it is back for all who told of a loss, nobody is without.
    """
    devices, said = told
    arrivals = [*said]
    order.shuffle(arrivals)
    rows = after(start(devices), arrivals, order)
    dark = {point for point, says, _ in said if says == LOST}
    lost = [at for _, says, at in said if says == LOST]
    back = [at for _, says, at in said if says != LOST]
    assert all(end is not None for _, _, end, _ in rows)
    spans_ = [(name, seconds(begin), seconds(end)) for name, begin, end, _ in rows]
    for name, begin, end in spans_:
        assert min(lost) <= begin <= end <= max(back)
        has_power = [at for point, says, at in said if point == name and says != LOST]
        assert name in dark or not any(begin < at < end for at in has_power)


def test_what_is_put_away_stays_in_the_ledger(start: Callable[..., Any]) -> None:
    """An outage elsewhere that began before goes on; the app begins anew, and there is news."""
    run = start([
        {"id": "CB1", "parent": "SS1", "kind": "breaker", "premises": ["M1", "M2"]},
        {"id": "CB2", "parent": "SS1", "kind": "breaker", "premises": ["M3"]},
    ])  # fmt: skip
    run.settle()
    run.at = MORNING

    def at(minutes: float) -> datetime:
        return MORNING + timedelta(minutes=minutes)

    for point, code, minutes in (
        ("M3", LOST, 0), ("M1", LOST, 10), ("M2", LOST, 10), ("M1", RESTORED, 20),
        ("M2", RESTORED, 20),
    ):  # fmt: skip
        run.until(at(minutes))
        run.meter(point, code, at(minutes))
    run.settle()
    run.until(at(300))
    rows = {("M1", at(10), at(20)), ("M2", at(10), at(20)), ("M3", at(0), None)}
    assert {row[:3] for row in run.ledger()} == rows
    run.app = type(run.app)(codes=run.app.codes)
    run.wake_at(run.at)
    run.until(at(301))
    assert {row[:3] for row in run.ledger()} == rows
    run.meter("M1", LOST, at(310))
    run.meter("M3", LOST, at(310))
    run.until(at(330))
    assert {row[:3] for row in run.ledger()} == rows | {("M1", at(310), None)}
