"""Shapefiles (ESRI, 1998): several files a layer, in a zip; a dBASE table alone has no geometry."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from adapters.gis.geopackage import read
from adapters.gis.table import Table
from cim.violation import Refusal

PARTS = (".shp", ".dbf", ".shx", ".prj", ".cpg")
_MAGIC = (9994).to_bytes(4, "big")
_DRIVER = "ESRI Shapefile"


def tables(name: str, members: Mapping[str, bytes], encoding: str) -> list[Table]:
    """The layers of a zip's members, each called after its files.

    encoding: of those without .cpg.
    Raises: Refusal naming file, layer and rule: a part is missing, counts differ.
    """
    layers: dict[str, dict[str, bytes]] = {}
    for member, content in members.items():
        path = PurePosixPath(member)
        parts = layers.setdefault(path.stem, {})
        if path.suffix.lower() in parts:
            raise Refusal.of("1.8", f"{name} holds {path.name} twice.")
        parts[path.suffix.lower()] = content
    return [_table(name, layer, parts, encoding) for layer, parts in sorted(layers.items())]


def _table(name: str, layer: str, parts: Mapping[str, bytes], encoding: str) -> Table:
    """A layer under a name of ours: what stands in its own one never reaches the disk."""
    _check(name, layer, parts, encoding)
    with tempfile.TemporaryDirectory(prefix="gridbus-gis-") as folder:
        for suffix, content in parts.items():
            (Path(folder) / f"layer{suffix}").write_bytes(content)
        path = Path(folder) / ("layer.shp" if ".shp" in parts else "layer.dbf")
        table = read(path, "layer", f"{name}: {layer}", _DRIVER, encoding or None)
    return Table(layer, table.count, table.columns, table.shapes, table.crs)


def _check(name: str, layer: str, parts: Mapping[str, bytes], encoding: str) -> None:
    """Raises: Refusal, when it is not whole."""
    wanted = (".shp", ".shx", ".dbf") if ".shp" in parts or ".shx" in parts else (".dbf",)
    if missing := [suffix for suffix in wanted if suffix not in parts]:
        raise Refusal.of("1.8", f"{name}: {layer} is not whole: it has no {missing[0]}.")
    rows = _rows(name, layer, parts[".dbf"])
    if not (parts.get(".cpg") or encoding or parts[".dbf"].isascii()):
        rule = f"{name}: {layer} has no .cpg that tells its encoding, and `encoding` is not set."
        raise Refusal.of("1.8", rule)
    if ".shp" not in parts:
        return
    if not all(parts[suffix].startswith(_MAGIC) for suffix in (".shp", ".shx")):
        raise Refusal.of("1.8", f"{name}: {layer} is no shapefile.")
    shapes = (len(parts[".shx"]) - 100) // 8
    if shapes != rows:
        rule = f"{name}: {layer} is cut short: it has {shapes} shapes and {rows} rows."
        raise Refusal.of("1.8", rule)
    if 2 * int.from_bytes(parts[".shp"][24:28], "big") != len(parts[".shp"]):
        raise Refusal.of(
            "1.8", f"{name}: {layer} is cut short: its .shp is not as long as it says."
        )


def _rows(name: str, layer: str, table: bytes) -> int:
    """How many rows the dBASE header counts, all of them there."""
    rows = int.from_bytes(table[4:8], "little")
    head, width = (int.from_bytes(table[n : n + 2], "little") for n in (8, 10))
    if len(table) < 32 or len(table) < head + rows * width:
        rule = f"{name}: {layer} is cut short: its .dbf counts {rows} rows and has fewer."
        raise Refusal.of("1.8", rule)
    return rows
