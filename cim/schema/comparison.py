"""What is different between two schemas of one noun, in sentences.

"Here" is the schema that the hub generates, "there" the other one.  Types are compared by what they
let stand in an element, not by their names; each pair of types once, where it is met first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from lxml import etree

from cim.profiles import declared
from cim.schema import noun_xsd
from cim.schema.content import ANY, Complex, Content, Member, Simple
from cim.schema.library import Library


class Kind(StrEnum):
    """What differs."""

    NAMESPACE = "namespace"
    MISSING = "missing"
    ADDED = "added"
    CARDINALITY = "cardinality"
    TYPE = "type"
    VALUES = "values"
    ORDER = "order"
    CHOICE = "choice"


@dataclass(frozen=True)
class Difference:
    """One difference.

    where: the element, from the noun, e.g. "EndDeviceEvents/EndDeviceEvent/reason".
    """

    noun: str
    kind: Kind
    where: str
    sentence: str

    def __str__(self) -> str:
        return self.sentence


def differences(noun: str, other: Library) -> list[Difference]:
    """What is different between our schema of `noun` and that in `other`, from the top down."""
    profile = declared(noun)
    assert profile is not None  # noqa: S101 - a library holds none but ours
    ours = Library.of({f"{noun}.xsd": noun_xsd(profile)})
    return list(_Comparison(Content(ours, noun), Content(other, noun)).all())


class _Comparison:
    def __init__(self, here: Content, there: Content) -> None:
        self._here, self._there = here, there
        self._noun = here.noun
        self._seen: set[tuple[etree._Element | None, etree._Element | None]] = set()

    def all(self) -> Iterator[Difference]:
        if self._here.namespace != self._there.namespace:
            text = f"is in the namespace {self._there.namespace!r} there, in"
            yield self._told(Kind.NAMESPACE, self._noun, f"{text} {self._here.namespace!r} here.")
        yield from self._types(self._noun, self._here.root, self._there.root)

    def _told(self, kind: Kind, where: str, text: str) -> Difference:
        return Difference(self._noun, kind, where, f"{where} {text}")

    def _types(
        self, where: str, here: etree._Element, there: etree._Element
    ) -> Iterator[Difference]:
        one, other = self._here.type_of(here), self._there.type_of(there)
        pair = one.node, other.node
        if pair in self._seen:
            return
        if None not in pair:
            self._seen.add(pair)
        if isinstance(one, Complex) and isinstance(other, Complex):
            yield from self._contents(where, one, other)
        elif isinstance(one, Simple) and isinstance(other, Simple):
            yield from self._simples(where, one, other)
        else:
            yield self._told(Kind.TYPE, where, f"{_holds(other)} there, {_holds(one)} here.")

    # -- elements

    def _contents(self, where: str, one: Complex, other: Complex) -> Iterator[Difference]:
        here = {m.name: m for m in one.members}
        there = {m.name: m for m in other.members}
        if (one.text is None) != (other.text is None):
            yield self._told(Kind.TYPE, where, f"{_holds(other)} there, {_holds(one)} here.")
        elif one.text is not None and other.text is not None:
            yield from self._simples(where, one.text, other.text)
        for name in here:
            if name not in there:
                yield self._told(Kind.MISSING, f"{where}/{name}", _only(name, "here", "there"))
        for name in there:
            if name not in here:
                yield self._told(Kind.ADDED, f"{where}/{name}", _only(name, "there", "here"))
        both = [name for name in here if name in there]
        yield from self._order(where, both, [name for name in there if name in here])
        yield from self._choices(where, [here[n] for n in both], [there[n] for n in both])
        for name in both:
            path = f"{where}/{name}"
            yield from self._occurs(path, here[name], there[name])
            if name != ANY:
                yield from self._types(path, here[name].declared, there[name].declared)

    def _occurs(self, where: str, here: Member, there: Member) -> Iterator[Difference]:
        if bool(here.least) != bool(there.least):
            words = ("optional", "required")
            text = f"is {words[bool(there.least)]} there, {words[bool(here.least)]} here."
            yield self._told(Kind.CARDINALITY, where, text)
        elif here.least != there.least:
            text = f"must occur {_times(there.least)} there, {_times(here.least)} here."
            yield self._told(Kind.CARDINALITY, where, text)
        if here.most != there.most:
            text = f"may occur {_times(there.most)} there, {_times(here.most)} here."
            yield self._told(Kind.CARDINALITY, where, text)

    def _order(self, where: str, here: Sequence[str], there: Sequence[str]) -> Iterator[Difference]:
        """The fewest elements that stand elsewhere."""
        here, there = ([n for n in names if n[0] != "@"] for names in (here, there))
        kept = SequenceMatcher(None, here, there, autojunk=False).get_matching_blocks()
        settled = {name for block in kept for name in here[block.a : block.a + block.size]}
        for name in there:
            if name not in settled:
                text = f"comes {_after(name, there)} there, {_after(name, here)} here."
                yield self._told(Kind.ORDER, f"{where}/{name}", text)

    def _choices(
        self, where: str, here: Sequence[Member], there: Sequence[Member]
    ) -> Iterator[Difference]:
        for these, those, place, other in (
            (here, there, "here", "there"),
            (there, here, "there", "here"),
        ):
            groups = _groups(those)
            for group in _groups(these):
                if not any(group <= known for known in groups):
                    names = [m.name for m in these if m.name in group]
                    text = f"holds only one of {', '.join(names)} {place}, but any of them {other}."
                    yield self._told(Kind.CHOICE, where, text)

    # -- simple types

    def _simples(self, where: str, one: Simple, other: Simple) -> Iterator[Difference]:
        if one.base != other.base:
            text = f"is of type {other.base} there, {one.base} here."
            yield self._told(Kind.TYPE, where, text)
        yield from self._values(where, one.values, other.values)
        here, there = dict(one.facets), dict(other.facets)
        for facet in sorted(here.keys() | there.keys()):
            if here.get(facet) != there.get(facet):
                text = f"has {_facet(facet, there)} there, {_facet(facet, here)} here."
                yield self._told(Kind.TYPE, where, text)

    def _values(
        self, where: str, here: Sequence[str], there: Sequence[str]
    ) -> Iterator[Difference]:
        if bool(here) != bool(there):
            one, other = ("there", "here") if there else ("here", "there")
            values = ", ".join(there or here)
            text = f"must be one of {values} {one}, and may be any {other}."
            yield self._told(Kind.VALUES, where, text)
            return
        for these, those, place, other in (
            (here, there, "here", "there"),
            (there, here, "there", "here"),
        ):
            if alone := [value for value in these if value not in those]:
                text = f"may be {', '.join(alone)} {place}, but not {other}."
                yield self._told(Kind.VALUES, where, text)


def _only(name: str, place: str, other: str) -> str:
    what = "stands for any element" if name == ANY else "is"
    return f"{what} {place}, but not {other}."


def _holds(kind: Simple | Complex) -> str:
    if isinstance(kind, Simple):
        return f"holds text of type {kind.base}"
    if kind.text is not None:
        return f"holds text of type {kind.text.base}" if not kind.members else "holds text, too,"
    return "holds elements" if any(m.name[0] != "@" for m in kind.members) else "is empty"


def _times(count: int | None) -> str:
    if count is None:
        return "any number of times"
    return "once" if count == 1 else f"{count} times"


def _after(name: str, names: Sequence[str]) -> str:
    place = names.index(name)
    return f"after {names[place - 1]}" if place else "first"


def _facet(name: str, facets: dict[str, str]) -> str:
    return f"{name} {facets[name]}" if name in facets else f"no {name}"


def _groups(members: Sequence[Member]) -> list[set[str]]:
    """Names of elements that exclude one another, where two at least are known on both sides."""
    groups: dict[etree._Element, set[str]] = {}
    for member in members:
        if member.choice is not None:
            groups.setdefault(member.choice, set()).add(member.name)
    return [group for group in groups.values() if len(group) > 1]
