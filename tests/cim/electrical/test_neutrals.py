"""Neutrals that documents bring to nodes: what lies at them, and what earths them.

   n1           n2           n3
A --+--- near ---+--- far ---+-- load
N --+------------+-----------+
    source or transformer
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cim.electrical import yprim
from cim.electrical.line_constants import kron
from cim.electrical.taps import NOMINAL
from cim.electrical.view import View
from tests.cim.electrical.banks import end, short_circuit, tank
from tests.cim.electrical.documents import line, matrix, terminals, viewed
from tests.cim.electrical.opendss import Circuit, Element, circuit, commands
from tests.cim.electrical.test_injections import inverter
from tests.cim.electrical.test_opendss import ROUNDING, with_core_as_opendss
from tests.cim.electrical.test_wires import hung

Objects = dict[str, dict[str, str]]
BY_TABLE = {"PerLengthImpedance": "#z", "Conductor.length": "1000"}
FOUR = matrix(
    "z",
    {
        f"{i},{j}": "4e-4 9e-4 3e-9" if i == j else "1e-4 3e-4"
        for i in range(1, 5)
        for j in range(1, i + 1)
    },
)
SIX = matrix(
    "z",
    {
        f"{i},{j}": "4e-4 9e-4 3e-9" if i == j else "1e-4 3e-4"
        for i in range(1, 7)
        for j in range(1, i + 1)
    },
)
FLOATS = (
    "The neutral of ConnectivityNode n1 and 1 more nodes is earthed nowhere: its voltage is open."
)


def four(identity: str = "near", nodes: tuple[str, str] = ("n1", "n2")) -> Objects:
    return {**line(identity, BY_TABLE, "ABCN", nodes), **FOUR}


def source(node: str = "n1") -> Objects:
    said = {"nominalVoltage": "400", "voltageMagnitude": "400"}
    return {"EnergySource s": said, **terminals("s", node)}


def load(node: str = "n2", **said: str) -> Objects:
    return {"EnergyConsumer c": {"p": "9", "q": "3", **said}, **terminals("c", node)}


def without_problems(*objects: Objects) -> View:
    found = viewed(*objects)
    assert found.problems == ()
    return found


def test_a_line_of_four_wires() -> None:
    """A load is between phase and neutral, which the source earths."""
    found = without_problems(source(), four(), load())
    [one] = found.lines
    assert one.phases == ("A", "B", "C", "N")
    assert yprim.of_line(one).places[3::4] == (("n1", "N"), ("n2", "N"))
    assert found.loads[0].neutral
    [earth] = found.earths
    assert (earth.mrid, earth.kind, earth.port.node) == ("s_t1", "EnergySource", "n1")
    assert yprim.of_earth(earth).y == pytest.approx(np.array([[1e6]]))


def test_what_lies_at_no_neutral_is_at_earth() -> None:
    """A delta, and whatever is at a node that no neutral comes to."""
    said = {"phaseConnection": "~PhaseShuntConnectionKind.D"}
    found = without_problems(source(), four(), load(**said))
    assert not found.loads[0].neutral
    other = line("far", {"r": "1", "x": "1", "r0": "1", "x0": "1"}, "ABC", ("n2", "n3"))
    found = without_problems(source(), four(), other, load("n3"))
    assert not found.loads[0].neutral


def test_a_generator_lies_at_the_neutral() -> None:
    [one] = viewed(source(), four(nodes=("n1", "n")), inverter("BatteryUnit", "5")).generators
    assert (one.port.node, one.neutral) == ("n", True)
    [one] = viewed(source(), four(), inverter("BatteryUnit", "5")).generators
    assert (one.port.node, one.neutral) == ("n", False)


def test_a_phase_to_neutral_is_a_phase() -> None:
    """OpenDSS writes SinglePhaseKind.AN."""
    part = {"EnergyConsumer": "#c", "phase": "~SinglePhaseKind.AN", "p": "9", "q": "3"}
    found = without_problems(source(), four(), load(), {"EnergyConsumerPhase p": part})
    assert found.loads[0].branches == (("A", "N"),)


def test_one_conductor_more_than_phases_is_their_neutral() -> None:
    found = viewed(source(), line("near", BY_TABLE, "ABC"), FOUR)
    said = "has 4 conductors for 3 phases; what is more is taken as their neutral."
    assert found.problems == (f"PerLengthPhaseImpedance z {said}",)
    assert found.lines[0].phases == ("A", "B", "C", "N")
    apart = viewed(source(), four()).lines[0]
    assert found.lines[0].z == pytest.approx(apart.z)
    assert found.lines[0].y == pytest.approx(apart.y)


def test_several_conductors_more_are_bonded() -> None:
    """Three in parallel, which couple equally with the phases."""
    found = viewed(source(), line("near", BY_TABLE, "ABC"), SIX)
    said = "has 6 conductors for 3 phases; what is more are taken as one neutral, bonded at nodes."
    assert found.problems == (f"PerLengthPhaseImpedance z {said}",)
    own, mutual = 0.4 + 0.9j, 0.1 + 0.3j
    assert found.lines[0].z[3] == pytest.approx([mutual] * 3 + [(own + 2 * mutual) / 3])
    assert found.lines[0].y[3, 3] == pytest.approx(9e-6j)


def test_a_part_of_a_matrix_has_no_neutral() -> None:
    """A lateral by the matrix of the main line."""
    objects = {**line("near", BY_TABLE, "AB"), **FOUR}
    assert without_problems(source(), objects).lines[0].phases == ("A", "B")


def test_wires_are_reduced_unless_terminals_have_the_neutral() -> None:
    reduced = without_problems(hung()).lines[0]
    objects = {**hung(), **terminals("l", "n1", "n2", phases="AN")}
    kept = viewed(source(), objects).lines[0]
    assert kept.phases == ("A", "N")
    assert kron(kept.z, [0]) == pytest.approx(reduced.z)


def test_a_switch_passes_the_neutral() -> None:
    """Its pole is closed as the others are."""
    for is_open in ("true", "false"):
        found = without_problems(
            source(),
            four(),
            {"Breaker b": {"Switch.open": is_open}, **terminals("b", "n2", "n3")},
            four("far", ("n3", "n4")),
        )
        poles = {(pole.one, pole.two, pole.closed) for pole in found.switches[0].poles}
        assert poles == {(phase, phase, is_open == "false") for phase in "ABCN"}
    found = without_problems(
        source(), four(), {"Breaker b": {"Switch.open": "true"}, **terminals("b", "n2", "n3")}
    )
    assert [pole.one for pole in found.switches[0].poles] == ["A", "B", "C"]


def transformed(**star: str) -> Objects:
    """A transformer from n0 to n1, with a star there."""
    objects: Objects = {"PowerTransformer t": {}, **terminals("t", "n0", "n1")}
    for number, said in ((1, end("D", 20e3, r="1", x="40")), (2, {**end("Yn", 400, 11), **star})):
        objects[f"PowerTransformerEnd e{number}"] = {
            "PowerTransformer": "#t",
            "TransformerEnd.Terminal": f"#t_t{number}",
            "TransformerEnd.endNumber": str(number),
            **said,
        }
    return objects


def test_the_star_point_of_a_transformer_is_the_neutral() -> None:
    """Earthed solidly, it earths the neutral; through an impedance, which is its own."""
    found = without_problems(source("n0"), transformed(), four())
    assert [(one.mrid, one.port.node) for one in found.earths] == [("t_t2", "n1")]
    through = {"TransformerEnd.rground": "0.5", "TransformerEnd.xground": "2"}
    found = without_problems(source("n0"), transformed(**through), four())
    assert found.earths == ()
    [one] = found.transformers
    primitive = yprim.of_transformer(one)
    place = primitive.places.index(("n1", "N"))
    rest = primitive.y.sum(axis=1)[place]
    assert rest == pytest.approx(1 / (0.5 + 2j))


@pytest.mark.parametrize(("phases", "solid"), [("ABCN", True), ("BACN", True), ("ABC", False)])
def test_a_star_point_beside_the_neutral(phases: str, solid: bool) -> None:
    """A tank whose star names its phases without N is earthed for itself; the neutral, by what is
    at it."""
    star, delta = ({"connectionKind": f"~WindingConnection.{kind}"} for kind in "YD")
    unit = tank(
        {"phases": "ABC", "ratedU": "20000", "grounded": "false", **delta},
        {"phases": phases, "ratedU": "400", "phaseAngleClock": "11", **star},
        s=short_circuit(1, 2, 800, 0.4),
    )
    unit = {key: about for key, about in unit.items() if not key.startswith("ConnectivityNode")}
    beside: Objects = {"GroundingImpedance g": {"x": "0.1"}, **terminals("g", "n2", phases="N")}
    found = viewed(source("n1"), unit, four(nodes=("n2", "n3")), beside)
    earthed = "is said to be solidly earthed, beside GroundingImpedance g; so it is taken."
    assert found.problems == ((f"TransformerTankEnd e2 {earthed}",) if solid else ())
    assert [one.mrid for one in found.earths] == ["g", *(["t_t2"] if solid else [])]
    assert found.transformers[0].windings[1].phases == tuple(phases)
    assert ("n2", "N") not in yprim.of_transformer(found.transformers[0]).places


def test_neutrals_that_float_are_named() -> None:
    assert viewed(four()).problems == (FLOATS,)
    star = {"TransformerEnd.grounded": "false"}
    found = viewed(source("n0"), transformed(**star), four())
    assert found.problems == (FLOATS,)
    assert ("n1", "N") in yprim.of_transformer(found.transformers[0]).places


# -- circuits of four wires, exported by OpenDSS

CASES = {
    "case3_balanced_battery_1ph": 2,
    "case3_balanced_battery_3ph_EN": 2,
    "test_gen_1ph_wye": 1,
    "test_gen_3ph_wye": 1,
    "test_line_6w": 2,
    "test_load_1ph_wye_cp": 1,
    "test_load_3ph_delta_cp": 1,
    "test_load_3ph_delta_exp": 1,
    "test_load_3ph_wye_cp": 1,
    "test_load_3ph_wye_exp": 1,
    "test_switch_1w": 1,
    "test_trans_dy": 2,
    "test_trans_yy": 2,
    "ut_trans_3w_dyy_1": 1,
}
"""Of PowerModelsDistribution, and how many lines each has."""
LOST = (
    "what is more is taken as their neutral",
    "what is more are taken as one neutral, bonded at nodes",
    "p and q of all inverters and machines are read as fed in",
    "has a capacitive b above 0; it is taken as inductive",
    "is left out: it has 0 terminals, and must have 2",
    "is of no terminal, equipment or node; its limits are not used",
    "is on phase s1, which nothing brings to",
)
"""What the export says otherwise or loses: the neutral of lines; a reactor in a neutral has no
terminals; a load from a phase to conductor 4 of six is on s1.  Nothing in it says to which
conductors a line's neutral goes at either end: OpenDSS has node 0, earth, at sources.  Taps are
lost where no control moves them, stars that lead are said to lag, and one that has B first (of
test_trans_dy) is said to have A first.
"""
TAPS = {
    "test_trans_dy": (1.02, 0.97),
    "test_trans_yy": (1.02, 0.97),
    "ut_trans_3w_dyy_1": (1.01, 1.02, 1.03),
}


def pmd(shared: Path, name: str, *more: str) -> Circuit:
    """A case, and what OpenDSS is told after it."""
    file = shared / "data" / "dms" / "pmd_validation" / "cases" / f"{name}.dss"
    return circuit(*commands(file.read_text()), *more)


def as_exported(element: Element) -> Element:
    """Conductors 5 and 6 are bonded to 4."""
    return Element(element.name, tuple((b, min(n, 4)) for b, n in element.places), element.y)


@pytest.mark.reference
@pytest.mark.parametrize("name", CASES)
def test_admittances_of_circuits_of_four_wires(shared: Path, name: str) -> None:
    """Over all conductors but those that OpenDSS has at earth."""
    of = pmd(shared, name)
    assert [p for p in of.view.problems if not any(lost in p for lost in LOST)] == []
    assert len(of.view.lines) == CASES[name]
    for one in of.view.lines:
        element = as_exported(of.element(one.name, "line"))
        primitive = yprim.of_line(one)
        places = of.places(primitive.places)
        keep = [i for i, place in enumerate(places) if place in element.places]
        theirs = element.over([places[i] for i in keep])
        assert len(keep) >= 2 * len(one.phases) - 1
        assert np.abs(primitive.y[np.ix_(keep, keep)] - theirs).max() < 1e-6 * np.abs(theirs).max()
    for transformer in of.view.transformers:
        element = of.element(transformer.name, "transformer")
        taps = [replace(NOMINAL, ratio=ratio) for ratio in TAPS[name]]
        first, *stars = transformer.windings
        if name == "ut_trans_3w_dyy_1":
            stars = [replace(star, clock=11) for star in stars]
        if name == "test_trans_dy":
            stars = [replace(star, phases=("B", "A", "C", "N")) for star in stars]
        transformer = replace(transformer, windings=(first, *stars))
        primitive = yprim.of_transformer(with_core_as_opendss(transformer), taps)
        assert of.error(primitive, element) < 2 * ROUNDING
