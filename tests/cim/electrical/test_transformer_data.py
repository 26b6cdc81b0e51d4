"""Transformers: the forms in which documents have their data, and what is absurd."""

from __future__ import annotations

import pytest

from cim.electrical import yprim
from cim.electrical.leakage import Core
from tests.cim.electrical.banks import CENTRE, bank, end, only, short_circuit, tank, why

# -- forms of data


def test_mesh_star_and_own_impedances_say_the_same() -> None:
    ends = (end("Yn", 66e3), end("Yn", 11e3), end("D", 3300, clock=1))
    star = (0.5 + 20j, 0.02 + 0.4j, 0.01 + 0.1j)
    rated = (66e3, 11e3, 3300)
    by_star = bank(*ends)
    by_mesh = bank(*ends)
    own = []
    for i, (z, said) in enumerate(zip(star, ends, strict=True)):
        values = {"r": f"{z.real!r}", "x": f"{z.imag!r}", "r0": f"{z.real!r}", "x0": f"{z.imag!r}"}
        by_star[f"TransformerStarImpedance s{i}"] = {"TransformerEnd": f"#e{i + 1}", **values}
        own.append({**said, **values})
        for j in range(i):
            # Seen from the end of the higher number, to be turned about.
            mesh = z + star[j] * (rated[i] / rated[j]) ** 2
            by_mesh[f"TransformerMeshImpedance m{i}{j}"] = {
                "FromTransformerEnd": f"#e{i + 1}",
                "ToTransformerEnd": f"#e{j + 1}",
                **{"r": f"{mesh.real!r}", "x": f"{mesh.imag!r}"},
                **{"r0": f"{mesh.real!r}", "x0": f"{mesh.imag!r}"},
            }
    found = [only(objects) for objects in (by_star, by_mesh, bank(*own))]
    assert [one.leakage.data for one in found] == [
        "TransformerStarImpedance",
        "TransformerMeshImpedance",
        "PowerTransformerEnd",
    ]
    first, *others = (yprim.of_transformer(one).y for one in found)
    for other in others:
        assert other == pytest.approx(first)


def test_impedance_at_one_end_only() -> None:
    """As transmission models have it (IEC 61970-452): all of it at the first of two ends."""
    found = only(bank(end("Yn", 110e3, r="1", x="20"), end("Yn", 20e3, r="0", x="0")))
    assert found.leakage.z[0, 1] == 1 + 20j
    assert found.leakage.z0 is None


def test_core_of_an_end() -> None:
    found = only(bank(end("Yn", 110e3, x="20", g="1e-6", b="-9e-6"), end("Yn", 20e3)))
    assert found.cores == (Core(0, 1e-6 - 9e-6j, 1e-6 - 9e-6j),)


def test_zero_sequence_of_a_core_that_is_stated_as_none() -> None:
    """Silence is the positive sequence; 0 is 0."""
    ends = (end("Yn", 110e3, x="20", g="1e-6", b="-9e-6", g0="0", b0="0"), end("Yn", 20e3))
    assert only(bank(*ends)).cores == (Core(0, 1e-6 - 9e-6j, 0j),)


def test_core_admittance_is_inductive() -> None:
    objects = bank(end("Yn", 110e3, x="20"), end("Yn", 20e3))
    objects["TransformerCoreAdmittance c"] = {"TransformerEnd": "#e2", "g": "1e-6", "b": "9e-6"}
    problem = "TransformerCoreAdmittance c has a capacitive b above 0; it is taken as inductive."
    assert only(objects, problem).cores == (Core(1, 1e-6 - 9e-6j, 1e-6 - 9e-6j),)


def test_data_sheet_of_a_whole_transformer() -> None:
    """PowerTransformerInfo by AssetDatasheet; its end infos give what the ends do not."""
    objects = bank({}, {}, **{"PowerSystemResource.AssetDatasheet": "#sheet"})
    objects["PowerTransformerInfo sheet"] = {}
    objects["TransformerTankInfo info"] = {"PowerTransformerInfo": "#sheet"}
    for number, (kind, volts, clock) in enumerate((("D", 20e3, 0), ("Yn", 400, 5)), 1):
        objects[f"PowerTransformerEnd e{number}"]["TransformerEnd.grounded"] = str(kind == "Yn")
        objects[f"TransformerEndInfo i{number}"] = {
            "TransformerTankInfo": "#info",
            "endNumber": str(number),
            "connectionKind": f"~WindingConnection.{kind}",
            "ratedU": str(volts),
            "phaseAngleClock": str(clock),
        }
    objects["TransformerMeshImpedance m"] = {
        "FromTransformerEndInfo": "#i1",
        "ToTransformerEndInfos": "#i2",
        "r": "5.5",
        "x": "25",
    }
    found = only(objects)
    assert [(w.connection, w.clock, w.rated_u) for w in found.windings] == [
        ("D", 0, 20e3),
        ("Yn", 5, 400),
    ]


def test_unearthed_bank_keeps_its_neutral() -> None:
    objects = tank(
        {"phases": "BN", "ratedU": "7200", "grounded": "false"},
        {"phases": "CA", "ratedU": "240", "grounded": "false"},
        s=short_circuit(1, 2, 50, 0.4),
    )
    assert yprim.of_transformer(only(objects)).places == (
        *(("n1", "B"), ("n1", "N")),
        *(("n2", "C"), ("n2", "A")),
    )


def test_neutral_earthed_through_an_impedance() -> None:
    objects = tank(
        {"phases": "BN", "ratedU": "7200"},
        {"phases": "B", "ratedU": "240"},
        s=short_circuit(1, 2, 50, 0.4),
    )
    objects["TransformerTankEnd e1"]["TransformerEnd.rground"] = "4"
    found = yprim.of_transformer(only(objects))
    assert found.places == (("n1", "B"), ("n1", "N"), ("n2", "B"))
    assert (found.y @ [1, 1, 0])[1] == pytest.approx(0.25)


def test_tanks_may_share_the_terminal_of_their_bank() -> None:
    objects = {key: dict(said) for key, said in CENTRE.items()}
    objects["Terminal t_t1"]["phases"] = "~PhaseCode.ABCN"
    assert only(objects).windings[0].phases == ("A", "N")
    objects["Terminal t_t1"]["phases"] = "~PhaseCode.BC"
    assert "has the phases AN and its terminal BC" in why(objects)


def test_clock_turns_a_winding_whose_phases_have_no_order() -> None:
    """TransformerTankEnd.phases, before orderedPhases."""
    objects = {key: dict(said) for key, said in CENTRE.items()}
    for number, phases in enumerate(("AN", "s1N", "s2N"), 1):
        del objects[f"TransformerTankEnd e{number}"]["orderedPhases"]
        objects[f"TransformerTankEnd e{number}"]["phases"] = f"~PhaseCode.{phases}"
    assert yprim.of_transformer(only(objects)).y == pytest.approx(
        yprim.of_transformer(only(CENTRE)).y
    )


def test_clock_against_the_order_of_phases_is_named() -> None:
    objects = {key: dict(said) for key, said in CENTRE.items()}
    objects["TransformerTankEnd e3"]["orderedPhases"] = "~OrderedPhaseCodeKind.s2N"
    only(objects, "TransformerTankEnd e3 has clock 6 and the phases s2N; their order is taken.")


# -- what is absurd


@pytest.mark.parametrize(
    ("ends", "reason"),
    [
        ((end("Yn", 110e3), end("Yn", 20e3)), "it has no impedance"),
        ((end("Yn", 0, x="20"), end("Yn", 20e3)), "ratedU is 0, and must be above 0"),
        ((end("Yn", 110e3, x="0"), end("Yn", 20e3)), "no impedance between some of its ends"),
        ((end("Yn", 110e3, 0, x="20"), end("Yn", 20e3, 1)), "clock 1 of end 2 is impossible"),
        ((end("D", 110e3, 0, x="20"), end("Yn", 20e3, 6)), "impossible between D and Yn"),
        (
            (end("Zn", 110e3, x="20"), end("Yn", 20e3)),
            "clock 0 of end 2 is impossible between Zn and Yn",
        ),
        ((end("Yn", 110e3, x="20"),), "it has 1 ends, numbered [1]"),
        ((end("Yn", 110e3, x="20"), {}), "has neither a ratedU nor a TransformerEndInfo"),
    ],
)
def test_transformers_that_cannot_be_read(ends: tuple[dict[str, str], ...], reason: str) -> None:
    problem = why(bank(*ends))
    assert problem.startswith("PowerTransformer t is left out: ")
    assert reason in problem


@pytest.mark.parametrize(
    ("end_said", "reason"),
    [
        ({"phases": "A", "grounded": "false"}, "has phase A at one side only"),
        ({"phases": "ABC"}, "is one winding with the phases ABC"),
        (
            {"phases": "AN", "connectionKind": "~WindingConnection.Y"},
            "connected Y with the phases AN",
        ),
        ({"phases": "AA"}, "AA is not a set of known phases"),
    ],
)
def test_windings_that_do_not_fit(end_said: dict[str, str], reason: str) -> None:
    other = {"phases": "AN", "ratedU": "7200"}
    assert reason in why(tank(other, {"ratedU": "240", **end_said}, s=short_circuit(1, 2, 50, 0.4)))


def test_tests_that_do_not_fit() -> None:
    two = ({"phases": "AN", "ratedU": "7200"}, {"phases": "AN", "ratedU": "240"})
    assert "exceeds what its impedance allows" in why(tank(*two, s=short_circuit(1, 2, 50, 400)))
    both = {**short_circuit(1, 2, 50, 0.4), "GroundedEnds": "#i2|#i1"}
    assert "is not between two of its ends" in why(tank(*two, s=both))
    baseless = {**short_circuit(1, 2, 50, 0.4), "TransformerTest.basePower": "0"}
    assert "basePower is 0, and must be above 0" in why(tank(*two, s=baseless))


def test_impedances_that_contradict_one_another() -> None:
    """Between 1 and 2 as much as between 1 and 3 and 2 and 3 together: nothing is left for 3."""
    ends = (end("Yn", 100.0), end("Yn", 100.0), end("Yn", 100.0))
    objects = bank(*ends)
    for one, two, x in ((1, 2, 4), (1, 3, 1), (2, 3, 1)):
        objects[f"TransformerMeshImpedance m{one}{two}"] = {
            "FromTransformerEnd": f"#e{one}",
            "ToTransformerEnd": f"#e{two}",
            "x": str(x),
        }
    assert "its TransformerMeshImpedance gives contradict one another" in why(objects)


def test_ends_that_repeat_a_number() -> None:
    objects = bank(end("Yn", 110e3, x="20"), end("Yn", 20e3))
    objects["PowerTransformerEnd e2"]["TransformerEnd.endNumber"] = "1"
    assert "it has 2 ends, numbered [1, 1]" in why(objects)


def test_what_is_taken_otherwise_is_named() -> None:
    silent = end("Y", 110e3, x="20")
    del silent["TransformerEnd.grounded"]
    objects = bank(silent, end("D", 20e3, 1, **{"TransformerEnd.grounded": "true"}))
    objects["PowerTransformerEnd e1"]["ratedS"] = "-5"
    unused = "has PowerTransformerEnd.ratedS -5, which must be above 0; it is not used."
    found = only(
        objects,
        "PowerTransformerEnd e1 does not say whether it is earthed; it is taken as not earthed.",
        f"PowerTransformerEnd e1 {unused}",
        "PowerTransformerEnd e2 is said to be earthed, and has no neutral to earth.",
    )
    assert found.windings[0].rated_s is None


def test_loss_beyond_the_exciting_current_is_named() -> None:
    objects = {key: dict(said) for key, said in CENTRE.items()}
    objects["NoLoadTest n"]["excitingCurrent"] = "0.1"
    found = only(
        objects,
        "NoLoadTest n has a loss above what its exciting current allows; the loss is taken.",
    )
    [core] = found.cores
    assert core.y == pytest.approx(90 / 7200**2)
