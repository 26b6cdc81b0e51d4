"""The general path: RDF/XML in any shape that the W3C allows, by the rules of rdflib.

Nested objects, property attributes, xml:base, xml:lang, collections, containers, reification.  It
takes a document as a tree and so is for what is not flat; of what is flat it makes the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from urllib.parse import urldefrag

from lxml import etree

from cim.model.building import Builder
from cim.model.header import DIFFERENCE, FULL, Header, Said
from cim.model.model import RDF, RDF_TYPE
from cim.model.strict import PARTS, Content
from cim.parse import MODEL, NOT_VALID, TOO_MUCH, line_of, parse
from cim.rdfxml import Attributes, Statement, Walk
from cim.violation import Refusal

ELEMENTS = 1_000_000
"""How many elements a document may have that is not flat; each costs about a kilobyte."""

_ID, _ABOUT, _NODE_ID = (RDF, "ID"), (RDF, "about"), (RDF, "nodeID")
_XML = "{http://www.w3.org/XML/1998/namespace}"
_TOP = 3  # handlers on rdflib's stack when an element below the root begins


def read(document: bytes) -> Content:
    """The content of a document of any shape.  Raises: Refusal, with line and rule."""
    root = parse(document, MODEL)
    if sum(1 for _ in root.iter()) > ELEMENTS:
        raise Refusal.of(
            TOO_MUCH, f"RDF/XML that is not flat may have {ELEMENTS:,} elements and no more."
        )
    _check(root)
    content, numbers = Content(), count(1)
    header = next((child for child in root if _local(child) in (FULL, DIFFERENCE)), None)
    if header is not None:
        content.header = _header(root, header, content, numbers)
    _Walk(root, content.builder, numbers).part(child for child in root if child is not header)
    return content


def _check(root: etree._Element) -> None:
    """That it is rdf:RDF, and says nothing itself."""
    rule = ""
    if root.tag != f"{{{RDF}}}RDF":
        rule = f"The root is {_local(root)}, not rdf:RDF."
    for name in map(str, root.keys()):
        if not name.startswith(_XML):
            rule = f"The root has an attribute {name.rpartition('}')[2]}."
    if rule or (root.text or "").strip():
        raise Refusal.of(NOT_VALID, rule or "Text stands between objects.", line=line_of(root))


def _header(
    root: etree._Element, element: etree._Element, content: Content, numbers: Iterator[int]
) -> Header:
    """What the header says; its parts, and objects nested in it, go where they belong."""
    for part in [child for child in element if _local(child) in PARTS]:
        builder = content.parts.setdefault(_local(part), Builder())
        _Walk(root, builder, numbers).part(part)
        element.remove(part)
    walk = _HeaderWalk(root, content.builder, numbers)
    walk.part([element])
    return Header(walk.identity, walk.kind or "", tuple(walk.said))


class _Walk(Walk):
    """Enters statements into a builder.

    base: xml:base of the root; what it makes of "#_x" is written "#_x" again, for an object is
          the same in whatever file it stands (IEC 61970-552).
    """

    def __init__(self, root: etree._Element, builder: Builder, numbers: Iterator[int]) -> None:
        super().__init__(root, self.enter, numbers)
        self.builder = builder
        self.base = urldefrag(root.get(f"{_XML}base", ""))[0]

    def enter(self, said: Statement) -> None:
        builder, subject = self.builder, self.builder.identity(said.subject)
        if said.target is None:
            builder.text(subject, said.name, said.text + said.suffix)
        elif said.name == RDF_TYPE and not said.target.startswith("_:"):
            builder.type(subject, said.target)
        else:
            builder.link(subject, said.name, said.target)

    def attributes(self, element: etree._Element, is_property: bool) -> Attributes:
        """As rdflib wants them, but that an rdf:ID may begin with a digit, and may come twice."""
        found = super().attributes(element, is_property)
        if is_property:
            return found
        if len(self.handler.stack) == _TOP and not {_ID, _ABOUT, _NODE_ID} & found.keys():
            raise ValueError(f"a {_local(element)} has neither rdf:ID nor rdf:about")
        if _ID in found and not {_ABOUT, _NODE_ID} & found.keys():
            found[_ABOUT] = f"#{found.pop(_ID)}"
        return found

    def began(self, element: etree._Element) -> None:
        if element.get(f"{{{RDF}}}ID", element.get("ID")) is not None:
            self.builder.identity(self.label(str(self.handler.current.subject)), born=True)

    def label(self, iri: str) -> str:
        if self.base and iri.startswith(f"{self.base}#_"):
            return iri[len(self.base) :]
        return iri


class _HeaderWalk(_Walk):
    """Sets apart what is said of the header; the first statement is its class."""

    def __init__(self, root: etree._Element, builder: Builder, numbers: Iterator[int]) -> None:
        super().__init__(root, builder, numbers)
        self.identity = ""
        self.kind: str | None = None
        self.said: list[Said] = []

    def enter(self, said: Statement) -> None:
        if self.kind is None:
            self.identity, self.kind = said.subject, said.target
        elif said.subject != self.identity:
            super().enter(said)
        elif said.target is None:
            self.said.append(Said(said.name, said.text + said.suffix, is_link=False))
        else:
            self.said.append(Said(said.name, said.target, is_link=True))

    def began(self, element: etree._Element) -> None:
        if self.handler.current.subject != self.identity:
            super().began(element)


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname
