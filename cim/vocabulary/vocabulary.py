"""A vocabulary: the classes, attributes and association ends of one CIM version, by local name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

from cim.vocabulary.facts import Class, Datatype, Enumeration, Facts, Profile, Property
from cim.vocabulary.sources import joined


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """What some CIM version and its profiles let documents say.

    Names are local names, "Breaker" and "Switch.open", in whatever namespace a document has them.

    claimed: names of the profiles that a document is to follow.  Then each of them is binding: the
             strictest multiplicity counts, and what none of them has is known, yet outside.
             Without a claim the loosest multiplicity counts, and an object must have only what
             every profile that defines its class demands, in every version put together here.
    """

    facts: Facts
    claimed: frozenset[str] = field(default=frozenset())

    def __repr__(self) -> str:
        claimed = f" ({', '.join(sorted(self.claimed))})" if self.claimed else ""
        return f"Vocabulary({self.name}{claimed})"

    @property
    def name(self) -> str:
        return self.facts.name

    @property
    def profiles(self) -> tuple[Profile, ...]:
        return self.facts.profiles

    def claiming(self, *profiles: str) -> Vocabulary:
        """This vocabulary for documents of these profiles, by name or by IRI; those that it does
        not know are passed over, and all are unless it knows one."""
        wanted = set(profiles)
        known = {p.name for p in self.profiles if wanted & {p.name, *p.iris}}
        return replace(self, claimed=frozenset(known))

    # -- facts by name

    @cached_property
    def classes(self) -> Mapping[str, Class]:
        """Each class as its rows taken together have it."""
        return {name: self._class(rows) for name, rows in self._class_rows.items()}

    @cached_property
    def properties(self) -> Mapping[str, Property]:
        """Each attribute and association end, "Class.name", as the binding rows have it."""
        found = _by_name(self.facts.properties)
        return {name: self._property(rows) for name, rows in found.items()}

    @cached_property
    def enumerations(self) -> Mapping[str, Enumeration]:
        return {e.name: e for e in self.facts.enumerations}

    @cached_property
    def datatypes(self) -> Mapping[str, Datatype]:
        return {d.name: d for d in self.facts.datatypes}

    @cached_property
    def namespaces(self) -> frozenset[str]:
        """Of classes and properties."""
        rows: tuple[Class | Property, ...] = (*self.facts.classes, *self.facts.properties)
        return frozenset(row.namespace for row in rows)

    # -- inheritance

    def ancestors(self, name: str) -> tuple[str, ...]:
        """The class and all that it inherits from, the nearest first."""
        found = self._ancestors.get(name)
        if found is None:
            found = self._ancestors[name] = self._above(name)
        return found

    @cached_property
    def _ancestors(self) -> dict[str, tuple[str, ...]]:
        return {}

    def _above(self, name: str) -> tuple[str, ...]:
        seen = {name: None}
        queue = [name]
        for one in queue:
            row = self.classes.get(one)
            fresh = [parent for parent in row.parents if parent not in seen] if row else []
            seen.update(dict.fromkeys(fresh))
            queue += fresh
        return tuple(seen)

    def is_a(self, name: str, ancestor: str) -> bool:
        """Whether a class is another one or inherits from it."""
        return ancestor in self.ancestors(name)

    def find(self, class_name: str, name: str) -> Property | None:
        """The property that a class or one of its ancestors calls `name`: "r", "Class.r"."""
        if "." in name:
            found = self.properties.get(name)
            return found if found and self.is_a(class_name, found.domain) else None
        names = (f"{one}.{name}" for one in self.ancestors(class_name))
        return next((self.properties[n] for n in names if n in self.properties), None)

    def properties_of(self, class_name: str) -> list[Property]:
        """All that objects of a class may have, those of its ancestors included."""
        return [p for c in self.ancestors(class_name) for p in self._by_domain.get(c, ())]

    @cached_property
    def _by_domain(self) -> dict[str, list[Property]]:
        found: dict[str, list[Property]] = {}
        for one in self.properties.values():
            found.setdefault(one.domain, []).append(one)
        return found

    # -- what is binding

    def is_outside(self, row: Class | Property) -> bool:
        """Whether profiles are claimed and none of them has this."""
        return bool(self.claimed) and self.claimed.isdisjoint(row.profiles)

    def mandatory(self, class_name: str) -> dict[str, int]:
        """What an object of this class must have, and how many at least."""
        definers = self._definers(class_name)
        if not definers:
            return {}
        rows = [r for c in self.ancestors(class_name) for r in self._demanding.get(c, ())]
        least: dict[str, dict[str, int]] = {}
        for row in rows:
            demands = least.setdefault(row.name, {})
            demands |= dict.fromkeys(definers.intersection(row.profiles), row.least)
        enough = 1 if self.claimed else len(definers)
        choose = max if self.claimed else min
        return {n: choose(d.values()) for n, d in least.items() if len(d) >= enough}

    def _definers(self, class_name: str) -> frozenset[str]:
        """The profiles whose demands on the objects of a class count: those that have any."""
        rows = [r for r in self._class_rows.get(class_name, ()) if r.concrete is not False]
        if self.claimed:
            return self.claimed.intersection(p for row in rows for p in row.profiles)
        demanding = {p.name: p.version for p in self.profiles if not p.canonical}
        defining = {p for row in rows if not row.described for p in row.profiles}
        found = defining.intersection(demanding)
        everywhere = {demanding[p] for p in found} == set(demanding.values())
        return frozenset(found) if everywhere else frozenset()

    @cached_property
    def _class_rows(self) -> dict[str, list[Class]]:
        return _by_name(self.facts.classes)

    @cached_property
    def _demanding(self) -> dict[str, list[Property]]:
        """Rows of properties that must be there, by the class that has them."""
        found: dict[str, list[Property]] = {}
        for row in self.facts.properties:
            if row.least:
                found.setdefault(row.domain, []).append(row)
        return found

    def _class(self, rows: Sequence[Class]) -> Class:
        counted = [row for row in rows if not self.is_outside(row)] or rows
        silent = any(row.concrete is None for row in counted)
        return replace(
            counted[0],
            parents=_union(row.parents for row in rows),
            concrete=any(row.concrete for row in counted) or (None if silent else False),
            described=all(row.described for row in counted),
            compound=any(row.compound for row in rows),
            profiles=_union(row.profiles for row in rows),
        )

    def _property(self, rows: Sequence[Property]) -> Property:
        binding = [row for row in rows if not self.is_outside(row)]
        strict = bool(self.claimed and binding)
        counted = binding or list(rows)
        mosts = [row.most for row in counted if row.most is not None]
        unlimited = len(mosts) < (1 if strict else len(counted))
        choose = (max, min) if strict else (min, max)
        return replace(
            counted[0],
            types=_union(row.types for row in counted if row.types),
            least=choose[0](row.least for row in counted),
            most=None if unlimited else choose[1](mosts),
            inverse=next((row.inverse for row in counted if row.inverse), ""),
            used=any(row.used for row in counted),
            profiles=_union(row.profiles for row in rows),
        )


def union(name: str, vocabularies: Sequence[Vocabulary]) -> Vocabulary:
    """One vocabulary of all facts; where they differ on a name, either is right.

    Of an enumeration all values count, and of a data type the first base that is known.  Profiles
    are called "version/profile".  What one version alone demands binds nobody here: an object must
    have what all versions demand that demand anything, if these are two or more.
    """
    facts = joined([_prefixed(v.facts) for v in vocabularies])
    profiles = facts.profiles
    if len({p.version for p in profiles if not p.canonical}) < 2:
        profiles = tuple(replace(p, canonical=True) for p in profiles)
    origin = "\n".join(v.facts.origin for v in vocabularies)
    return Vocabulary(replace(facts, name=name, origin=origin, profiles=profiles))


def _prefixed(facts: Facts) -> Facts:
    """These facts with the name of the version before the names of its profiles."""
    renamed = {p.name: f"{facts.name}/{p.name}" for p in facts.profiles}
    rows: tuple[Class | Property, ...] = (*facts.classes, *facts.properties)
    names = {row.profiles: tuple(renamed[p] for p in row.profiles) for row in rows}
    return replace(
        facts,
        profiles=tuple(replace(p, name=renamed[p.name]) for p in facts.profiles),
        classes=tuple(replace(c, profiles=names[c.profiles]) for c in facts.classes),
        properties=tuple(replace(p, profiles=names[p.profiles]) for p in facts.properties),
    )


_R = TypeVar("_R", Class, Property)


def _by_name(rows: Iterable[_R]) -> dict[str, list[_R]]:
    found: dict[str, list[_R]] = {}
    for row in rows:
        found.setdefault(row.name, []).append(row)
    return found


def _union(lists: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for names in lists for one in names))
