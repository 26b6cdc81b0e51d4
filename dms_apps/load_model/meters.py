"""What meters have told the historian: energy of intervals, and of billing periods."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

import numpy as np
import sqlalchemy as sa

from dms_apps.load_model.days import Calendar
from dms_apps.load_model.estimates import Bill
from dms_apps.load_model.profiles import Floats
from hub.historian import tables as historian
from hub.historian.tables import READING

_CHUNK = 2_000
_LONGEST = timedelta(hours=1)
_PREFIX = {"-3": 1e-3, "0": 1.0, "3": 1e3, "6": 1e6}
_DELTA, _ENERGY, _WATT_HOURS, _VAR_HOURS = "4", "12", "72", "73"
_NET, _LAGGING = ("4", "1", "20"), ("4", "1", "5", "2", "15")
"""Directions of flow, the best first: net, delivered, total; of var also of quadrants."""
_ONE_PHASE = ("128", "129", "64", "65", "32", "33", "512", "528", "256", "272")
_WHOLE = 0.9

Point = Callable[[str], str | None]
"""The mRID of a usage point, by that of it or its meter, or by name."""


@dataclass(frozen=True)
class Metered:
    """One series of a usage point.

    scale: watt-hours, or var-hours, of a unit of its values.
    var:   whether these are var-hours.
    rank:  which of several series of a point counts, the lowest one: net energy before what is
           delivered, all phases before one of them.
    """

    id: int
    point: str
    interval: timedelta | None
    scale: float
    var: bool
    rank: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Energy:
    """Watt-hours, or var-hours, from `start` to `end`."""

    series: Metered
    start: datetime
    end: datetime
    amount: float

    @property
    def power(self) -> float:
        """Mean watts or var."""
        return self.amount / ((self.end - self.start) / timedelta(hours=1))


@cache
def unit(code: str) -> tuple[float, bool, tuple[int, int]] | None:
    """Scale of a reading type of energy that is drawn, whether it is reactive, and its rank; None
    of any other."""
    numbers = code.split(".")
    if len(numbers) != 18 or numbers[6] != _ENERGY or numbers[15] not in _PREFIX:
        return None
    if numbers[3] != _DELTA or numbers[16] not in (_WATT_HOURS, _VAR_HOURS):
        return None
    var = numbers[16] == _VAR_HOURS
    if numbers[4] not in (_LAGGING if var else _NET):
        return None
    flow = (_LAGGING if var else _NET).index(numbers[4])
    return _PREFIX[numbers[15]], var, (flow, int(numbers[14] in _ONE_PHASE))


def series(connection: sa.Connection, point: Point) -> list[Metered]:
    """The series of energy that count, of usage points that are in the network."""
    table = historian.series
    columns = table.c.id, table.c.object, table.c.place, table.c.quantity, table.c.interval
    found: dict[tuple[str, bool, bool], list[Metered]] = {}
    for row in connection.execute(sa.select(*columns).where(table.c.kind == READING)):
        known = unit(row.quantity)
        at = (point(row.place) if row.place else None) or (
            point(row.object) if row.object else None
        )
        if known is not None and at is not None:
            scale, var, rank = known
            length = None if row.interval is None else timedelta(seconds=row.interval)
            one = Metered(row.id, at, length, scale, var, rank)
            found.setdefault((at, var, length is None), []).append(one)
    return [one for some in found.values() for one in _counting(some)]


def _counting(some: Sequence[Metered]) -> list[Metered]:
    """Of one point those that add up: of the lowest rank, and of the shortest interval."""

    def order(one: Metered) -> tuple[tuple[int, int], timedelta]:
        return one.rank, one.interval or timedelta()

    least = order(min(some, key=order))
    return [one for one in some if order(one) == least]


def recent(
    connection: sa.Connection, wanted: Sequence[Metered], start: datetime, end: datetime
) -> dict[str, Bill]:
    """Active energy of intervals by usage point over a day, where nearly all of it is told."""
    table = historian.sample
    told: dict[str, list[float]] = {}
    lengths = {one.id: one for one in wanted if one.interval is not None and not one.var}
    ids = list(lengths)
    for first in range(0, len(ids), _CHUNK):
        within = (
            table.c.series.in_(ids[first : first + _CHUNK]), table.c.at > start, table.c.at <= end,
            table.c.value.is_not(None),
        )  # fmt: skip
        sums = sa.select(table.c.series, sa.func.sum(table.c.value), sa.func.count())
        for number, amount, count in connection.execute(
            sums.where(*within).group_by(table.c.series)
        ):
            one = lengths[number]
            share = count * (one.interval or timedelta()) / (end - start)
            if share >= _WHOLE:
                told.setdefault(one.point, []).append(amount * one.scale / share)
    return {point: Bill(sum(some), start, end) for point, some in told.items()}


def energies(
    connection: sa.Connection, wanted: Sequence[Metered], start: datetime, end: datetime
) -> Iterator[Energy]:
    """What these series say of intervals that end after `start` and not after `end`."""
    by_id = {one.id: one for one in wanted}
    table = historian.sample
    ids = list(by_id)
    for first in range(0, len(ids), _CHUNK):
        rows = connection.execute(
            sa.select(table.c.series, table.c.at, table.c.start, table.c.value).where(
                table.c.series.in_(ids[first : first + _CHUNK]), table.c.at > start,
                table.c.at <= end, table.c.value.is_not(None),
            )
        )  # fmt: skip
        for row in rows:
            one = by_id[row.series]
            begin = row.start or (None if one.interval is None else row.at - one.interval)
            if begin is not None and begin < row.at:
                yield Energy(one, begin, row.at, row.value * one.scale)


def at_moment(
    connection: sa.Connection, wanted: Sequence[Metered], moment: datetime
) -> dict[str, complex]:
    """Watts and var by usage point in the interval of a moment; var NaN where none are metered."""
    intervals = [one for one in wanted if one.interval is not None and one.interval <= _LONGEST]
    active: dict[str, float] = {}
    reactive: dict[str, float] = {}
    for one in energies(connection, intervals, moment, moment + _LONGEST):
        if one.start <= moment < one.end:
            into = reactive if one.series.var else active
            into[one.series.point] = into.get(one.series.point, 0.0) + one.power
    return {point: complex(watts, reactive.get(point, np.nan)) for point, watts in active.items()}


def bills(
    connection: sa.Connection, wanted: Sequence[Metered], moment: datetime, oldest: timedelta
) -> dict[str, Bill]:
    """The newest energy of a period of days by usage point, not longer ago than `oldest`."""
    periods = [one for one in wanted if not one.var]
    found: dict[str, Bill] = {}
    for one in energies(connection, [p for p in periods if p.interval is None], moment - oldest,
                        moment):  # fmt: skip
        point, known = one.series.point, found.get(one.series.point)
        if one.end - one.start >= timedelta(days=1) and (known is None or known.end < one.end):
            found[point] = Bill(one.amount, one.start, one.end)
    return found


def newest(one: Mapping[str, Bill], other: Mapping[str, Bill]) -> dict[str, Bill]:
    """Of each usage point the energy of the period that ended last."""
    found = dict(one)
    for point, bill in other.items():
        if point not in found or found[point].end < bill.end:
            found[point] = bill
    return found


def by_slots(calendar: Calendar, day: date, intervals: Sequence[Energy]) -> dict[str, Floats]:
    """Watts of each usage point on a day, slot by slot; NaN where it told nothing."""
    start, end = calendar.bounds(day)
    slot = timedelta(minutes=calendar.minutes)
    sums: dict[str, Floats] = {}
    for one in intervals:
        own = sums.setdefault(one.series.point, np.zeros((2, calendar.slots)))
        begin, last = max(one.start, start), min(one.end, end)
        while begin < last:
            stop = min(begin + slot, last)
            hours = (stop - begin) / timedelta(hours=1)
            own[:, calendar.slot(begin)] += one.power * hours, hours
            begin = stop
    with np.errstate(invalid="ignore"):
        return {point: own[0] / np.where(own[1] > 0, own[1], np.nan) for point, own in sums.items()}
