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
from cim.model import LINK, TYPE, Model
from cim.model.header import bare
from cim.model.model import local_name
from cim.model.read import read

Rows = np.ndarray[Any, Any]

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
    tables = _Tables(read(document)).found
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


class _Tables:
    """A model as tables by name, each with the layer of the mapping that reads it."""

    def __init__(self, model: Model) -> None:
        self.model, self.space = model, _namespace(model)
        self.names, self.texts = list(model.names), list(model.texts)
        self.ids = [bare(one) if _is_uuid(one) else one for one in model.ids]
        self.found: dict[str, tuple[Layer, pa.Table]] = {}
        of = _classes(model)[model.subject]
        order = np.argsort(of, kind="stable")
        starts = np.flatnonzero(np.diff(of[order], prepend=-2))
        for rows in (part for part in np.split(order, starts[1:]) if len(part)):
            self._add_class(int(of[rows[0]]), rows)

    def _add_class(self, of: int, rows: Rows) -> None:
        """The objects of one class, or of none, which others describe."""
        model = self.model
        iri = self.names[of] if of >= 0 else ""
        subjects = np.unique(model.subject[rows])
        whose = [self.ids[row] for row in subjects.tolist()]
        columns: dict[str, pa.Array] = {_IDENTITY: pa.array(whose, pa.string())}
        mapped: dict[str, Column] = {}
        said = rows[model.kind[rows] != TYPE]
        codes = model.property[said].astype(np.int64) * 4 + model.kind[said]
        name, several = local_name(iri) or "Described", []
        for code in np.unique(codes).tolist():
            here = said[codes == code]
            to, values = self._values(here)
            place = np.searchsorted(subjects, model.subject[here])
            if len(np.unique(place)) < len(place):
                several.append((to, values, [whose[p] for p in place.tolist()]))
                continue
            column = _free(local_name(to.to).replace(".", "_"), mapped)
            mapped[column] = to
            columns[column] = _typed(_spread(values, place, len(subjects)), to)
        cim_class = iri.removeprefix(self.space) or "Described"
        self._add(name, _layer(cim_class, mapped, adds=of < 0), columns)
        for to, values, objects in several:
            columns = {_IDENTITY: pa.array(objects, pa.string()), "value": _typed(values, to)}
            layer = _layer(cim_class, {"value": to}, adds=True)
            self._add(f"{name}_{local_name(to.to)}", layer, columns)

    def _add(self, name: str, layer: Layer, columns: Mapping[str, pa.Array]) -> None:
        self.found[_free(name.replace(".", "_"), self.found)] = layer, pa.table(columns)

    def _values(self, rows: Rows) -> tuple[Column, Sequence[str]]:
        """What statements of one property and kind say, and how that is mapped."""
        to = self.names[int(self.model.property[rows[0]])].removeprefix(self.space)
        objects = self.model.object[rows].tolist()
        if int(self.model.kind[rows[0]]) != LINK:
            return Column(to=to, kind="text"), [self.texts[row] for row in objects]
        spelled = [self.ids[row] for row in objects]
        if all(one.startswith(self.space) for one in spelled):
            return Column(to=to, kind="enumeration"), [s.removeprefix(self.space) for s in spelled]
        return Column(to=to, kind="link"), spelled


def _layer(cim_class: str, columns: Mapping[str, Column], *, adds: bool) -> Layer:
    return Layer(
        cim_class=cim_class,
        identity=_IDENTITY,
        mrids=True,
        columns=columns,
        adds=adds,
        ignore=("fid",),
    )


def _namespace(model: Model) -> str:
    """That of the CIM, which the mapping leaves out.  Raises: ValueError for another one."""
    space = Features().namespace
    if not any(name.startswith(space) for name in model.names):
        raise ValueError(f"the model says nothing in the namespace {space}")
    return space


def _classes(model: Model) -> np.ndarray[Any, np.dtype[np.int32]]:
    """Of each identity the row of its class in `names`; -1 for none."""
    typed = model.subject[model.kind == TYPE]
    if len(np.unique(typed)) < len(typed):
        raise ValueError("an object is of several classes; a row of a table is of one")
    return model.class_of()


def _is_uuid(identity: str) -> bool:
    return identity.startswith("urn:uuid:") and _UUID.fullmatch(identity, 9) is not None


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


def _free(name: str, known: Mapping[str, Any]) -> str:
    """A name that none of the known ones has, in either case."""
    taken, found, number = {one.lower() for one in known} | {_IDENTITY.lower(), "fid"}, name, 1
    while found.lower() in taken:
        number += 1
        found = f"{name}_{number}"
    return found
