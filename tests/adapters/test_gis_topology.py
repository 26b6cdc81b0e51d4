"""What lies together is connected, and what is odd about a network is told with its place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.gis import network_report
from cim.violation import Refusal
from hub.model_file import ModelFile
from tests.adapters.gis_layers import esri, model, objects, said, taken, zipped

UTM = {"wkid": 25832}
EAST, NORTH = 500_000.0, 5_500_000.0
"""A place on the middle meridian of zone 32; a metre of the layers is 1.0004 m on the ground."""
RING = [[EAST + x, NORTH + y] for x, y in ((0, 0), (1, 0), (1, 1), (0, 0))]

LINES = {
    "identity": "NAME",
    "cim_class": "ACLineSegment",
    "columns": {"NAME": "IdentifiedObject.name"},
    "ends": 2,
}
SWITCHES = {**LINES, "cim_class": "Breaker"} | {
    "columns": {
        "NAME": "IdentifiedObject.name",
        "OPEN": {"to": "Switch.normalOpen", "codes": {"0": "false", "1": "true"}},
    }
}
POINTS = {**LINES, "ends": 1}
PLAN = {
    "lines": LINES,
    "switches": {**SWITCHES, "optional": True},
    "sources": {**POINTS, "cim_class": "EnergySource", "optional": True},
    "loads": {**POINTS, "cim_class": "EnergyConsumer", "optional": True},
}


def place(at: tuple[float, float]) -> list[float]:
    return [EAST + at[0], NORTH + at[1]]


def layer(shapes: Mapping[str, Any], **cells: Any) -> bytes:
    """Lines as lists of places in metres, points as one."""
    rows = [{"NAME": name} | cells for name in shapes]
    drawn = [
        {"paths": [[place(p) for p in shape]]}
        if isinstance(shape, list)
        else dict(zip("xy", place(shape), strict=True))
        for shape in shapes.values()
    ]
    return json.dumps(esri(rows, drawn, spatialReference=UTM)).encode()


def drawn(plan: Mapping[str, Any] = PLAN, switched: int = 0, **settings: Any) -> ModelFile:
    """A file of the layers among `settings`; the other ones are of the topology."""
    shapes = {name: settings.pop(name) for name in tuple(settings) if name in plan}
    files = {
        f"{name}.json": layer(of, **({"OPEN": switched} if name == "switches" else {}))
        for name, of in shapes.items()
    }
    return taken("map.zip", zipped(files), layers=plan, topology=settings)


def nodes(record: ModelFile) -> dict[str, list[str]]:
    """Of each object, by name, the nodes at its terminals."""
    found = objects(model(record))
    names = {mrid: o.get("IdentifiedObject.name", mrid) for mrid, o in by_mrid(record).items()}
    ends = [o for o in found.values() if o["a"] == "Terminal"]
    ends.sort(key=lambda o: o["ACDCTerminal.sequenceNumber"])
    at: dict[str, list[str]] = {}
    for end in ends:
        of = names[end["Terminal.ConductingEquipment"]]
        at.setdefault(of, []).append(end["Terminal.ConnectivityNode"])
    return at


def by_mrid(record: ModelFile) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for subject, name, value in said(model(record)):
        found.setdefault(subject, {})[name] = value
    return found


def test_ends_within_the_tolerance_are_one_node() -> None:
    """
    s a       b   c        a and b are 9 cm apart, b and c 30 cm: snap is 10 cm
    o-----------o o---o
    """
    record = drawn(
        lines={"a": [(0, 0), (100, 0)], "b": [(100.09, 0), (200, 0)], "c": [(200.3, 0), (300, 0)]},
        sources={"s": (0, 0.05)},
        snap=0.1,
        near=1.0,
    )
    at = nodes(record)
    assert at["s"] == [at["a"][0]]
    assert at["a"][1] == at["b"][0]
    assert at["b"][1] != at["c"][0]
    assert len({node for ends in at.values() for node in ends}) == 5
    gaps = sorted(remark for remark in record.remarks if ": gap: " in remark)
    assert len(gaps) == 2
    assert gaps[0].startswith("map.zip: gap: lines NAME b ends 0.30 m from lines NAME c (at 9.00")
    [dangling] = [remark for remark in record.remarks if ": dangling: " in remark]
    assert "lines NAME c ends where nothing else is (at 9.004" in dangling
    [island] = [remark for remark in record.remarks if ": island: " in remark]
    assert "no source is connected with lines NAME c" in island


def test_an_end_between_the_ends_of_a_line_is_a_gap() -> None:
    """
    o---------o a
        |
        o b
    """
    record = drawn(lines={"a": [(0, 0), (100, 0)], "b": [(50, 0), (50, -40)]}, report=False)
    assert any(
        "lines NAME b ends on lines NAME a between its ends: they are not connected" in remark
        for remark in record.remarks
    )


def test_a_switch_on_the_way_parts_the_node_in_two() -> None:
    """
    s a   x   b l
    o-----/-----o
    """
    shapes: dict[str, Any] = {
        "lines": {"a": [(0, 0), (100, 0)], "b": [(100, 0), (200, 0)]},
        "switches": {"x": (100, 0)},
        "sources": {"s": (0, 0)},
        "loads": {"l": (200, 0)},
    }
    at = nodes(drawn(**shapes))
    assert at["x"] == [at["a"][1], at["b"][0]]
    assert at["a"][1] != at["b"][0]
    assert drawn(**shapes).remarks == ()
    open_ = drawn(switched=1, **shapes)
    assert open_.remarks == ()  # a dead part behind an open switch has a source all the same
    shapes["loads"]["m"] = (100, 0)
    with pytest.raises(Refusal, match="switches NAME x: 3 ends are at this point of two termin"):
        drawn(**shapes)


def test_loops_are_told_and_refused_when_asked() -> None:
    """
      a
    o---o
    |   | b     s is at the left end of a
    o---o
      c
    """
    ring = {
        "a": [(0, 0), (10, 0)],
        "b": [(10, 0), (10, -10)],
        "c": [(10, -10), (0, -10), (0, 0)],
    }
    record = drawn(lines=ring, sources={"s": (0, 0)})
    [loop] = record.remarks
    assert "loop: one source supplies both sides of lines NAME a, lines NAME b, " in loop
    with pytest.raises(Refusal, match="loop: one source supplies both sides"):
        drawn(lines=ring, sources={"s": (0, 0)}, refuse=["loop"])


def test_a_mesh_is_told_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network_report, "_MESHED", 1)
    ring = {"a": [(0, 0), (9, 0)], "b": [(9, 0), (9, 9), (0, 0)], "c": [(9, 0), (0, 9), (0, 0)]}
    [loop] = drawn(lines=ring, sources={"s": (0, 0)}).remarks
    assert "loop: 2 ways are more than a tree has, open ones too; no loop is told apart" in loop


def test_lines_that_lie_on_one_another_are_told() -> None:
    twice = {"a": [(0, 0), (10, 0)], "b": [(10, 0), (0, 0)]}
    record = drawn(lines=twice, report=False)
    assert [r.partition(" (at")[0] for r in record.remarks] == [
        "map.zip: duplicate: lines NAME b lies where lines NAME a does"
    ]


def test_lines_from_a_place_to_itself_are_told() -> None:
    short = {
        "a": [(0, 0), (10, 0)],
        "b": [(10, 0), (10, 0)],
        "c": [(10, 0), (20, 5), (20, -5), (10, 0)],
    }
    record = drawn(lines=short, report=False)
    found = [one for one in record.remarks if ": short: " in one]
    assert [one.partition(" (at 9.0001")[0] for one in found] == [
        "map.zip: short: lines NAME b has no length: it begins where it ends",
        "map.zip: short: lines NAME c begins and ends at one node",
    ]
    with pytest.raises(Refusal, match="short: lines NAME b has no length"):
        drawn(lines=short, report=False, refuse=["short"])


def test_phases_that_the_supply_lacks_are_told() -> None:
    """
    s   a: AB     b: ABC
    o----------o----------o
    """
    lines = {
        "identity": "ID",
        "cim_class": "ACLineSegment",
        "nodes": ["FR", "T"],
        "phases": {"column": "PH"},
        "columns": {"ID": "IdentifiedObject.name"},
    }
    sources = {**lines, "cim_class": "EnergySource", "nodes": ["FR"]}
    rows = [
        {"ID": "a", "FR": 1, "T": 2, "PH": "AB"},
        {"ID": "b", "FR": 2, "T": 3, "PH": "ABC"},
    ]
    files = {
        "lines.json": json.dumps(esri(rows)).encode(),
        "sources.json": json.dumps(esri([{"ID": "s", "FR": 1, "PH": "ABC"}])).encode(),
    }
    record = taken("x.zip", zipped(files), layers={"lines": lines, "sources": sources})
    assert record.remarks == ("x.zip: phases: lines ID b has C, which its supply has not.",)


def test_a_crowd_within_the_tolerance_is_refused() -> None:
    many = {f"l{n}": [(n / 1000, 0), (n / 1000, 50)] for n in range(1000)}
    with pytest.raises(Refusal, match=r"More than 256 ends lie at different places within 1 m at"):
        drawn(lines=many, snap=1.0)


@pytest.mark.parametrize(
    ("geometry", "rule"),
    [
        ({"x": EAST, "y": NORTH}, "lines NAME 1: 1 ends are|0 ends are at this point"),
        ({}, "lines NAME 1: it has no geometry|has no geometry"),
        ({"rings": [RING]}, "its geometry has not 2 ends"),
        ({"paths": [RING[:2], [place((5, 5)), place((6, 6))]]}, "is a MultiLineString of 2 parts"),
        ({"curvePaths": []}, "curves are not read"),
        ({"paths": [[[1e30, 0], [1, 1]]]}, "where its reference system is not defined"),
        ({"paths": [[["a", 0], [1, 1]]]}, "the geometry of feature 1 of lines cannot be read"),
    ],
)
def test_a_geometry_that_is_none_is_refused(geometry: Any, rule: str) -> None:
    data = json.dumps(esri([{"NAME": 1}], [geometry], spatialReference=UTM)).encode()
    with pytest.raises(Refusal, match=rule):
        taken("lines.json", data, layers={"lines": LINES})


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=12),
    st.randoms(use_true_random=False),
)
def test_any_drawing_is_connected_as_all_pairs_say(
    joints: list[tuple[int, int]], random: Any
) -> None:
    """Against all pairs, with ends strewn by less than half the tolerance around the joints."""
    lines = {}
    for n, (one, other) in enumerate(pairwise(joints)):
        if one != other:
            lines[str(n)] = [
                (10.0 * x + random.uniform(-0.2, 0.2), 10.0 * y + random.uniform(-0.2, 0.2))
                for x, y in (one, other)
            ]
    if not lines:
        return
    at = nodes(drawn(lines=lines, snap=0.9, near=1.0, report=False))
    ends = [(p, at[n][k]) for n, line in lines.items() for k, p in enumerate(line)]
    for one_place, one_node in ends:
        for other_place, other_node in ends:
            near = np.hypot(*np.subtract(one_place, other_place)) < 0.9
            assert near == (one_node == other_node)
