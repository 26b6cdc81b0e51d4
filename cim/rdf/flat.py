"""Read the flat RDF/XML that IEC 61970-552 prescribes, without an RDF library."""

from __future__ import annotations

from lxml import etree

from cim.rdf.names import ABOUT, DESCRIPTION, ID, NODE_ID, RDF, RESOURCE, ROOT, TYPE, VALUE, iri
from cim.rdf.nodes import Node, Nodes, Statement, line_of

_TYPE = iri(TYPE)
_SYNTAX = f"{{{RDF}}}"


def flat(root: etree._Element) -> Nodes | None:
    """The subjects of `root` in the order of the document; None when it is not of the flat form.

    Flat: rdf:RDF, below it nodes named by rdf:about, rdf:ID or rdf:nodeID, below them properties
    that hold either text or one rdf:resource or rdf:nodeID.
    """
    if root.tag != ROOT or root.attrib:
        return None
    nodes: Nodes = {}
    for element in root:
        if not _add(nodes, element):
            return None
    return nodes


def _add(nodes: Nodes, element: etree._Element) -> bool:
    key = _subject(element, nodes)
    if key is None:
        return False
    if (node := nodes.get(key)) is None:
        node = nodes[key] = Node(key, line_of(element))
    if element.tag != DESCRIPTION:
        node.types.append(iri(element.tag))
    for child in element:
        statement = _statement(child)
        if statement is None:
            return False
        if statement.name == _TYPE:
            node.types.append(statement.target or statement.text)
        else:
            node.statements.append(statement)
    return True


def _subject(element: etree._Element, nodes: Nodes) -> str | None:
    tag, names = element.tag, element.attrib
    if not isinstance(tag, str) or (tag.startswith(_SYNTAX) and tag != DESCRIPTION):
        return None
    if len(names) != 1:
        return None
    if (about := names.get(ABOUT)) is not None:
        return about
    if (identifier := names.get(ID)) is not None:
        return None if f"#{identifier}" in nodes else f"#{identifier}"
    local = names.get(NODE_ID)
    return None if local is None else f"_:{local}"


def _statement(element: etree._Element) -> Statement | None:
    tag, links = element.tag, element.attrib
    if not isinstance(tag, str) or len(element):
        return None
    if tag.startswith(_SYNTAX) and tag not in (TYPE, VALUE):
        return None
    if not links:
        return Statement(iri(tag), None, element.text or "", line_of(element))
    if len(links) != 1:
        return None
    target = links.get(RESOURCE)
    if target is None:
        local = links.get(NODE_ID)
        if local is None:
            return None
        target = f"_:{local}"
    return Statement(iri(tag), target, "", line_of(element))
