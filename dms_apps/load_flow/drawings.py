"""Solutions as drawings: voltages over the distance, and how much devices carry."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial

import numpy as np

from dms_apps import plots
from dms_apps.solver.distances import distances, segments
from dms_apps.solver.given import Given
from dms_apps.solver.solution import Solution
from dms_apps.solver.violations import Limits
from hub.report import Cell, Draw, Form


def profile(
    solution: Solution,
    given: Given,
    limits: Limits,
    *,
    title: str = "Voltage profile",
    nodes: Collection[str] | None = None,
) -> Draw:
    """Voltages per unit of all places that are supplied, or of those at `nodes`; neutrals have
    none."""

    def draw(form: Form) -> bytes:
        layout = solution.layout
        unit = np.abs(solution.volts) / layout.nominal
        left_out = np.array([nodes is not None and node not in nodes for node, _ in layout.places])
        unit[(solution.island < 0) | left_out] = np.nan
        start, end, _ = segments(layout, given)
        same = np.array([phase for _, phase in layout.places], dtype=object)
        kept = same[start] == same[end]  # what joins two phases is no way along one
        along = plots.Along(
            distances(layout, given),
            unit,
            tuple(phase for _, phase in layout.places),
            start[kept],
            end[kept],
        )
        return plots.voltage_profile(along, form, title=title, low=limits.low, high=limits.high)

    return draw


def loading(rows: Sequence[Sequence[Cell]], *, title: str = "Loading") -> Draw:
    """The highest of the rows of `dms_apps.solver.tables.loading`."""
    names = tuple(str(row[0] or row[1]) for row in rows)
    percent = [row[-1] if isinstance(row[-1], float) else np.nan for row in rows]
    return partial(plots.loading, plots.Bars(names, percent), title=title)
