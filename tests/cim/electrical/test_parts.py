"""Lines with cuts and clamps.

n1 ==400 m== clamp ==200 m== cut / ==400 m== n2
"""

from __future__ import annotations

import numpy as np
import pytest

from cim.electrical.view import View
from tests.cim.electrical.documents import line, matrix, terminals, viewed

Objects = dict[str, dict[str, str]]
TABLE = matrix("z", {"1,1": "4e-4 9e-4 3e-9", "2,1": "1e-4 3e-4 -1e-9", "2,2": "5e-4 8e-4 4e-9"})
BY_TABLE = {"PerLengthImpedance": "#z", "Conductor.length": "1000"}


def whole() -> Objects:
    return {**line("l", BY_TABLE, "AB"), **TABLE}


def clamp(at: str, node: str = "c") -> Objects:
    return {
        "Clamp k": {"ACLineSegment": "#l", "lengthFromTerminal1": at},
        **terminals("k", node),
    }


def cut(at: str, nodes: tuple[str, str] = ("d", "e")) -> Objects:
    said = {"ACLineSegment": "#l", "lengthFromTerminal1": at, "Switch.open": "true"}
    return {"Cut u": said, **terminals("u", *nodes)}


def seen(*objects: Objects) -> View:
    found = viewed(whole(), *objects)
    assert found.problems == ()
    return found


def runs(found: View) -> list[tuple[str, str, str, float | None]]:
    return [(one.mrid, one.ends[0].node, one.ends[1].node, one.length) for one in found.lines]


def test_a_line_between_cut_and_clamp() -> None:
    found = seen(clamp("400"), cut("600"))
    assert runs(found) == [
        ("l", "n1", "c", 400.0),
        ("k", "c", "d", pytest.approx(200.0)),
        ("u_t2", "e", "n2", pytest.approx(400.0)),
    ]
    entire = viewed(whole()).lines[0]
    assert sum(one.z for one in found.lines) == pytest.approx(entire.z)
    assert sum(one.y for one in found.lines) == pytest.approx(entire.y)
    for one in found.lines:
        assert one.segment == "l"
        assert one.z_per_metre == pytest.approx(entire.z_per_metre)
    assert entire.segment == ""
    assert [end.terminal for end in found.lines[0].ends] == ["l_t1", "k_t1"]
    assert found.lines[2].ends[1].terminal == "l_t2"
    [switch] = found.switches
    assert [end.node for end in switch.ends] == ["d", "e"]


def test_what_holds_for_a_line_holds_for_its_parts() -> None:
    said = {"PowerSystemResource.AssetDatasheet": "#w", **BY_TABLE}
    objects = {**line("l", said, "AB"), "CableInfo w": {"WireInfo.ratedCurrent": "250"}}
    found = seen(objects, clamp("400"))
    assert [(one.of, one.value) for one in found.limits] == [("l", 250.0), ("k", 250.0)]


def test_a_clamp_at_a_cut() -> None:
    """Equipment at the clamp is on the side of the cut whose node it has."""
    found = seen(clamp("600", "d"), cut("600"))
    assert runs(found) == [("l", "n1", "d", 600.0), ("u_t2", "e", "n2", pytest.approx(400.0))]


@pytest.mark.parametrize(
    ("objects", "why"),
    [
        (clamp("1000"), "its Clamp k is at 1000 m, and its length is 1000 m"),
        (clamp("-1"), "its Clamp k is at -1 m, and its length is 1000 m"),
        ({**clamp("600"), **cut("600")}, "two of its cuts and clamps are at one place"),
        ({"Clamp k": clamp("5")["Clamp k"]}, "of its Clamp k: it has 0 terminals, and must have 1"),
        (clamp("word"), "of Clamp k Clamp.lengthFromTerminal1 is missing"),
    ],
)
def test_places_that_cannot_be(objects: Objects, why: str) -> None:
    found = viewed(whole(), objects)
    assert "ACLineSegment l is read as if it had neither cuts nor clamps: " in found.problems[-1]
    assert why in found.problems[-1]
    assert runs(found) == [("l", "n1", "n2", 1000.0)]


def test_a_line_without_length_cannot_be_cut() -> None:
    said = {"r": "1", "x": "1", "r0": "1", "x0": "1"}
    found = viewed(line("l", said, "AB"), clamp("5"))
    assert "it has cuts or clamps, and no length above 0" in found.problems[0]
    assert len(found.lines) == 1
    assert np.isfinite(found.lines[0].z).all()


def test_cuts_and_clamps_of_no_line_are_named() -> None:
    loose = {"Clamp k": {"lengthFromTerminal1": "5"}, **terminals("k", "c")}
    assert viewed(whole(), loose).problems == ("Clamp k is on no ACLineSegment.",)
