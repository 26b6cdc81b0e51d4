"""Loads and generators as OpenDSS commands: each part of them a load between two conductors.

The halves of a service are one load while they are alike, which is most of a large network.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dms_apps.solver.layout import Branches, Ints, Layout
from dms_apps.solver.loads import Drawn as Powers
from dms_apps.solver.opendss.sites import Sites, said
from dms_apps.solver.solution import Options

Floats = NDArray[np.float64]

LOWEST = 1e-4
"""Per unit under which every load is an impedance, so that there is a current at 0 V."""
_HIGHEST = 1e3
_UNKNOWN = 230.0


@dataclass(frozen=True, eq=False)
class Together:
    """The rows of `Layout.branches` by OpenDSS load, d0, d1 ...

    first: the first row of each.
    count: its rows: 2 of a service, from s1 and s2 to earth, else 1.
    """

    first: Ints
    count: Ints

    @classmethod
    def of(cls, layout: Layout, p: Floats, q: Floats, apart: bool) -> Together:
        """apart: each row by itself, whether alike or not."""
        table = layout.branches
        second = np.zeros(len(table.p), np.bool_)
        if not apart:
            legs = [layout.places[start][1] for start in table.start.tolist()]
            for row in range(1, len(legs)):
                service = (legs[row - 1], legs[row]) == ("s1", "s2") and table.end[row] < 0
                second[row] = service and _alike(table, row) and _even(p, q, row)
        first = np.flatnonzero(~second)
        return cls(first, np.diff(np.append(first, len(second))))

    def holds(self, p: Floats, q: Floats) -> bool:
        """Whether all that are together are still alike."""
        if not len(self.second):
            return True
        return bool((_even(p, q, self.second)).all())

    @cached_property
    def second(self) -> Ints:
        """The rows that are together with the row before."""
        return np.asarray(self.first[self.count == 2] + 1, np.int64)

    def differing(self, old: Powers, new: Powers) -> Ints:
        """Which loads draw something else now."""
        differs = (old.p != new.p) | (old.q != new.q)
        found: Ints = (differs[self.first] if len(self.second) else differs).nonzero()[0]
        return found

    def whole(self, values: Floats, some: Ints | None = None) -> Floats:
        """By load, or of some of them, from values by row."""
        if not len(self.second):
            return values if some is None else values[some]
        first, count = (
            (self.first, self.count) if some is None else (self.first[some], self.count[some])
        )
        return values[first] * count


def _even(p: Floats, q: Floats, row: Ints | int) -> NDArray[np.bool_]:
    return np.asarray((p[row] == p[row - 1]) & (q[row] == q[row - 1]), np.bool_)


def _alike(table: Branches, row: int) -> bool:
    """Whether a row belongs to the load of the row before and follows the voltage as that does."""
    same = table.element[row] == table.element[row - 1] and table.end[row] == table.end[row - 1]
    volts = table.nominal[row] == table.nominal[row - 1]
    shares = np.array_equal(table.shares[row], table.shares[row - 1], equal_nan=True)
    return bool(same and volts and shares)


def draw(
    layout: Layout, together: Together, p: Floats, q: Floats, options: Options, sites: Sites
) -> list[str]:
    """p, q: watts and var by row."""
    table, nominal = layout.branches, nominal_volts(layout)
    low, high = max(options.low, 2 * LOWEST), min(options.high, _HIGHEST)
    common = f"vminpu={said(low)} vmaxpu={said(high)} vlowpu={said(LOWEST)} status=fixed"
    watts, var = together.whole(p), together.whole(q)
    pairs = zip(together.first.tolist(), together.count.tolist(), strict=True)
    return [
        f"new load.d{i} {_ends(layout, row, count, float(nominal[row]), sites)} "
        f"kw={said(watts[i] / 1e3)} kvar={said(var[i] / 1e3)} {_response(table, row)} {common}"
        for i, (row, count) in enumerate(pairs)
    ]


def nominal_volts(layout: Layout) -> Floats:
    """Volts across each row; where nothing says them any will do, if its power is constant."""
    table = layout.branches
    between = [end >= 0 and layout.places[end][1] != "N" for end in table.end.tolist()]
    usual = layout.nominal[table.start] * np.where(between, np.sqrt(3), 1)
    found = np.where(np.isnan(table.nominal), usual, table.nominal)
    return np.where(found > 0, found, _UNKNOWN)


def _ends(layout: Layout, row: int, count: int, volts: float, sites: Sites) -> str:
    """OpenDSS rates a star by the voltage between phases, as if there were three."""
    table = layout.branches
    node, phase = layout.places[table.start[row]]
    if count == 2:
        bus = sites.at(node, phase, layout.places[table.start[row + 1]][1], "")
        return f"phases=2 conn=wye bus1={bus} kv={said(volts * np.sqrt(3) / 1e3)}"
    end = table.end[row]
    bus = sites.at(node, phase, layout.places[end][1] if end >= 0 else "")
    return f"phases=1 conn=delta bus1={bus} kv={said(volts / 1e3)}"


def _response(table: Branches, row: int) -> str:
    """By exponents, or by shares of impedance, current and power."""
    p, q = table.shares[row, :4].tolist(), table.shares[row, 4:].tolist()
    if not np.isnan(p[3]):
        return f"model=4 cvrwatts={said(p[3])} cvrvars={said(q[3])}"
    if p[:3] == q[:3] and 1.0 in p[:3]:
        return f"model={(2, 5, 1)[p.index(1.0)]}"
    return f"model=8 zipv=[{' '.join(map(said, (*p[:3], *q[:3])))} 0]"
