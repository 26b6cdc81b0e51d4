"""Who loses supply by switching, beside a way of finding out that knows nothing of traces."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dms_apps.planned_outages.plan import Deed, DeedKind
from dms_apps.planned_outages.switching import effect
from tests.cim.network.drawing import Drawing, moved

Grid = list[tuple[int, int, bool]]
"""Switches: two nodes, and whether it is closed now."""


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    """A tree from node 0, with some ways beside it, radial or not."""
    size = draw(st.integers(2, 7))
    tree = [(draw(st.integers(0, n - 1)), n, draw(st.booleans()) or n < 3) for n in range(1, size)]
    nodes = st.integers(0, size - 1)
    ties = draw(st.lists(st.tuples(nodes, nodes, st.booleans()), max_size=3))
    return tree + [tie for tie in ties if tie[0] != tie[1]]


def supplied(grid: Grid, *, closed: dict[int, bool]) -> set[int]:
    """The nodes that a closed way joins to node 0."""
    found, more = {0}, True
    while more:
        ways = [g[:2] for n, g in enumerate(grid) if closed.get(n, g[2])]
        new = {b for a, b in ways if a in found} | {a for a, b in ways if b in found}
        more = not new <= found
        found |= new
    return found


@given(grids(), st.data())
def test_who_has_no_other_way_loses_supply(grid: Grid, data: st.DataObject) -> None:
    drawing = Drawing().source("0")
    for number, (one, two, _) in enumerate(grid):
        drawing.switch(f"s{number}", str(one), str(two))
    nodes = {node for one, two, _ in grid for node in (one, two)}
    for node in sorted(nodes):
        drawing.consumer(f"load {node}", str(node)).usage_point(f"p{node}", f"load {node}")
    network = drawing.network()
    if opened := [f"s{number}" for number, one in enumerate(grid) if not one[2]]:
        network = network.after(moved("open", *opened))
    numbers = st.dictionaries(st.sampled_from(range(len(grid))), st.booleans(), min_size=1)
    wanted = data.draw(numbers)
    deeds = [
        Deed(f"s{number}", DeedKind.CLOSE if closed else DeedKind.OPEN)
        for number, closed in wanted.items()
    ]
    found = effect(network, deeds)
    now, then = supplied(grid, closed={}), supplied(grid, closed=wanted)
    lost = {f"p{node}" for node in now - then}
    assert lost <= found.lost
    # beside them are those only who are without supply already, behind what is opened
    assert found.lost <= {f"p{node}" for node in nodes - then}
    assert found.served >= len(found.lost)
