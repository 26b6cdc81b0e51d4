"""Indices of voltage quality: unbalance, flicker, and percentiles that can be put together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_TURN = np.exp(2j * np.pi / 3)


@dataclass(frozen=True, eq=False)
class Values:
    """Many values in rising order; of days put together the same as of all at once."""

    sorted: Floats

    @classmethod
    def of(cls, values: Iterable[float] | Floats) -> Values:
        """NaN is left out."""
        found = np.asarray(list(values) if not isinstance(values, np.ndarray) else values, float)
        return cls(np.sort(found[~np.isnan(found)]))

    @classmethod
    def together(cls, parts: Iterable[Values]) -> Values:
        """All of them."""
        arrays = [one.sorted for one in parts]
        return cls(np.sort(np.concatenate(arrays))) if arrays else cls(np.empty(0))

    def __len__(self) -> int:
        return len(self.sorted)

    def within(self, low: float, high: float) -> int:
        """How many are from `low` to `high`, both included."""
        first = np.searchsorted(self.sorted, low, "left")
        return int(np.searchsorted(self.sorted, high, "right") - first)

    def percentile(self, percent: float) -> float:
        """The least value that so many per cent are not above (nearest rank); NaN of nothing."""
        if not len(self):
            return float("nan")
        rank = int(np.ceil(percent / 100 * len(self) - 1e-9))
        return float(self.sorted[max(rank, 1) - 1])


def of_phasors(a: complex, b: complex, c: complex) -> tuple[float, float]:
    """Negative and zero sequence over positive sequence, per cent (IEC 61000-4-30, 5.7)."""
    one = abs(a + _TURN * b + _TURN**2 * c)
    two, zero = abs(a + _TURN**2 * b + _TURN * c), abs(a + b + c)
    return 100 * two / one, 100 * zero / one


def of_line_voltages(ab: Floats, bc: Floats, ca: Floats) -> Floats:
    """Negative over positive sequence, per cent, of magnitudes between phases, exactly
    (IEC 61000-4-30, 5.7); NaN where they make no triangle."""
    squares = ab**2 + bc**2 + ca**2
    with np.errstate(invalid="ignore", divide="ignore"):
        beta = (ab**4 + bc**4 + ca**4) / squares**2
        root = np.sqrt(np.where(3 - 6 * beta < -1e-9, np.nan, np.maximum(3 - 6 * beta, 0)))
        return np.asarray(100 * np.sqrt((1 - np.minimum(root, 1)) / (1 + root)))


def of_magnitudes(one: Floats, two: Floats, three: Floats) -> Floats:
    """Largest deviation from their mean over it, per cent (NEMA MG 1, 14.36: of voltages between
    phases; IEEE 112 of those to neutral)."""
    table = np.array([one, two, three])
    mean = table.mean(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(100 * np.abs(table - mean).max(axis=0) / mean)


def long_term(pst: Floats) -> float:
    """Plt of twelve values of Pst: the cubic mean (IEC 61000-4-15); NaN with fewer."""
    return float(np.cbrt(np.mean(pst**3))) if len(pst) == 12 else float("nan")
