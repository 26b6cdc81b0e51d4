"""Bellwether meters: where the voltage may be lowest, by the estimate and what it leaves open."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from dms_apps.state_estimation.estimation import Estimated

MARGIN = 2.0
"""Standard deviations below an estimate that its voltage is taken to be at."""


@dataclass(frozen=True)
class Bellwether:
    """A place that is worth a meter.

    place: number in the layout.
    volts: estimated, per unit.
    sigma: its standard deviation, per unit, with those chosen before read.
    """

    place: int
    volts: float
    sigma: float

    @property
    def lowest(self) -> float:
        """Per unit."""
        return self.volts - MARGIN * self.sigma


def chosen(
    found: Estimated, among: Collection[int], count: int, accuracy: float = 0.005
) -> list[Bellwether]:
    """The places of a layout, one after the other, whose voltage may be lowest.

    Each is then taken as read, as low as it was estimated: so what depends on it is better known,
    and the next one is where much is still open.

    among:    places that have a meter.
    accuracy: standard deviation of a meter, per unit.
    Raises: LookupError, when nothing was estimated.
    """
    estimate, unknowns = found.estimate, found.unknowns
    columns = unknowns.place[sorted(among)]
    columns = columns[columns >= 0]
    layout, count_of = unknowns.nodal.layout, len(unknowns.places)
    unit = np.abs(estimate.x[:count_of]) / layout.nominal[unknowns.places]
    variance = estimate.variances[0][:count_of] * unit**2
    columns = columns[np.isfinite(unit[columns]) & np.isfinite(variance[columns])]
    taken: list[np.ndarray] = []
    choice: list[Bellwether] = []
    open_ = np.ones(len(columns), np.bool_)
    for _ in range(min(count, len(columns))):
        lowest = unit[columns] - MARGIN * np.sqrt(np.maximum(variance[columns], 0))
        at = int(np.argmin(np.where(open_, lowest, np.inf)))
        column = int(columns[at])
        sigma = float(np.sqrt(max(variance[column], 0)))
        choice.append(Bellwether(int(unknowns.places[column]), float(unit[column]), sigma))
        open_[at] = False
        with_all = estimate.beside(column)[:count_of] * unit * unit[column]
        for one in taken:
            with_all = with_all - one * one[column]
        spread = with_all[column] + accuracy**2
        taken.append(with_all / np.sqrt(spread))
        variance = variance - taken[-1] ** 2
    return choice
