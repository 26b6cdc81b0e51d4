"""Sources beside those of the models: mobile ones, and generators that hold an island's voltage."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from cim.electrical.injections import Generator, Source
from cim.electrical.ports import Port
from cim.electrical.yprim import Place
from dms_apps.solver.energised import Ways
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Ints, Layout
from dms_apps.solver.naming import titled, titled_of

MOBILE = "mobile "
"""Goes before the mRID of the node in the identity of a mobile source."""
_KEPT = 4
"""So many layouts of the last questions."""
_TURN = {"A": 0.0, "B": -2 * np.pi / 3, "C": 2 * np.pi / 3, "s1": 0.0, "s2": np.pi}


def with_mobile(layout: Layout, fresh: Collection[Place]) -> tuple[Layout, tuple[str, ...]]:
    """A layout with a source at nominal voltage at each node of `fresh`; and what to remark.

    Nothing says what is behind a mobile source: it holds its voltage.
    """
    return _mobile(layout, frozenset(fresh)) if fresh else (layout, ())


@lru_cache(maxsize=_KEPT)
def _mobile(layout: Layout, fresh: frozenset[Place]) -> tuple[Layout, tuple[str, ...]]:
    """The same layout for the same sources, so that solvers stay warm."""
    by_node: dict[str, list[str]] = {}
    for node, phase in sorted(fresh):
        by_node.setdefault(node, []).append(phase)
    found, remarks = [], []
    for node, phases in by_node.items():
        source = _source(layout, MOBILE + node, Port(MOBILE + node, node), phases)
        if source is None:
            at = titled_of(layout.view.names, node)
            remarks.append(f"The mobile source at {at} is left out: no voltage is known there.")
        else:
            found.append(source)
    return (_with(layout, found) if found else layout), tuple(remarks)


def with_forming(
    layout: Layout, given: Given, forming: Collection[str]
) -> tuple[Layout, tuple[str, ...]]:
    """A layout in which generators hold the voltage of islands without a source; and remarks.

    forming: mRIDs of generators that are able to; the largest one of an island does so.
    """
    remarks, held, fed = [], list[str](), list[int]()
    able = [g for g in layout.view.generators if g.mrid in forming and g.mrid not in given.out]
    for one in sorted(able, key=_size, reverse=True):
        if not _is_dead(layout, Ways.of(layout).islands(given, fed), one):
            continue
        source = _source(layout, one.mrid, one.port, one.phases)
        called = titled(one.name, one.mrid)
        if source is None:
            remarks.append(f"Generator {called} feeds no island: no voltage is known there.")
            continue
        held.append(one.mrid)
        fed += [layout.number[one.port.node, phase] for phase in source.phases]
        remarks.append(f"Generator {called} holds the voltage of an island.")
    return (_formed(layout, tuple(held)) if held else layout), tuple(remarks)


@lru_cache(maxsize=_KEPT)
def _formed(layout: Layout, held: tuple[str, ...]) -> Layout:
    """The same layout where the same generators hold a voltage, so that solvers stay warm."""
    by_mrid = {one.mrid: one for one in layout.view.generators}
    some = [_source(layout, mrid, by_mrid[mrid].port, by_mrid[mrid].phases) for mrid in held]
    return _with(layout, [one for one in some if one is not None], frozenset(held))


def _with(
    layout: Layout, sources: Sequence[Source], instead_of: frozenset[str] = frozenset()
) -> Layout:
    view = layout.view
    others = tuple(one for one in view.generators if one.mrid not in instead_of)
    return Layout.of(replace(view, sources=(*view.sources, *sources), generators=others))


def _size(one: Generator) -> float:
    return one.rated_s or float(np.abs(one.p).sum())


def _is_dead(layout: Layout, island: Ints, one: Generator) -> bool:
    places = [layout.number[one.port.node, phase] for phase in one.phases]
    return bool((island[places] < 0).any())


def _source(layout: Layout, mrid: str, port: Port, phases: Collection[str]) -> Source | None:
    """A stiff source at nominal voltage; None where that is not known."""
    kept, volts = [], []
    for phase in sorted(set(phases) & _TURN.keys(), key=list(_TURN).index):
        place = layout.number.get((port.node, phase))
        size = np.nan if place is None else layout.nominal[place]
        if not np.isnan(size):
            kept.append(phase)
            volts.append(size * np.exp(1j * _TURN[phase]))
    if not kept:
        return None
    none = np.zeros((len(kept), len(kept)), np.complex128)
    between = float(abs(volts[0]) * np.sqrt(3))
    return Source(mrid, mrid, port, tuple(kept), between, np.array(volts), none)
