"""The share that each load has of the transformer which feeds it."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from cim.electrical.transformers import Transformer
from dms_apps.solver.energised import Ways, closed_rows
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Ints, Layout

LOW = 1000.0
"""Volts between phases up to which a winding feeds customers."""


def shares(layout: Layout, given: Given) -> dict[str, float]:
    """Volt-amperes of the transformers that feed a load at low voltage, by mRID of the load.

    Loads between the same transformers share their ratings by what the model says of them, and
    equally where it says nothing; what no such transformer feeds, or one without rating, is not
    there.
    """
    part = _parts(layout, given)
    rated: dict[int, float] = {}
    for transformer in layout.view.transformers:
        rating, node = _feeding(transformer)
        if rating is not None and transformer.mrid not in given.out:
            at = part[layout.number[node]]
            rated[at] = rated.get(at, 0.0) + rating
    below: dict[int, dict[str, float]] = {}
    for load in layout.view.loads:
        at = int(part[layout.number[load.port.node, load.branches[0][0]]])
        below.setdefault(at, {})[load.mrid] = float(np.abs(load.p + 1j * load.q).sum())
    found: dict[str, float] = {}
    for at, sizes in below.items():
        whole = sum(sizes.values())
        for mrid, size in sizes.items() if at in rated else ():
            found[mrid] = rated[at] * (size / whole if whole > 0 else 1 / len(sizes))
    return found


def _feeding(transformer: Transformer) -> tuple[float | None, tuple[str, str]]:
    """Rating and a place of its low side; no rating where that is not at low voltage."""
    low = min(transformer.windings, key=lambda one: one.rated_u)
    known = [one.rated_s for one in transformer.windings if one.rated_s]
    rating = max(known) if known and low.rated_u <= LOW else None
    return rating, (low.port.node, low.phases[0])


def _parts(layout: Layout, given: Given) -> Ints:
    """The part of each place, which transformers divide; all phases of a node are one."""
    ways = Ways.of(layout)
    kinds = np.array(layout.kinds)
    on = closed_rows(layout, given)[ways.row] & (kinds[ways.element] != "transformer")
    size = np.arange(len(layout.places))
    start = np.concatenate([ways.start[on], size])
    end = np.concatenate([ways.end[on], ways.first])
    graph = coo_matrix((np.ones(len(start), np.int8), (start, end)), (len(size), len(size)))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)
