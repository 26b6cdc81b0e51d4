"""The forest of a network is what one plants who walks from every usage point to its source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from cim.message import Message
from cim.network import Network
from cim.profiles.network_models import NetworkModels
from dms_apps.outage.forest import Forest, Group
from dms_apps.outage.moves import Move, places
from dms_apps.outage.moves import told as altered
from dms_apps.outage.trees import Turn
from tests.cim.network import test_streams as streams
from tests.cim.network.drawing import Drawing, moved
from tests.cim.network.test_random import Branch, drawn, grids
from tests.dms_apps.outage.conftest import MORNING


def paths(network: Network, points: Iterable[str]) -> dict[str, tuple[str, ...]]:
    return {p: tuple(filter(network.is_protective, network.protective_path(p))) for p in points}


def planted(paths: dict[str, tuple[str, ...]]) -> dict[str, str | None]:
    """Device -> the one above it on the first path that has it."""
    parent: dict[str, str | None] = {}
    for path in paths.values():
        upper = None
        for device in reversed(path):
            parent.setdefault(device, upper)
            upper = device
    return parent


def group(network: Network, point: str, path: tuple[str, ...], before: Forest | None) -> Group:
    """By the first on one phase alone, of the usage point and what is above it."""
    supply = network.energised_phases(point)
    if not supply:
        return before.group.get(point, Group.ALL) if before else Group.ALL
    for phases in (supply, *(network.equipment(device).phases for device in path)):
        if len(phases & {"A", "B", "C"}) == 1:
            return Group[min(phases & {"A", "B", "C"})]
    return Group.ALL


def above(parent: dict[str, str | None], device: str | None) -> list[str]:
    found = []
    while device is not None:
        found.append(device)
        device = parent[device]
    return found


def check(network: Network, forest: Forest, before: Forest | None) -> None:
    points = list(forest.home)
    assert set(points) == network.usage_points
    walked = paths(network, points)
    parent = planted(walked)
    home = {point: path[0] if path else None for point, path in walked.items()}
    assert list(forest.parent.items()) == list(parent.items())
    assert forest.home == home
    assert forest.group == {p: group(network, p, path, before) for p, path in walked.items()}
    for device in parent:
        assert forest.children[device] == tuple(d for d in parent if parent[d] == device)
        assert forest.points[device] == tuple(p for p in points if home[p] == device)
        below = [p for p in points if device in above(parent, home[p])]
        assert forest.below[device] == tuple(
            [forest.group[p] for p in below].count(g) for g in Group
        )
        assert set(forest.under(device, lambda _: True)) == set(below)
    assert all(list(forest.above(p)) == above(parent, home[p]) for p in points)
    assert forest.feeder == {p: network.feeder_of(p) for p in points}
    assert forest.on_feeder == Counter(forest.feeder.values())
    assert forest.dead == {p for p in points if not network.is_energised(p)}


@settings(deadline=None, max_examples=60)
@given(grids(), st.data())
def test_it_is_planted_path_by_path(branches: list[Branch], data: st.DataObject) -> None:
    network = drawn(branches).usage_point("lost").network()
    forest, designed = Forest.of(network), Forest(network.normal.served())
    check(network.normal, designed, None)
    check(network, forest, designed)
    for number, b in enumerate(branches):
        if b.switch:
            phases = data.draw(st.sampled_from([b.phases, *b.phases]))
            kind = data.draw(st.sampled_from(["open", "close"]))
            network = network.after(moved(kind, f"s{number}", phases=phases))
            before, forest = forest, Forest.of(network, forest)
            check(network, forest, before)
            assert told(forest) == told(Forest(network.served(), before))


@settings(deadline=None, max_examples=60)
@given(grids(), st.data())
def test_who_is_supplied_another_way_since_a_switch_moved(
    branches: list[Branch], data: st.DataObject
) -> None:
    """Is found below it, before or after; also of several switches at once."""
    network = drawn(branches).usage_point("lost").network()
    switches = [number for number, b in enumerate(branches) if b.switch]
    for _ in range(6 if switches else 0):
        some = data.draw(st.sets(st.sampled_from(switches), min_size=1, max_size=2))
        messages = []
        for number in some:
            every = branches[number].phases
            phases = data.draw(st.sampled_from([every, *every]))
            kind = data.draw(st.sampled_from(["open", "close"]))
            messages.append(moved(kind, f"s{number}", phases=phases))
        network = turned(network, messages)


@settings(deadline=None, max_examples=60)
@given(st.randoms(use_true_random=False))
def test_who_is_supplied_another_way_since_something_was_altered(random: Random) -> None:
    """A jumper, a cut, a mobile source, service and connections count as switches do."""
    plain = streams.drawn(random)
    network = Network.empty().after(plain.loaded())
    for _ in range(8):
        messages = [streams.happening(plain, random) for _ in range(random.randint(1, 2))]
        network = turned(network, [m for m in messages if not isinstance(m.payload, NetworkModels)])


def turned(network: Network, messages: Iterable[Message]) -> Network:
    """The network after some messages, and a check of who is said to be supplied otherwise."""
    before, moves, networks = network, list[Move](), [network]
    for message in messages:
        moves += altered(message, network, MORNING)
        network = network.after(message)
        networks.append(network)
    there = places(moves, *networks)
    was, way = paths(before, before.usage_points), paths(network, network.usage_points)
    differs = {point for point in way if was[point] != way[point]}
    found = Turn.of(MORNING, before, network, there)
    if found is None:
        assert not differs
        return network
    assert found.moved == differs
    assert found.roots == {of[p][-1] for of in (was, way) for p in differs if of[p]}
    assert found.dead == {p for p in differs if not network.is_energised(p)}
    roots = sorted(((was[p][-1], d) for p in differs for d in was[p]), reverse=True)
    assert found.above == {device: root for root, device in roots}
    return network


@settings(deadline=None, max_examples=60)
@given(grids(), st.data())
def test_a_part_is_planted_as_the_whole_is(branches: list[Branch], data: st.DataObject) -> None:
    network = drawn(branches).usage_point("lost").network()
    for number, b in enumerate(branches):
        if b.switch and data.draw(st.booleans()):
            network = network.after(moved("open" if b.closed else "close", f"s{number}"))
    whole = Forest.of(network)
    roots = {root for root in sorted({*whole.root.values()}) if data.draw(st.booleans())}
    points = {point for root in roots for point in whole.under(root, lambda _: True)}
    part = Forest.of(network, of={*points, "unknown"})
    assert part.home == {point: whole.home[point] for point in points}
    assert all([*part.above(point)] == [*whole.above(point)] for point in points)
    assert part.group == {point: whole.group[point] for point in points}
    assert part.root == {device: whole.root[device] for device in part.root}
    assert part.below == {device: whole.below[device] for device in part.root}
    assert part.dead == whole.dead & points


def told(forest: Forest) -> list[object]:
    """All that a forest says, the order of what has one."""
    named = (forest.parent, forest.place, forest.root, forest.children, forest.home, forest.points)
    counted = (forest.group, forest.below, forest.feeder, forest.on_feeder, forest.dead)
    return [list(forest.parent), *named, *counted]


#  n0 -- s1 -- n1: p    n0 -- s2 -- n2: q -- tie (open) -- n1
def test_only_what_a_switch_changes_grows_again() -> None:
    drawing = Drawing().source("n0").switch("s1", "n0", "n1").switch("s2", "n0", "n2")
    drawing.switch("tie", "n2", "n1", opened=True, normally_open=True)
    drawing.consumer("c", "n1").usage_point("p", "c").consumer("d", "n2").usage_point("q", "d")
    network = drawing.network()
    forest = Forest.of(network)
    network = network.after(moved("open", "s1"))
    dark = Forest.of(network, forest)
    assert dark.dead == {"p"}
    assert (dark.home, dark.below, dark.group) == (forest.home, forest.below, forest.group)
    assert dark.home is forest.home
    assert dark.below is forest.below
    assert dark.group is forest.group
    network = network.after(moved("close", "tie"))
    fed = Forest.of(network, dark)
    assert not fed.dead
    assert list(fed.above("p")) == ["tie", "s2"]
    assert fed.points == {"s2": ("q",), "tie": ("p",)}
    assert told(fed) == told(Forest.of(network))


def test_nothing_grows_on_no_network() -> None:
    forest = Forest.of(Network.empty())
    assert not forest.home
    assert not forest.parent
