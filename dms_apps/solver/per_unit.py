"""The nominal voltage of every place, to which per unit refers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from cim.electrical.view import View
from cim.electrical.yprim import Place

Floats = NDArray[np.float64]


def nominal(view: View, places: Sequence[Place]) -> Floats:
    """Volts to earth by place; NaN of neutrals, and where nothing says it.

    Of a node it is what the model says of it, else of what lines and switches connect it to, else
    the rated voltage of a winding there.  A leg of a split service has the voltage of its winding.
    """
    node = list(dict.fromkeys(node for node, _ in places))
    number = {mrid: i for i, mrid in enumerate(node)}
    part = _galvanic(view, number)
    between = _spread(part, ((number[n], v) for n, v in view.nominal.items() if n in number))
    rated = _spread(part, _rated(view, number))
    between = np.where(np.isnan(between), rated, between)
    legs = _spread(part, _legs(view, number))
    return np.array([_of(between, legs, number[at], phase) for at, phase in places])


def _of(between: Floats, legs: Floats, node: int, phase: str) -> float:
    if phase == "N":
        return float("nan")
    if phase in ("s1", "s2") and not np.isnan(legs[node]):
        return float(legs[node])
    return float(between[node] / np.sqrt(3))


def _galvanic(view: View, number: dict[str, int]) -> NDArray[np.int32]:
    """Which nodes lines and switches, closed or not, connect."""
    ends = [one.ends for one in view.lines] + [s.ends for s in view.switches if len(s.ends) > 1]
    rows = np.array([[number[e.node] for e in pair] for pair in ends], np.int64).reshape(-1, 2)
    graph = coo_matrix((np.ones(len(rows)), (rows[:, 0], rows[:, 1])), (len(number),) * 2)
    return np.asarray(connected_components(graph, directed=False)[1])


def _spread(part: NDArray[np.int32], said: Iterator[tuple[int, float]]) -> Floats:
    """What is said of one node holds for all of its part; the first counts."""
    found = np.full(len(part), np.nan)
    own = np.full(int(part.max(initial=-1)) + 1, np.nan)
    for node, volts in said:
        if np.isnan(own[part[node]]):
            own[part[node]] = volts
        found[node] = volts if np.isnan(found[node]) else found[node]
    return np.where(np.isnan(found), own[part], found)


def _rated(view: View, number: dict[str, int]) -> Iterator[tuple[int, float]]:
    for transformer in view.transformers:
        for winding in transformer.windings:
            alone = not winding.three_phase and len([p for p in winding.phases if p != "N"]) == 1
            yield number[winding.port.node], winding.rated_u * (np.sqrt(3) if alone else 1)
    for source in view.sources:
        if source.nominal_u:
            yield number[source.port.node], source.nominal_u


def _legs(view: View, number: dict[str, int]) -> Iterator[tuple[int, float]]:
    """Of s1 and s2, by the windings between each and the middle."""
    for transformer in view.transformers:
        for winding in transformer.windings:
            if {"s1", "s2"} & set(winding.phases) and "N" in winding.phases:
                yield number[winding.port.node], winding.rated_u
