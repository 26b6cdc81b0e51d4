"""What kind of file it is, by what is in it; each is read by the one reader of its kind."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection, Mapping
from pathlib import PurePosixPath

from adapters.gis import feature_json, geopackage, shapefile
from adapters.gis.table import Table
from cim.model.archive import MOST
from cim.parse import RATIO
from cim.violation import Refusal

SUFFIXES = (".gpkg", ".geojson", ".json")
"""Beside those of CIM documents and .zip."""

_MEMBERS = (*shapefile.PARTS, *SUFFIXES[1:])
_ZIP = b"PK\x03\x04"
_SMALLEST = 1 << 20


def tables(
    name: str, data: bytes, encoding: str, most: int, wanted: Collection[str]
) -> list[Table] | None:
    """The layers of a file; None when it is for others to read, a CIM document or a zip of them.

    encoding: of shapefiles that do not say theirs.
    most:     bytes that may come out of a zip.
    wanted:   names of layers, "*" for all; of others in a GeoPackage only the names are read.
    Raises: ValueError naming file and rule.
    """
    if data.startswith(geopackage.MAGIC):
        return geopackage.tables(name, data, wanted)
    if data.startswith(_ZIP):
        members = _members(name, data, most)
        if not members:
            return None
        if any(member.lower().endswith(SUFFIXES[1:]) for member in members):
            return feature_json.tables(name, members)
        return shapefile.tables(name, members, encoding)
    if name.lower().endswith(SUFFIXES[1:]):
        return feature_json.tables(name, {name: data})
    if name.lower().endswith(SUFFIXES[0]):
        raise Refusal.of("1.8", f"{name} is no GeoPackage: it does not begin as SQLite files do.")
    return None


def _members(name: str, data: bytes, most: int) -> Mapping[str, bytes]:
    """The members that are parts of layers; none are written under their own names."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [e for e in archive.infolist() if e.filename.lower().endswith(_MEMBERS)]
            if not any(
                PurePosixPath(e.filename).suffix.lower() not in (".prj", ".cpg") for e in entries
            ):
                return {}
            return _unpacked(name, archive, entries, min(most, max(_SMALLEST, RATIO * len(data))))
    except Refusal:
        raise
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
    ) as e:
        raise Refusal.of("1.8", f"{name}: The zip cannot be read: {e}.") from None


def _unpacked(
    name: str, archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], room: int
) -> dict[str, bytes]:
    if len(entries) > MOST:
        raise Refusal.of("3.1", f"{name}: The zip has more than {MOST:,} entries.")
    found: dict[str, bytes] = {}
    for entry in entries:
        with archive.open(entry) as stream:
            content = stream.read(room + 1)
        room -= len(content)
        if room < 0:
            rule = f"{name}: The zip holds more than is accepted, up to {entry.filename[-200:]}."
            raise Refusal.of("3.1", rule)
        if PurePosixPath(entry.filename).name.startswith("._"):
            continue
        if found.setdefault(entry.filename, content) is not content:
            raise Refusal.of("1.8", f"{name}: The zip holds {entry.filename[-200:]} twice.")
    return found
