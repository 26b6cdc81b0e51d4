"""Hypothesis strategies for every profile, read from its declaration."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from typing import Any

from hypothesis import strategies as st
from lxml import etree

from cim.parse import parse
from cim.profile import Attribute, Profile, RdfXml, Reference, attributes

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
CIM = "http://iec.ch/TC57/CIM100#"

FEW = 12
"""Examples of each noun, where what is tested is one for all nouns."""

# Every character XML 1.0 can carry; no lone surrogates and no control characters but three.
xml_text = st.text(
    st.one_of(
        st.sampled_from("\t\n\r &<>\"'äß漢😀\u00a0\u2028"),
        st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"),
    ),
    max_size=12,
)
codes = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,20}", fullmatch=True)
_zones: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.just(UTC),
    st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
date_times = st.datetimes(
    min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=_zones
)


@st.composite
def rdf_documents(draw: st.DrawFn) -> RdfXml:
    """A small CIM RDF/XML document."""
    names = draw(st.lists(codes, max_size=3, unique=True))
    breakers = "".join(
        f'<cim:Breaker rdf:about="urn:uuid:{n}"><cim:IdentifiedObject.name>{n}'
        "</cim:IdentifiedObject.name></cim:Breaker>"
        for n in names
    )
    text = f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:cim="{CIM}">{breakers}</rdf:RDF>'
    return RdfXml(etree.tostring(parse(text.encode()), encoding="UTF-8"))


_SIMPLE: dict[type[Any], Callable[[], st.SearchStrategy[Any]]] = {
    str: lambda: xml_text,
    int: lambda: st.integers(-(2**40), 2**40),
    float: lambda: st.floats(allow_nan=False),
    Decimal: lambda: st.decimals(allow_nan=False, allow_infinity=False, places=4),
    bool: st.booleans,
    datetime: lambda: date_times,
    date: st.dates,
    time: lambda: st.times(timezones=_zones),
    Reference: lambda: codes.map(Reference),
    RdfXml: rdf_documents,
}


_built: dict[type[Profile], st.SearchStrategy[Any]] = {}


def profiles(profile: type[Profile]) -> st.SearchStrategy[Any]:
    """Any value of `profile`: a noun, or a class inside one."""
    if profile not in _built:
        _built[profile] = st.deferred(lambda: _build(profile))
    return _built[profile]


def _build(profile: type[Profile]) -> st.SearchStrategy[Any]:
    groups = [
        _group(choice, list(members))
        for choice, members in groupby(attributes(profile), key=lambda a: a.choice)
    ]
    return st.tuples(*groups).map(
        lambda parts: profile(**{k: v for part in parts for k, v in part.items()})
    )


def _group(choice: str | None, members: list[Attribute]) -> st.SearchStrategy[dict[str, Any]]:
    if choice is None or members[0].many:
        return st.fixed_dictionaries({a.name: _values(a) for a in members})
    alternatives = [st.fixed_dictionaries({a.name: _value(a)}) for a in members]
    return st.one_of(st.just({}), *alternatives)


def _values(a: Attribute) -> st.SearchStrategy[Any]:
    if a.many:
        return st.lists(_value(a), min_size=int(a.required), max_size=2).map(tuple)
    return _value(a) if a.required else st.none() | _value(a)


def _value(a: Attribute) -> st.SearchStrategy[Any]:
    if issubclass(a.type, Profile):
        return profiles(a.type)
    if issubclass(a.type, StrEnum):
        return st.sampled_from(list(a.type))
    return _SIMPLE[a.type]()
