"""The facts in RDF Schema as IEC 61970-501 extends it (dialects RDFS2019 and RDFS2020)."""

from __future__ import annotations

from cim.vocabulary.facts import Class, Datatype, Enumeration, Facts, Profile, Property
from cim.vocabulary.nodes import Node, Nodes, number, type_name

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
CIMS = "http://iec.ch/TC57/1999/rdf-schema-extensions-19990926#"
_DATATYPES = frozenset({"Primitive", "CIMDatatype"})
_ASSOCIATION = frozenset({"AssociationUsed", "inverseRoleName"})


def facts(nodes: Nodes, name: str) -> Facts:
    """What one document states; `name` is that of its profile if it does not say it itself."""
    return _Document(nodes, name).facts()


class _Document:
    def __init__(self, nodes: Nodes, name: str) -> None:
        self.nodes = nodes
        self.classes = nodes.of_type(f"{RDFS}Class")
        self.properties = nodes.of_type(f"{RDF}Property")
        self.values = self._values()
        self.profile = _profile(nodes, name)
        self.datatypes = {
            c.local: c for c in self.classes if not _DATATYPES.isdisjoint(c.locals("stereotype"))
        }

    def facts(self) -> Facts:
        properties = [p for p in self.properties if _domain(p) not in self.datatypes]
        return Facts(
            self.profile.name,
            "",
            (self.profile,),
            tuple(self._class(c) for c in self.classes if self._is_class(c)),
            tuple(self._property(p) for p in properties),
            tuple(self._enumeration(c) for c in self.classes if self._is_enumeration(c)),
            tuple(self._datatype(c) for c in self.datatypes.values()),
        )

    def _values(self) -> dict[str, list[Node]]:
        """Nodes that are of a class of the CIM: the values of enumerations."""
        found: dict[str, list[Node]] = {}
        classes = {c.iri for c in self.classes}
        for node in self.nodes.values():
            for kind in node.types:
                if kind in classes or "enum" in node.all("stereotype"):
                    found.setdefault(kind, []).append(node)
        return found

    def _is_enumeration(self, node: Node) -> bool:
        return "enumeration" in node.locals("stereotype") or node.iri in self.values

    def _is_class(self, node: Node) -> bool:
        return not self._is_enumeration(node) and node.local not in self.datatypes

    def _class(self, node: Node) -> Class:
        marks = node.locals("stereotype")
        return Class(
            node.local,
            node.namespace,
            node.locals("subClassOf"),
            "concrete" in marks,
            "Description" in marks,
            "Compound" in marks,
            (self.profile.name,),
        )

    def _property(self, node: Node) -> Property:
        least, most = multiplicity(node.one("multiplicity"))
        ranges = node.all("dataType") + node.all("range")
        return Property(
            node.local,
            node.namespace,
            _domain(node),
            tuple(dict.fromkeys(map(type_name, ranges))),
            least,
            most,
            next(iter(node.locals("inverseRoleName")), ""),
            node.one("AssociationUsed").lower() != "no",
            (self.profile.name,),
        )

    def _enumeration(self, node: Node) -> Enumeration:
        return Enumeration(
            node.local,
            node.namespace,
            values_of(node.local, self.values[node.iri]) if node.iri in self.values else (),
        )

    def _datatype(self, node: Node) -> Datatype:
        parts = {p.local.rpartition(".")[2]: p for p in self.properties if _domain(p) == node.local}
        if "Primitive" in node.locals("stereotype"):
            return Datatype(node.local, node.namespace, node.local)
        value, unit, multiplier = (parts.get(n) for n in ("value", "unit", "multiplier"))
        base = type_name(value.one("dataType") or value.one("range")) if value else ""
        return Datatype(node.local, node.namespace, base, _fixed(unit), _fixed(multiplier))


def values_of(enumeration: str, nodes: list[Node]) -> tuple[tuple[str, str], ...]:
    """The values that these nodes are, without the name of their enumeration, and their
    namespaces."""
    return tuple(sorted((n.local.removeprefix(f"{enumeration}."), n.namespace) for n in nodes))


def multiplicity(iri: str) -> tuple[int, int | None]:
    """Least and most of "...#M:0..1", "...#M:1" or "...#M:1..n"; 0 and None without one.

    Raises: ValueError.
    """
    if not iri:
        return 0, None
    low, dots, high = iri.rpartition("M:")[2].partition("..")
    high = high if dots else low
    return number(low), None if high in ("n", "*") else number(high)


def _fixed(node: Node | None) -> str:
    return node.one("isFixed") if node else ""


def _domain(node: Node) -> str:
    return next(iter(node.locals("domain")), node.local.partition(".")[0])


def _profile(nodes: Nodes, name: str) -> Profile:
    """What the header of the document (RDFS2020) says of it, else its one package, else `name`.

    Before RDFS2020 the IRI of a profile is a fixed value of a class of its own.
    """
    fixed = {v for n in nodes.values() for v in n.all("isFixed") if v.startswith("http")}
    for node in nodes.of_type("http://www.w3.org/2002/07/owl#Ontology"):
        iris = {*fixed, *node.all("versionIRI")}
        return Profile(node.one("keyword") or name, tuple(sorted(iris)))
    packages = nodes.of_type(f"{CIMS}ClassCategory")
    label = packages[0].one("label") if len(packages) == 1 else ""
    return Profile(label or name, tuple(sorted(fixed)))
