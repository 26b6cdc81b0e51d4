"""The nodal solver against what a hand can compute, and against published solutions."""

from __future__ import annotations

import cmath
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cim.electrical import view
from dms_apps.solver import nodal
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.solver.solution import Options, Solution
from dms_apps.solver.sources import with_forming, with_mobile
from tests.cim.electrical.documents import terminals
from tests.cim.electrical.test_reference import by_bus, expected, largest_error, model
from tests.dms_apps.solver.feeder import VOLTS, drop_by_hand, feeder, load

TURN = cmath.exp(-2j * cmath.pi / 3)


def solved(layout: Layout, given: Given | None = None, **options: float) -> Solution:
    found = nodal.solve(layout, given, replace(Options(), **options))  # type: ignore[arg-type]
    assert found.converged
    return found


def test_a_balanced_load_is_one_equation() -> None:
    found = solved(Layout.of(feeder()))
    by_hand = drop_by_hand(900e3 + 300e3j)
    for number, phase in enumerate("ABC"):
        assert found.at("n2", phase) == pytest.approx(by_hand * TURN**number, rel=1e-7)


def test_the_switch_has_its_resistance() -> None:
    found = solved(Layout.of(feeder()), switch_ohm=0.5)
    power, current = found.of("w")
    here, there = found.at("n2", "A"), found.at("n3", "A")
    assert here - there == pytest.approx(0.5 * current[0], rel=1e-9)
    assert power[0] + power[3] == pytest.approx(0.5 * abs(current[0]) ** 2, rel=1e-6)


def test_power_balances_at_every_place_and_losses_are_what_is_left() -> None:
    found = solved(Layout.of(feeder(load(A=(300e3, 100e3), B=(500e3, 0.0), C=(100e3, 200e3)))))
    assert np.abs(found.balance).max() < 1e-2
    supplied = -found.taken[found.layout.element["s"]]
    drawn = found.taken[found.layout.element["d"]]
    assert drawn == pytest.approx(900e3 + 300e3j, rel=1e-9)
    assert found.losses() == pytest.approx(supplied - drawn, rel=1e-6)


def test_a_delta_load_draws_between_phases() -> None:
    found = solved(Layout.of(feeder(load(0, 0, connection="D", A=(300e3, 0.0)))))
    power, current = found.of("d")
    assert current[0] == pytest.approx(-current[1], rel=1e-12)
    assert power.sum() == pytest.approx(300e3, rel=1e-9)


def test_an_open_pole_leaves_its_phase_dead_and_the_rest_fed() -> None:
    found = solved(Layout.of(feeder()), Given(poles={"w": frozenset("BC")}))
    assert found.at("n3", "A") == 0
    assert found.island[found.layout.number["n3", "A"]] == -1
    assert abs(found.at("n3", "B")) > 0.9 * VOLTS / np.sqrt(3)
    power, _ = found.of("d")
    assert power[0] == 0
    assert power[1:].sum() == pytest.approx(600e3 + 200e3j, rel=1e-9)


def test_equipment_out_of_service_carries_nothing() -> None:
    found = solved(Layout.of(feeder()), Given(out=frozenset({"l"})))
    assert (found.island >= 0).sum() == 3  # those of n1
    assert not found.of("l")[1].any()


def test_a_line_that_is_cut_on_one_phase_passes_the_others() -> None:
    found = solved(Layout.of(feeder()), Given(cut={"l": frozenset("B")}))
    assert found.at("n2", "B") == 0
    assert abs(found.at("n2", "C")) > 0.9 * VOLTS / np.sqrt(3)
    assert found.of("l")[1][1] == 0


def test_a_jumper_feeds_past_an_open_switch() -> None:
    jumper = frozenset((("n2", phase), ("n3", phase)) for phase in "ABC")
    found = solved(Layout.of(feeder()), Given(poles={"w": frozenset()}, joined=jumper))
    assert (found.island == 0).all()
    assert found.at("n3", "A") == pytest.approx(drop_by_hand(900e3 + 300e3j), rel=1e-4)


def test_what_cannot_be_fed_is_said() -> None:
    found = nodal.solve(Layout.of(feeder(load(900e6, 300e6))))
    assert not found.converged
    assert "did not converge" in found.remarks[0]
    assert np.isnan(found.volts).all()


def test_it_refuses_to_move_taps() -> None:
    with pytest.raises(ValueError, match="moves no taps"):
        nodal.solve(Layout.of(feeder()), options=Options(controls="local"))


@pytest.mark.reference
@pytest.mark.parametrize(
    ("name", "tolerance"), [("ieee13", 5e-5), ("ieee123", 5e-5), ("ieee37", 5e-4)]
)
def test_published_feeders(shared: Path, name: str, tolerance: float) -> None:
    of = model(shared / "data" / "cim" / "feeders" / f"{name}_opendss.xml")
    layout = Layout.of(view.read(of))
    found = solved(layout)
    theirs = expected(shared / "data" / "cim" / "solved", name)
    volts = dict(zip(layout.places, found.volts.tolist(), strict=True))
    assert largest_error(by_bus(of, volts), theirs) < tolerance


def test_a_mobile_source_feeds_what_is_cut_off() -> None:
    given = Given(poles={"w": frozenset()})
    layout, remarks = with_mobile(Layout.of(feeder()), {("n3", phase) for phase in "ABC"})
    found = solved(layout, given)
    assert remarks == ()
    assert sorted(set(found.island.tolist())) == [0, 1]
    assert found.at("n3", "B") == pytest.approx(VOLTS / np.sqrt(3) * TURN, rel=1e-8)
    assert any("no impedance" in remark for remark in found.remarks)


def inverter(p: float = -500e3) -> dict[str, dict[str, str]]:
    return {
        "PowerElectronicsConnection g": {"p": f"{p}", "q": "0", "ratedS": "1e6"},
        **terminals("g", "n3"),
    }


def test_a_generator_feeds_in_what_it_is_given() -> None:
    layout = Layout.of(feeder(load(), inverter()))
    found = solved(layout)
    assert found.taken[layout.element["g"]] == pytest.approx(-500e3, rel=1e-9)
    more = solved(layout, Given(fed={"g": np.full(3, 200e3 + 10e3j)}))
    assert more.taken[layout.element["g"]] == pytest.approx(-600e3 - 30e3j, rel=1e-9)


def test_a_generator_that_may_holds_the_voltage_of_its_island() -> None:
    given, layout = Given(poles={"w": frozenset()}), Layout.of(feeder(load(), inverter()))
    alone, remarks = with_forming(layout, given, {"g"})
    found = solved(alone, given)
    assert remarks == ("Generator g holds the voltage of an island.",)
    assert found.taken[alone.element["g"]] == pytest.approx(-900e3 - 300e3j, rel=1e-6)
    assert with_forming(layout, Given(), {"g"}) == (layout, ())


def test_per_unit_refers_to_the_nominal_voltage_of_each_node() -> None:
    layout = Layout.of(feeder())
    assert layout.nominal == pytest.approx(np.full(9, VOLTS / np.sqrt(3)))
