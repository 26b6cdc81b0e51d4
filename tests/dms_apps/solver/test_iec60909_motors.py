"""Which asynchronous machines short circuits are computed without (IEC 60909-0, 6.10).

q (20 kV, 10 kA) -- n --transformer t, 5 MVA, to 10 kV-- k == line l, 1 km == m: motors
"""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cim.electrical.view import View
from dms_apps.solver.given import Given
from dms_apps.solver.iec60909 import Method, ShortCircuits, factors, short_circuits
from tests.cim.electrical.documents import terminals, viewed
from tests.cim.electrical.test_short_circuit import Objects, asynchronous, network, synchronous
from tests.dms_apps.solver.test_balanced import transformer
from tests.dms_apps.solver.test_iec60909 import ROOT, at, cable

S = 5e6
"""Volt-amperes of the transformer."""
ALL = Method(omit_motors=False)


def motor(name: str, node: str, watts: float) -> Objects:
    said = asynchronous(ratedMechanicalPower=f"{watts}")["AsynchronousMachine m"]
    return {f"AsynchronousMachine {name}": said, **terminals(name, node)}


def amperes(watts: float) -> float:
    """Rated, of a motor of 10 kV, 97.5 % and a power factor of 0.88."""
    return watts / (0.975 * 0.88) / ROOT / 10e3


def feeder(*more: Objects) -> View:
    return viewed(network(), transformer("t", "n", "k", (20e3, 10e3), "Dyn5"), line(), *more)


def line() -> Objects:
    found = cable("l", "k", "m")
    del found["ACLineSegment l"]["ConductingEquipment.BaseVoltage"]
    return found


def columns(found: ShortCircuits, node: str) -> list[float]:
    return [at(found, node, name) for name in ("three", "peak", "breaking", "two", "thermal")]


def test_the_share_by_hand() -> None:
    """0.8 / |100 * 1.1 * 5 / 346.4 - 0.3| = 0.8 / 1.2877 = 0.6213; nothing bounds it at 0.3."""
    power = ROOT * 20e3 * 10e3
    assert factors.motor_share(1.1, S / power) == pytest.approx(0.6213, abs=1e-4)
    assert factors.motor_share(1.1, 0.0) == pytest.approx(0.8 / 0.3)
    assert math.isinf(factors.motor_share(1.0, 0.003))


def test_motors_behind_a_transformer_by_the_share_of_its_power() -> None:
    """0.6213 times 5 MVA is 3.106 MW: those below count for nothing at n, and at their own bus."""
    most = factors.motor_share(1.1, S / (ROOT * 20e3 * 10e3)) * S
    bare = short_circuits(feeder())
    for watts, omitted in ((most * 0.999, True), (most * 1.001, False)):
        view = feeder(motor("m1", "m", watts))
        found, whole = short_circuits(view), short_circuits(view, method=ALL)
        assert at(whole, "n") > at(bare, "n")
        assert columns(found, "n") == pytest.approx(columns(bare if omitted else whole, "n"))
        for own in "km":
            assert columns(found, own) == pytest.approx(columns(whole, own))
        named = "Asynchronous machines m1 are left out outside of their network, behind"
        assert any(named in one and "PowerTransformer t:" in one for one in found.remarks) == (
            omitted
        )


def test_motors_of_one_network_are_judged_together() -> None:
    """Two, each of them of 0.6 % of the current at m, are 1.2 % of it and count; one does not."""
    bare = short_circuits(feeder())
    watts = 0.006 * at(bare, "m") / amperes(1.0)
    alone = short_circuits(feeder(motor("m1", "m", watts)))
    assert columns(alone, "m") == pytest.approx(columns(bare, "m"))
    named = "Asynchronous machines m1 are left out at 2 buses of their network: their rated"
    assert any(one.startswith(named) for one in alone.remarks)
    view = feeder(motor("m1", "m", watts), motor("m2", "k", watts))
    both, whole = short_circuits(view), short_circuits(view, method=ALL)
    assert at(both, "m") == pytest.approx(at(whole, "m")) != at(bare, "m")


def test_each_bus_by_its_own_current() -> None:
    """1 % lies between the current at k and the lower one at m."""
    bare = short_circuits(feeder())
    middle = math.sqrt(at(bare, "k") * at(bare, "m"))
    view = feeder(motor("m1", "m", 0.01 * middle / amperes(1.0)))
    found, whole = short_circuits(view), short_circuits(view, method=ALL)
    assert at(found, "k") == pytest.approx(at(bare, "k"))
    assert at(found, "m") == pytest.approx(at(whole, "m"))
    assert any("left out at 1 buses" in one for one in found.remarks)


def test_a_network_with_a_machine_of_its_own_is_not_left_out() -> None:
    other = {**synchronous(earthing="false"), **terminals("g", "k")}
    view = feeder(motor("m1", "m", 1e6), other)
    found, whole = short_circuits(view), short_circuits(view, method=ALL)
    assert at(found, "n") == pytest.approx(at(whole, "n"))
    assert not any("outside of their network" in one for one in found.remarks)


def test_motors_out_of_service_are_no_part_of_it() -> None:
    view = feeder(motor("m1", "m", 1e6), motor("m2", "m", 50e6))
    found = short_circuits(view, Given(out=frozenset({"m2"})))
    assert at(found, "n") == pytest.approx(at(short_circuits(feeder()), "n"))


def test_the_smallest_currents_are_without_motors_anyhow() -> None:
    found = short_circuits(feeder(motor("m1", "m", 1e6)), method=Method(maximum=False))
    assert not any("6.10" in one and "small beside" in one for one in found.remarks)


@settings(max_examples=15)
@given(st.lists(st.tuples(st.sampled_from("nkm"), st.floats(1e4, 2e7)), max_size=4))
def test_what_is_left_out_is_little(some: list[tuple[str, float]]) -> None:
    """Between the currents without any motor and those with all, by at most 5 % below these."""
    motors = [motor(f"m{i}", node, watts) for i, (node, watts) in enumerate(some) if node != "n"]
    found = short_circuits(feeder(*motors))
    whole, bare = short_circuits(feeder(*motors), method=ALL), short_circuits(feeder())
    for node in "nkm":
        least = max(at(bare, node), 0.95 * at(whole, node))
        assert least * (1 - 1e-9) <= at(found, node) <= at(whole, node) * (1 + 1e-9)


def test_every_group_is_in_the_result_and_the_first_are_named() -> None:
    """Twelve transformers of 400 V, each with a motor of 5 kW."""
    parts: list[Objects] = []
    said = {"ratedMechanicalPower": "5e3", "RotatingMachine.ratedU": "400"}
    own = asynchronous(**said)["AsynchronousMachine m"]
    for i in range(12):
        parts += [transformer(f"s{i}", "n", f"w{i}", (20e3, 400.0), "Dyn5")]
        parts += [{f"AsynchronousMachine a{i}": own, **terminals(f"a{i}", f"w{i}")}]
    found = short_circuits(feeder(*parts))
    assert [one.names for one in found.motors if one.behind] == [f"a{i}" for i in range(12)]
    named = [one for one in found.remarks if "outside of their network" in one]
    assert len(named) == 10
    assert found.remarks[-1] == (
        "The asynchronous machines of 2 more networks are left out likewise (6.10)."
    )
    assert short_circuits(feeder(*parts), method=ALL).motors == ()
    assert at(found, "n") == pytest.approx(at(short_circuits(feeder()), "n"))


def test_a_transformer_without_a_rating_leaves_nothing_out() -> None:
    bare = transformer("s", "n", "w", (20e3, 10e3), "Dyn5")
    for i in range(2):
        del bare[f"PowerTransformerEnd s_e{i}"]["ratedS"]
    found = short_circuits(feeder(bare, motor("m1", "w", 1e6)))
    assert [one.behind for one in found.motors] == [()]
