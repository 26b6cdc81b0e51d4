"""A model as RDF triples, for SPARQL: what IRI each identity becomes, and N-Triples of the whole.

An object whose identity is a UUID, however it is spelled, is <urn:uuid:...> in lower case.  Any
other local identity "#_x" is <urn:gridbus:model#_x>, so that <#_x> in a query finds it.  IRIs are
themselves.  A literal is a plain string, as written, unless the document gave it a data type or a
language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from cim.model.header import Header
from cim.model.model import LINK, RDF_TYPE, TYPE, Model
from cim.model.terms import key

BASE = "urn:gridbus:model"
_UUID = re.compile("[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}")
_NO_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')
_ESCAPED = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})
_TOGETHER = 100_000  # statements in one piece


def iri(identity: str) -> str:
    """The IRI of an identity, in any spelling."""
    known = key(identity)
    if _UUID.fullmatch(known):
        return f"urn:uuid:{known.lower()}"
    return BASE + identity if identity.startswith("#") else identity


def ntriples(model: Model) -> Iterator[bytes]:
    """The statements of a model and of its header, in pieces of many lines each."""
    if model.header is not None:
        yield "".join(_of_header(model.header)).encode()
    ids = [_node(row, text) for row, text in enumerate(model.ids)]
    names = [_reference(name) for name in model.names]
    tables: tuple[Sequence[str], ...] = (names, ids, [_literal(text) for text in model.texts])
    for start in range(0, len(model), _TOGETHER):
        part = slice(start, start + _TOGETHER)
        columns = (model.subject, model.property, model.kind, model.object)
        rows = zip(*(column[part].tolist() for column in columns), strict=True)
        yield "".join([f"{ids[s]} {names[p]} {tables[k][o]} .\n" for s, p, k, o in rows]).encode()


assert (TYPE, LINK) == (0, 1)  # noqa: S101 - the order of `tables` above


def _of_header(header: Header) -> Iterator[str]:
    subject = _reference(iri(header.identity))
    yield f"{subject} {_reference(RDF_TYPE)} {_reference(header.kind)} .\n"
    for said in header.said:
        value = _reference(iri(said.value)) if said.is_link else _literal(said.value)
        yield f"{subject} {_reference(said.name)} {value} .\n"


def _node(row: int, identity: str) -> str:
    return f"_:b{row}" if identity.startswith("_:") else _reference(iri(identity))


def _reference(text: str) -> str:
    """What no IRI may hold is percent-encoded, as in a reference to a file with blanks."""
    return f"<{_NO_IRI.sub(lambda found: quote(found[0], safe=''), text)}>"


def _literal(text: str) -> str:
    value, _, kind = text.partition("\0")
    quoted = f'"{value.translate(_ESCAPED)}"'
    if kind.startswith("@"):
        return quoted + kind
    return f"{quoted}^^{_reference(kind[2:])}" if kind else quoted
