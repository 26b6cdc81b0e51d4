"""CIM RDF/XML documents (IEC 61970-552): out of their packing, and into columns."""

from __future__ import annotations

import io
import zipfile
import zlib

from cim import parse
from cim.network.statements import LINKS, PASSED_OVER, UNNAMED, VALUES, Collector, Statements
from cim.violation import Refusal

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_IDENTITY = frozenset({f"{RDF}\nID", f"{RDF}\nabout"})
_RESOURCE = f"{RDF}\nresource"
_NAME = "IdentifiedObject.name"
_MRID = "IdentifiedObject.mRID"
_HEADER = "FullModel"
_DIFFERENCE = "DifferenceModel"


def read_model(data: bytes, filename: str) -> bytes:
    """The RDF/XML document in a file, which may be packed with gzip or alone in a zip.

    Raises: Refusal; the sentence names the file.
    """
    try:
        document = _unpacked(data)
        parse.gate(document, parse.MODEL)
    except Refusal as refusal:
        raise Refusal.of(
            refusal.violations[0].code,
            f"{filename}: {refusal.violations[0].rule}",
            line=refusal.violations[0].line,
        ) from None
    return document


def _unpacked(data: bytes) -> bytes:
    if data.startswith(b"\x1f\x8b"):
        return parse.inflate(data, parse.MODEL.bytes)
    if data.startswith(b"PK"):
        return _unzipped(data)
    return data


def _unzipped(data: bytes) -> bytes:
    """The one file of a zip, read no further than the limit whatever the directory claims."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if len(members) != 1:
                raise Refusal.of(
                    parse.NOT_VALID, f"The zip holds {len(members)} files; one is wanted."
                )
            with archive.open(members[0]) as member:
                document = member.read(parse.MODEL.bytes + 1)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise Refusal.of(parse.NOT_VALID, f"The zip cannot be read: {error}.") from None
    if len(document) > parse.MODEL.bytes:
        raise Refusal.of(
            parse.TOO_MUCH, f"The zip holds more than {parse.MODEL.bytes} bytes in one file."
        )
    return document


def statements(document: bytes) -> Statements:
    """What a document says about connectivity.  Raises: Refusal."""
    reader = _Reader()
    parse.scan(document, parse.MODEL, reader)
    return reader.collector.statements()


def identity(value: str) -> str:
    """The mRID in an rdf:ID, rdf:about or rdf:resource: "#_x", "_x" and "urn:uuid:x" are x."""
    if value.startswith("urn:uuid:"):
        return value[9:]
    return value.rpartition("#")[2].removeprefix("_")


class _Reader:
    """Takes the flat form of RDF/XML: objects below the root, properties below the objects."""

    def __init__(self) -> None:
        self.collector = Collector()
        self.depth = 0
        self.subject: int | None = None
        self.named = True
        self.property = ""
        self.resource: str | None = None
        self.local: dict[str, str] = {}

    def start(self, name: str, attributes: list[str]) -> None:
        self.depth += 1
        if self.depth == 3:
            self.property_starts(name, attributes)
        elif self.depth == 2:
            self.object_starts(name, attributes)
        elif self.depth == 1:
            if name != f"{RDF}\nRDF":
                raise ValueError(f"The root is {name.rpartition(chr(10))[2]}, not rdf:RDF.")
        elif self.subject is not None:
            raise ValueError(
                f"An object stands inside {self.property}; CIM RDF/XML is flat (IEC 61970-552)."
            )

    def object_starts(self, name: str, attributes: list[str]) -> None:
        self.subject = None
        kind = name.rpartition("\n")[2]
        if kind == _DIFFERENCE:
            raise ValueError("The document is a difference model; send the full model.")
        if kind in PASSED_OVER or kind == _HEADER:
            return
        identities = [
            v for n, v in zip(attributes[::2], attributes[1::2], strict=True) if n in _IDENTITY
        ]
        if not identities:
            raise ValueError(f"A {kind} has neither rdf:ID nor rdf:about.")
        self.subject = self.collector.row(identity(identities[0]))
        self.named = kind not in UNNAMED
        if name != f"{RDF}\nDescription":
            self.collector.classify(self.subject, kind)

    def property_starts(self, name: str, attributes: list[str]) -> None:
        local = self.local.get(name)
        if local is None:
            local = self.local[name] = name.rpartition("\n")[2]
        self.property = local
        self.resource = None
        if attributes and attributes[0] == _RESOURCE:
            self.resource = attributes[1]

    def end(self, text: str) -> None:
        if self.depth == 3 and self.subject is not None:
            self.statement(self.subject, self.property, text)
        self.depth -= 1

    def statement(self, subject: int, name: str, text: str) -> None:
        if name in LINKS:
            if self.resource is not None:
                self.collector.link(name, subject, self.collector.row(identity(self.resource)))
        elif name in VALUES:
            self.collector.value(name, subject, self.resource or text.strip())
        elif name == _NAME:
            if self.named:
                self.collector.names[0].append(subject)
                self.collector.names[1].append(text.strip())
        elif name == _MRID:
            self.collector.mrid(subject, text.strip())
