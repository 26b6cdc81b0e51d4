"""Measurements, each beside its peer or its physical floor in the same run: `make bench`."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

RUNS = 5


@dataclass(frozen=True)
class Row:
    """One measured path.

    ours, floor: medians in `unit`; floor is None where there is nothing to compare with.
    spread:      (min, max) of ours.
    """

    path: str
    unit: str
    ours: float
    spread: tuple[float, float]
    floor: float | None = None
    floor_is: str = ""

    def line(self) -> str:
        low, high = self.spread
        text = f"{self.path:46} {self.ours:>10,.0f} {self.unit:10} ({low:,.0f}..{high:,.0f})"
        if self.floor is not None:
            text += f"   {self.ours / self.floor:6.1%} of {self.floor:,.0f} ({self.floor_is})"
        return text


def rate(count: int, work: Callable[[], object]) -> float:
    """Things per second of one run of `work`, which does `count` of them."""
    begin = time.perf_counter()
    work()
    return count / (time.perf_counter() - begin)


def row(
    path: str,
    unit: str,
    ours: Callable[[], float],
    floor: Callable[[], float] | None = None,
    floor_is: str = "",
    runs: int = RUNS,
) -> Row:
    """Measure both by turns, so that what else the machine does falls on both."""
    mine: list[float] = []
    theirs: list[float] = []
    for _ in range(runs):
        mine.append(ours())
        if floor is not None:
            theirs.append(floor())
    return Row(
        path,
        unit,
        statistics.median(mine),
        (min(mine), max(mine)),
        statistics.median(theirs) if theirs else None,
        floor_is,
    )


def show(rows: Iterable[Row]) -> None:
    for one in rows:
        print(one.line(), flush=True)
