"""Files of a GIS that are cut short, or want to do more than be read."""

from __future__ import annotations

import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import shapely

from adapters.gis import GisAdapter
from cim.violation import Refusal
from tests.adapters.gis_layers import features, geopackage, shapefile, taken, zipped

PLAN: dict[str, Any] = {
    "layers": {"lines": {"identity": "ID", "cim_class": "Junction"}},
    "topology": {"report": False},
}
ROWS = [{"ID": n, "NAME": "x" * 200} for n in range(40)]
PLACES = [shapely.Point(8, 50)] * len(ROWS)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return geopackage(tmp_path_factory.mktemp("layers"), lines=(ROWS, PLACES))


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return shapefile(tmp_path_factory.mktemp("shapes"), ROWS, PLACES, "Point", "EPSG:4326")


def changed(data: bytes, folder: Path, *commands: str) -> bytes:
    """A GeoPackage after SQL that GDAL would not write."""
    path = folder / "changed.gpkg"
    path.write_bytes(data)
    with closing(sqlite3.connect(path)) as connection:
        for command in commands:
            connection.execute(command)
        connection.commit()
    return path.read_bytes()


COMPUTED = (
    "alter table lines add column c text generated always as (hex(zeroblob(1000000000))) virtual",
)
VIEW = (
    "alter table lines rename to stored",
    "create view lines as select * from stored",
)
METADATA = (
    "alter table gpkg_contents rename to stored",
    "create view gpkg_contents as select * from stored",
)
VIRTUAL = (
    "drop table lines",
    "create virtual table lines using fts5(ID)",
)


@pytest.mark.parametrize(
    ("commands", "rule"),
    [
        (COMPUTED, "a.gpkg: lines.c is computed; export it as a plain column"),
        (VIEW, "a.gpkg: lines is no plain table; export it as one"),
        (METADATA, "a.gpkg: gpkg_contents is no plain table"),
        (VIRTUAL, "a.gpkg: lines is no plain table"),
        (("drop table gpkg_contents",), "is no GeoPackage: it has no gpkg_contents"),
        (("drop table lines",), "a.gpkg: lines is no plain table"),
        (("pragma application_id = 7",), "is a SQLite file, but no GeoPackage"),
    ],
)
def test_a_geopackage_that_is_more_than_tables_is_refused(
    commands: tuple[str, ...], rule: str, package: bytes, tmp_path: Path
) -> None:
    assert taken("a.gpkg", package, **PLAN).remarks
    with pytest.raises(Refusal, match=rule):
        taken("a.gpkg", changed(package, tmp_path, *commands), **PLAN)


def broken(data: bytes) -> bytes:
    """With the page of the table's root overwritten."""
    return data[:4096] + b"\xff" * 60_000 + data[64_096:]


@pytest.mark.parametrize(
    ("of", "rule"),
    [
        (lambda data: data[:-4096], "a.gpkg is cut short: it has .* of .* bytes"),
        (lambda data: data[:60], "a.gpkg"),
        (broken, "a.gpkg"),
        (lambda _: b"<OGRVRTDataSource/>", "is no GeoPackage: it does not begin as SQLite"),
    ],
)
def test_a_geopackage_that_is_not_whole_is_refused(
    of: Callable[[bytes], bytes], rule: str, package: bytes
) -> None:
    with pytest.raises(Refusal, match=rule):
        taken("a.gpkg", of(package), **PLAN)


def parted(shapes: dict[str, bytes]) -> Iterator[tuple[dict[str, bytes], str]]:
    """Shapefiles that lack something, and what is said of them."""
    for suffix in (".shp", ".shx", ".dbf"):
        rest = {s: c for s, c in shapes.items() if s != suffix}
        yield rest, f"lines is not whole: it has no {suffix}"
    yield {**shapes, ".dbf": shapes[".dbf"][:-300]}, "its .dbf counts 40 rows and has fewer"
    yield {**shapes, ".shx": shapes[".shx"][:-8]}, "it has 39 shapes and 40 rows"
    yield {**shapes, ".shp": shapes[".shp"][:-8]}, "its .shp is not as long as it says"
    yield {**shapes, ".shp": b"<OGRVRTDataSource>"}, "lines is no shapefile"
    umlaut = shapes[".dbf"].replace(b"xx", b"\xc3\xa4", 1)
    nameless = {s: c for s, c in shapes.items() if s != ".cpg"}
    yield {**nameless, ".dbf": umlaut}, "has no .cpg that tells its encoding"


def test_a_shapefile_that_is_not_whole_is_refused(shapes: dict[str, bytes]) -> None:
    whole = {f"../../lines{s}": c for s, c in shapes.items()} | {"readme.txt": b"Read me."}
    assert taken("a.zip", zipped(whole), **PLAN).models
    for parts, rule in parted(shapes):
        files = {f"lines{suffix}": content for suffix, content in parts.items()}
        with pytest.raises(Refusal, match=rule):
            taken("a.zip", zipped(files), **PLAN)


def test_a_bomb_is_refused(shapes: dict[str, bytes]) -> None:
    files = {f"lines{s}": c for s, c in shapes.items()} | {"bomb.dbf": bytes(60_000_000)}
    packed = zipped(files)
    assert len(packed) < 100_000
    with pytest.raises(Refusal, match="The zip holds more than is accepted") as caught:
        taken("a.zip", packed, **PLAN)
    assert caught.value.violations[0].code == "3.1"


def test_a_zip_that_lies_is_refused(shapes: dict[str, bytes]) -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for suffix, content in (*shapes.items(), (".DBF", b"other")):
            archive.writestr(f"lines{suffix}", content)
    with pytest.raises(Refusal, match=r"a\.zip holds lines\.DBF twice"):
        taken("a.zip", packed.getvalue(), **PLAN)
    broken = bytearray(zipped({f"lines{s}": c for s, c in shapes.items()}))
    broken[60:90] = bytes(30)
    with pytest.raises(Refusal, match=r"a\.zip: The zip cannot be read"):
        taken("a.zip", bytes(broken), **PLAN)


def test_a_file_of_layers_goes_from_the_folder_to_quarantine_or_done(
    package: bytes, tmp_path: Path
) -> None:
    adapter = GisAdapter(folder=tmp_path, settle=0.0, interval=0.0, features=features(**PLAN))
    (tmp_path / "a.gpkg").write_bytes(package)
    (tmp_path / "b.gpkg").write_bytes(package[:-4096])
    batches = adapter.read()
    [record] = next(batches)
    assert record.origin == "a.gpkg"
    assert list(next(batches)) == []  # of the refused file
    assert next(batches) == ()
    assert (tmp_path / "done" / "a.gpkg").exists()
    assert "cut short" in (tmp_path / "quarantine" / "b.gpkg.reason").read_text()
    adapter.stop()
