"""Values over time, such as the load of a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dms_apps.plots.paper import SERIES, STYLES, nothing, paper
from hub.report import Form

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DAY = timedelta(days=1)


@dataclass(frozen=True, eq=False)
class Curve:
    """Values from each time on until the next one, the last as long as the one before; where one
    is not finite there is a gap.

    times: of one zone, with offset, in order.
    """

    name: str
    times: Sequence[datetime]
    values: ArrayLike

    def ended(self) -> tuple[list[datetime], NDArray[np.float64]]:
        """The same with the end of the last value."""
        times, values = list(self.times), np.asarray(self.values, np.float64)
        if len(times) < 2:
            return times, values
        return [*times, times[-1] + (times[-1] - times[-2])], np.append(values, values[-1])


def load_curve(
    curves: Sequence[Curve],
    form: Form,
    *,
    title: str = "Load curve",
    quantity: str = "load",
    unit: str = "kW",
    zone: tzinfo | None = None,
) -> bytes:
    """Steps; zone: whose clock is shown, that of the times when left out."""
    curves = [curve for curve in curves if curve.times]
    first = min((curve.times[0] for curve in curves), default=None)
    zone = zone or (first.tzinfo if first else None)
    with paper(title, form) as sheet:
        axes = sheet.axes
        for number, curve in enumerate(curves):
            at = number % len(SERIES)
            times, values = curve.ended()
            axes.step(
                [time.astimezone(zone) for time in times],  # type: ignore[arg-type]
                values,
                where="post",
                marker="o" if len(times) == 1 else "",
                label=curve.name,
                color=SERIES[at],
                linestyle=STYLES[at],
                linewidth=1.8,
            )
        axes.set_ylabel(f"{quantity} ({unit})")
        axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
        axes.margins(x=0)
        if first is None:
            nothing(axes)
        else:
            _clock(axes, first.astimezone(zone), curves, zone)
            axes.legend(loc="best", ncols=min(3, len(curves)))
    return sheet.content


def _clock(axes: Axes, first: datetime, curves: Sequence[Curve], zone: tzinfo | None) -> None:
    from matplotlib import dates

    made: Any = dates  # its types are not told
    span = max(curve.ended()[0][-1] for curve in curves) - first
    if span <= _DAY:
        axes.xaxis.set_major_locator(made.HourLocator(range(0, 24, 3), tz=zone))
        axes.xaxis.set_major_formatter(made.DateFormatter("%H:%M", tz=zone))
        axes.set_xlabel(f"time of {first:%Y-%m-%d} ({first:%Z})")
    else:
        locator = made.AutoDateLocator(tz=zone)
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(made.ConciseDateFormatter(locator, tz=zone))
        axes.set_xlabel(f"time ({first:%Z})")
