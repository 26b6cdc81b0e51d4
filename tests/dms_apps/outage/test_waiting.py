"""What cannot be told yet is not looked at with every call, and is told no later for it.

SS1 ── CB1 ── F1 ── M0 ... M9
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cim.message import Verb
from dms_apps.outage import assessment
from dms_apps.outage.history import happened
from dms_apps.outage.modes import Modes, Planned, RuleSet
from tests.dms_apps.outage.conftest import LOST, RESTORED, Run, after

POINTS = [f"M{n}" for n in range(10)]
DEVICES = [
    {"id": "CB1", "parent": "SS1", "kind": "breaker"},
    {"id": "F1", "parent": "CB1", "kind": "fuse", "premises": POINTS},
]
Start = Callable[..., Run]


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many words were gone through at each look at a part."""
    found, real = list[int](), happened

    def counted(*arguments: object) -> object:
        found.extend(len(one.words) for one in arguments if hasattr(one, "words"))
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(assessment, "happened", counted)
    return found


def _storm(run: Run, calls: int) -> None:
    """All meters lose power at once, and every second somebody calls."""
    run.settle()
    run.at = after(seconds=0)
    run.meters([(point, LOST, run.at) for point in POINTS])
    for second in range(1, calls + 1):
        run.until(after(seconds=second))
        run.call(POINTS[second % 10], run.at, number=f"C{second}")


def test_calls_are_waited_with_until_an_outage_may_be_told(start: Start, looks: list[int]) -> None:
    run = start(DEVICES)
    _storm(run, 50)
    run.until(after(seconds=59))
    assert looks == []
    run.until(after(seconds=60))
    assert looks == [60]
    [(verb, told)] = run.told
    assert (verb, told.reported_start_time) == (Verb.CREATED, after(seconds=0))
    assert "50 calls." in (told.comment or "")


def test_a_call_of_an_outage_that_is_told_is_looked_at_soon(start: Start) -> None:
    run = start(DEVICES)
    _storm(run, 3)
    run.until(after(seconds=70))
    run.call("M4", run.at, number="C-late")
    run.until(after(seconds=71))
    assert [verb for verb, _ in run.told] == [Verb.CREATED, Verb.CHANGED]
    assert "4 calls." in (run.told[-1][1].comment or "")


def test_calls_alone_wait_from_the_first_of_them(start: Start, looks: list[int]) -> None:
    run = start(DEVICES)
    run.settle()
    run.at = after(seconds=0)
    for second in (0, 5, 30):
        run.until(after(seconds=second))
        run.call("M1", run.at, number=f"C{second}")
    run.until(after(seconds=59))
    assert looks == []
    run.until(after(seconds=60))
    assert [verb for verb, _ in run.told] == [Verb.CREATED]


def test_power_that_is_back_is_not_waited_with(start: Start, looks: list[int]) -> None:
    run = start(DEVICES)
    _storm(run, 5)
    run.meters([(point, RESTORED, run.at) for point in POINTS])
    run.until(after(seconds=7))
    assert looks
    assert [row[2] for row in run.ledger()] == [after(seconds=5)] * 10


def test_a_danger_is_not_waited_with(start: Start, looks: list[int]) -> None:
    run = start(DEVICES)
    _storm(run, 5)
    run.call("M1", run.at, hazards=["WIRE_DOWN"], number="C-danger")
    run.until(after(seconds=7))
    assert looks


def test_where_meters_are_asked_a_call_is_not_waited_with(start: Start) -> None:
    run = start(DEVICES, ping="3.26.0.1")
    run.settle()
    run.at = after(seconds=0)
    run.call("M1", run.at)
    run.until(after(seconds=2))
    assert run.pinged == ["M1"]


def test_the_shortest_hold_off_of_any_rules_counts(start: Start) -> None:
    quick = Modes(
        sets={"drill": RuleSet(hold_off=10.0)},
        schedule=(Planned(mode="drill", begins=after(hours=-1), ends=after(hours=1)),),
    )
    run = start(DEVICES, modes=quick)
    _storm(run, 12)
    assert [verb for verb, _ in run.told[:1]] == [Verb.CREATED]
