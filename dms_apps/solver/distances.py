"""How far places are from what feeds them, along lines; for drawings over distance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from dms_apps.solver.energised import Ways, closed_rows
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Ints, Layout

Floats = NDArray[np.float64]
_STEP = 1e-6
"""Metres of what has no length: an edge of weight 0 is none to a sparse matrix."""


def distances(layout: Layout, given: Given) -> Floats:
    """Metres by place, the shortest way along closed switches; infinite where nothing feeds it.

    Transformers, switches and lines whose length the model does not say count nothing.
    """
    ways = Ways.of(layout)
    start, end, element = segments(layout, given)
    length = np.array([line.length or 0.0 for line in layout.view.lines])
    own = np.full(len(layout.elements), _STEP)
    own[: len(length)] += length
    size = len(layout.places)
    graph = coo_matrix((own[element], (start, end)), (size, size)).tocsr()
    seeds = np.unique(ways.seeds[0])
    if not len(seeds):
        return np.full(size, np.inf)
    found = dijkstra(graph, directed=False, indices=seeds, min_only=True)
    return np.asarray(found, np.float64)


def segments(layout: Layout, given: Given, *, all_ways: bool = False) -> tuple[Ints, Ints, Ints]:
    """Pairs of places that conduct from one to the other now, and the element that does.

    all_ways: those that do not conduct now, too.
    """
    ways = Ways.of(layout)
    if all_ways:
        return ways.start, ways.end, ways.element
    on = closed_rows(layout, given)[ways.row]
    return ways.start[on], ways.end[on], ways.element[on]
