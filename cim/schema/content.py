"""What an XSD lets stand in an element, worked out: named or nested types, groups, extensions.

Only what a profile can differ in is looked at: elements, attributes, how often, in which order,
of which type.  Identity constraints, wildcards' namespaces and substitution groups are not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from lxml import etree

from cim.schema.library import Document, Library
from cim.schema.names import XS

ANY = "*"
"""Stands for whatever a wildcard lets in."""

_FACETS = (
    *("pattern", "length", "minLength", "maxLength", "totalDigits", "fractionDigits"),
    *("minInclusive", "maxInclusive", "minExclusive", "maxExclusive"),
)
_MODELS = frozenset({"sequence", "choice", "all", "group"})


def _xs(name: str) -> str:
    return f"{{{XS}}}{name}"


@dataclass(frozen=True)
class Member:
    """An element within a type, or an attribute ("@ref").

    least, most: how often; most None: any number.
    choice:      the xs:choice of which it is one of the things that exclude one another, if any.
    declared:    where its type is said.
    """

    name: str
    least: int
    most: int | None
    choice: etree._Element | None
    declared: etree._Element


@dataclass(frozen=True)
class Simple:
    """A simple type.

    base:   the built-in type it comes from, "list of ..." or "union".
    values: of an enumeration, in their order; empty when it is none.
    facets: e.g. "maxLength" -> "64".
    node:   where it is declared; None for a built-in type.
    """

    base: str
    values: tuple[str, ...] = ()
    facets: tuple[tuple[str, str], ...] = ()
    node: etree._Element | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Complex:
    """What stands in an element.  text: of its own, beside or instead of elements.

    name: of the type; empty when it has none.
    node: where it is declared; the same type is the same node.
    """

    name: str
    members: tuple[Member, ...]
    text: Simple | None
    node: etree._Element


class Content:
    """The types of one noun in a library."""

    def __init__(self, library: Library, noun: str) -> None:
        self._library = library
        self._document = library.nouns[noun]
        self.noun = noun

    @property
    def namespace(self) -> str:
        """In which the noun is."""
        return self._document.namespace

    @property
    def root(self) -> etree._Element:
        """The declaration of the noun."""
        return self._document.elements[self.noun]

    def type_of(self, declared: etree._Element) -> Simple | Complex:
        """The type of an element or attribute, by its declaration."""
        if ref := declared.get("ref"):
            found = self._global(declared, ref, etree.QName(declared).localname)
            return Simple("anyType") if found is None else self.type_of(found)
        if name := declared.get("type"):
            return self._named(declared, name)
        for inner in declared.iterchildren(_xs("complexType"), _xs("simpleType")):
            return self._type(inner)
        return Simple("anyType")

    def _named(self, at: etree._Element, name: str) -> Simple | Complex:
        found = self._global(at, name, "complexType", "simpleType")
        return Simple(name.rpartition(":")[2]) if found is None else self._type(found)

    def _type(self, node: etree._Element) -> Simple | Complex:
        return self._simple(node) if node.tag == _xs("simpleType") else self._complex(node)

    # -- simple types

    def _simple(self, node: etree._Element) -> Simple:
        for rule in node.iterchildren(_xs("list"), _xs("union")):
            item = rule.get("itemType", "").rpartition(":")[2]
            return Simple(f"list of {item}" if rule.tag == _xs("list") else "union")
        for restriction in node.iterchildren(_xs("restriction")):
            return replace(self._restricted(restriction), node=node)
        return Simple("anySimpleType")

    def _restricted(self, restriction: etree._Element) -> Simple:
        base: Simple | Complex = Simple("anySimpleType")
        if name := restriction.get("base"):
            base = self._named(restriction, name)
        for inner in restriction.iterchildren(_xs("simpleType")):
            base = self._simple(inner)
        if isinstance(base, Complex):
            base = base.text or Simple("anySimpleType")
        values = tuple(e.get("value", "") for e in restriction.iterchildren(_xs("enumeration")))
        own = {f: e.get("value", "") for f in _FACETS for e in restriction.iterchildren(_xs(f))}
        facets = tuple(sorted({**dict(base.facets), **own}.items()))
        return replace(base, values=values or base.values, facets=facets)

    # -- complex types

    def _complex(self, node: etree._Element) -> Complex:
        text: Simple | None = Simple("string") if node.get("mixed") in ("true", "1") else None
        members = list(self._members(node))
        for content in node.iterchildren(_xs("complexContent"), _xs("simpleContent")):
            for derived in content.iterchildren(_xs("extension"), _xs("restriction")):
                base = self._named(derived, derived.get("base", ""))
                inherited = self._inherited(base, derived)
                members += inherited
                members += self._members(derived)
                if content.tag == _xs("simpleContent"):
                    text = self._text(base, derived)
        return Complex(node.get("name", ""), _in_order(members), text, node)

    def _inherited(self, base: Simple | Complex, derived: etree._Element) -> list[Member]:
        """A restriction says its elements again, but not its attributes."""
        if not isinstance(base, Complex):
            return []
        if derived.tag == _xs("extension"):
            return list(base.members)
        said = {attribute.name for attribute in self._attributes(derived)}
        return [m for m in base.members if m.name.startswith("@") and m.name not in said]

    def _text(self, base: Simple | Complex, derived: etree._Element) -> Simple:
        if derived.tag == _xs("restriction"):
            return self._restricted(derived)
        return (base.text or Simple("anySimpleType")) if isinstance(base, Complex) else base

    def _members(self, node: etree._Element) -> Iterator[Member]:
        for model in node:
            if etree.QName(model).localname in _MODELS:
                yield from self._particles(model, 1, 1, None)
        yield from self._attributes(node)

    def _particles(
        self, node: etree._Element, least: int, most: int | None, choice: etree._Element | None
    ) -> Iterator[Member]:
        kind = etree.QName(node).localname
        low, high = _occurs(node)
        least, most = least * low, None if most is None or high is None else most * high
        if kind == "element":
            name = _called(node).rpartition(":")[2]
            yield Member(name, least, most, choice, node)
        elif kind == "any":
            yield Member(ANY, least, most, choice, node)
        elif kind == "group" and node.get("ref"):
            group = self._global(node, node.get("ref", ""), "group")
            for model in () if group is None else group:
                if etree.QName(model).localname in _MODELS:
                    yield from self._particles(model, least, most, choice)
        elif kind in _MODELS:
            for inner in node:
                if kind == "choice":
                    outer = choice if most != 1 or choice is not None else node
                    single = etree.QName(inner).localname in ("element", "choice")
                    yield from self._particles(inner, 0, most, outer if single else None)
                else:
                    yield from self._particles(inner, least, most, choice)

    def _attributes(self, node: etree._Element) -> Iterator[Member]:
        for one in node.iterchildren(_xs("attribute")):
            name = _called(one).rpartition(":")[2]
            if one.get("use") != "prohibited":
                yield Member(f"@{name}", int(one.get("use") == "required"), 1, None, one)
        for group in node.iterchildren(_xs("attributeGroup")):
            found = self._global(group, group.get("ref", ""), "attributeGroup")
            yield from () if found is None else self._attributes(found)

    # -- names

    def _global(self, at: etree._Element, name: str, *kinds: str) -> etree._Element | None:
        """The global component that a qualified name at `at` means; None for a built-in type."""
        prefix, _, local = name.rpartition(":")
        namespace = at.nsmap.get(prefix or None, "")
        for kind in kinds:
            if (found := self._components.get((namespace or "", kind, local))) is not None:
                return found
        return None

    @cached_property
    def _components(self) -> Mapping[tuple[str, str, str], etree._Element]:
        """Every global component within reach, by namespace, kind and name."""
        found: dict[tuple[str, str, str], etree._Element] = {}
        todo, seen = [(self._document, self._document.namespace)], set()
        while todo:
            document, namespace = todo.pop()
            if (document.name, namespace) in seen:
                continue
            seen.add((document.name, namespace))
            for one in document.root:
                if name := one.get("name"):
                    found.setdefault((namespace, etree.QName(one).localname, name), one)
            todo += self._linked(document, namespace)
        return found

    def _linked(self, document: Document, namespace: str) -> Iterator[tuple[Document, str]]:
        for link, name in document.linked(self._library.data):
            if name is not None:
                linked = self._library.documents[name]
                # What is included without a namespace takes that of the one who includes it.
                own = linked.namespace
                yield linked, own if link.tag == _xs("import") else own or namespace


def _called(node: etree._Element) -> str:
    return node.get("name") or node.get("ref") or ""


def _occurs(node: etree._Element) -> tuple[int, int | None]:
    most = node.get("maxOccurs", "1")
    return int(node.get("minOccurs", "1")), None if most == "unbounded" else int(most)


def _in_order(members: list[Member]) -> tuple[Member, ...]:
    """The elements, each once, then the attributes; one that stands in two places counts both."""
    found: dict[str, Member] = {}
    for member in members:
        known = found.get(member.name)
        if known is None:
            found[member.name] = member
        else:
            most = None if known.most is None or member.most is None else known.most + member.most
            least = known.least + member.least
            if known.choice is not None and known.choice is member.choice:
                most = None if most is None else max(known.most or 0, member.most or 0)
            found[member.name] = replace(known, least=least, most=most)
    return tuple(sorted(found.values(), key=lambda m: m.name.startswith("@")))
