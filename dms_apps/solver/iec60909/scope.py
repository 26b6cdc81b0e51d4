"""Buses that are fed, but not over three phases: IEC 60909 says nothing of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from cim.electrical.view import View
from dms_apps.solver.buses import Buses
from dms_apps.solver.given import Given


def beyond(view: View, given: Given, buses: Buses, fed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """By bus, whether it is fed only by way of equipment of one or two phases.

    fed: by bus, whether the network of three phases feeds it.
    """
    groups = Buses.of(view, given, partly=True)
    ways = np.array(list(_ways(view, given, groups)), np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(ways)), ways.T), shape=(len(groups.nodes),) * 2)
    _, inside = connected_components(graph, directed=False)
    island = np.array([inside[groups.number[nodes[0]]] for nodes in buses.nodes], np.int64)
    return np.isin(island, island[fed]) & ~fed


def _ways(view: View, given: Given, groups: Buses) -> Iterator[tuple[int, int]]:
    """What passes at least one phase on."""
    for line in view.lines:
        if line.mrid not in given.out and not given.cut.get(line.mrid, frozenset()) >= set(
            line.phases
        ):
            one, two = (groups.number[end.node] for end in line.ends)
            yield one, two
    for transformer in view.transformers:
        if transformer.mrid not in given.out and transformer.bank not in given.out:
            first, *others = (groups.number[w.port.node] for w in transformer.windings)
            yield from ((first, other) for other in others)
