"""The trees that there were: what happened then counts on the tree of then."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime

from cim.network import Network
from dms_apps.outage.forest import Forest
from dms_apps.outage.sections import Indications, Placed, Sections


@dataclass(eq=False)
class Tree:
    """How the network was operated from one switching on that changed a way of supply.

    dead: who had no supply right after it.
    """

    network: Network
    forest: Forest
    dead: Set[str] = frozenset()
    _sections: dict[frozenset[Placed], Sections] = field(default_factory=dict)

    def shown(self, now: Indications) -> Indications:
        """What fault indicators show, on this tree."""
        if self.forest.root is now.forest.root:
            return now
        if now.placed not in self._sections:
            self._sections = {now.placed: Sections.of(self.network, self.forest, now.placed)}
        return now.on(self.forest, self._sections[now.placed])

    def root_above(self, point: str) -> str:
        """The device next to the source above a usage point; "" without any."""
        home = self.forest.home.get(point)
        return "" if home is None else self.forest.root[home]


@dataclass(frozen=True, eq=False)
class Turn:
    """One tree becomes another at a moment.

    moved: the usage points that are supplied another way since.
    roots: the devices next to the source above these, before and after.
    """

    at: datetime
    before: Tree
    after: Tree
    moved: Set[str]
    roots: Set[str]

    @classmethod
    def of(cls, at: datetime, before: Tree, after: Tree) -> Turn:
        one, other = before.forest, after.forest
        known: dict[str, bool] = {}

        def differs(device: str | None) -> bool:
            """Whether the way to what is below a device does."""
            way: list[str] = []
            while device is not None and device not in known:
                way.append(device)
                upper = one.parent.get(device, "")
                if upper == "" or upper != other.parent.get(device, ""):
                    known[device] = True
                else:
                    device = upper
            found = device is not None and known[device]
            known.update(dict.fromkeys(way, found))
            return found

        moved = {
            point
            for point, home in other.home.items()
            if home != one.home.get(point) or differs(home)
        }
        homes = {(forest, forest.home.get(point)) for point in moved for forest in (one, other)}
        roots = {forest.root[home] for forest, home in homes if home is not None}
        return cls(at, before, after, moved, roots)


class Trees:
    """All that still matter, the first first; the last is that of today."""

    def __init__(self, every: Sequence[Tree] = (), turns: Sequence[Turn] = ()) -> None:
        """turns: between each of them and the next."""
        self._every, self.turns = every, turns
        self._since = [turn.at for turn in turns]

    @property
    def first(self) -> Tree:
        return self._every[0]

    def at(self, moment: datetime) -> Tree:
        """That of a moment."""
        return self._every[self.number(moment)]

    def number(self, moment: datetime) -> int:
        """Its place among them."""
        return bisect_right(self._since, moment)

    def where(self, counts: Callable[[Turn], bool]) -> Trees:
        """The same, but that only those turns are any that count."""
        turns = [turn for turn in self.turns if counts(turn)]
        return Trees([*(turn.before for turn in turns), self._every[-1]], turns)

    def root(self, device: str) -> str | None:
        """The device next to the source above one, on the last tree that has it."""
        found = (tree.forest.root.get(device) for tree in reversed(self._every))
        return next((root for root in found if root is not None), None)


def switched_across(turns: Sequence[Turn]) -> dict[str, tuple[str, list[datetime]]]:
    """Of each root between which usage points moved: one for all that were joined by it, and when
    it was."""
    part = {root: root for turn in turns for root in turn.roots}
    for turn in turns:
        joined = {part[root] for root in turn.roots}
        first = min(joined, default="")
        part = {root: first if of in joined else of for root, of in part.items()}
    times: dict[str, list[datetime]] = {}
    for turn in turns:
        times.setdefault(part[min(turn.roots)], []).append(turn.at)
    return {root: (of, times[of]) for root, of in part.items()}
