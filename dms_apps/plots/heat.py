"""A table as colours: which phase or hour of which place is high."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from dms_apps.plots.paper import HIGH, INK, LINE, Paper, nothing, paper
from hub.report import Form

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WRITTEN = 420
"""Cells up to which the figures stand in them."""
_NARROW = 24
"""Columns up to which a figure has room."""
_EACH = 26
"""Pixels of a row."""
_ROOM, _LETTER = 620, 8
"""Pixels for all columns, and of a letter."""
_INCLINED = 16
"""Columns whose names may be inclined; of more some are left out."""


@dataclass(frozen=True, eq=False)
class Heat:
    """Values by row and column; what is not finite is a grey cell.

    unit: of the values.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: ArrayLike
    quantity: str
    unit: str = ""


def heat_table(
    heat: Heat,
    form: Form,
    *,
    title: str = "Heat table",
    low: float | None = None,
    high: float | None = None,
) -> bytes:
    """low, high: values of the two ends of the scale; those that occur when left out."""
    size = len(heat.rows), len(heat.columns)
    values = np.ma.masked_invalid(np.asarray(heat.values, np.float64).reshape(size))
    with paper(title, form, high=max(HIGH, 120 + _EACH * size[0])) as sheet:
        axes = sheet.axes
        axes.set_facecolor(LINE)
        axes.grid(visible=False)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        _head(axes, heat.columns)
        axes.set_yticks(*_sparse(heat.rows, 60))
        if not values.count():
            nothing(axes)
        else:
            _cells(sheet, values, heat, low, high)
    return sheet.content


def _cells(sheet: Paper, values: Any, heat: Heat, low: float | None, high: float | None) -> None:
    """values: masked where there is none."""
    # Cividis is told apart, and in order, with any colour vision (Nuñez et al. 2018).
    cells = sheet.axes.imshow(
        values, cmap="cividis", aspect="auto", vmin=low, vmax=high, interpolation="nearest"
    )
    unit = f" ({heat.unit})" if heat.unit else ""
    sheet.figure.colorbar(cells, ax=sheet.axes, label=f"{heat.quantity}{unit}", pad=0.02)
    if values.size > _WRITTEN or len(heat.columns) > _NARROW:
        return
    dark = np.asarray(cells.norm(values.filled(np.inf))) < 0.5
    size = 9 if len(heat.columns) <= 14 else 7
    for (row, column), value in np.ndenumerate(values.filled(np.nan)):
        said = f"{value:.3g}" if np.isfinite(value) else "–"
        colour = "#ffffff" if dark[row, column] else INK
        sheet.axes.text(column, row, said, ha="center", va="center", color=colour, fontsize=size)


def _head(axes: Axes, names: tuple[str, ...]) -> None:
    """Names of columns: all of them, inclined when they are long; of many so many as fit."""
    fitting = _ROOM // (_LETTER * max(map(len, names), default=1) + 10)
    if fitting >= len(names) or len(names) > _INCLINED:
        axes.set_xticks(*_sparse(names, max(1, fitting)))
    else:
        axes.set_xticks(
            *_sparse(names, len(names)), rotation=30, ha="right", rotation_mode="anchor"
        )


def _sparse(names: tuple[str, ...], most: int) -> tuple[list[int], list[str]]:
    """Places and names of ticks, so many that they can be read."""
    every = max(1, -(-len(names) // most))
    places = list(range(0, len(names), every))
    return places, [names[place] for place in places]
