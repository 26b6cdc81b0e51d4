"""Our own solver: the admittance matrix of all places, factored once, and fixed-point iterations.

The currents of loads and generators at the last voltages go to the right-hand side (T.-H. Chen,
M.-S. Chen, K.-J. Hwang, P. Kotas, E. A. Chebli, Distribution system power flow analysis - a rigid
approach, IEEE Trans. Power Delivery 6 (1991) 1146).  It moves no taps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib.metadata import version
from typing import Any

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix, diags
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

from cim.electrical.yprim import Place
from dms_apps.solver import primitives
from dms_apps.solver.absurd import absurdities, explained
from dms_apps.solver.energised import Ways, closed_rows
from dms_apps.solver.flows import Flows, Poles
from dms_apps.solver.given import Given
from dms_apps.solver.grounds import earthed
from dms_apps.solver.layout import Layout
from dms_apps.solver.loads import drawn
from dms_apps.solver.solution import Complex, Engine, Options, Solution, summed, unsolved

EARTHED = 1e6
"""Siemens of a ground that was placed."""
_NOTHING = 1e-9
_LEAK = 1e-8
_DEAD = 1e-3


@dataclass(frozen=True, eq=False)
class Nodal:
    """The linear part of a layout at one moment.

    through: conductors by places, siemens: currents into equipment but loads and generators.
    offset:  amperes by conductor that sources drive out of their places.
    y:       places by places, siemens; what has no way to earth has a very small one.
    island:  by place, -1 where nothing feeds it.
    leaks:   siemens by place of that way to earth; 0 where there is another.
    """

    layout: Layout
    through: csr_matrix
    offset: Complex
    y: Any
    island: Any
    leaks: Any

    @classmethod
    def of(
        cls,
        layout: Layout,
        given: Given | None = None,
        options: Options | None = None,
        more: csr_matrix | None = None,
    ) -> Nodal:
        """The admittances of now.

        more: of loads and generators that are impedances, as `through`, which it becomes part of.
        """
        given, options = given or Given(), options or Options()
        present = primitives.present(layout, given)
        through = Flows.of(layout, present).through + _switches(layout, given, options)
        through = through if more is None else through + more
        place = layout.conductors.place
        rows = np.arange(len(place))
        shape = (len(layout.places), len(place))
        at = csr_matrix((np.ones(len(rows)), (place, rows)), shape)
        y = (at @ through + _beside(layout, given, options)).tocsr()
        offset = primitives.driven(layout, given)
        island = Ways.of(layout).islands(given)
        leaks = _leaks(layout, y, given, island < 0)
        return cls(layout, through, offset, (y + diags(leaks)).tocsc(), island, leaks)

    @cached_property
    def factors(self) -> Any:
        """The matrix, factored.  Raises: RuntimeError, when it is singular."""
        return splu(self.y)

    @cached_property
    def driven(self) -> Complex:
        """Amperes that sources drive into each place."""
        return summed(self.layout.conductors.place, self.offset, len(self.layout.places))

    def thevenin(self, places: Sequence[int]) -> Complex:
        """Ohm between these places and earth, and one another, without loads."""
        one = np.zeros((len(self.layout.places), len(places)), np.complex128)
        one[list(places), np.arange(len(places))] = 1
        return np.asarray(self.factors.solve(one)[list(places)])

    def solution(
        self,
        engine: Engine,
        given: Given,
        volts: Complex,
        taken: Complex,
        remarks: Sequence[str] = (),
    ) -> Solution:
        """What follows from voltages; what nothing feeds is at 0 V and carries nothing.

        taken: amperes by conductor into loads and generators.
        """
        layout, dead = self.layout, self.island < 0
        place = layout.conductors.place
        shown = np.where(dead, 0, volts)
        return Solution(
            layout,
            engine,
            True,
            shown,
            self.island,
            lambda: np.where(dead[place], 0, self.through @ volts - self.offset + taken),
            primitives.steps(layout, given),
            primitives.sections(layout, given),
            lambda: (*remarks, *layout.remarks),
        )


def solve(
    layout: Layout,
    given: Given | None = None,
    options: Options | None = None,
    nodal: Nodal | None = None,
) -> Solution:
    """Load flow with taps and sections as given.

    nodal: of the same layout and positions, to be used again when only loads and generation differ.
    Raises: ValueError when `options` want controls to move.
    """
    given, options = given or Given(), options or Options()
    if options.controls != "fixed":
        raise ValueError("the nodal solver moves no taps: controls must be fixed")
    nodal = nodal or Nodal.of(layout, given, options)
    engine = Engine("gridbus nodal", version("gridbus"), asdict(options))
    loads = drawn(layout, given, nodal.island >= 0, options)
    try:
        volts = nodal.factors.solve(nodal.driven)
    except RuntimeError as error:
        why = f"The admittance matrix cannot be factored: {error}."
        return unsolved(layout, engine, nodal.island, why)
    for _ in range(options.iterations):
        previous = volts
        with np.errstate(all="ignore"):
            volts = nodal.factors.solve(nodal.driven - loads.at_places(previous))
            change = np.abs(volts - previous).max(initial=0)
        if not np.isfinite(change):
            break
        if change <= options.tolerance * np.abs(volts).max(initial=0):
            remarks = absurdities(layout, given, volts, nodal.island)
            return nodal.solution(engine, given, volts, loads.at_conductors(volts), remarks)
    why = f"The load flow did not converge within {options.iterations} iterations."
    return unsolved(layout, engine, nodal.island, explained(why, layout, given, nodal.island))


def _switches(layout: Layout, given: Given, options: Options) -> csr_matrix:
    """Currents into closed poles from voltages."""
    poles, place = Poles.of(layout), layout.conductors.place
    on = closed_rows(layout, given)[poles.one]
    one = np.concatenate([poles.one[on], poles.two[on]])
    two = np.concatenate([poles.two[on], poles.one[on]])
    y = np.full(len(one), 1 / options.switch_ohm, np.complex128)
    at = np.concatenate([one, one]), np.concatenate([place[one], place[two]])
    return coo_matrix((np.concatenate([y, -y]), at), (len(place), len(layout.places))).tocsr()


def _beside(layout: Layout, given: Given, options: Options) -> csr_matrix:
    """Jumpers, grounds and earthing switches."""
    rows: list[tuple[int, int, float]] = []
    for one, two in given.joined:
        if one in layout.number and two in layout.number:
            a, b, y = layout.number[one], layout.number[two], 1 / options.switch_ohm
            rows += [(a, a, y), (b, b, y), (a, b, -y), (b, a, -y)]
    rows += [(n, n, EARTHED) for n in _known(layout, earthed(layout, given))]
    table = np.array(rows, np.float64).reshape(-1, 3)
    size = len(layout.places)
    at = table[:, :2].astype(np.int64)
    return coo_matrix((table[:, 2], (at[:, 0], at[:, 1])), (size, size)).tocsr()


def _known(layout: Layout, places: frozenset[Place]) -> Iterator[int]:
    return (layout.number[place] for place in places if place in layout.number)


def _leaks(layout: Layout, y: csr_matrix, given: Given, dead: Any) -> Any:
    """Siemens from each place to earth: 0 but where there is no way to earth, or nothing feeds it.

    Parts are galvanic: a transformer joins the places of one terminal only.  A part whose voltages
    can be raised together without any current floats.
    """
    size = len(layout.places)
    _, part = connected_components(_galvanic(layout, given, size), directed=False)
    every = y.tocoo()
    within = part[every.row] == part[every.col]
    rest = summed(every.row[within], every.data[within], size)
    own = np.abs(y.diagonal())
    earthed = np.zeros(int(part.max(initial=-1)) + 1, np.bool_)
    np.logical_or.at(earthed, part, np.abs(rest) > _NOTHING * own)
    floating = ~earthed[part]
    most = np.zeros(len(earthed))
    np.maximum.at(most, part, own)
    leaks = np.where(most[part] > 0, _LEAK * most[part], 1.0)
    # A transformer without a core that nothing feeds has voltages at which no current flows.
    # Less will do there: the rest of the network, coupled to it, is not to feel it.
    return np.where(floating, leaks, np.where(dead, _DEAD * leaks, 0.0))


def _galvanic(layout: Layout, given: Given, size: int) -> csr_matrix:
    """Which places conductors join: all of one terminal, and both ends of what is no transformer.

    A switch joins pole by pole.
    """
    first, place, terminal = layout.first, layout.conductors.place, layout.conductors.terminal
    on = closed_rows(layout, given)
    start, end = [], []
    for at, kind in enumerate(layout.kinds):
        rows = range(int(first[at]), int(first[at + 1]))
        seen: dict[str, int] = {}
        for n, i in enumerate(rows):
            if on[i] and kind in _JOINS:
                start.append(place[seen.setdefault(_JOINS[kind](terminal[i], n, len(rows)), i)])
                end.append(place[i])
    ones = np.ones(len(start), np.int8)
    return coo_matrix((ones, (start, end)), (size, size)).tocsr()


_JOINS: Mapping[str, Callable[[str, int, int], str]] = {
    "line": lambda _terminal, _number, _count: "",
    "transformer": lambda terminal, _number, _count: terminal,
    "shunt": lambda _terminal, _number, _count: "",
    "earth": lambda _terminal, _number, _count: "",
    "switch": lambda _terminal, number, count: str(number % (count // 2 or 1)),
}
