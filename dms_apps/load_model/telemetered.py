"""Telemetry as points that loads are allocated to, and what generators feed in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from dms_apps.solver.given import Powers
from dms_apps.solver.layout import Layout
from dms_apps.solver.measured import Shown
from dms_apps.solver.telemetry import Point


@dataclass(frozen=True, eq=False)
class Telemetered:
    """What telemetry says of flows.

    fed:     volt-amperes that generators feed in, by mRID and phase.
    remarks: a sentence for each value that is not used.
    """

    points: tuple[Point, ...]
    fed: dict[str, Powers]
    remarks: tuple[str, ...]


def telemetered(
    layout: Layout, shown: Iterable[Shown], now: datetime, error: float, stale: float
) -> Telemetered:
    """Powers and currents that are measured.

    error: standard deviation as a share of the value.
    stale: seconds after which a value is too old.
    """
    grouped: dict[tuple[str, str, bool], list[Shown]] = {}
    remarks = []
    for one in shown:
        if one.quantity == "v":
            continue
        if one.validity == "INVALID":
            remarks.append(f"Measurement {one.name or one.mrid} is invalid; it is left out.")
            continue
        grouped.setdefault((one.terminal, one.phases, one.quantity == "i"), []).append(one)
    generators = {one.port.terminal: one for one in layout.view.generators}
    points, fed = [], dict[str, Powers]()
    for (terminal, _, _), some in grouped.items():
        point = _point(some, now, error)
        generator = generators.get(terminal)
        if generator is None:
            points.append(point)
        elif point.power is None or point.age > stale or point.phase not in ("", "ABC"):
            remarks.append(f"{point.called} is of a generator and not used.")
        else:
            count = len(generator.phases)
            whole = -complex(np.nan_to_num(point.power.real), np.nan_to_num(point.power.imag))
            fed[generator.mrid] = np.full(count, whole / count)
    return Telemetered(tuple(points), fed, tuple(remarks))


def _point(some: list[Shown], now: datetime, error: float) -> Point:
    by = {one.quantity: one for one in some}
    first = some[0]
    ages = [(now - one.at).total_seconds() for one in some if one.at is not None]
    age = max(ages, default=0.0)
    name = first.name or first.mrid
    if "i" in by:
        value = by["i"].value
        return Point(first.terminal, first.phases, None, value, error * abs(value), age, name)
    p, q = (by[k].value if k in by else np.nan for k in ("p", "q"))
    size = float(np.hypot(np.nan_to_num(p), np.nan_to_num(q)))
    return Point(first.terminal, first.phases, complex(p, q), None, error * size, age, name)
