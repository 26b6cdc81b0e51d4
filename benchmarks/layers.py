"""Layers of a GIS: from a GeoPackage to the document of a model, beside GDAL reading the same."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyogrio
import shapely

from adapters.gis import GisAdapter, native
from adapters.gis.mapping import Column, Features, Layer, Topology
from benchmarks import Row, by_turns, feeders, rate

LINES = 20_000
_SIDE = 250  # lines one behind the other in a row of the grid
_PEER = "pyogrio reads the same"


def rows() -> list[Row]:
    layers = native.geopackage(feeders.ieee9500().read_bytes())
    with tempfile.TemporaryDirectory(prefix="gridbus-bench-") as folder:
        file = Path(folder) / "layers.gpkg"
        file.write_bytes(layers.data)
        found = [_measured("GIS, tables of the 9500-node feeder", file, layers.features)]
        file = Path(folder) / "lines.gpkg"
        _draw(file)
        for report in (False, True):
            what = f"GIS, {LINES:,} lines to be snapped{', reported on' if report else ''}"
            found.append(_measured(what, file, _mapping(report)))
        return found


def _measured(what: str, file: Path, features: Features) -> Row:
    adapter, data = GisAdapter(features=features), file.read_bytes()
    count = _read(file)
    ours, peer = by_turns(
        lambda: (rate(count, lambda: adapter.records(file.name, data)),),
        lambda: (rate(count, lambda: _read(file)),),
    )
    return Row.of(f"{what}: file -> document", "rows/s", ours, peer, _PEER)


def _read(file: Path) -> int:
    """How many rows GDAL reads into Arrow columns."""
    names = [str(name) for name, _ in pyogrio.list_layers(file)]
    return sum(pyogrio.raw.read_arrow(file, layer=name)[1].num_rows for name in names)


def _draw(file: Path) -> None:
    """A grid of lines of 40 m, each end strewn by centimetres; UTM zone 32."""
    random = np.random.default_rng(61968)
    number = np.arange(LINES)
    starts = np.stack([number % _SIDE, number // _SIDE], axis=1) * 40.0
    ends = starts + np.where(number % _SIDE % 7 == 0, 1, 0)[:, None] * [0.0, 40.0]
    ends += np.where(number % _SIDE % 7 == 0, 0, 1)[:, None] * [40.0, 0.0]
    places = np.stack([starts, ends], axis=1) + random.normal(0, 0.01, (LINES, 2, 2))
    lines = shapely.linestrings(np.add(places, [500_000.0, 5_500_000.0]))
    columns: Mapping[str, Any] = {
        "ID": number,
        "NAME": [f"line {n}" for n in number.tolist()],
        "LEN_FT": np.full(LINES, 40 / 0.3048),
        "PHASE": number % 7 + 1,
        "geom": shapely.to_wkb(lines),
    }
    pyogrio.raw.write_arrow(
        pa.table(columns),
        file,
        layer="lines",
        driver="GPKG",
        geometry_name="geom",
        geometry_type="LineString",
        crs="EPSG:25832",
    )


def _mapping(report: bool) -> Features:
    columns: Mapping[str, str | Column] = {
        "NAME": "IdentifiedObject.name",
        "LEN_FT": Column(to="Conductor.length", unit="ft"),
    }
    line = Layer(cim_class="ACLineSegment", identity="ID", columns=columns, ends=2, location=True)
    return Features(layers={"lines": line}, topology=Topology(report=report))
