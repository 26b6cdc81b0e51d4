"""The header of a CIM RDF/XML document (IEC 61970-552), read in one gated pass without a tree."""

from __future__ import annotations

from collections import defaultdict

from cim import parse
from cim.network.document import RDF, identity
from cim.violation import Refusal


class _Header:
    """Collects what md:FullModel says, and whether there is anything beside it."""

    def __init__(self) -> None:
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
            if self.inside:
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
    header = _Header()
    parse.scan(document, parse.MODEL, header)
    if not header.objects - bool(header.mrid):
        raise Refusal.of(parse.NOT_VALID, "The document describes nothing.", line=1)
    return header.mrid, dict(header.said)
