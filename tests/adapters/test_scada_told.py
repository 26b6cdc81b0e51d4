"""Which values that are read are told, and the thread that reads them."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.scada.clock import RtuClock
from adapters.scada.front import Front, Station
from adapters.scada.lines import Heard
from adapters.scada.links import Link
from adapters.scada.points import Kind, Point, Range
from adapters.scada.quality import FINE, Flag
from adapters.scada.samples import Sample, Told, Why
from adapters.scada.watch import Flapping, Watch

AT = datetime(2026, 7, 14, 12, tzinfo=UTC)


class Watched:
    """A watch of one point, with a clock that is set by hand."""

    def __init__(self, point: Point, **flapping: Any) -> None:
        self.watch = Watch([point], Flapping(**flapping))
        self.point = point
        self.seconds = 0.0

    def take(self, raw: float | None, after: float = 1.0, **said: Any) -> Told | None:
        self.seconds += after
        return self.watch.take(Sample(self.point.name, raw, **said), self.now, self.seconds)

    @property
    def now(self) -> datetime:
        return AT + timedelta(seconds=self.seconds)

    def values(self, *raws: float) -> list[float]:
        return [told.value for raw in raws if (told := self.take(raw))]


def switch(**said: Any) -> Point:
    states = {0: "moving", 1: "open", 2: "closed", 3: "faulty"}
    return Point(name="S", kind=Kind.DISCRETE, equipment="_s", states=states, **said)


def test_changes_up_to_the_deadband_of_what_was_told_are_not_told() -> None:
    point = Point(name="A", kind=Kind.ANALOG, gain=0.1, offset=-1.0, deadband=0.5)
    # in units: 9.0 told; 9.4 and 9.5 within 0.5 of it, 9.6 not; 9.2 within, 9.0 beyond 0.5 of 9.6
    assert Watched(point).values(100, 104, 105, 106, 102, 100) == pytest.approx([9.0, 9.6, 9.0])


def test_an_integrity_scan_tells_what_has_not_changed() -> None:
    watched = Watched(Point(name="A", kind=Kind.ANALOG))
    first = watched.take(1)
    assert first
    assert first.why is Why.FIRST
    assert watched.take(1) is None
    watched.watch.integrity()
    again = watched.take(1)
    assert again
    assert (again.value, again.why) == (1, Why.INTEGRITY)
    assert watched.take(1) is None


def test_a_lost_rtu_makes_its_points_old_once_and_its_return_is_told_once() -> None:
    watched = Watched(Point(name="A", kind=Kind.ANALOG))
    watched.take(7)
    [old] = watched.watch.lost(watched.now)
    assert (old.value, old.flags, old.why) == (7, {Flag.OLD_DATA}, Why.QUALITY)
    assert list(watched.watch.lost(watched.now)) == []
    back = watched.take(7)
    assert back
    assert (back.flags, back.at) == (FINE, watched.now)
    assert watched.take(7) is None


def test_what_is_beyond_limits_is_questionable_and_beyond_the_scale_invalid() -> None:
    point = Point(
        name="A", kind=Kind.ANALOG, limits=Range(low=0, high=10), scale=Range(low=-5, high=20)
    )
    assert point.measured(10) == (10, FINE)
    assert point.measured(11) == (11, {Flag.OUT_OF_RANGE})
    assert point.measured(21) == (21, {Flag.OUT_OF_RANGE, Flag.FAILURE})
    assert point.measured(math.nan) == (None, {Flag.OVER_FLOW})


def test_no_number_is_the_last_value_and_invalid() -> None:
    watched = Watched(Point(name="A", kind=Kind.ANALOG))
    watched.take(3)
    told = watched.take(math.inf)
    assert told
    assert (told.value, told.flags) == (3, {Flag.OVER_FLOW})


def test_a_switch_moves_from_one_position_to_another_and_not_by_what_is_between() -> None:
    watched = Watched(switch(), changes=0)
    told = [watched.take(raw) for raw in (1, 0, 1, 0, 2, 3, 2)]
    assert [one and (one.value, one.moves) for one in told] == [
        *[(1, True), (0, False), (1, False), (0, False), (2, True), (3, False), (2, False)]
    ]


def test_a_doubtful_position_moves_no_switch_until_it_is_beyond_doubt() -> None:
    watched = Watched(switch())
    first = watched.take(1, flags=frozenset({Flag.SUSPECT}))
    assert first
    assert not first.moves
    sure = watched.take(1)
    assert sure
    assert sure.moves
    assert watched.take(7, flags=FINE) == Told(
        "S", 7, frozenset({Flag.OUT_OF_RANGE, Flag.FAILURE}), watched.now, Why.CHANGE
    )


def test_a_flapping_point_is_held_until_it_has_been_still() -> None:
    watched = Watched(switch(), changes=3, seconds=10.0)
    told = [one for raw in (1, 2, 1, 2, 1, 2, 1) if (one := watched.take(raw))]
    assert [(t.value, Flag.OSCILLATORY in t.flags) for t in told] == [
        *[(1, False), (2, False), (1, False), (2, False), (2, True)]
    ]
    assert watched.take(1, after=9.0) is None
    still = watched.take(1, after=2.0)
    assert still
    assert (still.value, still.flags, still.moves) == (1, FINE, True)


def test_the_time_of_a_change_is_the_rtus_and_never_before_what_was_told() -> None:
    watched = Watched(switch())
    first = watched.take(1)
    event = watched.take(2, at=watched.now + timedelta(seconds=0.5))
    behind = watched.take(1, at=AT)
    assert first
    assert event
    assert behind
    assert event.at == AT + timedelta(seconds=1.5)
    assert behind.at == watched.now


def test_events_that_come_again_after_a_lost_connection_move_no_switch() -> None:
    station = Station(
        "R",
        Counting(),  # type: ignore[arg-type]
        Watch([switch()], Flapping(changes=0)),
        600.0,
        now=lambda: AT,
    )
    station.confirming = frozenset({"S"})

    def told(over: int, *events: tuple[int, float]) -> list[tuple[float | None, bool]]:
        samples = [
            Sample("S", code, at=AT + timedelta(seconds=at), event=over) for code, at in events
        ]
        scan = station.told(Heard(samples))
        return [(one.value, one.moves) for one in scan.told] if scan else []

    assert told(1, (2, -60), (1, -50), (2, -40)) == [(2, True), (1, True), (2, True)]
    station.told(Heard(lost=True))
    # Again, and what has happened since; the newest of those that were known is as good as new.
    assert told(2, (1, -50), (2, -40), (1, -30)) == [(2, False), (1, True)]
    assert told(2, (2, -40), (2, -60)) == []
    assert station.shown["S"][0].raw == 1  # nothing is confirmed by them
    # Twice in a second of its clock, over one connection.
    assert told(2, (2, -20), (1, -20), (2, -20)) == [(2, True), (1, True), (2, True)]
    # What it answers when it is asked is how it is, whatever time it gives.
    assert told(0, (1, -50)) == [(1, True)]


def test_a_clock_that_jumped_is_told_and_not_believed() -> None:
    clock = RtuClock(off=5.0, jump=2.0)
    second = timedelta(seconds=1)
    assert clock.stamp(AT - second, AT) == AT - second  # no clock is seen: within reason
    assert clock.stamp(AT + 6 * second, AT) is None
    assert clock.look(AT + second, AT) == ""
    assert clock.look(AT + 3 * second, AT + second) == ""
    jumped = clock.look(AT + 3600 * second, AT)
    assert jumped == "its clock jumped by +3598.0 s and is now +3600.0 s from ours"
    assert clock.stamp(AT - second, AT) is None
    assert clock.look(AT, AT) == "its clock jumped by -3600.0 s and is now +0.0 s from ours"
    assert clock.stamp(AT - second, AT) == AT - second
    assert (clock.jumps, clock.refused) == (2, 2)


# -- the thread of the front end


class Counting:
    """A line that counts, at every asking one more; `fault` says at which it breaks."""

    def __init__(self, fault: int = 0) -> None:
        self.link = Link("R")
        self.asked = 0
        self._fault = fault

    async def listen(self) -> AsyncIterator[Heard]:
        while True:
            self.asked += 1
            if self.asked == self._fault:
                raise KeyError("a fault of ours")
            yield Heard([Sample("A", self.asked)])
            await asyncio.sleep(0)


def front(line: Counting) -> Front:
    watch = Watch([Point(name="A", kind=Kind.ANALOG)], Flapping())
    return Front({"R": Station("R", line, watch, 1000.0)}, room=3)  # type: ignore[arg-type]


def taken(of: Front, least: int) -> list[Told]:
    found: list[Told] = []
    while len(found) < least:
        found += [told for scan in of.take(10, 5.0) for told in scan.told]
    return found


def test_nothing_is_asked_while_the_hub_is_behind_and_nothing_is_lost() -> None:
    line = Counting()
    started = front(line)
    started.start()
    try:
        while line.asked < 4:  # three wait, the fourth is in hand
            time.sleep(0.001)
        time.sleep(0.05)
        assert line.asked == 4
        values = [told.value for told in taken(started, 30)]
        assert values == list(range(1, len(values) + 1))
    finally:
        started.stop()


def test_a_fault_of_a_line_makes_its_points_old_and_stops_no_other() -> None:
    line = Counting(fault=3)
    started = front(line)
    started.start()
    try:
        told = taken(started, 3)
        assert [(one.value, one.flags) for one in told] == [
            *[(1, FINE), (2, FINE), (2, {Flag.OLD_DATA})]
        ]
        assert line.link.why == "fault of the front end: KeyError('a fault of ours')"
    finally:
        started.stop()
