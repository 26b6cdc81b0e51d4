"""Faults of every kind at every node at once, as columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dms_apps.solver.faults import Before, Fault, Impedance, drawn, kind
from dms_apps.solver.layout import Ints
from dms_apps.solver.solution import Complex

Bools = NDArray[np.bool_]

_MOST = 3
"""Faulted places at a node."""


@dataclass(frozen=True, eq=False)
class Levels:
    """Faults at many nodes, a row each.

    node:    number in `nodes`.
    places:  (rows, 3) numbers of the faulted places; -1 beyond the last.
    earth:   whether earth is part of it.
    current: (rows, 3) amperes out of these places; 0 beyond the last.
    volts:   (rows, 3) before the fault, likewise.
    """

    before: Before
    impedance: Impedance
    nodes: tuple[str, ...]
    node: Ints
    places: Ints
    earth: Bools
    current: Complex
    volts: Complex

    @cached_property
    def highest(self) -> NDArray[np.float64]:
        """Amperes in the phase that carries most, by row."""
        return np.asarray(np.abs(self.current).max(axis=1))

    @cached_property
    def to_earth(self) -> NDArray[np.float64]:
        """Amperes into earth, by row."""
        return np.asarray(np.where(self.earth, np.abs(self.current.sum(axis=1)), 0.0))

    @cached_property
    def x_r(self) -> NDArray[np.float64]:
        """Reactance over resistance of the loop, without the impedance of the fault; infinite
        where there is no resistance."""
        z, arc = self.impedance, np.abs(self.current) ** 2
        power = (self.volts * self.current.conj()).sum(axis=1) - z.arc * arc.sum(axis=1)
        power = power - z.earth * self.to_earth**2
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.where(power.real > 0, power.imag / power.real, np.inf))

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """The name of each."""
        earth = self.earth.tolist()
        return tuple(
            kind(self.phases(row), earth=with_earth) for row, with_earth in enumerate(earth)
        )

    def phases(self, row: int) -> tuple[str, ...]:
        """Those that are faulted in one row."""
        return tuple(self.before.layout.places[i][1] for i in self.places[row] if i >= 0)

    def fault(self, row: int) -> Fault:
        """One row as a fault, to be computed in the whole network."""
        node = self.nodes[self.node[row]]
        return Fault(node, self.phases(row), bool(self.earth[row]), self.impedance)

    def extremes(self, rows: Bools | None = None) -> tuple[NDArray[np.float64], ...]:
        """Lowest and highest current by node, of these rows; NaN where it has none."""
        low, high = np.full(len(self.nodes), np.inf), np.full(len(self.nodes), -np.inf)
        chosen = slice(None) if rows is None else rows
        np.minimum.at(low, self.node[chosen], self.highest[chosen])
        np.maximum.at(high, self.node[chosen], self.highest[chosen])
        return np.where(np.isinf(low), np.nan, low), np.where(np.isinf(high), np.nan, high)


def everywhere(
    before: Before,
    impedance: Impedance | None = None,
    nodes: Sequence[str] | None = None,
) -> Levels:
    """All faults that the phases of each node allow: 3ph, 2ph and 1ph, with earth and without.

    nodes: only these; all that something feeds when None.  Raises: KeyError for one that nothing
    feeds.
    """
    from dms_apps.solver.inverse import blocks  # numba takes a third of a second to load

    impedance = impedance or Impedance()
    names = tuple(before.nodes) if nodes is None else tuple(nodes)
    own = [before.nodes[name] for name in names]
    parts = list(_parts(before, impedance, own, blocks(before.nodal.factors, own)))
    columns = [list(column) for column in zip(*parts, strict=True)] or [[] for _ in range(5)]
    node = np.concatenate([np.empty(0, np.int64), *columns[0]])
    order = np.argsort(node, kind="stable")
    return Levels(
        before,
        impedance,
        names,
        node[order],
        _wide(columns[1], -1, np.int64)[order],
        np.concatenate([np.empty(0, np.bool_), *columns[2]])[order],
        _wide(columns[3], 0, np.complex128)[order],
        _wide(columns[4], 0, np.complex128)[order],
    )


def _parts(
    before: Before, impedance: Impedance, own: Sequence[tuple[int, ...]], z: Sequence[Complex]
) -> Iterator[tuple[Ints, Ints, Bools, Complex, Complex]]:
    """Nodes, places, whether with earth, currents and volts: one kind of fault at nodes alike.

    own: places of each node; z: ohm between them.
    """
    for at in _alike(before, own):
        places, inner = np.array([own[n] for n in at]), np.array([z[n] for n in at])
        phases = [before.layout.places[i][1] for i in places[0]]
        floating = bool(before.floating[places[0, 0]])
        for chosen, earth in _faults(phases):
            some = places[:, chosen]
            volts = before.volts[some]
            block = inner[:, chosen][:, :, chosen]
            current = drawn(block, volts, impedance, earth=earth and not floating)
            yield np.array(at), some, np.full(len(at), earth), current, volts


def _alike(before: Before, own: Sequence[tuple[int, ...]]) -> list[list[int]]:
    """Groups of nodes with the same phases that all have a way to earth, or none."""
    found: dict[tuple[bool, tuple[str, ...]], list[int]] = {}
    for n, places in enumerate(own):
        phases = tuple(before.layout.places[i][1] for i in places)
        found.setdefault((bool(before.floating[places[0]]), phases), []).append(n)
    return list(found.values())


def _faults(phases: Sequence[str]) -> Iterator[tuple[list[int], bool]]:
    """Which of these phases, and whether with earth."""
    own = [i for i, phase in enumerate(phases) if phase != "N"]
    for size in range(min(len(own), _MOST), 0, -1):
        for chosen in combinations(own, size):
            if size > 1:
                yield list(chosen), False
            yield list(chosen), True
    for neutral in (i for i, phase in enumerate(phases) if phase == "N"):
        for i in own:
            yield [i, neutral], False


def _wide(some: list[Any], empty: int, dtype: Any) -> Any:
    """Rows of up to three, one under the other."""
    padded = [np.pad(x, ((0, 0), (0, _MOST - x.shape[1])), constant_values=empty) for x in some]
    return np.concatenate([np.empty((0, _MOST), dtype), *padded])
