"""The unknowns of a layout at one moment: voltages of what is fed, and currents of what feeds and
draws."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix, diags_array, eye_array, hstack, vstack

from dms_apps.solver.given import Given
from dms_apps.solver.loads import drawn
from dms_apps.solver.nodal import Nodal, solve
from dms_apps.solver.solution import Options, Solution
from dms_apps.state_estimation.equations import Complex, Floats, Grid, Ints, Sparse

_LOW = 1e-3
_PERCENT = 0.01


class Firsts(NamedTuple):
    """The first row of each sort in `Unknowns.rows`.

    volts: of places of the layout.
    into:  amperes of its conductors, into the equipment.
    across, through: volts and amperes of its branches, from start to end.
    behind: volts behind sources.
    """

    volts: int
    into: int
    across: int
    through: int
    behind: int


@dataclass(frozen=True, eq=False)
class Unknowns:
    """Columns: volts of `places`, amperes of `branches`, amperes into sources.

    places:   numbers in the layout of the places that something feeds.
    branches: rows of `Layout.branches` that are fed and in service.
    sources:  conductors of sources in service.
    behind:   sources by columns: volts behind their impedance.
    volts:    of these, by the model.
    solution: the load flow with loads as given; where it did not converge, `start` has no loads.
    """

    nodal: Nodal
    solution: Solution
    places: Ints
    branches: Ints
    sources: Ints
    behind: Sparse
    volts: Complex
    start: Complex
    power: float

    @classmethod
    def of(cls, nodal: Nodal, given: Given, options: Options | None = None) -> Unknowns:
        """The unknowns at the moment of `nodal`, which was made with the same positions."""
        layout, options = nodal.layout, options or Options()
        loads = drawn(layout, given, nodal.island >= 0, options)
        solution = solve(layout, given, options, nodal)
        volts = solution.volts if solution.converged else nodal.factors.solve(nodal.driven)
        amperes = loads.currents(volts)
        places = np.flatnonzero(nodal.island >= 0)
        branches = np.flatnonzero(_in_service(nodal, given))
        sources = _sources(nodal, given)
        into = (nodal.through @ volts - nodal.offset)[sources]
        start = np.concatenate([volts[places], amperes[branches], into])
        total = np.abs(loads.p + 1j * loads.q).sum() * _PERCENT
        behind, stated = _behind(nodal, given, places, sources, len(branches))
        power = total or float(np.square(np.abs(volts)).max(initial=1.0))
        return cls(nodal, solution, places, branches, sources, behind, stated, start, power)

    @cached_property
    def size(self) -> int:
        """How many they are."""
        return len(self.places) + len(self.branches) + len(self.sources)

    @cached_property
    def place(self) -> Ints:
        """The column of each place of the layout; -1 where nothing feeds it."""
        return _turned(self.places, len(self.nodal.layout.places))

    @cached_property
    def branch(self) -> Ints:
        """The column of each row of `Layout.branches`; -1 of what is not fed."""
        found = _turned(self.branches, len(self.nodal.layout.branches.start))
        return np.where(found >= 0, found + len(self.places), -1)

    @cached_property
    def across(self) -> Sparse:
        """Rows of `Layout.branches` by columns: volts from start to end."""
        table = self.nodal.layout.branches
        return _unit(self.place[table.start], self.size) - _unit(
            np.where(table.end >= 0, self.place[table.end], -1), self.size
        )

    @cached_property
    def into(self) -> Sparse:
        """Conductors of the layout by columns: amperes from the place into the equipment."""
        layout = self.nodal.layout
        table, count = layout.branches, len(layout.conductors.place)
        others = np.ones(count)
        others[self.sources] = 0
        passive = diags_array(others) @ self.nodal.through[:, self.places]
        of_sources = _matrix(
            self.sources, np.arange(len(self.sources)), np.ones(len(self.sources)), count,
            len(self.sources),
        )  # fmt: skip
        rows = np.concatenate([table.row[self.branches], table.back[self.branches]])
        columns = np.tile(np.arange(len(self.branches)), 2)
        signs = np.repeat([1.0, -1.0], len(self.branches))
        on = rows >= 0
        of_branches = _matrix(rows[on], columns[on], signs[on], count, len(self.branches))
        return hstack([passive, of_branches, of_sources], format="csr")

    @cached_property
    def rows(self) -> Sparse:
        """Numbers that measurements are made of, by columns; `firsts` says which row is what."""
        of_branches = _unit(self.branch, self.size)
        volts = _unit(self.place, self.size)
        parts = [volts, self.into, self.across, of_branches, self.behind]
        return vstack(parts, format="csr")

    @cached_property
    def firsts(self) -> Firsts:
        """Where they start in `rows`."""
        layout = self.nodal.layout
        places, conductors = len(layout.places), len(layout.conductors.place)
        branches = len(layout.branches.start)
        return Firsts(*np.cumsum([0, places, conductors, branches, branches]).tolist())

    @cached_property
    def grid(self) -> Grid:
        """The laws that hold between them."""
        layout = self.nodal.layout
        places = layout.conductors.place
        every = eye_array(len(layout.places), format="csr")
        at = every[places[self.sources]].T @ self.nodal.through[self.sources]
        y = (self.nodal.y - at).tocsr()[self.places][:, self.places]
        table = layout.branches
        starts = _unit(self.place[table.start[self.branches]], len(self.places))
        end = table.end[self.branches]
        ends = _unit(np.where(end >= 0, self.place[end], -1), len(self.places))
        fed = _unit(self.place[places[self.sources]], len(self.places))
        law = hstack([y, (starts - ends).T, fed.T], format="csr")
        anchors, angles = self.behind[self.anchors], np.angle(self.volts[self.anchors])
        return Grid(law, anchors, angles, self.scale, self.power)

    @cached_property
    def anchors(self) -> Ints:
        """Which of `sources` gives the angle of its island: the first one."""
        layout = self.nodal.layout
        island = self.nodal.island[layout.conductors.place[self.sources]]
        return np.unique(island, return_index=True)[1]

    @cached_property
    def scale(self) -> Floats:
        """Volts and amperes of usual size."""
        layout, count = self.nodal.layout, len(self.places)
        volts = np.abs(self.start[:count])
        nodes = np.unique([node for node, _ in layout.places], return_inverse=True)[1]
        own = nodes[self.places]
        highest = np.zeros(nodes.max(initial=-1) + 1)
        np.maximum.at(highest, own, volts)
        volts = np.maximum(volts, _LOW * highest[own])
        volts = np.where(volts > 0, volts, 1.0)
        across = np.abs(self.across[self.branches] @ self.start)
        table = layout.branches
        least = _LOW * volts[self.place[table.start[self.branches]]]
        ends = volts[self.place[layout.conductors.place[self.sources]]]
        return np.concatenate([volts, self.power / np.maximum(across, least), self.power / ends])


def _in_service(nodal: Nodal, given: Given) -> Ints:
    layout = nodal.layout
    table, fed = layout.branches, nodal.island >= 0
    out = [layout.element[mrid] for mrid in given.out if mrid in layout.element]
    ends = np.where(table.end >= 0, fed[table.end], True)
    return np.asarray(fed[table.start] & ends & ~np.isin(table.element, out))


def _sources(nodal: Nodal, given: Given) -> Ints:
    layout = nodal.layout
    rows = [layout.rows(one.mrid) for one in layout.view.sources if one.mrid not in given.out]
    return np.array([i for each in rows for i in range(each.start, each.stop)], np.int64)


def _behind(
    nodal: Nodal, given: Given, places: Ints, sources: Ints, branches: int
) -> tuple[Sparse, Complex]:
    """Volts behind the impedance of sources: those at the place less the drop by the current in."""
    layout = nodal.layout
    drop = np.zeros((len(sources), len(sources)), np.complex128)
    volts = np.zeros(len(sources), np.complex128)
    for source in layout.view.sources:
        rows = layout.rows(source.mrid)
        own = np.flatnonzero((sources >= rows.start) & (sources < rows.stop))
        if len(own):
            drop[np.ix_(own, own)] = source.z
            volts[own] = given.volts.get(source.mrid, source.volts)
    column = _turned(places, len(layout.places))[layout.conductors.place[sources]]
    here = _unit(column, len(places) + branches)
    return hstack([here, csr_matrix(-drop)], format="csr"), volts


def _turned(numbers: Ints, size: int) -> Ints:
    """Where each number stands; -1 where it does not."""
    found = np.full(size, -1, np.int64)
    found[numbers] = np.arange(len(numbers))
    return found


def _unit(columns: Ints, size: int) -> Sparse:
    """A row with 1 at each of these columns; without any for -1."""
    on = np.flatnonzero(columns >= 0)
    return _matrix(on, columns[on], np.ones(len(on)), len(columns), size)


def _matrix(rows: Ints, columns: Ints, values: Floats, height: int, width: int) -> Sparse:
    return csr_matrix((values.astype(np.complex128), (rows, columns)), (height, width))
