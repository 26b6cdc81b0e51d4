"""What is told to be new between two moments, part by part."""

from __future__ import annotations

import pytest

from cim.message import Verb
from cim.network import Change, Network, changed
from tests.cim.network.drawing import Drawing, model, moved
from tests.cim.network.plain import Plain, tagged, together

PLAIN = Plain({})  # only says what happens


def town() -> Drawing:
    # F1: S1 - a =[B1]= b --L1-- c: h1        c =[TIE, open]= x
    # F2: S2 - z =[B2]= y --L2-- x: h2        x --L3 A-- w: h3
    return (
        Drawing()
        .thing("Feeder", "F1")
        .thing("Feeder", "F2")
        .source("a", "S1")
        .source("z", "S2")
        .switch("B1", "a", "b", Equipment__EquipmentContainer="#_F1")
        .switch("B2", "z", "y", Equipment__EquipmentContainer="#_F2")
        .line("L1", "b", "c")
        .line("L2", "y", "x")
        .line("L3", "x", "w", "A")
        .switch("TIE", "c", "x", opened=True, normally_open=True)
        .consumer("h1", "c")
        .consumer("h2", "x")
        .consumer("h3", "w", "A")
        .usage_point("p1", "h1")
        .usage_point("p2", "h2")
        .usage_point("p3", "h3")
    )


@pytest.fixture(scope="module")
def network() -> Network:
    return town().network()


def shown(change: Change) -> dict[str, object]:
    """What is in it."""
    found: dict[str, object] = {
        "phases": "".join(sorted(change.phases)),
        "nodes": "".join(sorted(change.nodes)),
        "equipment": sorted(change.equipment),
        "points": sorted(change.usage_points),
        "switches": list(change.switches),
        "now": (change.feed_point, change.feeder),
        "was": (change.previous_feed_point, change.previous_feeder),
    }
    return {key: value for key, value in found.items() if value and value != ("", "")}


def told(before: Network, after: Network) -> dict[str, dict[str, object]]:
    changes = changed(before, after)
    kinds = [change.kind for change in changes]
    assert len(set(kinds)) == len(kinds)
    return {change.kind: shown(change) for change in changes}


def test_nothing_is_new_when_nothing_happens(network: Network) -> None:
    assert changed(network, network) == ()
    assert changed(network, network.after(tagged("T", "B1"))) == ()
    assert changed(network, network.after(moved("close", "B1"))) == ()
    assert changed(network, network.after(model("drawing", town().document()))) == ()


def test_a_switch_opens_and_closes(network: Network) -> None:
    dark = network.after(moved("open", "B1"))
    part = {
        "phases": "ABC",
        "nodes": "bc",
        "equipment": ["L1", "h1"],
        "points": ["p1"],
        "switches": ["B1"],
    }
    assert told(network, dark) == {"deEnergised": part | {"was": ("S1", "F1")}}
    assert told(dark, network) == {"energised": part | {"now": ("S1", "F1")}}
    assert told(dark, dark.after(moved("close", "B1"))) == told(dark, network)


def test_one_pole_opens(network: Network) -> None:
    assert told(network, network.after(moved("open", "B2", phases="A"))) == {
        "deEnergised": {
            "phases": "A",
            "nodes": "wxy",
            "equipment": ["L2", "L3", "h2", "h3"],
            "points": ["p2", "p3"],
            "switches": ["B2"],
            "was": ("S2", "F2"),
        }
    }


def test_a_feeder_is_taken_over(network: Network) -> None:
    moves = [PLAIN.switch("B1", "ABC", closed=False), PLAIN.switch("TIE", "ABC", closed=True)]
    assert told(network, network.after(together(moves))) == {
        "transferred": {
            "phases": "ABC",
            "nodes": "bc",
            "equipment": ["L1", "h1"],
            "points": ["p1"],
            "switches": ["TIE"],
            "now": ("S2", "F2"),
            "was": ("S1", "F1"),
        }
    }


def test_parallel_ways_form_and_open(network: Network) -> None:
    joined = network.after(moved("close", "TIE"))
    ring = {
        "phases": "ABC",
        "equipment": ["B1", "B2", "L1", "L2", "S1", "S2", "TIE"],
        "switches": ["B1", "B2", "TIE"],
    }
    assert told(network, joined) == {"parallelFormed": ring | {"now": ("S1", "")}}
    assert told(joined, network) == {"parallelOpened": ring | {"was": ("S1", "")}}


def test_a_loop_forms_and_opens() -> None:
    #  source - a =[x]= b =[y]= a
    network = Drawing().source("a").switch("x", "a", "b").switch("y", "b", "a", opened=True)
    before = network.network()
    after = before.after(moved("close", "y"))
    ring = {"phases": "ABC", "equipment": ["x", "y"], "switches": ["x", "y"]}
    assert told(before, after) == {"loopFormed": ring | {"now": ("source", "")}}
    assert told(after, before) == {"loopOpened": ring | {"was": ("source", "")}}


def test_what_is_earthed(network: Network) -> None:
    dark = network.after(moved("open", "B1"))
    earthed = dark.after(PLAIN.ground("g", "c", "AB", there=True))
    part = {"phases": "AB", "nodes": "bc", "equipment": ["L1", "h1"], "points": ["p1"]}
    assert told(dark, earthed) == {"earthed": part}
    assert told(earthed, dark) == {"unearthed": part}
    live = told(earthed, earthed.after(moved("close", "B1")))
    assert live.keys() == {"liveEarthFormed", "unearthed", "energised"}
    assert live["liveEarthFormed"] == {
        "phases": "AB",
        "nodes": "c",
        "equipment": ["g"],
        "switches": ["B1"],
        "now": ("S1", ""),
    }


def test_a_ground_disconnector_is_named_as_the_switch() -> None:
    drawing = Drawing().source("a").switch("x", "a", "b", opened=True)
    drawing.switch("gd", "b", "e", kind="GroundDisconnector", opened=True)
    network = drawing.network()
    found = told(network, network.after(moved("close", "gd")))
    assert found["earthed"]["switches"] == ["gd"]


def test_a_load_is_disconnected(network: Network) -> None:
    off = network.after(PLAIN.service("h2", on=False))
    part = {"phases": "ABC", "equipment": ["h2"], "points": ["p2"]}
    assert told(network, off) == {"deEnergised": part}
    assert told(off, network) == {"energised": part}
    dark = network.after(moved("open", "B2"))
    assert told(dark, dark.after(PLAIN.service("h2", on=False))) == {}


def test_what_was_cut_is_no_switch(network: Network) -> None:
    cut = network.after(PLAIN.cut("L2", "ABC", there=True))
    assert "switches" not in told(network, cut)["deEnergised"]


def test_each_switch_has_its_own_part(network: Network) -> None:
    dark = network.after(moved("open", "B1", "B2"))
    found = changed(network, dark)
    assert [(c.kind, c.switches, sorted(c.nodes)) for c in found] == [
        ("deEnergised", ("B1",), ["b", "c"]),
        ("deEnergised", ("B2",), ["w", "x", "y"]),
    ]


def test_the_first_model_energises_all(network: Network) -> None:
    found = changed(Network.empty(), network)
    assert [(c.kind, c.feed_point, c.feeder, "".join(sorted(c.nodes))) for c in found] == [
        ("energised", "S1", "", "a"),
        ("energised", "S2", "", "z"),
        ("energised", "S1", "F1", "bc"),
        ("energised", "S2", "F2", "wxy"),
    ]


def test_what_is_gone_is_not_spoken_of(network: Network) -> None:
    assert changed(network, network.after(model("drawing", b"", verb=Verb.DELETED))) == ()


def test_a_new_model_and_what_it_changes(network: Network) -> None:
    longer = town().line("L4", "w", "v", "A").consumer("h4", "v", "A").usage_point("p4", "h4")
    assert told(network, network.after(model("drawing", longer.document()))) == {
        "energised": {
            "phases": "A",
            "nodes": "v",
            "equipment": ["h4"],
            "points": ["p4"],
            "now": ("S2", "F2"),
        }
    }


def test_sequences_of_mrids(network: Network) -> None:
    [change] = changed(network, network.after(moved("open", "B2")))
    nodes = change.nodes
    assert (nodes[0], len(nodes), list(nodes[1:])) == ("y", 3, ["x", "w"])
    assert nodes == ["y", "x", "w"]
    assert nodes != ["y"]
    assert repr(nodes) == "Mrids(['y', 'x', 'w'])"
