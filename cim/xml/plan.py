"""How a class is written and read in one namespace; made once for each."""

from __future__ import annotations

import inspect
from collections import deque
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from cim.profile import Attribute, Later, Profile, RdfXml, attributes
from cim.xml.values import Simple, simple


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One attribute.

    tag:    its element, as {namespace}local.
    simple: how its values are written, when they are texts.
    plan:   how they are, when they are objects.
    later:  set, when they may be made later.
    """

    name: str
    tag: str
    local: str
    many: bool
    type: type[Any]
    simple: Simple | None
    plan: Plan | None
    later: Later | None


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """One class.

    blank: what an object holds of which nothing is said, in the order of declaration: a partial
           payload may leave out what is required, too.
    plain: whether no RDF document may stand in it.
    """

    profile: type[Profile]
    fields: tuple[Field, ...]
    by_tag: dict[str, Field]
    by_local: dict[str, Field]
    blank: dict[str, Any]
    plain: bool

    def made_of(self, held: dict[str, Any]) -> Any:
        """As `made`, one object."""
        one = object.__new__(self.profile)
        _hold(one, held)
        return one

    def made(self, held: list[dict[str, Any]]) -> list[Any]:
        """The objects that hold these attributes, which are all of them.

        The constructor of a frozen dataclass sets one after the other, with a call for each.
        """
        objects = list(map(object.__new__, repeat(self.profile, len(held))))
        deque(map(_hold, objects, held), maxlen=0)
        return objects


_hold = Profile.__dict__["__dict__"].__set__


_plans: dict[tuple[type[Profile], str], Plan] = {}


def plan_of(profile: type[Profile], namespace: str) -> Plan:
    """The plan of a class in the namespace of a noun."""
    known = _plans.get((profile, namespace))
    if known is None:
        known = _plans[profile, namespace] = _plan(profile, namespace)
    return known


def _plan(profile: type[Profile], namespace: str) -> Plan:
    declared = attributes(profile)
    fields = tuple(_field(profile, a, namespace) for a in declared)
    return Plan(
        profile,
        fields,
        {field.tag: field for field in fields},
        {field.local: field for field in fields},
        {a.name: _blank(profile, a) for a in declared},
        all(f.plan.plain if f.plan else f.type is not RdfXml for f in fields),
    )


def _blank(profile: type[Profile], a: Attribute) -> Any:
    if a.required:
        return () if a.many else None
    return getattr(profile, a.name)  # the default of a dataclass is an attribute of the class


def _field(profile: type[Profile], a: Attribute, namespace: str) -> Field:
    plan = plan_of(a.type, namespace) if issubclass(a.type, Profile) else None
    return Field(
        name=a.name,
        tag=f"{{{namespace}}}{a.tag}",
        local=a.tag,
        many=a.many,
        type=a.type,
        simple=simple(a.type),
        plan=plan,
        later=inspect.getattr_static(profile, a.name) if a.later else None,
    )
