"""Payloads as the XML of their XSD, and back."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from lxml import etree

from cim.parse import MODEL, line_of, parse
from cim.profile import Attribute, Profile, RdfXml, Reference, attributes
from cim.profiles import declared
from cim.violation import Refusal

Writer = Callable[[etree._Element, Any], None]
Reader = Callable[[etree._Element], Any]


def encode(
    payload: Profile, prefix: str | None = None, namespace: str | None = None
) -> etree._Element:
    """The element of `payload`, a noun or a query.

    prefix:    for the namespace of the noun; None makes it the default one.
    namespace: instead of that of the noun (`cim.override`).

    Raises: ValueError, when a text holds a character that XML cannot carry.
    """
    noun = type(payload)
    namespace = namespace or noun.namespace
    spaces: Any = {prefix: namespace}
    root = etree.Element(f"{{{namespace}}}{noun.__name__}", nsmap=spaces)
    _fill(root, payload, _plan(noun, namespace))
    return root


def decode(element: etree._Element) -> Profile:
    """The payload of `element`, which is valid against the XSD of its noun or query.

    Raises: Refusal, for an unknown noun and for a value that is valid but cannot be held, such as
    a time after the year 9999.
    """
    name = etree.QName(element)
    noun = declared(name.localname)
    if noun is None or noun.namespace != name.namespace:
        raise Refusal.of("2.5", f"{element.tag} is no noun of this hub.", line=line_of(element))
    payload: Profile = _take(element, _plan(noun, noun.namespace))
    return payload


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    tag: str
    many: bool
    write: Writer
    read: Reader


@dataclass(frozen=True, slots=True)
class _Plan:
    """How to write and read one class in one namespace; made once.

    blank: what a partial payload may leave out, and what then stands there.
    """

    profile: type[Profile]
    fields: tuple[_Field, ...]
    by_tag: Mapping[str, _Field]
    blank: Mapping[str, Any]


_plans: dict[tuple[type[Profile], str], _Plan] = {}


def _plan(profile: type[Profile], namespace: str) -> _Plan:
    known = _plans.get((profile, namespace))
    if known is None:
        fields = tuple(_field(a, namespace) for a in attributes(profile))
        blank = {a.name: () if a.many else None for a in attributes(profile) if a.required}
        known = _Plan(profile, fields, {f.tag: f for f in fields}, blank)
        _plans[profile, namespace] = known
    return known


def _field(a: Attribute, namespace: str) -> _Field:
    return _Field(a.name, f"{{{namespace}}}{a.tag}", a.many, *_codec(a.type, namespace))


def _codec(kind: type[Any], namespace: str) -> tuple[Writer, Reader]:
    if issubclass(kind, Profile):
        plan = _plan(kind, namespace)
        return (lambda element, value: _fill(element, value, plan)), (lambda e: _take(e, plan))
    if issubclass(kind, StrEnum):
        return _text_codec(str, {member.value: member for member in kind}.__getitem__)
    return _CODECS[kind]


def _fill(element: etree._Element, value: Any, plan: _Plan) -> None:
    for field in plan.fields:
        content = getattr(value, field.name)
        if content is None:
            continue
        if field.many:
            for one in content:
                field.write(etree.SubElement(element, field.tag), one)
        else:
            field.write(etree.SubElement(element, field.tag), content)


def _take(element: etree._Element, plan: _Plan) -> Any:
    found = dict(plan.blank)
    members: dict[str, list[Any]] = {}
    child = element
    try:
        for child in element:
            field = plan.by_tag[child.tag]
            if field.many:
                members.setdefault(field.name, []).append(field.read(child))
            else:
                found[field.name] = field.read(child)
        for name, values in members.items():
            found[name] = tuple(values)
        return plan.profile(**found)
    except Refusal:
        raise
    except (ArithmeticError, KeyError, TypeError, ValueError) as error:
        raise Refusal.of(
            "1.8",
            f"{etree.QName(child).localname} holds a value that cannot be kept: {error}.",
            line=line_of(child),
            value=(child.text or "")[:80],
        ) from error


def _text_codec(write: Callable[[Any], str], read: Callable[[str], Any]) -> tuple[Writer, Reader]:
    def writer(element: etree._Element, value: Any) -> None:
        element.text = write(value)

    def reader(element: etree._Element) -> Any:
        return read(element.text or "")

    return writer, reader


def float_text(value: float) -> str:
    """`value` as xs:float writes it."""
    return _FLOATS.get(text := repr(value), text)


_FLOATS = {"inf": "INF", "-inf": "-INF", "nan": "NaN"}


def boolean(text: str) -> bool:
    """The value of an xs:boolean."""
    return text.strip() in ("true", "1")


def date_time_text(value: datetime) -> str:
    """`value` as xs:dateTime writes it; without a zone when it has none."""
    text = value.isoformat()
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def date_time(text: str) -> datetime:
    """The value of an xs:dateTime, to the microsecond.

    Raises: ValueError, outside the years 1 to 9999.
    """
    text = text.strip()
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        if "T24:00:00" not in text:
            raise
        return datetime.fromisoformat(text.replace("T24:", "T00:")) + timedelta(days=1)


def date_of(text: str) -> date:
    """The value of an xs:date.  Raises: ValueError, also when it has a time zone."""
    return date.fromisoformat(text.strip())


def time_text(value: time) -> str:
    """`value` as xs:time writes it; without a zone when it has none."""
    text = value.isoformat()
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def time_of_day(text: str) -> time:
    """The value of an xs:time, to the microsecond; 24:00:00 is the same as 00:00:00."""
    return time.fromisoformat(text.strip().replace("24:00:00", "00:00:00"))


def _write_reference(element: etree._Element, value: Reference) -> None:
    element.set("ref", value)


def _read_reference(element: etree._Element) -> Reference:
    return Reference(element.attrib["ref"])


def _write_rdf(element: etree._Element, value: RdfXml) -> None:
    element.append(parse(value, MODEL))


def _read_rdf(element: etree._Element) -> RdfXml:
    """The document alone: a copy does not repeat the namespaces of the elements around it."""
    return RdfXml(etree.tostring(copy.deepcopy(element[0]), encoding="UTF-8", with_tail=False))


_CODECS: dict[type[Any], tuple[Writer, Reader]] = {
    str: _text_codec(str, str),
    int: _text_codec(str, int),
    float: _text_codec(float_text, float),
    Decimal: _text_codec(lambda value: format(value, "f"), Decimal),
    bool: _text_codec(lambda value: "true" if value else "false", boolean),
    datetime: _text_codec(date_time_text, date_time),
    date: _text_codec(date.isoformat, date_of),
    time: _text_codec(time_text, time_of_day),
    Reference: (_write_reference, _read_reference),
    RdfXml: (_write_rdf, _read_rdf),
}
