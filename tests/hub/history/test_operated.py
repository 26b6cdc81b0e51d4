"""State variables of a network as operated: what others find in them, and their islands."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cim.message import Verb
from cim.model import Model, write
from cim.model.archive import Archive
from cim.model.read import read
from cim.model.state_variables import PROFILE, TOPOLOGY, Island, State, made_node, state
from cim.network import Network
from cim.profile import RdfXml
from cim.profiles.network_models import NetworkModel, NetworkModels
from hub.history import operated
from tests.cim.model import triples
from tests.cim.network.drawing import Drawing, event, moved
from tests.cim.network.plain import Plain

NOON = datetime(2026, 10, 6, 12, 0, tzinfo=UTC)
PLAIN = Plain({})  # only says what happens


def exported(network: Network) -> Model:
    return operated.state_variables(network, NOON, NOON)


def feeder() -> Drawing:
    # S1 - a =[x]= b --l-- c =[y]= d      e --m-- f
    drawing = Drawing().source("a", "S1").switch("x", "a", "b").line("l", "b", "c")
    return drawing.switch("y", "c", "d").line("m", "e", "f")


def topology(drawing: Drawing, **nodes: str) -> Drawing:
    """Topological nodes, and the connectivity nodes of each."""
    for of, connectivity_nodes in nodes.items():
        drawing.thing("TopologicalNode", of)
        for node in connectivity_nodes:
            drawing.thing("ConnectivityNode", node, ConnectivityNode__TopologicalNode=f"#_{of}")
    return drawing


def test_islands_are_of_the_topological_nodes_that_the_models_state() -> None:
    network = topology(feeder(), n1="ab", n2="cd", n3="e", n4="f").network()
    found = state(exported(network))
    assert found.islands == {Island(frozenset({"#_n1", "#_n2"}), "#_n1")}
    assert found.nodes == {}
    made = exported(network)
    assert made.header is not None
    assert made.header.profiles == (PROFILE,)
    fed = network.after(PLAIN.generator("diesel", "f", there=True))
    assert state(exported(fed)).islands == {
        Island(frozenset({"#_n1", "#_n2"}), "#_n1"),
        Island(frozenset({"#_n3", "#_n4"}), "#_n4"),
    }


def test_a_topological_node_that_a_switch_has_divided_is_told() -> None:
    network = topology(feeder(), n1="ab", n2="cd").network().after(moved("open", "y"))
    fed = network.after(PLAIN.generator("diesel", "d", there=True))
    made = exported(fed)
    assert made.problems == (
        "Topological node n2 is in 2 islands, since switches in it are open; it is listed in the"
        " one that has most of its connectivity nodes.",
    )
    assert state(made).islands == {Island(frozenset({"#_n1", "#_n2"}), "#_n1")}


def test_topological_nodes_that_no_model_states_are_made() -> None:
    network = feeder().network()
    one, two = made_node(["a", "b"]), made_node(["c", "d"])
    found = state(exported(network))
    assert found.islands == {Island(frozenset({one, two}), one)}
    assert found.nodes == {one: frozenset({"#_a", "#_b"}), two: frozenset({"#_c", "#_d"})}
    made = exported(network)
    assert made.header is not None
    assert made.header.profiles == (PROFILE, TOPOLOGY)
    assert state(read(write.full(made))) == found
    opened = state(exported(network.after(moved("open", "y"))))
    assert opened.nodes == {one: frozenset({"#_a", "#_b"}), made_node("c"): frozenset({"#_c"})}
    assert opened.islands == {Island(frozenset({one, two}), one)}, "it is called after its first"


def test_what_others_find_in_it() -> None:
    data = write.full(exported(feeder().network()))
    found = triples.by_rdflib(data)
    assert found == triples.by_oxigraph(data)
    types = sorted(value.rpartition("#")[2] for _, name, value in found if name.endswith("#type"))
    assert types == [
        *["ConnectivityNode>"] * 4,
        "FullModel>",
        *["SvSwitch>"] * 2,
        "TopologicalIsland>",
        *["TopologicalNode>"] * 2,
    ]


def test_the_reference_is_where_the_models_want_it() -> None:
    drawing = topology(feeder(), n1="ab", n2="cd")
    for mrid, node, priority in (("g1", "c", 2), ("g2", "d", 1), ("g3", "a", 0)):
        drawing.equipment("SynchronousMachine", mrid, [node]).thing(
            "SynchronousMachine", mrid, SynchronousMachine__referencePriority=str(priority)
        )
    network = drawing.network()
    [island] = state(exported(network)).islands
    assert island.reference == "#_n2"
    out = network.after(PLAIN.service("g1", on=False)).after(PLAIN.service("g2", on=False))
    [island] = state(exported(out)).islands
    assert island.reference == "#_n1"


def test_a_node_that_no_model_describes_has_no_topological_node() -> None:
    #  S1 - a =[x]= b --l-- c, of which nobody says more
    drawing = Drawing().source("a", "S1").switch("x", "a", "b")
    drawing.nodes.add("c")
    found = state(exported(drawing.line("l", "b", "c").network()))
    [island] = found.islands
    assert found.nodes == {island.reference: {"#_a", "#_b"}}
    assert island.nodes == {island.reference}


def test_no_model_is_no_island() -> None:
    assert state(exported(Network.empty())) == State({}, {})


def loaded(folder: Path, *parts: str) -> Network:
    """The network of the files whose names hold one of these."""
    documents = [
        (file.name, member.document)
        for file in sorted(folder.iterdir())
        if any(f"_{part}_" in f"_{file.stem}_" for part in parts)
        for member in Archive(file.read_bytes(), file.name).members()
    ]
    models = [NetworkModel(mrid=name, document=RdfXml(data)) for name, data in documents]
    return Network.empty().after(event(Verb.CREATED, NetworkModels(network_model=tuple(models))))


@pytest.mark.reference
@pytest.mark.parametrize(
    ("name", "solved"),
    [
        ("smallgrid_cgmes24", "SmallGridTestConfiguration_BC_SV_v3.0.0.xml"),
        ("fullgrid_cgmes3", "FullGrid_SV.xml"),
    ],
)
def test_islands_are_those_that_others_solved(shared: Path, name: str, solved: str) -> None:
    folder = shared / "data" / "cim" / "cgmes" / name
    theirs = state(read((folder / solved).read_bytes()))
    network = loaded(folder, "EQ", "EQBD", "SSH", "TP")
    made = exported(network)
    assert made.problems == ()
    ours = state(read(write.full(made)))
    assert ours.islands == theirs.islands
    assert ours.nodes == {}


@pytest.mark.reference
def test_where_others_solved_a_voltage_there_is_an_island(shared: Path) -> None:
    """The MicroGrid says no islands, but voltages; those beyond its boundary are not described."""
    folder = shared / "data" / "cim" / "cgmes" / "microgrid_t1"
    [solved] = (read(file.read_bytes()) for file in folder.glob("*_SV_*"))
    rows, volts = solved.numbers("SvVoltage.v")
    of = solved.one(solved.links("SvVoltage.TopologicalNode"))
    live = {solved.ids[int(of[row])] for row in rows[volts > 0].tolist()}
    [topology] = (read(file.read_bytes()) for file in folder.glob("*_TP_*"))
    described = {topology.ids[row] for row in topology.of_class("TopologicalNode").nonzero()[0]}
    found = state(exported(loaded(folder, "EQ", "SSH", "TP")))
    [island] = found.islands
    assert (len(live), len(island.nodes)) == (11, 6)
    assert island.nodes == live & described
    assert island.reference in island.nodes
    assert found.nodes == {}
