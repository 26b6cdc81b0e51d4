"""Batches by power-grid-model: beside our own solver and OpenDSS, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest

from cim.electrical.switches import Switch
from cim.electrical.view import View
from dms_apps.solver import nodal
from dms_apps.solver.batch import Batch, Unrepresentable
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.solver.opendss.session import Session
from tests.cim.electrical.documents import line, matrix, terminals, viewed
from tests.dms_apps.solver.feeder import balanced_line, feeder, load, source, switch
from tests.dms_apps.solver.test_balanced import (
    SHARES,
    capacitor,
    exponent,
    lateral,
    tap,
    transformer,
    zip_load,
)

NEAR = 1e-5


def per_unit(layout: Layout, one: np.ndarray, other: np.ndarray) -> float:
    """The largest difference of voltages, per unit of each place."""
    known = np.isfinite(layout.nominal)
    return float(np.abs((one - other)[known] / layout.nominal[known]).max())


def random_network(seed: int) -> View:
    """Untransposed lines, Dyn and YNyn transformers with taps, loads by phase, a capacitor."""
    random = Random(seed)  # noqa: S311
    parts = [source(), {"BaseVoltage low": {"nominalVoltage": "400"}}]
    count = random.randint(3, 7)
    for i in range(1, count):
        self_, near, far = random.uniform(2e-4, 6e-4), 1e-4, 0.8e-4
        entries = {f"{k},{k}": f"{self_} {2.2 * self_} 3e-9" for k in (1, 2, 3)}
        entries |= {"2,1": f"{near} 4e-4 -6e-10", "3,1": f"{far} 3e-4 -5e-10"}
        entries |= {"3,2": f"{near} 3.5e-4 -6e-10"}
        above = f"n{random.randint(1, i)}"
        said = {"PerLengthImpedance": f"#z{i}", "Conductor.length": f"{random.uniform(200, 2000)}"}
        said |= {"ConductingEquipment.BaseVoltage": "#base"}
        parts += [line(f"l{i}", said, "ABC", (above, f"n{i + 1}")), matrix(f"z{i}", entries)]
    parts.append(switch("w", (f"n{count}", "far")))
    for i in range(2):
        node = f"n{random.randint(1, count)}"
        group = random.choice(["Dyn5", "YNyn0", "Dyn11"])
        parts.append(transformer(f"t{i}", node, f"s{i}", (10_000, 410), group))
        parts.append(tap(f"t{i}_e0", random.randint(-4, 4)))
        shares = {key: f"{random.uniform(0.1, 1)}" for key in SHARES}
        parts.append(zip_load(f"z{i}", f"s{i}", "low", complex(200e3, 60e3), shares))
    for i, node in enumerate(("far", "s0", "s1")):
        phases = {
            phase: (random.uniform(1e4, 6e4), random.uniform(0, 2e4))
            for phase in random.sample("ABC", random.randint(1, 3))
        }
        base = "base" if node == "far" else "low"
        one = load(name=f"d{i}", node=node, p=0, q=0, **phases)  # type: ignore[arg-type]
        one[f"EnergyConsumer d{i}"] |= {
            "p": "",
            "q": "",
            "ConductingEquipment.BaseVoltage": f"#{base}",
        }
        parts.append(one)
    parts.append(capacitor("c", f"n{random.randint(1, count)}"))
    return viewed(*parts, frequency=50.0)


@pytest.mark.parametrize("method", ["current", "newton"])
@pytest.mark.parametrize("seed", range(4))
def test_random_networks(seed: int, method: str) -> None:
    """Three engines say the same, scenario by scenario: as given, with other loads, switched."""
    layout = Layout.of(random_network(seed))
    more = {
        m: 1.3 * (layout.branches.p[r] + 1j * layout.branches.q[r]) for m, r in layout.parts.items()
    }
    scenarios = [
        Given(),
        Given(loads=more),  # type: ignore[arg-type]
        Given(poles={"w": frozenset()}),
        Given(loads={"d0": more["d0"] * 2}, out=frozenset({"z1"})),
        Given(out=frozenset({"t0", "c"})),
    ]
    found = Batch.of(layout).solve(scenarios, method=method)
    assert found.failed == {}
    session = Session(layout)
    for number, given in enumerate(scenarios):
        mine = nodal.solve(layout, given)
        theirs = session.solve(given)
        assert mine.converged
        assert theirs.converged
        volts = np.zeros(len(layout.places), np.complex128)
        volts[found.places] = found.volts[number]
        assert per_unit(layout, volts, mine.volts) < NEAR, number
        assert per_unit(layout, volts, theirs.volts) < NEAR, number
        for column, mrid in enumerate(found.elements):
            rows = layout.rows(mrid)
            highest = np.abs(mine.current[rows]).max()
            assert found.current[number, column] == pytest.approx(highest, rel=1e-3, abs=1e-2), mrid


def test_scenarios_without_any_difference() -> None:
    layout = Layout.of(feeder())
    found = Batch.of(layout).solve([Given(), Given()], flows=False)
    assert found.elements == ()
    assert found.volts[0] == pytest.approx(found.volts[1])
    assert found.volts.shape == (2, 9)


def test_a_network_without_loads() -> None:
    layout = Layout.of(viewed(source(), balanced_line()))
    found = Batch.of(layout).solve([Given()])
    assert np.abs(found.volts[0]) == pytest.approx(10_000 / np.sqrt(3))


def test_what_holds_in_all_scenarios_holds_where_they_say_nothing() -> None:
    layout = Layout.of(feeder())
    heavier = {"d": np.full(3, 400e3 + 100e3j)}
    batch = Batch.of(layout, Given(loads=heavier))
    found = batch.solve([Given(), Given(out=frozenset({"d"})), Given(poles={"w": frozenset()})])
    for number, given in enumerate(
        (Given(loads=heavier), Given(out=frozenset({"d"})), Given(poles={"w": frozenset()}))
    ):
        mine = nodal.solve(layout, given)
        assert found.volts[number] == pytest.approx(mine.volts[found.places], abs=0.05)


def test_what_feeds_in() -> None:
    machine = {
        "SynchronousMachine g": {"RotatingMachine.p": "-300000", "RotatingMachine.q": "0"},
    }
    view = feeder(load(), {**machine, **switch("x", ("n3", "n4"))}, terminals("g", "n3"))
    layout = Layout.of(view)
    more = Given(fed={"g": np.full(3, 200e3 + 10e3j)})
    found = Batch.of(layout).solve([Given(), more])
    for number, given in enumerate((Given(), more)):
        mine = nodal.solve(layout, given)
        assert found.volts[number] == pytest.approx(mine.volts[found.places], abs=0.05)


def test_a_scenario_without_a_solution_is_named_and_the_others_stand() -> None:
    layout = Layout.of(feeder())
    heavy = Given(loads={"d": np.full(3, 60e6 + 30e6j)})
    found = Batch.of(layout).solve([Given(), heavy, Given()])
    assert list(found.failed) == [1]
    assert found.failed[1]
    assert np.isnan(found.volts[1]).all()
    assert np.isnan(found.current[1]).all()
    assert np.isfinite(found.volts[[0, 2]]).all()


# -- what is refused


def three_windings() -> View:
    found = transformer("t", "n3", "b", (10_000, 400), "YNyn0")
    third = transformer("u", "n3", "c", (10_000, 400), "YNyn0")
    end = dict(third["PowerTransformerEnd u_e1"])
    found |= {"Terminal t_t3": {**third["Terminal u_t2"], "ConductingEquipment": "#t"}}
    end |= {"PowerTransformer": "#t", "TransformerEnd.Terminal": "#t_t3", "x": "5"}
    end |= {"TransformerEnd.endNumber": "3"}
    return feeder(load(), found, {"PowerTransformerEnd t_e2": end, "ConnectivityNode c": {}})


REFUSED = {
    "Lines have one, two or four conductors: line k.": lateral,
    "Loads are between phases, or at a neutral: d.": lambda: feeder(load(connection="D")),
    "Loads go with a power of voltage: d.": exponent,
    "Transformers are not of two windings of three phases: t.": three_windings,
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_what_it_cannot_represent_is_named(sentence: str) -> None:
    layout = Layout.of(REFUSED[sentence]())
    with pytest.raises(Unrepresentable, match="power-grid-model cannot represent") as caught:
        Batch.of(layout)
    assert sentence in str(caught.value)


def test_scenarios_that_it_cannot_represent() -> None:
    batch = Batch.of(Layout.of(feeder()))
    with pytest.raises(Unrepresentable, match=r"Scenario 1: LoadBreakSwitch w is closed on A only"):
        batch.solve([Given(), Given(poles={"w": frozenset("A")})])
    earthing = {"GroundDisconnector e": {"Switch.open": "true"}, **terminals("e", "n3", "n9")}
    layout, closed = Layout.of(feeder(load(), earthing)), Given(poles={"e": frozenset("ABC")})
    with pytest.raises(Unrepresentable, match=r"Scenario 0 moves the earthing switch e \(e\)"):
        Batch.of(layout).solve([closed])
    with pytest.raises(Unrepresentable, match="Earthing switches are closed: e"):
        Batch.of(layout, closed)
    with pytest.raises(Unrepresentable, match="Scenario 0 gives steps"):
        batch.solve([Given(steps={"t": 1.0})])
    with pytest.raises(ValueError, match="method is 'gauss'"):
        batch.solve([Given()], method="gauss")


def test_a_zero_sequence_of_its_own_is_refused() -> None:
    found = transformer("t", "n3", "b", (10_000, 400), "Dyn5")
    found["PowerTransformerEnd t_e0"] |= {"r0": "0.1", "x0": "1.2"}
    with pytest.raises(Unrepresentable, match="zero sequence impedance of their own: t"):
        Batch.of(Layout.of(feeder(load(), found)))


def test_positions_of_the_layout_are_those_of_the_view() -> None:
    view = viewed(source(), balanced_line(), switch(), load(), frequency=50.0)
    open_ = replace(view, switches=tuple(_opened(s) for s in view.switches))
    found = Batch.of(Layout.of(open_)).solve([Given(), Given(poles={"w": frozenset("ABC")})])
    [n3] = [
        i for i, p in enumerate(found.places.tolist()) if Layout.of(view).places[p] == ("n3", "A")
    ]
    assert found.volts[0, n3] == 0
    assert abs(found.volts[1, n3]) > 5000


def _opened(one: Switch) -> Switch:
    return replace(one, poles=tuple(replace(p, closed=False) for p in one.poles))
