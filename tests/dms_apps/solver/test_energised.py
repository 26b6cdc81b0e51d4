"""Islands against a walk from place to place, for graphs of any shape."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dms_apps.solver.energised import Ways
from dms_apps.solver.given import Given

Edges = list[tuple[int, int]]
SIZE = 12
PHASES = 3
PLACES = st.integers(0, SIZE - 1)
EDGES = st.lists(st.tuples(PLACES, PLACES), max_size=2 * SIZE)


def ways(edges: Edges, seeds: list[int], neutrals: Edges) -> Ways:
    """Three places at each node."""
    layout = SimpleNamespace(
        places=range(SIZE), number={f"p{i}": i for i in range(SIZE)}, element={}
    )
    start, end = np.array(edges, np.int64).reshape(-1, 2).T
    one, two = np.array(neutrals, np.int64).reshape(-1, 2).T
    row = np.arange(len(edges))
    fed = np.array(seeds, np.int64)
    first = np.arange(SIZE) // PHASES * PHASES
    return Ways(cast(Any, layout), start, end, row, row, (fed, 0 * fed), (one, two), first)


def reached(place: int, edges: Iterable[tuple[int, int]]) -> set[int]:
    """From one place by edges, either way about."""
    found: set[int] = set()
    rest = {place}
    while rest:
        found |= rest
        rest = {b for one, two in edges for a, b in ((one, two), (two, one)) if a in rest} - found
    return found


def islands(edges: Edges, seeds: list[int]) -> list[int]:
    """As a person would number them."""
    lit = set[int]().union(*(reached(seed, edges) for seed in seeds))
    together = edges + [(place, place // PHASES * PHASES) for place in lit]
    parts = {frozenset(reached(place, together) & lit) for place in lit}
    order = sorted(parts, key=lambda part: (-len(part), min(part)))
    return [next((i for i, part in enumerate(order) if at in part), -1) for at in range(SIZE)]


@settings(max_examples=300)
@given(
    edges=EDGES,
    closed=st.lists(st.booleans(), min_size=2 * SIZE, max_size=2 * SIZE),
    seeds=st.lists(PLACES, max_size=4),
    neutrals=st.lists(st.tuples(PLACES, PLACES), max_size=3),
    joined=st.lists(st.tuples(PLACES, PLACES), max_size=2),
)
def test_islands(
    edges: Edges, closed: list[bool], seeds: list[int], neutrals: Edges, joined: Edges
) -> None:
    """Loops, several ways between the same places, neutrals, jumpers and open ways."""
    on = closed[: len(edges)]
    pairs = frozenset((f"p{one}", f"p{two}") for one, two in joined)
    found = ways(edges, seeds, neutrals).islands(
        Given(joined=cast(Any, pairs)), closed=np.array(on, np.bool_)
    )
    passing = [edge for edge, is_on in zip(edges, on, strict=True) if is_on]
    assert found.tolist() == islands([*passing, *neutrals, *joined], seeds)


@pytest.mark.parametrize("ring", [[(0, 1), (0, 1), (1, 2), (2, 0)], [(0, 0), (1, 1), (0, 1)]])
def test_rings_end(ring: Edges) -> None:
    """Ways side by side and ways that lead back are walked once."""
    found = ways(ring, [0], []).islands(Given(), closed=np.ones(len(ring), np.bool_))
    assert found[0] == found[1] == 0
