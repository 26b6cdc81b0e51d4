"""Limits of voltage quality, and whether values keep them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dms_apps.power_quality.indices import Values

PER_DAY = 144
"""Means of ten minutes."""


@dataclass(frozen=True)
class Limit:
    """One requirement.

    name:     e.g. "EN 50160, supply voltage".
    quantity: voltage (per cent of nominal), unbalance, unbalance_nema, thd (per cent), pst or plt.
    low, high: between which values must be; unlimited when left out.
    share:    per cent of the values of `days` that must be.
    above, up_to: volts between phases, nominal, for which it holds.
    """

    name: str
    quantity: str
    low: float | None = None
    high: float | None = None
    share: float = 95.0
    days: int = 7
    above: float = 0.0
    up_to: float = 1e9

    def __post_init__(self) -> None:
        if self.low is None and self.high is None:
            raise ValueError(f"limit {self.name}: neither low nor high is given")
        if not 0 < self.share <= 100 or self.days < 1:
            raise ValueError(f"limit {self.name}: share is above 0 up to 100, days 1 or more")

    def holds_for(self, nominal: float) -> bool:
        """Whether it is for this nominal voltage between phases."""
        return self.above < nominal <= self.up_to


@dataclass(frozen=True)
class Verdict:
    """Whether a limit is kept.

    share:    per cent of the values that are within; NaN without values.
    coverage: per cent of the time for which there are values.
    """

    limit: Limit
    count: int
    share: float
    coverage: float

    @property
    def is_kept(self) -> bool:
        """Also when there are no values at all."""
        return not self.count or self.share >= self.limit.share - 1e-9


def judged(limit: Limit, values: Values, per_day: float = PER_DAY) -> Verdict:
    """per_day: values of a whole day."""
    low = -np.inf if limit.low is None else limit.low
    high = np.inf if limit.high is None else limit.high
    count = len(values)
    share = 100 * values.within(low, high) / count if count else float("nan")
    return Verdict(limit, count, share, 100 * count / (per_day * limit.days))
