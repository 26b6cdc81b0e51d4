"""How identities are written in CIM RDF/XML documents (IEC 61970-552)."""

from __future__ import annotations

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def identity(value: str) -> str:
    """The mRID in an rdf:ID, rdf:about or rdf:resource: "#_x", "_x" and "urn:uuid:x" are x."""
    if value.startswith("urn:uuid:"):
        return value[9:]
    return value.rpartition("#")[2].removeprefix("_")
