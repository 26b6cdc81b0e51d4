"""Fast, strict and general path: the same result, that of rdflib and of oxigraph."""

from __future__ import annotations

from hypothesis import given, settings

from cim.model import Model, general, strict
from cim.model.scan import scan
from tests.cim.model.oracles import BASE, by_oxigraph, by_rdflib, by_us
from tests.cim.model.shapes import OTHER, any_documents, flat_documents


@given(document=flat_documents())
@settings(max_examples=60, deadline=None)
def test_flat_documents(document: bytes) -> None:
    by_strict = strict.read(document).model()
    by_general = general.read(document).model()
    by_scan = scan(document)
    header = by_strict.header.identity if by_strict.header else ""
    assert by_us(by_strict) == by_oxigraph(document, leave_out=header)
    assert by_us(by_strict) == by_rdflib(document, leave_out=header)
    assert same(by_general, by_strict)
    assert by_scan is not None or is_left_to_the_strict_path(document)
    assert by_scan is None or by_scan.to_bytes() == by_strict.to_bytes()


def is_left_to_the_strict_path(document: bytes) -> bool:
    """Whether it holds what the fast path does not read, though it is flat."""
    marks = (b"rdf:value", b"rdf:Bag", b"<!-- </md:FullModel> -->")
    return any(mark in document for mark in marks)


def same(one: Model, other: Model) -> bool:
    """The same statements of the same identities, whatever the order of the tables."""
    said = [sorted(model.statements()) for model in (one, other)]
    born = [{model.ids[r] for r in model.born.nonzero()[0].tolist()} for model in (one, other)]
    return said[0] == said[1] and born[0] == born[1] and one.header == other.header


@given(document=any_documents())
@settings(max_examples=100, deadline=None)
def test_documents_of_every_shape(document: bytes) -> None:
    base = OTHER if b"xml:base" in document else BASE
    said = by_us(general.read(document).model(), base)
    assert said == by_rdflib(document)
    if b'xml:lang=""' not in document:  # oxigraph takes it for a language without a name
        assert said == by_oxigraph(document)
