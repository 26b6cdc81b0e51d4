"""Layers of a GIS become a model by a mapping: names, units, codes, identities, places."""

from __future__ import annotations

import json
import re
import tomllib
import uuid
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters import gis
from adapters.gis import GisAdapter, feature_json, identities
from cim.violation import Refusal
from hub.settings import ConfigError, build
from tests.adapters import gis_layers as layers
from tests.adapters.gis_layers import esri, geojson, model, objects, said, taken

ONE = "11111111-1111-1111-1111-11111111111A"
TWO = "22222222-2222-2222-2222-22222222222B"
ROWS: list[dict[str, Any]] = [
    {"GLOBALID": f"{{{ONE}}}", "NAME": "Höhe & <1>", "LEN_FT": 1000.0, "PH": 7, "FR": "n1", "T": 2},
    {"GLOBALID": f"{{{TWO}}}", "NAME": "L2", "LEN_FT": None, "PH": 4, "FR": "2", "T": 3},
]
LINE = {
    "cim_class": "ACLineSegment",
    "identity": "GLOBALID",
    "nodes": ["FR", "T"],
    "phases": {"column": "PH", "bits": True},
    "columns": {
        "NAME": "IdentifiedObject.name",
        "LEN_FT": {"to": "Conductor.length", "unit": "ft"},
    },
}
PLAN: dict[str, Any] = {"layers": {"lines": LINE}, "topology": {"report": False}}
PLACES = [
    shapely.LineString([(8, 50), (8.001, 50)]),
    shapely.LineString([(8.001, 50), (8.002, 50)]),
]


def check_lines(found: dict[str, dict[str, str]]) -> None:
    """What ROWS say, worked out by hand: 1000 ft are 304.8 m, mask 7 is ABC and 4 is A."""
    one, two = found["Höhe & <1>"], found["L2"]
    assert (one["a"], two["a"]) == ("ACLineSegment", "ACLineSegment")
    assert float(one["Conductor.length"]) == pytest.approx(304.8, abs=1e-12)
    assert "Conductor.length" not in two
    ends = [e for e in found.values() if e["a"] == "Terminal"]
    names = {m: n for n, one in found.items() if one["a"] == "ConnectivityNode" for m in (n, n)}
    assert len(ends) == 4
    assert {e["Terminal.phases"] for e in ends} == {"PhaseCode.ABC", "PhaseCode.A"}
    assert {e["ACDCTerminal.sequenceNumber"] for e in ends} == {"1", "2"}
    assert {e["Terminal.ConductingEquipment"] for e in ends} == {ONE, TWO}
    assert sorted(names) == ["2", "3", "n1"]  # 2 as a number and as a text is one node


@pytest.mark.parametrize("kind", ["gpkg", "geojson", "esri", "shp"])
def test_lines_of_every_format(kind: str, tmp_path: Path) -> None:
    if kind == "gpkg":
        name, data = "a.gpkg", layers.geopackage(tmp_path, lines=(ROWS, PLACES))
    elif kind == "shp":
        files = layers.shapefile(tmp_path, ROWS, PLACES, "LineString", "EPSG:4326")
        name, data = "a.zip", layers.zipped({f"lines{s}": c for s, c in files.items()})
    elif kind == "geojson":
        name, data = "a.geojson", geojson(ROWS, PLACES)
    else:
        name, data = "lines.json", json.dumps(esri(ROWS)).encode()
    record = taken(name, data, **PLAN)
    check_lines(objects(model(record)))


def test_the_same_layers_give_the_same_document_and_the_file_its_identity() -> None:
    one, two = (taken("x/day.geojson", geojson(ROWS), **PLAN) for _ in range(2))
    assert one.models == two.models
    named = {**PLAN, "model": "feeder 7"}
    days = [taken(f"{day}.geojson", geojson(ROWS), **named) for day in ("mon", "tue")]
    assert len({record.models[0].mrid for record in days}) == 1
    assert days[0].models[0].mrid != one.models[0].mrid


def test_what_is_no_uuid_becomes_one_of_version_5_by_system_layer_and_id() -> None:
    plan = {"cim_class": "Feeder", "identity": "ID", "columns": {"ID": "IdentifiedObject.name"}}
    found = []
    for system, layer, value in (("a", "f", 7), ("a", "f", "7"), ("b", "f", 7), ("a", "g", 7)):
        record = taken(
            "x.json", geojson([{"ID": value}], name=layer), layers={layer: plan}, system=system
        )
        [(mrid, *_), *_] = said(model(record))
        assert mrid[14] == "5"
        found.append(mrid)
    assert found[0] == found[1]
    assert len(set(found)) == 3


@settings(max_examples=25)
@given(st.lists(st.text(max_size=9), min_size=1))
def test_identities_are_those_of_the_standard_library(words: list[str]) -> None:
    words = [word.encode("utf-8", "ignore").decode() for word in words]
    expected = uuid.uuid5(identities._SPACE, "\0".join(words)).urn
    assert identities.made(*words) == expected


def test_references_codes_and_parts_of_things() -> None:
    """A device layer holds fuses and transformers; the rating is that of an end of its own."""
    rows = [
        {"ID": "F", "GROUP": 1, "OPEN": 0, "KVA": None, "FDR": "F12"},
        {"ID": "T", "GROUP": 2, "OPEN": None, "KVA": 25, "FDR": "F12"},
    ]
    device = {
        "source": "devices",
        "identity": "ID",
        "cim_class": {"column": "GROUP", "codes": {"1": "Fuse", "2": "PowerTransformer"}},
        "columns": {
            "ID": "IdentifiedObject.name",
            "OPEN": {"to": "Switch.normalOpen", "codes": {"0": "false", "1": "true"}},
            "FDR": {"to": "Equipment.EquipmentContainer", "layer": "feeders"},
        },
    }
    end = {
        "source": "devices",
        "identity": "ID",
        "derived": True,
        "cim_class": {"column": "GROUP", "codes": {"1": "", "2": "PowerTransformerEnd"}},
        "columns": {
            "KVA": {"to": "PowerTransformerEnd.ratedS", "unit": "kVA"},
            "ID": {"to": "PowerTransformerEnd.PowerTransformer", "layer": "device"},
        },
    }
    feeder = {"cim_class": "Feeder", "identity": "FDR", "columns": {"FDR": "IdentifiedObject.name"}}
    packed = layers.zipped(
        {
            "a.json": geojson(rows, name="devices"),
            "b.json": geojson([{"FDR": "F12"}], name="feeders"),
        }
    )
    plan = {"device": device, "end": end, "feeders": feeder}
    record = taken("x.zip", packed, layers=plan)
    statements = said(model(record))
    mrids = {v: s for s, p, v in statements if p == "IdentifiedObject.name"}
    assert {(mrids["F"], "a", "Fuse"), (mrids["T"], "a", "PowerTransformer")} <= statements
    assert (mrids["F"], "Switch.normalOpen", "false") in statements
    assert (mrids["F"], "Equipment.EquipmentContainer", mrids["F12"]) in statements
    [rated] = [s for s, p, v in statements if (p, v) == ("PowerTransformerEnd.ratedS", "25000.0")]
    assert (rated, "PowerTransformerEnd.PowerTransformer", mrids["T"]) in statements
    assert sum(p == "a" for _, p, _ in statements) == 4


def test_places_are_longitude_and_latitude_whatever_the_layer_is_in() -> None:
    """The false origin of UTM zone 32 N lies on the equator at 9 degrees east."""
    rows = [{"GLOBALID": ONE}]
    plan = {"identity": "GLOBALID", "cim_class": "Junction", "location": True, "crs": "EPSG:32632"}
    data = json.dumps(esri(rows, [{"x": 500000.0, "y": 0.0}])).encode()
    found = objects(model(taken("p.json", data, layers={"p": plan})))
    [point] = [one for one in found.values() if one["a"] == "PositionPoint"]
    [system] = [one for one in found.values() if one["a"] == "CoordinateSystem"]
    assert float(point["PositionPoint.xPosition"]) == pytest.approx(9.0, abs=1e-9)
    assert float(point["PositionPoint.yPosition"]) == pytest.approx(0.0, abs=1e-9)
    assert point["PositionPoint.sequenceNumber"] == "1"
    assert system["CoordinateSystem.crsUrn"] == "urn:ogc:def:crs:OGC:1.3:CRS84"
    assert point["PositionPoint.Location"] == found[ONE]["PowerSystemResource.Location"]
    with pytest.raises(Refusal, match="p names no reference system"):
        taken("p.json", data, layers={"p": {**plan, "crs": ""}})


def test_no_more_json_is_read_than_memory_bears(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feature_json, "MOST", 100)
    with pytest.raises(Refusal, match="more than 100 bytes of JSON are not read"):
        taken("a.geojson", geojson(ROWS), **PLAN)


def test_pages_of_a_feature_service_are_one_layer() -> None:
    more, last = esri(ROWS[:1], exceededTransferLimit=True), esri(ROWS[1:])
    one = taken("lines.json", json.dumps([more, last]).encode(), **PLAN)
    files = {"lines-10.json": json.dumps(last).encode(), "lines-9.json": json.dumps(more).encode()}
    two = taken("lines.zip", layers.zipped(files), **PLAN)
    check_lines(objects(model(one)))
    assert one.models == two.models
    whole = "lines is not whole: its last page says exceededTransferLimit"
    with pytest.raises(Refusal, match=whole):
        taken("lines.json", json.dumps(more).encode(), **PLAN)
    cut = geojson(ROWS, properties={"exceededTransferLimit": True})
    with pytest.raises(Refusal, match=whole):
        taken("lines.geojson", cut, **PLAN)
    error = b'{"error": {"code": 498, "message": "Invalid token."}}'
    with pytest.raises(Refusal, match="an error of the feature service: Invalid token"):
        taken("lines.json", error, **PLAN)


def test_what_is_passed_over_is_told() -> None:
    record = taken("a.geojson", geojson([{**r, "SHAPE_LEN": 1, "COLOR": 2} for r in ROWS]), **PLAN)
    assert record.remarks == ("a.geojson: of layer lines were passed over: SHAPE_LEN, COLOR.",)
    packed = layers.zipped({"a.json": geojson(ROWS), "b.json": geojson([], name="parcels")})
    assert taken("a.zip", packed, **PLAN).remarks == (
        "a.zip: layer parcels is in no mapping and was passed over.",
    )


def changed(**cells: Any) -> bytes:
    return geojson([{**ROWS[0], **cells}, ROWS[1]])


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (changed(PH=9), "lines GLOBALID {1.*}: PH 9 has none or other bits than A = 4, B = 2, C"),
        (changed(LEN_FT="far"), "lines GLOBALID {1.*}: LEN_FT 'far' is no number"),
        (changed(LEN_FT=True), "LEN_FT True is no number"),
        (changed(NAME="a\x01b"), "a character that no XML document can hold"),
        (changed(GLOBALID=None), "lines row 1: GLOBALID is empty"),
        (changed(GLOBALID=TWO), "2 rows have this identity"),
        (changed(FR=None), "FR is empty; it names a node"),
        (geojson([{"GLOBALID": ONE}]), "lines has no column FR, LEN_FT, NAME, PH, T; it has GLOB"),
        (geojson(ROWS, name="roads"), "there is no layer lines; there is roads"),
        (geojson(ROWS)[:-2], "is no JSON, or is cut short"),
        (b'{"type": "FeatureCollection", "features": [NaN]}', "NaN is no number"),
        (b"[" * 100_000, "nested too deep"),
        (b"{}", "is no GeoJSON and no page of a feature service"),
        (b"\xff", "is no UTF-8 text"),
        (changed(NAME="\ud800"), "has half a character"),
        (changed(LEN_FT="\x1b[2J"), r"LEN_FT '\\x1b\[2J' is no number"),
        (changed(GLOBALID="a\x1bb\n", PH=9), r"lines GLOBALID a\?b\?: PH 9"),
    ],
)
def test_a_file_is_refused_with_row_column_and_rule(data: bytes, rule: str) -> None:
    with pytest.raises(Refusal, match=rule):
        taken("a.geojson", data, **PLAN)


def test_all_bad_rows_are_told_at_once_and_too_few_rows_are_no_snapshot() -> None:
    rows = [{**ROWS[0], "GLOBALID": n, "PH": 8 + n} for n in range(3)]
    with pytest.raises(Refusal) as caught:
        taken("a.geojson", geojson(rows), **PLAN)
    assert len(caught.value.violations) == 3
    with pytest.raises(
        Refusal, match="is cut short: lines has 2 rows, at least 1,000 are expected"
    ):
        taken("a.geojson", geojson(ROWS), layers={"lines": {**LINE, "at_least": 1000}})


def test_wrong_identities_do_not_hide_what_else_is_wrong() -> None:
    rows = [
        {**ROWS[0], "GLOBALID": None},
        {**ROWS[0], "GLOBALID": 7},
        {**ROWS[0], "GLOBALID": 7},
        {**ROWS[0], "GLOBALID": 8, "PH": 9},
    ]
    with pytest.raises(Refusal) as caught:
        taken("a.geojson", geojson(rows), **PLAN)
    first, second, third = (violation.rule for violation in caught.value.violations)
    assert first == "lines row 1: GLOBALID is empty; it is the identity."
    assert second == "lines GLOBALID 7: 2 rows have this identity."
    assert third.startswith("lines GLOBALID 8: PH 9 ")


def poles(*places: tuple[float, float], crs: str) -> None:
    plan = {"identity": "ID", "cim_class": "Junction", "location": True, "crs": crs}
    rows = [{"ID": n} for n in range(len(places))]
    drawn = [{"x": x, "y": y} for x, y in places]
    taken("p.json", json.dumps(esri(rows, drawn)).encode(), layers={"p": plan})


@pytest.mark.parametrize(
    ("crs", "good", "bad", "said"),
    [
        ("EPSG:4326", (9, 48), (910, 48), "lies at 910, 48, which no place of EPSG:4326 is"),
        ("EPSG:4326", (180, -90), (9, 90.5), "lies at 9, 90.5, which no place of EPSG:4326 is"),
        # Zone 32 is 6 to 12 degrees east; a network may lie beyond that, but not far.
        ("EPSG:32632", (900_000, 5e6), (5e6, 5e6), "lies at 5000000, 5000000, which no place of"),
        ("EPSG:32632", (500_000, 5e6), (500_000, 5e9), "lies at 500000, 5000000000, which"),
    ],
)
def test_a_place_that_is_none_refuses_its_row(
    crs: str, good: tuple[float, float], bad: tuple[float, float], said: str
) -> None:
    poles(good, crs=crs)
    with pytest.raises(Refusal) as caught:
        poles(good, bad, good, bad, crs=crs)
    first, second = (violation.rule for violation in caught.value.violations)
    assert first.startswith(f"p ID 1: {said}")
    assert second.startswith(f"p ID 3: {said}")


def test_of_many_wrong_values_some_are_told_and_all_are_counted() -> None:
    rows = [{**ROWS[0], "GLOBALID": n, "LEN_FT": f"x{n}", "PH": 8 + n} for n in range(3000)]
    with pytest.raises(Refusal) as caught:
        taken("a.geojson", geojson(rows), **PLAN)
    assert len(caught.value.violations) == 101
    assert caught.value.violations[-1].rule == "And 5,900 more."


def test_layers_without_a_mapping_are_refused() -> None:
    with pytest.raises(Refusal, match=r"features\.layers says of none what it is"):
        taken("a.geojson", geojson(ROWS))


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"cim_class": "AcLineSegment"}, "there is no class AcLineSegment; like it: ACLineSegment"),
        ({"columns": {"L": "Conductor.lenght"}}, "has no Conductor.lenght; like it: .*length"),
        ({"columns": {"L": {"to": "Conductor.length", "unit": "kV"}}}, "length is in m, not kV"),
        ({"columns": {"L": {"to": "Conductor.length", "unit": "li"}}}, "unit li is none of m, km"),
        ({"columns": {"F": {"to": "Equipment.EquipmentContainer", "layer": "x"}}}, "no layer x"),
        ({"ends": 2}, "terminals come from columns .* or from geometry"),
        ({"nodes": []}, "phases are those of terminals, and it has none"),
        ({"steps": {"column": "OP", "codes": {"D": "delete"}}}, "does not tell what else is at a"),
        ({"colums": {}}, "colums"),
    ],
)
def test_a_mapping_that_cannot_be_stops_the_start(change: dict[str, Any], rule: str) -> None:
    table = {"features": {"layers": {"lines": {**LINE, **change}}}}
    with pytest.raises(ConfigError, match=rule):
        build(GisAdapter, table, Path("gis.toml"))


def test_times_of_a_feature_service_and_of_a_zone() -> None:
    """2025-07-14T12:00:00Z is 1,752,494,400 s after 1970; Berlin is two hours ahead of it."""
    columns = {
        "MADE": {"to": "ActivityRecord.createdDateTime", "unit": "epoch_ms"},
    }
    plan = {"cim_class": "ActivityRecord", "identity": "ID", "columns": columns}
    data = json.dumps(esri([{"ID": 1, "MADE": 1752494400000}])).encode()
    record = taken("a.json", data, layers={"a": plan})
    assert "2025-07-14T12:00:00Z" in {value for _, _, value in said(model(record))}
    plain = {**plan, "columns": {"MADE": "ActivityRecord.createdDateTime"}}
    for text in ("2025-07-14T14:00:00", "2025-07-14T07:00:00-05:00"):
        data = json.dumps(esri([{"ID": 1, "MADE": text}])).encode()
        record = taken("a.json", data, layers={"a": plain}, zone="Europe/Berlin")
        assert "2025-07-14T12:00:00Z" in {value for _, _, value in said(model(record))}
    data = json.dumps(esri([{"ID": 1, "MADE": "2025-07-14"}])).encode()
    with pytest.raises(Refusal, match="MADE '2025-07-14' is no ISO 8601 date and time"):
        taken("a.json", data, layers={"a": plain})
    columns = {"L": {"to": "Conductor.length", "unit": "epoch_ms"}}
    table = {"features": {"layers": {"lines": {**LINE, "columns": columns}}}}
    with pytest.raises(ConfigError, match=r"Conductor\.length is no time, so not in epoch_ms"):
        build(GisAdapter, table, Path("gis.toml"))


def test_the_mapping_in_the_readme_can_be_used() -> None:
    readme = Path(gis.__file__).with_name("README.md").read_text(encoding="utf-8")
    [table] = re.findall(r"```toml\n(.*?)```", readme, re.DOTALL)
    made = build(GisAdapter, tomllib.loads(table), Path("gis.toml"))
    assert set(made.features.layers) == {"lines", "devices", "feeders"}


@pytest.mark.reference
def test_the_sample_of_a_device_layer(shared: Path) -> None:
    data = (shared / "data/samples/synthetic/gis_devices.geojson").read_bytes()
    groups = {"Fuse": "Fuse", "Transformer": "PowerTransformer"}
    device = {
        "source": "devices",
        "identity": "GLOBALID",
        "cim_class": {"column": "ASSETGROUP", "codes": groups},
        "ends": 1,
        "location": True,
        "phases": {"column": "PHASEDESIGNATION", "bits": True},
        "columns": {
            "FACILITYID": "IdentifiedObject.name",
            "NORMALSTATUS": {"to": "Switch.normalOpen", "codes": {"0": "false", "1": "true"}},
        },
        "ignore": ["SUBTYPECD", "FEEDERID", "RATEDKVA"],
    }
    record = taken("gis_devices.geojson", data, layers={"devices": device})
    found = objects(model(record))
    assert (found["F1"]["a"], found["TX-77"]["a"]) == ("Fuse", "PowerTransformer")
    assert found["F1"]["Switch.normalOpen"] == "false"
    phases = {
        one["Terminal.ConductingEquipment"][:4]: one["Terminal.phases"]
        for one in found.values()
        if one["a"] == "Terminal"
    }
    assert phases == {"1111": "PhaseCode.ABC", "2222": "PhaseCode.A"}
    points = {o["PositionPoint.xPosition"] for o in found.values() if o["a"] == "PositionPoint"}
    assert points == {"-87.20001", "-87.2005"}
    assert all("no source is connected with" in remark for remark in record.remarks)
