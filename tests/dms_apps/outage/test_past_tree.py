"""What a breaker took is known for its own though a tie has given it back, and heard of late."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
import sqlalchemy as sa

from dms_apps.outage.tables import outage
from tests.dms_apps.outage.conftest import LOST, MORNING, ON, RESTORED, Run

#  SS1 -+- CB1 -+- T1: M1 M2
#       |       +- S1 -+- F2: M3 M4 M5
#       |              +- T3: M6 M7
#       |                  (tie, open)
#       +- CB2 -+- T4: M8
DEVICES = [
    {"id": "CB1", "parent": "SS1", "kind": "breaker"},
    {"id": "T1", "parent": "CB1", "kind": "transformer", "premises": ["M1", "M2"]},
    {"id": "S1", "parent": "CB1", "kind": "recloser"},
    {"id": "F2", "parent": "S1", "kind": "fuse", "premises": ["M3", "M4", "M5"]},
    {"id": "T3", "parent": "S1", "kind": "transformer", "premises": ["M6", "M7"]},
    {"id": "CB2", "parent": "SS1", "kind": "breaker"},
    {"id": "T4", "parent": "CB2", "kind": "transformer", "premises": ["M8"]},
    {"id": "TIE", "parent": "S1", "kind": "tie", "to": "CB2"},
]


def at(minutes: float) -> datetime:
    return MORNING + timedelta(minutes=minutes)


SWITCHING = [("CB1", "open", 0), ("S1", "open", 5), ("TIE", "close", 10)]
NESTED = [("M3", -2), ("M4", -2), ("M5", -2)]
BY_BREAKER = [("M1", 0), ("M6", 0)]
Said = tuple[str, str, float]


def _told(start: Callable[..., Run], order: Iterable[Said], *, anew: bool) -> tuple[Any, ...]:
    """The outages that are open, and the ledger.

    anew: the app begins again, and looks, before each thing that is said.
    """
    run = start(DEVICES)
    run.settle()
    run.at = at(-3)
    for name, kind, when in order:
        run.until(max(run.at, at(when)))
        if anew:
            run.app = type(run.app)(codes=run.app.codes)
            run.wake_at(run.at)
        if kind in (LOST, RESTORED, ON):
            run.meter(name, kind, at(when))
        else:
            run.switch(name, kind, at(when))
    run.until(at(40))
    columns = outage.c.device, outage.c.started_at, outage.c.state, outage.c.without
    still = outage.c.closed_at.is_(None)
    outages = run.connection.execute(sa.select(*columns).where(still))
    found = sorted((run.network.name(row[0]) if row[0] else "", *row[1:]) for row in outages)
    owner = {
        row.mrid: run.network.name(row.device) if row.device else ""
        for row in run.connection.execute(sa.select(outage.c.mrid, outage.c.device))
    }
    ledger = {(*row[:3], owner.get(row[3] or "", "")) for row in run.ledger()}
    return found, ledger


@pytest.mark.parametrize("anew", [False, True])
def test_a_late_last_gasp_belongs_to_what_was_open_then(
    start: Callable[..., Run], *, anew: bool
) -> None:
    switching: list[Said] = [*SWITCHING]
    gasps: list[Said] = [(name, LOST, when) for name, when in (*NESTED, *BY_BREAKER)]
    gasps += [("M6", RESTORED, 10)]
    first = _told(start, sorted([*switching, *gasps], key=lambda one: one[2]), anew=anew)
    found, ledger = first
    assert [row[:2] for row in found] == [("CB1", at(0)), ("F2", at(-2))]
    assert ledger == {
        *((name, at(0), None, "CB1") for name in ("M1", "M2")),
        *((name, at(0), at(10), "CB1") for name in ("M6", "M7")),
        *((name, at(-2), None, "F2") for name in ("M3", "M4", "M5")),
    }
    assert _told(start, [*switching, *gasps], anew=anew) == first
    assert _told(start, [*gasps, *switching], anew=anew) == first
    for moves in permutations(switching):
        assert _told(start, [*moves, *gasps], anew=anew) == first


def test_a_tie_that_closes_is_told_of_at_once(start: Callable[..., Run]) -> None:
    """It is below no device: what it supplies is looked at because it has supply."""
    run = start(DEVICES)
    run.settle()
    run.at = at(0)
    for device, kind, when in SWITCHING:
        run.until(at(when))
        run.switch(device, kind, at(when))
    run.until(at(10.1))
    [found] = run.outages()
    assert (found.meters_affected, found.outage_kind) == (2, "partiallyRestored")


ISOLATED = [("S1", "open", 5), ("TIE", "close", 10)]
TOGETHER = [
    *((name, LOST, 0) for name in ("M1", "M3", "M4", "M6", "M7")),
    *((name, RESTORED, 10.1) for name in ("M3", "M4", "M6", "M7")),
]


@pytest.mark.parametrize("anew", [False, True])
def test_what_no_switch_tells_is_predicted_on_the_tree_of_then(
    start: Callable[..., Run], *, anew: bool
) -> None:
    """The breaker is not telemetered; half of what it took a tie supplies since, one of it having
    said nothing."""
    order = sorted([*ISOLATED, *TOGETHER], key=lambda one: one[2])
    first = _told(start, order, anew=anew)
    found, ledger = first
    assert found == [("CB1", at(0), "partiallyRestored", 2)]
    assert ledger == {
        *((name, at(0), None, "CB1") for name in ("M1", "M2")),
        *((name, at(0), at(10), "CB1") for name in ("M3", "M4", "M5", "M6", "M7")),
    }
    assert _told(start, [*ISOLATED, *TOGETHER], anew=anew) == first
    assert _told(start, [*TOGETHER, *ISOLATED], anew=anew) == first
    assert _told(start, [*reversed(ISOLATED), *reversed(TOGETHER)], anew=anew) == first


def test_who_is_left_and_says_to_have_power_has_it_alone(start: Callable[..., Run]) -> None:
    _, ledger = _told(start, [*ISOLATED, *TOGETHER, ("M2", ON, 20)], anew=False)
    assert {row for row in ledger if row[0] in {"M1", "M2"}} == {
        ("M1", at(0), None, "CB1"),
        ("M2", at(0), at(20), "CB1"),
    }


def test_it_is_over_when_all_who_are_left_have_power(start: Callable[..., Run]) -> None:
    """Also where none of them had told of the loss."""
    silent = [one for one in TOGETHER if one[0] != "M1"]
    powered = [("M1", ON, 20.0), ("M2", ON, 21.0)]
    found, ledger = _told(start, [*ISOLATED, *silent, *powered], anew=False)
    assert found == []
    assert all(row[2] is not None for row in ledger)


def test_who_is_left_over_is_so_on_the_tree_of_now(start: Callable[..., Run]) -> None:
    """A fuse that went with all others is found as what a tie supplies has power but for it."""
    said = [
        one for one in [*ISOLATED, *TOGETHER] if one[:2] not in {("M3", RESTORED), ("M4", RESTORED)}
    ]
    found, ledger = _told(start, said, anew=False)
    assert ("F2", at(0)) in [row[:2] for row in found]
    assert {row for row in ledger if row[2] is None} == {
        *((name, at(0), None, "CB1") for name in ("M1", "M2")),
        *((name, at(0), None, "F2") for name in ("M3", "M4", "M5")),
    }


#  What is told of switches late, and was before all else; then all is switched back.
EARLIER = [("TIE", "close", -2), ("S1", "open", -1)]
BACK = [("S1", "close", 5), ("TIE", "open", 6)]
ELSEWHERE = [("M6", LOST, 0), ("M7", LOST, 0), ("M8", LOST, 0)]


@pytest.mark.parametrize("anew", [False, True])
def test_switching_before_all_that_was_heard_may_be_told_late(
    start: Callable[..., Run], *, anew: bool
) -> None:
    """Who went dark was on another feeder then."""
    first = _told(start, [*EARLIER, *ELSEWHERE, *BACK], anew=anew)
    assert first[1] == {
        *((name, at(0), at(5), "CB2") for name in ("M3", "M4", "M5")),
        *((name, at(0), None, "T3") for name in ("M6", "M7")),
        ("M8", at(0), None, "CB2"),
    }
    assert _told(start, [*ELSEWHERE, *BACK, *EARLIER], anew=anew) == first
    assert _told(start, [*ELSEWHERE, *EARLIER, *BACK], anew=anew) == first
    assert _told(start, [*BACK, *ELSEWHERE, *reversed(EARLIER)], anew=anew) == first


def test_who_is_left_over_is_so_on_the_tree_by_which_power_came_back(
    start: Callable[..., Run],
) -> None:
    run = start(DEVICES)
    run.settle()
    run.at = at(0)
    run.switch("CB1", "open", at(0))
    for name in ("M3", "M5", "M7"):
        run.meter(name, LOST, at(0))
    run.until(at(10))
    run.switch("TIE", "close", at(10))  # S1 is above none of them any more
    run.until(at(60))
    assert run.places() == {"F2": 3, "M7": 1}
