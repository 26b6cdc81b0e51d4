"""What loads and generators draw at given voltages (IEC 61970-301, LoadResponseCharacteristic)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dms_apps.solver.given import Given, Listed
from dms_apps.solver.layout import Branches, Ints, Layout
from dms_apps.solver.solution import Complex, Options, summed

Floats = NDArray[np.float64]
_LEAST = 1e-6
_EVERYWHERE = (_LEAST, np.inf)


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
        power = self.p + 1j * self.q
        if not table.constant or self.between != _EVERYWHERE:
            power = self._followed(np.where(fed, np.abs(across), 1.0))
        return np.asarray(np.where(fed, np.conj(power / np.where(fed, across, 1)), 0))

    def _followed(self, size: Floats) -> Complex:
        """Volt-amperes at these volts."""
        table = self.branches
        nominal = np.where(np.isnan(table.nominal), size, table.nominal)
        u = size / nominal
        near = np.clip(u, *self.between)
        # By exponents OpenDSS leaves the band with a jump, to the impedance of the rated power.
        rows = table.by_exponent
        base = np.where(near == u, near, 1.0)[rows]
        p, q = (_scaled(near, some, rows, base) for some in np.hsplit(table.shares, 2))
        return np.asarray((self.p * p + 1j * self.q * q) * (u / near) ** 2)

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
    return asked(layout, given, np.flatnonzero(~served(layout, given, fed)), options)


def asked(layout: Layout, given: Given, dark: Ints, options: Options) -> Drawn:
    """What loads and generators draw now.

    dark: the rows of `Layout.branches` that nothing feeds; see `served`.
    """
    table = layout.branches
    p, q = table.p.copy(), table.q.copy()
    if given.loads:
        rows, powers = _listed(layout, given.loads)
        p[rows], q[rows] = powers.real, powers.imag
    if given.fed:
        rows, powers = _listed(layout, given.fed)
        p[rows], q[rows] = -powers.real, -powers.imag
    if len(dark):
        p[dark] = q[dark] = 0
    low, high = options.low, options.high
    return Drawn(
        table,
        len(layout.places),
        len(layout.conductors.place),
        p,
        q,
        (low, high) if low > 0 else (_LEAST, high),
    )


def served(layout: Layout, given: Given, fed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which rows of `Layout.branches` are in service with something that feeds them.

    fed: by place, whether something feeds it.
    """
    table = layout.branches
    lit = fed[table.start] & ((table.end < 0) | fed[table.end])
    out = [layout.element[mrid] for mrid in given.out if mrid in layout.element]
    if out:
        lit &= ~np.isin(table.element, out)
    return np.asarray(lit, np.bool_)


def _listed(layout: Layout, said: Mapping[str, Complex]) -> tuple[Ints, Complex]:
    """Rows of `Layout.branches` and what is given of them."""
    if isinstance(said, Listed):
        return layout.gathered(said.mrids), said.powers
    if len(said) > 1:
        return layout.gathered(tuple(said)), np.concatenate(list(said.values()))
    [(mrid, powers)] = said.items()
    return layout.parts[mrid], np.asarray(powers)


def rows_of(layout: Layout, mrid: str) -> Ints:
    """The rows of `Layout.branches` of a load or generator.  Raises: KeyError."""
    return layout.parts[mrid]


def _scaled(u: Floats, shares: Floats, rows: Ints, base: Floats) -> Floats:
    """By shares of impedance, current and power; in these rows by the exponent, of `base`."""
    found = shares[:, 0] * u**2 + shares[:, 1] * u + shares[:, 2]
    found[rows] = base ** shares[rows, 3]
    return np.asarray(found)


def _spread(start: Ints, end: Ints, values: Complex, size: int) -> Complex:
    found = summed(start, values, size)
    inner = end >= 0
    return found - summed(end[inner], values[inner], size)
