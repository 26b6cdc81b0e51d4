"""RDF read by others: what a document says, as triples of strings."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pyoxigraph
from lxml import etree
from rdflib import Graph, Literal

from cim.parse import MODEL, parse

BASE = "http://example.org/base"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
Triple = tuple[str, str, str]


def document(file: Path) -> bytes:
    """The RDF/XML in a file, which may be alone in a zip."""
    data = file.read_bytes()
    if not data.startswith(b"PK"):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(archive.namelist()[0])


def by_rdflib(data: bytes) -> set[Triple]:
    graph = Graph().parse(data=data, format="xml", publicID=BASE)
    return {(str(s), str(p), _spelled(o, Literal)) for s, p, o in graph}


def by_oxigraph(data: bytes) -> set[Triple]:
    triples = pyoxigraph.parse(data, format=pyoxigraph.RdfFormat.RDF_XML, base_iri=BASE)
    return {(t.subject.value, t.predicate.value, _spelled(t.object, None)) for t in triples}


def _spelled(term: Any, literal: type | None) -> str:
    """Literals in quotation marks, everything else in angle brackets."""
    is_literal = isinstance(term, literal or pyoxigraph.Literal)
    text = str(term) if literal else term.value
    return f'"{text}"' if is_literal else f"<{text}>"


def parts(data: bytes) -> dict[str, set[Triple]]:
    """The parts of a difference model, each read by rdflib as a document of its own."""
    [model] = parse(data, MODEL)
    return {
        etree.QName(part).localname: _alone(part)
        for part in model
        if any(key.endswith("parseType") for key in part.attrib)  # type: ignore[arg-type]
    }


def _alone(part: etree._Element) -> set[Triple]:
    root = etree.Element(f"{{{RDF}}}RDF", nsmap=part.nsmap)  # type: ignore[arg-type]
    root.extend(part)
    return by_rdflib(etree.tostring(root))


def statements(data: bytes) -> set[Triple]:
    """What a full model says, by rdflib, without its header."""
    found = by_rdflib(data)
    headers = {s for s, p, o in found if p == f"{RDF}type" and o.endswith("FullModel>")}
    return {triple for triple in found if triple[0] not in headers}
