"""Measurements, each beside its peer or its physical floor in the same run: `make bench`."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cim.plain import LOADED
from hub.main import settle

RUNS = 5
_TIMES = ("s", "ms", "ms/message")
Figures = tuple[float, ...]


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

    @classmethod
    def of(
        cls,
        path: str,
        unit: str,
        ours: Sequence[float],
        floor: Sequence[float] = (),
        floor_is: str = "",
    ) -> Row:
        """From the figures of all runs."""
        return cls(
            path,
            unit,
            statistics.median(ours),
            (min(ours), max(ours)),
            statistics.median(floor) if floor else None,
            floor_is,
        )

    def line(self) -> str:
        low, high = (figure(value) for value in self.spread)
        text = f"{self.path:52} {figure(self.ours):>8} {self.unit:11} {f'({low}..{high})':18}"
        if self.floor is not None:
            ratio = self.ours / self.floor
            share = f"{ratio:.1%}" if ratio < 2 else f"{ratio:.1f} x"
            if self.unit in _TIMES:
                share = f"{ratio:.2f} x"
            text += f" {share:>6} of {figure(self.floor)}, {self.floor_is}"
        return text.rstrip()


def figure(value: float) -> str:
    """Three digits that count, and never an exponent."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def rate(count: int, work: Callable[[], object]) -> float:
    """Things per second of one run of `work`, which does `count` of them."""
    begin = time.perf_counter()
    work()
    return count / (time.perf_counter() - begin)


def settled() -> None:
    """Have this process as a hub is at the end of its start."""
    settle()
    while not LOADED.done():
        time.sleep(0.01)


def by_turns(*works: Callable[[], Figures], runs: int = RUNS) -> list[list[float]]:
    """Run all works by turns, so that what else the machine does falls on each.

    Returns one list of `runs` figures for each figure that a work gives, in order.
    """
    taken = [[one for work in works for one in work()] for _ in range(runs)]
    return [list(column) for column in zip(*taken, strict=True)]
