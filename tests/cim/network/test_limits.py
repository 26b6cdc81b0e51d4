"""A graph that the words of a trace could not number is refused, in a sentence."""

from __future__ import annotations

import pytest

from cim.message import Verb
from cim.network import Network, phases, topology
from cim.network.pages import FAR
from cim.network.topology import TooLarge, bounded, limits
from cim.network.words import ARC_AT, ARCS, DEPTH_AT
from tests.cim.network.drawing import Drawing, model, moved

WORD = 64  # bits, one of which is the sign


def test_the_limits_are_those_of_a_word() -> None:
    nodes, arcs = limits()
    assert (FAR, ARCS) == (2**26, 2**28 - 1)
    assert arcs.bit_length() == DEPTH_AT - ARC_AT
    assert (2 * FAR - 1).bit_length() == WORD - 1 - DEPTH_AT
    assert nodes * phases.SLOTS < FAR, "no way is longer than there are places"
    assert (nodes + 1) * phases.SLOTS >= FAR


@pytest.mark.parametrize(
    ("nodes", "arcs", "why"),
    [
        (13_421_773, 10, "The network has 13,421,773 nodes; it can have 13,421,772 at most."),
        (2**26, 10, "The network has 67,108,864 nodes; it can have 13,421,772 at most."),
        (10, 2**28, "The network has 268,435,456 ways between nodes, each direction counted"),
    ],
)
def test_what_is_beyond_is_refused(nodes: int, arcs: int, why: str) -> None:
    bounded(13_421_772, 2**28 - 1)
    with pytest.raises(TooLarge) as refused:
        bounded(nodes, arcs)
    assert str(refused.value).startswith(why)


def street(length: int) -> Drawing:
    drawing = Drawing().source("n0")
    for number in range(length):
        drawing.switch(f"s{number}", f"n{number}", f"n{number + 1}")
    return drawing


@pytest.mark.parametrize(("nodes", "arcs"), [(7, 10_000), (100, 2_048 + 10)])
def test_a_model_that_makes_the_network_too_large_is_left_out(
    monkeypatch: pytest.MonkeyPatch, nodes: int, arcs: int
) -> None:
    monkeypatch.setattr(topology, "limits", lambda: (nodes, arcs))
    network = Network.empty().after(model("street", street(4).document()))
    assert network.problems == ()
    grown = network.after(model("street", street(30).document()))
    [problem] = grown.problems
    assert problem.startswith("Model street was left out: The network has ")
    assert grown.version == ("street",)
    assert grown.energised_phases("n4") == frozenset("ABC")
    assert not grown.knows("n5")
    assert grown.after(moved("open", "s3")).energised_phases("n4") == frozenset()
    assert grown.after(model("street", street(3).document())).problems == ()
    other = network.after(model("more", street(30).document()))
    assert [problem.split(":")[0] for problem in other.problems] == ["Model more was left out"]
    assert other.after(model("more", b"", verb=Verb.DELETED)).problems == ()
