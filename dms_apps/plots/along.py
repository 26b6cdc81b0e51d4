"""Values over the distance from what feeds them: voltage profile, fault level."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dms_apps.plots.paper import ALARM, BAND, MARKS, PHASES, SERIES, STYLES, nothing, paper
from hub.report import Form

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

_MANY = 2_000
"""Of more points the lines are thin, and a picture: as SVG they would be megabytes."""
_RINGED = 60
"""Of more points outside of the band only the number is told."""
_NEAR = 2_000.0
"""Metres up to which distances are told in metres."""


@dataclass(frozen=True, eq=False)
class Along:
    """Values by point, and which points conduct from one to the other.

    metres:     from what feeds the point; not finite: it is left out, as is a value.
    values:     as the drawing says.
    series:     of each point: its phase, or the kind of its value.
    start, end: points at the ends of each segment; none: only points are drawn.
    """

    metres: ArrayLike
    values: ArrayLike
    series: tuple[str, ...]
    start: ArrayLike = ()
    end: ArrayLike = ()

    @property
    def is_near(self) -> bool:
        """Whether all of it is told in metres."""
        metres = np.asarray(self.metres, np.float64)
        return float(np.max(metres[np.isfinite(metres)], initial=0.0)) <= _NEAR

    @property
    def places(self) -> Floats:
        """The same as they are drawn: in metres or kilometres."""
        return np.asarray(self.metres, np.float64) / (1.0 if self.is_near else 1e3)


def voltage_profile(
    along: Along,
    form: Form,
    *,
    title: str = "Voltage profile",
    low: float = -np.inf,
    high: float = np.inf,
) -> bytes:
    """Voltages per unit by phase, with the band that is allowed; those outside of it stand out."""
    with paper(title, form) as sheet:
        axes = sheet.axes
        _drawn(axes, along, np.asarray(along.values, np.float64), PHASES)
        _band(axes, along, low, high)
        axes.set_ylabel("voltage (per unit)")
        _legend(axes, "phase")
    return sheet.content


def fault_level(along: Along, form: Form, *, title: str = "Fault level") -> bytes:
    """Fault currents, given in amperes, by the kind of fault; drawn in kiloamperes."""
    kinds = dict.fromkeys(along.series)
    colours = {kind: SERIES[number % len(SERIES)] for number, kind in enumerate(kinds)}
    with paper(title, form) as sheet:
        _drawn(sheet.axes, along, np.asarray(along.values, np.float64) / 1e3, colours)
        sheet.axes.set_ylim(bottom=0)
        sheet.axes.set_ylabel("fault current (kA)")
        _legend(sheet.axes, "fault")
    return sheet.content


def _band(axes: Axes, along: Along, low: float, high: float) -> None:
    limits = [limit for limit in (low, high) if np.isfinite(limit)]
    if len(limits) == 2:
        axes.axhspan(low, high, color=BAND, zorder=0)
    for limit in limits:
        axes.axhline(limit, color=ALARM, linewidth=1.2, linestyle=(0, (8, 3)))
        where: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "va": "center"}
        axes.annotate(f"{limit:g}", (1.005, limit), fontsize=9, color=ALARM, **where)
    places, values = along.places, np.asarray(along.values, np.float64)
    outside = ((values < low) | (values > high)) & np.isfinite(places) & np.isfinite(values)
    if 0 < outside.sum() <= _RINGED:
        ring: dict[str, Any] = {"facecolors": "none", "edgecolors": ALARM, "zorder": 4}
        axes.scatter(places[outside], values[outside], s=45, **ring)
    if outside.any():
        said = f"{outside.sum():,} of {np.isfinite(values).sum():,} outside of the band"
        axes.annotate(said, (1, 1.02), xycoords="axes fraction", ha="right", color=ALARM)


def _drawn(axes: Axes, along: Along, values: Floats, colours: Mapping[str, str]) -> None:
    """Segments and points by series."""
    places, series = along.places, np.array(along.series, dtype=object)
    known = np.isfinite(places) & np.isfinite(values)
    is_many = bool(known.sum() > _MANY)
    for number, name in enumerate(colours):
        at, mine = number % len(MARKS), known & (series == name)
        if not mine.any():
            continue
        look = _Look(colours[name], STYLES[at], 0.6 if is_many else 1.3, is_many)
        _segments(axes, along, np.array([places, values]), mine, look)
        axes.plot(
            places[mine],
            values[mine],
            MARKS[at],
            color=colours[name],
            label=name,
            markersize=1.5 if is_many else 4,
            markeredgewidth=0,
            rasterized=is_many,
            zorder=3,
        )
    axes.margins(x=0.02)
    axes.set_xlabel(f"distance from the source ({'m' if along.is_near else 'km'})")


class _Look(NamedTuple):
    colour: str
    style: Any
    width: float
    rasterized: bool


def _segments(axes: Axes, along: Along, at: Floats, mine: NDArray[np.bool_], look: _Look) -> None:
    """at: place and value of each point."""
    from matplotlib.collections import LineCollection

    start, end = np.asarray(along.start, np.int64), np.asarray(along.end, np.int64)
    shown = mine[start] & np.isfinite(at[:, end]).all(axis=0)
    if not shown.any():
        return
    ends = np.stack([at[:, start[shown]], at[:, end[shown]]]).transpose(2, 0, 1)
    lines = LineCollection(
        list(ends),
        colors=look.colour,
        linestyles=[look.style],
        linewidths=look.width,
        rasterized=look.rasterized,
    )
    axes.add_collection(lines)


def _legend(axes: Axes, title: str) -> None:
    handles, names = axes.get_legend_handles_labels()
    if not handles:
        nothing(axes)
        return
    legend = axes.legend(handles, names, title=title, loc="best", ncols=3)
    for mark, style in zip(legend.legend_handles, STYLES, strict=False):
        mark.set(markersize=6, linestyle=style, linewidth=1.3)  # type: ignore[union-attr]
