"""The pieces of CIM RDF/XML text: names with their prefixes, and what must be escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import count

from cim.model.header import DM, MD
from cim.model.model import RDF
from cim.violation import Refusal

NOT_SAYABLE = "1.8"
_XML = "http://www.w3.org/XML/1998/namespace"

PREFIXES = {
    RDF: "rdf",
    MD: "md",
    DM: "dm",
    "http://entsoe.eu/CIM/SchemaExtension/3/1#": "entsoe",
    "http://iec.ch/TC57/CIM100-European#": "eu",
    "http://entsoe.eu/ns/nc#": "nc",
    "http://www.w3.org/2000/01/rdf-schema#": "rdfs",
    "http://www.w3.org/2001/XMLSchema#": "xsd",
    "http://www.w3.org/2002/07/owl#": "owl",
    "http://www.w3.org/ns/dcat#": "dcat",
    "http://www.w3.org/ns/prov#": "prov",
    "http://www.w3.org/2004/02/skos/core#": "skos",
    "http://purl.org/dc/terms/": "dcterms",
    "http://iec.ch/TC57/1999/rdf-schema-extensions-19990926#": "cims",
    "http://iec.ch/TC57/NonStandard/UML#": "uml",
}
"""Namespaces that have a prefix of their own wherever they are used."""

_CIM = re.compile(
    r"http://iec\.ch/TC57/(\d{4}/CIM-schema-cim\d+|CIM\d+)#"
    r"|https?://cim\.ucaiug\.io/(ns|CIM\d+/\w+)#"
    r"|http://ucaiug\.org/61970cim\w+#"
)
_START = (
    r"A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C\u200D"
    r"\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD"
)
_NCNAME = re.compile(rf"[{_START}][{_START}\u0300-\u036F\u203F\u20400-9.\u00B7-]*")
_LOCAL = re.compile(rf"{_NCNAME.pattern}\Z")

_FORBIDDEN = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]|\xed[\xa0-\xbf]")
_IN_TEXT = re.compile(rb"[\r&<>]|" + _FORBIDDEN.pattern)
_IN_ATTRIBUTE = re.compile(rb'[\t\n\r&<>"]|' + _FORBIDDEN.pattern)

_REFERENCES = {
    b"&": b"&amp;",
    b"<": b"&lt;",
    b">": b"&gt;",
    b'"': b"&quot;",
    b"\t": b"&#9;",
    b"\n": b"&#10;",
    b"\r": b"&#13;",
}


def is_ncname(text: str) -> bool:
    """Whether it can be an rdf:ID, an rdf:nodeID or a local name."""
    return _NCNAME.fullmatch(text) is not None


def split(iri: str) -> tuple[str, str]:
    """Namespace and local name: the longest end that can be one; it is empty where none can."""
    found = _LOCAL.search(iri)
    return (iri[: found.start()], found.group()) if found else (iri, "")


class Names:
    """Which prefix each namespace has in one document.

    Those of PREFIXES have theirs, the first CIM namespace is "cim", all others are "ns1", "ns2" and
    so on; "first" is in the order of the IRIs, so that nothing depends on the order of the input.
    """

    def __init__(self, iris: Iterable[str]) -> None:
        spaces = sorted({split(iri)[0] for iri in iris} - {"", _XML})
        numbers = count(1)
        self._prefixes = {"": "", _XML: "xml:"}
        self.declared: dict[str, str] = {}
        for space in spaces:
            prefix = PREFIXES.get(space) or self._free(space) or f"ns{next(numbers)}"
            self.declared[prefix] = space
            self._prefixes[space] = f"{prefix}:"

    def _free(self, space: str) -> str | None:
        return "cim" if _CIM.fullmatch(space) and "cim" not in self.declared else None

    def declarations(self) -> bytes:
        """The namespace attributes of the root."""
        sorted_ = sorted(self.declared.items())
        return b"".join(
            b' xmlns:%b="%b"' % (prefix.encode(), in_attribute(space.encode()))
            for prefix, space in sorted_
        )

    def tag(self, iri: str) -> bytes:
        """The name of an element.  Raises: Refusal, when XML has no name for this IRI."""
        space, local = split(iri)
        if not local:
            raise Refusal.of(
                NOT_SAYABLE, f"The property <{iri}> cannot be written: it ends in no XML name."
            )
        return (self._prefixes[space] + local).encode()


def needs_escape(blob: bytes) -> bool:
    """Whether anything in it has to be written otherwise than it is."""
    return _IN_ATTRIBUTE.search(blob) is not None


def in_text(piece: bytes) -> bytes:
    """`piece` as it stands between tags.  Raises: Refusal, when no XML document can hold it."""
    return _IN_TEXT.sub(_reference, piece)


def in_attribute(piece: bytes) -> bytes:
    """`piece` as it stands between quotation marks.  Raises: Refusal, as `in_text`."""
    return _IN_ATTRIBUTE.sub(_reference, piece)


def _reference(found: re.Match[bytes]) -> bytes:
    character = found.group()
    if character in _REFERENCES:
        return _REFERENCES[character]
    shown = found.string.decode(errors="backslashreplace")
    raise Refusal.of(NOT_SAYABLE, f"XML cannot hold the character {character!r} in {shown!r}.")


def literal(piece: bytes) -> bytes:
    """The rest of a property element from behind its name up to its end tag, for one of `texts`."""
    text, _, suffix = piece.partition(b"\0")
    if suffix.startswith(b"^^"):
        return b' rdf:datatype="%b">%b' % (in_attribute(suffix[2:]), in_text(text))
    if suffix.startswith(b"@"):
        return b' xml:lang="%b">%b' % (in_attribute(suffix[1:]), in_text(text))
    return b">" + in_text(text)


def subject(spelled: bytes, *, born: bool) -> bytes:
    """The attribute that names an object."""
    if spelled.startswith(b"_:"):
        return b' rdf:nodeID="%b"' % _label(spelled[2:])
    if born and spelled.startswith(b"#") and is_ncname(spelled[1:].decode()):
        return b' rdf:ID="%b"' % spelled[1:]
    return b' rdf:about="%b"' % in_attribute(spelled)


def target(spelled: bytes) -> bytes:
    """The attribute of a reference."""
    if spelled.startswith(b"_:"):
        return b' rdf:nodeID="%b"' % _label(spelled[2:])
    return b' rdf:resource="%b"' % in_attribute(spelled)


def _label(label: bytes) -> bytes:
    """The name of a blank node; one that XML cannot have is spelled in hexadecimal digits."""
    return label if is_ncname(label.decode()) else b"x" + label.hex().encode()
