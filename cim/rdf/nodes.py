"""What an RDF/XML document says, by subject: the form both readers yield."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, cast

from lxml import etree


class Statement(NamedTuple):
    """One property of a subject.

    name:   IRI of the property.
    target: what it points at, the key of a subject or any IRI; None when it is a literal.
    text:   the literal.
    """

    name: str
    target: str | None
    text: str
    line: int | None

    @property
    def says(self) -> tuple[str | None, str]:
        """What it says, wherever it stands."""
        return self.target, self.text


@dataclass(slots=True)
class Node:
    """One subject.  Its key is its IRI, "#" and its rdf:ID, or "_:" and its rdf:nodeID."""

    key: str
    line: int | None
    types: list[str] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)


Nodes = dict[str, Node]


def line_of(element: etree._Element) -> int | None:
    """The line on which `element` begins, from 1; None for one that was never text."""
    return cast("int | None", element.sourceline)
