"""Read any shape of RDF/XML by the rules of rdflib (see `cim.rdfxml`).

Data types and languages are left out on the way: the profile knows the types.
"""

from __future__ import annotations

from lxml import etree

from cim.rdf.names import RDF, TYPE, iri
from cim.rdf.nodes import Node, Nodes, Statement
from cim.rdfxml import Attributes, Walk
from cim.rdfxml import Statement as Said
from cim.violation import Refusal

ELEMENTS = 200_000
"""How many elements a document may have that is not of the flat form."""

_BASE = ("http://www.w3.org/XML/1998/namespace", "base")
_DATATYPE, _PARSE_TYPE = (RDF, "datatype"), (RDF, "parseType")
_IRIS = (_BASE, *((RDF, name) for name in ("about", "resource", "type")))
_NO_IRI = frozenset('<>" {}|\\^`')
_TYPE = iri(TYPE)


def general(root: etree._Element) -> Nodes:
    """The subjects of `root`, in the order of the document."""
    if sum(1 for _ in root.iter()) > ELEMENTS:
        raise Refusal.of(
            "3.1", f"RDF/XML that is not flat may have {ELEMENTS:,} elements and no more."
        )
    nodes: Nodes = {}
    _Walk(root, lambda said: _add(nodes, said)).whole()
    return nodes


def _add(nodes: Nodes, said: Said) -> None:
    if (node := nodes.get(said.subject)) is None:
        node = nodes[said.subject] = Node(said.subject, said.line)
    if said.name == _TYPE:
        node.types.append(said.text if said.target is None else said.target)
    else:
        node.statements.append(Statement(said.name, said.target, said.text, said.line))


class _Walk(Walk):
    def attributes(self, element: etree._Element, is_property: bool) -> Attributes:
        found = super().attributes(element, is_property)
        found.pop(_DATATYPE, None)
        kind = found.get(_PARSE_TYPE, "Resource")
        if kind not in ("Resource", "Collection"):
            self._refuse(f"rdf:parseType {kind[:80]!r} is not for a message.")
        for name in _IRIS:
            if not _NO_IRI.isdisjoint(target := found.get(name, "")):
                self._refuse(f"{target[:80]!r} is no IRI.")
        return found

    def _refuse(self, rule: str) -> None:
        raise Refusal.of("1.8", rule, line=self.line)
