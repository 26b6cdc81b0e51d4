"""What is believed at an instant: which devices are open, and who is without power for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dms_apps.outage.dark import Dark, new_above, together
from dms_apps.outage.episodes import CONFIRMED, PREDICTED, Episode
from dms_apps.outage.facts import Facts, Statement
from dms_apps.outage.forest import Forest, Group
from dms_apps.outage.holds import NEW, Holds
from dms_apps.outage.hypotheses import ranked
from dms_apps.outage.indicated import Indicated
from dms_apps.outage.prediction import Prediction, Rules, Search
from dms_apps.outage.sections import Signs
from dms_apps.outage.trees import Tree, Trees


@dataclass
class Belief:
    """What follows from who is dark now.

    live:   the outages that are believed in; `member` usage point -> its own.
    held:   usage point -> the outage that is just being restored.
    lost:   usage points without supply by open switches.
    back:   usage point -> when an outage was last over for it.
    tree:   how the network is operated now.
    """

    trees: Trees
    rules: Rules
    window: timedelta
    facts: Facts
    dark: dict[str, Dark] = field(default_factory=dict)
    held: dict[str, Episode] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    back: dict[str, datetime] = field(default_factory=dict)
    live: list[Episode] = field(default_factory=list)
    member: dict[str, Episode] = field(default_factory=dict)
    is_stale: bool = False
    tree: Tree = field(init=False)
    holds: Holds = field(default_factory=Holds)
    _on: dict[str, datetime] = field(default_factory=dict)
    _confirmed: dict[str, Statement] = field(default_factory=dict)
    _closed: set[str] = field(default_factory=set)
    _closed_at: dict[str, datetime] = field(default_factory=dict)
    _opened: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.tree = self.trees.first
        self._closed |= self.facts.closed.keys()
        self._closed_at |= self.facts.closed

    def powered(self, point: str, at: datetime) -> None:
        """A usage point is known to have power."""
        self._on[point] = at
        if point in self.member:
            self.is_stale = True

    def move(self, device: str, at: datetime, *, closed: bool) -> None:
        """A switch is known to be open or closed."""
        if closed:
            self._closed_at[device] = at
        here, there = (self._closed, self._opened) if closed else (self._opened, self._closed)
        here.add(device)
        there.discard(device)
        self.is_stale = True

    def confirm(self, said: Statement) -> None:
        """A person has seen that a device is open."""
        if not self.holds.confirm(said):
            self._confirmed[said.device] = said
        self.is_stale = True

    def hold(self, said: Statement) -> None:
        """A person has said where an outage is, and of whom it consists."""
        self.holds.hold(said)
        for device, seen in [*self._confirmed.items()]:
            if seen.outage.removeprefix(NEW) == said.outage.removeprefix(NEW):
                del self._confirmed[device]
                if device == said.device:
                    self.holds.confirm(seen)
        self.is_stale = True

    def release(self, outage: str) -> None:
        """What a person has said of an outage holds no longer."""
        of = outage.removeprefix(NEW)
        self.is_stale |= self.holds.release(of)
        self.unconfirm(
            {d for d, seen in self._confirmed.items() if of and seen.outage.removeprefix(NEW) == of}
        )

    def unconfirm(self, devices: Collection[str]) -> None:
        """It is not any more."""
        for device in self._confirmed.keys() & set(devices):
            del self._confirmed[device]
            self.is_stale = True

    def take_out(self, episode: Episode) -> None:
        """An outage is not believed in any longer as it was."""
        self.live.remove(episode)
        for point in episode.points:
            self.member.pop(point, None)
        if episode.device is not None:
            self.unconfirm({episode.device})
        if episode.is_held:
            self.holds.release(episode.outage)

    def is_confirmed_above(self, point: str) -> bool:
        """Whether a device above was seen open."""
        return bool(self._confirmed) and any(
            device in self._confirmed for device in self.tree.forest.above(point)
        )

    def all_since(self, moment: datetime) -> bool:
        """Whether nobody whose trouble is not explained has been dark before."""
        return not (self._confirmed or self.holds) and all(
            dark.started > moment for dark in self.dark.values() if dark.known is None
        )

    def under(self, device: str, at: datetime | None = None) -> set[str]:
        """The usage points below a device, now or as it was; none where nobody knows it."""
        forest = (self.tree if at is None else self.trees.at(at)).forest
        if device not in forest.parent:
            return set()
        return set(forest.under(device, lambda _: True))

    def devices_under(self, device: str) -> set[str]:
        """The devices below a device, and itself."""
        forest = self.tree.forest
        found, stack = set(), [device] if device in forest.parent else []
        while stack:
            here = stack.pop()
            found.add(here)
            stack += forest.children[here]
        return found

    def renew(self) -> None:
        """Explain anew what is dark, if anything has changed."""
        if not self.is_stale:
            return
        self.is_stale = False
        self.live, self.member = [], {}
        waiting = {
            point: dark
            for point, dark in self.dark.items()
            if dark.known is None and dark.held is None
        }
        for said, seen in self.holds.in_turn(self._size):
            self._add(self._held(said, seen, waiting), waiting)
        for device, said in sorted(self._confirmed.items(), key=lambda one: (one[1].at, one[0])):
            self._add(self._seen(device, said, waiting), waiting)
        for some in list(together(waiting, self.trees, self.window)):
            self._explain(some, waiting)

    def weigh(self) -> None:
        """Say of each outage what else may be behind it."""
        for found in self.live:
            if found.state == PREDICTED and not found.poles and found.dark:
                on = found.on or found.started
                forest = self.trees.at(on).forest
                device = found.device if found.device in forest.parent else None
                found.hypotheses = ranked(
                    forest,
                    self.rules,
                    device,
                    found.dark,
                    self._on,
                    self._closed | self._opened,
                    self._signs_of(found),
                    new_above(dict.fromkeys(found.dark, found.started), self.trees, on),
                )
            self.locate(found)
            if found.outage and found.device is not None:
                found.doubt = self._doubt(found, found.device)

    def locate(self, found: Episode) -> None:
        """Say between which fault indicators the fault of an outage is."""
        if (signs := self._signs_of(found)) is not None:
            found.fault = signs.where(found.device)

    def _signs_of(self, found: Episode) -> Signs | None:
        return self._signs([found.started, *found.points.values()], found.on or found.started)

    def _signs(self, dark: Collection[datetime], on: datetime) -> Signs | None:
        """What fault indicators say of what went dark then; None where there are none."""
        of = self.facts.indications
        if not of or not dark:
            return None
        of = self.trees.at(on).shown(of)
        return of.at(min(dark), max(dark), self.window, self.rules)

    def _doubt(self, found: Episode, device: str) -> tuple[str, datetime] | None:
        """What speaks against a person's word."""
        if device in self._closed:
            return "closed", self._closed_at[device]
        on = [
            self._on[point]
            for point in self.under(device) - found.dark.keys() - found.points.keys()
            if point in self._on and self._on[point] > found.started
        ]
        return ("powered", max(on)) if on else None

    def _explain(self, some: Iterable[str], waiting: dict[str, Dark]) -> None:
        since = {}
        for point in some:
            if (of := self.member.get(point)) is not None:
                self._join(of, point, waiting[point])
            else:
                since[point] = waiting[point].started
        gone = self.held.keys() | self.member.keys()
        on = max(waiting[point].on for point in some)
        closed = (
            self._closed | self._opened | self._confirmed.keys() | new_above(since, self.trees, on)
        )
        forest, signs = self.trees.at(on).forest, self._signs(since.values(), on)
        if signs is None:
            search = Search(forest, closed, self.rules)
        else:
            search = Indicated(forest, closed, self.rules, signs)
        for prediction in search.run(since, self._on, gone):
            found = self._predicted(prediction, forest, waiting)
            found.on = on
            self._add(found, waiting)

    def _join(self, of: Episode, point: str, dark: Dark) -> None:
        """One more report of an outage that is known."""
        of.dark[point] = dark.first
        of.arrived_at = min(of.arrived_at, dark.arrived_at)
        if dark.by_meter:
            of.points[point] = dark.started

    def _seen(self, device: str, said: Statement, waiting: Mapping[str, Dark]) -> Episode:
        under = self.under(device, said.at)
        below = under - self.held.keys() - self.lost - self.member.keys()
        dark = {p: waiting[p].first for p in below if p in waiting}
        started = min((waiting[p].started for p in dark), default=said.at)
        on = {p for p in below - dark.keys() if self._had_power(p, started)}
        arrived_at = min((waiting[p].arrived_at for p in dark), default=said.arrived_at)
        found = Episode(
            device, started, CONFIRMED, arrived_at, opened=said.at, outage=said.outage,
            served=len(under), dark=dark,
        )  # fmt: skip
        found.points = dict.fromkeys(below - on, started)
        return found

    def _had_power(self, point: str, since: datetime) -> bool:
        """Whether a usage point is known to have had power after a time, or to have got it back."""
        known = (self._on.get(point), self.back.get(point))
        return any(at is not None and at > since for at in known)

    def _size(self, said: Statement) -> int:
        return sum(len(self._of_member(name, said)) for name, _ in said.members)

    def _of_member(self, name: str, said: Statement) -> set[str]:
        forest = self.trees.at(said.at).forest
        return set(forest.under(name, lambda _: True)) if name in forest.parent else {name}

    def _held(
        self, said: Statement, seen: Statement | None, waiting: Mapping[str, Dark]
    ) -> Episode:
        """The outage as a person has it; those who are known to have power are not in it."""
        away = self.held.keys() | self.lost | self.member.keys()
        found = Episode(
            said.device or None, said.at, PREDICTED if seen is None else CONFIRMED,
            said.arrived_at, opened=seen.at if seen else None, outage=said.outage, is_held=True,
        )  # fmt: skip
        every: set[str] = set()
        for name, since in sorted(said.members):
            below = self._of_member(name, said) - every
            every |= below
            dark = {p: waiting[p].first for p in below - away if p in waiting}
            began = min([since, *(waiting[p].started for p in dark)])
            on = {p for p in below - dark.keys() if self._had_power(p, began)}
            found.dark |= dark
            found.points |= dict.fromkeys(below - away - on, began)
        found.served = len(every)
        found.started = min(found.points.values(), default=said.at)
        heard = (waiting[p].arrived_at for p in found.dark)
        found.arrived_at = min(heard, default=said.arrived_at)
        return found

    def _predicted(
        self, prediction: Prediction, forest: Forest, waiting: Mapping[str, Dark]
    ) -> Episode:
        dark = {p: waiting[p].first for p in prediction.dark}
        started = min(waiting[p].started for p in dark)
        below = set(dark)
        if prediction.device is not None:
            group = prediction.group
            below = set(forest.under(prediction.device, lambda g: group in (Group.ALL, g)))
        found = Episode(
            prediction.device, started, PREDICTED, min(waiting[p].arrived_at for p in dark),
            poles="" if prediction.group is Group.ALL else prediction.group.name,
            served=len(below), dark=dark,
        )  # fmt: skip
        on = {p for p in below - dark.keys() if p in self._on and self._on[p] > started}
        away = on | self.held.keys() | self.lost | self.member.keys()
        found.points = dict.fromkeys((below - away) | dark.keys(), started)
        return found

    def _add(self, found: Episode, waiting: dict[str, Dark]) -> None:
        """Who is in it; a meter tells its own time, others had power until it began."""
        for point in found.dark.keys() & found.points.keys():
            if waiting[point].by_meter:
                found.by_meter = True
                found.points[point] = waiting[point].started
        parents = {waiting[p].parent for p in found.dark if p in waiting}
        found.parent = parents.pop() if len(parents) == 1 else None
        self.live.append(found)
        for point in found.points:
            self.member[point] = found
        if found.state == CONFIRMED or found.is_held:
            for point in found.dark:
                waiting.pop(point, None)
