"""A plain fixed-point power flow over the electrical view, to check it as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, identity
from scipy.sparse.linalg import splu

from cim.electrical import yprim
from cim.electrical.view import View
from cim.electrical.yprim import Place, Primitive

Vector = NDArray[np.float64]
_LEAK = 1e-9


@dataclass
class Nodes:
    """Numbers for places; what a closed switch joins has one number."""

    parents: dict[Place, Place] = field(default_factory=dict)
    numbers: dict[Place, int] = field(default_factory=dict)

    def join(self, one: Place, other: Place) -> None:
        self.parents[self.top(one)] = self.top(other)

    def top(self, place: Place) -> Place:
        while (above := self.parents.get(place, place)) != place:
            place = above
        return place

    def number(self, place: Place) -> int:
        return self.numbers.setdefault(self.top(place), len(self.numbers))


@dataclass(frozen=True)
class Branches:
    """The parts of loads, as columns: between `start` and `end` (-1 for earth)."""

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    p: Vector
    q: Vector
    nominal: Vector
    p_terms: Vector
    q_terms: Vector

    def currents(self, volts: NDArray[np.complex128]) -> NDArray[np.complex128]:
        """Amperes drawn."""
        across = volts[self.start] - np.where(self.end >= 0, volts[self.end], 0)
        u = np.abs(across) / self.nominal
        power = self.p * _scaled(u, self.p_terms) + 1j * self.q * _scaled(u, self.q_terms)
        return np.asarray(np.conj(power / across))


def solved(
    view: View, others: Sequence[Primitive] = (), change: float = 1e-11
) -> dict[Place, complex]:
    """Volts to earth by node and phase, with switches, taps and sections as they stand.

    others: primitives that are not in the view.
    change: of voltages between iterations at which it stops, over the highest voltage.
    """
    nodes = Nodes()
    for switch in view.switches:
        for pole in switch.poles:
            if pole.closed:
                nodes.join((switch.ends[0].node, pole.one), (switch.ends[1].node, pole.two))
    sources = [(source, yprim.of_source(source)) for source in view.sources]
    primitives = [
        *(yprim.of_line(line) for line in view.lines),
        *(yprim.of_transformer(transformer) for transformer in view.transformers),
        *(yprim.of_shunt(shunt) for shunt in view.shunts),
        *(primitive for _, primitive in sources),
        *others,
    ]
    branches = _branches(view, nodes)
    factored = _factored(primitives, nodes)
    fed = np.zeros(len(nodes.numbers), np.complex128)
    for source, primitive in sources:
        np.add.at(fed, _numbers(primitive, nodes), primitive.y @ source.volts)
    volts = factored.solve(fed)
    for _ in range(100):
        drawn = branches.currents(volts)
        currents = fed.copy()
        np.subtract.at(currents, branches.start, drawn)
        inner = branches.end >= 0
        np.add.at(currents, branches.end[inner], drawn[inner])
        previous, volts = volts, factored.solve(currents)
        if np.abs(volts - previous).max() < change * np.abs(volts).max():
            break
    else:
        raise AssertionError("the power flow did not converge")
    places = {*nodes.numbers, *nodes.parents}
    known = {place: nodes.numbers.get(nodes.top(place)) for place in places}
    return {place: complex(volts[n]) for place, n in known.items() if n is not None}


def _factored(primitives: Sequence[Primitive], nodes: Nodes) -> splu:
    rows, columns, values = [], [], []
    for primitive in primitives:
        numbers = _numbers(primitive, nodes)
        rows.append(np.repeat(numbers, len(numbers)))
        columns.append(np.tile(numbers, len(numbers)))
        values.append(primitive.y.ravel())
    size = len(nodes.numbers)
    joined = (np.concatenate(rows), np.concatenate(columns))
    whole = coo_matrix((np.concatenate(values), joined), (size, size))
    return splu((whole + _LEAK * identity(size)).tocsc())


def _numbers(primitive: Primitive, nodes: Nodes) -> list[int]:
    return [nodes.number(place) for place in primitive.places]


def _branches(view: View, nodes: Nodes) -> Branches:
    rows = []
    for load in view.loads:
        assert load.nominal_u is not None
        response = load.response
        p_exponent, q_exponent = response.exponents or (np.nan, np.nan)
        for (start, end), p, q in zip(load.branches, load.p, load.q, strict=True):
            star = end == "N"
            number = -1 if star else nodes.number((load.port.node, end))
            nominal = load.nominal_u / np.sqrt(3) if star else load.nominal_u
            begin = nodes.number((load.port.node, start))
            terms = (*response.p, p_exponent, *response.q, q_exponent)
            rows.append((begin, number, p, q, nominal, *terms))
    table = np.array(rows)
    start, end = table[:, :2].T.astype(np.int64)
    one, two, three = table[:, 2:5].T
    return Branches(start, end, one, two, three, table[:, 5:9], table[:, 9:13])


def _scaled(u: Vector, terms: Vector) -> Vector:
    """By shares of impedance, current and power, or the exponent where there is one."""
    shares = terms[:, 0] * u**2 + terms[:, 1] * u + terms[:, 2]
    exponents = terms[:, 3]
    return np.where(np.isnan(exponents), shares, u ** np.nan_to_num(exponents))
