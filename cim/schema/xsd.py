"""The XML schema of a noun, from its declaration (rules of IEC 62361-100)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from typing import Any

from lxml import etree

from cim.profile import Attribute, Profile, RdfXml, Reference, attributes
from cim.schema.build import document, maker
from cim.schema.names import RDF, XS

SAWSDL = "http://www.w3.org/ns/sawsdl"
CIM = "http://iec.ch/TC57/CIM100#"
SIMPLE: dict[type[Any], str] = {
    str: "xs:string",
    int: "xs:integer",
    float: "xs:float",
    Decimal: "xs:decimal",
    bool: "xs:boolean",
    datetime: "xs:dateTime",
    date: "xs:date",
    time: "xs:time",
}

xs = maker(XS, {"xs": XS})


def noun_xsd(noun: type[Profile], *, partial: bool = False) -> bytes:
    """The schema of `noun`, one complex type for each class it reaches.

    partial: for messages that change, cancel, close or delete: nothing below the noun is required.
    """
    root = maker(XS, {"xs": XS, "m": noun.namespace, "sawsdl": SAWSDL})(
        "schema",
        targetNamespace=noun.namespace,
        elementFormDefault="qualified",
        attributeFormDefault="unqualified",
    )
    root.append(xs("element", name=noun.__name__, type=f"m:{noun.__name__}"))
    root.extend(_type(kind, partial and kind is not noun) for kind in reachable(noun))
    what = "a profile" if not partial else "what is known and what is new: a profile"
    return document(root, f"{noun.__name__}, {what} of {noun.standard}.")


def reachable(noun: type[Profile]) -> list[type[Any]]:
    """`noun`, then the classes and enumerations it is made of, each once, in order of first use."""
    found: dict[type[Any], None] = {}
    todo: list[type[Any]] = [noun]
    while todo:
        kind = todo.pop(0)
        if kind not in found:
            found[kind] = None
            todo += list(_parts(kind))
    return list(found)


def _parts(kind: type[Any]) -> Iterator[type[Any]]:
    if issubclass(kind, Profile):
        yield from (a.type for a in attributes(kind) if issubclass(a.type, (Profile, StrEnum)))


def documented(element: etree._Element, text: str) -> etree._Element:
    """`element` with an annotation as its first child."""
    element.insert(0, xs("annotation", xs("documentation", text)))
    return element


def _type(kind: type[Any], partial: bool) -> etree._Element:
    doc = " ".join((kind.__doc__ or "").split())
    if issubclass(kind, StrEnum):
        values = [xs("enumeration", value=member.value) for member in kind]
        return documented(
            xs("simpleType", xs("restriction", *values, base="xs:string"), name=kind.__name__), doc
        )
    element = xs("complexType", xs("sequence", *_members(kind, partial)), name=kind.__name__)
    if not kind.namespace:
        element.set(f"{{{SAWSDL}}}modelReference", CIM + kind.cim_class)
    return documented(element, doc)


def _members(profile: type[Profile], partial: bool) -> Iterator[etree._Element]:
    for choice, members in groupby(attributes(profile), key=lambda a: a.choice):
        if choice is None:
            yield from (_element(a, a.required and not partial) for a in members)
        else:
            yield _choice(list(members))


def _choice(members: list[Attribute]) -> etree._Element:
    """One of them or none, or any number in any order: the choice repeats, not its members."""
    choice = xs("choice", *(_element(replace(a, many=False), True) for a in members))
    choice.set("minOccurs", "0")
    if members[0].many:
        choice.set("maxOccurs", "unbounded")
    return choice


def _element(a: Attribute, required: bool) -> etree._Element:
    element = xs("element", name=a.tag)
    if not required:
        element.set("minOccurs", "0")
    if a.many:
        element.set("maxOccurs", "unbounded")
    if a.type is Reference:
        element.append(
            xs("complexType", xs("attribute", name="ref", type="xs:string", use="required"))
        )
    elif a.type is RdfXml:
        rdf = xs("any", namespace=RDF, processContents="skip")
        element.append(xs("complexType", xs("sequence", rdf)))
    else:
        element.set("type", SIMPLE.get(a.type) or f"m:{a.type.__name__}")
    element.set(f"{{{SAWSDL}}}modelReference", CIM + a.cim)
    return documented(element, f"{a.doc}  Unit: {a.unit}." if a.unit else a.doc)
