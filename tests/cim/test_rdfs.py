"""The RDF schema of a noun, read by others and held against the noun's RDF/XML form."""

from __future__ import annotations

from enum import Enum
from functools import cache

import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from cim import rdf
from cim.profile import Profile, attribute, attributes
from cim.profiles import NOUNS
from cim.rdf.names import CIM
from cim.schema.rdfs import CIMS, RDFS, noun_rdfs
from cim.schema.xsd import reachable
from cim.vocabulary import from_rdfs, vocabulary
from tests.strategies import profiles

RDF = rdflib.RDF
WRITTEN = sorted(set(NOUNS) - {"NetworkModels"})  # whose RDF form is the model itself


def graph(data: bytes) -> rdflib.Graph:
    return rdflib.Graph().parse(data=data, format="xml")


@cache
def subjects(noun: str) -> set[rdflib.term.Node]:
    """What the schema of a noun describes."""
    return set(graph(noun_rdfs(NOUNS[noun])).subjects())


@pytest.mark.parametrize("noun", WRITTEN)
def test_every_class_and_attribute_is_described_once(noun: str) -> None:
    schema = graph(noun_rdfs(NOUNS[noun]))

    labels = {str(o) for o in schema.objects(None, rdflib.URIRef(f"{RDFS}label"))}
    kinds = [k for k in reachable(NOUNS[noun]) if issubclass(k, Profile)]
    assert {k.cim_class for k in kinds} <= labels
    for prop in schema.subjects(RDF.type, RDF.Property):
        assert len(list(schema.objects(prop, rdflib.URIRef(f"{RDFS}domain")))) == 1, prop
        assert len(list(schema.objects(prop, rdflib.URIRef(f"{CIMS}multiplicity")))) == 1, prop


@pytest.mark.parametrize("noun", WRITTEN)
def test_enumerations_are_those_of_the_cim(noun: str) -> None:
    cim18 = vocabulary("cim18")  # which lacks most of the metering
    for profile in reachable(NOUNS[noun]):
        for a in attributes(profile) if issubclass(profile, Profile) else ():
            known = cim18.properties.get(a.cim)
            if known is None or not issubclass(a.type, Enum):
                continue
            name = a.type.__name__
            assert name in known.types, a.cim
            if name in cim18.enumerations:
                values = {value for value, _ in cim18.enumerations[name].values}
                assert {one.value for one in a.type} <= values, a.cim


@pytest.mark.parametrize("noun", WRITTEN)
@settings(max_examples=4)
@given(data=st.data())
def test_what_is_written_is_described(noun: str, data: st.DataObject) -> None:
    payload = data.draw(profiles(NOUNS[noun]))
    described = subjects(noun)

    written = graph(etree.tostring(rdf.encode(payload)))

    used = set(written.predicates()) | set(written.objects(None, RDF.type))
    strangers = {str(t) for t in used - described - {RDF.type, RDF.value}}
    assert strangers <= {"urn:gridbus:rdf#position", "urn:gridbus:rdf#Member"}


def test_our_own_reader_of_profiles_reads_it() -> None:
    vocabulary = from_rdfs([noun_rdfs(NOUNS["EndDeviceEvents"])], "ours")

    assert "EndDeviceEvent" in vocabulary.classes
    assert vocabulary.classes["EndDeviceEvent"].name == "EndDeviceEvent"


class Short(Profile, cim="Thing"):
    """A thing as one part of a noun speaks of it."""

    mrid: str = attribute("IdentifiedObject.mRID", "Identifier.")
    size: int = attribute("Thing.size", "How large it is.")
    kind: str = attribute("Thing.kind", "What it is.")
    parts: str | None = attribute("Thing.parts", "Of what it is made.", default=None)


class Long(Profile, cim="Thing"):
    """The same as another part speaks of it."""

    mrid: str = attribute("IdentifiedObject.mRID", "Identifier.")
    size: int | None = attribute("Thing.size", "How large it is.", default=None)
    parts: tuple[str, ...] = attribute("Thing.parts", "Of what it is made.", default=())


class Things(Profile, namespace="urn:test:Things#", standard="test"):
    """Things, in two shapes."""

    short: Short = attribute("Things.Short", "One.")
    long: Long = attribute("Things.Long", "Another.")


@pytest.mark.parametrize(
    ("name", "multiplicity"),
    [
        ("IdentifiedObject.mRID", "1..1"),
        ("Thing.size", "0..1"),  # one of the two need not say it
        ("Thing.kind", "0..1"),  # one of the two cannot say it
        ("Thing.parts", "0..n"),
    ],
)
def test_of_two_shapes_of_a_class_the_loosest_multiplicity_holds(
    name: str, multiplicity: str
) -> None:
    schema = graph(noun_rdfs(Things))
    prop = rdflib.URIRef(f"{CIM}{name}")
    [said] = schema.objects(prop, rdflib.URIRef(f"{CIMS}multiplicity"))
    assert str(said) == f"{CIMS}M:{multiplicity}"
