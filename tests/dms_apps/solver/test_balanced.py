"""Balanced load flow by pandapower: beside our own solver, and what it refuses."""

from __future__ import annotations

import math
from random import Random

import numpy as np
import pandapower
import pytest

from cim.electrical.view import View
from dms_apps.solver import balanced, nodal
from dms_apps.solver.given import Given
from dms_apps.solver.layout import Layout
from dms_apps.solver.solution import Options, Solution
from tests.cim.electrical.documents import line, matrix, terminals, viewed
from tests.dms_apps.solver.feeder import balanced_line, feeder, load, source, switch

Objects = dict[str, dict[str, str]]


def agree(view: View, given: Given | None = None, near: float = 1e-7) -> Solution:
    """That pandapower finds what our own solver finds; what it found."""
    layout = Layout.of(view)
    mine = nodal.solve(layout, given, Options(switch_ohm=1e-7))
    found = balanced.solve(layout, given)
    assert mine.converged
    assert found.converged, found.remarks
    top = np.abs(mine.volts).max()
    assert np.abs(found.volts - mine.volts).max() < near * top
    power = np.abs(mine.power).max()
    assert np.abs(found.power - mine.power).max() < 1e-4 * power
    assert np.abs(found.balance).max() < 1e-6 * power
    return found


def transformer(name: str, high: str, low: str, volts: tuple[float, float], group: str) -> Objects:
    """5 MVA, 8 %; `group` is as "Dyn5", "YNyn0" or "YNd11"."""
    first, rest = ("YN", group[2:]) if group.startswith("YN") else ("D", group[1:])
    hour = "".join(c for c in rest if c.isdigit())
    second = "D" if rest.startswith("d") else "Yn"
    objects: Objects = {**terminals(name, high, low), f"PowerTransformer {name}": {}}
    for i, (connection, u) in enumerate(zip((first, second), volts, strict=True)):
        z = volts[0] ** 2 / 5e6
        objects[f"PowerTransformerEnd {name}_e{i}"] = {
            "PowerTransformer": f"#{name}",
            "TransformerEnd.Terminal": f"#{name}_t{i + 1}",
            "TransformerEnd.endNumber": str(i + 1),
            "connectionKind": f"~WindingConnection.{connection.replace('YN', 'Yn')}",
            "phaseAngleClock": hour if i else "0",
            "ratedU": f"{u}",
            "ratedS": "5e6",
            "r": f"{0.01 * z * (1 - i)}",
            "x": f"{0.08 * z * (1 - i)}",
            "g": f"{1e-3 / z * (1 - i)}",
            "b": f"{-3e-3 / z * (1 - i)}",
            "TransformerEnd.grounded": "false" if connection == "D" else "true",
        }
    return objects


def tap(end: str, step: int) -> Objects:
    return {
        f"RatioTapChanger tap_{end}": {
            "TransformerEnd": f"#{end}",
            "stepVoltageIncrement": "1.25",
            "TapChanger.step": f"{step}",
            "TapChanger.lowStep": "-8",
            "TapChanger.highStep": "8",
            "TapChanger.neutralStep": "0",
        }
    }


def zip_load(
    name: str, node: str, base: str, power: complex, shares: dict[str, str], connection: str = "Y"
) -> Objects:
    return {
        **terminals(name, node),
        f"EnergyConsumer {name}": {
            "p": f"{power.real}",
            "q": f"{power.imag}",
            "ConductingEquipment.BaseVoltage": f"#{base}",
            "LoadResponse": f"#{name}_r",
            "phaseConnection": f"~PhaseShuntConnectionKind.{connection}",
        },
        f"LoadResponseCharacteristic {name}_r": shares,
    }


SHARES = {
    "pConstantImpedance": "0.3", "pConstantCurrent": "0.2", "pConstantPower": "0.5",
    "qConstantImpedance": "0.6", "qConstantCurrent": "0.3", "qConstantPower": "0.1",
}  # fmt: skip


def capacitor(name: str, node: str) -> Objects:
    return {
        **terminals(name, node),
        f"LinearShuntCompensator {name}": {
            "bPerSection": "0.0005", "b0PerSection": "0.0005", "ShuntCompensator.sections": "2",
            "ShuntCompensator.grounded": "true",
        },
    }  # fmt: skip


# -- beside our own solver


def test_a_feeder() -> None:
    found = agree(feeder())
    assert (found.engine.name, found.engine.version) == ("pandapower", pandapower.__version__)
    power, current = found.of("w")
    assert power[:3].sum() == pytest.approx(900e3 + 300e3j)
    assert current[3:] == pytest.approx(-current[:3])
    assert -found.taken[found.layout.element["s"]] == pytest.approx(
        900e3 + 300e3j + found.losses(), rel=1e-6
    )


@pytest.mark.parametrize("group", ["Dyn5", "Dyn1", "YNyn0", "YNd11", "YNyn6"])
def test_clocks_and_taps(group: str) -> None:
    view = viewed(
        source(),
        balanced_line("l", ("n1", "a")),
        transformer("t", "a", "b", (10_000, 400), group),
        tap("t_e0", -3),
        {"BaseVoltage low": {"nominalVoltage": "400"}},
        zip_load("z", "b", "low", 400e3 + 150e3j, SHARES, "D"),
        capacitor("c", "a"),
    )
    found = agree(view)
    hour = int("".join(c for c in group if c.isdigit()))
    lag = np.degrees(np.angle(found.at("a", "A") / found.at("b", "A")))
    assert (lag - 30 * hour + 180) % 360 - 180 == pytest.approx(0, abs=5)
    agree(view, Given(steps={"tap_t_e0": 5.0}))


def random_network(seed: int) -> View:
    """Two voltage levels, meshed, with switches, loads of all kinds and a machine."""
    random = Random(seed)  # noqa: S311
    parts = [source(), {"BaseVoltage low": {"nominalVoltage": "400"}}]
    count = random.randint(3, 7)
    for i in range(1, count):
        said = {key: f"{random.uniform(0.05, 0.8)}" for key in ("r", "x", "r0", "x0")}
        said |= {"bch": f"{random.uniform(0, 1e-5)}", "b0ch": "2e-6"}
        above = f"n{random.randint(1, i)}"
        parts.append(line(f"l{i}", said, nodes=(above, f"n{i + 1}")))
        if random.random() < 0.3:
            parts.append(switch(f"w{i}", (above, f"n{i + 1}")))
    for i in range(2):
        node = f"n{random.randint(1, count)}"
        group = random.choice(["Dyn5", "YNyn0", "Dyn11"])
        parts.append(transformer(f"t{i}", node, f"s{i}", (10_000, 410), group))
        shares = {key: f"{random.uniform(0.1, 1)}" for key in SHARES}
        parts.append(zip_load(f"z{i}", f"s{i}", "low", complex(300e3, 90e3), shares))
    connection = random.choice(["Y", "D"])
    parts.append(load(400e3, 150e3, node=f"n{count}", connection=connection))
    parts.append(capacitor("c", f"n{random.randint(1, count)}"))
    machine = {"RotatingMachine.p": "-300000", "RotatingMachine.q": "50000"}
    parts += [terminals("g", f"n{count}"), {"SynchronousMachine g": machine}]
    return viewed(*parts)


@pytest.mark.parametrize("seed", range(5))
def test_random_networks(seed: int) -> None:
    agree(random_network(seed))


def test_what_feeds_in_beside_loads_that_go_with_voltage() -> None:
    """A machine of constant power beside constant currents, smaller and larger than these."""
    for fed in (150e3, 250e3, 350e3, 900e3):
        machine = {"RotatingMachine.p": f"{-fed}", "RotatingMachine.q": "0"}
        shares = {"pConstantCurrent": "1", "qConstantCurrent": "1"}
        more = zip_load("i", "n3", "base", 300e3 + 100e3j, shares)
        first = zip_load("d", "n3", "base", 100e3 + 50e3j, SHARES)
        agree(feeder(first, more, terminals("g", "n3"), {"SynchronousMachine g": machine}))


def test_parts_that_nothing_feeds_are_left_dark() -> None:
    view = feeder()
    found = balanced.solve(Layout.of(view), Given(poles={"w": frozenset()}))
    assert found.converged
    assert found.at("n3", "A") == 0
    assert abs(found.at("n2", "B")) == pytest.approx(10_000 / math.sqrt(3))
    assert not found.of("w")[0].any()


# -- what is refused, and its equivalent


def unbalanced() -> View:
    return feeder(load(A=(500e3, 100e3), B=(300e3, 100e3), C=(100e3, 100e3)))


def lateral() -> View:
    said = {"r": "0.5", "x": "0.5", "r0": "0.5", "x0": "0.5"}
    single = {
        **terminals("e", "m"),
        "EnergyConsumer e": {"p": "60000", "q": "20000"},
        "EnergyConsumerPhase e_A": {
            "EnergyConsumer": "#e", "phase": "~SinglePhaseKind.A", "p": "60000", "q": "20000",
        },
    }  # fmt: skip
    return feeder(load(), line("k", said, "A", nodes=("n3", "m")), single)


def untransposed() -> View:
    entries = {
        "1,1": "4e-4 9e-4", "2,1": "1e-4 4e-4", "2,2": "4e-4 9e-4", "3,1": "1e-4 3e-4",
        "3,2": "1e-4 4e-4", "3,3": "4e-4 9e-4",
    }  # fmt: skip
    said = {"PerLengthImpedance": "#z", "Conductor.length": "900"}
    return feeder(
        load(),
        line("u", said, "ABC", nodes=("n3", "m")),
        matrix("z", entries),
        load(name="e", node="m"),
    )


def exponent() -> View:
    shares = {"exponentModel": "true", "pVoltageExponent": "1.3", "qVoltageExponent": "2.4"}
    return feeder(zip_load("d", "n3", "base", 900e3 + 300e3j, shares))


REFUSED = {
    "Phases draw or feed in differently: d.": unbalanced,
    "Equipment has one or two phases: line k.": lateral,
    "Phases are not alike, by more than 0.001 between sequences: line u": untransposed,
    "Loads go with a power of voltage: d.": exponent,
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_what_is_not_balanced_is_refused_by_name(sentence: str) -> None:
    layout = Layout.of(REFUSED[sentence]())
    found = balanced.solve(layout)
    assert not found.converged
    assert np.isnan(found.volts).all()
    assert found.remarks[0] == "The network is not balanced."
    assert any(remark.startswith(sentence) for remark in found.remarks), found.remarks


@pytest.mark.parametrize("sentence", REFUSED)
def test_an_equivalent_says_that_it_is_one(sentence: str) -> None:
    """It draws what the network draws, and loses no more than that does."""
    layout = Layout.of(REFUSED[sentence]())
    found, true = balanced.solve(layout, equivalent=True), nodal.solve(layout)
    assert found.converged, found.remarks
    said = f"By the positive sequence alone: {sentence}"
    assert any(remark.startswith(said) for remark in found.remarks)
    loads = [i for i, kind in enumerate(layout.kinds) if kind == "load"]
    assert found.taken[loads].sum() == pytest.approx(true.taken[loads].sum(), rel=2e-3)
    assert abs(found.balance.sum()) < 1e-6 * np.abs(true.power).max()
    assert 0.5 < found.losses().real / true.losses().real < 1.01


def test_a_pole_that_is_open_alone() -> None:
    layout, given = Layout.of(feeder()), Given(poles={"w": frozenset("AB")})
    found = balanced.solve(layout, given)
    assert not found.converged
    assert "LoadBreakSwitch w passes A, B only" in found.remarks[1]


def test_grounds_and_cuts_are_refused() -> None:
    layout = Layout.of(feeder())
    given = Given(earthed=frozenset({("n3", "A")}), cut={"l": frozenset("B")})
    found = balanced.solve(layout, given)
    assert not found.converged
    assert "Grounds are placed: n3 A." in found.remarks
    assert any(remark.startswith("Lines are cut on some phases") for remark in found.remarks)


def test_too_much_load_has_no_solution() -> None:
    found = balanced.solve(Layout.of(feeder(load(90e6, 30e6))))
    assert not found.converged
    assert np.isnan(found.power).all()
    assert "pandapower did not converge" in found.remarks[0]


def test_what_pandapower_gets_wrong_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A result that does not balance, or is not a number, is none."""
    run = pandapower.runpp

    for factor, words in ((1.01, "VA are left over at"), (math.nan, "are not numbers")):

        def spoilt(net: pandapower.pandapowerNet, by: float = factor, **options: object) -> None:
            run(net, **options)
            net.res_bus.loc[1, "vm_pu"] *= by

        monkeypatch.setattr(pandapower, "runpp", spoilt)
        found = balanced.solve(Layout.of(feeder()))
        assert not found.converged
        assert words in found.remarks[0]


def test_options_that_it_does_not_have() -> None:
    layout = Layout.of(feeder())
    with pytest.raises(ValueError, match="moves no taps"):
        balanced.solve(layout, options=Options(controls="local"))
    with pytest.raises(ValueError, match="limits of voltage"):
        balanced.solve(layout, options=Options(low=0.9))


def test_a_network_without_a_source() -> None:
    found = balanced.solve(Layout.of(viewed(balanced_line(), load(node="n2"))))
    assert found.converged
    assert not found.volts.any()
    assert "The model has no source: nothing is supplied." in found.remarks
