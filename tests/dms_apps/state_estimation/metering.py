"""Sensors on a layout that show a solution, with or without noise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import numpy as np

from dms_apps.solver.sensors import Quantity, Sensor, Value
from dms_apps.solver.solution import Solution
from dms_apps.state_estimation.estimation import Telemetry

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
_PARTS: dict[Quantity, str] = {"W": "real", "VAr": "imag"}


def volts(truth: Solution, node: str, phases: Iterable[str], error: float) -> Iterator[Shown]:
    """To earth, at a node."""
    for phase in phases:
        value = abs(truth.at(node, phase))
        sensor = Sensor(f"V {node} {phase}", "", "V", (node,), (phase,), error=3 * error)
        yield sensor, value, error * value


def flows(
    truth: Solution, mrid: str, error: float, *, amperes: bool = False, end: int = 0
) -> Iterator[Shown]:
    """Of equipment, at its first terminal: watts and var, or amperes.

    end: 1 for the other half of its conductors.
    """
    rows = truth.layout.rows(mrid)
    half = (rows.stop - rows.start) // 2 or 1
    conductors = truth.layout.conductors
    for row in range(rows.start + end * half, rows.start + (end + 1) * half):
        terminal, phase = conductors.terminal[row], conductors.phase[row]
        power, current = complex(truth.power[row]), abs(truth.current[row])
        if amperes:
            name = f"A {mrid} {phase}"
            yield (
                Sensor(name, "", "A", (terminal,), (phase,), error=3 * error),
                current,
                (error * current),
            )
            continue
        for quantity, part in _PARTS.items():
            value = float(getattr(power, part))
            share = error * abs(power) / abs(value) if value else error
            sensor = Sensor(
                f"{quantity} {mrid} {phase}", "", quantity, (terminal,), (phase,), error=3 * share
            )
            yield sensor, value, error * abs(power)


Shown = tuple[Sensor, float, float]
"""A sensor, what it would show without error, and its standard deviation."""


def telemetry(shown: Iterable[Shown], seed: int | None = None) -> Telemetry:
    """Without noise when there is no seed."""
    shown = list(shown)
    noise = np.zeros(len(shown))
    if seed is not None:
        noise = np.random.default_rng(seed).standard_normal(len(shown))
    values = {
        sensor.mrid: Value(value + sigma * float(off), NOON)
        for (sensor, value, sigma), off in zip(shown, noise, strict=True)
    }
    return Telemetry([sensor for sensor, _, _ in shown], values, {}, NOON)
