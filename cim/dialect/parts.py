"""Finding one's way in an envelope whose namespaces may still be strongly typed ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from cim.message import OperationSet
from cim.profile import Profile, attributes
from cim.profiles import NOUNS
from cim.schema.names import MESSAGE

OPERATION_SET = OperationSet.__name__


def local_name(element: etree._Element) -> str:
    """Its name without the namespace; ten times as fast as a QName, and asked of every element."""
    return element.tag.rpartition("}")[2]


def children(element: etree._Element | None) -> list[etree._Element]:
    """Its children as they are now; none of none."""
    return [] if element is None else list(element)


def child(element: etree._Element | None, name: str) -> etree._Element | None:
    """Its first child of that local name."""
    for one in () if element is None else element:
        if one.tag.endswith(name) and local_name(one) == name:
            return one
    return None


def header(root: etree._Element, name: str) -> etree._Element | None:
    """The element `name` of the header."""
    return child(child(root, "Header"), name)


def header_text(root: etree._Element, name: str) -> str:
    """What it says, "" without one."""
    found = header(root, name)
    return "" if found is None else found.text or ""


def operations(root: etree._Element) -> Iterator[etree._Element]:
    """The operations of an operation set, or of `root` when it is one that came compressed."""
    whole = local_name(root) == OPERATION_SET
    for one in children(root if whole else child(child(root, "Payload"), OPERATION_SET)):
        if local_name(one) == "Operation":
            yield one


def carriers(root: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """What holds a noun, the payload or an operation, and the name of that noun."""
    noun = header_text(root, "Noun")
    payload = child(root, "Payload")
    if payload is not None:
        yield payload, noun
    for operation in operations(root):
        own = child(operation, "noun")
        yield operation, noun if own is None else own.text or ""


def nouns(root: etree._Element) -> Iterator[tuple[etree._Element, type[Profile]]]:
    """The nouns that a message carries, or `root` when it is one."""
    for element in (root, *children(child(root, "Payload"))):
        noun = noun_of(element)
        if noun is not None:
            yield element, noun
        elif local_name(element) == OPERATION_SET:
            inside = [one for operation in element for one in operation]
            yield from ((one, noun) for one in inside if (noun := noun_of(one)) is not None)


def noun_of(element: etree._Element) -> type[Profile] | None:
    """The noun that `element` is, by name and namespace."""
    noun = NOUNS.get(local_name(element))
    return noun if noun and element.tag == f"{{{noun.namespace}}}{noun.__name__}" else None


def of_envelope(element: etree._Element) -> bool:
    """Whether it is in the namespace of the envelope."""
    return etree.QName(element).namespace == MESSAGE


def members(profile: type[Profile]) -> Mapping[str, int]:
    """The elements of a class with their places."""
    if profile not in _places:
        _places[profile] = {a.tag: place for place, a in enumerate(attributes(profile))}
    return _places[profile]


_places: dict[type[Profile], Mapping[str, int]] = {}


def shown(element: etree._Element) -> str:
    """Its name and namespace."""
    name = etree.QName(element)
    return f"{name.localname} of {name.namespace}" if name.namespace else name.localname


def names(elements: list[etree._Element]) -> str:
    """Their names, like neighbours once."""
    found = [local_name(one) for one in elements]
    return ", ".join(n for place, n in enumerate(found) if place == 0 or found[place - 1] != n)
