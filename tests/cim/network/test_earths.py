"""Earths at supplied nodes: which, where, on what phases, and what feeds them."""

from __future__ import annotations

import pytest

from cim.network import LiveEarth, Network, changed
from tests.cim.network.drawing import Drawing, model, moved
from tests.cim.network.plain import Plain, together

ABC = frozenset("ABC")
PLAIN = Plain({})  # only says what happens


def street() -> Drawing:
    # source - a =[x]= b --l-- c =[y, open]= d --{t}-- s      c =[gd, open]= e
    # other source - z =[w, open]= d
    return (
        Drawing()
        .source("a")
        .switch("x", "a", "b")
        .line("l", "b", "c")
        .switch("y", "c", "d", opened=True)
        .transformer("t", ("d", "AN"), ("s", "s1N"), ("s", "Ns2"))
        .switch("gd", "c", "e", kind="GroundDisconnector", opened=True, normally_open=True)
        .source("z", "other")
        .switch("w", "z", "d", opened=True)
    )


@pytest.fixture(scope="module")
def network() -> Network:
    return street().network()


def earth(
    mrid: str, node: str, phases: str = "ABC", *switches: str, by: str = "source"
) -> LiveEarth:
    return LiveEarth(mrid, node, tuple(phases), switches, (by,))


def told(before: Network, after: Network) -> list[tuple[object, ...]]:
    """What is said of live earths, before anything else."""
    found = [
        (c.kind, c.equipment[0], c.nodes[0], "".join(sorted(c.phases)), *c.switches)
        for c in changed(before, after)
        if c.kind.startswith("live")
    ]
    assert [c.kind for c in changed(before, after)][: len(found)] == [one[0] for one in found]
    return found


def test_no_earth_is_live_where_there_is_none(network: Network) -> None:
    assert network.live_earths() == ()
    assert network.live_earthed_phases("c") == frozenset()
    assert Network.empty().live_earths() == ()


def test_an_earth_is_placed_on_a_live_node(network: Network) -> None:
    placed = network.after(PLAIN.ground("g", "c", "AB", there=True))
    assert placed.live_earths() == (earth("g", "c", "AB", "x"),)
    assert placed.live_earthed_phases("c") == {"A", "B"}
    assert placed.live_earthed_phases("b") == {"A", "B"}, "what is connected with it too"
    assert placed.live_earthed_phases("d") == frozenset()
    assert placed.earthed_phases("c") == frozenset()
    assert told(network, placed) == [("liveEarthFormed", "g", "c", "AB", "x")]
    assert told(placed, network) == [("liveEarthCleared", "g", "c", "AB", "x")]
    one = placed.after(PLAIN.ground("g", "c", "A", there=False))
    assert told(placed, one) == [("liveEarthCleared", "g", "c", "A", "x")]
    assert placed.normal.live_earths() == ()


def test_a_switch_energises_an_earthed_node(network: Network) -> None:
    dark = network.after(PLAIN.ground("g", "d", "ABC", there=True))
    assert dark.live_earths() == ()
    closed = dark.after(moved("close", "y", phases="A"))
    assert closed.live_earths() == (earth("g", "d", "A", "y"),)
    assert told(dark, closed) == [("liveEarthFormed", "g", "d", "A", "y")]
    assert told(closed, closed.after(moved("close", "w", phases="BC"))) == [
        ("liveEarthFormed", "g", "d", "BC", "y", "w")
    ]
    opened = closed.after(moved("open", "x"))
    assert told(closed, opened) == [("liveEarthCleared", "g", "d", "A", "y")]
    assert opened.live_earths() == ()


def test_a_ground_disconnector_closes_on_a_live_node(network: Network) -> None:
    closed = network.after(moved("close", "gd", phases="BC"))
    assert closed.live_earths() == (earth("gd", "c", "BC", "x"),)
    assert told(network, closed) == [("liveEarthFormed", "gd", "c", "BC", "x")]
    dark = closed.after(moved("open", "x"))
    assert told(closed, dark) == [("liveEarthCleared", "gd", "c", "BC", "x")]
    assert told(dark, dark.after(moved("close", "x"))) == told(network, closed)


def test_each_earth_is_told_though_another_is_there_already(network: Network) -> None:
    one = network.after(PLAIN.ground("g", "c", "ABC", there=True))
    two = one.after(PLAIN.ground("h", "c", "ABC", there=True))
    assert told(one, two) == [("liveEarthFormed", "h", "c", "ABC", "x")]
    three = two.after(PLAIN.ground("k", "b", "ABC", there=True))
    assert told(two, three) == [("liveEarthFormed", "k", "b", "ABC", "x")]
    assert {found.earth for found in three.live_earths()} == {"g", "h", "k"}


def test_an_earth_that_is_moved_is_told_at_both_places(network: Network) -> None:
    one = network.after(PLAIN.ground("g", "c", "ABC", there=True))
    other = one.after(PLAIN.ground("g", "b", "ABC", there=True))
    assert told(one, other) == [
        ("liveEarthFormed", "g", "b", "ABC", "x"),
        ("liveEarthCleared", "g", "c", "ABC", "x"),
    ]


def test_no_earth_is_live_through_a_transformer(network: Network) -> None:
    # what feeds s comes through the windings of t, which carry no earth
    low = network.after(PLAIN.ground("g", "d", "ABC", there=True)).after(moved("close", "y"))
    assert low.live_earthed_phases("d") == ABC
    assert low.live_earthed_phases("s") == frozenset()
    assert low.energised_phases("s") == {"s1", "s2"}


def test_an_earth_beside_the_source_has_no_switch(network: Network) -> None:
    placed = network.after(PLAIN.ground("g", "a", "C", there=True))
    assert placed.live_earths() == (earth("g", "a", "C"),)


def test_several_sources_and_switches_feed_one_earth(network: Network) -> None:
    moves = [PLAIN.switch("y", "A", closed=True), PLAIN.switch("w", "BC", closed=True)]
    fed = network.after(together([*moves, PLAIN.ground("g", "d", "ABC", there=True)]))
    assert fed.live_earths() == (
        LiveEarth("g", "d", ("A", "B", "C"), ("y", "w"), ("source", "other")),
    )


def test_a_mobile_source_makes_an_earth_live(network: Network) -> None:
    dark = network.after(PLAIN.ground("g", "d", "ABC", there=True))
    fed = dark.after(PLAIN.generator("diesel", "d", there=True))
    assert fed.live_earths() == (earth("g", "d", by="diesel"),)
    assert told(dark, fed) == [("liveEarthFormed", "g", "d", "ABC")]


def test_a_model_makes_an_earth_live_and_takes_its_node_away(network: Network) -> None:
    dark = network.after(PLAIN.ground("g", "d", "ABC", there=True))
    joined = dark.after(model("drawing", street().line("m", "c", "d").document()))
    assert told(dark, joined) == [("liveEarthFormed", "g", "d", "ABC", "x")]
    gone = joined.after(model("drawing", Drawing().source("a").line("l", "a", "b").document()))
    assert told(joined, gone) == [("liveEarthCleared", "g", "d", "ABC", "x")]
    assert Network.from_bytes(joined.to_bytes()).live_earths() == joined.live_earths()
