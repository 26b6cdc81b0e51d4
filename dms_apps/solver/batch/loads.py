"""Loads and generators as power-grid-model has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from power_grid_model import LoadGenType

from cim.electrical.ports import ABC
from dms_apps.solver.layout import Layout

TYPES = (LoadGenType.const_impedance, LoadGenType.const_current, LoadGenType.const_power)


@dataclass(frozen=True, eq=False)
class Loads:
    """Loads and generators, as rows of `asym_load`: one for each of impedance, current and power
    that a load has any of.

    mrids:  in their order.
    first:  row of each, and one more at the end.
    factor: by row and phase what a volt-ampere of the load is there, real part for p, imaginary
            one for q; 0 where it has no such phase.
    part:   by row and phase which part of the load that is.
    base:   volt-amperes drawn by the parts of each load, as the models say.
    """

    mrids: tuple[str, ...]
    first: NDArray[np.int64]
    factor: NDArray[np.complex128]
    part: NDArray[np.int64]
    base: tuple[NDArray[np.complex128], ...]

    def drawn(
        self, numbers: Sequence[int], powers: NDArray[np.complex128]
    ) -> NDArray[np.complex128]:
        """VA by scenario, row and phase of some loads, of powers by scenario and part."""
        rows = [row for n in numbers for row in range(*self.first[n : n + 2])]
        before = np.cumsum([0, *(len(self.base[n]) for n in numbers)])[:-1]
        begin = np.repeat(before, np.diff(self.first)[list(numbers)])
        chosen, factor = powers[:, begin[:, None] + self.part[rows]], self.factor[rows]
        chosen.real *= factor.real
        chosen.imag *= factor.imag
        return chosen


def shares(
    layout: Layout, rows: NDArray[np.int64], volts: float
) -> tuple[NDArray[np.complex128], NDArray[np.int64]]:
    """By kind (impedance, current, power) and phase factors of p and q; by phase which part."""
    table = layout.branches
    factor, part = np.zeros((3, 3), np.complex128), np.zeros(3, np.int64)
    for number, row in enumerate(rows.tolist()):
        phase = ABC.index(layout.places[table.start[row]][1])
        nominal = table.nominal[row]
        ratio = volts / nominal if nominal > 0 else 1.0
        own = table.shares[row]
        factor[:, phase] = (own[:3] + 1j * own[4:7]) * [ratio**2, ratio, 1.0]
        part[phase] = number
    return factor, part
