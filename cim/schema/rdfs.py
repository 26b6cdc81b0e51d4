"""The RDF schema of a noun, from its declaration: what its RDF/XML form (`cim.rdf`) may say.

In the dialect of the CIM's own profiles: classes, properties with domain, range or datatype, and
multiplicities (IEC 61970-501), so that tools for those read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any

from lxml import etree

from cim.profile import Attribute, Profile, RdfXml, Reference, attributes
from cim.rdf.names import CIM, iri
from cim.rdf.plan import plan, value_iri
from cim.schema.build import document, maker
from cim.schema.names import RDF
from cim.schema.xsd import reachable

RDFS = "http://www.w3.org/2000/01/rdf-schema#"
CIMS = "http://iec.ch/TC57/1999/rdf-schema-extensions-19990926#"
_CLASS = f"{RDFS}Class"
_STEREOTYPE = "http://iec.ch/TC57/NonStandard/UML#enumeration"
_PREFIXES = {"rdf": RDF, "rdfs": RDFS, "cims": CIMS, "cim": CIM}
_DATATYPES: dict[type[Any], str] = {
    str: "String",
    int: "Integer",
    float: "Float",
    Decimal: "Decimal",
    bool: "Boolean",
    datetime: "DateTime",
    date: "Date",
    time: "Time",
    RdfXml: "String",
}

_rdf, _rdfs, _cims = (maker(n, _PREFIXES) for n in (RDF, RDFS, CIMS))
_ABOUT, _RESOURCE = f"{{{RDF}}}about", f"{{{RDF}}}resource"


def noun_rdfs(noun: type[Profile]) -> bytes:
    """The schema of `noun` as RDF/XML."""
    root = maker(RDF, {**_PREFIXES, "n": noun.namespace})("RDF")
    known: set[str] = set()
    for described in _descriptions(noun):
        name = described.get(_ABOUT, "")
        if name not in known:  # of two shapes of one class the first speaks; `_Loosest` knows all
            known.add(name)
            root.append(described)
    return document(root, f"RDF schema of {noun.__name__}, a profile of {noun.standard}.")


class _Loosest:
    """How often a property may occur, by all shapes of the classes that it is described for."""

    def __init__(self, kinds: Iterable[type[Profile]]) -> None:
        self._shapes: list[tuple[set[str], dict[str, Attribute]]] = []
        for kind in kinds:
            named = _named(kind)
            classes = {plan(kind).iri, *map(_owner, named)}
            self._shapes.append((classes, named))

    def multiplicity(self, name: str) -> str:
        """E.g. "0..n"; a shape of the class without the property does not require it."""
        domain = _owner(name)
        shapes = [named for classes, named in self._shapes if domain in classes]
        found = [shape[name] for shape in shapes if name in shape]
        required = len(found) == len(shapes) and all(a.required for a in found)
        return f"{int(required)}..{'n' if any(a.many for a in found) else '1'}"


def _named(kind: type[Profile]) -> dict[str, Attribute]:
    """The attributes of a class by the properties that they are in RDF."""
    pairs = zip(attributes(kind), plan(kind).slots, strict=True)
    return {iri(slot.tag): attribute for attribute, slot in pairs}


def _descriptions(noun: type[Profile]) -> Iterator[etree._Element]:
    kinds = reachable(noun)
    loosest = _Loosest(kind for kind in kinds if issubclass(kind, Profile))
    for kind in kinds:
        yield from _enumeration(kind) if issubclass(kind, StrEnum) else _class(kind, loosest)


def _class(kind: type[Profile], loosest: _Loosest) -> Iterator[etree._Element]:
    """A class, the classes of the CIM it has attributes of, and these attributes."""
    how = plan(kind)
    named = _named(kind)
    above = set(map(_owner, named)) - {how.iri}
    parents = [_rdfs("subClassOf", **{_RESOURCE: owner}) for owner in sorted(above)]
    yield _described(how.iri, kind.cim_class, kind.__doc__ or "", _typed(_CLASS), *parents)
    for owner in sorted(above):
        yield _described(owner, owner.rpartition("#")[2], "", _typed(_CLASS))
    for name, attribute in named.items():
        yield _property(attribute, name, loosest.multiplicity(name))


def _owner(name: str) -> str:
    """The class that a property is named after."""
    return name.rpartition(".")[0]


def _enumeration(kind: type[StrEnum]) -> Iterator[etree._Element]:
    name = f"{CIM}{kind.__name__}"
    stereotype = _cims("stereotype", **{_RESOURCE: _STEREOTYPE})
    yield _described(name, kind.__name__, kind.__doc__ or "", _typed(_CLASS), stereotype)
    for member in kind:
        yield _described(value_iri(member), member.value, "", _typed(name))


def _property(a: Attribute, name: str, multiplicity: str) -> etree._Element:
    parts = [_typed(f"{RDF}Property"), _rdfs("domain", **{_RESOURCE: _owner(name)}), *_range(a)]
    parts.append(_cims("multiplicity", **{_RESOURCE: f"{CIMS}M:{multiplicity}"}))
    doc = f"{a.doc}  Unit: {a.unit}." if a.unit else a.doc
    return _described(name, a.tag, doc, *parts)


def _range(a: Attribute) -> Iterator[etree._Element]:
    if issubclass(a.type, Profile):
        yield _rdfs("range", **{_RESOURCE: plan(a.type).iri})
    elif issubclass(a.type, StrEnum):
        yield _rdfs("range", **{_RESOURCE: f"{CIM}{a.type.__name__}"})
    elif a.type is Reference:
        yield _rdfs("range", **{_RESOURCE: f"{RDFS}Resource"})
    else:
        yield _cims("dataType", **{_RESOURCE: f"{CIM}{_DATATYPES[a.type]}"})


def _typed(name: str) -> etree._Element:
    return _rdf("type", **{_RESOURCE: name})


def _described(name: str, label: str, doc: str, *parts: etree._Element) -> etree._Element:
    comment = [_rdfs("comment", " ".join(doc.split()))] if doc else []
    return _rdf("Description", *parts, _rdfs("label", label), *comment, **{_ABOUT: name})
