"""What a query profile asks for, e.g. GetMeterReadings, held against the objects of its noun.

Every field of the query is a condition.  Of several members of a field one must be met: an object
meets it that speaks of one of the objects named there, by mRID, name or code, and that says the
same wherever the member states a value, e.g. Reading.reason.  Intervals of time are taken together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cim.profile import Profile, Reference, attributes
from cim.profiles.compounds import DateTimeInterval

_NAMED = frozenset({"IdentifiedObject.mRID", "Name.name"})
Value = tuple[str, Any]
"""An attribute by its CIM name, and what it says."""


@dataclass(frozen=True)
class Member:
    """One member of a condition.

    named:  mRIDs, names and codes, of which an object speaks of one or more; empty: of anything.
    values: what it says as well.
    """

    named: frozenset[str]
    values: frozenset[Value]


@dataclass(frozen=True)
class Criteria:
    """All conditions of a query; without any, everything is asked for."""

    conditions: tuple[tuple[Member, ...], ...] = ()
    start: datetime | None = None
    end: datetime | None = None

    @classmethod
    def of(cls, query: Profile | None) -> Criteria:
        """What `query` asks for."""
        if query is None:
            return cls()
        fields = (_many(getattr(query, a.name)) for a in attributes(type(query)))
        members = (tuple(map(_member, field)) for field in fields)
        conditions = tuple(c for c in members if any(m.named or m.values for m in c))
        intervals = list(_intervals(query))
        starts = [i.start for i in intervals if i.start is not None]
        ends = [i.end for i in intervals if i.end is not None]
        return cls(conditions, min(starts, default=None), max(ends, default=None))

    @property
    def named(self) -> frozenset[str]:
        """By which candidates are found quickest: one of these every object asked for speaks of."""
        closed = [c for c in self.conditions if all(m.named for m in c)]
        sets = (frozenset[str]().union(*(m.named for m in c)) for c in closed)
        return min(sets, key=len, default=frozenset())

    def met_by(self, value: Profile) -> bool:
        """Whether this object is asked for."""
        if not self.conditions:
            return True
        said = _member(value)
        return all(any(_meets(said, m) for m in condition) for condition in self.conditions)


def _meets(said: Member, wanted: Member) -> bool:
    named = not wanted.named or not wanted.named.isdisjoint(said.named)
    return named and wanted.values <= said.values


def _member(value: Any) -> Member:
    leaves = list(_leaves(value))
    naming = [leaf for leaf in leaves if leaf[0] in _NAMED or isinstance(leaf[1], Reference)]
    return Member(frozenset(said for _, said in naming), frozenset(leaves) - frozenset(naming))


def _leaves(value: Any, cim: str = "") -> Iterator[Value]:
    """Every simple value in `value`; what types and authorities of names are called is no name."""
    if isinstance(value, tuple):
        for one in value:
            yield from _leaves(one, cim)
    elif isinstance(value, DateTimeInterval):
        return
    elif isinstance(value, Profile):
        for a in attributes(type(value)):
            if a.cim != "Name.NameType":
                yield from _leaves(getattr(value, a.name), a.cim)
    elif value is not None:
        yield cim, value


def _intervals(value: Any) -> Iterator[DateTimeInterval]:
    if isinstance(value, DateTimeInterval):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from _intervals(one)
    elif isinstance(value, Profile):
        for a in attributes(type(value)):
            yield from _intervals(getattr(value, a.name))


def _many(content: Any) -> tuple[Any, ...]:
    if content is None:
        return ()
    return content if isinstance(content, tuple) else (content,)
