"""What is measured of flows in the network, and which of it can be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dms_apps.solver.belief import Floats
from dms_apps.solver.layout import Ints
from dms_apps.solver.nodal import Nodal
from dms_apps.solver.solution import Solution


@dataclass(frozen=True)
class Point:
    """What telemetry says of one phase of one terminal.

    terminal: its mRID.
    power:    volt-amperes from the node into the equipment; None when only a current is measured.
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
        return f"Point {self.name or self.terminal}, phase {self.phase},"


@dataclass(frozen=True, eq=False)
class Usable:
    """Points with the conductors that they are at; what each says is one condition, or two.

    remarks: a sentence for each point that cannot be used.
    point:   by condition the number of its point.
    kind:    by condition "p", "q" or "i".
    """

    points: tuple[Point, ...]
    rows: Ints
    remarks: tuple[str, ...]

    @cached_property
    def point(self) -> Ints:
        """By condition."""
        return np.repeat(np.arange(len(self.points)), [len(_asks(p)) for p in self.points])

    @cached_property
    def kind(self) -> NDArray[np.str_]:
        """By condition."""
        return np.array([kind for point in self.points for kind in _asks(point)], np.str_)

    @cached_property
    def measured(self) -> Floats:
        """Watts, var or amperes, by condition."""
        return np.array([value for p in self.points for value in _asks(p).values()], np.float64)

    @cached_property
    def sigma(self) -> Floats:
        """Standard deviation of the same."""
        return np.array([p.sigma for p in self.points], np.float64)[self.point]

    def computed(self, solution: Solution) -> Floats:
        """The same, of a solution."""
        rows = self.rows[self.point]
        power, current = solution.power[rows], np.abs(solution.current[rows])
        return self._by_kind(power.real, power.imag, current)

    def size(self, solution: Solution) -> Floats:
        """What the power or current is altogether, to compare differences with."""
        rows = self.rows[self.point]
        power = np.array([abs(p.power or 0) for p in self.points], np.float64)[self.point]
        whole = np.where(self.kind == "i", self.measured, power)
        volts = np.abs(solution.volts[solution.layout.conductors.place[rows]])
        # A point that carries next to nothing is compared with the largest one.
        most = (whole * np.where(self.kind == "i", volts, 1.0)).max(initial=0)
        least = 1e-3 * most / np.where(self.kind == "i", volts, 1.0)
        return np.asarray(np.maximum(whole, least), np.float64)

    def derivatives(self, of_power: Floats, solution: Solution) -> Floats:
        """By condition, from those of watts (above) and var (below) of the points."""
        p, q = of_power[: len(self.rows)], of_power[len(self.rows) :]
        power, current = solution.power[self.rows], np.abs(solution.current[self.rows])
        size = np.where(current > 0, np.abs(power), 1)
        # At a voltage that stays, a current goes with the power along its own direction.
        along = (power.real / size)[:, None] * p + (power.imag / size)[:, None] * q
        by_i = along * (current / size)[:, None]
        at = self.point
        found = [
            {"p": p, "q": q, "i": by_i}[kind][i] for kind, i in zip(self.kind, at, strict=True)
        ]
        return np.array(found, np.float64).reshape(-1, of_power.shape[1])

    def _by_kind(self, p: Floats, q: Floats, i: Floats) -> Floats:
        return np.asarray(np.where(self.kind == "p", p, np.where(self.kind == "q", q, i)))


def _asks(point: Point) -> dict[str, float]:
    """Kind and value of its conditions."""
    if point.power is not None:
        return {"p": point.power.real, "q": point.power.imag}
    return {"i": point.current or 0.0}


def usable(matrix: Nodal, points: Sequence[Point], stale: float) -> Usable:
    """The points that can be used now.

    stale: seconds after which a value is too old.
    """
    conductors = matrix.layout.conductors
    rows = {key: i for i, key in enumerate(zip(conductors.terminal, conductors.phase, strict=True))}
    taken: dict[int, Point] = {}
    remarks = []
    for point in points:
        row = rows.get((point.terminal, point.phase))
        why = _unusable(point, row, matrix, stale)
        if why is None and row in taken:
            why = "is given twice; the first is taken"
        if why is not None or row is None:
            remarks.append(f"{point.called} {why}; it is left out.")
        else:
            taken[row] = point
    return Usable(tuple(taken.values()), np.array(list(taken), np.int64), tuple(remarks))


def _unusable(point: Point, row: int | None, matrix: Nodal, stale: float) -> str | None:
    value = point.power if point.power is not None else point.current
    if row is None:
        return "is at no conductor of the network"
    if value is None or not np.isfinite(value):
        return "has no value"
    if point.power is None and point.current is not None and point.current < 0:
        return f"has a current of {point.current:g} A, below 0"
    if point.age > stale:
        return f"was measured {point.age:.0f} s ago, more than {stale:.0f} s"
    if matrix.island[matrix.layout.conductors.place[row]] < 0:
        return "is where nothing feeds the network"
    return None
