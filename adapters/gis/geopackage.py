"""GeoPackage (OGC 12-128): SQLite, so it may hold more than tables; nothing but tables is read."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from adapters.gis.table import Cells, Table
from cim.violation import Refusal

MAGIC = b"SQLite format 3\0"
_APPLICATIONS = (b"GPKG", b"GP10", b"GP11")
_NAMES = (
    "select table_name, data_type from gpkg_contents"
    " where data_type in ('features', 'attributes') order by table_name"
)
_OBJECTS = "select type, name, coalesce(sql, '') from sqlite_master"


def tables(name: str, data: bytes, wanted: Collection[str]) -> list[Table]:
    """Its layers and attribute tables, of those that are not wanted only the names.

    Raises: Refusal naming file and rule.
    """
    _check_whole(name, data)
    with tempfile.TemporaryDirectory(prefix="gridbus-gis-") as folder:
        path = Path(folder) / "layers.gpkg"
        path.write_bytes(data)
        try:
            layers = _layers(name, path)
        except sqlite3.Error as error:
            raise Refusal.of("1.8", f"{name} is no sound GeoPackage: {error}.") from None
        return [
            read(path, layer, name, "GPKG")
            if layer in wanted or "*" in wanted
            else Table(layer, 0, {})
            for layer in layers
        ]


def _check_whole(name: str, data: bytes) -> None:
    if data[68:72] not in _APPLICATIONS and data[68:72] != bytes(4):
        raise Refusal.of("1.8", f"{name} is a SQLite file, but no GeoPackage.")
    size = int.from_bytes(data[16:18], "big")
    pages = int.from_bytes(data[28:32], "big")
    size = 65536 if size == 1 else size
    if len(data) < size * pages:
        rule = f"{name} is cut short: it has {len(data):,} of {size * pages:,} bytes."
        raise Refusal.of("1.8", rule)


def _layers(name: str, path: Path) -> list[str]:
    """The names of the layers, once all that would be read is known to be plain tables."""
    uri = f"{path.as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        connection.execute("pragma trusted_schema = off")
        kinds: dict[str, tuple[str, str]] = {
            n.lower(): (kind, sql)
            for kind, n, sql in connection.execute(_OBJECTS)
            if kind in ("table", "view")
        }
        if "gpkg_contents" not in kinds:
            raise Refusal.of("1.8", f"{name} is no GeoPackage: it has no gpkg_contents.")
        _check_plain(name, [n for n in kinds if n.startswith("gpkg_")], kinds)
        layers = [str(row[0]) for row in connection.execute(_NAMES)]
        _check_plain(name, [layer.lower() for layer in layers], kinds)
        for layer in layers:
            _check_stored(name, connection, layer)
        return layers


def _check_plain(name: str, wanted: list[str], kinds: dict[str, tuple[str, str]]) -> None:
    """A view or a virtual table would run what whoever made the file has written."""
    for one in wanted:
        kind, sql = kinds.get(one, ("", ""))
        if kind != "table" or "virtual" in sql.lower().split("(")[0].split():
            raise Refusal.of("1.8", f"{name}: {one} is no plain table; export it as one.")


def _check_stored(name: str, connection: sqlite3.Connection, layer: str) -> None:
    columns = connection.execute("select name, hidden from pragma_table_xinfo(?)", (layer,))
    if computed := [str(column) for column, hidden in columns if hidden]:
        rule = f"{name}: {layer}.{computed[0]} is computed; export it as a plain column."
        raise Refusal.of("1.8", rule)


def read(path: Path, layer: str, name: str, driver: str, encoding: str | None = None) -> Table:
    """A layer through GDAL.

    driver: that is to read it; the bytes and the name are such that no other one takes the file.
    Raises: Refusal naming file, layer and what GDAL says.
    """
    import pyogrio
    import shapely

    try:
        meta, arrow = pyogrio.raw.read_arrow(
            path, layer=layer, encoding=encoding, return_fids=driver == "GPKG"
        )
        columns = {n: arrow.column(n) for n in arrow.column_names}
        wkb = columns.pop(meta["geometry_name"] or "wkb_geometry", None)
        shapes = None if wkb is None else shapely.from_wkb(_objects(wkb))
        cells = {n: Cells.of_arrow(column) for n, column in columns.items()}
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise Refusal.of("1.8", f"{name}: {layer} cannot be read: {error}.") from None
    except (shapely.errors.ShapelyError, RuntimeError, UnicodeError, ValueError) as error:
        if isinstance(error, Refusal):
            raise
        raise Refusal.of("1.8", f"{name}: {layer} cannot be read: {error}.") from None
    return Table(layer, arrow.num_rows, cells, shapes, meta["crs"] or "")


def _objects(column: Any) -> np.ndarray[Any, Any]:
    found: np.ndarray[Any, Any] = column.combine_chunks().to_numpy(zero_copy_only=False)
    return found
