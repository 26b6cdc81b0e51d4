"""Payloads as trees, and back: whatever the element, and in words where a value cannot be kept."""

from __future__ import annotations

import copy
from typing import Any

from lxml import etree

from cim.parse import MODEL, line_of, parse
from cim.profile import RdfXml, Reference
from cim.violation import Refusal
from cim.xml.plan import Field, Plan


def fill(element: etree._Element, value: Any, plan: Plan) -> None:
    """Write the attributes of an object into its element."""
    for field in plan.fields:
        content = getattr(value, field.name)
        if content is None:
            continue
        for one in content if field.many else (content,):
            _write(etree.SubElement(element, field.tag), one, field)


def _write(element: etree._Element, value: Any, field: Field) -> None:
    if field.simple is not None:
        element.text = field.simple.write(value)
    elif field.plan is not None:
        fill(element, value, field.plan)
    elif field.type is Reference:
        element.set("ref", value)
    else:
        element.append(parse(value, MODEL))


def take(element: etree._Element, plan: Plan) -> Any:
    """The object in an element.  Raises: Refusal, for a value that cannot be kept."""
    held = plan.blank.copy()
    members: dict[str, list[Any]] = {}
    child = element
    try:
        for child in element:
            field = plan.by_tag[child.tag]
            if field.simple is not None:
                value = field.simple.read(child.text or "")
            else:
                value = take(child, field.plan) if field.plan is not None else _other(child, field)
            if field.many:
                members.setdefault(field.name, []).append(value)
            else:
                held[field.name] = value
    except Refusal:
        raise
    except (ArithmeticError, KeyError, TypeError, ValueError) as error:
        raise Refusal.of(
            "1.8",
            f"{etree.QName(child).localname} holds a value that cannot be kept: {error}.",
            line=line_of(child),
            value=(child.text or "")[:80],
        ) from error
    for name, many in members.items():
        held[name] = tuple(many)
    return plan.made_of(held)


def _other(element: etree._Element, field: Field) -> Reference | RdfXml:
    """A reference, or a document alone: a copy does not repeat the namespaces around it."""
    if field.type is Reference:
        return Reference(element.attrib["ref"])
    return RdfXml(etree.tostring(copy.deepcopy(element[0]), encoding="UTF-8", with_tail=False))
