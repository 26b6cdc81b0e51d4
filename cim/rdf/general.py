"""Read any shape of RDF/XML by the rules of rdflib.

rdflib meets no bytes: its handler is walked over the tree that `cim.parse` made of gated bytes, so
that there is no second XML parser to harden.  Data types and languages are left out on the way;
the profile knows the types, and rdflib would rewrite literals to suit the former.
"""

from __future__ import annotations

from typing import Any, NoReturn, cast

from lxml import etree
from rdflib.graph import Graph
from rdflib.plugins.parsers.rdfxml import RDFXMLHandler
from rdflib.term import BNode, Literal
from rdflib.term import Node as Term

from cim.rdf.names import ABOUT, RDF, RESOURCE, TYPE, iri
from cim.rdf.nodes import Node, Nodes, Statement, line_of
from cim.violation import Refusal

ELEMENTS = 200_000
"""How many elements a document may have that is not of the flat form."""

_XML = "http://www.w3.org/XML/1998/namespace"
_LEFT_OUT = {f"{{{RDF}}}datatype", f"{{{_XML}}}lang"}
_PARSE_TYPE = f"{{{RDF}}}parseType"
_IRIS = (ABOUT, RESOURCE, TYPE, f"{{{_XML}}}base", "about", "resource", "type")
_NO_IRI = frozenset('<>" {}|\\^`')
_TYPE = iri(TYPE)


def general(root: etree._Element) -> Nodes:
    """The subjects of `root`, in the order of the document."""
    if sum(1 for _ in root.iter()) > ELEMENTS:
        raise Refusal.of(
            "3.1", f"RDF/XML that is not flat may have {ELEMENTS:,} elements and no more."
        )
    subjects = _Subjects()
    walk = _Walk(subjects)
    try:
        walk.element(root)
    except ValueError as reason:
        if isinstance(reason, Refusal):
            raise
        line = subjects.line
        raise Refusal.of("1.8", f"This is no RDF/XML: {reason}.", line=line) from reason
    return subjects.nodes


class _Subjects:
    """The store that rdflib fills, in the order of the document, and the place it asks for."""

    def __init__(self) -> None:
        self.nodes: Nodes = {}
        self.line: int | None = None

    def add(self, triple: tuple[Term, Term, Term]) -> None:
        key, name, value = _key(triple[0]), str(triple[1]), triple[2]
        if (node := self.nodes.get(key)) is None:
            node = self.nodes[key] = Node(key, self.line)
        if name == _TYPE:
            node.types.append(_key(value))
        elif isinstance(value, Literal):
            node.statements.append(Statement(name, None, str(value), self.line))
        else:
            node.statements.append(Statement(name, _key(value), "", self.line))

    def getPublicId(self) -> str:  # noqa: N802  # the name SAX gives it
        """The base of relative IRIs: none, so that they stay as they are."""
        return ""

    getSystemId = getPublicId  # noqa: N815  # the name SAX gives it


def _key(term: Term) -> str:
    return f"_:{term}" if isinstance(term, BNode) else str(term)


class _Handler(RDFXMLHandler):
    def error(self, message: str) -> NoReturn:
        raise ValueError(message)


class _Walk:
    """Tells rdflib's handler what stands in a tree, in the words of SAX."""

    def __init__(self, subjects: _Subjects) -> None:
        self.subjects = subjects
        self.handler = cast(Any, _Handler(cast(Graph, subjects)))
        self.handler.locator = subjects

    def element(self, element: etree._Element) -> None:
        self.subjects.line = line_of(element)
        name = _name(str(element.tag))
        self.handler.startElementNS(name, None, self._attributes(element))
        self._text(element.text)
        for child in element:
            if isinstance(child.tag, str):
                self.element(child)
            self._text(child.tail)
        self.handler.endElementNS(name, None)

    def _text(self, text: str | None) -> None:
        if text:
            self.handler.characters(text)

    def _attributes(self, element: etree._Element) -> dict[tuple[str, str], str]:
        kind = element.get(_PARSE_TYPE, "Resource")
        if kind not in ("Resource", "Collection"):
            self._refuse(f"rdf:parseType {kind[:80]!r} is not for a message.")
        for name in _IRIS:
            if not _NO_IRI.isdisjoint(target := element.get(name, "")):
                self._refuse(f"{target[:80]!r} is no IRI.")
        return {_name(str(k)): str(v) for k, v in element.items() if k not in _LEFT_OUT}

    def _refuse(self, rule: str) -> None:
        raise Refusal.of("1.8", rule, line=self.subjects.line)


def _name(tag: str) -> tuple[str, str]:
    namespace, _, local = tag.rpartition("}")
    return namespace[1:], local
