"""Losses of a solved network: device by device and phase by phase, with and without load."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cim.electrical import yprim
from cim.electrical.transformers import Transformer
from dms_apps.solver import primitives
from dms_apps.solver.given import Given
from dms_apps.solver.solution import Solution

_LOSSY = ("line", "switch", "transformer", "shunt")


@dataclass(frozen=True)
class Loss:
    """Watts lost in a device.

    kind:    line, switch, transformer or shunt.
    phase:   of a line or switch; "" for all of a transformer or shunt, where phases have none of
             their own.
    watts:   altogether; of one phase of a line it may be below 0, where others induce into it.
    no_load: of these, in the core of a transformer, at the present voltage.
    """

    device: str
    kind: str
    phase: str
    watts: float
    no_load: float = 0.0


def losses(solution: Solution, given: Given) -> list[Loss]:
    """Of everything that is fed; nothing, when the solution is none.

    given: what the solution was made with; taps are as they ended.
    """
    if not solution.converged:
        return []
    layout = solution.layout
    by_phase = list(_by_phase(solution))
    now = replace(given, steps=solution.steps)
    cores = {t.mrid: no_load(solution, now, t) for t in layout.view.transformers}
    whole = solution.taken.real.tolist()
    for mrid, kind, watts in zip(layout.elements, layout.kinds, whole, strict=True):
        if kind in ("transformer", "shunt"):
            by_phase.append(Loss(mrid, kind, "", watts, cores.get(mrid, 0.0)))
    return by_phase


def _by_phase(solution: Solution) -> Iterator[Loss]:
    """Of lines and switches."""
    layout = solution.layout
    power, phase = solution.power.real.tolist(), layout.conductors.phase
    bounds = zip(layout.first[:-1].tolist(), layout.first[1:].tolist(), strict=True)
    for mrid, kind, (first, end) in zip(layout.elements, layout.kinds, bounds, strict=True):
        if kind in ("line", "switch") and end > first:
            sums: dict[str, float] = {}
            for i in range(first, end):
                sums[phase[i]] = sums.get(phase[i], 0.0) + power[i]
            yield from (Loss(mrid, kind, of, watts) for of, watts in sums.items())


def no_load(solution: Solution, given: Given, transformer: Transformer) -> float:
    """Watts in the core: what the magnetising branches take at the voltages of the solution."""
    if not transformer.cores or {transformer.mrid, transformer.bank} & given.out:
        return 0.0
    layout = solution.layout
    taps = primitives.tap(layout, given, transformer)
    whole = yprim.of_transformer(transformer, taps)
    without = yprim.of_transformer(replace(transformer, cores=()), taps)
    volts = solution.volts[[layout.number[place] for place in whole.places]]
    return float((volts * np.conj((whole.y - without.y) @ volts)).sum().real)


def totals(found: list[Loss]) -> dict[str, float]:
    """Watts by what they are lost in: lines and switches, transformers with and without load."""
    sums = {"lines": 0.0, "transformers, no load": 0.0, "transformers, load": 0.0, "shunts": 0.0}
    for one in found:
        if one.kind == "transformer":
            sums["transformers, no load"] += one.no_load
            sums["transformers, load"] += one.watts - one.no_load
        else:
            sums["shunts" if one.kind == "shunt" else "lines"] += one.watts
    return sums


Floats = NDArray[np.float64]


def energy(seconds: Floats, watts: Floats, longest: float) -> tuple[float, float]:
    """Watt-hours, and the hours that they cover, from values at times: trapezoids.

    longest: seconds between two values; what lies in a longer gap is not known and not counted.
    """
    steps = np.diff(seconds)
    counted = steps <= longest
    means = (watts[1:] + watts[:-1]) / 2
    return float((means * steps)[counted].sum() / 3600), float(steps[counted].sum() / 3600)


def factor(mean: float, peak: float) -> float:
    """Mean over peak: of losses the loss factor, of load the load factor; NaN without a peak."""
    return mean / peak if peak > 0 else float("nan")
