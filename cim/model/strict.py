"""The strict path: flat CIM RDF/XML by way of expat, with line and rule for whatever is wrong.

Flat (IEC 61970-552): rdf:RDF, below it objects named by rdf:about, rdf:ID or rdf:nodeID, below
them properties that hold text or one reference.  The parts of a difference model hold objects in
the same form, two steps further in.
"""

from __future__ import annotations

from cim import parse
from cim.model.building import Builder
from cim.model.header import DIFFERENCE, FULL, Header, Said
from cim.model.model import RDF, RDF_TYPE, Model

PARTS = ("preconditions", "reverseDifferences", "forwardDifferences")
_XML = "http://www.w3.org/XML/1998/namespace"
_DESCRIPTION = f"{RDF}Description"
_SYNTAX = ("RDF", "ID", "about", "parseType", "resource", "nodeID", "datatype", "li")
_OLD = ("aboutEach", "aboutEachPrefix", "bagID")
_NOT_OBJECTS = frozenset(RDF + name for name in (*_SYNTAX, *_OLD))
_NOT_PROPERTIES = _NOT_OBJECTS | {_DESCRIPTION}


class NotFlat(Exception):
    """The document is of another form than IEC 61970-552 prescribes; it may be RDF/XML yet."""


class Content:
    """What a document holds: the model, and the parts of a difference model by name."""

    def __init__(self) -> None:
        self.builder = Builder()
        self.header: Header | None = None
        self.parts: dict[str, Builder] = {}

    def model(self) -> Model:
        return self.builder.model(self.header)


def read(document: bytes) -> Content:
    """The content of a flat document.

    Raises: Refusal, with line and rule; NotFlat, when only the general path can tell.
    """
    reader = _Reader()
    parse.scan(document, parse.MODEL, reader)
    return reader.finished()


def iri(name: str) -> str:
    """The IRI of an expanded name, "namespace\\nlocal"."""
    return name.replace("\n", "", 1)


class _Reader:
    """Takes elements as `parse.scan` comes by them.

    base: how many elements stand around the objects; 1, or 3 inside a part of a difference.
    """

    def __init__(self) -> None:
        self.content = Content()
        self.depth = 0
        self.base = 1
        self.builder = self.content.builder
        self.subject = -1
        self.in_header = False
        self.property = ""
        self.target: str | None = None
        self.suffix = ""
        self.said: list[Said] = []
        self.head: tuple[str, str] = ("", "")

    def start(self, name: str, attributes: list[str]) -> None:
        self.depth += 1
        level = self.depth - self.base
        if level == 2:
            self.property_starts(name, attributes)
        elif level == 1:
            self.object_starts(name, attributes)
        elif self.depth == 1:
            self.root_starts(name, attributes)
        else:
            raise NotFlat

    def root_starts(self, name: str, attributes: list[str]) -> None:
        if iri(name) != f"{RDF}RDF":
            raise ValueError(f"The root is {name.rpartition(chr(10))[2]}, not rdf:RDF.")
        if attributes:
            raise NotFlat

    def object_starts(self, name: str, attributes: list[str]) -> None:
        kind = iri(name)
        if len(attributes) != 2:
            raise self.unnamed(kind, attributes)
        how, spelled = iri(attributes[0]), attributes[1]
        if how not in (f"{RDF}about", f"{RDF}ID", f"{RDF}nodeID"):
            raise self.unnamed(kind, attributes)
        if how != f"{RDF}about":
            spelled = f"{'#' if how == f'{RDF}ID' else '_:'}{spelled}"
        if kind in _NOT_OBJECTS:
            raise NotFlat
        local = kind.rpartition("#")[2]
        if self.base == 1 and local in (FULL, DIFFERENCE) and self.content.header is None:
            self.in_header, self.head = True, (spelled, kind)
            return
        self.subject = self.builder.identity(spelled, born=how == f"{RDF}ID")
        if kind != _DESCRIPTION:
            self.builder.type(self.subject, kind)

    @staticmethod
    def unnamed(kind: str, attributes: list[str]) -> Exception:
        if attributes:
            return NotFlat()
        local = kind.rpartition("#")[2]
        return ValueError(f"A {local} has neither rdf:ID nor rdf:about.")

    def property_starts(self, name: str, attributes: list[str]) -> None:
        self.property = iri(name)
        self.target, self.suffix = None, ""
        if self.property in _NOT_PROPERTIES:
            raise NotFlat
        if self.in_header and self.property.rpartition("#")[2] in PARTS:
            self.part_starts(self.property.rpartition("#")[2])
        elif attributes:
            self.property_attributes(attributes)

    def part_starts(self, part: str) -> None:
        self.base = 3
        self.builder = self.content.parts.setdefault(part, Builder())

    def property_attributes(self, attributes: list[str]) -> None:
        if len(attributes) != 2:
            raise NotFlat
        how, value = iri(attributes[0]), attributes[1]
        if how == f"{RDF}resource":
            self.target = value
        elif how == f"{RDF}nodeID":
            self.target = f"_:{value}"
        elif how == f"{RDF}datatype":
            self.suffix = f"\0^^{value}"
        elif how == f"{_XML}lang":
            self.suffix = f"\0@{value}" if value else ""
        else:
            raise NotFlat

    def end(self, text: str) -> None:
        level = self.depth - self.base
        if level == 2:
            self.property_ends(text)
        elif self.depth == 3 and self.base == 3:
            self.base, self.builder = 1, self.content.builder
            self.blank(text)
        else:
            if level == 1 and self.in_header and self.depth == 2:
                self.header_ends()
            self.blank(text)
        self.depth -= 1

    def blank(self, text: str) -> None:
        if text and not text.isspace():
            raise ValueError(f"Text stands between objects or properties: {text.strip()[:40]!r}.")

    def header_ends(self) -> None:
        self.content.header = Header(*self.head, tuple(self.said))
        self.in_header = False

    def property_ends(self, text: str) -> None:
        if self.target is not None:
            self.blank(text)
        name = self.property
        if self.in_header and self.base == 1:
            self.said.append(
                Said(name, text + self.suffix, is_link=False)
                if self.target is None
                else Said(name, self.target, is_link=True)
            )
        elif name == RDF_TYPE:
            self.builder.type(self.subject, text if self.target is None else self.target)
        elif self.target is not None:
            self.builder.link(self.subject, name, self.target)
        else:
            self.builder.text(self.subject, name, text + self.suffix)

    def finished(self) -> Content:
        return self.content
