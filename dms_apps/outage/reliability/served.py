"""How many customers were served, and with how much connected, day by day."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property

_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Supply:
    """What a feeder serves from a day on, until it is told anew; 0 customers: it is gone.

    va: connected volt-amperes; None where nobody knows.
    """

    day: date
    customers: int
    va: int | None = None
    feeder: str = ""
    region: str = ""


@dataclass(frozen=True)
class Average:
    """Over some days; None where nobody knows."""

    customers: Fraction | None
    va: Fraction | None


@dataclass(frozen=True)
class _Steps:
    """A whole of feeders: from which day on it has how much."""

    days: tuple[int, ...]
    customers: tuple[int, ...]
    va: tuple[int | None, ...]

    def pieces(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Number of days and place of what holds in them, from `first` to `last`, not included.

        Before the first one it holds, too: nothing else is known of the time.
        """
        at = max(bisect_right(self.days, first) - 1, 0)
        while first < last:
            end = self.days[at + 1] if at + 1 < len(self.days) else last
            if end > first:
                yield min(end, last) - first, at
                first = min(end, last)
            at += 1


class Served:
    """What all feeders serve; "" is what has no feeder, or all of it where none is named."""

    def __init__(self, told: Iterable[Supply]) -> None:
        self._told = sorted(told, key=lambda one: one.day)

    def __bool__(self) -> bool:
        return bool(self._told)

    @property
    def first(self) -> date | None:
        """From when on something is told."""
        return self._told[0].day if self._told else None

    @cached_property
    def feeders(self) -> dict[str, str]:
        """Feeder -> its region, as told last."""
        return {one.feeder: one.region for one in self._told if one.feeder}

    @cached_property
    def regions(self) -> frozenset[str]:
        return frozenset(one.region for one in self._told if one.region)

    def over(self, first: date, last: date, *, feeder: str = "", region: str = "") -> Average:
        """The average of the days from `first` to `last`, the last not included; of all, of one
        feeder, or of a region, where they are named."""
        steps = self._steps(feeder, region)
        if not steps.days or first >= last:
            return Average(None, None)
        days, customers, va = (last - first).days, 0, 0
        knows = True
        for length, at in steps.pieces(first.toordinal(), last.toordinal()):
            customers += length * steps.customers[at]
            known = steps.va[at]
            knows = knows and known is not None
            va += length * (known or 0)
        return Average(Fraction(customers, days), Fraction(va, days) if knows else None)

    def daily(self, first: date, days: int) -> list[int]:
        """Customers on each of so many days; none where nobody knows."""
        steps, start = self._steps("", ""), first.toordinal()
        if not steps.days:
            return []
        pieces = steps.pieces(start, start + days)
        return [steps.customers[at] for length, at in pieces for _ in range(length)]

    @cached_property
    def _by_feeder(self) -> dict[str, list[Supply]]:
        found: dict[str, list[Supply]] = {}
        for one in self._told:
            found.setdefault(one.feeder, []).append(one)
        return found

    def _steps(self, feeder: str, region: str) -> _Steps:
        if (feeder, region) not in self._wholes:
            self._wholes[feeder, region] = self._summed(feeder, region)
        return self._wholes[feeder, region]

    @cached_property
    def _wholes(self) -> dict[tuple[str, str], _Steps]:
        return {}

    def _summed(self, feeder: str, region: str) -> _Steps:
        """Day by day the sum of what each of its feeders has; one that is told of later than others
        served nobody until then, so that feeders add up to the system."""
        now: dict[str, Supply] = {}
        days: list[int] = []
        customers: list[int] = []
        va: list[int | None] = []
        count, apparent, unknown = 0, 0, 0
        for one in self._by_feeder.get(feeder, ()) if feeder else self._told:
            for change, sign in ((now.get(one.feeder), -1), (one, 1)):
                if change is not None and _is_of(change, feeder, region):
                    count += sign * change.customers
                    apparent += sign * (change.va or 0)
                    unknown += sign * (change.va is None and change.customers > 0)
            now[one.feeder] = one
            if days and days[-1] == one.day.toordinal():
                del days[-1], customers[-1], va[-1]
            days.append(one.day.toordinal())
            customers.append(count)
            va.append(None if unknown else apparent)
        if days and self.first and (first := self.first.toordinal()) < days[0]:
            days, customers, va = [first, *days], [0, *customers], [0, *va]
        return _Steps(tuple(days), tuple(customers), tuple(va))


def _is_of(one: Supply, feeder: str, region: str) -> bool:
    return (not feeder or one.feeder == feeder) and (not region or one.region == region)
