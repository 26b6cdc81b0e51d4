"""What is measured of flows in the network, and which of it can be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dms_apps.solver.belief import Floats
from dms_apps.solver.layout import Ints
from dms_apps.solver.naming import titled
from dms_apps.solver.nodal import Nodal
from dms_apps.solver.solution import Complex, Solution


@dataclass(frozen=True)
class Point:
    """What telemetry says of a terminal: a power, or a current.

    terminal: its mRID.
    phase:    which one; of a power also several, e.g. "ABC", or "" for all of them together.
    power:    volt-amperes from the node into the equipment; None when a current is measured.
              The part that is not measured is NaN.
    current:  amperes, without direction: loads of one power factor keep it then.
    sigma:    standard deviation, in the same unit; 0: it must be met.
    age:      seconds since it was measured.
    name:     what people call it.
    """

    terminal: str
    phase: str
    power: complex | None = None
    current: float | None = None
    sigma: float = 0.0
    age: float = 0.0
    name: str = ""

    @property
    def called(self) -> str:
        """For sentences."""
        return f"Point {titled(self.name, self.terminal)}, phase {self.phase or 'ABC'},"

    @property
    def asks(self) -> dict[str, float]:
        """Kind ("p", "q", "i") and value of what it measures."""
        if self.power is not None:
            parts = {"p": self.power.real, "q": self.power.imag}
        else:
            parts = {"i": np.nan if self.current is None else self.current}
        return {kind: value for kind, value in parts.items() if np.isfinite(value)}


@dataclass(frozen=True, eq=False)
class Usable:
    """Points with the conductors that they are at; what each says is one condition, or two.

    rows:    the conductors.
    of:      points by conductors, 1 where a point is at one.
    remarks: a sentence for each point that cannot be used.
    point:   by condition the number of its point.
    kind:    by condition "p", "q" or "i".
    """

    points: tuple[Point, ...]
    rows: Ints
    of: Floats
    remarks: tuple[str, ...]

    @cached_property
    def point(self) -> Ints:
        """By condition."""
        numbers = [i for i, point in enumerate(self.points) for _ in point.asks]
        return np.array(numbers, np.int64)

    @cached_property
    def kind(self) -> NDArray[np.str_]:
        """By condition."""
        return np.array([kind for point in self.points for kind in point.asks], np.str_)

    @cached_property
    def measured(self) -> Floats:
        """Watts, var or amperes, by condition."""
        return np.array([value for p in self.points for value in p.asks.values()], np.float64)

    @cached_property
    def sigma(self) -> Floats:
        """Standard deviation of the same."""
        return np.array([p.sigma for p in self.points], np.float64)[self.point]

    def computed(self, solution: Solution) -> Floats:
        """The same, of a solution."""
        power = self._power(solution)[self.point]
        current = np.abs(self.of @ solution.current[self.rows])[self.point]
        return self._by_kind(power.real, power.imag, current)

    def size(self, solution: Solution) -> Floats:
        """What the power or current is altogether, to compare differences with.

        A point that carries next to nothing is compared with the largest one.
        """
        shown = np.array([np.hypot(*_parts(p)) for p in self.points], np.float64)[self.point]
        current = np.array([p.current or 0 for p in self.points], np.float64)[self.point]
        volts = np.where(self.kind == "i", self._volts(solution)[self.point], 1.0)
        whole = np.where(self.kind == "i", current, shown)
        least = 1e-3 * (whole * volts).max(initial=0) / volts
        return np.asarray(np.maximum(whole, least), np.float64)

    def derivatives(self, of_power: Floats, solution: Solution) -> Floats:
        """By condition, from those of watts (above) and var (below) of the conductors."""
        rows = len(self.rows)
        p, q = (self.of @ part for part in (of_power[:rows], of_power[rows:]))
        power, current = self._power(solution), np.abs(self.of @ solution.current[self.rows])
        size = np.where(current > 0, np.abs(power), 1)
        # At a voltage that stays, a current goes with the power along its own direction.
        along = (power.real / size)[:, None] * p + (power.imag / size)[:, None] * q
        by = {"p": p, "q": q, "i": along * (current / size)[:, None]}
        found = [by[kind][i] for kind, i in zip(self.kind, self.point, strict=True)]
        return np.array(found, np.float64).reshape(-1, of_power.shape[1])

    def seen(self, of_power: Floats) -> Floats:
        """Apparent power of the points by watt or var of each part, whichever is more."""
        p, q = np.abs(of_power).reshape(2, len(self.rows), -1)
        return np.asarray(self.of @ np.maximum(p, q), np.float64)

    def _power(self, solution: Solution) -> Complex:
        return np.asarray(self.of @ solution.power[self.rows], np.complex128)

    def _volts(self, solution: Solution) -> Floats:
        volts = np.abs(solution.volts[solution.layout.conductors.place[self.rows]])
        return np.asarray(self.of @ volts, np.float64)

    def _by_kind(self, p: Floats, q: Floats, i: Floats) -> Floats:
        return np.asarray(np.where(self.kind == "p", p, np.where(self.kind == "q", q, i)))


def _parts(point: Point) -> tuple[float, float]:
    power = point.power or 0j
    return float(np.nan_to_num(power.real)), float(np.nan_to_num(power.imag))


def usable(matrix: Nodal, points: Sequence[Point], stale: float) -> Usable:
    """The points that can be used now.

    stale: seconds after which a value is too old.
    """
    conductors = matrix.layout.conductors
    known: dict[str, dict[str, int]] = {}
    for i, (terminal, phase) in enumerate(zip(conductors.terminal, conductors.phase, strict=True)):
        known.setdefault(terminal, {})[phase] = i
    taken: dict[tuple[tuple[int, ...], bool], Point] = {}
    remarks = []
    for point in points:
        rows = _rows(point, known.get(point.terminal, {}))
        key = rows, point.power is None
        why = _unusable(point, rows, matrix, stale)
        if why is None and key in taken:
            why = "is given twice; the first is taken"
        if why is None:
            taken[key] = point
        else:
            remarks.append(f"{point.called} {why}; it is left out.")
    rows_ = dict.fromkeys(row for rows, _ in taken for row in rows)
    number = {row: i for i, row in enumerate(rows_)}
    of = np.zeros((len(taken), len(number)))
    for i, (rows, _) in enumerate(taken):
        of[i, [number[row] for row in rows]] = 1
    at = np.array(list(number), np.int64)
    return Usable(tuple(taken.values()), at, of, tuple(remarks))


def _rows(point: Point, known: dict[str, int]) -> tuple[int, ...]:
    """Conductors that a point is at; none where one of them is missing."""
    wanted = list(known) if not point.phase else _letters(point.phase, known)
    return tuple(sorted(known[p] for p in wanted)) if all(p in known for p in wanted) else ()


def _letters(phase: str, known: dict[str, int]) -> list[str]:
    return [phase] if phase in known or len(phase) < 2 else [p for p in phase if p != "N"]


def _unusable(point: Point, rows: tuple[int, ...], matrix: Nodal, stale: float) -> str | None:
    if not rows:
        return "is at no conductor of the network"
    if not point.asks:
        return "has no value"
    if point.power is None and len(rows) > 1:
        return "has one current for several phases"
    if point.power is None and point.asks["i"] < 0:
        return f"has a current of {point.asks['i']:g} A, below 0"
    if point.age > stale:
        return f"was measured {point.age:.0f} s ago, more than {stale:.0f} s"
    if (matrix.island[matrix.layout.conductors.place[list(rows)]] < 0).any():
        return "is where nothing feeds the network"
    return None
