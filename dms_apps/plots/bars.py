"""How much devices carry, as bars, the highest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dms_apps.plots.paper import ALARM, HIGH, SERIES, SOFT, nothing, paper
from hub.report import Form

_SHOWN = 25
_EACH = 24
"""Pixels of a bar."""
_NAME = 42
"""Characters of a name."""


@dataclass(frozen=True, eq=False)
class Bars:
    """Percent by device; what is not finite is left out."""

    names: tuple[str, ...]
    percent: ArrayLike


def loading(
    bars: Bars,
    form: Form,
    *,
    title: str = "Loading",
    limit: float = 100.0,
    shown: int = _SHOWN,
) -> bytes:
    """The `shown` highest, with their figures; those above the limit are hatched, too."""
    percent = np.asarray(bars.percent, np.float64)
    known = np.flatnonzero(np.isfinite(percent))
    order = known[np.argsort(-percent[known], kind="stable")][:shown]
    with paper(title, form, high=max(HIGH, 130 + _EACH * len(order))) as sheet:
        axes, rows = sheet.axes, np.arange(len(order))
        over = percent[order] > limit
        for mine, colour, hatch in ((~over, SERIES[0], None), (over, ALARM, "////")):
            look: dict[str, Any] = {
                "color": colour,
                "edgecolor": "#ffffff",
                "linewidth": 0.0,
                "hatch": hatch,
            }
            axes.barh(rows[mine], percent[order][mine], height=0.7, **look)
        for row, value in zip(rows, percent[order], strict=True):
            axes.annotate(
                f"{value:.0f}", (value, row), (4, 0), textcoords="offset points", va="center"
            )
        axes.axvline(limit, color=ALARM, linewidth=1.2, linestyle=(0, (8, 3)))
        axes.set_yticks(rows, [_short(bars.names[at]) for at in order])
        axes.set_ylim(max(len(order), 8) - 0.4, -0.6)
        axes.set_xlim(0, 1.08 * max(limit, float(percent[order].max(initial=0.0))))
        axes.grid(axis="y", visible=False)
        axes.set_xlabel("share of the limit (%)")
        if not len(order):
            nothing(axes)
        if len(order) < len(known):
            said = f"the highest {len(order)} of {len(known):,}"
            axes.annotate(said, (1, 1.02), xycoords="axes fraction", ha="right", color=SOFT)
    return sheet.content


def _short(name: str) -> str:
    return name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"
