"""The facts in OWL as CIMTool writes it, of which the canonical CIM18 is to be had.

A class here stands below the IRI that the CIM gives it; what it may hold are restrictions, which
are classes above it.  Least numbers are hardly ever stated, inverses never.
"""

from __future__ import annotations

from collections.abc import Iterator

from cim.model.model import local_name
from cim.vocabulary.facts import (
    XSD,
    Class,
    Datatype,
    Enumeration,
    Facts,
    Profile,
    Property,
)
from cim.vocabulary.nodes import Node, Nodes, namespace_of, number, type_name

OWL = "http://www.w3.org/2002/07/owl#"
_ATTRIBUTE = "attribute"


def is_owl(nodes: Nodes) -> bool:
    return any(node.is_a(f"{OWL}Restriction") for node in nodes.values())


def facts(nodes: Nodes, name: str) -> Facts:
    """What one document states; `name` is what its profile is to be called."""
    return _Document(nodes, name).facts()


class _Document:
    def __init__(self, nodes: Nodes, name: str) -> None:
        self.nodes = nodes
        self.name = name
        named = (n for n in nodes.of_type(f"{OWL}Class") if not n.iri.startswith("_:"))
        self.classes = {n.iri: n for n in named if n.iri != f"{OWL}Thing"}

    def facts(self) -> Facts:
        properties = [p for c in self.classes.values() for p in self._properties(c)]
        return Facts(
            self.name,
            "",
            (Profile(self.name, canonical=True),),
            tuple(self._class(c) for c in self.classes.values() if not c.all("oneOf")),
            tuple(properties),
            tuple(self._enumeration(c) for c in self.classes.values() if c.all("oneOf")),
            tuple(self._datatypes()),
        )

    def _original(self, node: Node) -> str:
        """The IRI of a class in the CIM: the one above it that is not described here."""
        above = (iri for iri in node.all("subClassOf") if not iri.startswith("_:"))
        return next((iri for iri in above if iri not in self.classes), node.iri)

    def _parents(self, node: Node) -> tuple[str, ...]:
        found = (self.classes[i] for i in node.all("subClassOf") if i in self.classes)
        return tuple(sorted(local_name(self._original(parent)) for parent in found))

    def _class(self, node: Node) -> Class:
        iri = self._original(node)
        compound = "compound" in node.locals("hasStereotype")
        return Class(
            local_name(iri),
            namespace_of(iri),
            self._parents(node),
            compound=compound,
            profiles=(self.name,),
        )

    def _enumeration(self, node: Node) -> Enumeration:
        iri = self._original(node)
        name = local_name(iri)
        members = sorted(self.nodes.members(node.one("oneOf")))
        values = ((local_name(m).removeprefix(f"{name}."), namespace_of(m)) for m in members)
        return Enumeration(name, namespace_of(iri), tuple(values))

    def _properties(self, node: Node) -> Iterator[Property]:
        restrictions: dict[str, list[Node]] = {}
        for iri in node.all("subClassOf"):
            rule = self.nodes.get(iri)
            if rule and rule.is_a(f"{OWL}Restriction"):
                restrictions.setdefault(rule.one("onProperty"), []).append(rule)
        domain = local_name(self._original(node))
        for iri, rules in restrictions.items():
            yield self._property(iri, domain, rules)

    def _property(self, iri: str, domain: str, rules: list[Node]) -> Property:
        ranges = [self.nodes[i] for rule in rules for i in rule.all("allValuesFrom")]
        most = min((number(i) for r in rules for i in r.all("maxCardinality")), default=None)
        if most is None and any(_ATTRIBUTE in r.locals("hasStereotype") for r in ranges):
            most = 1  # an attribute of the UML has one value
        return Property(
            local_name(iri),
            namespace_of(iri),
            domain,
            tuple(dict.fromkeys(t for r in ranges for t in _types(r))),
            max((number(i) for r in rules for i in r.all("minCardinality")), default=0),
            most,
            profiles=(self.name,),
        )

    def _datatypes(self) -> Iterator[Datatype]:
        iris = {i for node in self.nodes.values() for i in node.all("equivalentClass")}
        for iri in sorted(iris):
            if iri.startswith(XSD):
                name = type_name(iri)
                yield Datatype(name, XSD, name)
            else:
                yield Datatype(local_name(iri), namespace_of(iri))


def _types(node: Node) -> Iterator[str]:
    iris = node.all("equivalentClass") + node.all("subClassOf")
    yield from (type_name(iri) for iri in iris if not iri.startswith("_:"))
