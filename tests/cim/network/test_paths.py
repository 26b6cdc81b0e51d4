"""Which devices supply whom."""

from __future__ import annotations

import pytest

from cim.network import Network
from tests.cim.network.drawing import Drawing, model, moved


def feeder(kind: str = "Recloser") -> Drawing:
    # source - a =[head]= b --{reg}-- c --+--[mid]-- d --{t1}-- s1: p1, p2
    #                                     +--------- c --{t2}-- s2: p3
    return (
        Drawing()
        .thing("Feeder", "north", IdentifiedObject__name="North")
        .source("a")
        .switch("head", "a", "b", kind=kind, Equipment__EquipmentContainer="#_north")
        .transformer("reg", ("b", "ABC"), ("c", "ABC"), voltages="HH")
        .switch("mid", "c", "d", kind="LoadBreakSwitch", Equipment__EquipmentContainer="#_north")
        .transformer("t1", ("d", "AN"), ("s1", "s1N"), ("s1", "Ns2"))
        .transformer("t2", ("c", "BN"), ("s2", "s1N"), ("s2", "Ns2"))
        .consumer("l1", "s1", ["s1", "s2"])
        .consumer("l3", "s2", ["s1", "s2"])
        .usage_point("p1", "l1")
        .usage_point("p2", "l1")
        .usage_point("p3", "l3")
        .meter("m1", "p1")
        .meter("m3", "p3")
    )


@pytest.fixture
def network() -> Network:
    return feeder().network()


def test_nearest_first(network: Network) -> None:
    assert network.protective_path("p1") == ("t1", "mid", "reg", "head")
    assert network.protective_path("p3") == ("t2", "reg", "head")
    assert network.protective_path("mid") == ("mid", "reg", "head")


def test_below_is_the_other_side_of_the_path(network: Network) -> None:
    assert network.usage_points_below("head") == {"p1", "p2", "p3"}
    assert network.usage_points_below("mid") == {"p1", "p2"}
    assert network.usage_points_below("t2") == {"p3"}
    assert network.usage_points_below("l1") == {"p1", "p2"}
    assert network.devices_below("head") == {"reg", "mid", "t1", "t2"}
    assert network.devices_below("t1") == frozenset()


@pytest.mark.parametrize("switch", ["head", "mid"])
def test_opening_a_device_does_not_hide_what_is_below(network: Network, switch: str) -> None:
    dark = network.after(moved("open", switch))
    for point in network.usage_points:
        assert dark.protective_path(point) == network.protective_path(point)
    assert dark.usage_points_below(switch) == network.usage_points_below(switch)


def test_what_stands_open_by_design_is_traced_by_its_normal_way() -> None:
    #  source - a =[x, open now, normally closed]= b: load
    network = (
        Drawing()
        .source("a")
        .switch("x", "a", "b", opened=True)
        .consumer("load", "b")
        .usage_point("p", "load")
        .network()
    )
    assert not network.is_energised("p")
    assert network.protective_path("p") == ("x",)


def test_a_new_model_does_not_forget_the_way_by_which_a_place_last_was_supplied() -> None:
    #  source - a =[left]= b =[tie, open]= c =[right]= a       c --line-- d: load
    def drawing() -> Drawing:
        return (
            Drawing()
            .source("a")
            .switch("left", "a", "b")
            .switch("tie", "b", "c", opened=True, normally_open=True)
            .switch("right", "c", "a")
            .line("cd", "c", "d")
            .consumer("load", "d")
            .usage_point("p", "load")
        )

    network = Network.empty().after(model("grid", drawing().document()))
    for kind, switch in (("open", "right"), ("close", "tie"), ("open", "left")):
        network = network.after(moved(kind, switch))
    assert not network.is_energised("p")
    assert network.protective_path("p") == ("tie", "left")
    newer = network.after(model("grid", drawing().line("de", "d", "e").document()))
    assert newer.protective_path("p") == ("tie", "left")
    assert newer.protective_path("e") == ("tie", "left"), "what is new lies behind it"
    # without the tie that way is gone: the normal one remains
    without = Drawing().source("a").switch("right", "c", "a").line("cd", "c", "d")
    without.consumer("load", "d").usage_point("p", "load")
    assert newer.after(model("grid", without.document())).protective_path("p") == ("right",)


def test_what_was_never_supplied_has_no_path() -> None:
    network = Drawing().source("a").consumer("load", "z").usage_point("p", "load").network()
    assert network.protective_path("p") == ()
    assert network.feeder_of("p") == ""


def test_phases_behind_different_fuses_have_all_of_them() -> None:
    #            .--[fa]--.
    # source - a +--[fb]--+ b: load (ABC)      one fuse a phase
    #            '--[fc]--'
    drawing = Drawing().source("z").switch("head", "z", "a")
    for phase in "ABC":
        drawing.switch(f"f{phase.lower()}", "a", "b", phase, kind="Fuse")
    network = drawing.consumer("load", "b").usage_point("p", "load").network()
    path = network.protective_path("p")
    assert set(path[:3]) == {"fa", "fb", "fc"}
    assert path[3:] == ("head",)
    assert network.usage_points_below("fb") == {"p"}
    assert network.after(moved("open", "fb")).energised_phases("p") == {"A", "C"}


def test_what_protects(network: Network) -> None:
    assert {d for d in network.devices if network.is_protective(d)} == {"head", "t1", "t2"}
    assert network.device_kind("head") == "Recloser"


def test_all_switches_protect_where_no_protective_class_is_used() -> None:
    network = feeder("LoadBreakSwitch").network()
    assert {d for d in network.devices if network.is_protective(d)} == {"head", "mid", "t1", "t2"}


def test_the_feeder_is_the_container_or_else_the_head(network: Network) -> None:
    assert network.feeder_of("mid") == "north"
    assert network.feeder_of("p1") == "head"
    assert network.name("north") == "North"


def test_many_names_are_those_of_one_by_one() -> None:
    uuid = "6e5f1d0a-0000-4000-8000-00000000000a"
    drawing = feeder().thing("Feeder", uuid, IdentifiedObject__name="ü")
    # One that models only refer to is none of theirs, by whichever spelling.
    network = drawing.thing("Feeder", "far", Feeder__NormalEnergizingSubstation="#_gone").network()
    asked = ["north", "#_north", "head", "p1", "m1", uuid.upper(), uuid, "gone", "nobody", ""]
    found = network.names_of([*asked, "north"])
    assert found == {mrid: network.name(mrid) for mrid in asked if network.knows(mrid)}
    assert (found["north"], found[uuid], found[uuid.upper()]) == ("North", "ü", "ü")
    assert not {"gone", "nobody", ""} & found.keys()
    assert network.names_of([]) == Network.empty().names_of(["north"]) == {}


def test_meters_by_mrid_and_by_name(network: Network) -> None:
    assert network.usage_point_of("m1") == "p1"
    assert network.usage_point_of("m3 name") == "p3"
    assert network.usage_point_of("p2") == "p2"
    assert network.usage_point_of("p2 name") == "p2"
    assert network.usage_point_of("nobody") is None


def test_equipment_by_name(network: Network) -> None:
    found = network.equipment_named("mid name")
    assert (found.mrid, found.cim_class, found.name) == ("mid", "LoadBreakSwitch", "mid name")
    with pytest.raises(KeyError):
        network.equipment_named("m1 name")


def test_a_device_comes_before_a_namesake() -> None:
    drawing = Drawing().source("a").line("one", "a", "b").switch("two", "b", "c")
    for mrid in ("one", "two"):
        drawing.thing("Description", mrid, IdentifiedObject__name="7")
    assert drawing.network().equipment_named("7").mrid == "two"
    drawing.thing("Breaker", "three", IdentifiedObject__name="7")
    with pytest.raises(KeyError):
        drawing.network().equipment_named("7")


@pytest.mark.parametrize(
    "question",
    [
        "equipment",
        "name",
        "switch_closed",
        "is_energised",
        "energised_phases",
        "protective_path",
        "usage_points_below",
        "devices_below",
        "feeder_of",
        "is_protective",
        "device_kind",
    ],
)
def test_unknown_objects_are_key_errors(network: Network, question: str) -> None:
    assert not network.knows("nobody")
    with pytest.raises(KeyError):
        getattr(network, question)("nobody")


def test_positions_only_of_switches(network: Network) -> None:
    with pytest.raises(KeyError):
        network.switch_closed("t1")
