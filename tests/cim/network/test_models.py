"""Documents and events that make a network, in any order; what does not fit is said."""

from __future__ import annotations

import subprocess
import sys
from itertools import permutations

import pytest

from cim.message import Verb
from cim.network import Network
from tests.cim.network.drawing import CIM, HEAD, Drawing, event, model, moved

UUID = "7fbf6eec-6238-4bf9-8738-30f3c07c8dd2"


def network_drawing() -> Drawing:
    # source - a =[x]= b: load
    return Drawing().source("a").switch("x", "a", "b").consumer("load", "b")


def customers() -> Drawing:
    return Drawing().usage_point("p", "load").meter("m", "p")


def answers(network: Network) -> tuple[object, ...]:
    return (
        network.problems,
        network.is_energised("p"),
        network.protective_path("p"),
        network.usage_point_of("m"),
        network.switch_closed("x"),
        set(network.version),
    )


def test_any_order_gives_the_same_network() -> None:
    messages = [
        model("grid", network_drawing().document()),
        model("customers", customers().document()),
        moved("open", "x"),
    ]
    found = []
    for order in permutations(messages):
        network = Network.empty()
        for message in order:
            network = network.after(message)
        found.append(answers(network))
    assert found[0] == ((), False, ("x",), "p", frozenset(), {"grid", "customers"})
    assert all(other == found[0] for other in found)


def test_customers_without_their_network_are_a_problem_until_it_comes() -> None:
    network = Network.empty().after(model("customers", customers().document()))
    assert network.problems == ("Usage point p is on equipment load, which no model describes.",)
    assert not network.is_energised("p")
    assert network.after(model("grid", network_drawing().document())).problems == ()


def test_a_switch_nobody_knows_is_a_problem() -> None:
    network = network_drawing().network().after(moved("open", "ghost", "load"))
    assert network.problems == (
        "Switch ghost was operated, but no model describes it.",
        "load was operated as a switch, but it is a EnergyConsumer.",
    )
    assert network.switch_closed("x") == set("ABC")


def test_a_pole_the_switch_has_not_is_a_problem() -> None:
    network = Drawing().source("a").switch("x", "a", "b", "A").network()
    [problem] = network.after(moved("open", "x", phases="B")).problems
    assert problem == "Switch x was operated on B, where it has no pole."


def test_switches_by_name() -> None:
    network = network_drawing().network().after(moved("open", "x name"))
    assert network.switch_closed("x") == frozenset()
    assert network.problems == ()


def test_a_replaced_model_keeps_what_was_operated() -> None:
    network = Network.empty().after(model("grid", network_drawing().document()))
    network = network.after(moved("open", "x"))
    bigger = network_drawing().line("more", "b", "c").document()
    replaced = network.after(model("grid", bigger))
    assert replaced.version == ("grid",)
    assert replaced.knows("more")
    assert replaced.switch_closed("x") == frozenset()
    superseded = network.after(model("grid-2", bigger, supersedes=["urn:uuid:grid"]))
    assert superseded.version == ("grid-2",)
    assert superseded.switch_closed("x") == frozenset()
    without = network.after(model("grid", Drawing().source("a").document()))
    assert without.problems == ("Switch x was operated, but no model describes it.",)


def test_a_deleted_model_is_gone() -> None:
    network = network_drawing().network()
    gone = network.after(model("drawing", b"", verb=Verb.DELETED))
    assert gone.version == ()
    assert not gone.knows("x")


@pytest.mark.parametrize("verb", [Verb.CREATE, Verb.GET, Verb.REPLY])
def test_requests_move_nothing(verb: Verb) -> None:
    network = network_drawing().network()
    assert network.after(moved("open", "x", verb=verb)) is network
    assert network.after(model("other", b"", verb=verb)) is network


def test_blocking_reclosing_moves_nothing() -> None:
    network = network_drawing().network().after(moved("disableReclosing", "x"))
    assert network.switch_closed("x") == set("ABC")


def test_the_predecessor_stays_as_it_was() -> None:
    before = network_drawing().usage_point("p", "load").meter("m", "p").network()
    at_first = answers(before)
    before.after(moved("open", "x"))
    before.after(moved("open", "ghost"))
    before.after(model("customers", customers().usage_point("q", "nothing").document()))
    before.after(model("drawing", b"<broken"))
    before.after(model("drawing", b"", verb=Verb.DELETED))
    assert answers(before) == at_first


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (b"<broken", "not well-formed"),
        (b"<rdf:RDF/>", "not well-formed"),
        (b"<RDF/>", "The root is RDF, not rdf:RDF."),
        (b"<!DOCTYPE x []><x/>", "A document type definition (DTD) is not accepted"),
        (
            HEAD.format(cim=CIM).encode() + b"<md:DifferenceModel rdf:about='x'/></rdf:RDF>",
            "It is a difference to no model, but none of them is in force.",
        ),
        (
            HEAD.format(cim=CIM).encode() + b"<cim:Fuse/></rdf:RDF>",
            "line 2, column 1: A Fuse has neither rdf:ID nor rdf:about.",
        ),
    ],
)
def test_an_unreadable_model_is_a_problem_and_changes_nothing(document: bytes, why: str) -> None:
    network = network_drawing().network().after(model("drawing", document))
    [problem] = network.problems
    assert problem.startswith("Model drawing was left out: ")
    assert why in problem
    assert network.knows("x")
    assert network.after(model("drawing", network_drawing().document())).problems == ()


def test_values_that_cannot_be_read_are_problems() -> None:
    network = (
        Drawing().source("a").equipment("Fuse", "x", ["a", "b"], Switch__open="maybe").network()
    )
    assert network.problems == ("Switch.open of x: 'maybe' is neither true nor false.",)


def test_many_problems_of_a_kind_are_counted() -> None:
    drawing = network_drawing()
    for number in range(60):
        drawing.usage_point(f"p{number}", "nothing")
    problems = drawing.network().problems
    assert len(problems) == 51
    assert problems[-1].endswith("10 more.")


def test_uuids_in_either_case_reported_as_read() -> None:
    document = network_drawing().document().replace(b"_x", b"_" + UUID.encode())
    network = Network.empty().after(model("grid", document)).after(moved("open", UUID.upper()))
    assert network.switch_closed(UUID.upper()) == frozenset()
    assert network.equipment(UUID.upper()).mrid == UUID


@pytest.mark.parametrize(
    ("written", "referred"),
    [
        ('rdf:ID="_x"', "#_x"),
        ('rdf:about="urn:uuid:x"', "urn:uuid:x"),
        ('rdf:ID="x"', "#x"),
        ('rdf:about="#_x"', "http://example.org/grid#_x"),
    ],
)
def test_identity_in_all_its_forms(written: str, referred: str) -> None:
    document = network_drawing().document().decode()
    document = document.replace('rdf:about="#_x"', written).replace('"#_x"', f'"{referred}"')
    assert Network.empty().after(model("g", document.encode())).energised_phases("b") == set("ABC")


def test_an_mrid_that_is_not_the_rdf_id_finds_the_object_too() -> None:
    grid = network_drawing().thing("Breaker", "x", IdentifiedObject__mRID="SW-1")
    network = Network.empty().after(model("grid", grid.document()))
    for whole in (network, network.after(model("customers", customers().document()))):
        assert whole.equipment("x").mrid == "SW-1"
        assert whole.after(moved("open", "SW-1")).switch_closed("x") == frozenset()
        assert whole.problems == ()


def test_usage_points_stated_from_the_other_side() -> None:
    network = (
        network_drawing()
        .thing("UsagePoint", "p", UsagePoint__EndDevices="#_m")
        .thing("Meter", "m")
        .thing("EnergyConsumer", "load", Equipment__UsagePoints="#_p")
        .network()
    )
    assert network.is_energised("p")
    assert network.usage_point_of("m") == "p"


@pytest.mark.parametrize(
    "namespace",
    [
        "http://iec.ch/TC57/2013/CIM-schema-cim16#",
        "http://iec.ch/TC57/2016/CIM-schema-cim17#",
        "https://cim.ucaiug.io/ns#",
    ],
)
def test_other_versions_of_the_cim(namespace: str) -> None:
    network = Drawing(namespace).source("a").line("x", "a", "b", "BC").network()
    assert network.energised_phases("b") == {"B", "C"}


def test_the_header_of_the_document_is_not_an_object() -> None:
    document = (
        network_drawing()
        .document()
        .replace(
            b"<cim:",
            b'<md:FullModel rdf:about="urn:uuid:1"><md:Model.x>1</md:Model.x></md:FullModel><cim:',
            1,
        )
    )
    assert Network.empty().after(model("g", document)).counts()["Breaker"] == 1


def test_the_instruction_of_the_standard_is_passed_over() -> None:
    document = b'<?iec61970-552 version="2.0"?>' + network_drawing().document()
    assert Network.empty().after(model("g", document)).knows("x")


def test_counts() -> None:
    assert network_drawing().network().counts() == {
        "ConnectivityNode": 2,
        "Terminal": 4,
        "EnergySource": 1,
        "Breaker": 1,
        "EnergyConsumer": 1,
    }


def test_other_messages_return_the_same_network() -> None:
    network = network_drawing().network()
    message = moved("open", "x")
    assert network.after(event(Verb.CREATED, message.payload.switching_event[0])) is network


def test_a_network_with_nothing_in_it_loads_no_compiler() -> None:
    """`gridbus --help` and a hub that has no network yet should not wait for it."""
    asked = (
        "import sys; from cim.network import Network; network = Network.empty();"
        "assert not network.knows('x') and network.usage_point_of('x') is None;"
        "assert not network.counts() and not network.problems and not network.nodes;"
        "sys.exit('numba' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", asked], check=True)
