"""The contract of a noun in one piece: what its page, its reference and its files are made of."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources

from lxml import etree

from cim import override, xml
from cim.held import held_of
from cim.parse import parse
from cim.profile import Attribute, Profile, RdfXml, Reference, attributes
from cim.profiles import NOUNS
from cim.reference_model import Exchange, exchange_of
from cim.schema import Operation, files_of, services_of
from cim.schema.xsd import SIMPLE, reachable
from cim.validation import violations

EXAMPLES = "examples"
"""Folder with one payload for each noun."""


@dataclass(frozen=True)
class Row:
    """One attribute: its element, type, how often it occurs, unit, meaning.

    part: the name of the part, of the same root, that describes its type, if one does.
    """

    tag: str
    type: str
    part: str | None
    occurs: str
    unit: str | None
    personal: bool
    doc: str


@dataclass(frozen=True)
class Part:
    """A class with its attributes, or an enumeration with its values.

    root: the noun, or its query, that it is a part of.
    """

    root: str
    name: str
    doc: str
    rows: tuple[Row, ...] = ()
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Offered:
    """A strongly typed service: the name of its WSDL, and its operations."""

    name: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True)
class Contract:
    """All there is to know to exchange a noun.

    namespace:  that of the utility, where it has set one.
    overridden: the XSD of the utility that holds in the place of ours, if there is one.
    verbs:      in which it travels.
    files:      its XSD, RDF schema and WSDL, by name, and what they import of the utility's.
    example:    a payload, as XML; empty for a noun without one that holds.
    """

    name: str
    doc: str
    namespace: str
    overridden: str | None
    standard: str
    verbs: tuple[str, ...]
    exchange: Exchange
    services: tuple[Offered, ...]
    files: tuple[str, ...]
    parts: tuple[Part, ...]
    query: str | None
    example: str

    @classmethod
    def of(cls, name: str) -> Contract:
        """The contract of the noun of this name.  Raises: KeyError."""
        noun = NOUNS[name]
        roots = [noun, noun.query] if noun.query else [noun]
        theirs = override.theirs(name)
        files = dict.fromkeys(file for file, _ in files_of(noun)) | dict.fromkeys(held_of(noun))
        return cls(
            name=name,
            doc=_sentence(noun),
            namespace=override.namespace_of(name) or noun.namespace,
            overridden=theirs.file if theirs else None,
            standard=noun.standard,
            verbs=noun.verbs,
            exchange=exchange_of(name),
            services=tuple(Offered(s.name, s.operations) for s in services_of(noun)),
            files=tuple(files),
            parts=tuple(_part(root.__name__, kind) for root in roots for kind in reachable(root)),
            query=noun.query.__name__ if noun.query else None,
            example=example(name),
        )


def example(name: str) -> str:
    """The payload shown of a noun, as XML; empty when there is none, or none that a utility's own
    XSD allows."""
    file = resources.files("cim") / EXAMPLES / f"{name}.xml"
    text = file.read_text("utf-8") if file.is_file() else ""
    if not text or (override.theirs(name) or override.namespace_of(name)) is None:
        return text
    element = override.encode(xml.decode(parse(text.encode())))
    if violations(copy.deepcopy(element)):
        return ""
    etree.indent(element)
    return etree.tostring(element, encoding="unicode") + "\n"


def markdown(contract: Contract) -> str:
    """The reference page of a noun."""
    return "\n".join(_lines(contract)) + "\n"


def _lines(c: Contract) -> Iterator[str]:
    yield f"# {c.name}\n\n{c.doc}\n"
    yield f"- Standard: {c.standard}\n- Namespace: `{c.namespace}`\n- Verbs: {', '.join(c.verbs)}"
    if c.overridden:
        yield f"- Held against {c.overridden} of the utility; what follows is what the hub can hold"
    for title, ends in (("From", c.exchange.publishers), ("To", c.exchange.subscribers)):
        if ends:
            yield f"- {title}: " + "; ".join(f"{e.code} {e.name}" for e in ends)
    yield "\n## Services\n\n| WSDL | operation | SOAPAction |\n|---|---|---|"
    for service in c.services:
        for operation in service.operations:
            yield f"| {service.name}.wsdl | {operation.name} | `{operation.soap_action}` |"
    yield "\nThe service Generic.wsdl takes every noun.\n\n## Files\n"
    yield from (f"- [{file}]({file})" for file in c.files)
    if c.example:
        yield f"\n## Example\n\n```xml\n{c.example.strip()}\n```"
    for part in c.parts:
        title = part.name if part.root in (c.name, part.name) else f"{part.name} in {part.root}"
        yield f"\n## {title}\n\n{part.doc}\n"
        if part.values:
            yield ", ".join(f"`{value}`" for value in part.values)
            continue
        yield "| element | type | occurs | unit | meaning |\n|---|---|---|---|---|"
        for r in part.rows:
            doc = f"{r.doc} (personal)" if r.personal else r.doc
            yield f"| {r.tag} | {r.type} | {r.occurs} | {r.unit or ''} | {doc} |"


def _part(root: str, kind: type[Profile] | type[StrEnum]) -> Part:
    if issubclass(kind, StrEnum):
        values = tuple(member.value for member in kind)
        return Part(root, kind.__name__, _sentence(kind), values=values)
    return Part(root, kind.__name__, _sentence(kind), tuple(map(_row, attributes(kind))))


def _row(a: Attribute) -> Row:
    own = issubclass(a.type, Profile | StrEnum)
    return Row(
        tag=a.tag,
        type=_type(a),
        part=a.type.__name__ if own else None,
        occurs=f"{int(a.required)}..{'*' if a.many else 1}",
        unit=a.unit,
        personal=a.personal,
        doc=a.doc,
    )


def _type(a: Attribute) -> str:
    if a.type is Reference:
        return "reference (`ref`)"
    if a.type is RdfXml:
        return "CIM RDF/XML"
    return SIMPLE[a.type].removeprefix("xs:") if a.type in SIMPLE else a.type.__name__


def _sentence(kind: type[object]) -> str:
    return " ".join((kind.__doc__ or "").split())
