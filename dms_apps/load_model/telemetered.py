"""Telemetry as points that loads are allocated to, and what generators feed in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from dms_apps.solver.given import Powers
from dms_apps.solver.layout import Layout
from dms_apps.solver.sensors import Sensor, Value
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
    layout: Layout, shown: Mapping[Sensor, Value], now: datetime, error: float, stale: float
) -> Telemetered:
    """Powers and currents that are measured.

    error: standard deviation as a share of the value, where nothing says how good a sensor is.
    stale: seconds after which a value is too old.
    """
    where, generators = _terminals(layout), {g.port.terminal: g for g in layout.view.generators}
    grouped: dict[tuple[str, str, bool], list[_Flow]] = {}
    remarks = []
    for sensor, value in shown.items():
        terminal = next((where[at] for at in sensor.at if at in where), None)
        why = _unusable(sensor, value, terminal)
        if why or terminal is None:
            remarks.append(f"{sensor.called} {why}; it is left out.")
            continue
        flow = _Flow.of(sensor, value, now, error)
        phases = "".join(sensor.phases)
        grouped.setdefault((terminal, phases, flow.kind == "A"), []).append(flow)
    points, fed = [], dict[str, Powers]()
    for (terminal, phases, _), some in grouped.items():
        point = _point(terminal, phases, some)
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


@dataclass(frozen=True)
class _Flow:
    """kind: W, VAr or A; value and sigma in it."""

    kind: str
    name: str
    value: float
    sigma: float
    age: float

    @classmethod
    def of(cls, sensor: Sensor, value: Value, now: datetime, error: float) -> _Flow:
        shown = (value.value or 0.0) * sensor.factor
        # A largest error is next to never exceeded: three standard deviations.
        share = error if sensor.error is None else sensor.error / 3
        age = 0.0 if value.at is None else (now - value.at).total_seconds()
        name = sensor.name or sensor.mrid
        return cls(sensor.quantity, name, shown, share * abs(shown), age)


def _unusable(sensor: Sensor, value: Value, terminal: str | None) -> str:
    if terminal is None:
        return "is at nothing that is known"
    if value.invalid:
        return "is of invalid quality"
    if value.value is None or not np.isfinite(value.value * sensor.factor):
        return "has no value, or one of a unit that is not known"
    return ""


def _terminals(layout: Layout) -> dict[str, str]:
    """Terminals by their mRID, and the first one of equipment by its mRID or name."""
    conductors = layout.conductors
    found: dict[str, str] = {}
    for mrid, first in zip(layout.elements, layout.first[:-1].tolist(), strict=True):
        if first < len(conductors.terminal):
            for called in (layout.names.get(mrid, ""), mrid):
                found.setdefault(called, conductors.terminal[first])
    for one in layout.view.transformers:
        found.setdefault(one.bank, found.get(one.mrid, ""))
    found.pop("", None)
    return found | {terminal: terminal for terminal in conductors.terminal}


def _point(terminal: str, phases: str, some: list[_Flow]) -> Point:
    by = {one.kind: one for one in some}
    age, name = max(one.age for one in some), some[0].name
    if "A" in by:
        value = by["A"]
        return Point(terminal, phases, None, abs(value.value), value.sigma, age, name)
    p, q = (by[kind].value if kind in by else np.nan for kind in ("W", "VAr"))
    sigma = math.hypot(*(one.sigma for one in by.values()))
    return Point(terminal, phases, complex(p, q), None, sigma, age, name)
