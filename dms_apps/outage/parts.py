"""The parts of the network that have to do with each other, and what is known of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dms_apps.outage.facts import Facts, Loss, Position, Statement, Word
from dms_apps.outage.forest import Forest
from dms_apps.outage.outages import Outage
from dms_apps.outage.past import Past
from dms_apps.outage.plans import Plan, switched
from dms_apps.outage.remembered import NOWHERE, root_of
from dms_apps.outage.sections import Indications
from dms_apps.outage.trees import Trees, Turn


@dataclass
class Known:
    """All that may still change what is believed.

    words:  by root; `news` those that are new.
    said:   what people have newly said.
    indications: what fault indicators show; `shown` the devices above those that have newly shown
            something, and when.
    switched: losses of supply that are new, or are no longer as they were.
    over:   mRIDs of planned outages that have long been over: they count where something else is
            known of their time, up to `margin` after it.
    past:   how the network was operated meanwhile; `turned`: otherwise than was known before
            something was told of switches.
    """

    words: Mapping[str, Sequence[Word]] = field(default_factory=dict)
    news: list[Word] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    said: list[Statement] = field(default_factory=list)
    switched: list[Loss] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    indications: Indications | None = None
    shown: list[tuple[str, datetime]] = field(default_factory=list)
    over: Set[str] = frozenset()
    margin: timedelta = timedelta(0)
    past: Past = field(default_factory=Past)
    turned: Sequence[Turn] = ()


class Parts:
    """A part is all below a device next to a source; switching across, a person's word and planned
    work join several."""

    def __init__(self, forest: Forest, known: Known, is_fuse: Callable[[str], bool]) -> None:
        self._forest, self._known, self._is_fuse = forest, known, is_fuse
        self._joined: dict[str, str] = {}
        self._others: set[str] = set()  # roots of which more is known than words
        by_switch: dict[tuple[str, datetime], set[str]] = defaultdict(set)
        for loss in known.losses:
            by_switch[loss.device, loss.opened].add(self._root(loss.point))
        for (device, _), roots in by_switch.items():
            self._join([*roots, *self._of_device(device)])
        for said in known.statements:
            self._join(self._roots(said))
        for plan in known.plans:
            self._join([*map(self._root, plan.window.points)])
        if known.past.turns:
            self._turn(self._starts(known.losses))

    def _turn(self, starts: Mapping[str, datetime]) -> None:
        """Join what was supplied from elsewhere when something was heard there."""
        first: dict[str, datetime] = {}

        def join(turn: Turn) -> bool:
            """Returns whether it has joined any that were not."""
            parts = {self.of_root(root) for root in turn.roots}
            since = min((first[part] for part in parts if part in first), default=turn.at)
            if len(parts) == 1 or since >= turn.at:
                return False
            self._join([*parts])
            first[self._find(parts.pop())] = since
            return True

        for root, at in starts.items():
            part = self._find(root)
            first[part] = min(at, first.get(part, at))
        is_new = True
        while is_new:  # what is joined may have been heard of earlier
            is_new = sum(map(join, self._known.past.turns)) > 0

    def of_root(self, root: str) -> str:
        """The part of a device that is or was next to a source."""
        return self._find(self._forest.root.get(root, root))

    def trees(self, part: str, facts: Facts) -> Trees:
        """The trees that count for what is known of a part."""
        start = _start(facts)

        def counts(turn: Turn) -> bool:
            is_later = start is not None and turn.at > start
            return is_later and any(self.of_root(root) == part for root in turn.roots)

        turns = [turn for turn in self._known.past.turns if counts(turn)]
        points = {*self.points(part)}.union(*(turn.moved for turn in turns)) if turns else set()
        return self._known.past.trees(turns, points)

    def of(self, point: str) -> str:
        """The part of a usage point."""
        return self._find(self._root(point))

    def of_device(self, device: str) -> str | None:
        """The part of a device; None of one that the tree does not have."""
        found = self._of_device(device)
        return self._find(found[0]) if found else None

    def at(self, device: str | None, point: str) -> str:
        """The part of a device, or where the tree does not have it of a usage point."""
        of = self.of_device(device) if device else None
        return of if of is not None else self.of(point)

    def nothing_but_words(self, part: str) -> Sequence[Word]:
        """What is known of a part; none where it is more than what was said of its supply."""
        return () if part in self._others else self._known.words.get(part, ())

    def now(self, part: str) -> str:
        """What a part of before belongs to."""
        if part.startswith("at "):
            return self.of(part.removeprefix("at "))
        return self.of_device(part) or part

    def roots(self, part: str) -> list[str]:
        """The devices next to a source, and what is on its own, that are joined in a part."""
        return [part, *(one for one in self._joined if self._find(one) == part)]

    def points(self, part: str) -> Iterator[str]:
        """All usage points of a part."""
        for root in self.roots(part):
            if root in self._forest.parent:
                yield from self._forest.under(root, lambda _: True)
            elif root.startswith("at "):
                yield root.removeprefix("at ")

    def facts(self, wanted: Iterable[str] | None = None) -> dict[str, Facts]:
        """What is known, part by part; of all parts, or of those that are wanted."""
        only = None if wanted is None else set(wanted)
        found: dict[str, Facts] = defaultdict(Facts)
        known = self._known
        for loss in known.switched:
            found[self.of(loss.point)]  # also where nothing is left of it
        for root, words in known.words.items():
            if only is None or self._find(root) in only:
                found[self._find(root)].words += words
        for loss in self._with_plans(known.losses):
            found[self.of(loss.point)].losses.append(loss)
        for said in known.statements:
            if (part := self.of_statement(said)) is not None:
                found[part].statements.append(said)
        if only is not None:
            found = defaultdict(Facts, {p: facts for p, facts in found.items() if p in only})
        self._plan(found)
        self._position(found)
        self._indicate(found)
        return dict(found)

    def _actual(self) -> Iterator[Loss]:
        """Who lost supply by planned outages that still matter, each as a whole."""
        known = self._known
        starts = self._starts(known.losses) if known.over else {}
        for plan in known.plans:
            losses = [*plan.losses()]
            if plan.window.mrid in known.over:
                roots = {self._root(loss.point) for loss in losses} & starts.keys()
                first = min((starts[root] for root in roots), default=None)
                ends = plan.window.ends
                if first is None or (ends is not None and ends < first - known.margin):
                    continue
            yield from losses

    def _with_plans(self, losses: Iterable[Loss]) -> Iterator[Loss]:
        plans = self._known.plans
        if not plans:
            yield from losses
            return
        seen = set()
        for loss in losses:
            of_plan = switched(loss, plans)
            if of_plan.planned:
                seen.add((of_plan.planned, loss.point))
            yield of_plan
        yield from (loss for loss in self._actual() if (loss.planned, loss.point) not in seen)

    def of_statement(self, said: Statement) -> str | None:
        """The part that a person's word is about; None of a device that the tree does not have."""
        return next(map(self._find, self._roots(said)), None)

    def all_of(self, said: Statement) -> set[str]:
        """The parts that a person's word is about; several while it joins them no longer."""
        return set(map(self._find, self._roots(said)))

    def starts(self, facts: Mapping[str, Facts]) -> dict[str, datetime]:
        """Root -> when the first was of all that is known of it, or anybody moved there.

        What is over at another root of the part may have been put away before both were joined.
        """
        found = self._starts([loss for of in facts.values() for loss in of.losses], facts.keys())
        first = {part: _start(of) for part, of in facts.items()}
        for turn in self._known.past.turns:
            for root in turn.roots:
                start = first.get(self.of_root(root))
                if start is not None and start < turn.at:
                    now = self._forest.root.get(root, root)
                    found[now] = min(turn.at, found.get(now, turn.at))
        return found

    def _starts(self, losses: Iterable[Loss], of: Set[str] | None = None) -> dict[str, datetime]:
        words = self._known.words.items()
        first = [(root, min(word.at for word in some)) for root, some in words]
        first += [(self._root(loss.point), loss.lost) for loss in losses]
        first += [(self._root(loss.point), loss.lost) for loss in self._known.switched]
        for said in self._known.statements:
            at = min([said.at, *(since for _, since in said.members)])
            first += [(root, at) for root in self._roots(said)]
        found: dict[str, datetime] = {}
        for root, at in first:
            if of is None or self._find(root) in of:
                found[root] = min(at, found.get(root, at))
        return found

    def _plan(self, found: dict[str, Facts]) -> None:
        for plan in self._known.plans:
            parts = {self.of(point) for point in plan.window.points}
            for part in parts & found.keys():
                found[part].windows.append(plan.window)

    def _position(self, found: dict[str, Facts]) -> None:
        """What is known of switches: before the first fact of a part as it was then.

        A fuse has no telemetry: having been closed once does not mean it holds.
        """
        starts = {part: _start(facts) for part, facts in found.items()}
        for position in self._known.positions:
            part = self.of_device(position.device)
            if part is None or part not in found or self._is_fuse(position.device):
                continue
            start, facts = starts[part], found[part]
            if start is None or position.at >= start:
                facts.positions.append(position)
            elif position.closed:
                facts.closed = {**facts.closed, position.device: position.at}
            else:
                facts.closed = {d: at for d, at in facts.closed.items() if d != position.device}

    def _indicate(self, found: dict[str, Facts]) -> None:
        known = self._known.indications
        for device in known.devices() if known else ():
            if (part := self.of_device(device)) in found:
                found[part].indications = known

    def root_of(self, outage: Outage) -> str:
        """Above where an outage is."""
        return next(iter(self._of_device(outage.device or "")), self._root(outage.anchor))

    def _root(self, point: str) -> str:
        return root_of(self._forest, point)

    def _of_device(self, device: str) -> list[str]:
        """Where it is; of a device that is nobody's any more where it was."""
        root = self._forest.root.get(device) or self._known.past.root(device)
        return [] if root is None else [self._forest.root.get(root, root)]

    def _roots(self, said: Statement) -> list[str]:
        members = [root for name, _ in said.members for root in self._of_member(name)]
        return [*map(self._root, said.points), *members, *self._of_device(said.device)]

    def _of_member(self, name: str) -> list[str]:
        return self._of_device(name) or [self._root(name)]

    def _find(self, one: str) -> str:
        while (of := self._joined.get(one, one)) != one:
            one = of
        return one

    def _join(self, roots: Sequence[str]) -> None:
        self._others |= set(roots)
        found = sorted({self._find(root) for root in roots if root != NOWHERE})
        for other in found[1:]:
            self._joined[other] = found[0]


def _start(facts: Facts) -> datetime | None:
    times = [word.at for word in facts.words]
    times += [loss.lost for loss in facts.losses]
    times += [said.at for said in facts.statements]
    return min(times, default=None)
