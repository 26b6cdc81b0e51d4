"""Only the header of a document, in one gated pass that keeps nothing else."""

from __future__ import annotations

from cim import parse
from cim.model.header import DIFFERENCE, DM, FULL, MD, Header, Said
from cim.model.model import RDF
from cim.violation import Refusal

_ABOUT, _ID, _RESOURCE = (f"{RDF}\n{name}" for name in ("about", "ID", "resource"))
_KINDS = (f"\n{FULL}", f"\n{DIFFERENCE}")


class _Heading:
    """Collects what the header says, and whether there is anything beside it.

    mentions: how often the document may yet speak of a header; then objects are all alike.
    """

    def __init__(self, mentions: int) -> None:
        self.mentions = mentions
        self.depth = 0
        self.objects = 0
        self.inside = False
        self.name, self.resource = "", ""
        self.header: Header | None = None
        self.said: list[Said] = []

    @property
    def is_difference(self) -> bool:
        return self.header is not None and self.header.is_difference

    def start(self, name: str, attributes: list[str]) -> None:
        self.depth += 1
        if self.depth == 1 and name != f"{RDF}\nRDF":
            raise ValueError(f"The root is {name.rpartition(chr(10))[2]}, not rdf:RDF.")
        if self.depth == 2:
            self.inside = name.endswith(_KINDS)
            if self.inside:
                self.header_starts(name, dict(_pairs(attributes)))
            else:
                self.object_starts()
        elif self.depth == 3 and self.inside:
            self.name = name.rpartition("\n")[2]
            self.resource = dict(_pairs(attributes)).get(_RESOURCE, "")

    def header_starts(self, name: str, given: dict[str, str]) -> None:
        self.mentions -= 2  # its start tag and its end tag
        identity = given.get(_ABOUT, f"#{given[_ID]}" if _ID in given else "")
        self.header = Header(identity, DM + DIFFERENCE if name.endswith(DIFFERENCE) else MD + FULL)
        self.check()

    def object_starts(self) -> None:
        self.objects += 1
        self.check()
        if self.mentions <= 0:
            raise parse.Enough

    def check(self) -> None:
        if self.is_difference and self.objects:
            raise ValueError("Objects stand beside the difference model; it has to be alone.")
        if self.is_difference and self.header and not self.header.identity:
            raise ValueError("The difference model has no identity: it needs an rdf:about.")

    def end(self, text: str) -> None:
        if self.depth == 3 and self.inside and self.name.startswith("Model."):
            value = self.resource or text.strip()
            self.said.append(Said(MD + self.name, value, is_link=bool(self.resource)))
        self.depth -= 1


def heading(document: bytes) -> Header | None:
    """The header of a full model or of a difference model, of its attributes those of md:Model,
    whatever namespace they stand in; None where there is none.

    Raises: Refusal, when the document is neither, or describes nothing.
    """
    found = _Heading(_mentions(document))
    parse.scan(document, parse.MODEL, found)
    if not found.objects and not found.is_difference:
        raise Refusal.of(parse.NOT_VALID, "The document describes nothing.", line=1)
    header = found.header
    if header is None or not header.identity:
        return None
    return Header(header.identity, header.kind, tuple(found.said))


def _pairs(attributes: list[str]) -> zip[tuple[str, str]]:
    return zip(attributes[::2], attributes[1::2], strict=True)


def _mentions(document: bytes) -> int:
    """How often a header is spoken of, at most."""
    if document.startswith((b"\xfe\xff", b"\xff\xfe")) or 0 in document[:2]:
        return len(document)  # UTF-16; in all other encodings a name is plain ASCII
    return sum(document.count(kind.encode()) for kind in (FULL, DIFFERENCE))
