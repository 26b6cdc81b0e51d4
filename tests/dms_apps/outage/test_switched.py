"""Switching across feeders amid losses of power: whatever the order in which it is heard.

So it is with jumpers, cuts, mobile sources and what is out of service.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dms_apps.outage.tables import outage
from tests.dms_apps.outage.altering import altered as alteration
from tests.dms_apps.outage.conftest import LOST, MORNING, ON, RESTORED, Run, mrid
from tests.dms_apps.outage.test_transfers import TWO_TIES

#  The network of two ties, with a line below S1.
LINED: list[Mapping[str, Any]] = [
    *(one | {"parent": "L1"} if one["id"] == "T3" else one for one in TWO_TIES),
    {"id": "L1", "parent": "S1", "kind": "line"},
]
SWITCHES = ["CB1", "S1", "S2", "CB2", "TIE", "TIE2"]
POINTS = ["M1", "M2", "M6", "M7", "M8", "M9", "M10"]
ALTERED = ["jumper S1-CB2", "jumper L1-T5", "cut L1", "source ~S2", "service T5", "load M1"]
Said = tuple[str, str, int]

switched = st.tuples(
    st.sampled_from(SWITCHES), st.sampled_from(["open", "close"]), st.integers(-30, 60)
)
altered = st.tuples(
    st.sampled_from(ALTERED), st.sampled_from(["open", "close"]), st.integers(-30, 60)
)
metered = st.tuples(
    st.sampled_from(POINTS), st.sampled_from([LOST, LOST, RESTORED, ON]), st.integers(0, 60)
)


def at(minutes: float) -> datetime:
    return MORNING + timedelta(minutes=minutes)


def heard(start: Callable[..., Run], said: Sequence[Said], *, anew: bool) -> Any:
    """The ledger, with the device of each outage, once all has been heard.

    anew: the app begins again before each thing that is said.
    """
    run = played(start, said, anew=anew)
    columns = sa.select(outage.c.mrid, outage.c.device)
    device = {row.mrid: row.device for row in run.connection.execute(columns)}
    return [(*row, device.get(mrid)) for *row, mrid in run.ledger()]


def played(start: Callable[..., Run], said: Sequence[Said], *, anew: bool) -> Run:
    """A run that has heard all; what happens in every third minute goes by its name."""
    run = start(LINED)
    run.settle()
    run.at = max(run.at, at(61))
    for name, kind, when in said:
        if anew:
            run.app = type(run.app)(codes=run.app.codes)
            run.wake_at(run.at)
        what, _, of = name.rpartition(" ")
        if what:
            run.handle(alteration(what, of, kind, at(when), named=when % 3 == 0))
        elif kind in {"open", "close"}:
            run.switch(name, kind, at(when), named=when % 3 == 0)
        else:
            run.meter(name, kind, at(when))
        run.until(run.at + timedelta(seconds=5))
    run.until(at(120))
    return run


def in_turn(said: Sequence[Said]) -> list[Said]:
    return sorted(said, key=lambda one: (one[2], one[1], one[0]))


@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    said=st.lists(
        switched | altered | metered, max_size=16, unique_by=lambda one: (one[0], one[2])
    ),
    order=st.randoms(use_true_random=False),
    anew=st.booleans(),
)
def test_it_comes_to_the_same_in_whatever_order_it_is_heard(
    start: Callable[..., Run], said: list[Said], order: Any, *, anew: bool
) -> None:
    """And whether the app has been there all along, or begins again."""
    shuffled = [*said]
    order.shuffle(shuffled)
    assert heard(start, shuffled, anew=anew) == heard(start, in_turn(said), anew=False)


@settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    said=st.lists(
        switched | altered, min_size=2, max_size=12, unique_by=lambda one: (one[0], one[2])
    ),
    anew=st.booleans(),
)
def test_who_is_in_an_outage_is_who_the_network_shows_without_supply(
    start: Callable[..., Run], said: list[Said], *, anew: bool
) -> None:
    run = played(start, said, anew=anew)
    out = {point for point, _, ended, _ in run.ledger() if ended is None}
    assert out == {point for point in POINTS if not run.network.is_energised(mrid(point))}


# Went wrong once, in this order.
BLAMED: list[Said] = [
    ("CB1", "open", 0), ("TIE", "close", 2), ("S1", "open", -7), ("S2", "open", 0),
    ("S1", "close", 0),
]  # fmt: skip
TIED: list[Said] = [
    ("TIE", "open", 45), ("M1", LOST, 17), ("M10", LOST, 44), ("TIE", "close", 38),
    ("CB2", "open", -22),
]  # fmt: skip


MESHED: list[Said] = [
    ("CB1", "open", 3), ("S2", "open", 38), ("TIE2", "close", -23), ("M8", LOST, 8),
    ("M1", LOST, 7),
]  # fmt: skip


REACHED: list[Said] = [
    ("M1", RESTORED, 59), ("M2", LOST, 55), ("M10", RESTORED, 55), ("CB1", "open", -26),
    ("S1", "open", 16), ("M9", LOST, 38), ("TIE2", "close", -5), ("CB1", "close", 33),
]  # fmt: skip


PARTED: list[Said] = [
    ("M8", LOST, 3), ("M7", LOST, 59), ("source ~S2", "close", 31), ("cut L1", "open", 19),
    ("jumper L1-T5", "close", 15),
]  # fmt: skip


@pytest.mark.parametrize("said", [BLAMED, TIED, MESHED, REACHED, PARTED])
def test_who_has_no_supply_is_where_it_was_lost(
    start: Callable[..., Run], said: list[Said]
) -> None:
    """Not where it looks to who heard of the switching in another order."""
    first = heard(start, in_turn(said), anew=False)
    assert heard(start, said, anew=False) == first
    assert heard(start, said, anew=True) == first
    for one in permutations(said, 2):
        last = [other for other in said if other not in one]
        assert heard(start, [*last, *one], anew=False) == first


@pytest.mark.parametrize("other", [[], [("S2", "open", 5), ("TIE2", "close", 6)]])
@pytest.mark.parametrize("anew", [False, True])
def test_a_jumper_is_as_good_as_a_tie(
    start: Callable[..., Run], other: list[Said], *, anew: bool
) -> None:
    """Whatever else is switched meanwhile."""
    lost: list[Said] = [("M1", LOST, 0), ("M6", LOST, 0), ("M9", LOST, 0), ("S1", "open", 15)]
    last: Said = ("M2", LOST, 50)
    by_tie = [*lost, *other, ("TIE", "close", 40), last]
    by_jumper = [*lost, *other, ("jumper S1-CB2", "close", 40), last]
    found = heard(start, in_turn(by_jumper), anew=anew)
    assert found == heard(start, in_turn(by_tie), anew=False)
    ends = {run[0]: run[2] for run in found}
    assert ends["M7"] == at(40)
    assert ends["M10"] == (at(6) if other else None)
