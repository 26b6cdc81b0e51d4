"""Write the GIS's files, as `adapters.gis` reads them; used by the demo utility."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from adapters.gis.mapping import Column, Features, Layer, Topology
from cim.model import LINK, TEXT, TYPE, Model
from cim.model.header import bare
from cim.model.model import local_name
from cim.model.read import read

_IDENTITY = "mRID"
_NAMES = frozenset({"name", "aliasName", "description", "mRID"})
"""Attributes of IdentifiedObject: what looks like a number in them is none."""

_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_WHOLE = re.compile(r"-?(0|[1-9]\d{0,17})")
_NUMERAL = re.compile(r"-?(0|[1-9]\d{0,17})(\.\d{1,18})?([eE][+-]?\d{1,2})?")
_TRUTH = {"true": True, "false": False}


def write(name: str, document: bytes) -> bytes:
    """A zip with the RDF/XML `document` as `<name>.xml`; the same bytes for the same input."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo(f"{name}.xml", (1980, 1, 1, 0, 0, 0))
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, document)
    return packed.getvalue()


class Layers(NamedTuple):
    """A GeoPackage, and how the adapter is to read it."""

    data: bytes
    features: Features


def geopackage(document: bytes) -> Layers:
    """The RDF/XML `document` as a GeoPackage: an attribute table for each class.

    A property that an object has several times has a table of its own, and so has what objects of
    no class say.  Numbers are numbers there; the header of the model is left out.
    Raises: ValueError, when an object is of several classes, or a literal has a language.
    """
    tables = _tables(read(document))
    data = _written({name: table for name, (_, table) in tables.items()})
    layers = {name: layer for name, (layer, _) in tables.items()}
    return Layers(data, Features(layers=layers, vocabulary="", topology=Topology(report=False)))


def _written(tables: Mapping[str, pa.Table]) -> bytes:
    """A GeoPackage of attribute tables; the same bytes for the same tables."""
    import pyogrio

    # a file that nobody else sees need not be on the disk after each table
    passing = {"OGR_SQLITE_SYNCHRONOUS": "OFF", "OGR_CURRENT_DATE": "1980-01-01T00:00:00.000Z"}
    before = {name: pyogrio.get_gdal_config_option(name) for name in passing}
    pyogrio.set_gdal_config_options(passing)
    try:
        with tempfile.TemporaryDirectory(prefix="gridbus-gis-") as folder:
            path = Path(folder) / "model.gpkg"
            for name, table in tables.items():
                append = path.exists()
                pyogrio.raw.write_arrow(table, path, layer=name, driver="GPKG", append=append)
            return path.read_bytes()
    finally:
        pyogrio.set_gdal_config_options(before)


def _tables(model: Model) -> dict[str, tuple[Layer, pa.Table]]:
    """The tables by name, each with the layer of the mapping that reads it."""
    space = _namespace(model)
    if space and space != Features().namespace:
        raise ValueError(f"the classes of the model are in {space}, not in {Features().namespace}")
    found: dict[str, tuple[Layer, pa.Table]] = {}
    classes = _classes(model)
    of = classes[model.subject]
    order = np.argsort(of, kind="stable")
    starts = np.flatnonzero(np.diff(of[order], prepend=-2))
    for rows in (part for part in np.split(order, starts[1:]) if len(part)):
        _add_class(model, int(of[rows[0]]), rows, space, found)
    return found


def _namespace(model: Model) -> str:
    """That of most classes."""
    spaces = [n.removesuffix(local_name(n)) for n in model.names if "." not in local_name(n)]
    spaces = [space for space in spaces if "TC57" in space or "cim" in space.lower()]
    return max(spaces, key=spaces.count, default="")


def _classes(model: Model) -> np.ndarray[Any, np.dtype[np.int32]]:
    """Of each identity the row of its class in `names`; -1 for none."""
    typed = model.subject[model.kind == TYPE]
    if len(np.unique(typed)) < len(typed):
        raise ValueError("an object is of several classes; a row of a table is of one")
    return model.class_of()


def _add_class(
    model: Model,
    class_row: int,
    rows: np.ndarray[Any, Any],
    space: str,
    found: dict[str, tuple[Layer, pa.Table]],
) -> None:
    iri = model.names[class_row] if class_row >= 0 else ""
    name = local_name(iri) or "Described"
    subjects = np.unique(model.subject[rows])
    spelled = [
        bare(model.ids[row]) if _is_uuid(model.ids[row]) else model.ids[row]
        for row in subjects.tolist()
    ]
    said = rows[model.kind[rows] != TYPE]
    columns, more = {_IDENTITY: pa.array(spelled, pa.string())}, []
    mapped: dict[str, Column] = {}
    codes = model.property[said].astype(np.int64) * 4 + model.kind[said]
    for code in np.unique(codes).tolist():
        here = said[codes == code]
        place = np.searchsorted(subjects, model.subject[here])
        to, values = _values(model, here, space)
        if len(np.unique(place)) < len(place):
            more.append((to, values, [spelled[p] for p in place.tolist()]))
            continue
        column = _column_name(to.to, mapped)
        mapped[column], columns[column] = to, _typed(_spread(values, place, len(subjects)), to)
    layer = Layer(
        cim_class=iri.removeprefix(space) or "Described",
        identity=_IDENTITY,
        mrids=True,
        columns=mapped,
        adds=class_row < 0,
        ignore=("fid",),
    )
    found[_free(name, found)] = layer, pa.table(columns)
    for to, values, whose in more:
        _add_several(f"{name}_{local_name(to.to)}", layer, to, values, whose, found)


def _add_several(
    name: str,
    layer: Layer,
    to: Column,
    values: Sequence[str],
    whose: list[str],
    found: dict[str, tuple[Layer, pa.Table]],
) -> None:
    """A table of its own for what objects have several of."""
    table = pa.table({_IDENTITY: pa.array(whose, pa.string()), "value": _typed(values, to)})
    several = Layer(
        cim_class=layer.cim_class,
        identity=_IDENTITY,
        mrids=True,
        adds=True,
        columns={"value": to},
        ignore=("fid",),
    )
    found[_free(name.replace(".", "_"), found)] = several, table


def _values(model: Model, rows: np.ndarray[Any, Any], space: str) -> tuple[Column, Sequence[str]]:
    """What statements of one property and kind say, and how that is mapped."""
    iri = model.names[int(model.property[rows[0]])]
    to = iri.removeprefix(space)
    objects = model.object[rows].tolist()
    if int(model.kind[rows[0]]) == LINK:
        spelled = [model.ids[row] for row in objects]
        if all(one.startswith(space) for one in spelled):
            return Column(to=to, kind="enumeration"), [s.removeprefix(space) for s in spelled]
        return Column(to=to, kind="link"), [bare(s) if _is_uuid(s) else s for s in spelled]
    assert int(model.kind[rows[0]]) == TEXT  # noqa: S101 - classes were left out
    texts = model.texts
    return Column(to=to, kind="text"), [texts[row] for row in objects]


def _is_uuid(identity: str) -> bool:
    return identity.startswith("urn:uuid:") and _UUID.fullmatch(bare(identity)) is not None


def _typed(texts: Sequence[str | None], to: Column) -> pa.Array:
    """A column of literals: numbers, or true and false, where all of them look like that."""
    known = {text for text in texts if text is not None}
    if "" in known or any("\0" in text for text in known):
        raise ValueError(f"{to.to} is empty somewhere, or has a language or a data type")
    of: Callable[[str], Any] = str
    if to.kind == "text" and to.to.rpartition(".")[2] not in _NAMES:
        if known <= _TRUTH.keys():
            of = _TRUTH.__getitem__
        elif all(map(_WHOLE.fullmatch, known)):
            of = int
        elif all(map(_NUMERAL.fullmatch, known)):
            of = float
    values = {text: of(text) for text in known}
    return pa.array([None if text is None else values[text] for text in texts])


def _spread(values: Sequence[str], places: np.ndarray[Any, Any], count: int) -> list[str | None]:
    """A value at its place, None elsewhere."""
    found: list[str | None] = [None] * count
    for place, value in zip(places.tolist(), values, strict=True):
        found[place] = value
    return found


def _column_name(to: str, known: Mapping[str, Any]) -> str:
    return _free(local_name(to).replace(".", "_"), known)


def _free(name: str, known: Mapping[str, Any]) -> str:
    """A name that none of the known ones has, in either case."""
    taken, found, number = {one.lower() for one in known} | {_IDENTITY.lower(), "fid"}, name, 1
    while found.lower() in taken:
        number += 1
        found = f"{name}_{number}"
    return found
