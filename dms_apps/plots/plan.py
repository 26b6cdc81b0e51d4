"""A network on the map, coloured by a value of each of its nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dms_apps.plots.paper import ALARM, LINE, SOFT, nothing, paper
from hub.report import Form

Floats = NDArray[np.float64]
_MANY = 2_000
"""Of more points it is a picture: as SVG it would be megabytes."""
_HIGH = 620
"""Pixels."""


@dataclass(frozen=True, eq=False)
class Plan:
    """Points with a value each, and which of them are connected.

    x, y:       in any one unit; what is not finite is left out.
    values:     NaN: without supply.
    start, end: points at the ends of each segment.
    alarm:      points that stand out.
    """

    x: ArrayLike
    y: ArrayLike
    values: ArrayLike
    start: ArrayLike = ()
    end: ArrayLike = ()
    alarm: ArrayLike = ()


def network_map(
    plan: Plan, form: Form, *, title: str = "Network", says: str = "voltage (per unit)"
) -> bytes:
    """Segments in the colour of the value between their ends; what has no supply is grey, dashed,
    and alarms are ringed."""
    x, y, values = (np.asarray(one, np.float64) for one in (plan.x, plan.y, plan.values))
    known = np.isfinite(x) & np.isfinite(y)
    alarm = np.zeros(len(x), np.bool_)
    alarm[np.asarray(plan.alarm, np.int64)] = True
    with paper(title, form, high=_HIGH) as sheet:
        axes = sheet.axes
        if known.any():
            _segments(sheet, plan, np.stack([x, y]), values, known)
            ring: dict[str, Any] = {"facecolors": "none", "edgecolors": ALARM, "zorder": 4}
            shown = alarm & known
            axes.scatter(x[shown], y[shown], s=36, linewidths=1.1, **ring)
            if shown.any():
                said = f"{shown.sum():,} nodes with a limit violated"
                axes.annotate(said, (1, 1.02), xycoords="axes fraction", ha="right", color=ALARM)
            bar = sheet.figure.axes[-1]
            if bar is not axes:
                bar.set_ylabel(says)
        else:
            nothing(axes)
        axes.set_aspect("equal", adjustable="datalim")
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[["left", "bottom"]].set_visible(False)
        axes.grid(visible=False)
    return sheet.content


def _segments(sheet: Any, plan: Plan, at: Floats, values: Floats, known: NDArray[np.bool_]) -> None:
    from matplotlib.collections import LineCollection

    start, end = np.asarray(plan.start, np.int64), np.asarray(plan.end, np.int64)
    drawn = known[start] & known[end]
    start, end = start[drawn], end[drawn]
    ends = np.stack([at[:, start], at[:, end]]).transpose(2, 0, 1)
    middle = (values[start] + values[end]) / 2
    dead, is_many = np.isnan(middle), len(start) > _MANY
    common: dict[str, Any] = {"rasterized": is_many, "capstyle": "round"}
    lines = LineCollection(list(ends[~dead]), cmap="viridis", linewidths=1.8, **common)
    lines.set_array(middle[~dead])
    sheet.axes.add_collection(lines)
    grey: dict[str, Any] = {"colors": SOFT, "linestyles": [(0, (3, 2))], "linewidths": 1.0}
    sheet.axes.add_collection(LineCollection(list(ends[dead]), **grey, **common))
    alone = known.copy()
    alone[start] = alone[end] = False
    sheet.axes.scatter(*at[:, alone], s=6, color=LINE)
    sheet.axes.autoscale_view()
    if (~dead).any():
        sheet.figure.colorbar(lines, ax=sheet.axes, shrink=0.7, pad=0.02)
    if dead.any():
        said = "dashed: without supply"
        sheet.axes.annotate(said, (0, -0.02), xycoords="axes fraction", va="top", color=SOFT)
