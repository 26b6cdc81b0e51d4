"""Switching supplies some of an outage, or of others, another way."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from cim.network import Network
from dms_apps.outage import evidence
from dms_apps.outage.facts import CLOSE
from dms_apps.outage.forest import Forest
from dms_apps.outage.moves import OPEN, SERVICE, Move, moves
from dms_apps.outage.past import Past
from dms_apps.outage.tables import outage, signal
from dms_apps.outage.trees import Turn
from tests.dms_apps.outage.altering import altered
from tests.dms_apps.outage.conftest import LOST, MORNING, RESTORED, Run, mrid

#  SS1 -+- CB1 -+- T1: M1 M2
#       |       +- S1 --- T3: M6 M7    (tie TIE, open)
#       |       +- S2 --- T5: M9 M10   (tie TIE2, open)
#       +- CB2 --- T4: M8
TWO_TIES: list[Mapping[str, Any]] = [
    {"id": "CB1", "parent": "SS1", "kind": "breaker"},
    {"id": "T1", "parent": "CB1", "kind": "transformer", "premises": ["M1", "M2"]},
    {"id": "S1", "parent": "CB1", "kind": "recloser"},
    {"id": "T3", "parent": "S1", "kind": "transformer", "premises": ["M6", "M7"]},
    {"id": "S2", "parent": "CB1", "kind": "recloser"},
    {"id": "T5", "parent": "S2", "kind": "transformer", "premises": ["M9", "M10"]},
    {"id": "CB2", "parent": "SS1", "kind": "breaker"},
    {"id": "T4", "parent": "CB2", "kind": "transformer", "premises": ["M8"]},
    {"id": "TIE", "parent": "S1", "kind": "tie", "to": "CB2"},
    {"id": "TIE2", "parent": "S2", "kind": "tie", "to": "CB2"},
]
CALL = "call"
Said = tuple[str, str, float]


def at(minutes: float) -> datetime:
    return MORNING + timedelta(minutes=minutes)


def play(
    start: Callable[..., Run],
    devices: Iterable[Mapping[str, Any]],
    said: Iterable[Said],
    now: float,
) -> Run:
    run = start(devices)
    run.settle()
    run.at = at(-3)
    for name, kind, when in said:
        run.until(max(run.at, at(when)))
        if kind in (OPEN, CLOSE):
            run.switch(name, kind, at(when))
        elif kind == CALL:
            run.call(name, at(when))
        else:
            run.meter(name, kind, at(when))
    run.until(at(now))
    return run


def without(run: Run) -> dict[str, int]:
    """Device -> how many its open outages are of."""
    query = sa.select(outage.c.device, outage.c.without).where(outage.c.closed_at.is_(None))
    return {
        run.network.name(row[0]) if row[0] else "": row[1] for row in run.connection.execute(query)
    }


def ended(run: Run) -> dict[str, datetime | None]:
    return {row[0]: row[2] for row in run.ledger()}


BOTH: list[Said] = [("M6", LOST, 0), ("S1", OPEN, 5), ("S2", OPEN, 6), ("TIE", CLOSE, 10)]
FIRST: list[Said] = [("M6", RESTORED, 10.1), ("TIE2", CLOSE, 20)]
TRANSFERRED = {
    **dict.fromkeys(("M6", "M7"), at(10)),
    **dict.fromkeys(("M9", "M10"), at(20)),
    **dict.fromkeys(("M1", "M2"), None),
}


@pytest.mark.parametrize("last", [[], [("M9", RESTORED, 20.1)]])
def test_each_transfer_gives_back_what_it_moves_and_nobody_else(
    start: Callable[..., Run], last: list[Said]
) -> None:
    """Whether they say so or not; the breaker, which no telemetry shows, is still open."""
    lost = [("M9" if last else "M1", LOST, 0.0)]
    run = play(start, TWO_TIES, [*lost, *BOTH, *FIRST, *last], 60)
    assert ended(run) == TRANSFERRED
    assert without(run) == {"CB1": 2}


def test_it_is_over_when_the_last_transfer_has_moved_all(start: Callable[..., Run]) -> None:
    devices = [one for one in TWO_TIES if one["id"] != "T1"]
    run = play(start, devices, [("M9", LOST, 0), *BOTH, *FIRST, ("M9", RESTORED, 20.1)], 60)
    assert ended(run) == {point: end for point, end in TRANSFERRED.items() if end}
    assert without(run) == {}


def test_who_called_before_the_transfer_has_power_since(start: Callable[..., Run]) -> None:
    """Though others of the outage had it before the call."""
    said: list[Said] = [*BOTH, FIRST[0], ("M9", CALL, 15), FIRST[1]]
    run = play(start, TWO_TIES, [("M1", LOST, 0), *said], 60)
    assert ended(run) == TRANSFERRED
    assert without(run) == {"CB1": 2}


def test_a_switch_that_moves_takes_nobody_who_is_left(start: Callable[..., Run]) -> None:
    """They have been without before it opened, and nobody says that its closing reached them."""
    lost: list[Said] = [("M6", LOST, 0), ("M9", LOST, 0), ("M10", LOST, 0)]
    first: list[Said] = [("S1", OPEN, 5), ("TIE", CLOSE, 10), ("M6", RESTORED, 10.1)]
    run = play(start, TWO_TIES, [*lost, *first, ("CB1", OPEN, 15), ("CB1", CLOSE, 25)], 90)
    assert ended(run) == TRANSFERRED | {"M9": None, "M10": None}
    assert without(run) == {"CB1": 4}


def test_who_says_nothing_after_two_transfers_is_left_over_below_what_was_above_before(
    start: Callable[..., Run],
) -> None:
    """What supplies both since had nothing to do with them when they lost power."""
    lost: list[Said] = [(point, LOST, 0) for point in ("M1", "M6", "M9")]
    switched: list[Said] = [("S1", OPEN, 5), ("S2", OPEN, 6), ("TIE", CLOSE, 10)]
    run = play(start, TWO_TIES, [*lost, *switched, ("TIE2", CLOSE, 10)], 60)
    left = dict.fromkeys(("M1", "M2", "M6", "M9"), None)
    assert ended(run) == {**left, "M7": at(10), "M10": at(10)}
    assert {row[0]: row[1] for row in run.ledger()} == dict.fromkeys(TRANSFERRED, at(0))
    assert without(run) == {"CB1": 2, "": 1}


def test_who_is_switched_below_a_device_that_is_predicted_has_power(
    start: Callable[..., Run],
) -> None:
    """Who switches customers back knows that it is closed; without supply they were as long as
    switches were open."""
    lost: list[Said] = [("M1", LOST, 0), ("M6", LOST, 0), ("M9", LOST, 0)]
    there: list[Said] = [("S1", OPEN, 5), ("TIE", CLOSE, 10), ("M6", RESTORED, 10.1)]
    run = play(start, TWO_TIES, [*lost, *there, ("TIE", OPEN, 40), ("S1", CLOSE, 45)], 90)
    ledger = {(row[0], *row[1:3]) for row in run.ledger()}
    assert {row for row in ledger if row[0] in {"M6", "M7"}} == {
        (point, *span) for point in ("M6", "M7") for span in [(at(0), at(10)), (at(40), at(45))]
    }
    assert without(run) == {"CB1": 4}


#  SS1 -+- CB1 -+- R1 -+- F1 ... F4: A10 ... A44
#       |       |      +- S8 --- F8: B1 B2   (tie TIE8, open)
#       |       +- S9 --- T9: Z1             (tie TIE9, open)
#       +- CB2 --- T4: M8
BRANCHES: list[Mapping[str, Any]] = [
    {"id": "CB1", "parent": "SS1", "kind": "breaker"},
    {"id": "R1", "parent": "CB1", "kind": "recloser"},
    *(
        {"id": f"F{n}", "parent": "R1", "kind": "fuse", "premises": [f"A{n}{m}" for m in range(5)]}
        for n in range(1, 5)
    ),
    {"id": "S8", "parent": "R1", "kind": "recloser"},
    {"id": "F8", "parent": "S8", "kind": "fuse", "premises": ["B1", "B2"]},
    {"id": "S9", "parent": "CB1", "kind": "recloser"},
    {"id": "T9", "parent": "S9", "kind": "transformer", "premises": ["Z1"]},
    {"id": "CB2", "parent": "SS1", "kind": "breaker"},
    {"id": "T4", "parent": "CB2", "kind": "transformer", "premises": ["M8"]},
    {"id": "TIE8", "parent": "S8", "kind": "tie", "to": "CB2"},
    {"id": "TIE9", "parent": "S9", "kind": "tie", "to": "CB2"},
]


@pytest.mark.parametrize("branch", ["9", "8"])
def test_calls_before_and_after_a_transfer_of_others_are_of_one_outage(
    start: Callable[..., Run], branch: str
) -> None:
    """Who said nothing and has been transferred meanwhile is not of it."""
    calls: list[Said] = [("A10", CALL, 0), ("A20", CALL, 1)]
    turn: list[Said] = [(f"S{branch}", OPEN, 5), (f"TIE{branch}", CLOSE, 6)]
    more: list[Said] = [("A30", CALL, 10), ("A40", CALL, 11)]
    others = {"F8", "S8", "TIE8"} if branch == "9" else {"T9", "S9", "TIE9"}
    devices = [one for one in BRANCHES if one["id"] not in others]
    run = play(start, devices, [*calls, *turn, *more], 20)
    assert without(run) == {"R1": 20}


def test_calls_are_of_one_outage_whoever_is_transferred_on_other_feeders(
    start: Callable[..., Run],
) -> None:
    """Also one who has called, and though later switching makes it one part with them."""
    devices: list[Mapping[str, Any]] = [
        *(one for one in BRANCHES if one["id"] != "TIE9"),
        {"id": "CB3", "parent": "SS1", "kind": "breaker"},
        {"id": "F5", "parent": "CB3", "kind": "fuse", "premises": [f"C{n}" for n in range(5)]},
        {
            "id": "T6",
            "parent": "CB3",
            "kind": "transformer",
            "premises": [f"D{n}" for n in range(9)],
        },
        {"id": "TIE3", "parent": "S9", "kind": "tie", "to": "CB3"},
    ]
    calls: list[Said] = [("B1", CALL, 0), ("C0", CALL, 1)]
    turn: list[Said] = [("S8", OPEN, 5), ("TIE8", CLOSE, 6)]
    later: list[Said] = [("C1", CALL, 10), ("S9", OPEN, 12), ("TIE3", CLOSE, 13)]
    run = play(start, devices, [*calls, *turn, *later], 20)
    assert without(run)["F5"] == 5


@pytest.mark.parametrize("late", [False, True])
def test_what_is_over_stays_when_switching_of_then_is_told_late(
    start: Callable[..., Run], *, late: bool
) -> None:
    """Also what was put away long before."""
    switched: list[Said] = [("TIE", CLOSE, -900), ("S1", OPEN, -899)]
    said: list[Said] = [("M1", LOST, -1000), ("M2", LOST, -1000)]
    over: list[Said] = [("M8", LOST, -500), ("M8", RESTORED, -450)]
    run = start(TWO_TIES)
    run.settle()
    run.at = at(-1000)
    for name, kind, when in [*said, *([] if late else switched), *over]:
        run.until(max(run.at, at(when)))
        run.switch(name, kind, at(when)) if kind in (OPEN, CLOSE) else run.meter(
            name, kind, at(when)
        )
    run.until(at(0))
    for name, kind, when in switched if late else ():
        run.switch(name, kind, at(when))
    run.until(at(60))
    ledger = {row[:3] for row in run.ledger()}
    assert {row for row in ledger if row[0] in {"M1", "M2", "M8"}} == {
        ("M1", at(-1000), None),
        ("M2", at(-1000), None),
        ("M8", at(-500), at(-450)),
    }


def test_who_begins_again_takes_up_nothing_that_was_put_away(
    start: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though somebody else has been without power for longer."""
    more: list[Mapping[str, Any]] = [
        {"id": "S4", "parent": "CB2", "kind": "recloser"},
        {"id": "T6", "parent": "S4", "kind": "transformer", "premises": ["M3"]},
        {"id": "CB3", "parent": "SS1", "kind": "breaker"},
        {"id": "T7", "parent": "CB3", "kind": "transformer", "premises": ["M4"]},
        {"id": "TIE3", "parent": "S4", "kind": "tie", "to": "CB3"},
    ]
    run = start([*TWO_TIES, *more])
    run.settle()
    run.at = at(-1000)
    for name, kind, when in [("M1", LOST, -1000), ("M8", LOST, -900), ("M8", RESTORED, -850)]:
        run.until(max(run.at, at(when)))
        run.meter(name, kind, at(when))
    for name, kind, when in [("TIE3", CLOSE, -840), ("S4", OPEN, -839)]:
        run.until(at(when))
        run.switch(name, kind, at(when))
    run.until(at(0))
    put_away = sa.select(signal.c.point).where(~signal.c.live)
    assert set(run.connection.scalars(put_away)) == {mrid("M8")}
    monkeypatch.setattr(evidence, "take_up_again", lambda *_: pytest.fail("it was"))
    run.app = type(run.app)(codes=run.app.codes)
    run.wake_at(run.at)
    run.until(at(0.1))


# -- how the network was operated before


def _past(start: Callable[..., Run], said: Iterable[Said]) -> tuple[Past, Run, list[Move]]:
    run = play(start, TWO_TIES, said, 30)
    return Past(), run, moves(run.connection)


def _turns(past: Past, network: Network, known: Sequence[Move], since: float) -> list[Turn]:
    past.look(network, Forest.of(network), known, at(since))
    return past.turns


SWITCHED: list[Said] = [("S1", OPEN, 5), ("TIE", CLOSE, 10), ("S2", OPEN, 15), ("TIE2", CLOSE, 20)]


def test_a_word_of_before_all_others_begins_nothing_anew(start: Callable[..., Run]) -> None:
    """Unless a switch moved in between."""
    past, run, known = _past(start, SWITCHED)
    [first] = _turns(past, run.network, known, 12)
    assert first.at == at(20)
    [again] = _turns(past, run.network, known, 11)
    assert again is first
    assert [turn.at for turn in _turns(past, run.network, known, 1)] == [at(10), at(20)]


def test_turns_are_dropped_once_nothing_is_later(start: Callable[..., Run]) -> None:
    past, run, known = _past(start, SWITCHED)
    turn = weakref.ref(_turns(past, run.network, known, 1)[0])
    assert not _turns(past, run.network, known, 25)
    gc.collect()
    assert turn() is None


def _told(turns: Iterable[Turn]) -> list[tuple[Any, ...]]:
    return [(turn.at, turn.moved, turn.roots, turn.dead, turn.above) for turn in turns]


@pytest.mark.parametrize("late", range(len(SWITCHED)))
def test_what_is_told_late_of_a_switch_counts_as_if_it_had_been_known(
    start: Callable[..., Run], late: int
) -> None:
    """Also of one that moved before all that matters."""
    past, run, known = _past(start, SWITCHED)
    for since in (-1, 12):
        before = [*known[:late], *known[late + 1 :]]
        _turns(past, run.network, before, since)
        assert _told(_turns(past, run.network, known, since)) == _told(
            _turns(Past(), run.network, known, since)
        )


def test_what_is_told_late_leaves_what_was_before_it(start: Callable[..., Run]) -> None:
    past, run, known = _past(start, [*SWITCHED, ("TIE", OPEN, 25), ("S1", CLOSE, 26)])
    before = _turns(past, run.network, [*known[:4], known[5]], 1)
    late = _turns(past, run.network, known, 1)
    assert late[0] is before[0]
    assert _told(late) == _told(_turns(Past(), run.network, known, 1))
    assert [turn.at for turn in late] == [at(10), at(20), at(26)]


def test_switching_that_is_forgotten_by_age_begins_nothing_anew(start: Callable[..., Run]) -> None:
    past, run, known = _past(start, SWITCHED)
    [first] = _turns(past, run.network, known, 12)
    [again] = _turns(past, run.network, known[2:], 12)
    assert again is first


def test_what_is_no_switch_counts_for_the_trees_of_before(start: Callable[..., Run]) -> None:
    """As it does once the app begins again."""
    past, run, known = _past(start, SWITCHED)
    assert not [turn.dead for turn in _turns(past, run.network, known, 1) if turn.dead]
    run.handle(altered(SERVICE, "T5", OPEN, at(2)))
    known = moves(run.connection)
    kept = _told(_turns(past, run.network, known, 1))
    assert kept == _told(_turns(Past(), run.network, known, 1))
    assert any(dead for _, _, _, dead, _ in kept)


def test_all_moves_of_one_instant_tell_who_is_dead(start: Callable[..., Run]) -> None:
    """Also one that changes no way of supply."""
    past, run, _ = _past(start, [("S1", OPEN, 5), ("TIE", CLOSE, 10)])
    order = [("S2", OPEN, 0), ("S1", OPEN, 5), ("TIE", CLOSE, 10), ("S2", CLOSE, 10)]
    known = [Move(mrid(name), at(when), kind, "", at(when), False) for name, kind, when in order]
    [turn] = _turns(past, run.network, known, -1)
    assert turn.moved == {mrid("M6"), mrid("M7")}
    assert turn.dead == frozenset()


def test_trees_are_grown_of_what_is_looked_at(start: Callable[..., Run]) -> None:
    past, run, known = _past(start, SWITCHED)
    turns = _turns(past, run.network, known, 1)
    points = {mrid(name) for name in ("M6", "M7")}
    trees = past.trees(turns, points)
    before = trees.at(at(9)).forest
    assert before.home.keys() == points
    assert [*before.above(mrid("M6"))] == [mrid("T3"), mrid("S1"), mrid("CB1")]
    assert [*trees.at(at(11)).forest.above(mrid("M6"))] == [mrid("T3"), mrid("CB2")]
    again = past.trees(turns, points)
    assert again.at(at(9)).forest is before
