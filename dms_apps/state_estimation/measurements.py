"""Measurements as columns: what is known of the present, and how well.

Load convention: power and current count from the place into the equipment.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property

import numpy as np
from scipy.sparse import vstack

from dms_apps.solver.naming import titled_of
from dms_apps.state_estimation.equations import Floats, Ints, Kind, Quantities
from dms_apps.state_estimation.unknowns import Unknowns


class Origin(IntEnum):
    """Where a value comes from."""

    MEASURED = 0
    LOAD_MODEL = 1
    SOURCE_MODEL = 2


@dataclass(frozen=True)
class Accuracy:
    """Standard deviations, as shares, for what says none itself.

    volts, amperes, power: of a measured value; of the nominal voltage for volts.
    load:   of watts and of var each, of the apparent power that a load model gives.
    source: of the voltage behind a source, by its model.
    turn:   radians, of the angles of a source's other phases from its first one.
    least:  of a sigma of power or current, of the usual size (see `Unknowns.power`); of voltage a
            tenth of this share of the nominal one, and of an angle a tenth of it in radians.
            Smaller sigmas are raised: together with large ones they would spoil the figures.
    """

    volts: float = 0.005
    amperes: float = 0.01
    power: float = 0.02
    load: float = 0.3
    source: float = 0.02
    turn: float = 0.01
    least: float = 1e-3


@dataclass(frozen=True, eq=False)
class Measurements:
    """All that is known, one row each.

    name:   how sentences call it.
    mrid:   of the measurement in the model; of the load or source whose model it is.
    node:   mRID of where it is; empty for models.
    origin: `Origin`.
    kind:   `Kind`; value and sigma in V, A, W or var.
    raised: whether sigma was smaller, and was raised to the least.
    """

    name: tuple[str, ...]
    mrid: tuple[str, ...]
    node: tuple[str, ...]
    origin: Ints
    kind: Ints
    value: Floats
    sigma: Floats
    raised: Ints
    quantities: Quantities
    remarks: tuple[str, ...]


@dataclass(eq=False)
class Gathering:
    """Measurements of some unknowns, while they are put together."""

    unknowns: Unknowns
    accuracy: Accuracy
    remarks: list[str] = field(default_factory=list)
    _names: list[tuple[str, str, str]] = field(default_factory=list)
    _values: list[tuple[float, ...]] = field(default_factory=list)
    _terms: list[tuple[int, int, int]] = field(default_factory=list)
    _pairs: list[tuple[int, int]] = field(default_factory=list)

    def add(
        self,
        name: tuple[str, str],
        origin: Origin,
        kind: Kind,
        value: float,
        sigma: float,
        terms: Iterable[tuple[int, int]],
        node: str = "",
    ) -> None:
        """One measurement.

        name:  how it is called, and its mRID.
        node:  mRID of where it is.
        terms: rows of `Unknowns.rows`: of volts or amperes and -1, or for power of both.
        """
        terms = list(terms)
        least = self._least(kind, terms)
        number = len(self._values)
        self._names.append((*name, node))
        self._values.append((origin, kind, value, max(sigma, least), sigma < least))
        self._terms += [(number, one, two) for one, two in terms]

    def between(self, one: int, two: int) -> int:
        """The row of the volts between two places of the layout."""
        self._pairs.append((one, two))
        return int(self.unknowns.rows.shape[0]) + len(self._pairs) - 1

    def done(self) -> Measurements:
        """The columns."""
        rows = self.unknowns.rows
        if self._pairs:
            one, two = np.array(self._pairs).T
            rows = vstack([rows, rows[one] - rows[two]], format="csr")
        table = np.array(self._values, np.float64).reshape(-1, 5)
        owner, one, two = np.array(self._terms, np.int64).reshape(-1, 3).T
        kind = table[:, 1].astype(np.int64)
        return Measurements(
            tuple(name for name, _, _ in self._names),
            tuple(mrid for _, mrid, _ in self._names),
            tuple(node for _, _, node in self._names),
            table[:, 0].astype(np.int64),
            kind,
            table[:, 2],
            table[:, 3],
            table[:, 4].astype(np.int64),
            Quantities(rows, kind, owner, one, two),
            (*self.remarks, *self._raised(table[:, 4])),
        )

    def _least(self, kind: Kind, terms: Sequence[tuple[int, int]]) -> float:
        share = self.accuracy.least
        if kind in (Kind.ACTIVE, Kind.REACTIVE):
            return share * self.unknowns.power
        if kind is Kind.ANGLE:
            return share / 10
        row = terms[0][0]
        if self._is_volts(row):
            own = row if row < len(self._usual) else self._pairs[row - len(self._usual)][0]
            return share / 10 * float(self._usual[own])
        place = self.unknowns.nodal.layout.conductors.place[row - self.unknowns.firsts.into]
        usual = self.unknowns.scale[self.unknowns.place[place]]
        return share * self.unknowns.power / float(usual)

    @cached_property
    def _usual(self) -> Floats:
        """The usual size of each row of `Unknowns.rows`."""
        return np.asarray(abs(self.unknowns.rows) @ self.unknowns.scale)

    def _is_volts(self, row: int) -> bool:
        firsts = self.unknowns.firsts
        return not (firsts.into <= row < firsts.across or firsts.through <= row < firsts.behind)

    def _raised(self, raised: Floats) -> list[str]:
        names = [name for (name, _, _), up in zip(self._names, raised, strict=True) if up]
        if not names:
            return []
        some = ", ".join(names[:5]) + (" and others" if len(names) > 5 else "")
        return [
            f"{len(names)} standard deviations were below the least of"
            f" {self.accuracy.least:g} of the usual size and raised to it: {some}."
        ]


def assume(gathering: Gathering) -> None:
    """What models say of loads, generators and sources, with their sigmas."""
    _loads(gathering)
    _sources(gathering)


def _loads(gathering: Gathering) -> None:
    """Watts and var of each part of a load or generator, at the voltages of the load flow."""
    unknowns = gathering.unknowns
    layout, firsts, rows = unknowns.nodal.layout, unknowns.firsts, unknowns.branches
    amperes = unknowns.start[len(unknowns.places) : len(unknowns.places) + len(rows)]
    powers = (unknowns.across[rows] @ unknowns.start) * np.conj(amperes)
    for row, power in zip(rows.tolist(), powers.tolist(), strict=True):
        mrid = layout.elements[layout.branches.element[row]]
        kind = layout.kinds[layout.branches.element[row]]
        phase = layout.places[layout.branches.start[row]][1]
        name = f"model of {kind} {titled_of(layout.names, mrid)}, phase {phase}"
        sigma = gathering.accuracy.load * abs(power)
        term = [(firsts.across + row, firsts.through + row)]
        for part, value in ((Kind.ACTIVE, power.real), (Kind.REACTIVE, power.imag)):
            gathering.add((name, mrid), Origin.LOAD_MODEL, part, value, sigma, term)


def _sources(gathering: Gathering) -> None:
    """The voltage behind each source: its size, and its angle where it is not the anchor."""
    unknowns, accuracy = gathering.unknowns, gathering.accuracy
    layout, firsts = unknowns.nodal.layout, unknowns.firsts
    anchors = set(unknowns.anchors.tolist())
    for number, (row, volts) in enumerate(
        zip(unknowns.sources.tolist(), unknowns.volts.tolist(), strict=True)
    ):
        mrid = layout.elements[layout.conductors.element[row]]
        called = titled_of(layout.names, mrid)
        name = f"model of source {called}, phase {layout.conductors.phase[row]}", mrid
        term = [(firsts.behind + number, -1)]
        size = abs(volts)
        gathering.add(name, Origin.SOURCE_MODEL, Kind.MAGNITUDE, size, accuracy.source * size, term)
        if number not in anchors:
            angle = float(np.angle(volts))
            gathering.add(name, Origin.SOURCE_MODEL, Kind.ANGLE, angle, accuracy.turn, term)
