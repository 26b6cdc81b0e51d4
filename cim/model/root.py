"""What stands around the objects of a document of the flat form: root, declarations, comments."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cim.gate import MODEL
from cim.model.model import RDF

AROUND = 65_536
"""Bytes that may stand before and behind the root; no comment there is longer than the gate lets
through."""

_RESERVED = ("http://www.w3.org/XML/", "http://www.w3.org/2000/xmlns")
_S, _NAME = rb"[ \t\r\n]", rb"[A-Za-z_][A-Za-z0-9._-]*"
_IRI = rb"[!#-%(-;=?-~]+"  # printable ASCII without quotes, "&", "<", ">"


def _pattern(text: bytes) -> bytes:
    """A pattern in which a blank means white space that may be left out, and ~ some of it.

    Possessive, so that a hostile document is looked at once and not in all ways there are.
    """
    return text.replace(b" ", _S + b"*+").replace(b"~", _S + b"++")


_QUOTED = rb"(?:'%s'|\"%s\")"
_VERSION, _ENCODING, _ALONE = (
    _QUOTED % (text, text) for text in (rb"1\.0", rb"[Uu][Tt][Ff]-8", rb"(?:yes|no)")
)
_DECLARATION = _pattern(
    rb"<\?xml~version = %s(?:~encoding = %s)?(?:~standalone = %s)? \?>"
    % (_VERSION, _ENCODING, _ALONE)
)
_MISC = _pattern(rb"(?:~|<!--[^-]*+(?:-[^-]++)*+-->|<\?iec61970-552(?:~[^?<>]*+)?\?>)*+")
_BINDING = _pattern(rb"~xmlns(?::(%s))? = (?:'(%s)'|\"(%s)\")") % (_NAME, _IRI, _IRI)
_BINDINGS = _pattern(rb"(?:~xmlns(?::%s)? = (?:'%s'|\"%s\"))*") % (_NAME, _IRI, _IRI)

_BEGIN = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:%s)?%s(?P<tag><(?P<prefix>%s):RDF(?P<bindings>%s)%s*>)"
    % (_DECLARATION, _MISC, _NAME, _BINDINGS, _S)
)
_EACH_BINDING = re.compile(_BINDING)
_TRAILER = re.compile(_MISC)
_LOCAL = re.compile(_NAME)
_NO_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True)
class Root:
    """The start tag of rdf:RDF, which declares every namespace of the document and nothing else.

    tag:        as written.
    prefix:     of the namespace of RDF; no other is bound to it.
    namespaces: by prefix; that of names without one by "".
    end:        how many bytes there are up to its end.
    """

    tag: bytes
    prefix: bytes
    namespaces: dict[bytes, str]
    end: int

    @property
    def name(self) -> bytes:
        return self.prefix + b":RDF"

    def iri(self, name: bytes) -> str | None:
        """The IRI of the name of an element; None for one that only the gate may judge."""
        prefix, colon, local = name.rpartition(b":")
        namespace = self.namespaces.get(prefix)
        if namespace is None or bool(colon) != bool(prefix) or not _LOCAL.fullmatch(local):
            return None
        iri = namespace + local.decode()
        return iri if len(iri) < MODEL.name else None


def root_of(beginning: bytes) -> Root | None:
    """The root of the document that begins so; None for one of another form."""
    found = _BEGIN.match(beginning)
    if found is None or not _is_text(found[0]):
        return None
    namespaces: dict[bytes, str] = {}
    for prefix, one, other in _EACH_BINDING.findall(found["bindings"]):
        iri = (one or other).decode()
        if prefix in namespaces or prefix[:3].lower() == b"xml" or iri.startswith(_RESERVED):
            return None
        namespaces[prefix] = iri
    bound = [prefix for prefix, iri in namespaces.items() if iri == RDF]
    if bound != [found["prefix"]] or len(namespaces) > MODEL.namespaces:
        return None
    return Root(found["tag"], found["prefix"], namespaces, found.end())


def is_trailer(rest: bytes) -> bool:
    """Whether this may stand behind the root, and nothing else does."""
    return len(rest) <= AROUND and _TRAILER.fullmatch(rest) is not None and _is_text(rest)


def _is_text(around: bytes) -> bool:
    try:
        return not _NO_CHARACTER.search(around.decode())
    except UnicodeDecodeError:
        return False
