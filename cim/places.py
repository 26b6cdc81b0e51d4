"""Saying where in a document something stands."""

from __future__ import annotations

import re

from lxml import etree

from cim.parse import line_of

_STEP = re.compile(r"(?:(?P<prefix>[^:\[]+):)?(?P<name>[^\[]+)(?:\[(?P<index>\d+)\])?")


def local_name(element: etree._Element) -> str:
    """Its name without the namespace."""
    return etree.QName(element).localname


def xpath_of(element: etree._Element) -> str:
    """The path to `element` in local names, numbered where siblings share the name.

    E.g. "/EventMessage/Payload/EndDeviceEvents/EndDeviceEvent[2]/reason".
    """
    steps = [_step(element), *map(_step, element.iterancestors())]
    return "/" + "/".join(reversed(steps))


def place_of(element: etree._Element) -> tuple[int | None, str]:
    """Its line and its path."""
    return line_of(element), xpath_of(element)


def follow(root: etree._Element, path: str) -> etree._Element:
    """The element that a node path of libxml2 leads to, counted from `root` itself."""
    for step in path.split("/")[2:]:
        found = _STEP.fullmatch(step)
        if found is None:
            break
        candidates = [e for e in root if _fits(e, found["prefix"], found["name"])]
        index = int(found["index"] or 1) - 1
        if index >= len(candidates):
            break
        root = candidates[index]
    return root


def _step(element: etree._Element) -> str:
    name = local_name(element)
    before = sum(1 for _ in element.itersiblings(element.tag, preceding=True))
    alone = not before and next(element.itersiblings(element.tag), None) is None
    return name if alone else f"{name}[{before + 1}]"


def _fits(element: etree._Element, prefix: str | None, name: str) -> bool:
    return name == "*" or (element.prefix == prefix and local_name(element) == name)
