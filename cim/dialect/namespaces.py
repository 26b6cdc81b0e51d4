"""Older spellings of the namespaces: drafts, other years, www."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from cim.dialect.corrections import Change, Frame
from cim.envelope.aliases import current, older
from cim.profile import Profile


def older_namespace(root: etree._Element, _frame: Frame) -> Iterator[Change]:
    """http://www.iec.ch/TC57/2008/schema/message -> http://iec.ch/TC57/2011/schema/message."""
    for namespace, first in older(root).items():
        now = current(namespace)
        yield Change(first, namespace, now)
        renamed(root, namespace, now)


def renamed(root: etree._Element, namespace: str, now: str) -> None:
    """Put everything of one namespace below `root` into another."""
    for element in root.iter(f"{{{namespace}}}*"):
        element.tag = f"{{{now}}}{etree.QName(element).localname}"


def up_to_date(element: etree._Element, noun: type[Profile]) -> None:
    """Rename older namespaces of the noun, which lay too deep to be seen."""
    spaces = {etree.QName(one).namespace or "" for one in element.iter()}
    for space in spaces:
        if space != noun.namespace and current(space) == noun.namespace:
            renamed(element, space, noun.namespace)
