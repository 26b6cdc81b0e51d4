"""The trees that there were: what happened then counts on the tree of then."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

import numpy as np

from cim.network import Network
from cim.network.served import Served
from dms_apps.outage.forest import Forest, protective
from dms_apps.outage.sections import Indications, Placed, Sections

NEVER = datetime.max.replace(tzinfo=UTC)
Way = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Turn:
    """Usage points are supplied another way from a moment on.

    was, way: each of these -> the devices above it that open by themselves, from the source,
           before and after.
    dead:  those of them that have no supply right after it, on a phase at least.
    before: the network until then.
    """

    at: datetime
    was: Mapping[str, Way]
    way: Mapping[str, Way]
    dead: Set[str]
    before: Network

    @property
    def moved(self) -> Set[str]:
        """The usage points."""
        return self.way.keys()

    @cached_property
    def roots(self) -> Set[str]:
        """The devices next to the source above them, before and after."""
        ways = {*self.was.values(), *self.way.values()}
        return {way[0] for way in ways if way}

    @cached_property
    def above(self) -> Mapping[str, str]:
        """Device above any of them before -> the one above it that is next to the source; in a
        mesh, where it is below several, the first of these."""
        ways = sorted({*self.was.values()}, reverse=True)
        return {device: was[0] for was in ways for device in was}

    @classmethod
    def of(
        cls, at: datetime, before: Network, after: Network, places: Set[str] | None
    ) -> Turn | None:
        """places: who is supplied through none of them, before or after, is supplied as before;
        None: anybody may be supplied otherwise.  None where all are as before."""
        if after.is_supplied_like(before):
            return None
        below = None if places is None else _below(places, before, after)
        one, other = before.served(of=below), after.served(of=below)
        known: dict[Way, Way] = {}
        ways = zip(one.points, _ways(one, known), _ways(other, known), strict=True)
        moved = [(point, was, way) for point, was, way in ways if was != way]
        if not moved:
            return None
        dead = {one.points[number] for number in np.flatnonzero(other.dead).tolist()}
        way = {point: way for point, _, way in moved}
        return cls(at, {point: was for point, was, _ in moved}, way, dead & way.keys(), before)


def _below(places: Iterable[str], *networks: Network) -> set[str]:
    found: set[str] = set()
    for place in places:
        for network in networks:
            found.update(network.downstream(place).usage_points)
    return found


def _ways(served: Served, known: dict[Way, Way]) -> Iterator[Way]:
    """Of each usage point the devices above it that open by themselves, from the source.

    known: ways; of those that are alike there is one.
    """
    start, above = protective(served)
    names = [served.devices[place] for place in above.tolist()]
    ends = start.tolist()
    for number, end in enumerate(ends[1:]):
        way = tuple(names[ends[number] : end])
        yield known.setdefault(way, way)


@dataclass(eq=False)
class Tree:
    """How the network was operated from one switching on that changed a way of supply.

    points: the usage points that it is asked of.
    """

    network: Network
    points: Set[str]
    _sections: dict[frozenset[Placed], Sections] = field(default_factory=dict)

    @cached_property
    def forest(self) -> Forest:
        """Grown once it is asked for."""
        return Forest.of(self.network, of=self.points)

    @property
    def size(self) -> int:
        """How many usage points are in its forest, as far as that is grown."""
        return len(self.points) if "forest" in vars(self) else 0

    def shown(self, now: Indications) -> Indications:
        """What fault indicators show, on this tree."""
        if self.forest is now.forest:
            return now
        if now.placed not in self._sections:
            self._sections = {now.placed: Sections.of(self.network, self.forest, now.placed)}
        return now.on(self.forest, self._sections[now.placed])

    def root_above(self, point: str) -> str:
        """The device next to the source above a usage point; "" without any."""
        home = self.forest.home.get(point)
        return "" if home is None else self.forest.root[home]


class Trees:
    """Those that a part of the network had, the first first; the last is that of today."""

    def __init__(self, every: Sequence[Tree], turns: Sequence[Turn] = ()) -> None:
        """turns: between each of them and the next."""
        self._every, self.turns = every, turns
        self._since = [turn.at for turn in turns]

    @property
    def first(self) -> Tree:
        return self._every[0]

    @property
    def last(self) -> Tree:
        return self._every[-1]

    def at(self, moment: datetime) -> Tree:
        """That of a moment."""
        return self._every[bisect_right(self._since, moment)]

    def after(self, turn: Turn) -> Tree:
        """That after a turn."""
        return self._every[self.turns.index(turn) + 1]


def switched_across(turns: Sequence[Turn]) -> dict[str, tuple[str, list[datetime]]]:
    """Of each root between which usage points moved: one for all that were joined by it, and when
    it was."""
    part = {root: root for turn in turns for root in turn.roots}
    for turn in turns:
        joined = {part[root] for root in turn.roots}
        first = min(joined)
        part = {root: first if of in joined else of for root, of in part.items()}
    times: dict[str, list[datetime]] = {}
    for turn in turns:
        times.setdefault(part[min(turn.roots)], []).append(turn.at)
    return {root: (of, times[of]) for root, of in part.items()}
