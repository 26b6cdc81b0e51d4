"""The header of a CIM RDF/XML document (IEC 61970-552), read in one gated pass without a tree."""

from __future__ import annotations

from collections import defaultdict

from cim import parse
from cim.network.document import RDF, identity
from cim.violation import Refusal

_HEADERS = (b"FullModel", b"DifferenceModel")


class _Header:
    """Collects what md:FullModel says, and whether there is anything beside it.

    mentions: how often the document may yet speak of a header; then objects are all alike.
    """

    def __init__(self, mentions: int) -> None:
        self.mentions = mentions
        self.depth = 0
        self.inside = False
        self.name, self.resource = "", ""
        self.mrid = ""
        self.objects = 0
        self.said: dict[str, list[str]] = defaultdict(list)

    def start(self, name: str, attributes: list[str]) -> None:
        self.depth += 1
        if self.depth == 1 and name != f"{RDF}\nRDF":
            raise ValueError(f"The root is {name.rpartition(chr(10))[2]}, not rdf:RDF.")
        given = dict(zip(attributes[::2], attributes[1::2], strict=True))
        if self.depth == 2:
            self.objects += 1
            if name.endswith("\nDifferenceModel"):
                raise ValueError("The document is a difference model; send the full model.")
            self.inside = name.endswith("\nFullModel")
            if not self.inside and self.mentions <= 0:
                raise parse.Enough
            if self.inside:
                self.mentions -= 2  # its start tag and its end tag
                self.mrid = identity(given.get(f"{RDF}\nabout", given.get(f"{RDF}\nID", "")))
        elif self.depth == 3 and self.inside:
            self.name = name.rpartition("\n")[2]
            self.resource = identity(given.get(f"{RDF}\nresource", ""))

    def end(self, text: str) -> None:
        if self.depth == 3 and self.inside:
            self.said[self.name].append(self.resource or text.strip())
        self.depth -= 1


def read(document: bytes) -> tuple[str, dict[str, list[str]]]:
    """mRID of the model ("" without a header) and the values of each attribute in it.

    Raises: Refusal, when the document is no full model or describes nothing.
    """
    header = _Header(_mentions(document))
    parse.scan(document, parse.MODEL, header)
    if not header.objects - bool(header.mrid):
        raise Refusal.of(parse.NOT_VALID, "The document describes nothing.", line=1)
    return header.mrid, dict(header.said)


def _mentions(document: bytes) -> int:
    """How often a header is spoken of, at most."""
    if document.startswith((b"\xfe\xff", b"\xff\xfe")) or 0 in document[:2]:
        return len(document)  # UTF-16; in all other encodings a name is plain ASCII
    return sum(document.count(kind) for kind in _HEADERS)
