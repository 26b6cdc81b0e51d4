"""What is connected and supplied, part by part; and what closed switches join."""

from __future__ import annotations

import pytest

from cim.network import Network
from tests.cim.network.drawing import Drawing, moved
from tests.cim.network.plain import Plain

PLAIN = Plain({})  # only says what happens


def town() -> Drawing:
    # S1 - a =[x]= b --l-- c --{t}-- s      c =[tie, open]= d --m-- z =[y]= w - S2      e --n-- f
    return (
        Drawing()
        .source("a", "S1")
        .switch("x", "a", "b")
        .line("l", "b", "c")
        .transformer("t", ("c", "AN"), ("s", "s1N"), ("s", "Ns2"))
        .switch("tie", "c", "d", opened=True)
        .line("m", "d", "z")
        .switch("y", "z", "w")
        .source("w", "S2")
        .line("n", "e", "f")
    )


@pytest.fixture(scope="module")
def network() -> Network:
    return town().network()


def islands(network: Network) -> dict[str, str]:
    """Their nodes, and the sources beside them, each with its node."""
    return {
        "".join(sorted(island.nodes)): " ".join("@".join(one) for one in island.sources)
        for island in network.islands()
    }


def test_islands_are_connected_and_supplied(network: Network) -> None:
    assert islands(network) == {"abcs": "S1@a", "dwz": "S2@w"}
    assert islands(network.after(moved("close", "tie"))) == {"abcdswz": "S1@a S2@w"}
    assert islands(network.after(moved("open", "x"))) == {"a": "S1@a", "dwz": "S2@w"}


def test_one_phase_is_enough(network: Network) -> None:
    assert islands(network.after(moved("open", "x", phases="BC"))) == islands(network)
    assert list(islands(network.after(moved("close", "tie", phases="C")))) == ["abcdswz"]


def test_what_joins_dead_phases_alone_joins_no_islands() -> None:
    #  source - a --k A-- b =[x: C]= d --m B-- z - other
    drawing = Drawing().source("a").line("k", "a", "b", "A").switch("x", "b", "d", "C")
    network = drawing.line("m", "d", "z", "B").source("z", "other").network()
    assert islands(network) == {"ab": "source@a", "dz": "other@z"}


def test_what_is_placed_joins_and_feeds(network: Network) -> None:
    joined = network.after(PLAIN.jumper("j", ("c", "e"), "A", there=True))
    assert islands(joined) == {"abcefs": "S1@a", "dwz": "S2@w"}
    fed = network.after(PLAIN.generator("diesel", "f", there=True))
    assert islands(fed)["ef"] == "diesel@f"
    assert islands(fed.after(PLAIN.generator("diesel", "f", there=False))) == islands(network)
    assert "abcs" not in islands(network.after(PLAIN.source("S1", on=False)))


def test_busbars_are_what_closed_switches_join(network: Network) -> None:
    def busbars(network: Network) -> list[str]:
        return sorted("".join(sorted(nodes)) for nodes in network.busbars())

    assert busbars(network) == ["ab", "c", "d", "e", "f", "s", "wz"]
    moves = network.after(moved("close", "tie", phases="B")).after(moved("open", "x"))
    assert busbars(moves) == ["a", "b", "cd", "e", "f", "s", "wz"]


def test_nothing_has_no_islands() -> None:
    assert Network.empty().islands() == ()
    assert Network.empty().busbars() == ()
    lonely = Drawing().consumer("h", "a").network()
    assert lonely.islands() == ()
    assert lonely.busbars() == (("a",),)


def test_nodes_of_equipment(network: Network) -> None:
    assert list(network.nodes_of("l")) == ["b", "c"]
    assert list(network.nodes_of("c")) == ["c"]
