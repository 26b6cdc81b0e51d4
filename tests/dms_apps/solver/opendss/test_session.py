"""A circuit that is edited from one moment to the next says what one drawn anew says, and nodal."""

from __future__ import annotations

import gc
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from dms_apps.solver import nodal
from dms_apps.solver.given import Given, Listed
from dms_apps.solver.layout import Layout
from dms_apps.solver.opendss.circuit import Circuit, Refused
from dms_apps.solver.opendss.loading import engine
from dms_apps.solver.opendss.session import Session
from dms_apps.solver.solution import Options, Solution
from tests.cim.electrical.banks import CENTRE, bank, end
from tests.cim.electrical.documents import line, terminals, viewed
from tests.dms_apps.solver.feeder import balanced_line, feeder, load, source, switch

Objects = dict[str, dict[str, str]]
SAME = 1e-7
"""Per unit."""


def changer() -> Objects:
    """32 steps of 5/8 % at the second end of bank t."""
    return {
        "RatioTapChanger r": {
            "TapChanger.lowStep": "-16",
            "TapChanger.highStep": "16",
            "TapChanger.neutralStep": "0",
            "TapChanger.step": "0",
            "stepVoltageIncrement": "0.625",
            "TransformerEnd": "#e2",
        }
    }


def capacitor() -> Objects:
    return {
        "LinearShuntCompensator c": {
            "bPerSection": "1e-5",
            "ShuntCompensator.sections": "1",
            "ShuntCompensator.maximumSections": "3",
            "ShuntCompensator.normalSections": "1",
        },
        **terminals("c", "n2"),
    }


def generator() -> Objects:
    return {
        "PowerElectronicsConnection g": {"p": "-30000", "q": "0"},
        **terminals("g", "n5"),
    }


# source -- n1 --transformer t, taps r-- n2 (capacitor c) ==l== n3 --switch w-- n4 ==k== n5 (d, g)
NETWORK = {
    **source(),
    **bank(end("D", 10e3, r="0.5", x="5"), end("Yn", 10e3, 1, r="0", x="0")),
    **changer(),
    **capacitor(),
    **balanced_line("l", ("n2", "n3")),
    **switch("w", ("n3", "n4")),
    **balanced_line("k", ("n4", "n5")),
    **load(name="d", node="n5", A=(200e3, 60e3), B=(300e3, 90e3), C=(250e3, 50e3)),
    **load(name="m", node="n3", connection="D"),
    **generator(),
}


@pytest.fixture(scope="module")
def layout() -> Layout:
    found = viewed(NETWORK)
    assert [problem for problem in found.problems if "left out" in problem] == []
    return Layout.of(found)


@pytest.fixture(scope="module")
def session(layout: Layout) -> Session:
    return Session(layout)


def same(one: Solution, other: Solution) -> None:
    assert one.converged
    assert other.converged
    nominal = np.nan_to_num(one.layout.nominal, nan=1.0)
    assert (np.abs(one.volts - other.volts) / nominal).max() < SAME
    assert np.array_equal(one.island, other.island)
    assert np.abs(one.power - other.power).max() < 5.0
    assert one.steps == other.steps
    assert one.sections == other.sections


THREE = np.array([1, 1, 1])
MOMENTS = {
    "as the models say": Given(),
    "open": Given(poles={"w": frozenset()}),
    "two poles open": Given(poles={"w": frozenset("B")}),
    "tap": Given(steps={"r": 5}),
    "sections": Given(sections={"c": (3.0, 0.0, 2.0)}),
    "part of a section": Given(sections={"c": (0.5, 1.0, 0.0)}),
    "loads": Given(loads={"d": np.array([1e5 + 1e4j, 0, 3e5 - 2e4j])}),
    "no load": Given(loads={"d": 0j * THREE, "m": 0j * THREE}),
    "feeding back": Given(fed={"g": np.array([4e5, 5e5 + 1e5j, 6e5])}),
    "volts": Given(volts={"s": 5900 * np.exp(1j * np.array([0.1, -2.0, 2.2]))}),
    "line out": Given(out=frozenset({"k"})),
    "load and capacitor out": Given(out=frozenset({"c", "d", "g"})),
    "transformer out": Given(out=frozenset({"t"})),
    "cut": Given(cut={"l": frozenset("A")}),
    "jumper": Given(
        poles={"w": frozenset()},
        joined=frozenset((("n3", phase), ("n4", phase)) for phase in "ABC"),
    ),
    "earthed behind an open switch": Given(
        poles={"w": frozenset()}, earthed=frozenset({("n4", "A"), ("n4", "B")})
    ),
}


@pytest.mark.parametrize("name", MOMENTS)
def test_each_moment_after_another(layout: Layout, session: Session, name: str) -> None:
    """By one session, over whatever was before, and back again."""
    given = MOMENTS[name]
    same(session.solve(given), nodal.solve(layout, given))
    same(session.solve(), nodal.solve(layout))


@settings(max_examples=10)
@drawn(st.lists(st.sampled_from(sorted(MOMENTS)), min_size=2, max_size=4))
def test_any_way_from_moment_to_moment(names: list[str]) -> None:
    layout = Layout.of(viewed(NETWORK))
    session = Session(layout)
    for name in names:
        solution = session.solve(MOMENTS[name])
    same(solution, Session(layout).solve(MOMENTS[names[-1]]))


def test_power_balance_at_every_place(session: Session) -> None:
    for given in (Given(), MOMENTS["two poles open"], MOMENTS["sections"]):
        solution = session.solve(given)
        live = solution.island >= 0
        assert np.abs(solution.balance[live]).max() < 0.1


def test_an_edit_redraws_nothing(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    session.solve()
    monkeypatch.setattr(Circuit, "__init__", None)
    for name in ("open", "tap", "sections", "loads", "volts", "line out"):
        assert session.solve(MOMENTS[name]).converged


def test_what_nothing_feeds(layout: Layout, session: Session) -> None:
    solution = session.solve(MOMENTS["open"])
    dead = [
        place for place, island in zip(layout.places, solution.island, strict=True) if island < 0
    ]
    assert {node for node, _ in dead} == {"n4", "n5"}
    assert solution.at("n5", "A") == 0
    assert not solution.power[layout.rows("d")].any()


def test_without_a_source() -> None:
    objects = {k: v for k, v in NETWORK.items() if not k.startswith("EnergySource")}
    solution = Session(Layout.of(viewed(objects))).solve()
    assert solution.converged
    assert not solution.volts.any()
    assert set(solution.island) == {-1}
    assert Session(Layout.of(viewed(NETWORK))).solve(Given(out=frozenset("s"))).island.max() == -1


MANY = {f"d{i}": (1e4 * i, 2e3 * i) for i in range(1, 8)}


@settings(max_examples=10)
@drawn(st.lists(st.dictionaries(st.sampled_from(sorted(MANY)), st.floats(-2, 2)), max_size=4))
def test_loads_a_few_or_many_at_once(moments: list[dict[str, float]]) -> None:
    """One by one or in one array, all of them or some."""
    loads = (load(name=name, node="n3", A=power, B=power) for name, power in MANY.items())
    layout = Layout.of(viewed(source(), balanced_line(), switch(), *loads))
    session, listed = Session(layout), Session(layout)
    for shares in [*moments, dict.fromkeys(MANY, 1.5)]:
        powers = {mrid: share * complex(*MANY[mrid]) * np.ones(2) for mrid, share in shares.items()}
        expected = nodal.solve(layout, Given(loads=powers))  # type: ignore[arg-type]
        same(session.solve(Given(loads=powers)), expected)  # type: ignore[arg-type]
        same(listed.solve(Given(loads=Listed.of(powers))), expected)  # type: ignore[arg-type]


def test_powers_in_one_array_are_a_mapping() -> None:
    some = Listed.of({"d": np.array([1 + 1j, 2]), "e": np.array([3 + 0j])})
    assert list(some) == ["d", "e"]
    assert len(some) == 2
    assert some["d"].tolist() == [1 + 1j, 2]
    assert some.now(2 * some.powers)["e"].tolist() == [6]
    assert "f" not in some
    assert {**some, "e": np.array([4])}["e"].tolist() == [4]
    assert dict(Listed.of({})) == {}


def test_remarks_are_those_of_their_moment(layout: Layout, session: Session) -> None:
    """Whenever they are read."""
    earthed = session.solve(Given(earthed=frozenset({("n3", "A")})))
    sound = session.solve()
    dead = session.solve(Given(out=frozenset("s")))
    assert any("n3 is fed and earthed on phase A" in one for one in earthed.remarks)
    assert sound.remarks == dead.remarks == layout.remarks


def test_too_much_load_is_said(layout: Layout, session: Session) -> None:
    """And the next moment is solved again."""
    solution = session.solve(Given(loads={"d": 1e8 * THREE + 0j}))
    assert not solution.converged
    assert np.isnan(solution.volts).all()
    assert solution.remarks[0] == "OpenDSS did not converge within 200 iterations."
    same(session.solve(), nodal.solve(layout))


def test_a_collapse_is_no_solution() -> None:
    """OpenDSS calls it one: its loads are impedances near 0 V."""
    absurd = {**NETWORK["EnergyConsumer m"], "p": "1e30"}
    layout = Layout.of(viewed({**NETWORK, "EnergyConsumer m": absurd}))
    solution = Session(layout).solve()
    assert not solution.converged
    assert solution.remarks[0].startswith("The voltage collapses at ")


def test_a_moment_that_cannot_be_takes_nothing_along(layout: Layout, session: Session) -> None:
    """Sections of two branches of three are an error; taps that came with them do not stay."""
    session.solve()
    with pytest.raises(ValueError, match="broadcast"):
        session.solve(Given(steps={"r": 9}, sections={"c": (1.0, 2.0)}))
    same(session.solve(), nodal.solve(layout))


def test_two_sources() -> None:
    other = source(name="s2", node="n9")
    found = viewed(source(), other, balanced_line(), switch(), load(),
                   balanced_line("k", ("n9", "n3")))  # fmt: skip
    layout = Layout.of(found)
    session = Session(layout)
    same(session.solve(), nodal.solve(layout))
    apart = Given(poles={"w": frozenset()})
    same(session.solve(apart), nodal.solve(layout, apart))
    assert session.solve(apart).island.max() == 1


def test_a_switch_to_earth_that_alone_has_a_place() -> None:
    """An earthing switch on three phases, at the end of a line of one."""
    said = {"r": "1", "x": "2", "r0": "3", "x0": "6", "Conductor.length": "9"}
    earthing = {"GroundDisconnector g": {"Switch.open": "true"}, **terminals("g", "n2")}
    layout = Layout.of(viewed(source(), line("l", said, "A"), earthing))
    assert ("n2", "C") in layout.number
    same(Session(layout).solve(), nodal.solve(layout))


def test_a_source_that_holds_its_voltage_is_named() -> None:
    said = source()
    said["EnergySource s"] |= {"r": "0", "x": "0", "r0": "0", "x0": "0"}
    layout = Layout.of(viewed(said, balanced_line(), switch(), load()))
    solution = Session(layout).solve()
    same(solution, nodal.solve(layout))
    assert solution.remarks == ("Source s has no impedance; 1e-06 ohm are taken.",)


SHARES = (
    {"pConstantImpedance": "50", "pConstantCurrent": "20", "pConstantPower": "30"},
    {"pConstantImpedance": "100"},
    {"pConstantCurrent": "100"},
    {"pConstantPower": "100"},
    {"exponentModel": "true", "pVoltageExponent": "1.3", "qVoltageExponent": "0"},
)


@pytest.mark.parametrize("said", SHARES)
@pytest.mark.parametrize("connection", ["Y", "D"])
def test_loads_that_follow_the_voltage(said: dict[str, str], connection: str) -> None:
    shares = {**said, **{"q" + k[1:]: v for k, v in said.items() if k.startswith("pConst")}}
    if "pConstantCurrent" in said:
        shares["qConstantImpedance"], shares["qConstantCurrent"] = "90", "10"
    some = load(connection=connection)
    some["EnergyConsumer d"]["LoadResponse"] = "#z"
    found = feeder(some, {"LoadResponseCharacteristic z": shares})
    layout = Layout.of(found)
    same(Session(layout).solve(), nodal.solve(layout))


def test_a_service_whose_halves_come_to_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    """Halves that are alike are one load of OpenDSS, until they are not."""
    used = load(name="d", node="n2", s1=(4e3, 1e3), s2=(4e3, 1e3))
    used["EnergyConsumer d"]["ConductingEquipment.BaseVoltage"] = "#low"
    found = viewed(source(12470), CENTRE, used, {"BaseVoltage low": {"nominalVoltage": "208"}})
    windings = found.transformers[0].windings
    low = windings[1].port.node
    found = replace(found, loads=tuple(
        replace(one, port=replace(one.port, node=low)) for one in found.loads
    ))  # fmt: skip
    layout = Layout.of(found)
    session = Session(layout)
    for half in (4e3, 6e3):
        given = Given(loads={"d": np.array([half, half]) + 0j})
        same(session.solve(given), nodal.solve(layout, given))
    uneven = Given(loads={"d": np.array([6e3, 1e3 + 5e2j])})
    same(session.solve(uneven), nodal.solve(layout, uneven))
    monkeypatch.setattr(Circuit, "__init__", None)
    same(session.solve(), nodal.solve(layout))


def test_symmetry() -> None:
    """The same load on every phase: three voltages alike; phases in another order, the same."""
    solution = Session(Layout.of(feeder())).solve()
    sizes = np.abs([solution.at("n3", phase) for phase in "ABC"])
    assert np.ptp(sizes) < 1e-5
    uneven = load(A=(3e5, 1e5), B=(2e5, 0.0), C=(1e5, 5e4))
    turned = load(B=(3e5, 1e5), C=(2e5, 0.0), A=(1e5, 5e4))
    one, other = (Session(Layout.of(feeder(some))).solve() for some in (uneven, turned))
    back = np.exp(-2j * np.pi / 3)
    for phase, following in ("AB", "BC", "CA"):
        assert other.at("n3", following) == pytest.approx(one.at("n3", phase) * back, abs=1e-5)


def test_it_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Session(Layout.of(feeder())).solve()
    assert Path.cwd() == tmp_path
    assert os.listdir(tmp_path) == []  # noqa: PTH208


def test_contexts_are_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenDSS keeps a context for good, so that one for each session would fill the memory."""
    Session(Layout.of(feeder())).solve()
    gc.collect()
    monkeypatch.setattr(type(engine()), "NewContext", None)
    for _ in range(3):
        assert Session(Layout.of(feeder())).solve().converged
        gc.collect()


def test_refusals_have_a_sentence() -> None:
    with pytest.raises(Refused, match=r"OpenDSS says \(#\d+\): Bus such not found"):
        Circuit(["clear", "new circuit.c", "no such thing"], [], Options())


# -- networks made at random
