"""Line segments: which data say their impedance, which conductor is which, and what is absurd."""

from __future__ import annotations

import numpy as np
import pytest

from cim.electrical import yprim
from cim.electrical.lines import Line
from tests.cim.electrical.documents import line, matrix, terminals, viewed

TWO = {"1,1": "4e-4 9e-4 3e-9", "2,1": "1e-4 3e-4 -1e-9", "2,2": "5e-4 8e-4 4e-9"}
BY_TABLE = {"PerLengthImpedance": "#z", "Conductor.length": "1000"}
SEQUENCES = {"r": "0.3", "x": "0.6", "r0": "0.9", "x0": "2.1", "bch": "4e-6", "b0ch": "1e-6"}


def only(*objects: dict[str, dict[str, str]]) -> Line:
    found = viewed(*objects)
    assert found.problems == ()
    [one] = found.lines
    return one


def why(*objects: dict[str, dict[str, str]]) -> str:
    """Why the only line is left out."""
    found = viewed(*objects)
    assert found.lines == ()
    [problem] = found.problems
    return problem


def test_sequence_numbers_bind_phases_to_the_matrix() -> None:
    found = only(line("l", BY_TABLE, "CA"), matrix("z", TWO))
    assert found.phases == ("C", "A")
    assert found.z == pytest.approx(np.array([[0.4 + 0.9j, 0.1 + 0.3j], [0.1 + 0.3j, 0.5 + 0.8j]]))
    assert found.y == pytest.approx(np.array([[3e-6j, -1e-6j], [-1e-6j, 4e-6j]]))
    assert found.z_per_metre == pytest.approx(found.z / 1000)
    assert found.y_per_metre == pytest.approx(found.y / 1000)
    assert found.data == "PerLengthPhaseImpedance"
    assert [end.node for end in found.ends] == ["n1", "n2"]


def test_a_part_of_a_larger_matrix() -> None:
    objects = line("l", BY_TABLE, "B")
    objects["ACLineSegmentPhase l_B"]["sequenceNumber"] = "2"
    assert only(objects, matrix("z", TWO)).z == pytest.approx(np.array([[0.5 + 0.8j]]))


def test_order_binds_where_numbers_go_beyond_the_matrix() -> None:
    objects = line("l", BY_TABLE)
    for number, phase in ((2, "s1"), (3, "s2")):
        objects[f"ACLineSegmentPhase {phase}"] = {
            "ACLineSegment": "#l",
            "phase": f"~SinglePhaseKind.{phase}",
            "sequenceNumber": str(number),
        }
    found = only(objects, matrix("z", TWO))
    assert found.phases == ("s1", "s2")
    assert found.z[1, 1] == pytest.approx(0.5 + 0.8j)


def test_phases_without_numbers_are_in_the_order_of_phases() -> None:
    objects = line("l", BY_TABLE, "BA")
    for phase in "AB":
        del objects[f"ACLineSegmentPhase l_{phase}"]["sequenceNumber"]
    assert only(objects, matrix("z", TWO)).phases == ("A", "B")


def test_neutral_of_a_matrix_is_kept() -> None:
    """`Line.earthed` is the line with it reduced."""
    [found] = viewed(line("l", BY_TABLE, "AN"), matrix("z", TWO)).lines
    assert found.phases == ("A", "N")
    assert found.z[1, 1] == pytest.approx(0.5 + 0.8j)
    assert found.y[0, 1] == pytest.approx(-1e-6j)
    earthed = found.earthed()
    assert earthed.phases == ("A",)
    mutual, neutral = 0.1 + 0.3j, 0.5 + 0.8j
    assert earthed.z[0, 0] == pytest.approx(0.4 + 0.9j - mutual**2 / neutral)
    assert earthed.y[0, 0] == pytest.approx(3e-6j)
    assert earthed.earthed() is earthed


def test_matrix_numbered_down_its_columns() -> None:
    """As before CIM100: PhaseImpedanceData.sequenceNumber."""
    objects = matrix("z", TWO)
    for number, place in enumerate(("1_1", "2_1", "2_2"), 1):
        entry = objects[f"PhaseImpedanceData z_{place}"]
        del entry["row"], entry["column"]
        entry["sequenceNumber"] = str(number)
    assert only(line("l", BY_TABLE, "AB"), objects).z[0, 1] == pytest.approx(0.1 + 0.3j)


def test_own_sequence_values_and_phases_of_terminals() -> None:
    """Two of the three phases of a transposed line."""
    said = {"ACLineSegment l": SEQUENCES}
    found = only(said, terminals("l", "n1", "n2", phases="AC"))
    assert found.phases == ("A", "C")
    own, mutual = 0.5 + 1.1j, 0.2 + 0.5j
    assert found.z == pytest.approx(np.array([[own, mutual], [mutual, own]]))
    assert found.y == pytest.approx(np.array([[3e-6j, -1e-6j], [-1e-6j, 3e-6j]]))
    assert found.length is None
    assert found.z_per_metre is None


def test_sequence_values_have_their_eigenvalues() -> None:
    found = only({"ACLineSegment l": SEQUENCES}, terminals("l", "n1", "n2"))
    assert found.phases == ("A", "B", "C")
    eigenvalues = sorted(np.linalg.eigvals(found.z), key=abs)
    assert eigenvalues == pytest.approx([0.3 + 0.6j, 0.3 + 0.6j, 0.9 + 2.1j])


def test_per_length_sequence_values() -> None:
    table = {f"PerLengthSequenceImpedance.{k}": v for k, v in SEQUENCES.items()}
    found = only(line("l", BY_TABLE, "ABC"), {"PerLengthSequenceImpedance z": table})
    assert found.z.diagonal() == pytest.approx(np.full(3, 500 + 1100j))


def test_missing_zero_sequence_is_named() -> None:
    said = {key: SEQUENCES[key] for key in ("r", "x")}
    found = viewed({"ACLineSegment l": said}, terminals("l", "n1", "n2"))
    assert found.problems == (
        "ACLineSegment l has no zero sequence impedance; it is taken to be the positive one.",
    )
    assert found.lines[0].z == pytest.approx(np.eye(3) * (0.3 + 0.6j))


def test_series_compensator() -> None:
    said = {"r": "0.1", "x": "-2", "r0": "0.1", "x0": "-2"}
    found = only({"SeriesCompensator s": said}, terminals("s", "n1", "n2"))
    assert found.z == pytest.approx(np.eye(3) * (0.1 - 2j))
    assert not found.y.any()


def test_primitive_admittance_of_a_line() -> None:
    """A voltage at one end alone drives what the impedance and half of the shunts let through."""
    found = only(line("l", BY_TABLE, "AB"), matrix("z", TWO))
    primitive = yprim.of_line(found)
    assert primitive.places == (("n1", "A"), ("n1", "B"), ("n2", "A"), ("n2", "B"))
    volts = np.array([1000, -500j, 0, 0])
    through = np.linalg.solve(found.z, volts[:2])
    half = found.y / 2 @ volts[:2]
    assert primitive.y @ volts == pytest.approx(np.concatenate([through + half, -through]))


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({}, "it has no impedance: no PerLengthImpedance, no r and x, no wires"),
        ({"r": "0", "x": "0"}, "its impedance is 0"),
        ({"PerLengthImpedance": "#z"}, "per length, and it has no length above 0"),
        ({"PerLengthImpedance": "#z", "Conductor.length": "-3"}, "it has no length above 0"),
        ({"PerLengthImpedance": "#y", "Conductor.length": "3"}, "y is not in the model"),
    ],
)
def test_lines_without_impedance_are_named(said: dict[str, str], reason: str) -> None:
    zero = {"r0": "0", "x0": "0"} if "r" in said else {}
    objects = line("l", {**said, **zero, "IdentifiedObject.name": "Mill Lane"}, "AB")
    found = viewed(objects, matrix("z", TWO))
    assert found.lines == ()
    assert found.problems[-1].startswith("ACLineSegment Mill Lane (l) is left out: ")
    assert reason in found.problems[-1]


def test_matrices_that_do_not_fit_are_named() -> None:
    assert "has no element for some of its phases ABC with the sequence numbers 1, 2, 3" in why(
        line("l", BY_TABLE, "ABC"), matrix("z", TWO)
    )
    lopsided = {**TWO, "1,2": "2e-4 3e-4"}
    assert "is not symmetric at" in why(line("l", BY_TABLE, "AB"), matrix("z", lopsided))
    equal = {"1,1": "4e-4 9e-4", "2,1": "4e-4 9e-4", "2,2": "4e-4 9e-4"}
    assert "matrix is singular" in why(line("l", BY_TABLE, "AB"), matrix("z", equal))


def test_numbers_that_are_none_are_named() -> None:
    entries = {**TWO, "2,2": "5e-4 0,8"}
    found = viewed(line("l", BY_TABLE, "AB"), matrix("z", entries))
    assert (
        "has PhaseImpedanceData.x '0,8', which is not a number to compute with" in found.problems[0]
    )
    assert "PhaseImpedanceData.x is missing" in found.problems[1]


def test_conflicting_phases_are_named() -> None:
    objects = {**line("l", BY_TABLE, "AB"), **terminals("l", "n1", "n2", phases="AC")}
    assert "its phases are AB and its terminal's AC" in why(objects, matrix("z", TWO))
    twice = line("l", BY_TABLE, "AB")
    twice["ACLineSegmentPhase l_B"]["phase"] = "~SinglePhaseKind.A"
    assert "its phases are A, A, one of them twice" in why(twice, matrix("z", TWO))
    alike = line("l", BY_TABLE, "AB")
    alike["ACLineSegmentPhase l_B"]["sequenceNumber"] = "1"
    assert "two of its phases have the same sequenceNumber" in why(alike, matrix("z", TWO))
    unknown = {"ACLineSegment l": SEQUENCES, **terminals("l", "n1", "n2", phases="XY")}
    assert "XY is not a set of known phases" in why(unknown)
    nameless = line("l", BY_TABLE, "AB")
    del nameless["ACLineSegmentPhase l_B"]["phase"]
    assert "one of its ACLineSegmentPhases does not say its phase" in why(
        nameless, matrix("z", TWO)
    )


def test_loose_ends_are_named() -> None:
    short = {"ACLineSegment l": SEQUENCES, **terminals("l", "n1")}
    assert "it has 1 terminals, and must have 2" in why(short)
    loose = {"ACLineSegment l": SEQUENCES, **terminals("l", "n1", "n2")}
    del loose["Terminal l_t2"]["ConnectivityNode"]
    assert "its Terminal l_t2 is at no node" in why(loose)


def test_the_rest_is_read() -> None:
    found = viewed(
        line("good", BY_TABLE, "AB"), line("bad", {}, "AB", ("n2", "n3")), matrix("z", TWO)
    )
    assert [one.mrid for one in found.lines] == ["good"]
    assert len(found.problems) == 1


def test_negative_resistance_is_named_and_kept() -> None:
    said = {**SEQUENCES, "r": "-0.3", "r0": "-0.9"}
    found = viewed({"ACLineSegment l": said}, terminals("l", "n1", "n2"))
    assert found.problems == ("ACLineSegment l has a negative resistance.",)
    assert len(found.lines) == 1
