"""Older and sloppy spellings of the namespaces, put right on the way in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from lxml import etree

from cim.override import inward, is_spoken
from cim.profiles import NOUNS
from cim.schema.edition2 import EDITION_2
from cim.schema.names import MESSAGE, Form

_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"  # of attributes such as schemaLocation
_IEC = re.compile(r"http://(?:www\.)?(?:iec\.ch|epri\.com)/TC57/(?P<year>20\d\d)/(?P<rest>.+)")


def canonical(root: etree._Element) -> None:
    """Rename, in place, what is in an older namespace of the envelope or of a noun.

    Fielded systems write "www.iec.ch" and the years of the drafts (2008, 2010) for what the first
    edition calls http://iec.ch/TC57/2011/...
    """
    theirs(root)
    olds = older(root)
    if not olds:
        return
    for element in root.iter(*(f"{{{ns}}}*" for ns in olds)):
        name = etree.QName(element)
        element.tag = f"{{{current(name.namespace or '')}}}{name.localname}"


def theirs(root: etree._Element) -> None:
    """Rename, in place, what is in a namespace that a utility has set for a noun."""
    for element in list(_upper(root)):
        inward(element)


def older(root: etree._Element) -> dict[str, etree._Element]:
    """The older namespaces in `root`, each with the first element that is in it."""
    spaces = {_space(tag) for tag in {element.tag for element in _upper(root)}}
    olds = {ns for ns in spaces if current(ns) != ns and not is_spoken(ns)}
    firsts: dict[str, etree._Element] = {}
    for element in _upper(root) if olds else ():
        firsts.setdefault(_space(element.tag), element)
    return {ns: element for ns, element in firsts.items() if ns in olds}


def _space(tag: str) -> str:
    return tag[1:].rpartition("}")[0]


@lru_cache(maxsize=256)  # what is asked for comes from outside
def current(namespace: str) -> str:
    """The namespace that stands for `namespace` today; itself when it is no older spelling."""
    # Edition 2 is no older spelling, but another envelope.
    found = None if namespace == EDITION_2 else _IEC.fullmatch(namespace)
    return _known().get(found["rest"], namespace) if found else namespace


@cache
def _known() -> dict[str, str]:
    """Our IEC namespaces by what follows the year."""
    matches = [m for m in map(_IEC.fullmatch, _ours()) if m]
    return {m["rest"]: m.string for m in matches}


@cache
def spaced() -> frozenset[bytes]:
    """The namespaces of all that is written without text between elements."""
    return frozenset(namespace.encode() for namespace in (*_ours(), _INSTANCE))


def _ours() -> list[str]:
    ours = [MESSAGE]
    for noun in NOUNS.values():
        ours += [noun.namespace, *(form.namespace(noun) for form in Form)]
        ours += [noun.query.namespace] if noun.query else []
    return ours


def _upper(root: etree._Element) -> Iterator[etree._Element]:
    """The elements in which a namespace of the envelope or of a noun begins."""
    yield root
    for part in root:
        yield part
        for child in part:
            yield child
            if child.tag.endswith("}OperationSet"):
                yield from child.iterfind("*/*")
