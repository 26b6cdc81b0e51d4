"""Names of RDF/XML and of the CIM as IEC 61970-552 writes them."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
CIM = "http://iec.ch/TC57/CIM100#"
GRIDBUS = "urn:gridbus:rdf#"

ROOT = f"{{{RDF}}}RDF"
DESCRIPTION = f"{{{RDF}}}Description"
ABOUT = f"{{{RDF}}}about"
ID = f"{{{RDF}}}ID"
NODE_ID = f"{{{RDF}}}nodeID"
RESOURCE = f"{{{RDF}}}resource"
TYPE = f"{{{RDF}}}type"
VALUE = f"{{{RDF}}}value"
MEMBER = f"{{{GRIDBUS}}}Member"
POSITION = f"{{{GRIDBUS}}}position"

_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_URN = "urn:uuid:"
_REFERENCE = "urn:gridbus:reference:"


def iri(tag: str) -> str:
    """The IRI of an element's tag: "{namespace}name" without its braces."""
    return tag[1:].replace("}", "", 1) if tag.startswith("{") else tag


def is_uuid(text: str) -> bool:
    """Whether `text` is a UUID in its usual form, in either case."""
    return _UUID.fullmatch(text) is not None


def urn(uuid: str) -> str:
    """The IRI of the object with this UUID, in the case in which it came."""
    return _URN + uuid


def uuid_of(subject: str) -> str | None:
    """The UUID an IRI names: urn:uuid:<UUID>, or #_<UUID> as older tools write; else None."""
    for mark in (_URN, "#_", "#"):
        _, found, rest = subject.partition(mark)
        if found and is_uuid(rest):
            return rest
    return None


def reference_iri(reference: str) -> str:
    """The IRI for the code or name in a by-reference element; `reference_of` is its inverse."""
    return urn(reference) if is_uuid(reference) else _REFERENCE + quote(reference, safe="")


def reference_of(target: str) -> str:
    """The code or name that an IRI stands for: ours, a UUID, else the fragment or all of it."""
    if target.startswith(_REFERENCE):
        return unquote(target.removeprefix(_REFERENCE))
    return uuid_of(target) or target.partition("#")[2] or target
