"""The RDF form of NetworkModels: the IEC 61970-552 document itself, under its header.

The attributes of the one model are the md:Model properties of the header.  In the payload they
stand in fields, so the document inside it carries them no more; what else a header may say, e.g.
md:Model.scenarioTime, stays in the document.  A difference model keeps its header whole: which
version it can be applied to is a part of what it says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from lxml import etree

from cim.cut import opened
from cim.parse import MODEL, parse
from cim.profile import RdfXml, attributes
from cim.profiles.network_models import NetworkModel, NetworkModels
from cim.rdf.names import (
    ABOUT,
    DESCRIPTION,
    ID,
    RESOURCE,
    ROOT,
    TYPE,
    iri,
    reference_iri,
    reference_of,
)
from cim.rdf.nodes import line_of
from cim.rdf.plan import Shape, Slot, slot
from cim.violation import Refusal

MD = "http://iec.ch/TC57/61970-552/ModelDescription/1#"
DM = "http://iec.ch/TC57/61970-552/DifferenceModel/1#"

_FULL_MODEL = f"{{{MD}}}FullModel"
_DIFFERENCE_MODEL = f"{{{DM}}}DifferenceModel"
_HEADERS = (_FULL_MODEL, _DIFFERENCE_MODEL)
_KINDS = frozenset(map(iri, _HEADERS))
_NAMES = (f"{MD}\nFullModel", f"{DM}\nDifferenceModel")
_KIND_NAMES = (b"FullModel", b"DifferenceModel")
_UNNAMED = UUID("3b0e3a52-6a9a-5a0e-9a6c-0d1c7f3f7c55")
"""Names models that came without a header, by their content."""


def encode(payload: NetworkModels) -> etree._Element:
    """The document of the one model of `payload`, with the header that its fields say.

    Raises: Refusal, when there are several models: IEC 61970-552 has one model in a document.
    """
    model = _only(payload)
    root = parse(model.document, MODEL)
    _write(root, model)
    return root


def written(payload: NetworkModels) -> Iterator[bytes | memoryview]:
    """The bytes of what `encode` gives, in pieces; only the header becomes a tree where it can.

    Raises: Refusal, as `encode`.
    """
    model = _only(payload)
    parts = _opened(model.document)
    if parts is None:
        yield etree.tostring(encode(payload), encoding="UTF-8")
        return
    beginning, rest = parts
    root = parse(beginning, MODEL)
    _write(root, model)
    yield _unclosed(etree.tostring(root, encoding="UTF-8"))
    yield rest


def read(data: bytes) -> NetworkModels:
    """As `decode`, of the bytes of a 552 document; only the header becomes a tree where it can."""
    parts = _opened(data)
    root = parse(data if parts is None else parts[0], MODEL)
    header = _header(root)
    if parts is None or header is None or _mrid(header) is None:
        # Without an identity the whole content, in the form of a tree, gives one.
        return decode(root if parts is None else parse(data, MODEL))
    if parts[1][:2].tobytes() == b"</":
        return decode(root)  # there is nothing but the header
    [model] = decode(root).network_model
    document = RdfXml(b"".join((_unclosed(model.document), parts[1])))
    return NetworkModels(network_model=(replace(model, document=document),))


def decode(root: etree._Element) -> NetworkModels:
    """The model in a 552 document; without a header, its mRID is made from its content.

    Raises: Refusal, when `root` is no rdf:RDF or a value in the header is wrong.
    """
    if root.tag != ROOT:
        raise Refusal.of("1.8", f"A network model is an rdf:RDF, not {root.tag}.")
    header = _header(root)
    parts = [] if header is None else _carried(header)
    fields = {} if header is None else _fields(parts)
    if header is not None and header.tag == _DIFFERENCE_MODEL:
        parts = []  # what it supersedes belongs to the statements that it takes back
    elif header is not None and not _others(header):
        parts = [header]
    document = _document(root, parts)
    mrid = None if header is None else _mrid(header)
    if mrid is None:
        mrid = str(uuid5(_UNNAMED, sha256(document).hexdigest()))
    fields["mrid"] = mrid
    return NetworkModels(network_model=(NetworkModel(document=document, **fields),))


def _only(payload: NetworkModels) -> NetworkModel:
    if len(payload.network_model) != 1:
        raise Refusal.of(
            "1.8",
            f"The RDF form of NetworkModels is one document of one model; "
            f"this message has {len(payload.network_model)}.",
        )
    return payload.network_model[0]


def _opened(document: bytes) -> tuple[bytes, memoryview] | None:
    """The document up to the end of its header, or to its first object; and the rest.

    None, when a header might stand in the rest.
    """
    parts = opened(document, MODEL, _NAMES)
    if parts is None or any(document.count(kind) > parts[0].count(kind) for kind in _KIND_NAMES):
        return None
    # A character reference can hide in an rdf:type what kind a Description is of.
    return None if b"Description" in document and b"&#" in document else parts


def _unclosed(text: bytes) -> bytes:
    """An element without its end tag."""
    return text[:-2] + b">" if text.endswith(b"/>") else text[: text.rindex(b"</")]


@cache
def _slots() -> Mapping[str, Slot]:
    """The slots whose values the header carries, by tag."""
    slots = (slot(a, MD) for a in attributes(NetworkModel) if a.cim.startswith("Model."))
    return {s.tag: s for s in slots}


def _header(root: etree._Element) -> etree._Element | None:
    typed = next(root.iterchildren(*_HEADERS), None)
    if typed is not None:
        return typed
    return next((d for d in root.iterchildren(DESCRIPTION) if _is_header(d)), None)


def _is_header(description: etree._Element) -> bool:
    kinds = (kind.get(RESOURCE) for kind in description.iterchildren(TYPE))
    return any(kind in _KINDS for kind in kinds)


def _carried(header: etree._Element) -> list[etree._Element]:
    return [child for child in header if child.tag in _slots()]


def _others(header: etree._Element) -> list[etree._Element]:
    return [child for child in header if child.tag != TYPE and child.tag not in _slots()]


def _mrid(header: etree._Element) -> str | None:
    if (about := header.get(ABOUT)) is not None:
        return reference_of(about)
    local = header.get(ID)
    return None if local is None else reference_of(f"#{local}")


def _write(root: etree._Element, model: NetworkModel) -> None:
    header = _header(root)
    if header is None:
        header = root.makeelement(_FULL_MODEL, nsmap={"md": MD})
        header.tail = root.text
        root.insert(0, header)
    if _says(header, model):
        return
    for old in _carried(header):
        header.remove(old)
    if ID in header.attrib:
        del header.attrib[ID]
    header.set(ABOUT, reference_iri(model.mrid))
    header[:0] = [s for how in _slots().values() for s in _statements(header, how, model)]


def _says(header: etree._Element, model: NetworkModel) -> bool:
    """Whether a header that was kept whole says what the fields say."""
    if header.tag != _DIFFERENCE_MODEL or _mrid(header) != model.mrid:
        return False
    fields = _fields(_carried(header))
    said = {how.field: getattr(model, how.field) for how in _slots().values()}
    return fields == {name: value for name, value in said.items() if value not in (None, ())}


def _statements(header: etree._Element, how: Slot, model: NetworkModel) -> Iterator[etree._Element]:
    content = getattr(model, how.field)
    for value in content if how.many else () if content is None else (content,):
        statement = header.makeelement(how.tag)
        if how.shape is Shape.RESOURCE:
            statement.set(RESOURCE, how.write(value))
        else:
            statement.text = how.write(value)
        yield statement


def _fields(statements: list[etree._Element]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for statement in statements:
        how = _slots()[str(statement.tag)]
        value = _read(statement, how)
        if how.many:
            fields[how.field] = (*fields.get(how.field, ()), value)
        elif fields.setdefault(how.field, value) != value:
            raise _wrong(statement, "is said twice, differently")
    return fields


def _read(statement: etree._Element, how: Slot) -> Any:
    resource = how.shape is Shape.RESOURCE
    text = statement.get(RESOURCE) if resource else statement.text or ""
    try:
        if text is None:
            raise ValueError("has no rdf:resource")
        return how.read(text)
    except ValueError as reason:
        raise _wrong(statement, f"{text!r} {reason}") from reason


def _wrong(statement: etree._Element, reason: str) -> Refusal:
    name = etree.QName(statement).localname
    return Refusal.of("1.8", f"md:{name} {reason}.", line=line_of(statement))


def _document(root: etree._Element, parts: list[etree._Element]) -> RdfXml:
    """The text of `root` without `parts`; a tree of a feeder is too big to be copied for it."""
    with ExitStack() as stack:
        for part in (*parts, root):
            stack.enter_context(_apart(part))
        return RdfXml(etree.tostring(root, encoding="UTF-8", with_tail=False))


@contextmanager
def _apart(element: etree._Element) -> Iterator[None]:
    """Take `element` out of the one around it, whose namespaces it then repeats no more."""
    parent = element.getparent()
    if parent is None:
        yield
        return
    index = parent.index(element)
    parent.remove(element)
    try:
        yield
    finally:
        parent.insert(index, element)
