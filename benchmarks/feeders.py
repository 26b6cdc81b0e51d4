"""The CIM files of the measurements, made once and kept in the cache folder."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

from dms_apps.simulator.feeders import cache_folder, feeder
from tests.conftest import SHARED

COPIES = 5
_MRID = re.compile(rb"[0-9A-Fa-f]{8}(?=-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-)")
_ROOT = re.compile(rb"<rdf:RDF[^>]*>")
_END = b"</rdf:RDF>"


def ieee9500() -> Path:
    """The 9500-node feeder as OpenDSS exports it, 42 MB."""
    cache = cache_folder(os.environ)
    feeder("ieee9500", cache)
    return cache / "ieee9500.xml"


def published(folder: Path) -> Iterator[Path]:
    """The 8500-node feeder, 33 MB, unpacked into `folder`; nothing without the reference data."""
    archive = SHARED / "data" / "cim" / "feeders" / "ieee8500_opendss.zip"
    if archive.exists():
        with ZipFile(archive) as packed:
            yield from (Path(packed.extract(name, folder)) for name in packed.namelist())


def replicated() -> Path:
    """`COPIES` of it in one document, each with mRIDs of its own, 212 MB."""
    one = ieee9500()
    path = one.with_stem(f"{one.stem}x{COPIES}")
    if not path.exists() or path.stat().st_mtime < one.stat().st_mtime:
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            file.writelines(_copies(one.read_bytes()))
        part.replace(path)
    return path


def _copies(document: bytes) -> Iterator[bytes]:
    root = _ROOT.search(document)
    assert root
    end = document.rindex(_END)
    yield document[: root.end()]
    for number in range(COPIES):
        yield _renamed(document[root.end() : end], number)
    yield document[end:]


def _renamed(objects: bytes, number: int) -> bytes:
    """With the first eight digits of every mRID turned by `number`."""

    def turned(found: re.Match[bytes]) -> bytes:
        return b"%08X" % (int(found[0], 16) ^ number * 0x01010101)

    return _MRID.sub(turned, objects)
