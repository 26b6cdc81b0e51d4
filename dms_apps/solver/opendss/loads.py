"""Loads and generators as OpenDSS commands: each part of them a load between two conductors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dms_apps.solver.layout import Branches, Layout
from dms_apps.solver.opendss.sites import Sites, said
from dms_apps.solver.solution import Options

Floats = NDArray[np.float64]

_LOWEST = 1e-4
"""Per unit under which every load is an impedance, so that there is a current at 0 V."""
_HIGHEST = 1e3
_UNKNOWN = 230.0


def draw(layout: Layout, p: Floats, q: Floats, options: Options, sites: Sites) -> list[str]:
    """A load for each row of `Layout.branches`, called d0, d1 ...

    p, q: watts and var by row.
    """
    table, nominal = layout.branches, _nominal(layout)
    low, high = max(options.low, 2 * _LOWEST), min(options.high, _HIGHEST)
    common = f"vminpu={said(low)} vmaxpu={said(high)} vlowpu={said(_LOWEST)} status=fixed"
    return [
        f"new load.d{row} phases=1 conn=delta bus1={_ends(layout, row, sites)} "
        f"kv={said(nominal[row] / 1e3)} kw={said(p[row] / 1e3)} kvar={said(q[row] / 1e3)} "
        f"{_response(table, row)} {common}"
        for row in range(len(table.p))
    ]


def _nominal(layout: Layout) -> Floats:
    """Volts across each row; where nothing says them any would do, since its power is constant."""
    table = layout.branches
    between = [end >= 0 and layout.places[end][1] != "N" for end in table.end.tolist()]
    usual = layout.nominal[table.start] * np.where(between, np.sqrt(3), 1)
    found = np.where(np.isnan(table.nominal), usual, table.nominal)
    return np.where(np.isnan(found), _UNKNOWN, found)


def _ends(layout: Layout, row: int, sites: Sites) -> str:
    node, phase = layout.places[layout.branches.start[row]]
    end = layout.branches.end[row]
    return sites.at(node, phase, layout.places[end][1] if end >= 0 else "")


def _response(table: Branches, row: int) -> str:
    """By exponents, or by shares of impedance, current and power."""
    p, q = table.shares[row, :4].tolist(), table.shares[row, 4:].tolist()
    if not np.isnan(p[3]):
        return f"model=4 cvrwatts={said(p[3])} cvrvars={said(q[3])}"
    if p[:3] == q[:3] and 1.0 in p[:3]:
        return f"model={(2, 5, 1)[p.index(1.0)]}"
    return f"model=8 zipv=[{' '.join(map(said, (*p[:3], *q[:3])))} 0]"
