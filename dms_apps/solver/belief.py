"""What is believed of loads before telemetry of the network is looked at, in columns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dms_apps.solver.given import Given, Listed
from dms_apps.solver.layout import Layout
from dms_apps.solver.loads import rows_of
from dms_apps.solver.solution import Complex

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_LEAST = 0.1
"""Of its deviation, what a load has in watts or var where it draws none."""


@dataclass(frozen=True, eq=False)
class Belief:
    """By row of `Layout.branches`; rows of generators are there and do not move.

    power: volt-amperes drawn at nominal voltage.
    sigma: standard deviation, volt-amperes; 0: it is known.
    bound: how many standard deviations it may move at most: of what was measured a few, of what
           was guessed infinity.  A load that draws never comes to feed in.
    """

    power: Complex
    sigma: Floats
    bound: Floats

    @classmethod
    def by_size(cls, layout: Layout, given: Given, share: float = 0.5) -> Belief:
        """Each variance in proportion to apparent power, so that loads under one meter are scaled
        alike.

        share: standard deviation of a load of mean size, as a share of it.
        """
        power = powers(layout, given)
        size = np.abs(power) * of_loads(layout)
        mean = size.sum() / max(np.count_nonzero(size), 1)
        return cls(power, share * np.sqrt(size * mean), np.full(len(size), np.inf))

    def spread(self, *, apart: bool) -> Floats:
        """Standard deviations of watts, then of var.

        apart: variances in proportion to watts and to var, so that both are scaled alike where both
               are measured; else alike, so that a current scales both and power factors stay.
        """
        size = np.where(self.power != 0, np.abs(self.power), 1)
        parts = np.abs(np.concatenate([self.power.real, self.power.imag])) / np.tile(size, 2)
        kept = np.maximum(np.sqrt(parts), _LEAST) if apart else np.ones(2 * len(size))
        return np.asarray(np.tile(self.sigma, 2) * kept, np.float64)

    def of(self, layout: Layout) -> Listed:
        """The power of each load by mRID, as `Given.loads` has it."""
        return by_load(layout, self.power)


def of_loads(layout: Layout) -> Bools:
    """Which rows of `Layout.branches` are of loads."""
    load = np.array([kind == "load" for kind in layout.kinds], np.bool_)
    return np.asarray(load[layout.branches.element], np.bool_)


def powers(layout: Layout, given: Given) -> Complex:
    """Volt-amperes by row of `Layout.branches`: as given, else as the model says."""
    found = layout.branches.p + 1j * layout.branches.q
    for said, sign in ((given.loads, 1), (given.fed, -1)):
        for mrid, some in said.items():
            found[rows_of(layout, mrid)] = sign * some
    return found


def by_load(layout: Layout, power: Complex) -> Listed:
    """Rows of `Layout.branches` as `Given.loads` has them."""
    order = _order(layout)
    return order.now(power[: len(order.powers)])


@lru_cache(maxsize=4)
def _order(layout: Layout) -> Listed:
    """Loads come before generators."""
    elements = layout.branches.element
    start = len(layout.elements) - len(layout.view.loads) - len(layout.view.generators)
    numbers = np.arange(start, start + len(layout.view.loads) + 1)
    first = np.searchsorted(elements, numbers)
    mrids = tuple(load.mrid for load in layout.view.loads)
    return Listed(mrids, first, np.zeros(first[-1], np.complex128))
