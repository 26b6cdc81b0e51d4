"""What is in the network for a time, such as jumpers, and what is in service."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cim.message import Verb
from cim.network import Network
from cim.network.placing import End
from cim.profiles.identification import (
    ACLineSegment,
    ConductingEquipment,
    ConnectivityNode,
    Name,
    PowerSystemResource,
)
from cim.profiles.phases import PhaseCode
from cim.profiles.psr_events import PSREvent, PSREventKind, PSREvents
from cim.profiles.switching_actions import (
    Cut,
    CutAction,
    Ground,
    GroundAction,
    Jumper,
    JumperAction,
    TempEquipActionKind,
    Terminal,
)
from tests.cim.network.drawing import Drawing, event, model, moved, street
from tests.cim.network.plain import Plain, done, said, terminals, together

ABC = frozenset("ABC")
PLAIN = Plain({})  # only says what happens


@pytest.fixture(scope="module")
def network() -> Network:
    return street().network()


def test_a_cut_opens_a_segment_where_it_is_and_on_its_phases(network: Network) -> None:
    cut = network.after(PLAIN.cut("l", "A", there=True))
    assert cut.energised_phases("c") == {"B", "C"}
    assert cut.energised_phases("p") == frozenset()
    [patch] = cut.patches
    assert (patch.kind, patch.mrid, patch.ends, patch.phases) == ("cut", "cut l", (End("l"),), 1)
    again = cut.after(PLAIN.cut("l", "A", there=False))
    assert again.energised_phases("p") == {"s1", "s2"}
    assert again.patches == ()


def test_two_cuts_of_one_segment(network: Network) -> None:
    actions = [
        CutAction(
            kind=TempEquipActionKind.PLACE,
            cut=Cut(mrid=mrid, acline_segment=ACLineSegment(mrid="l")),
            phases=PhaseCode(phases),
        )
        for mrid, phases in (("one", "AB"), ("two", "BC"))
    ]
    for action in actions:
        network = network.after(said(cut_action=action))
    assert network.energised_phases("c") == frozenset()
    gone = CutAction(kind=TempEquipActionKind.REMOVE, cut=Cut(mrid="one"))
    assert network.after(said(cut_action=gone)).energised_phases("c") == {"A"}


def test_a_jumper_joins_two_nodes(network: Network) -> None:
    joined = network.after(PLAIN.jumper("j", ("c", "e"), "AB", there=True))
    assert joined.energised_phases("f") == {"A", "B"}
    assert joined.upstream("e") == ("l", "x", "source")
    one = joined.after(PLAIN.jumper("j", ("c", "e"), "A", there=False))
    assert one.energised_phases("q") == {"B"}
    moved_on = one.after(PLAIN.jumper("j", ("d", "e"), "ABC", there=True))
    assert moved_on.energised_phases("q") == ABC
    assert joined.energised_phases("f") == {"A", "B"}
    assert network.energised_phases("f") == frozenset()


def test_a_jumper_survives_the_model_and_what_was_open_beside_it(network: Network) -> None:
    joined = network.after(PLAIN.jumper("j", ("c", "e"), "ABC", there=True))
    opened = joined.after(moved("open", "x"))
    newer = opened.after(model("drawing", street().line("more", "f", "g").document()))
    assert newer.energised_phases("g") == frozenset()
    assert newer.after(moved("close", "x")).energised_phases("g") == ABC
    without = newer.after(model("drawing", Drawing().source("a").line("l", "a", "c").document()))
    assert without.problems == (
        "Switch x was operated, but no model describes it.",
        "Jumper j was placed at e, but no model describes it.",
    )
    back = without.after(model("drawing", street().document()))
    assert back.problems == ()
    assert back.switch_closed("x") == frozenset()
    assert back.after(moved("close", "x")).energised_phases("f") == ABC


def jumped(*ends: Terminal, **more: object) -> object:
    jumper = Jumper(mrid="j", terminals=ends)
    return said(jumper_action=JumperAction(kind=done(True), jumper=jumper, **more))  # type: ignore[arg-type]


def test_a_jumper_may_cross_phases(network: Network) -> None:
    one, two = terminals("c", "e")
    crossed = network.after(
        jumped(  # type: ignore[arg-type]
            Terminal(connectivity_node=one.connectivity_node, phases=PhaseCode.AB),
            Terminal(connectivity_node=two.connectivity_node, phases=PhaseCode.BC),
        )
    )
    assert crossed.energised_phases("f") == {"B", "C"}
    assert crossed.after(PLAIN.cut("l", "A", there=True)).energised_phases("f") == {"C"}


def test_a_jumper_by_equipment(network: Network) -> None:
    #  h hangs at s alone, k at f alone; l is at two nodes: bridged
    pieces = (ConductingEquipment(mrid="h"), ConductingEquipment(mrid="k"))
    action = JumperAction(kind=done(True), jumped_equipments=pieces)
    assert network.after(said(jumper_action=action)).energised_phases("f") == {"s1", "s2"}
    bridge = JumperAction(kind=done(True), acline_segments=(ACLineSegment(mrid="l"),))
    bridged = network.after(PLAIN.cut("l", "ABC", there=True)).after(said(jumper_action=bridge))
    assert bridged.energised_phases("c") == ABC
    removed = JumperAction(kind=done(False), acline_segments=(ACLineSegment(mrid="l"),))
    assert bridged.after(said(jumper_action=removed)).energised_phases("c") == frozenset()


@pytest.mark.parametrize(
    ("ends", "why"),
    [
        (("c",), "Jumper j was placed at c, which leaves open which two nodes it connects."),
        (("c", "ghost"), "Jumper j was placed at ghost, but no model describes it."),
        (("c", "p"), "Jumper j was placed at p, but a UsagePoint is at no node."),
        (("l", "m"), "Jumper j was placed at l and m, which leaves open which two nodes it"),
        ((), "Jumper j was placed at no place, which leaves open which two nodes it connects."),
    ],
)
def test_a_jumper_without_two_ends_is_a_problem(
    network: Network, ends: tuple[str, ...], why: str
) -> None:
    lost = network.after(jumped(*terminals(*ends)))  # type: ignore[arg-type]
    [problem] = lost.problems
    assert problem.startswith(why)
    assert lost.energised_phases("c") == ABC
    assert len(lost.patches) == 1
    fixed = lost.after(jumped(*terminals("c", "e")))  # type: ignore[arg-type]
    assert fixed.problems == ()
    assert fixed.energised_phases("e") == ABC


def test_more_phases_at_one_end_than_at_the_other_are_a_problem(network: Network) -> None:
    one, two = (t.connectivity_node for t in terminals("c", "e"))
    ends = (
        Terminal(connectivity_node=one, phases=PhaseCode.ABC),
        Terminal(connectivity_node=two, phases=PhaseCode.A),
    )
    assert network.after(jumped(*ends)).problems == (  # type: ignore[arg-type]
        "Jumper j has more phases at one end than at the other.",
    )


def test_a_ground_earths_what_is_dead_and_connected(network: Network) -> None:
    live = network.after(PLAIN.ground("g", "c", "ABC", there=True))
    assert live.earthed_phases("c") == frozenset(), "what is supplied is not earthed"
    dark = live.after(moved("open", "x"))
    assert dark.earthed_phases("b") == ABC
    assert dark.earthed_phases("d") == ABC
    assert dark.earthed_phases("s") == frozenset(), "no earth passes a transformer"
    assert dark.earthed_phases("a") == frozenset()
    assert dark.after(PLAIN.ground("g", "c", "A", there=False)).earthed_phases("d") == {"B", "C"}
    assert dark.after(PLAIN.ground("g", "c", "ABC", there=False)).earthed_phases("d") == frozenset()
    apart = dark.after(PLAIN.cut("m", "B", there=True))
    assert apart.earthed_phases("d") == {"A", "C"}


@pytest.mark.parametrize(
    "where",
    [
        {"grounded_equipment": ConductingEquipment(mrid="m")},
        {"along_acline_segment": ACLineSegment(names=(Name(name="m name"),))},
        {"ground": Ground(mrid="g", terminals=(Terminal(mrid="m-t1"),))},
        {"ground": Ground(terminals=(Terminal(connectivity_node=ConnectivityNode(mrid="c")),))},
    ],
)
def test_where_a_ground_is_fastened(network: Network, where: dict[str, object]) -> None:
    dark = network.after(moved("open", "x"))
    placed = dark.after(said(ground_action=GroundAction(kind=done(True), **where)))  # type: ignore[arg-type]
    assert placed.problems == ()
    assert placed.earthed_phases("d") == ABC
    removed = placed.after(said(ground_action=GroundAction(kind=done(False), **where)))  # type: ignore[arg-type]
    assert removed.earthed_phases("d") == frozenset()
    assert removed.patches == ()


def test_a_ground_nowhere_is_a_problem(network: Network) -> None:
    action = GroundAction(kind=done(True), ground=Ground(mrid="g"))
    assert network.after(said(ground_action=action)).problems == (
        "Ground g was placed, but where is not said.",
    )


def test_a_closed_ground_disconnector_earths_and_joins_nothing() -> None:
    #  source - a =[x]= b =[gd]= e      b --l-- c       e =[other gd]= f
    network = (
        Drawing()
        .source("a")
        .switch("x", "a", "b")
        .line("l", "b", "c")
        .switch("gd", "b", "e", kind="GroundDisconnector", opened=True)
        .switch("other", "e", "f", kind="GroundDisconnector")
        .network()
    )
    dark = network.after(moved("open", "x"))
    assert dark.earthed_phases("c") == frozenset()
    earthed = dark.after(moved("close", "gd", phases="AB"))
    assert earthed.earthed_phases("c") == {"A", "B"}
    assert earthed.after(moved("close", "x")).energised_phases("e") == frozenset()


def test_a_load_that_is_disconnected_takes_no_supply(network: Network) -> None:
    drawing = PLAIN.load
    off = Drawing().source("a").consumer("load a", "a").usage_point("p", "load a").network()
    off = off.after(drawing("a", on=False))
    assert not off.is_energised("p")
    assert off.energised_phases("load a") == frozenset()
    assert off.energised_phases("a") == ABC
    assert off.after(drawing("a", on=True)).is_energised("p")


def test_service_of_any_equipment(network: Network) -> None:
    for mrid, dark in (("l", "c"), ("t", "s"), ("x", "b"), ("source", "a")):
        out = network.after(PLAIN.service(mrid, on=False))
        assert out.energised_phases(dark) == frozenset()
        assert not out.in_service(mrid)
        assert out.in_service("m")
        assert out.after(PLAIN.service(mrid, on=True)).energised_phases(dark)
    assert network.after(PLAIN.service("x", on=False)).switch_closed("x") == ABC
    assert not network.after(PLAIN.service("h", on=False)).is_energised("p")


def test_what_was_out_of_service_by_the_model_can_be_put_into_it() -> None:
    network = (
        Drawing().source("a").equipment("Breaker", "x", ["a", "b"], Equipment__inService="false")
    )
    built = network.network()
    assert built.energised_phases("b") == frozenset()
    assert built.after(PLAIN.service("x", on=True)).energised_phases("b") == ABC


@pytest.mark.parametrize(
    ("mrid", "why"),
    [
        ("ghost", "ghost went out of service, but no model describes it."),
        ("p", "p went out of service, but a UsagePoint is no equipment at a node."),
    ],
)
def test_service_of_what_is_no_equipment_is_a_problem(
    network: Network, mrid: str, why: str
) -> None:
    assert network.after(PLAIN.service(mrid, on=False)).problems == (why,)


@pytest.mark.parametrize("kind", [PSREventKind.PENDING_REMOVE, PSREventKind.OTHER])
def test_what_is_only_announced_moves_nothing(network: Network, kind: PSREventKind) -> None:
    thing = PowerSystemResource(mrid="l")
    events = PSREvents(psrevent=(PSREvent(kind=kind, power_system_resource=thing),))
    assert network.after(event(Verb.CREATED, events)) is network


def test_requests_move_nothing(network: Network) -> None:
    message = PLAIN.cut("l", "A", there=True)
    asked = replace(message, header=replace(message.header, verb=Verb.CREATE))
    assert network.after(asked) is network


def test_more_patches_than_there_is_room_for(network: Network) -> None:
    """The graph keeps room for some hundred; then it is put together again."""
    for turn in range(1_100):
        network = network.after(
            PLAIN.jumper(f"j{turn % 3}", (("c", "b", "d")[turn % 3], "e"), "ABC", there=True)
        )
        network = network.after(PLAIN.jumper(f"j{turn % 3}", ("", ""), "ABC", there=False))
        ends = ("c", "f") if turn % 2 else ("b", "f")
        network = network.after(PLAIN.jumper("k", ends, "ABC", there=True))
    assert network.energised_phases("f") == ABC
    assert [patch.mrid for patch in network.patches] == ["k"]
    assert network.problems == ()


def test_more_patches_at_once_than_there_is_room_for(network: Network) -> None:
    network = Drawing().source("a").line("l", "a", "b").network()
    grounds = [PLAIN.ground(f"g{number}", "b", "A", there=True) for number in range(1_200)]
    placed = network.after(together(grounds))
    assert len(placed.patches) == 1_200
    for whole in (
        placed,
        placed.after(model("drawing", Drawing().source("a").line("l", "a", "b").document())),
        Network.from_bytes(placed.to_bytes()),
    ):
        dark = whole.after(PLAIN.cut("l", "A", there=True))
        assert dark.earthed_phases("b") == {"A"}
        gone = dark.after(
            together(PLAIN.ground(f"g{n}", "b", "A", there=False) for n in range(1_200))
        )
        assert gone.earthed_phases("b") == frozenset()
