"""What protective devices see of faults: the currents through them, fault by fault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dms_apps.solver.fault_levels import Levels
from dms_apps.solver.faults import Before
from dms_apps.solver.solution import Complex

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Through:
    """Currents through devices during the faults of `levels`.

    How the current of a conductor follows from what faults draw at all places is one solution of
    the transposed network for each pole, whatever the number of faults.
    """

    before: Before
    levels: Levels

    def of(self, device: str, rows: NDArray[np.int64]) -> Complex:
        """(rows, poles) amperes from the first terminal through each pole during these faults."""
        poles, share = self._poles(device)
        levels = self.levels
        kept = np.where(levels.places[rows] >= 0, levels.places[rows], 0)
        drawn = np.einsum("rf,prf->rp", levels.current[rows], share[:, kept])
        return np.asarray(self._open(poles) - drawn)

    def _poles(self, device: str) -> tuple[list[int], Complex]:
        """The conductors at its first terminal, and by place the amperes of each for an ampere
        that is fed in there."""
        layout = self.before.layout
        rows = layout.rows(device)
        poles = list(range(rows.start, rows.start + (rows.stop - rows.start) // 2))
        through = self.before.nodal.through[poles].toarray().astype(np.complex128)
        solve = self.before.nodal.factors.solve
        return poles, np.array([solve(row, trans="T") for row in through])

    def _open(self, poles: Sequence[int]) -> Complex:
        """Amperes before the fault, with inverters at their limit."""
        before = self.before
        raised = before.volts - before.volts_of
        change = before.nodal.through[list(poles)] @ raised
        return np.asarray(before.current_of[list(poles)] + change)


def in_phase(current: Complex) -> Floats:
    """Amperes in the pole that carries most, by fault."""
    return np.asarray(np.abs(current).max(axis=-1, initial=0.0))


def residual(current: Complex) -> Floats:
    """Amperes of all poles together, by fault: what returns through earth or neutral."""
    return np.asarray(np.abs(current.sum(axis=-1)))
