"""Traces of random graphs against a plain search: anew, after any change, and both the same."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cim.network.masks import Masks
from cim.network.phases import LIVE, SLOTS
from cim.network.topology import (
    GALVANIC_END,
    NO_EXTRA,
    RESERVED,
    Couplings,
    Graph,
    Ints,
    Ways,
    graph,
)
from cim.network.trace import FAR, FROM_GROUNDS, FROM_SOURCES, NONE, Desk, Kind, Longs, Trace

KINDS = pytest.mark.parametrize("kind", [FROM_SOURCES, FROM_GROUNDS], ids=["supply", "earth"])
BITS = (1, 2, 3, 4, 7, 7, 7, 8, 16, 24, 31)
STATES = (0, 0, LIVE, LIVE, LIVE, 1, 6, 7)


@dataclass
class Case:
    """A graph with loops, crossed phases, windings that feed one way, sources and grounds."""

    graph: Graph
    numbers: int
    masks: Masks

    @classmethod
    def of(cls, random: Random, nodes: int) -> Case:
        couplings = Couplings()
        taps = [couplings.row(LIVE, random.randrange(1, 8), random.choice([8, 16, 24]))]
        taps += [couplings.pole(1, 2), couplings.pole(4, 1)]
        ends = [
            (random.randrange(RESERVED, nodes), random.randrange(RESERVED, nodes))
            for _ in range(int(nodes * random.choice([0.8, 1.0, 1.4, 2.0])))
        ]
        ends += [(root, random.randrange(RESERVED, nodes)) for root in (0, 0, 1, 1)]
        straight, crossed = [], []
        for one, _ in ends:
            cross = random.choice(taps) if one >= RESERVED and random.random() < 0.2 else 0
            end = GALVANIC_END if random.random() < 0.1 else 0
            straight.append(end if cross else random.choice(BITS) | end)
            crossed.append(cross)
        one, two = zip(*ends, strict=True)
        columns = (one, two, range(len(ends)), straight, crossed)
        ways = Ways(*(np.array(column, np.int32) for column in columns))
        states = np.array([random.choice(STATES) for _ in ends], np.uint8)
        half = len(ends) // 2
        masks = Masks.stated(states[:half], np.where(states[half:], np.uint8(LIVE), np.uint8(0)))
        return cls(graph(ways, nodes, couplings.table()), len(ends), masks)

    def arcs(self, numbers: Iterator[int] | list[int]) -> Ints:
        found = [np.flatnonzero(self.graph.arcs[: self.graph.size, 1] == n) for n in numbers]
        return np.concatenate(found).astype(np.int32)


def fed(net: Graph, masks: Masks, kind: Kind, arc: int, slot: int) -> list[int]:
    """The slots at the far end of an arc that a slot at its own end feeds."""
    target, number, _, bits = net.arcs[arc].tolist()
    mask = masks.of(number)
    if target < RESERVED or bits & kind.barred:
        return []
    need, out_from, out_to, _, _ = net.couplings[bits >> 8].tolist()
    found = [slot] if bits & mask & 1 << slot else []
    if need & mask and out_from >> slot & 1:
        found += [other for other in range(SLOTS) if out_to >> other & 1]
    return found


def searched(net: Graph, masks: Masks, kind: Kind) -> dict[tuple[int, int], tuple[int, int]]:
    """Depth and lowest way of each place that a plain search finds."""
    depth = {(kind.root, slot): 0 for slot in range(SLOTS)}
    todo = deque(depth)
    ways: dict[tuple[int, int], list[tuple[int, int]]] = {}
    while todo:
        node, slot = here = todo.popleft()
        for arc in range(net.start[node], net.start[node + 1]):
            for other in fed(net, masks, kind, arc, slot):
                there = int(net.arcs[arc, 0]), other
                if there not in depth:
                    depth[there] = depth[here] + 1
                    todo.append(there)
                way = int(net.arcs[arc, 2]) << 3 | slot
                ways.setdefault(there, []).append((depth[here] + 1, way))
    return {place: min(found) for place, found in ways.items()}


def check(trace: Trace, masks: Masks, before: Longs) -> Longs:
    """Everywhere what a search finds; where it finds nothing, the way that there was before."""
    found = searched(trace.graph, masks, trace.kind)
    places = trace.everywhere()
    for node in range(RESERVED, trace.graph.nodes):
        for slot in range(SLOTS):
            depth, way = int(places[node, slot]) >> 32, int(places[node, slot]) & NONE
            gone = FAR, int(before[node, slot]) & NONE
            assert (depth, way) == found.get((node, slot), gone)
    return places


@KINDS
@settings(deadline=None, max_examples=60)
@given(random=st.randoms(use_true_random=False), nodes=st.sampled_from([3, 6, 12, 40, 600]))
def test_after_any_change_it_is_as_traced_anew(kind: Kind, random: Random, nodes: int) -> None:
    case = Case.of(random, nodes)
    nothing = Trace.empty(kind, case.graph, Desk(case.graph))
    trace, masks = nothing.anew(NO_EXTRA, case.masks), case.masks
    places = check(trace, masks, nothing.everywhere())
    kept = [(trace, places)]
    for _ in range(8 if nodes < 100 else 3):
        numbers = random.sample(range(case.numbers), random.choice([1, 1, 1, 2, 4]))
        masks = masks.with_({number: random.choice(STATES) for number in numbers})
        before = trace
        trace = before.after(NO_EXTRA, masks, case.arcs(numbers))
        assert np.array_equal(trace.everywhere(), before.anew(NO_EXTRA, masks).everywhere())
        places = check(trace, masks, kept[-1][1])
        other = np.flatnonzero((places != kept[-1][1]).any(axis=1))
        assert trace.differing(before).tolist() == other.tolist()
        kept.append((trace, places))
    for earlier, was in kept:
        assert np.array_equal(earlier.everywhere(), was)


def chain(nodes: int) -> tuple[Graph, Masks]:
    """SUPPLY - 2 - 3 - 4 ..., each way a switch."""
    one = np.array([0, *range(RESERVED, nodes - 1)], np.int32)
    two = np.arange(RESERVED, nodes, dtype=np.int32)
    count = len(one)
    none = np.zeros(count, np.int32)
    ways = Ways(one, two, np.arange(count, dtype=np.int32), none + 7, none)
    masks = Masks.stated(np.full(count, LIVE, np.uint8), np.empty(0, np.uint8))
    return graph(ways, nodes, Couplings().table()), masks


def test_a_small_change_shares_all_but_few_pages() -> None:
    net, masks = chain(100_000)
    trace = Trace.empty(FROM_SOURCES, net, Desk(net)).anew(NO_EXTRA, masks)
    last = net.nodes - RESERVED - 1
    arcs = np.flatnonzero(net.arcs[: net.size, 1] == last).astype(np.int32)
    opened = trace.after(NO_EXTRA, masks.with_({last: 0}), arcs)
    assert opened.differing(trace).tolist() == [net.nodes - 1]
    assert (opened.table != trace.table).sum() == 1


def test_when_the_pool_is_full_what_is_alive_moves_to_another_one() -> None:
    net, masks = chain(2_000)
    trace = Trace.empty(FROM_SOURCES, net, Desk(net)).anew(NO_EXTRA, masks)
    first, pools = trace, {id(trace.pool): trace.pool}
    was = first.everywhere()
    for turn in range(200):
        number = turn * 7 % masks.switches
        arcs = np.flatnonzero(net.arcs[: net.size, 1] == number).astype(np.int32)
        for state in (0, LIVE):
            masks = masks.with_({number: state})
            trace = trace.after(NO_EXTRA, masks, arcs)
            pools[id(trace.pool)] = trace.pool
    assert len(pools) > 2
    assert np.array_equal(trace.everywhere(), was)
    assert np.array_equal(first.everywhere(), was)


def test_two_futures_of_one_past_do_not_meet() -> None:
    net, masks = chain(1_000)
    past = Trace.empty(FROM_SOURCES, net, Desk(net)).anew(NO_EXTRA, masks)
    futures = []
    for number in (100, 500):
        arcs = np.flatnonzero(net.arcs[: net.size, 1] == number).astype(np.int32)
        futures.append(past.after(NO_EXTRA, masks.with_({number: 0}), arcs))
    reached = [int(future.reached(np.arange(RESERVED, 1_000))[:, 0].sum()) for future in futures]  # type: ignore[arg-type]
    assert reached == [100, 500]
    assert past.reached(np.arange(RESERVED, 1_000))[:, 0].all()  # type: ignore[arg-type]


def test_ways_can_be_put_where_nothing_is_reached() -> None:
    net, _ = chain(1_000)
    nothing = Trace.empty(FROM_SOURCES, net, Desk(net))
    nodes, slots = np.array([5, 900], np.int32), np.array([0, 2], np.int32)
    trace = nothing.with_ways(nodes, slots, np.array([16, 24], np.int32))
    assert trace.ways(nodes)[[0, 1], slots].tolist() == [16, 24]
    assert not trace.reached(nodes).any()
    assert nothing.ways(nodes).max() == -1
