"""Dirt in the structure of payload and header."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lxml import etree

from cim import override
from cim.dialect.corrections import Change, Frame
from cim.dialect.headers import removed
from cim.dialect.namespaces import up_to_date
from cim.dialect.parts import (
    OPERATION_SET,
    carriers,
    child,
    children,
    local_name,
    members,
    names,
    noun_of,
    nouns,
    of_envelope,
    shown,
)
from cim.places import place_of
from cim.profile import Profile, attributes
from cim.profiles import NOUNS
from cim.schema.names import RDF
from cim.violation import Refusal

_DEEPEST = 3
_OURS = frozenset({"Format", "Compressed", "ID", OPERATION_SET})
_OF_OPERATION = frozenset({"operationId", "noun", "verb", "elementOperation"})
_WITH_HEADER = frozenset({"MeterServiceRequests"})
"""Nouns in whose published schema a Header comes first."""
_HEADER = frozenset(
    {
        *("Verb", "Noun", "Revision", "ReplayDetection", "Context", "Timestamp", "Source"),
        *("AsyncReplyFlag", "ReplyAddress", "AckRequired", "User", "MessageID", "CorrelationID"),
        *("Comment", "Property"),
    }
)


def wrapper_element(root: etree._Element, _frame: Frame) -> Iterator[Change]:
    """An element of the vendor's around the noun, or in place of it, gives way to the noun."""
    for carrier, name in carriers(root):
        noun = NOUNS.get(name)
        wrapper = _stranger(carrier)
        if noun is None or wrapper is None:
            continue
        inner = _within(wrapper, noun)
        if inner is not None:
            yield Change(wrapper, shown(wrapper), name)
            carrier.replace(wrapper, inner)
        elif len(wrapper) and all(local_name(one) in members(noun) for one in wrapper):
            yield Change(wrapper, shown(wrapper), name)
            _become(wrapper, noun)


def header_in_noun(root: etree._Element, frame: Frame) -> Iterator[Change]:
    """The Header that the published schema of some nouns puts into them once more goes away.

    Raises: Refusal, when it says anything that the Header of the message does not say.
    """
    outer = child(root, "Header") if frame.header is None else frame.header
    for element, noun in nouns(root):
        if outer is None or noun.__name__ not in _WITH_HEADER:
            continue
        if (inner := child(element, "Header")) is None:
            continue
        _check_same(inner, outer)
        yield Change(inner, shown(inner), "")
        removed(inner)


def _check_same(inner: etree._Element, outer: etree._Element) -> None:
    said = {(path, (one.text or "").strip()) for path, one in _leaves(outer)}
    for path, one in _leaves(inner):
        text = (one.text or "").strip()
        if (path, text) not in said:
            line, xpath = place_of(one)
            rule = f"The Header within the payload says {path} {text[:80]!r}, which that of the"
            rule += " message does not say."
            raise Refusal.of("1.8", rule, line=line, xpath=xpath, value=text[:80])


def _leaves(header: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """Every field of a header that holds a text, by its path in local names."""
    for one in header.iter():
        if one is not header and not len(one):
            above = [local_name(e) for e in one.iterancestors() if header in e.iterancestors()]
            yield "/".join((*reversed(above), local_name(one))), one


def unknown_element(root: etree._Element, _frame: Frame) -> Iterator[Change]:
    """What neither the header nor the noun has is left out; their own words never are."""
    for one in children(child(root, "Header")):
        if of_envelope(one) and local_name(one) not in _HEADER:
            yield Change(one, shown(one), "")
            removed(one)
    for element, profile in _classes(root):
        known = members(profile)
        for one in list(element):
            if local_name(one) not in known:
                yield Change(one, shown(one), "")
                removed(one)


def payload_order(root: etree._Element, _frame: Frame) -> Iterator[Change]:
    """The children of each class in the order of its schema; like ones stay as they are."""
    for element, noun in nouns(root):
        theirs = override.theirs(noun.__name__)
        if theirs is not None and (first := theirs.order.misplaced(element)) is not None:
            yield Change(first, names(list(first)), f"the order of {theirs.file}")
            theirs.order.arrange(element)
    yield from _our_order(root)


def _our_order(root: etree._Element) -> Iterator[Change]:
    kept = [e for e, noun in nouns(root) if override.theirs(noun.__name__) is not None]
    for element, profile in _classes(root, kept):
        order = members(profile)
        places = [order.get(local_name(one), -1) for one in element]
        if -1 in places or places == sorted(places):
            continue
        right = sorted(element, key=lambda one: order[local_name(one)])
        yield Change(element, names(list(element)), names(right))
        element[:] = right


def _stranger(carrier: etree._Element) -> etree._Element | None:
    """The only child that is there for a noun, and is none."""
    known = _OURS | _OF_OPERATION
    found = [one for one in carrier if local_name(one) not in known]
    if len(found) != 1 or noun_of(found[0]) is not None or found[0].tag == f"{{{RDF}}}RDF":
        return None
    return None if local_name(found[0]) in NOUNS else found[0]


def _within(wrapper: etree._Element, noun: type[Profile]) -> etree._Element | None:
    """The noun inside the wrapper, alone on every level."""
    found = wrapper
    for _ in range(_DEEPEST):
        if len(found) != 1:
            return None
        found = found[0]
        up_to_date(found, noun)
        if noun_of(found) is noun:
            return found
    return None


def _become(wrapper: etree._Element, noun: type[Profile]) -> None:
    up_to_date(wrapper, noun)
    for one in (wrapper, *wrapper):
        name = noun.__name__ if one is wrapper else local_name(one)
        one.tag = f"{{{noun.namespace}}}{name}"
        one.attrib.clear()


def _classes(
    root: etree._Element, without: Sequence[etree._Element] = ()
) -> Iterator[tuple[etree._Element, type[Profile]]]:
    """Every element of the payload that stands for a class, from the outside in, but for those of
    some nouns."""
    todo = [(element, noun) for element, noun in nouns(root) if element not in without]
    while todo:
        element, profile = todo.pop()
        yield element, profile
        if inside := _inside(profile):
            named = [(one, inside.get(local_name(one))) for one in reversed(element)]
            todo += [(one, kind) for one, kind in named if kind is not None]


def _inside(profile: type[Profile]) -> Mapping[str, type[Profile]]:
    """The elements of a class that are classes themselves."""
    if profile not in _parts:
        _parts[profile] = {
            a.tag: a.type for a in attributes(profile) if issubclass(a.type, Profile)
        }
    return _parts[profile]


_parts: dict[type[Profile], Mapping[str, type[Profile]]] = {}
