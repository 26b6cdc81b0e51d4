"""Layers of our own writing, in each format, and what a model says in words."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyogrio
import shapely

from adapters.gis import GisAdapter
from adapters.gis.mapping import Features
from cim.model import Model
from cim.model.header import bare
from cim.model.model import RDF_TYPE, local_name
from cim.model.read import read
from hub.model_file import ModelFile
from hub.settings import build

Row = Mapping[str, Any]
Places = Sequence[Any]


def features(**table: Any) -> Features:
    """Settings as a file has them."""
    return build(Features, table, Path("gis.toml"))


def taken(name: str, data: bytes, **table: Any) -> ModelFile:
    [record] = GisAdapter(features=features(**table)).records(name, data)
    return record


def model(record: ModelFile) -> Model:
    [found] = record.models
    return read(found.document)


def said(of: Model) -> set[tuple[str, str, str]]:
    """Its statements: mRID, property and value, without namespaces."""
    return {
        (bare(s), "a" if p == RDF_TYPE else local_name(p), local_name(o) if "://" in o else bare(o))
        for s, p, _, o in of.statements()
    }


def objects(of: Model) -> dict[str, dict[str, str]]:
    """By name, else by mRID, what is said of an object."""
    found: dict[str, dict[str, str]] = {}
    for subject, name, value in sorted(said(of)):
        found.setdefault(subject, {})[name] = value
    return {one.get("IdentifiedObject.name", mrid): one for mrid, one in found.items()}


def geojson(rows: Sequence[Row], places: Places = (), name: str = "lines", **more: Any) -> bytes:
    """places: a geometry for each row; shapely's."""
    shapes = [json.loads(shapely.to_geojson(place)) for place in places] or [None] * len(rows)
    listed = [
        {"type": "Feature", "properties": row, "geometry": shape}
        for row, shape in zip(rows, shapes, strict=True)
    ]
    document = {"type": "FeatureCollection", "name": name, "features": listed, **more}
    return json.dumps(document).encode()


def esri(rows: Sequence[Row], places: Sequence[Any] = (), **more: Any) -> dict[str, Any]:
    """places: a geometry for each row, as the service has it."""
    shapes = list(places) or [None] * len(rows)
    listed = [
        {"attributes": row, **({"geometry": shape} if shape else {})}
        for row, shape in zip(rows, shapes, strict=True)
    ]
    return {"features": listed, **more}


def _arrow(rows: Sequence[Row], places: Places) -> pa.Table:
    table = pa.Table.from_pylist([dict(row) for row in rows])
    if not places:
        return table
    return table.append_column("geom", pa.array(list(shapely.to_wkb(list(places)))))


def geopackage(
    folder: Path, crs: str = "EPSG:4326", **layers: tuple[Sequence[Row], Places]
) -> bytes:
    """Each layer as rows and geometries; without geometries it is a plain table."""
    path = folder / "layers.gpkg"
    path.unlink(missing_ok=True)
    for name, (rows, places) in layers.items():
        spatial = (
            {"geometry_name": "geom", "geometry_type": "Unknown", "crs": crs} if places else {}
        )
        pyogrio.raw.write_arrow(
            _arrow(rows, places), path, layer=name, driver="GPKG", append=path.exists(), **spatial
        )
    return path.read_bytes()


def shapefile(
    folder: Path, rows: Sequence[Row], places: Places, kind: str, crs: str
) -> dict[str, bytes]:
    """The files of one layer, by suffix."""
    target = folder / "shape"
    target.mkdir(exist_ok=True)
    pyogrio.raw.write_arrow(
        _arrow(rows, places),
        target / "lines.shp",
        layer="lines",
        driver="ESRI Shapefile",
        geometry_name="geom",
        geometry_type=kind,
        crs=crs,
        encoding="UTF-8",
    )
    return {path.suffix: path.read_bytes() for path in sorted(target.iterdir())}


def zipped(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()
