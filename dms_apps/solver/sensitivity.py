"""How powers at conductors follow loads: the derivatives of a solved load flow.

Adjoint: one column for each power asked for, whatever the number of loads, on the factors of the
admittance matrix that the load flow has.  What loads do at changed voltages is a series, whose
terms shrink as the iterations of the load flow do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from dms_apps.solver.layout import Ints
from dms_apps.solver.loads import Drawn
from dms_apps.solver.nodal import Nodal
from dms_apps.solver.solution import Complex, Solution

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_ENOUGH = 1e-3
_TERMS = 40


def powers_by_loads(
    matrix: Nodal, solution: Solution, drawn: Drawn, lit: Bools, rows: Ints
) -> Floats:
    """Derivatives of watts, then var, at conductors (below one another) by watts, then var, at
    nominal voltage of the rows of `Layout.branches` (beside one another).

    drawn: what the solution was made with.
    lit:   which rows of `Layout.branches` are served.
    """
    layout = matrix.layout
    ends, volts = _incidence(matrix), solution.volts
    place = layout.conductors.place[rows]
    of_v, of_i = volts[place].conj()[:, None], solution.current[rows].conj()[:, None]
    turned = np.array([1, 1j])[:, None, None]
    at = np.zeros((len(rows), len(layout.places)), np.complex128)
    at[np.arange(len(rows)), place] = 1
    # The real part of dS is that of conj(I) dV + conj(V) dI; the imaginary one is turned.
    explicit = turned * (of_v * matrix.through[rows].toarray()) + turned.conj() * (of_i * at)
    own = 1.0 * (rows[:, None] == layout.branches.row) - (rows[:, None] == layout.branches.back)
    total = _series(matrix, ends, drawn, volts, _flat(explicit), _flat(turned * of_v * own))
    by_p, by_q = _by_parts(drawn, lit, volts)
    return np.hstack([(total * by_p).real, (total * by_q).real])


def shares(matrix: Nodal, solution: Solution, rows: Ints, sources: Ints) -> Complex:
    """Of what each row of `Layout.branches` draws, the share that flows at conductors.

    Complex, for phases of a delta, and without losses: at voltages that stay, and of what all
    sources supply together.
    sources: conductors of all of them.
    """
    layout, volts = matrix.layout, solution.volts
    table, every = layout.branches, np.concatenate([rows, sources])
    seen = -_reached(matrix, _incidence(matrix), matrix.through[every].toarray())
    seen += 1.0 * (every[:, None] == table.row) - (every[:, None] == table.back)
    u = volts[table.start] - np.where(table.end >= 0, volts[table.end], 0)
    flows = volts[layout.conductors.place[every]][:, None] * seen.conj() / np.where(u != 0, u, 1)
    whole = -flows[len(rows) :].sum(axis=0)
    return np.asarray(flows[: len(rows)] / np.where(np.abs(whole) > 0.1, whole, 1), np.complex128)


def _series(
    matrix: Nodal, ends: csr_matrix, drawn: Drawn, volts: Complex, explicit: Complex, own: Complex
) -> Complex:
    """What each ampere of a load does, with what all loads do at the voltages that follow."""
    bend = _bend(drawn, volts)
    term = own - _reached(matrix, ends, explicit)
    total, first = term.copy(), np.abs(term).max(initial=0)
    for _ in range(_TERMS):
        back = term * bend.straight + (term * bend.mirrored).conj()
        term = -_reached(matrix, ends, (ends @ back.T).T)
        total += term
        if np.abs(term).max(initial=0) <= _ENOUGH * first:
            break
    return total


def _reached(matrix: Nodal, ends: csr_matrix, explicit: Complex) -> Complex:
    solved = matrix.factors.solve(np.ascontiguousarray(explicit.T), "T")
    return np.asarray((ends.T @ solved).T, np.complex128)


@dataclass(frozen=True, eq=False)
class _Bend:
    """Amperes of loads by volts across them: d = straight * dU + mirrored * conj(dU)."""

    straight: Complex
    mirrored: Complex


def _bend(drawn: Drawn, volts: Complex) -> _Bend:
    """By how the currents change when all voltages grow by a little, watts and var apart."""
    u = _across(drawn, volts)
    none, step = np.zeros(len(drawn.p)), 1e-6
    straight, mirrored = np.zeros_like(u), np.zeros_like(u)
    for part in (replace(drawn, q=none), replace(drawn, p=none)):
        now, grown = part.currents(volts), part.currents(volts * (1 + step))
        size = np.where(now != 0, now, 1)
        # The power goes with the voltage to this exponent, the current with one less.
        exponent = np.where(now != 0, ((grown / size - 1) / step).real + 1, 0)
        straight += now * exponent / 2 / u
        mirrored += now * (exponent / 2 - 1) / u.conj()
    return _Bend(straight, mirrored)


def _by_parts(drawn: Drawn, lit: Bools, volts: Complex) -> tuple[Complex, Complex]:
    """Amperes by watt and by var of each load."""
    one, none = lit.astype(np.float64), np.zeros(len(lit))
    p = replace(drawn, p=one, q=none).currents(volts)
    return p, replace(drawn, p=none, q=one).currents(volts)


def _across(drawn: Drawn, volts: Complex) -> Complex:
    table = drawn.branches
    u = volts[table.start] - np.where(table.end >= 0, volts[table.end], 0)
    return np.asarray(np.where(u != 0, u, 1), np.complex128)


def _incidence(matrix: Nodal) -> csr_matrix:
    """Places by rows of `Layout.branches`: 1 where a row begins, -1 where it ends."""
    table = matrix.layout.branches
    count = np.arange(len(table.start))
    inner = table.end >= 0
    values = np.concatenate([np.ones(len(count)), -np.ones(int(inner.sum()))])
    at = np.concatenate([table.start, table.end[inner]]), np.concatenate([count, count[inner]])
    return csr_matrix((values, at), (len(matrix.layout.places), len(count)))


def _flat(values: Complex) -> Complex:
    return np.asarray(values.reshape(-1, values.shape[-1]), np.complex128)
