"""What is supplied, phase by phase."""

from __future__ import annotations

import pytest

from tests.cim.network.drawing import Drawing, moved

ABC = frozenset("ABC")


def lateral() -> Drawing:
    #   source --- a ==[head ABC]== b ---line--- c --[fuse B]-- d --line B-- e: load (B)
    #                                            c: works (ABC)
    return (
        Drawing()
        .source("a")
        .switch("head", "a", "b")
        .line("trunk", "b", "c")
        .switch("fuse", "c", "d", "B", kind="Fuse")
        .line("lateral", "d", "e", "B")
        .consumer("load", "e", "B")
        .consumer("works", "c", "ABC")
        .usage_point("flat", "load")
        .usage_point("mill", "works")
    )


def test_three_phases_where_no_phase_is_stated() -> None:
    network = lateral().network()
    assert network.energised_phases("c") == ABC
    assert network.energised_phases("d") == {"B"}
    assert network.equipment("trunk").phases == ABC
    assert network.equipment("lateral").phases == {"B"}
    assert network.problems == ()


def test_without_supply_is_only_what_a_place_has() -> None:
    network = lateral().network()
    for of in ("flat", "mill", "d", "e", "c", "load", "lateral", "head"):
        assert network.dead_phases(of) == frozenset()
    dark = network.after(moved("open", "head"))
    assert dark.dead_phases("flat") == dark.dead_phases("e") == {"B"}
    assert dark.dead_phases("mill") == dark.dead_phases("c") == ABC
    assert dark.dead_phases("head") == frozenset()  # its other side is supplied
    assert dark.dead_phases("trunk") == ABC


def test_one_pole_of_three_opens() -> None:
    network = lateral().network().after(moved("open", "head", phases="B"))
    assert network.switch_closed("head") == {"A", "C"}
    assert network.energised_phases("mill") == {"A", "C"}
    assert not network.is_energised("mill")
    assert network.energised_phases("flat") == frozenset()


def test_closing_restores_only_what_was_closed() -> None:
    network = lateral().network().after(moved("open", "head"))
    assert not network.is_energised("flat")
    network = network.after(moved("close", "head", phases="AB"))
    assert network.switch_closed("head") == {"A", "B"}
    assert network.is_energised("flat")
    assert network.energised_phases("mill") == {"A", "B"}


def test_an_open_pole_of_another_phase_does_not_matter() -> None:
    network = lateral().network().after(moved("open", "head", phases="AC"))
    assert network.is_energised("flat")


@pytest.mark.parametrize("phase", ["A", "B", "C"])
def test_center_tapped_secondary_follows_its_primary_phase(phase: str) -> None:
    #                                      +-- s1 --.
    #  source - a =[head]= b --[pole: phase N]       s ===triplex=== house (s1, s2)
    #                                      +-- s2 --'
    network = (
        Drawing()
        .source("a")
        .switch("head", "a", "b")
        .transformer("pole", ("b", f"{phase}N"), ("s", "s1N"), ("s", "Ns2"))
        .line("triplex", "s", "house", ["s1", "s2", "N"])
        .consumer("load", "house", ["s1", "s2"])
        .usage_point("point", "load")
        .network()
    )
    assert network.energised_phases("point") == {"s1", "s2"}
    dark = network.after(moved("open", "head", phases=phase))
    assert dark.energised_phases("point") == frozenset()
    others = "".join(sorted(set("ABC") - {phase}))
    assert network.after(moved("open", "head", phases=others)).is_energised("point")


def test_a_secondary_does_not_feed_back_between_primary_phases() -> None:
    #  source - a =[one: A]= b --[pole: AB]-- s1 s2;   B never reaches b
    network = (
        Drawing()
        .source("a")
        .switch("one", "a", "b", "A")
        .transformer("pole", ("b", "AB"), ("s", "s1N"), ("s", "Ns2"))
        .network()
    )
    assert network.energised_phases("s") == {"s1", "s2"}
    assert network.energised_phases("b") == {"A"}


def test_a_tie_supplies_from_the_other_side() -> None:
    #  source - a =[left]= b ---line--- c =[tie, open]= d ---line--- e =[right]= a
    network = (
        Drawing()
        .source("a")
        .switch("left", "a", "b")
        .line("bc", "b", "c")
        .switch("tie", "c", "d", opened=True, normally_open=True, kind="LoadBreakSwitch")
        .line("de", "d", "e")
        .switch("right", "e", "a")
        .consumer("load", "c")
        .usage_point("point", "load")
        .network()
    )
    assert network.protective_path("point") == ("left",)
    dark = network.after(moved("open", "left"))
    assert not dark.is_energised("point")
    assert dark.protective_path("point") == ("left",)
    back = dark.after(moved("close", "tie"))
    assert back.is_energised("point")
    assert back.protective_path("point") == ("tie", "right")
    loop = back.after(moved("close", "left"))
    assert loop.protective_path("point") == ("left",), "of two ways the shorter one"


def test_phases_change_sides_in_a_transposing_switch() -> None:
    #  source - a =[turn: A to B]= b
    drawing = Drawing().source("a").equipment("Jumper", "turn", ["a", "b"])
    drawing.thing(
        "SwitchPhase",
        "turn-1",
        SwitchPhase__phaseSide1=drawing.phase("A"),
        SwitchPhase__phaseSide2=drawing.phase("B"),
        SwitchPhase__closed="true",
        SwitchPhase__Switch="#_turn",
    )
    assert drawing.network().energised_phases("b") == {"B"}


@pytest.mark.parametrize(
    "said",
    [
        {"Equipment__inService": "false"},
        {"Equipment__normallyInService": "false"},
        {"Switch__open": "true"},
        {"Switch__normalOpen": "true"},
    ],
)
def test_what_interrupts(said: dict[str, str]) -> None:
    network = Drawing().source("a").equipment("Breaker", "x", ["a", "b"], **said).network()
    assert network.energised_phases("a") == ABC
    assert network.energised_phases("b") == frozenset()


def test_a_loose_terminal_interrupts() -> None:
    drawing = Drawing().source("a").line("x", "a", "b")
    drawing.thing("Terminal", "x-t2", ACDCTerminal__connected="false")
    assert drawing.network().energised_phases("b") == frozenset()


def test_position_as_operated_weighs_more_than_as_designed() -> None:
    network = (
        Drawing().source("a").switch("x", "a", "b", opened=False, normally_open=True).network()
    )
    assert network.energised_phases("b") == ABC


def test_unstated_consumer_phases_are_those_of_its_place() -> None:
    #  source - a --line C-- b: load (says nothing)
    network = (
        Drawing()
        .source("a")
        .line("x", "a", "b", "C")
        .consumer("load", "b")
        .usage_point("point", "load")
        .network()
    )
    assert network.energised_phases("point") == {"C"}
    assert network.is_energised("point")


def test_generators_do_not_supply() -> None:
    network = Drawing().source("a").equipment("SynchronousMachine", "g", ["z"]).network()
    assert network.energised_phases("z") == frozenset()


def test_without_a_source_nothing_is_supplied() -> None:
    network = Drawing().line("x", "a", "b").network()
    assert network.energised_phases("a") == frozenset()
    assert any("source of supply" in problem for problem in network.problems)
