"""Any shape of RDF/XML by the rules of rdflib, statement by statement.

rdflib meets no bytes: its handler is walked over the tree that `cim.parse` made of gated bytes, so
that there is no second XML parser to harden.  Neither does it meet data types and languages, for it
would rewrite literals to suit the former; they are kept beside the literals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import count
from typing import Any, NamedTuple, NoReturn, cast

from lxml import etree
from rdflib.graph import Graph
from rdflib.plugins.parsers.rdfxml import RDFXMLHandler
from rdflib.term import BNode, Literal
from rdflib.term import Node as Term

from cim.parse import NOT_VALID, line_of
from cim.violation import Refusal

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XML = "http://www.w3.org/XML/1998/namespace"
_LANGUAGE = (_XML, "lang")
_ID, _DATATYPE, _PARSE_TYPE = (RDF, "ID"), (RDF, "datatype"), (RDF, "parseType")
_LANG = f"{{{_XML}}}lang"
_UNQUALIFIED = ("about", "ID", "type", "resource", "parseType")  # as in the RDF of 1999
_NODE_ID = f"{{{RDF}}}nodeID"
_STRUCTURES = ("Resource", "Collection")

_Name = tuple[str, str]
Attributes = dict[_Name, str]
"""Values by namespace and local name."""


class Statement(NamedTuple):
    """One statement, with the line of the element that makes it.

    subject, target: IRIs, as written unless an xml:base is in force; "_:" and a label for a blank
                     node.
    name:            IRI of the property.
    target:          None when the object is a literal.
    text:            the literal.
    suffix:          behind "\\0" its data type, "^^" and IRI, or its language, "@" and tag.
    """

    subject: str
    name: str
    target: str | None
    text: str
    suffix: str
    line: int | None


class Walk:
    """Tells rdflib's handler what stands in a tree, in the words of SAX.

    take: gets the statements, in the order in which elements end.
    line: of the element at hand.
    numbers: of blank nodes without label; walks whose statements come together share them.
    """

    def __init__(
        self,
        root: etree._Element,
        take: Callable[[Statement], None],
        numbers: Iterator[int] | None = None,
    ) -> None:
        self.take = take
        self.line: int | None = None
        self.suffix = ""
        self.labels = {each.get(_NODE_ID) for each in root.iter()}
        self.blanks: dict[str, str] = {}
        self.numbers = numbers or count(1)
        self.handler = cast(Any, _Handler(cast(Graph, self)))
        self.handler.locator = self
        self.handler.preserve_bnode_ids = True
        self.root = root

    def whole(self) -> None:
        """All that stands in the root.  Raises: Refusal, with the line."""
        self._guarded(lambda: self._element(self.root, ""))

    def part(self, nodes: Iterable[etree._Element]) -> None:
        """These elements, as though they stood in the root and nothing else did."""
        self._guarded(lambda: self._root(nodes))

    def _guarded(self, walk: Callable[[], None]) -> None:
        try:
            walk()
        except Refusal:
            raise
        except ValueError as reason:
            rule = f"This is no RDF/XML: {reason}."
            raise Refusal.of(NOT_VALID, rule, line=self.line) from reason

    # -- what rdflib sees of it: a store, and a place in the document

    def add(self, triple: tuple[Term, Term, Term]) -> None:
        subject, name, value = triple
        is_text = isinstance(value, Literal)
        target = None if is_text else self._label(value)
        text, suffix = (str(value), self.suffix) if is_text else ("", "")
        self.take(Statement(self._label(subject), str(name), target, text, suffix, self.line))

    def getPublicId(self) -> str:  # noqa: N802  # the name SAX gives it
        """The base of relative IRIs: none, so that they stay as they are."""
        return ""

    getSystemId = getPublicId  # noqa: N815  # the name SAX gives it

    def _label(self, term: Term) -> str:
        """A name for a term; blank nodes without one are numbered."""
        if not isinstance(term, BNode):
            return self.label(str(term))
        if (own := str(term)) in self.labels:
            return f"_:{own}"
        if own not in self.blanks:
            free = (f"b{n}" for n in self.numbers)
            self.blanks[own] = f"_:{next(label for label in free if label not in self.labels)}"
        return self.blanks[own]

    # -- the walk

    def _root(self, nodes: Iterable[etree._Element]) -> None:
        root, language = self.root, self.root.get(_LANG, "")
        name = _name(str(root.tag))
        self.handler.startElementNS(name, None, self.attributes(root, False))
        for node in nodes:
            self._element(node, language)
        self.handler.endElementNS(name, None)

    def _element(self, element: etree._Element, language: str) -> None:
        self.line = line_of(element)
        handler, name = self.handler, _name(str(element.tag))
        is_property = handler.next.start == handler.property_element_start
        attributes = self.attributes(element, is_property)
        language = element.get(_LANG, language)
        self.suffix = f"\0@{language}" if language else ""
        if is_property and attributes.get(_PARSE_TYPE, "Resource") not in _STRUCTURES:
            self._markup(name, element, attributes)
            return
        datatype = attributes.pop(_DATATYPE, None) if is_property else None
        if datatype is not None:
            self._alone(element, attributes, "datatype")
        handler.startElementNS(name, None, attributes)
        if not is_property:
            self.began(element)
        self._content(element, language)
        self.line = line_of(element)
        self.suffix = f"\0@{language}" if language else ""
        if datatype is not None:
            self.suffix = f"\0^^{handler.absolutize(datatype)}"
            if len(element):
                raise ValueError(f"{_local(element)} has a data type and holds elements")
        handler.endElementNS(name, None)

    def attributes(self, element: etree._Element, is_property: bool) -> Attributes:  # noqa: ARG002
        """What rdflib gets to see of the attributes, and rdf:datatype; languages it does not."""
        found: Attributes = {}
        for name, value in element.items():
            namespace, local = _name(str(name))
            if not namespace and local not in _UNQUALIFIED:
                raise ValueError(f"{local} of {_local(element)} has no namespace")
            found[namespace or RDF, local] = str(value)
        found.pop(_LANGUAGE, None)
        return found

    def began(self, element: etree._Element) -> None:
        """Called when the subject of a node is known: it is that of `handler.current`."""

    def label(self, iri: str) -> str:
        """An IRI in the spelling that is wanted."""
        return iri

    def _content(self, element: etree._Element, language: str) -> None:
        children = [child for child in element if isinstance(child.tag, str)]
        text = "".join((element.text or "", *(child.tail or "" for child in element)))
        if text.strip() and (children or self.handler.current.data is None):
            raise ValueError(f"text stands in {_local(element)}, where none is allowed")
        for child in children:
            self._element(child, language)
        if text and not children:
            self.handler.characters(text)

    def _markup(self, name: _Name, element: etree._Element, attributes: Attributes) -> None:
        """A literal of exclusive canonical XML; rdflib meets it as a plain one."""
        del attributes[_PARSE_TYPE]
        self._alone(element, attributes, "parseType")
        self.suffix = f"\0^^{RDF}XMLLiteral"
        self.handler.startElementNS(name, None, attributes)
        self.handler.characters(_canonical(element))
        self.handler.endElementNS(name, None)

    def _alone(self, element: etree._Element, attributes: Attributes, what: str) -> None:
        """Refuse attributes that rdflib would pass over."""
        for namespace, local in attributes:
            if namespace != _XML and (namespace, local) != _ID:
                raise ValueError(f"{_local(element)} has {local} beside rdf:{what}")


class _Handler(RDFXMLHandler):
    def error(self, message: str) -> NoReturn:
        raise ValueError(message)


def _canonical(element: etree._Element) -> str:
    """The content of an element as exclusive canonical XML."""
    pieces = [_escaped(element.text)]
    for child in element:
        text = etree.tostring(child, method="c14n", exclusive=True, with_tail=False)
        pieces += [text.decode(), _escaped(child.tail)]
    return "".join(pieces)


def _escaped(text: str | None) -> str:
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#xD;")):
        text = (text or "").replace(character, entity)
    return text or ""


def _name(tag: str) -> _Name:
    namespace, _, local = tag.rpartition("}")
    return namespace[1:], local


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname
