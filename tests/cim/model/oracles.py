"""What a document says by rdflib, by oxigraph and by us, in one form that can be compared."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urljoin

import pyoxigraph as ox
import rdflib

from cim.model import LINK, TYPE, Model

BASE = "http://example.org/base"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def dataset(triples: Iterable[ox.Triple]) -> ox.Dataset:
    """The set of triples, with blank nodes named by what is said of them."""
    found = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    found.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return found


def by_oxigraph(document: bytes, *, leave_out: str = "") -> ox.Dataset:
    """leave_out: the subject of a header."""
    triples = ox.parse(document, format=ox.RdfFormat.RDF_XML, base_iri=BASE)
    return dataset(_kept(map(_lower, triples), leave_out))


def by_rdflib(document: bytes, *, leave_out: str = "") -> ox.Dataset:
    graph = rdflib.Graph().parse(data=document, format="xml", publicID=BASE)
    triples = (ox.Triple(_term(s), _term(p), _term(o)) for s, p, o in graph)
    return dataset(_kept(triples, leave_out))


def by_us(model: Model, base: str = BASE) -> ox.Dataset:
    """The statements, identities resolved against the base."""
    return dataset(_triple(*statement, base) for statement in model.statements())


def _triple(subject: str, name: str, kind: int, value: str, base: str) -> ox.Triple:
    target = _node(value, base) if kind in (TYPE, LINK) else _literal(value)
    return ox.Triple(_node(subject, base), ox.NamedNode(name), target)


def _node(identity: str, base: str) -> Any:
    if identity.startswith("_:"):
        return ox.BlankNode(identity[2:])
    return ox.NamedNode(urljoin(base, identity) if ":" not in identity else identity)


def _literal(text: str) -> ox.Literal:
    value, _, suffix = text.partition("\0")
    if suffix.startswith("^^"):
        return ox.Literal(value, datatype=ox.NamedNode(suffix[2:]))
    return ox.Literal(value, language=suffix[1:].lower() or None)


def _term(term: Any) -> Any:
    if isinstance(term, rdflib.BNode):
        return ox.BlankNode(str(term))
    if isinstance(term, rdflib.Literal):
        if term.datatype is not None:
            return ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype)))
        return ox.Literal(str(term), language=(term.language or "").lower() or None)
    return ox.NamedNode(str(term))


def _lower(triple: ox.Triple) -> ox.Triple:
    value = triple.object
    if isinstance(value, ox.Literal) and value.language:
        value = ox.Literal(value.value, language=value.language.lower())
    return ox.Triple(triple.subject, triple.predicate, value)


def _kept(triples: Iterable[ox.Triple], leave_out: str) -> Iterable[ox.Triple]:
    return (t for t in triples if getattr(t.subject, "value", "") != leave_out)
