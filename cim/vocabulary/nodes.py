"""A model of a schema, laid out by subject: schemas are small and full of cross references."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from cim.model.model import TYPE, Model, local_name
from cim.vocabulary.facts import PRIMITIVES, XSD


@dataclass
class Node:
    """What is said of one subject: objects and literals by local name of the property."""

    iri: str
    said: dict[str, list[str]] = field(default_factory=dict)
    types: list[str] = field(default_factory=list)

    def all(self, name: str) -> list[str]:
        return self.said.get(name, [])

    def one(self, name: str) -> str:
        return next(iter(self.all(name)), "")

    def locals(self, name: str) -> tuple[str, ...]:
        """The local names of what `name` points at, each once."""
        return tuple(dict.fromkeys(map(local_name, self.all(name))))

    @property
    def local(self) -> str:
        return local_name(self.iri)

    @property
    def namespace(self) -> str:
        return namespace_of(self.iri)

    def is_a(self, iri: str) -> bool:
        return iri in self.types


class Nodes(dict[str, Node]):
    """The nodes of one document by IRI."""

    @classmethod
    def of(cls, model: Model) -> Nodes:
        nodes = cls()
        for subject, name, kind, target in model.statements():
            node = nodes.setdefault(subject, Node(subject))
            if kind == TYPE:
                node.types.append(target)
            else:
                text = target.partition("\0")[0]
                node.said.setdefault(local_name(name), []).append(text)
        return nodes

    def of_type(self, iri: str) -> list[Node]:
        return [node for node in self.values() if node.is_a(iri)]

    def members(self, first: str) -> Iterator[str]:
        """The members of an rdf:List."""
        seen: set[str] = set()
        while (node := self.get(first)) and first not in seen:
            seen.add(first)
            yield node.one("first")
            first = node.one("rest")


def namespace_of(iri: str) -> str:
    """An IRI without its local name: up to the last "#" or "/"."""
    return iri[: len(iri) - len(local_name(iri))]


def number(text: str) -> int:
    """A number in a multiplicity.  Raises: ValueError."""
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{text!r} is no multiplicity.")
    return int(text[:9])


def type_name(iri: str) -> str:
    """The local name of a class or data type; the CIM's own for one of XML Schema."""
    local = local_name(iri)
    return PRIMITIVES.get(local, local) if iri.startswith(XSD[:-1]) else local
