"""Random networks and random operations against a plain search."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from cim.network import Network
from tests.cim.network.drawing import Drawing, moved

PHASES = ["A", "B", "C", "AB", "BC", "AC", "ABC"]


@dataclass
class Branch:
    one: int
    two: int
    phases: str
    switch: bool
    closed: set[str]


@st.composite
def grids(draw: st.DrawFn) -> list[Branch]:
    """A tree of up to 12 nodes and up to 3 ties, some branches switches, some poles open."""
    count = draw(st.integers(2, 12))
    ends = [(draw(st.integers(0, node - 1)), node) for node in range(1, count)]
    node = st.integers(0, count - 1)
    ends += draw(st.lists(st.tuples(node, node).filter(lambda e: e[0] != e[1]), max_size=3))
    branches = []
    for one, two in ends:
        phases = draw(st.sampled_from(PHASES))
        switch = draw(st.booleans())
        closed = draw(st.booleans()) or not switch
        branches.append(Branch(one, two, phases, switch, set(phases) if closed else set()))
    return branches


def drawn(branches: list[Branch]) -> Drawing:
    drawing = Drawing().source("n0")
    for number, b in enumerate(branches):
        if b.switch:
            drawing.switch(f"s{number}", f"n{b.one}", f"n{b.two}", b.phases, opened=not b.closed)
        else:
            drawing.line(f"l{number}", f"n{b.one}", f"n{b.two}", b.phases)
    for node in range(max(b.two for b in branches) + 1):
        drawing.consumer(f"c{node}", f"n{node}").usage_point(f"p{node}", f"c{node}")
    return drawing


def searched(branches: list[Branch], phase: str) -> set[int]:
    """The nodes that a plain search over the conducting branches of one phase finds."""
    found, todo = {0}, deque([0])
    while todo:
        here = todo.popleft()
        for b in branches:
            if phase in b.closed and here in (b.one, b.two):
                other = b.one + b.two - here
                if other not in found:
                    found.add(other)
                    todo.append(other)
    return found


def check(network: Network, branches: list[Branch]) -> None:
    nodes = {b.one for b in branches} | {b.two for b in branches}
    for phase in "ABC":
        found = {n for n in nodes if phase in network.energised_phases(f"n{n}")}
        assert found == searched(branches, phase)


@settings(deadline=None, max_examples=60)
@given(grids(), st.data())
def test_supply_after_any_operation_is_what_a_search_finds(
    branches: list[Branch], data: st.DataObject
) -> None:
    network = drawn(branches).network()
    check(network, branches)
    switches = [number for number, b in enumerate(branches) if b.switch]
    for _ in range(5 if switches else 0):
        number = data.draw(st.sampled_from(switches))
        b = branches[number]
        phases = data.draw(st.sampled_from([b.phases, *b.phases]))
        closing = data.draw(st.booleans())
        before = network
        network = network.after(moved("close" if closing else "open", f"s{number}", phases=phases))
        check(before, branches)
        b.closed = b.closed | set(phases) if closing else b.closed - set(phases)
        check(network, branches)


@settings(deadline=None, max_examples=60)
@given(grids(), st.data())
def test_paths_and_what_is_below_agree_whatever_is_operated(
    branches: list[Branch], data: st.DataObject
) -> None:
    network = drawn(branches).network()
    switches = [f"s{number}" for number, b in enumerate(branches) if b.switch]
    for _ in range(4):
        for device in switches:
            behind = {p for p in network.usage_points if device in network.protective_path(p)}
            assert network.usage_points_below(device) == behind
        if switches:
            kind = data.draw(st.sampled_from(["open", "close"]))
            network = network.after(moved(kind, data.draw(st.sampled_from(switches))))


@settings(deadline=None, max_examples=40)
@given(grids(), st.data())
def test_the_way_to_what_was_just_cut_off_stays(
    branches: list[Branch], data: st.DataObject
) -> None:
    network = drawn(branches).network()
    switches = [f"s{number}" for number, b in enumerate(branches) if b.closed and b.switch]
    if not switches:
        return
    after = network.after(moved("open", data.draw(st.sampled_from(switches))))
    for point in network.usage_points:
        if not after.energised_phases(point):
            assert after.protective_path(point) == network.protective_path(point)
