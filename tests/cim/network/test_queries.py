"""What is asked about ways: up, down, between, the next device, feed points, isolation, loops."""

from __future__ import annotations

import pytest

from cim.network import Isolation, Loop, Network
from tests.cim.network.drawing import Drawing, model, moved
from tests.cim.network.plain import tagged

ABC = frozenset("ABC")


def town() -> Drawing:
    # south: S1 - a =[B1]= b --L1-- c =[F1]= d --L2-- e: h1     F1 a fuse
    #                               c =[D1]= f: h2
    #                               f =[TIE, open]= y
    # north: S2 - z =[B2]= y --L3-- x: h3
    return (
        Drawing()
        .thing("Feeder", "south")
        .source("a", "S1")
        .switch("B1", "a", "b", Equipment__EquipmentContainer="#_south")
        .line("L1", "b", "c")
        .switch("F1", "c", "d", kind="Fuse", Equipment__EquipmentContainer="#_south")
        .line("L2", "d", "e", "A")
        .switch("D1", "c", "f", kind="Disconnector", Equipment__EquipmentContainer="#_south")
        .switch("TIE", "f", "y", kind="LoadBreakSwitch", opened=True, normally_open=True)
        .source("z", "S2")
        .switch("B2", "z", "y")
        .line("L3", "y", "x")
        .consumer("h1", "e", "A")
        .consumer("h2", "f")
        .consumer("h3", "x")
        .usage_point("p1", "h1")
        .usage_point("p2", "h2")
        .usage_point("p3", "h3")
    )


@pytest.fixture(scope="module")
def network() -> Network:
    return town().network()


def test_upstream_is_all_that_supplies_it(network: Network) -> None:
    assert network.upstream("p1") == ("L2", "F1", "L1", "B1", "S1")
    assert network.upstream("S1") == ("S1",)
    assert network.upstream("c") == ("L1", "B1", "S1")


def test_downstream_is_all_that_is_supplied_through_it(network: Network) -> None:
    below = network.downstream("F1")
    assert sorted(below.nodes) == ["d", "e"]
    assert sorted(below.equipment) == ["L2", "h1"]
    assert below.usage_points == ["p1"]
    assert sorted(network.downstream("c").nodes) == ["c", "d", "e", "f"]
    assert list(network.downstream("h3").nodes) == ["x"]
    assert len(network.downstream("L3").nodes) == 1
    assert network.downstream("TIE").nodes == []


def test_between_two_places(network: Network) -> None:
    assert network.between("p1", "p2") == ("L2", "F1", "D1")
    assert network.between("e", "b") == ("L2", "F1", "L1")
    assert network.between("b", "e") == ("L1", "F1", "L2")
    assert network.between("B1", "F1") == ("L1",)
    assert network.between("e", "e") == ()
    assert network.between("p1", "p3") == (), "different sources supply them"


def test_the_next_protective_devices(network: Network) -> None:
    assert network.next_device("p1") == "F1"
    assert network.next_device("F1") == "B1"
    assert network.next_device("B1") is None
    assert network.next_devices("B1") == {"F1"}
    assert network.next_devices("a") == {"B1"}
    assert network.next_devices("F1") == frozenset()


def test_feed_points_by_phase(network: Network) -> None:
    assert network.feed_points("p2") == dict.fromkeys("ABC", "S1")
    one_pole = network.after(moved("open", "D1", phases="A"))
    one_pole = one_pole.after(moved("close", "TIE", phases="A"))
    assert one_pole.feed_points("f") == {"A": "S2", "B": "S1", "C": "S1"}
    assert one_pole.feed_point("f") == "S2"
    dark = network.after(moved("open", "B1"))
    assert dark.feed_points("p2") == {}
    assert dark.feed_point("p2") == ""


def test_isolation_of_a_section(network: Network) -> None:
    #  b --L1-- c: B1 feeds it; D1 and F1 lead to what only it feeds
    assert network.isolation_points("L1") == Isolation(frozenset({"B1"}), frozenset(), frozenset())
    #  f: D1 feeds it, TIE could
    both = Isolation(frozenset({"D1"}), frozenset({"TIE"}), frozenset())
    assert network.isolation_points("h2") == both
    assert network.isolation_points("f") == both
    # once the tie is closed, all around count
    meshed = network.after(moved("close", "TIE"))
    assert meshed.isolation_points("L1").open == {"B1", "D1"}
    assert meshed.isolation_points("L1", "h2") == Isolation(
        frozenset({"B1", "TIE"}), frozenset(), frozenset()
    )
    # what switches it is open on one phase only
    one_pole = network.after(moved("open", "B1", phases="A"))
    assert one_pole.isolation_points("L1").open == {"B1"}
    # a switch itself: both sides
    assert network.isolation_points("D1") == Isolation(
        frozenset({"B1"}), frozenset({"TIE"}), frozenset()
    )


def test_a_source_inside_cannot_be_isolated_by_switches(network: Network) -> None:
    assert network.isolation_points("a") == Isolation(frozenset(), frozenset(), frozenset({"S1"}))


def test_isolated_as_told_it_is_dead(network: Network) -> None:
    meshed = network.after(moved("close", "TIE"))
    for place in ("L1", "h2", "L2", "x", "p1"):
        found = meshed.isolation_points(place)
        isolated = meshed.after(moved("open", *found.open))
        assert isolated.energised_phases(place) == frozenset()


def test_loops_and_parallels(network: Network) -> None:
    assert network.loops() == ()
    [parallel] = network.after(moved("close", "TIE")).loops()
    assert parallel.kind == "parallel"
    assert parallel.phases == ("A", "B", "C")
    assert set(parallel.switches) == {"B1", "D1", "TIE", "B2"}
    assert set(parallel.equipment) == {"S1", "B1", "L1", "D1", "TIE", "B2", "S2"}
    assert set(parallel.sources) == {"S1", "S2"}
    one = network.after(moved("close", "TIE", phases="B")).loops()
    assert [loop.phases for loop in one] == [("B",)]


def test_a_ring_from_one_source() -> None:
    #            .--[x]-- b --[y]--.
    # source - a                    c          [z] bridges c and a
    #            '-------[z]-------'
    network = (
        Drawing()
        .source("a")
        .switch("x", "a", "b")
        .switch("y", "b", "c")
        .switch("z", "c", "a", "AB")
        .network()
    )
    assert network.loops() == (
        Loop("loop", ("A", "B"), ("x", "y", "z"), ("x", "y", "z"), ("source",)),
    )
    assert network.after(moved("open", "y")).loops() == ()
    assert network.normal.loops() == network.loops()


def test_lines_side_by_side_are_a_loop_without_switches() -> None:
    network = Drawing().source("a").line("one", "a", "b").line("two", "a", "b").network()
    [loop] = network.loops()
    assert (loop.switches, loop.equipment) == ((), ("one", "two"))


def test_windings_alone_are_no_loop() -> None:
    #  an open delta: AB and BC on both sides, B through both
    network = (
        Drawing()
        .source("a")
        .transformer("t1", ("a", "AB"), ("b", "AB"))
        .transformer("t2", ("a", "BC"), ("b", "BC"))
        .network()
    )
    assert network.energised_phases("b") == ABC
    assert network.loops() == ()


def test_poles_that_cross_phases_can_close_a_loop() -> None:
    # source - a =[turn A to B]= b --line B-- c =[back B to A]= a
    drawing = Drawing().source("a").line("l", "b", "c", "B")
    for switch, one, two, first, second in (
        ("turn", "a", "b", "A", "B"),
        ("back", "c", "a", "B", "A"),
    ):
        drawing.equipment("Jumper", switch, [one, two]).thing(
            "SwitchPhase",
            f"{switch}-1",
            SwitchPhase__phaseSide1=drawing.phase(first),
            SwitchPhase__phaseSide2=drawing.phase(second),
            SwitchPhase__closed="true",
            SwitchPhase__Switch=f"#_{switch}",
        )
    network = drawing.network()
    assert network.energised_phases("c") == {"B"}
    assert [set(loop.equipment) for loop in network.loops()] == [{"turn", "l", "back"}]
    assert network.after(moved("open", "turn")).loops() == ()
    assert network.after(moved("open", "turn")).energised_phases("c") == {"B"}


def test_normal_is_the_same_question_of_the_normal_state(network: Network) -> None:
    operated = network.after(moved("open", "B1")).after(moved("close", "TIE"))
    assert operated.feed_point("p2") == "S2"
    assert operated.normal.feed_point("p2") == "S1"
    assert operated.normal.switch_closed("TIE") == frozenset()
    assert operated.normal.problems == network.problems
    assert operated.normal.patches == ()


def voltages() -> Drawing:
    #  a =[x]= b --{t: HV/LV}-- c --line-- d         BaseVoltages H 20 kV, L 400 V
    return (
        Drawing()
        .thing("BaseVoltage", "H", BaseVoltage__nominalVoltage="20000")
        .thing("BaseVoltage", "L", BaseVoltage__nominalVoltage="4E2")
        .source("a")
        .switch("x", "a", "b")
        .transformer("t", ("b", "ABC"), ("c", "ABC"))
        .line("l", "c", "d")
    )


def test_the_voltage_level_is_that_of_the_nearest_that_says_it() -> None:
    network = voltages().network()
    found = {place: network.voltage_level(place) for place in ("a", "x", "b", "c", "d", "l")}
    assert found == {"a": 20e3, "x": 20e3, "b": 20e3, "c": 400.0, "d": 400.0, "l": 400.0}
    assert Drawing().source("a").network().voltage_level("a") is None


def test_voltage_levels_and_bays_say_it_too() -> None:
    drawing = (
        voltages()
        .thing("VoltageLevel", "vl", VoltageLevel__BaseVoltage="#_L")
        .thing("Bay", "bay", Bay__VoltageLevel="#_vl")
        .switch("y", "q", "r", Equipment__EquipmentContainer="#_bay")
        .line("m", "s", "t2")
        .thing("ACLineSegment", "m", ConductingEquipment__BaseVoltage="#_H")
        .thing("ConnectivityNode", "u", ConnectivityNode__ConnectivityNodeContainer="#_vl")
        .line("n", "u", "v")
    )
    network = drawing.network()
    found = {place: network.voltage_level(place) for place in ("q", "s", "u", "v")}
    assert found == {"q": 400.0, "s": 20e3, "u": 400.0, "v": 400.0}


@pytest.mark.parametrize(
    ("namespace", "written", "volts"),
    [
        ("http://iec.ch/TC57/2013/CIM-schema-cim16#", "110", 110e3),
        ("http://iec.ch/TC57/CIM100#", "110", 110.0),
        ("http://iec.ch/TC57/CIM100#", "12.47", 12470.0),
    ],
)
def test_voltages_in_the_unit_of_their_time(namespace: str, written: str, volts: float) -> None:
    drawing = (
        Drawing(namespace)
        .thing("BaseVoltage", "V", BaseVoltage__nominalVoltage=written)
        .source("a")
        .thing("EnergySource", "source", ConductingEquipment__BaseVoltage="#_V")
    )
    assert drawing.network().voltage_level("a") == pytest.approx(volts)


def test_tags_hang_on_what_they_name(network: Network) -> None:
    tagged_once = network.after(tagged("T1", "B1"))
    twice = tagged_once.after(tagged("T2", "B1", type="caution"))
    assert [tag.mrid for tag in twice.tags("B1")] == ["T1", "T2"]
    assert [tag.type for tag in twice.tags()] == ["hold", "caution"]
    assert twice.tags("B2") == ()
    gone = twice.after(tagged("T1", "", there=False))
    assert [tag.mrid for tag in gone.tags("B1")] == ["T2"]
    again = gone.after(model("drawing", town().line("more", "e", "g").document()))
    assert [tag.mrid for tag in again.tags("B1")] == ["T2"]
