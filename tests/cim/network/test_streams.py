"""Random networks and random streams of messages: the answers against a plain network, what is
told to be new, and the same after a restart from bytes or from the messages alone."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from cim.message import Message
from cim.network import Change, Network, changed
from cim.network.state import State
from tests.cim.network import one_by_one
from tests.cim.network.plain import Branch, Plain, together

PHASES = ("A", "B", "AB", "BC", "ABC", "ABC", "ABC")


def drawn(random: Random) -> Plain:
    """Two trees of up to 8 nodes each, some ties, some switches open."""
    branches: dict[str, Branch] = {}
    ends = []
    for side, count in (("n", random.randint(2, 8)), ("m", random.randint(1, 6))):
        ends += [(f"{side}{random.randrange(i)}", f"{side}{i}") for i in range(1, count)]
    nodes = sorted({node for pair in ends for node in pair})
    ends += [tuple(random.sample(nodes, 2)) for _ in range(random.randint(0, 3))]
    for number, (one, two) in enumerate(ends):
        switch = random.random() < 0.5
        closed = random.random() < 0.8
        branches[f"b{number}"] = Branch((one, two), random.choice(PHASES), switch, closed)
    return Plain(branches)


def happening(plain: Plain, random: Random) -> Message:
    """Something happens to the plain network; the message that says so."""
    mrid, branch = random.choice(sorted(plain.branches.items()))
    there = random.random() < 0.6
    phases = random.choice(["A", "BC", "ABC"])
    node = random.choice(plain.nodes)
    joined = tuple(random.sample([*plain.nodes, "n0"], 2))
    jumper, ground = f"j{random.randrange(2)}", f"g{random.randrange(2)}"
    deeds: list[Callable[[], Message]] = [
        lambda: plain.service(mrid, on=there),
        *[lambda: plain.jumper(jumper, joined, phases, there=there)] * 2,  # type: ignore[arg-type]
        *[lambda: plain.ground(ground, node, phases, there=there)] * 2,
        lambda: plain.source(random.choice(sorted(plain.sources)), on=there),
        lambda: plain.generator("diesel", node, there=there),
        lambda: plain.load(node, on=there),
        lambda: remodelled(plain, random),
        lambda: several(plain, random),
    ]
    if branch.switch:
        own = random.choice([branch.phases, *branch.phases])
        deeds += [lambda: plain.switch(mrid, own, closed=random.random() < 0.5)] * 10
    else:
        deeds.append(lambda: plain.cut(mrid, phases, there=there))
    if joined[0] == joined[1]:
        deeds = deeds[:1]
    return random.choice(deeds)()


def remodelled(plain: Plain, random: Random) -> Message:
    """A new version of the model: a branch more, or one less."""
    if random.random() < 0.5 and len(plain.branches) > 2:
        del plain.branches[random.choice(sorted(plain.branches))]
    else:
        one, two = random.sample([*plain.nodes, "n99"], 2)
        plain.branches[f"b{random.randrange(100, 103)}"] = Branch((one, two), "ABC", True)
    return plain.loaded()


def several(plain: Plain, random: Random) -> Message:
    switches = [mrid for mrid, branch in plain.branches.items() if branch.switch]
    chosen = random.choices(switches, k=3) if switches else []
    moves = [
        plain.switch(mrid, plain.branches[mrid].phases, closed=random.random() < 0.5)
        for mrid in chosen
    ]
    return together(moves) if moves else plain.load("n0", on=True)


def answers(network: Network) -> tuple[object, ...]:
    """Everything that is told of a network."""
    points = sorted(network.usage_points)
    devices = sorted(network.devices)
    nodes = sorted(network.nodes)
    return (
        network.problems,
        network.version,
        [network.energised_phases(n) for n in nodes],
        [network.earthed_phases(n) for n in nodes],
        [network.feed_points(n) for n in nodes],
        [network.is_energised(p) for p in points],
        [network.upstream(p) for p in points],
        [network.usage_points_below(d) for d in devices],
        [network.switch_closed(d) for d in devices],
        sorted(network.loops(), key=repr),
        sorted(network.live_earths(), key=repr),
        network.patches,
        network.tags(),
    )


def check(network: Network, plain: Plain) -> None:
    supply, earth = plain.supply(), plain.earth()
    assert {n: set(network.energised_phases(n)) for n in network.nodes} == supply
    assert {n: set(network.earthed_phases(n)) for n in network.nodes} == earth
    live = {(one.earth, one.node): set(one.phases) for one in network.live_earths()}
    assert live == plain.live_earths()
    assert {n: set(network.live_earthed_phases(n)) for n in network.nodes} == plain.live_earth()
    for node in plain.nodes:
        on = f"load {node}" not in plain.off
        assert set(network.energised_phases(f"point {node}")) == (supply[node] if on else set())


def check_all_at_once(network: Network) -> None:
    dead = {node for node in network.nodes if not network.energised_phases(node)}
    assert sorted(network.dead_nodes) == sorted(dead)
    unsupplied = {point for point in network.usage_points if not network.is_energised(point)}
    assert sorted(network.dead_usage_points) == sorted(unsupplied)
    one_by_one.check(network)


def told(found: tuple[Change, ...], kind: str) -> dict[str, set[str]]:
    """Nodes and phases that changes of a kind are about."""
    nodes: dict[str, set[str]] = {}
    for change in found:
        if change.kind == kind:
            for node in change.nodes:
                nodes.setdefault(node, set()).update(change.phases)
    return nodes


def check_changes(before: Plain, after: Plain, found: tuple[Change, ...]) -> None:
    """Of each kind the nodes are those at which a phase came or went."""
    for kind, one, two in (
        ("energised", after.supply(), before.supply()),
        ("deEnergised", before.supply(), after.supply()),
        ("earthed", after.earth(), before.earth()),
        ("unearthed", before.earth(), after.earth()),
    ):
        expected = {n: more for n in after.nodes if (more := one.get(n, set()) - two.get(n, set()))}
        phases = told(found, kind)
        assert phases.keys() == expected.keys()
        for node, more in expected.items():
            assert more <= phases[node]
    for kind, one, two in (
        ("liveEarthFormed", after.live_earths(), before.live_earths()),
        ("liveEarthCleared", before.live_earths(), after.live_earths()),
    ):
        found_at = {(c.equipment[0], c.nodes[0]): set(c.phases) for c in found if c.kind == kind}
        expected_at = {at: live - two.get(at, set()) for at, live in one.items()}
        assert found_at == {at: more for at, more in expected_at.items() if more}


def copied(plain: Plain) -> Plain:
    """What matters of a plain network for `check_changes`, as it is now."""
    supply, earth, nodes = plain.supply(), plain.earth(), plain.nodes
    live = plain.live_earths()

    class Then(Plain):
        @property
        def nodes(self) -> list[str]:
            return nodes

        def supply(self) -> dict[str, set[str]]:
            return supply

        def earth(self) -> dict[str, set[str]]:
            return earth

        def live_earths(self) -> dict[tuple[str, str], set[str]]:
            return live

    return Then({})


@settings(deadline=None, max_examples=30)
@given(random=st.randoms(use_true_random=False))
def test_a_stream_of_messages(random: Random) -> None:
    plain = drawn(random)
    messages = [plain.loaded()]
    network = Network.empty().after(messages[0])
    restart, restarted = random.randrange(12), None
    kept = [(network, answers(network))]
    for turn in range(12):
        then = copied(plain)
        messages.append(happening(plain, random))
        before, network = network, network.after(messages[-1])
        check(network, plain)
        check_all_at_once(network)
        check_changes(then, copied(plain), changed(before, network))
        if restarted is not None:
            restarted = restarted.after(messages[-1])
        if turn == restart:
            restarted = Network.from_bytes(network.to_bytes())
        if turn % 4 == 0:
            kept.append((network, answers(network)))
    for earlier, was in kept:
        assert answers(earlier) == was
    assert restarted is not None
    assert answers(restarted) == answers(network)
    assert answers(restarted.normal) == answers(network.normal)
    replayed = Network.empty()
    for message in messages:
        replayed = replayed.after(message)
    assert answers(replayed) == answers(network)
    if not plain.took_away:
        assert answers(network.after(plain.loaded())) == answers(network)


@settings(deadline=None, max_examples=40)
@given(random=st.randoms(use_true_random=False))
def test_moved_step_by_step_it_is_as_if_built_at_once(random: Random) -> None:
    plain = drawn(random)
    network = Network.empty().after(plain.loaded())
    for _ in range(10):
        network = network.after(happening(plain, random))
    built = Network(network.models, State.built(network._state.grid, network._state.overlay))
    assert [built.energised_phases(n) for n in sorted(built.nodes)] == [
        network.energised_phases(n) for n in sorted(network.nodes)
    ]
    assert built.problems == network.problems


@settings(deadline=None, max_examples=40)
@given(random=st.randoms(use_true_random=False))
def test_what_is_new_is_told_alike_over_one_grid_and_over_two(random: Random) -> None:
    plain = drawn(random)
    before = Network.empty().after(plain.loaded())
    for _ in range(6):
        message = happening(plain, random)
        after = before.after(message)
        elsewhere = Network.from_bytes(after.to_bytes())
        assert sorted(map(shown, changed(before, elsewhere))) == sorted(
            map(shown, changed(before, after))
        )
        before = after


def shown(change: Change) -> tuple[object, ...]:
    return (
        change.kind,
        sorted(change.phases),
        sorted(change.nodes),
        sorted(change.equipment),
        sorted(change.usage_points),
        change.switches,
        (change.feed_point, change.feeder),
        (change.previous_feed_point, change.previous_feeder),
    )
