"""What loads and generators draw at given voltages (IEC 61970-301, LoadResponseCharacteristic)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dms_apps.solver.given import Given
from dms_apps.solver.layout import Branches, Ints, Layout
from dms_apps.solver.solution import Complex, Options, summed

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Drawn:
    """The parts of loads and generators that are fed now.

    p, q:    watts and var at nominal voltage, by row of `branches`; 0 where nothing feeds it.
    between: per unit, outside of which a load is an impedance.
    """

    branches: Branches
    places: int
    conductors: int
    p: Floats
    q: Floats
    between: tuple[float, float]

    def currents(self, volts: Complex) -> Complex:
        """Amperes by row, from `start` to `end`."""
        table = self.branches
        across = volts[table.start] - np.where(table.end >= 0, volts[table.end], 0)
        fed = (self.p != 0) | (self.q != 0)
        size = np.where(fed, np.abs(across), 1.0)
        nominal = np.where(np.isnan(table.nominal), size, table.nominal)
        u = size / nominal
        near = np.clip(u, *self.between)
        beyond = (u / near) ** 2
        # By exponents OpenDSS leaves the band with a jump, to the impedance of the rated power.
        nearer = np.where(near == u, near, np.nan)
        p, q = (_scaled(near, nearer, some) for some in np.hsplit(table.shares, 2))
        power = (self.p * p + 1j * self.q * q) * beyond
        return np.asarray(np.where(fed, np.conj(power / np.where(fed, across, 1)), 0))

    def at_places(self, volts: Complex) -> Complex:
        """Amperes drawn from each place."""
        table, drawn = self.branches, self.currents(volts)
        return _spread(table.start, table.end, drawn, self.places)

    def at_conductors(self, volts: Complex) -> Complex:
        """Amperes by conductor of the layout, into the load."""
        table, drawn = self.branches, self.currents(volts)
        return _spread(table.row, table.back, drawn, self.conductors)


def drawn(layout: Layout, given: Given, fed: NDArray[np.bool_], options: Options) -> Drawn:
    """What loads and generators draw now.

    fed: by place, whether something feeds it.
    """
    table = layout.branches
    p, q = table.p.copy(), table.q.copy()
    for said, sign in ((given.loads, 1), (given.fed, -1)):
        if said:
            rows = np.concatenate([layout.parts[mrid] for mrid in said])
            powers = sign * np.concatenate(list(said.values()))
            p[rows], q[rows] = powers.real, powers.imag
    lit = served(layout, given, fed)
    low, high = options.low, options.high
    return Drawn(
        table,
        len(layout.places),
        len(layout.conductors.place),
        np.where(lit, p, 0),
        np.where(lit, q, 0),
        (max(low, 1e-6), high),
    )


def served(layout: Layout, given: Given, fed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which rows of `Layout.branches` are in service with something that feeds them.

    fed: by place, whether something feeds it.
    """
    table = layout.branches
    out = [layout.element[mrid] for mrid in given.out if mrid in layout.element]
    lit = fed[table.start] & np.where(table.end >= 0, fed[table.end], True)
    return np.asarray(lit & ~np.isin(table.element, out), np.bool_)


def rows_of(layout: Layout, mrid: str) -> Ints:
    """The rows of `Layout.branches` of a load or generator.  Raises: KeyError."""
    return layout.parts[mrid]


def _scaled(u: Floats, inside: Floats, shares: Floats) -> Floats:
    """By shares of impedance, current and power, or by the exponent where there is one.

    inside: the same per unit, NaN outside of the band in which exponents hold.
    """
    mixed = shares[:, 0] * u**2 + shares[:, 1] * u + shares[:, 2]
    exponent = shares[:, 3]
    raised = np.nan_to_num(inside ** np.nan_to_num(exponent), nan=1.0)
    return np.where(np.isnan(exponent), mixed, raised)


def _spread(start: Ints, end: Ints, values: Complex, size: int) -> Complex:
    found = summed(start, values, size)
    inner = end >= 0
    return found - summed(end[inner], values[inner], size)
