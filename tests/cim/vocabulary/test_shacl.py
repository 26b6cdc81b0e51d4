"""The shapes are Turtle for rdflib, and say what the vocabulary says."""

from __future__ import annotations

from decimal import Decimal

import pytest
from rdflib import RDF, RDFS, XSD, Graph, URIRef
from rdflib.collection import Collection
from rdflib.namespace import SH
from rdflib.term import Node

from cim.vocabulary import Vocabulary, from_rdfs, shacl, vocabulary
from tests.cim.vocabulary import schemas
from tests.cim.vocabulary.schemas import CIM, OWN


def graph(known: Vocabulary) -> Graph:
    return Graph().parse(data=shacl(known), format="turtle")


@pytest.fixture(scope="module")
def poles() -> Graph:
    return graph(from_rdfs([schemas.RDFS2020], "poles-1", "made up"))


def shape(shapes: Graph, class_: str, path: str) -> Node:
    """The shape of a property of a class; an inverse path starts with "^"."""
    [node] = shapes.subjects(SH.targetClass, URIRef(class_))
    for one in shapes.objects(node, SH.property):
        found = shapes.value(one, SH.path)
        inverse = shapes.value(found, SH.inversePath)
        if (f"^{inverse}" if inverse else str(found)) == path:
            return one
    raise LookupError(path)


def test_there_is_a_node_shape_for_each_class_that_objects_are_of(poles: Graph) -> None:
    targets = {str(t) for t in poles.objects(None, SH.targetClass)}
    assert targets == {f"{CIM}Pole", f"{CIM}Wire"}
    assert set(poles.subjects(RDF.type, SH.NodeShape)) == set(poles.subjects(SH.targetClass))


def test_numbers_and_data_types(poles: Graph) -> None:
    height = shape(poles, f"{CIM}Pole", f"{CIM}Pole.height")
    assert poles.value(height, SH.minCount).toPython() == 1
    assert poles.value(height, SH.maxCount).toPython() == 1
    assert poles.value(height, SH.datatype) == XSD.float


def test_what_is_inherited_is_in_the_shape(poles: Graph) -> None:
    name = shape(poles, f"{CIM}Wire", f"{CIM}Thing.name")
    assert name == shape(poles, f"{CIM}Pole", f"{CIM}Thing.name")
    assert poles.value(name, SH.minCount) is None


def test_an_enumeration_is_a_list(poles: Graph) -> None:
    wood = shape(poles, f"{CIM}Pole", f"{CIM}Pole.wood")
    values = set(Collection(poles, poles.value(wood, SH["in"])))  # type: ignore[arg-type]
    assert values == {URIRef(f"{CIM}WoodKind.pine"), URIRef(f"{OWN}WoodKind.larch")}


def test_an_association_names_the_class_and_the_other_end_its_inverse(poles: Graph) -> None:
    to_poles = shape(poles, f"{CIM}Wire", f"{OWN}Wire.Poles")
    assert poles.value(to_poles, SH["class"]) == URIRef(f"{CIM}Pole")
    wires = shape(poles, f"{CIM}Pole", f"^{OWN}Wire.Poles")
    assert poles.value(wires, SH["class"]) == URIRef(f"{CIM}Wire")


def test_who_is_below_whom_is_stated(poles: Graph) -> None:
    assert (URIRef(f"{CIM}Pole"), RDFS.subClassOf, URIRef(f"{CIM}Thing")) in poles


def test_whose_facts_they_are_stands_at_the_top() -> None:
    assert shacl(from_rdfs([schemas.RDFS2020], "poles-1", "made up")).startswith(b"# made up\n")


def test_names_with_spaces_are_quoted() -> None:
    spaced = schemas.RDFS2020.replace(b"WoodKind.pine", b"WoodKind.dry pine")
    shapes = graph(from_rdfs([spaced], "poles-1"))
    assert URIRef(f"{CIM}WoodKind.dry%20pine") in shapes.all_nodes()


def test_only_what_is_claimed_is_in_it() -> None:
    known = vocabulary("cgmes-3.0").claiming("SSH")
    shapes = graph(known)
    cim = "http://iec.ch/TC57/CIM100#"
    targets = {str(t).removeprefix(cim) for t in shapes.objects(None, SH.targetClass)}
    expected = {n for n, c in known.classes.items() if c.concrete and not known.is_outside(c)}
    assert targets == expected
    assert shape(shapes, f"{cim}Breaker", f"{cim}Switch.open")
    with pytest.raises(LookupError):
        shape(shapes, f"{cim}Breaker", f"{cim}Switch.normalOpen")


@pytest.mark.parametrize("profile", ["EQ", "DL", "TP"])
def test_all_demands_are_in_the_shapes_and_no_others(profile: str) -> None:
    known = vocabulary("cgmes-3.0").claiming(profile)
    shapes = graph(known)
    for node, target in shapes.subject_objects(SH.targetClass):
        counts = [shapes.value(p, SH.minCount) for p in shapes.objects(node, SH.property)]
        found = sorted(Decimal(str(c)) for c in counts if c is not None)
        wanted = known.mandatory(str(target).rpartition("#")[2])
        readable = {n: least for n, least in wanted.items() if is_readable(known, n)}
        assert found == sorted(map(Decimal, readable.values()))


def is_readable(known: Vocabulary, name: str) -> bool:
    of = known.properties[name]
    return of.used or known.properties[of.inverse].used


def test_either_of_several_types_is_right() -> None:
    known = from_rdfs([schemas.RDFS2020], "poles-1")
    text = schemas.RDFS2020.replace(
        f'<cims:dataType rdf:resource="{CIM}Length"/>'.encode(),
        f'<cims:dataType rdf:resource="{CIM}Length"/>'
        f'<cims:dataType rdf:resource="{CIM}String"/>'.encode(),
    )
    known = from_rdfs([text], "poles-1")
    shapes = graph(known)
    ways = Collection(
        shapes,
        shapes.value(shape(shapes, f"{CIM}Pole", f"{CIM}Pole.height"), SH["or"]),  # type: ignore[arg-type]
    )
    assert {shapes.value(way, SH.datatype) for way in ways} == {XSD.float, XSD.string}
