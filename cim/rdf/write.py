"""Write a noun as flat CIM RDF/XML: typed nodes, their properties, references."""

from __future__ import annotations

from typing import Any

from lxml import etree

from cim.profile import Profile
from cim.rdf.names import (
    ABOUT,
    CIM,
    GRIDBUS,
    MEMBER,
    NODE_ID,
    POSITION,
    RDF,
    RESOURCE,
    ROOT,
    VALUE,
    is_uuid,
    urn,
)
from cim.rdf.plan import Plan, Shape, Slot, plan

_sub = etree.SubElement
_Link = tuple[etree._Element, etree._Element | None]


def write(payload: Profile) -> etree._Element:
    """The rdf:RDF element of `payload`."""
    root = etree.Element(
        ROOT, nsmap={"rdf": RDF, "cim": CIM, "n": payload.namespace, "gridbus": GRIDBUS}
    )
    _Writer(root).node(payload, None)
    return root


class _Writer:
    """One document.  `named` holds the one object of each UUID, None when it came again.

    Objects without a UUID of their own are blank nodes: they have no name outside the document,
    so that two messages loaded into one store never run into one another.
    """

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self.count = 0
        self.named: dict[str, _Link | None] = {}

    def node(self, value: Profile, link: etree._Element | None) -> etree._Element:
        """Add the node of `value`, pointed at by the property element `link`."""
        how = plan(type(value))
        node = _sub(self.root, how.tag)
        self._identify(value, how, (node, link))
        for slot in how.slots:
            content = getattr(value, slot.field)
            if slot.many:
                self._many(node, slot, content)
            elif content is not None:
                self._one(node, slot.tag, slot, content)
        return node

    def _one(self, node: etree._Element, tag: str, slot: Slot, content: Any) -> etree._Element:
        """One statement; returns the node that speaks for `content`."""
        statement = _sub(node, tag)
        if slot.shape is Shape.LITERAL:
            statement.text = slot.write(content)
        elif slot.shape is Shape.RESOURCE:
            statement.set(RESOURCE, slot.write(content))
        else:
            return self.node(content, statement)
        return node

    def _many(self, node: etree._Element, slot: Slot, contents: tuple[Any, ...]) -> None:
        """RDF keeps no order and no doubles: members of more than one carry their position."""
        if len(contents) == 1:
            self._one(node, slot.tag, slot, contents[0])
            return
        for position, content in enumerate(contents):
            if slot.shape is Shape.NODE:
                member = self._one(node, slot.tag, slot, content)
            else:
                member = _sub(self.root, MEMBER)
                self._local((member, _sub(node, slot.tag)))
                self._one(member, VALUE, slot, content)
            _sub(member, POSITION).text = str(position)

    def _identify(self, value: Profile, how: Plan, link: _Link) -> None:
        """Name a node by its mRID if that is a UUID and no other object here has it."""
        mrid = getattr(value, how.mrid) if how.mrid else None
        if mrid is None or not is_uuid(mrid):
            self._local(link)
            return
        key = mrid.lower()
        if key not in self.named:
            self.named[key] = link
            _name(link, ABOUT, RESOURCE, urn(mrid))
            return
        if first := self.named[key]:
            _unname(first)
            self._local(first)
            self.named[key] = None
        self._local(link)

    def _local(self, link: _Link) -> None:
        self.count += 1
        _name(link, NODE_ID, NODE_ID, f"_{self.count}")


def _name(link: _Link, subject: str, target: str, name: str) -> None:
    node, reference = link
    node.set(subject, name)
    if reference is not None:
        reference.set(target, name)


def _unname(link: _Link) -> None:
    node, reference = link
    del node.attrib[ABOUT]
    if reference is not None:
        del reference.attrib[RESOURCE]
