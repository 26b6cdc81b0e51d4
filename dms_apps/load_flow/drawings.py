"""Solutions as drawings: voltages over the distance, and how much devices carry."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial

import numpy as np

from cim.electrical.positions import positions
from dms_apps import plots
from dms_apps.solver.distances import distances, segments
from dms_apps.solver.given import Given
from dms_apps.solver.live import Live
from dms_apps.solver.solution import Solution
from dms_apps.solver.violations import Limits, Violation
from hub.report import Cell, Draw, Form

_NOWHERE = (np.nan, np.nan)


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


def plan(
    solution: Solution,
    live: Live,
    violated: Collection[Violation],
    *,
    title: str = "Network",
    nodes: Collection[str] | None = None,
) -> Draw:
    """The network on the map, in the colour of its lowest voltage per unit; nodes at which a limit
    is violated are ringed."""

    def draw(form: Form) -> bytes:
        layout = solution.layout
        shown = [n for n in dict.fromkeys(n for n, _ in layout.places) if not nodes or n in nodes]
        number = {node: i for i, node in enumerate(shown)}
        where = positions(live.model)
        at = np.array([where.get(n, _NOWHERE) for n in shown]).reshape(-1, 2)
        lowest = np.full(len(shown), np.nan)
        unit = np.abs(solution.volts) / layout.nominal
        for i, (node, phase) in enumerate(layout.places):
            if node in number and phase != "N" and solution.island[i] >= 0:
                lowest[number[node]] = np.fmin(lowest[number[node]], unit[i])
        start, end, _ = segments(layout, live.given, all_ways=True)
        ends = {
            (number[one], number[two])
            for a, b in zip(start.tolist(), end.tolist(), strict=True)
            if (one := layout.places[a][0]) in number and (two := layout.places[b][0]) in number
        }
        pairs = np.array(sorted(ends), np.int64).reshape(-1, 2)
        alarm = sorted({number[one.node] for one in violated if one.node in number})
        found = plots.Plan(at[:, 0], at[:, 1], lowest, pairs[:, 0], pairs[:, 1], alarm)
        return plots.network_map(found, form, title=title)

    return draw


def loading(rows: Sequence[Sequence[Cell]], *, title: str = "Loading") -> Draw:
    """The highest of the rows of `dms_apps.solver.tables.loading`."""
    names = tuple(str(row[0] or row[1]) for row in rows)
    percent = [row[-1] if isinstance(row[-1], float) else np.nan for row in rows]
    return partial(plots.loading, plots.Bars(names, percent), title=title)
