"""How one class of a profile stands in RDF, worked out once and kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any
from urllib.parse import quote

from cim.profile import Attribute, Profile, Reference, attributes
from cim.rdf import literals
from cim.rdf.names import CIM, iri, reference_iri, reference_of

_MRID = f"{{{CIM}}}IdentifiedObject.mRID"


class Shape(Enum):
    """What the property of an attribute points at."""

    LITERAL = "literal"
    RESOURCE = "resource"
    NODE = "node"


@dataclass(frozen=True, slots=True)
class Slot:
    """One attribute; `write` and `read` serve the shapes LITERAL and RESOURCE.

    `read` raises ValueError, whose text continues "'abc' ...".
    """

    field: str
    tag: str
    shape: Shape
    type: type[Any]
    required: bool
    many: bool
    write: Callable[[Any], str]
    read: Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """One class: `mrid` is the field that holds its mRID, `by_iri` finds a slot by property."""

    profile: type[Profile]
    tag: str
    iri: str
    slots: tuple[Slot, ...]
    mrid: str | None
    by_iri: Mapping[str, Slot]


_plans: dict[type[Profile], Plan] = {}


def plan(profile: type[Profile]) -> Plan:
    """The plan of `profile`: a noun in its own namespace, every other class in the CIM's."""
    if (known := _plans.get(profile)) is None:
        known = _plans[profile] = _plan(profile)
    return known


def _plan(profile: type[Profile]) -> Plan:
    tag = f"{{{profile.namespace or CIM}}}{profile.cim_class}"
    slots = tuple(slot(a, _namespace(profile, a)) for a in attributes(profile))
    mrid = next((s.field for s in slots if s.tag == _MRID), None)
    return Plan(profile, tag, iri(tag), slots, mrid, {iri(s.tag): s for s in slots})


def _namespace(profile: type[Profile], attribute: Attribute) -> str:
    own = attribute.cim.partition(".")[0] == profile.cim_class
    return profile.namespace if own and profile.namespace else CIM


def slot(attribute: Attribute, namespace: str) -> Slot:
    """The slot of `attribute`, whose property lies in `namespace`."""
    shape, write, read = _codec(attribute.type)
    return Slot(
        field=attribute.name,
        tag=f"{{{namespace}}}{attribute.cim}",
        shape=shape,
        type=attribute.type,
        required=attribute.required,
        many=attribute.many,
        write=write,
        read=read,
    )


_Codec = tuple[Shape, Callable[[Any], str], Callable[[str], Any]]


def _codec(kind: type[Any]) -> _Codec:
    if issubclass(kind, Profile):
        return Shape.NODE, str, str
    if issubclass(kind, StrEnum):
        return _enumeration(kind)
    if kind is Reference:
        return Shape.RESOURCE, reference_iri, lambda target: Reference(reference_of(target))
    return Shape.LITERAL, literals.WRITE[kind], literals.READ[kind]


def value_iri(member: StrEnum) -> str:
    """The IRI of a value of an enumeration."""
    return f"{CIM}{type(member).__name__}.{quote(member.value)}"


def _enumeration(kind: type[StrEnum]) -> _Codec:
    to_iri = {member: value_iri(member) for member in kind}
    of_iri = {name: member for member, name in to_iri.items()}

    def read(target: str) -> StrEnum:
        if target not in of_iri:
            raise ValueError(f"is none of the {len(of_iri)} values of {kind.__name__}")
        return of_iri[target]

    return Shape.RESOURCE, to_iri.__getitem__, read
