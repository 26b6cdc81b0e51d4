"""What a vocabulary consists of, as a profile states it: one value for each fact."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """A part of a CIM version that documents may follow.

    iris:      by which a header names it.
    canonical: it is the information model itself, which leaves open what documents must hold.
    version:   of the CIM, as its facts are named.
    """

    name: str
    iris: tuple[str, ...] = ()
    canonical: bool = False
    version: str = ""


@dataclass(frozen=True, slots=True)
class Class:
    """A class as these profiles have it.

    parents:   local names; more than one where profiles leave out classes in between.
    concrete:  whether objects may be of it; None where nobody says.
    described: the profiles speak of objects that others create (stereotype Description).
    compound:  a structured value, not an object.
    """

    name: str
    namespace: str
    parents: tuple[str, ...] = ()
    concrete: bool | None = None
    described: bool = False
    compound: bool = False
    profiles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Property:
    """An attribute or an association end, "Class.name".

    types: local names of its data type, enumeration or target class; any of them is right, and
           nobody knows where there is none.
    least: how many an object must have at least.
    most:  and at most; None for any number.
    inverse: the other end, "" where unknown.
    used:  whether documents write this end (True for attributes), not the other one.
    """

    name: str
    namespace: str
    domain: str
    types: tuple[str, ...] = ()
    least: int = 0
    most: int | None = None
    inverse: str = ""
    used: bool = True
    profiles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Enumeration:
    """Values by local name without that of the enumeration, and the namespace of each."""

    name: str
    namespace: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Datatype:
    """A primitive (its own base), or a CIMDatatype with the primitive of its value.

    base: "Float", "Integer", ...; "" where unknown.
    unit: and multiplier as the profile fixes them, e.g. "W" and "M"; else "".
    """

    name: str
    namespace: str
    base: str = ""
    unit: str = ""
    multiplier: str = ""


@dataclass(frozen=True)
class Facts:
    """All that some profiles state; rows may repeat a name where profiles differ.

    name:   of the version, e.g. "cgmes-3.0".
    origin: whose facts these are and under which licence.
    """

    name: str
    origin: str
    profiles: tuple[Profile, ...] = ()
    classes: tuple[Class, ...] = ()
    properties: tuple[Property, ...] = ()
    enumerations: tuple[Enumeration, ...] = ()
    datatypes: tuple[Datatype, ...] = ()


PRIMITIVES = {
    "string": "String",
    "boolean": "Boolean",
    "float": "Float",
    "double": "Float",
    "decimal": "Decimal",
    "integer": "Integer",
    "int": "Integer",
    "long": "Integer",
    "dateTime": "DateTime",
    "date": "Date",
    "time": "Time",
    "duration": "Duration",
    "gMonthDay": "MonthDay",
    "anyURI": "URI",
}
"""The CIM's names (IEC 61970-301, Domain) for data types of XML Schema."""

XSD = "http://www.w3.org/2001/XMLSchema#"
