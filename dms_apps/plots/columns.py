"""Parts that add up to a whole, side by side in a given order, such as month by month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from dms_apps.plots.paper import PAPER, SERIES, nothing, paper
from hub.report import Form

_HATCHES = ("", "////", "....", "xxxx", "----", "++++")
_SHOWN = 24
"""Names along the axis at most; of more every second, third ... is written."""


@dataclass(frozen=True, eq=False)
class Columns:
    """By name of a part, a value for each of `names`; what is not finite counts as 0."""

    names: tuple[str, ...]
    parts: Mapping[str, ArrayLike]


def stacked(columns: Columns, form: Form, *, title: str, quantity: str) -> bytes:
    """The parts on top of one another; each has a hatching of its own.

    quantity: with its unit.
    """
    places = np.arange(len(columns.names))
    with paper(title, form) as sheet:
        axes, bottom = sheet.axes, np.zeros(len(places))
        for number, (part, given) in enumerate(columns.parts.items()):
            values = np.nan_to_num(np.asarray(given, np.float64), posinf=0.0, neginf=0.0)
            at = number % len(SERIES)
            axes.bar(
                places,
                values,
                bottom=bottom,
                label=part,
                color=SERIES[at],
                hatch=_HATCHES[at],
                edgecolor=PAPER,
                linewidth=0.0,
            )
            bottom = bottom + values
        every = -(-len(places) // _SHOWN) or 1
        axes.set_xticks(places[::every], columns.names[::every], rotation=45, ha="right")
        axes.grid(axis="x", visible=False)
        axes.set_ylabel(quantity)
        axes.set_ylim(0, 1.08 * float(bottom.max(initial=0.0)) or 1.0)
        if not len(places):
            nothing(axes)
        elif len(columns.parts) > 1:
            axes.legend(loc="best")
    return sheet.content
