"""Payloads as the XML of their XSD, and back."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from lxml import etree

from cim.parse import line_of
from cim.plain import Elements
from cim.profile import Profile
from cim.profiles import declared
from cim.violation import Refusal
from cim.xml import columns, trees
from cim.xml.plan import plan_of
from cim.xml.texts import text_of
from cim.xml.values import (
    boolean,
    date_time,
    date_time_text,
    float_text,
    time_of_day,
    time_text,
)

__all__ = [
    "boolean",
    "date_time",
    "date_time_text",
    "decode",
    "encode",
    "float_text",
    "text_of",
    "time_of_day",
    "time_text",
]


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
    trees.fill(root, payload, plan_of(noun, namespace))
    return root


def decode(element: etree._Element, plain: Elements | None = None, at: int = 0) -> Profile:
    """The payload of `element`, which is valid against the XSD of its noun or query.

    plain: the elements of its document, among which it is the number `at`, for speed alone.

    Raises: Refusal, for an unknown noun and for a value that is valid but cannot be held, such as
    a time after the year 9999.
    """
    name = etree.QName(element)
    noun = declared(name.localname)
    if noun is None or noun.namespace != name.namespace:
        raise Refusal.of("2.5", f"{element.tag} is no noun of this hub.", line=line_of(element))
    plan = plan_of(noun, noun.namespace)
    payload: Profile
    if plain is not None and columns.is_quick(plain, at, plan):
        with suppress(*columns.WRONG):  # the tree will tell which element it is
            payload = columns.take(plain, at, plan)
            return payload
    payload = trees.take(element, plan)
    return payload
