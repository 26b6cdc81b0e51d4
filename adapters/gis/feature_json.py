"""GeoJSON (RFC 7946) and the pages of an ArcGIS feature service (Esri JSON), without GDAL.

The pages of a layer are a list in one file, or files of a zip called alike but for a number at the
end.  The last one that still says `exceededTransferLimit` means that there is more: such a file is
refused, since nobody may take what is not in it for gone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import shapely

from adapters.gis.table import Cells, Shapes, Table
from cim.violation import Refusal

MOST = 128 * 1024 * 1024
"""Bytes of one file's JSON: as Python objects they are several times as many."""

Page = dict[str, Any]
_NUMBER = re.compile(r"[-_ ]?\d+\Z")
_HALF = re.compile(
    r"\\u[dD][89abAB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F]", re.DOTALL
)
_WGS84 = "OGC:CRS84"


def tables(name: str, members: Mapping[str, bytes]) -> list[Table]:
    """The layers of these documents.  Raises: Refusal naming document and rule."""
    if sum(map(len, members.values())) > MOST:
        rule = f"{name}: more than {MOST:,} bytes of JSON are not read; a GeoPackage holds as many."
        raise Refusal.of("3.1", rule)
    layers: dict[str, list[Page]] = {}
    for member in sorted(members, key=_in_order):
        pages = _pages(member, _document(member, members[member]))
        stem = PurePosixPath(member).stem
        layer = str(pages[0].get("name") or (stem if len(members) == 1 else _NUMBER.sub("", stem)))
        layers.setdefault(layer, []).extend(pages)
    return [_table(name, layer, pages) for layer, pages in layers.items()]


def _in_order(member: str) -> tuple[Any, ...]:
    """page2 before page10."""
    return tuple(int(p) if p.isdigit() else p for p in re.split(r"(\d+)", member))


def _document(member: str, data: bytes) -> Any:
    try:
        text = data.decode("utf-8-sig")
        if _HALF.search(text):
            raise Refusal.of("1.8", f"{member} has half a character: a surrogate by itself.")
        return json.loads(text, parse_constant=_no_number)
    except Refusal:
        raise
    except UnicodeDecodeError as error:
        rule = f"{member} is no UTF-8 text: byte {data[error.start]:#04x} at {error.start + 1}."
        raise Refusal.of("1.8", rule) from None
    except RecursionError:
        raise Refusal.of("3.1", f"{member} is nested too deep.") from None
    except ValueError as error:
        raise Refusal.of("1.8", f"{member} is no JSON, or is cut short: {error}.") from None


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number")


def _pages(member: str, document: Any) -> list[Page]:
    pages = document if isinstance(document, list) else [document]
    for page in pages:
        if isinstance(page, dict) and isinstance(page.get("error"), dict):
            said = page["error"].get("message", "")
            raise Refusal.of("1.8", f"{member} is an error of the feature service: {said}.")
        if not isinstance(page, dict) or not isinstance(page.get("features"), list):
            raise Refusal.of("1.8", f"{member} is no GeoJSON and no page of a feature service.")
    if not pages:
        raise Refusal.of("1.8", f"{member} holds no layer.")
    return pages


def _table(name: str, layer: str, pages: Sequence[Page]) -> Table:
    if _exceeded(pages[-1]):
        rule = f"{name}: {layer} is not whole: its last page says exceededTransferLimit."
        raise Refusal.of("1.8", rule)
    kinds = {page.get("type") == "FeatureCollection" for page in pages}
    systems = {_crs_of(page) for page in pages} - {""}
    if len(kinds) > 1 or len(systems) > 1:
        raise Refusal.of("1.8", f"{name}: the pages of {layer} are not of one kind.")
    features = [feature for page in pages for feature in page["features"]]
    geo = kinds == {True}
    rows = [_row(name, layer, number, f, geo) for number, f in enumerate(features, 1)]
    names = list(dict.fromkeys(key for row in rows for key in row))
    names += [n for page in pages for n in _fields(page) if n not in names]
    cells = {n: Cells.of(_plain(row.get(n)) for row in rows) for n in dict.fromkeys(names)}
    shapes = _shapes(name, layer, [f.get("geometry") for f in features], geo)
    crs = (systems.pop() if systems else "") or (_WGS84 if geo else "")
    return Table(layer, len(rows), cells, shapes, crs)


def _exceeded(page: Page) -> bool:
    inside = page.get("properties")
    return any(
        isinstance(one, dict) and bool(one.get("exceededTransferLimit")) for one in (page, inside)
    )


def _fields(page: Page) -> list[str]:
    """The columns that a page of a feature service announces."""
    fields = page.get("fields")
    found = fields if isinstance(fields, list) else []
    return [str(f["name"]) for f in found if isinstance(f, dict) and "name" in f]


def _row(name: str, layer: str, number: int, feature: Any, geo: bool) -> dict[str, Any]:
    row = feature.get("properties" if geo else "attributes") if isinstance(feature, dict) else None
    if row is None and isinstance(feature, dict):
        row = {}
    if not isinstance(row, dict):
        raise Refusal.of("1.8", f"{name}: feature {number} of {layer} has no attributes.")
    return row if not geo or "id" not in feature else {"id": feature["id"], **row}


def _plain(value: Any) -> Any:
    """What is nested becomes its text; a mapping that uses it says so in its refusal."""
    return json.dumps(value) if isinstance(value, dict | list) else value


def _crs_of(page: Page) -> str:
    """The reference system that a page names, "" for none."""
    esri = page.get("spatialReference")
    if isinstance(esri, dict):
        code = esri.get("latestWkid") or esri.get("wkid")
        return str(esri.get("wkt") or (f"EPSG:{code}" if code else ""))
    older = page.get("crs")
    inside = older.get("properties") if isinstance(older, dict) else None
    return str(inside.get("name", "")) if isinstance(inside, dict) else ""


def _shapes(name: str, layer: str, geometries: list[Any], geo: bool) -> Shapes | None:
    if not any(geometries):
        return None
    found = np.empty(len(geometries), np.object_)
    for number, geometry in enumerate(geometries):
        if not geometry:
            continue
        try:
            found[number] = _geo_shape(geometry) if geo else _esri_shape(geometry)
        except (KeyError, TypeError, ValueError, IndexError, shapely.errors.ShapelyError) as error:
            rule = (
                f"{name}: the geometry of feature {number + 1} of {layer} cannot be read: {error}."
            )
            raise Refusal.of("1.8", rule) from None
    return found


def _geo_shape(geometry: Any) -> Any:
    kind, places = geometry["type"], geometry.get("coordinates")
    if kind == "Point":
        return shapely.Point(places[:2]) if places else None
    if kind == "LineString":
        return shapely.LineString([place[:2] for place in places])
    return shapely.force_2d(shapely.from_geojson(json.dumps(geometry)))


def _esri_shape(geometry: Any) -> Any:
    if "x" in geometry:
        return (
            None if geometry["x"] in (None, "NaN") else shapely.Point(geometry["x"], geometry["y"])
        )
    if "paths" in geometry:
        lines = [[place[:2] for place in path] for path in geometry["paths"]]
        return shapely.LineString(lines[0]) if len(lines) == 1 else shapely.MultiLineString(lines)
    if "rings" in geometry:  # what is hole and what is not does not matter here
        rings = [shapely.Polygon([place[:2] for place in ring]) for ring in geometry["rings"]]
        return shapely.MultiPolygon(rings)
    if "points" in geometry:
        return shapely.MultiPoint([place[:2] for place in geometry["points"]])
    raise ValueError(f"it has {', '.join(map(str, geometry)) or 'nothing'}; curves are not read")
