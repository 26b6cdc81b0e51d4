"""Numbers for the places of an electrical view, and for the conductors through which equipment
meets them: made once, the same for every moment of the view."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cim.electrical import yprim
from cim.electrical.earths import Earth
from cim.electrical.injections import Generator, Load, Source
from cim.electrical.lines import Line
from cim.electrical.shunts import Shunt
from cim.electrical.switches import Switch
from cim.electrical.transformers import Transformer
from cim.electrical.view import View
from cim.electrical.yprim import Place, Primitive
from dms_apps.solver.afloat import afloat
from dms_apps.solver.naming import titled
from dms_apps.solver.per_unit import nominal

Ints = NDArray[np.int64]
Parts = list[tuple[str, str]]

STIFF = 1e-6
"""Ohm, behind a source that the model gives no impedance."""


@dataclass(frozen=True, eq=False)
class Conductors:
    """A row for each phase of each terminal.

    element: number of the equipment in `Layout.elements`.
    place:   number of the place in `Layout.places`.
    terminal, phase: as the model has them.
    """

    element: Ints
    place: Ints
    terminal: Sequence[str]
    phase: Sequence[str]


@dataclass(frozen=True, eq=False)
class Branches:
    """The parts of loads and generators, as columns, one row each.

    start, end: numbers of places; -1 for earth.
    row, back:  the conductors that carry the current in and back; -1 for earth.
    element:    number of the equipment.
    part:       which part of its load or generator it is.
    p, q:       watts and var drawn at nominal voltage; of a generator negative.
    nominal:    volts across the part at which that holds; NaN where nothing says it.
    shares:     of p: impedance, current, power, exponent; of q likewise; NaN where none.
    """

    start: Ints
    end: Ints
    row: Ints
    back: Ints
    element: Ints
    part: Ints
    p: NDArray[np.float64]
    q: NDArray[np.float64]
    nominal: NDArray[np.float64]
    shares: NDArray[np.float64]

    @cached_property
    def by_exponent(self) -> Ints:
        """Rows that follow the voltage by exponents."""
        return np.flatnonzero(~np.isnan(self.shares[:, 3]))

    @cached_property
    def constant(self) -> bool:
        """Whether all rows are of constant power."""
        follows = self.shares[:, [0, 1, 4, 5]].any()
        return not follows and not len(self.by_exponent)


@dataclass(frozen=True, eq=False)
class Layout:
    """A view with numbers.

    elements:   mRIDs: lines, transformers, shunts, sources and earths (those with a primitive
                admittance, in this order), then switches, loads, generators.
    primitives: of the first of them, as the models say.
    first:      the first conductor of each element; one more at the end.
    remarks:    what was taken otherwise than stated, in sentences.
    """

    view: View
    places: tuple[Place, ...]
    number: Mapping[Place, int]
    elements: tuple[str, ...]
    element: Mapping[str, int]
    primitives: tuple[Primitive, ...]
    first: Ints
    conductors: Conductors
    branches: Branches
    remarks: tuple[str, ...]

    @classmethod
    def of(cls, view: View) -> Layout:
        """The layout of a view."""
        stiff, remarks = _stiff(view.sources)
        view = replace(view, sources=stiff)
        primitives = tuple(_primitives(view))
        users: tuple[Load | Generator, ...] = (*view.loads, *view.generators)
        parts, strays = _parted(users, afloat(view))
        rows = [
            *(list(zip(p.places, p.terminals, strict=True)) for p in primitives),
            *(_of_switch(switch) for switch in view.switches),
            *(_of_user(user, some) for user, some in zip(users, parts, strict=True)),
        ]
        elements = tuple(
            [one.mrid for one in _passive(view)]
            + [one.mrid for one in view.switches]
            + [one.mrid for one in users]
        )
        first = np.cumsum([0, *map(len, rows)])
        flat = [one for each in rows for one in each]
        places = tuple(dict.fromkeys(place for place, _ in flat))
        number = {place: i for i, place in enumerate(places)}
        conductors = Conductors(
            np.repeat(np.arange(len(rows)), np.diff(first)),
            np.array([number[place] for place, _ in flat], np.int64),
            tuple(terminal for _, terminal in flat),
            tuple(place[1] for place, _ in flat),
        )
        start = len(elements) - len(users)
        volts = nominal(view, places)
        table = _branches(users, parts, first[start:], conductors, number, start, volts)
        known = {mrid: i for i, mrid in enumerate(elements)}
        none = () if view.sources else ("The model has no source: nothing is supplied.",)
        said = (*none, *remarks, *strays)
        return cls(
            view, places, number, elements, known, primitives, first, conductors, table, said
        )

    @cached_property
    def nominal(self) -> NDArray[np.float64]:
        """Volts to earth by place, to which per unit refers (see `per_unit.nominal`)."""
        return nominal(self.view, self.places)

    @cached_property
    def parts(self) -> Mapping[str, Ints]:
        """The rows of `branches` by mRID of the load or generator."""
        of = self.branches.element
        number, first = np.unique(of, return_index=True)
        rows = np.split(np.arange(len(of)), first[1:])[: len(number)]
        return {self.elements[at]: own for at, own in zip(number, rows, strict=True)}

    def gathered(self, mrids: tuple[str, ...]) -> Ints:
        """The rows of `branches` of all of these, one load or generator after another.

        Those of the last ones are kept: most moments give powers of the same.  Raises: KeyError.
        """
        known, rows = self._gathered[0]
        if known is not mrids and known != mrids:
            rows = np.concatenate([self.parts[mrid] for mrid in mrids])
            self._gathered[0] = mrids, rows
        return rows

    @cached_property
    def _gathered(self) -> list[tuple[tuple[str, ...], Ints]]:
        return [((), np.empty(0, np.int64))]

    @cached_property
    def steps(self) -> Mapping[str, float]:
        """The position of every tap changer, as the models say."""
        return {one.mrid: one.step for one in self.view.tap_changers}

    @cached_property
    def sections(self) -> Mapping[str, tuple[float, ...]]:
        """The sections in service of every shunt compensator by branch, as the models say."""
        return {one.mrid: tuple(one.sections.tolist()) for one in self.view.shunts}

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """Of each element: line, transformer, shunt, source, earth, switch, load or generator."""
        view = self.view
        lists = (
            ("line", view.lines),
            ("transformer", view.transformers),
            ("shunt", view.shunts),
            ("source", view.sources),
            ("earth", view.earths),
            ("switch", view.switches),
            ("load", view.loads),
            ("generator", view.generators),
        )
        return tuple(kind for kind, some in lists for _ in some)

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Name by mRID of every element."""
        view = self.view
        others: tuple[Switch | Load | Generator, ...] = (
            *view.switches,
            *view.loads,
            *view.generators,
        )
        found = {one.mrid: one.name for one in _passive(view)}
        return found | {one.mrid: one.name for one in others}

    def rows(self, mrid: str) -> slice:
        """The conductors of an element.  Raises: KeyError."""
        at = self.element[mrid]
        return slice(int(self.first[at]), int(self.first[at + 1]))


def _passive(view: View) -> Iterator[Line | Transformer | Shunt | Source | Earth]:
    yield from view.lines
    yield from view.transformers
    yield from view.shunts
    yield from view.sources
    yield from view.earths


def _primitives(view: View) -> Iterator[Primitive]:
    yield from map(yprim.of_line, view.lines)
    yield from map(yprim.of_transformer, view.transformers)
    yield from map(yprim.of_shunt, view.shunts)
    yield from map(yprim.of_source, view.sources)
    yield from map(yprim.of_earth, view.earths)


def _stiff(sources: Sequence[Source]) -> tuple[tuple[Source, ...], tuple[str, ...]]:
    """Sources that hold their voltage get a very small impedance."""
    found, remarks = [], []
    for source in sources:
        if not source.z.any():
            source = replace(source, z=STIFF * np.eye(len(source.phases), dtype=np.complex128))
            called = titled(source.name, source.mrid)
            remarks.append(f"Source {called} has no impedance; {STIFF:g} ohm are taken.")
        found.append(source)
    return tuple(found), tuple(remarks)


def _of_switch(switch: Switch) -> list[tuple[Place, str]]:
    """Poles at the first terminal, then at the second; a switch to earth has only the first."""
    here = [((switch.ends[0].node, pole.one), switch.ends[0].terminal) for pole in switch.poles]
    if len(switch.ends) < 2:
        return here
    return here + [
        ((switch.ends[1].node, pole.two), switch.ends[1].terminal) for pole in switch.poles
    ]


def _of_user(user: Load | Generator, parts: Parts) -> list[tuple[Place, str]]:
    phases = dict.fromkeys(phase for pair in parts for phase in pair if phase)
    return [((user.port.node, phase), user.port.terminal) for phase in phases]


def _parted(
    users: Sequence[Load | Generator], floating: Collection[str]
) -> tuple[list[Parts], tuple[str, ...]]:
    """The parts of each, and remarks on those that would draw to earth where nothing is earthed.

    Three phases are taken as a delta there, which draws the same from balanced voltages.
    """
    found, strays = [], []
    for user in users:
        parts = _parts(user)
        if user.port.node in floating and ("" in {two for _, two in parts}):
            if [one for one, _ in parts] == ["A", "B", "C"]:
                parts = [("A", "B"), ("B", "C"), ("C", "A")]
            else:
                kind = "EnergyConsumer" if isinstance(user, Load) else user.kind
                called = titled(user.name, user.mrid)
                strays.append(f"{kind} {called} draws to earth where nothing has a way to earth.")
        found.append(parts)
    return found, tuple(strays)


def _parts(user: Load | Generator) -> Parts:
    """From and to phase of each part; "" for earth."""
    if isinstance(user, Load):
        star = "N" if user.neutral else ""
        return [(one, star if two == "N" else two) for one, two in user.branches]
    return [(phase, "N" if user.neutral else "") for phase in user.phases]


def _branches(
    users: Sequence[Load | Generator],
    parts: Sequence[Parts],
    first: Ints,
    conductors: Conductors,
    number: Mapping[Place, int],
    start: int,
    volts: NDArray[np.float64],
) -> Branches:
    rows: list[tuple[float, ...]] = []
    for at, (user, some) in enumerate(zip(users, parts, strict=True)):
        own = {conductors.phase[i]: i for i in range(first[at], first[at + 1])}
        node = user.port.node
        for part, (one, two) in enumerate(some):
            rows.append(
                (
                    number[node, one],
                    number[node, two] if two else -1,
                    own[one],
                    own[two] if two else -1,
                    start + at,
                    part,
                    *_drawn(user, part, _across(user, one, two, volts[number[node, one]])),
                )
            )
    table = np.array(rows, np.float64).reshape(-1, 17)
    start_, end, row, back, element, part = table[:, :6].astype(np.int64).T
    p, q, nominal = table[:, 6:9].T
    return Branches(start_, end, row, back, element, part, p, q, nominal, table[:, 9:])


def _across(user: Load | Generator, one: str, two: str, volts: float) -> float:
    """The nominal voltage between two phases, or one and earth; NaN where nothing says it.

    A model may say of a split service what is between its legs, or the root of three of a leg: that
    of a leg is told by the winding.

    volts: of the first phase to earth.
    """
    between = two not in ("", "N")
    if one in ("s1", "s2") and not np.isnan(volts):
        return 2 * volts if between else volts
    said = user.nominal_u if isinstance(user, Load) else None
    if said is None:
        return float("nan")
    return said if between else said / float(np.sqrt(3))


def _drawn(user: Load | Generator, part: int, nominal: float) -> tuple[float, ...]:
    """p, q, nominal volts and the shares of both."""
    if isinstance(user, Generator):
        return (-user.p[part], -user.q[part], np.nan, *_CONSTANT, *_CONSTANT)
    response = user.response
    exponents = response.exponents or (np.nan, np.nan)
    return (
        user.p[part],
        user.q[part],
        nominal,
        *response.p,
        exponents[0],
        *response.q,
        exponents[1],
    )


_CONSTANT = (0.0, 0.0, 1.0, np.nan)
