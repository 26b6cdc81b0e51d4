"""Why a schema rejects a document, in words: what xmlschema finds, said plainly.

xmlschema is loaded with the first document that is wrong; commands that meet none start sooner.
"""

from __future__ import annotations

import io
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message as Headers
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.request import BaseHandler, OpenerDirector, Request
from urllib.response import addinfourl

from lxml import etree

from cim.message import Verb
from cim.parse import PINNED, Documents
from cim.places import local_name
from cim.profiles import NOUNS
from cim.schema.names import MESSAGE

if TYPE_CHECKING:
    import xmlschema

_PAYLOAD = f"{{{MESSAGE}}}Payload"
_MISSING = {"Header": "1.5", "EventMessage": "1.5", "Message": "1.5", "Request": "1.6"}
_EXAMPLES = {
    "dateTime": "a date and time such as 2026-01-15T08:03:10Z",
    "date": "a date such as 2026-01-15",
    "time": "a time of day such as 08:03:10",
    "boolean": "true or false",
    "integer": "a whole number",
    "float": "a number",
    "decimal": "a decimal number",
    "QName": "a qualified name",
}


@dataclass(frozen=True)
class Flaw:
    """One broken rule and the element that breaks it."""

    code: str
    rule: str
    element: etree._Element
    value: str | None = None


def explain(root: etree._Element, source: bytes | Documents) -> Iterator[Flaw]:
    """What `root` breaks of the schema `source`, in document order; each rule once of an element.

    `root` has passed the gate, and `source` imports nothing but what is with it: neither can make
    this reach out.
    """
    last = None
    for error in _schema(source).iter_errors(root):  # a value is decoded twice: by type and facet
        if (flaw := _flaw(error)) != last:
            yield flaw
        last = flaw


def missing_code(parent: etree._Element) -> str:
    """The reply code for a mandatory element that `parent` lacks."""
    name = etree.QName(parent)
    if name.namespace != MESSAGE:
        return "1.7"
    if name.localname in ("RequestMessage", "ResponseMessage"):
        return "1.5" if parent.find(f"{{{MESSAGE}}}Header") is None else "1.8"
    return _MISSING.get(name.localname, "1.8")


@cache
def _schema(source: bytes | Documents) -> xmlschema.XMLSchema:
    import xmlschema

    if isinstance(source, bytes):
        return xmlschema.XMLSchema(source, allow="none", defuse="always")
    opener = OpenerDirector()
    opener.add_handler(_Pinned(source))
    main = source.files[source.name]
    folder = posixpath.dirname(PINNED + source.name)
    # "remote" is what `opener` alone is asked for.
    return xmlschema.XMLSchema(
        main, base_url=folder, allow="remote", defuse="always", opener=opener
    )


class _Pinned(BaseHandler):
    """Answers from memory; there is no other handler, so nothing else is opened."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def http_open(self, request: Request) -> addinfourl:
        """Raises: OSError for what is not there."""
        name = self._documents.of(request.full_url)
        if name is None:
            raise FileNotFoundError(request.full_url)
        data = io.BytesIO(self._documents.files[name])
        return addinfourl(data, Headers(), request.full_url, 200)

    https_open = http_open


def _flaw(error: Any) -> Flaw:
    import xmlschema

    if isinstance(error, xmlschema.XMLSchemaChildrenValidationError):
        return _children(error)
    text = error.elem.text if isinstance(error.obj, str) else None
    return Flaw(_code(error), _rule(error), error.elem, text[:80] if text else None)


def _rule(error: Any) -> str:
    import xmlschema

    name, kind = local_name(error.elem), type(error.validator).__name__
    text = error.elem.text or ""
    if kind == "XsdEnumerationFacets":
        if _is_verb(error.elem):
            return _verb_rule(text)
        values = ", ".join(error.validator.enumeration)
        return f"{name} is {text[:80]!r}; it must be one of {values}."
    if isinstance(error, xmlschema.XMLSchemaDecodeError) or kind == "XsdPatternFacets":
        simple: Any = error.validator.parent if kind == "XsdPatternFacets" else error.validator
        wanted = _EXAMPLES.get(simple.local_name, simple.local_name)
        return f"{name} is {text[:80]!r}; it must be {wanted}."
    return f"{name}: {error.reason}."


def _code(error: Any) -> str:
    return "2.9" if _is_verb(error.elem) else "1.8"


def _is_verb(element: etree._Element) -> bool:
    return element.tag == f"{{{MESSAGE}}}Verb"


def _verb_rule(text: str) -> str:
    if text.strip().lower() in list(Verb):
        return f"The verb is {text!r}; verbs are lower case: write {text.strip().lower()}."
    return f"The verb {text[:80]!r} is unknown; it must be one of {', '.join(Verb)}."


def _children(error: Any) -> Flaw:
    parent, child = error.elem, error.invalid_child
    expected = [e for e in error.expected or () if getattr(e, "local_name", None)]
    if child is None:
        wanted = " or ".join(e.local_name for e in expected)
        return Flaw(missing_code(parent), f"{local_name(parent)} lacks {wanted}.", parent)
    allowed = {e.name: e for e in error.validator.iter_elements() if e.name}
    if child.tag not in allowed:
        return Flaw("1.8", _stranger(parent, child, list(allowed)), child)
    present = {e.tag for e in parent}
    absent = [e.local_name for e in expected if e.occurs[0] and e.name not in present]
    if absent:
        rule = f"{local_name(parent)} lacks {absent[0]}, which comes before {local_name(child)}."
        return Flaw(missing_code(parent), rule, parent)
    return Flaw(
        "1.8", _misplaced(parent, child, list(allowed), allowed[child.tag].occurs[1]), child
    )


def _stranger(parent: etree._Element, child: etree._Element, allowed: list[str]) -> str:
    name = etree.QName(child)
    for tag in allowed:
        wanted = etree.QName(tag)
        if wanted.localname == name.localname:
            return (
                f"{name.localname} is in the namespace {name.namespace or ''!r}; "
                f"it must be in {wanted.namespace!r}."
            )
    known = ", ".join(etree.QName(tag).localname for tag in allowed) or "no elements"
    if parent.tag == _PAYLOAD:
        noun = NOUNS.get(name.localname)
        known += ", or a noun in its own namespace" + (f", {noun.namespace!r}" if noun else "")
    return f"{local_name(parent)} has no element {name.localname}; it may hold {known}."


def _misplaced(
    parent: etree._Element, child: etree._Element, order: list[str], most: int | None
) -> str:
    name, home = local_name(child), local_name(parent)
    if most is not None and sum(1 for e in parent if e.tag == child.tag) > most:
        return f"{name} may occur {'once' if most == 1 else f'{most} times'} in {home}."
    place = order.index(child.tag)
    for before in child.itersiblings(preceding=True):
        if before.tag in order and order.index(before.tag) > place:
            return f"{name} is out of order in {home}: it belongs before {local_name(before)}."
    for after in child.itersiblings():
        if after.tag in order and order.index(after.tag) < place:
            return f"{name} is out of order in {home}: it belongs after {local_name(after)}."
    return f"{name} excludes another element of {home}: only one of them may be there."
