"""How much devices carry or take, as bars, in order."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dms_apps.plots.paper import ALARM, HIGH, PAPER, SERIES, SOFT, nothing, paper
from hub.report import Form

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SHOWN = 25
_EACH = 24
"""Pixels of a bar."""
_NAME = 42
"""Characters of a name."""


@dataclass(frozen=True, eq=False)
class Bars:
    """Values by device; what is not finite is left out."""

    names: tuple[str, ...]
    values: ArrayLike


def loading(bars: Bars, form: Form, *, title: str = "Loading", shown: int = _SHOWN) -> bytes:
    """The `shown` highest of percents, with the limit of 100."""
    quantity = "share of the limit (%)"
    return ranked(bars, form, title=title, quantity=quantity, limit=100.0, shown=shown)


def ranked(
    bars: Bars,
    form: Form,
    *,
    title: str,
    quantity: str,
    limit: float = math.inf,
    lowest: bool = False,
    shown: int = _SHOWN,
) -> bytes:
    """The `shown` highest, or lowest, with their figures; those above the limit are hatched, too.

    quantity: with its unit.
    """
    values = np.asarray(bars.values, np.float64)
    known = np.flatnonzero(np.isfinite(values))
    order = known[np.argsort(values[known] * (1 if lowest else -1), kind="stable")][:shown]
    with paper(title, form, high=max(HIGH, 130 + _EACH * len(order))) as sheet:
        axes = sheet.axes
        _bars(axes, values[order], limit)
        axes.set_yticks(np.arange(len(order)), [_short(bars.names[at]) for at in order])
        axes.set_ylim(max(len(order), 8) - 0.4, -0.6)
        axes.grid(axis="y", visible=False)
        axes.set_xlabel(quantity)
        if not len(order):
            nothing(axes)
        if len(order) < len(known):
            said = f"the {'lowest' if lowest else 'highest'} {len(order)} of {len(known):,}"
            axes.annotate(said, (1, 1.02), xycoords="axes fraction", ha="right", color=SOFT)
    return sheet.content


def _bars(axes: Axes, values: NDArray[np.float64], limit: float) -> None:
    rows, over = np.arange(len(values)), values > limit
    for mine, colour, hatch in ((~over, SERIES[0], None), (over, ALARM, "////")):
        look: dict[str, Any] = {"color": colour, "edgecolor": PAPER, "linewidth": 0.0}
        axes.barh(rows[mine], values[mine], height=0.7, hatch=hatch, **look)
    for row, value in zip(rows, values, strict=True):
        where: dict[str, Any] = {"textcoords": "offset points", "va": "center"}
        axes.annotate(f"{value:,.0f}", (value, row), (4, 0), **where)
    most = float(values.max(initial=0.0))
    if math.isfinite(limit):
        axes.axvline(limit, color=ALARM, linewidth=1.2, linestyle=(0, (8, 3)))
        most = max(limit, most)
    axes.set_xlim(0, 1.08 * (most or 1.0))


def _short(name: str) -> str:
    return name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"
