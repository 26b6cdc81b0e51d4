"""Allocation: loads that fit what is measured, against hand computation and solved feeders."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from cim.electrical import view
from dms_apps.solver import nodal
from dms_apps.solver.allocation import Allocation, Rules, allocate
from dms_apps.solver.belief import Belief, by_load
from dms_apps.solver.given import Given, Powers
from dms_apps.solver.layout import Layout
from dms_apps.solver.loads import drawn, rows_of, served
from dms_apps.solver.nodal import Nodal
from dms_apps.solver.sensitivity import powers_by_loads
from dms_apps.solver.solution import Options, Solution
from dms_apps.solver.telemetry import Point
from dms_apps.solver.zones import Zones
from tests.cim.electrical.documents import viewed
from tests.cim.electrical.test_reference import model
from tests.dms_apps.solver.feeder import balanced_line, load, source, switch

CASES = sorted((Path(__file__).parents[2] / "cases" / "allocation").iterdir())


def radial() -> Layout:
    """
    n1 ==line l== n2 --switch w-- n3 (load d: Y, load e: D) ==line m== n4 (load f: Y)
    """
    return Layout.of(
        viewed(
            source(),
            balanced_line(),
            switch(),
            load(name="d"),
            load(200e3, 50e3, name="e", connection="D"),
            balanced_line("m", ("n3", "n4")),
            load(400e3, 100e3, name="f", node="n4"),
        )
    )


def meshed() -> Layout:
    """Two parallel lines to n2, which a third joins to n3; loads at n2 and n3."""
    return Layout.of(
        viewed(
            source(),
            balanced_line("l"),
            balanced_line("k"),
            balanced_line("m", ("n2", "n3")),
            balanced_line("r", ("n1", "n3")),
            load(name="d", node="n2"),
            load(500e3, 100e3, name="e", node="n3"),
        )
    )


def measured(found: Solution, *elements: str, amperes: bool = False) -> list[Point]:
    """What meters show at the first terminal of these elements, by mRID."""
    layout = found.layout
    points = []
    for element in elements:
        rows = layout.rows(element)
        for i in range(rows.start, (rows.start + rows.stop) // 2):
            place = layout.conductors.terminal[i], layout.conductors.phase[i]
            if amperes:
                points.append(Point(*place, current=abs(found.current[i]), name=element))
            else:
                points.append(Point(*place, power=complex(found.power[i]), name=element))
    return points


def spoilt(layout: Layout, seed: int, low: float = 0.3, high: float = 1.7) -> Given:
    """All loads by factors of their own."""
    factors = np.random.default_rng(seed).uniform(low, high, len(layout.view.loads))
    of = zip(layout.view.loads, factors, strict=True)
    return Given(loads={one.mrid: (one.p + 1j * one.q) * factor for one, factor in of})


def scaled(layout: Layout, factor: float) -> Given:
    return Given(loads={one.mrid: (one.p + 1j * one.q) * factor for one in layout.view.loads})


def metered(
    belief: Belief, layout: Layout, mrid: str, power: Powers, share: float, bound: float
) -> Belief:
    """With what a meter says of one load: `share` of it is its standard deviation."""
    rows = rows_of(layout, mrid)
    said, sigma, limits = belief.power.copy(), belief.sigma.copy(), belief.bound.copy()
    said[rows], sigma[rows], limits[rows] = power, share * np.abs(power), bound
    return Belief(said, sigma, limits)


def test_loads_of_one_power_factor_are_scaled_alike() -> None:
    """Under one meter, at three times their size, one factor brings back every load."""
    layout = radial()
    truth = nodal.solve(layout)
    guess = Given(
        loads={
            one.mrid: (np.abs(one.p + 1j * one.q) * (3 + 1j) / abs(3 + 1j)).astype(np.complex128)
            for one in layout.view.loads
        }
    )
    found = allocate(layout, guess, measured(truth, "l"))
    assert found.converged
    first = {mrid: power / guess.loads[mrid] for mrid, power in found.loads.items()}
    by_phase = np.array([first["d"], first["f"]])
    assert by_phase[0] == pytest.approx(by_phase[1], rel=1e-5)


def test_a_meter_inside_is_allocated_apart_and_sums_are_exact() -> None:
    layout = radial()
    truth = nodal.solve(layout)
    points = measured(truth, "w", "m")
    found = allocate(layout, spoilt(layout, 1), points, rules=Rules(tolerance=1e-9))
    assert found.converged
    zones = Zones.of(layout, Given(), truth.island, [point.terminal for point in points])
    assert zones.count == 3
    for kind in (("load",), ("load", "line", "switch")):
        assert zones.taken(found.solution, *kind)[1:] == pytest.approx(
            zones.taken(truth, *kind)[1:], rel=1e-6
        )
    inside = zones.taken(found.solution, "load", "line", "switch")
    assert zones.imported(found.solution)[1:] == pytest.approx(inside[1:], abs=1e-2)
    assert found.loads["f"].sum() == pytest.approx(400e3 + 100e3j, rel=1e-6)


def test_zones_of_which_a_phase_is_dead() -> None:
    layout = radial()
    given = Given(poles={"w": frozenset("BC")})
    truth = nodal.solve(layout, given)
    zones = Zones.of(layout, given, truth.island, [layout.conductors.terminal[0]])
    assert zones.count == 2
    inside = zones.taken(truth, "load", "line", "switch", "source")
    assert zones.imported(truth) == pytest.approx(inside, abs=1e-2)


@pytest.mark.parametrize("amperes", [False, True])
def test_meshed_supply(amperes: bool) -> None:
    """Meters of three of the lines into a mesh, of which no one feeds a zone alone."""
    layout = meshed()
    truth = nodal.solve(layout)
    points = measured(truth, "l", "k", "r", amperes=amperes)
    found = allocate(layout, spoilt(layout, 5), points)
    assert found.converged, found.remarks
    of = np.array([list(row) for row in (found.loads["d"], found.loads["e"])]).sum(axis=1)
    if not amperes:
        assert of == pytest.approx([900e3 + 300e3j, 500e3 + 100e3j], rel=1e-3)


def test_currents_keep_the_power_factor() -> None:
    layout = radial()
    truth = nodal.solve(layout, scaled(layout, 1.3))
    found = allocate(layout, Given(), measured(truth, "l", amperes=True))
    assert found.converged
    for one in layout.view.loads:
        was, now = one.p + 1j * one.q, found.loads[one.mrid]
        assert np.angle(now) == pytest.approx(np.angle(was), abs=0.03)
        assert now.sum() == pytest.approx(1.3 * was.sum(), rel=0.03)


def test_what_a_meter_says_of_a_load_is_kept_within_its_deviation() -> None:
    layout = radial()
    truth = nodal.solve(layout, scaled(layout, 1.5))
    belief = Belief.by_size(layout, Given())
    belief = metered(belief, layout, "d", 1.5 * layout.view.loads[0].p + 0j, share=0.001, bound=3)  # type: ignore[arg-type]
    found = allocate(layout, Given(), measured(truth, "w"), belief)
    assert found.converged
    assert found.loads["d"].real == pytest.approx(1.5 * 300e3, rel=0.003001)
    assert found.loads["f"].real.sum() > 1.3 * 400e3


def test_loads_that_may_not_move_far_enough_are_blamed() -> None:
    layout = radial()
    truth = nodal.solve(layout, scaled(layout, 1.5))
    belief = Belief.by_size(layout, Given())
    for one in layout.view.loads:
        belief = metered(belief, layout, one.mrid, one.p + 1j * one.q, share=0.01, bound=3)
    found = allocate(layout, Given(), measured(truth, "w"), belief)
    assert not found.converged
    assert "as far from their meters as they may be" in found.remarks[0]
    assert found.loads["d"].real == pytest.approx(309_000, rel=0.002)


def test_less_measured_than_flows_on_is_said_with_its_point() -> None:
    layout = radial()
    truth = nodal.solve(layout)
    inside = measured(truth, "m")
    head = [
        Point(p.terminal, p.phase, power=0.1 * (p.power or 0), name=p.name)
        for p in measured(truth, "w")
    ]
    found = allocate(layout, Given(), [*head, *inside])
    assert not found.converged
    assert any(
        f"Point w ({head[0].terminal}), phase A, is not met" in said
        and "less is measured than" in said
        for said in found.remarks
    )
    assert found.loads["d"].real == pytest.approx(0, abs=1)
    assert found.solution.converged


def test_no_load_below_on_a_phase_is_said() -> None:
    layout = Layout.of(viewed(source(), balanced_line(), load(node="n2", A=(3e5, 1e5))))
    terminal = layout.conductors.terminal[0]
    points = [Point(terminal, "A", power=4e5 + 1e5j), Point(terminal, "B", power=1e5 + 0j)]
    found = allocate(layout, Given(), points)
    assert not found.converged
    assert found.solution.of("l")[0][0] == pytest.approx(4e5 + 1e5j, rel=1e-4)
    [said] = [one for one in found.remarks if "W measured" in one]
    assert "phase B, is not met: 100000 W measured" in said
    assert "no load below it on this phase may change" in said


def test_what_cannot_be_used_is_left_out_and_named() -> None:
    layout = radial()
    [one, two, three] = measured(nodal.solve(layout), "l")
    points = [
        one,
        Point(two.terminal, "B", two.power, age=1000.0),
        Point(three.terminal, "C", complex(np.nan, np.nan)),
        Point("nowhere", "A", 1 + 0j),
        one,
    ]
    found = allocate(layout, scaled(layout, 1.1), points)
    assert found.converged
    assert found.points == (one,)
    for said in ("1000 s ago", "no value", "no conductor", "given twice"):
        assert any(said in remark for remark in found.remarks)


def test_it_begins_with_less_where_what_is_believed_is_too_much_to_flow() -> None:
    layout = radial()
    guess = scaled(layout, 60)
    assert not nodal.solve(layout, guess).converged
    found = allocate(layout, guess, measured(nodal.solve(layout), "l"))
    assert found.converged
    assert found.loads["d"].sum() == pytest.approx(900e3 + 300e3j, rel=0.05)


def test_an_open_switch_leaves_its_meter_out() -> None:
    layout = radial()
    points = measured(nodal.solve(layout), "m")
    found = allocate(layout, Given(poles={"w": frozenset()}), points)
    assert len(found.remarks) == 3
    assert "nothing feeds the network" in found.remarks[0]


def test_three_phase_power_and_currents_of_phases_together() -> None:
    layout = radial()
    truth = nodal.solve(layout, spoilt(layout, 3))
    rows = layout.rows("w")
    terminal = layout.conductors.terminal[rows.start]
    whole = complex(truth.power[rows.start : rows.start + 3].sum())
    points = [
        *measured(truth, "w", amperes=True),
        Point(terminal, "ABC", complex(whole.real, np.nan)),
    ]
    found = allocate(layout, Given(), points)
    assert found.converged
    assert found.solution.power[rows][:3].sum().real == pytest.approx(whole.real, rel=1e-5)
    currents = np.abs(found.solution.current[rows][:3])
    assert currents == pytest.approx(np.abs(truth.current[rows][:3]), rel=1e-5)


@settings(max_examples=5)
@examples(seed=st.integers(0, 1000), order=st.permutations(range(9)))
def test_the_order_of_points_does_not_matter(seed: int, order: Sequence[int]) -> None:
    layout = radial()
    points = measured(nodal.solve(layout), "l", "w", "m")
    one = allocate(layout, spoilt(layout, seed), points)
    other = allocate(layout, spoilt(layout, seed), [points[i] for i in order])
    assert one.power == pytest.approx(other.power, rel=1e-5, abs=1)


@settings(max_examples=5)
@examples(seed=st.integers(0, 1000), factor=st.floats(0.2, 3))
def test_what_is_believed_counts_only_in_proportion(seed: int, factor: float) -> None:
    layout = radial()
    points = measured(nodal.solve(layout), "l")
    guess = spoilt(layout, seed)
    larger = Given(loads={mrid: factor * power for mrid, power in guess.loads.items()})
    one = allocate(layout, guess, points, rules=Rules(tolerance=1e-9))
    other = allocate(layout, larger, points, rules=Rules(tolerance=1e-9))
    assert one.loads["d"].sum() == pytest.approx(other.loads["d"].sum(), rel=0.05)
    assert one.solution.of("l")[0] == pytest.approx(other.solution.of("l")[0], rel=1e-7)


@settings(max_examples=5)
@examples(seed=st.integers(0, 1000))
def test_zone_powers_are_conserved(seed: int) -> None:
    layout = radial()
    points = measured(nodal.solve(layout, spoilt(layout, seed)), "w", "m")
    found = allocate(layout, Given(), points)
    assert found.converged
    zones = Zones.of(layout, Given(), found.solution.island, [p.terminal for p in points])
    loads, losses = (zones.taken(found.solution, *k) for k in (("load",), ("line", "switch")))
    assert (zones.imported(found.solution) - loads - losses)[1:] == pytest.approx(0, abs=1e-2)


@pytest.mark.parametrize("connection", ["Y", "D"])
def test_derivatives_are_differences(connection: str) -> None:
    layout = Layout.of(viewed(source(), balanced_line(), switch(), load(connection=connection)))
    options, matrix = Options(tolerance=1e-12), Nodal.of(layout)
    found = nodal.solve(layout, None, options, matrix)
    rows = np.arange(layout.first[layout.element["d"] + 1])
    lit = served(layout, Given(), found.island >= 0)
    of = powers_by_loads(
        matrix, found, drawn(layout, Given(), found.island >= 0, options), lit, rows
    )
    base = layout.branches.p + 1j * layout.branches.q
    for part, unit in ((0, 1), (1, 1), (0, 1j), (1, 1j)):
        step = np.zeros(len(base), np.complex128)
        step[part] = 50 * unit
        ends = [
            nodal.solve(layout, Given(loads=by_load(layout, base + s)), options, matrix)
            for s in (step, -step)
        ]
        by_hand = (ends[0].power - ends[1].power) / 100
        column = of[:, part + (unit == 1j) * len(base)]
        assert column[: len(rows)] == pytest.approx(by_hand.real, abs=1e-3)
        assert column[len(rows) :] == pytest.approx(by_hand.imag, abs=1e-3)


def with_accuracy(points: Sequence[Point], share: float) -> list[Point]:
    return [
        Point(p.terminal, p.phase, p.power, p.current, share * abs(p.power or p.current or 0))
        for p in points
    ]


@pytest.mark.reference
@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_case(case: Path, shared: Path) -> None:
    params = tomllib.loads((case / "params.toml").read_text(encoding="utf-8"))
    layout = Layout.of(view.read(model(shared / "data" / "cim" / "feeders" / params["feeder"])))
    truth = nodal.solve(layout)
    elements = [m for name in params["points"] for m, of in layout.names.items() if of == name]
    points = measured(truth, *elements, amperes=params["measured"] == "current")
    points = with_accuracy(points, params.get("accuracy", 0.0))
    found = allocate(layout, spoilt(layout, params["seed"], *params["spoilt"]), points)
    assert found.converged, found.remarks
    heads = layout.rows(elements[0])
    there, here = np.abs(truth.current[heads]), np.abs(found.solution.current[heads])
    assert here == pytest.approx(there, rel=params["current"])
    check_zones(found, points, params["zone"])


def check_zones(found: Allocation, points: Sequence[Point], tolerance: float) -> None:
    """Every zone takes in what its loads, lines, transformers, shunts and generators do."""
    layout = found.solution.layout
    zones = Zones.of(layout, Given(), found.solution.island, [p.terminal for p in points])
    assert zones.count > 2
    kinds = ("load", "line", "transformer", "switch", "shunt", "generator", "source")
    inside = zones.taken(found.solution, *kinds)
    size = np.abs(zones.imported(found.solution)).max()
    assert zones.imported(found.solution) == pytest.approx(inside, abs=tolerance * size)
