"""Predict which devices are open from the usage points known to be dark.

The most probable explanation is sought: each open device costs `rarity`, each dark meter below it
`delivery`, each silent one 1 - `delivery`; a meter that had power after the newest of them went
dark rules the device out.  On a tree the cheapest set of devices is found in one pass from the
leaves (max-product on a tree; compare Sevlian et al., arXiv 1503.08244), so the work grows with the
number of meters that say something, not with their pairs.  Of two devices that explain the same,
the lower one is taken.  Costs are integers (thousandths of -ln p): ties are exact and the order of
arrival does not matter.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime

from dms_apps.outage.forest import Forest, Group

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_PHASES = (Group.A, Group.B, Group.C)
IMPOSSIBLE = 1 << 60


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What the prediction believes beforehand.

    delivery: share of the meters without power that manage to report it.
    rarity:   probability that any one device is open on its own account.
    share:    least share of the meters below a device that must have reported, by which the device
              may be predicted; one for a device with others below it, one for the lowest.
    indicator: share of the fault indicators on the way to a fault that trip; `indicator_false` of
              the others.
    """

    delivery: float = 0.5
    rarity: float = 0.001
    device_share: float = 0.2
    transformer_share: float = 0.0
    indicator: float = 0.9
    indicator_false: float = 0.02


@dataclass(frozen=True)
class Prediction:
    """One open device, or one service alone.

    device: None when only the service of `point` is out.
    group:  the pole that is open; ALL for the whole device.
    dark:   the usage points whose report it explains.
    """

    device: str | None
    group: Group
    dark: frozenset[str]


@dataclass
class Tally:
    """What is known below a device, by group; then the cheapest explanations."""

    dark: list[int] = field(default_factory=lambda: [0] * 4)
    gone: list[int] = field(default_factory=lambda: [0] * 4)
    newest_dark: list[datetime] = field(default_factory=lambda: [_LONG_AGO] * 4)
    newest_on: list[datetime] = field(default_factory=lambda: [_LONG_AGO] * 4)
    own: list[list[str]] = field(default_factory=lambda: [[], [], [], []])
    split: list[int] = field(default_factory=lambda: [0] * 4)  # by group: cost if not open
    split_whole: int = 0
    open_groups: tuple[Group, ...] = ()  # the poles worth opening
    best: list[int] = field(default_factory=lambda: [0] * 4)
    choice: str = "split"  # split | whole | poles

    def merge(self, lower: Tally) -> None:
        for g in Group:
            self.dark[g] += lower.dark[g]
            self.gone[g] += lower.gone[g]
            self.newest_dark[g] = max(self.newest_dark[g], lower.newest_dark[g])
            self.newest_on[g] = max(self.newest_on[g], lower.newest_on[g])


class Search:
    """For the cheapest explanation.

    closed: devices that cannot be the answer, as their position is known.
    """

    def __init__(self, forest: Forest, closed: Set[str], rules: Rules) -> None:
        self.forest, self.closed, self.rules = forest, closed, rules
        self.tallies: dict[str, Tally] = {}
        self.device_cost = cost(rules.rarity)
        # one more than a device: of a transformer with one meter the transformer is named
        self.service_cost = self.device_cost + 1
        self.dark_cost = cost(rules.delivery)
        self.silent_cost = cost(1 - rules.delivery)

    def run(
        self, dark: Mapping[str, datetime], powered: Mapping[str, datetime], gone: Set[str]
    ) -> list[Prediction]:
        """The open devices that explain `dark` best.

        dark:    usage point -> since when it is without power.
        powered: usage point -> when it was last known to have power.
        gone:    usage points left out of the count.
        """
        self.count(dark, powered, gone)
        self.weigh()
        lone = [p for p in sorted(dark) if self.forest.home.get(p) is None]
        return [*self.answer(), *(Prediction(None, Group.ALL, frozenset({p})) for p in lone)]

    def count(
        self, dark: Mapping[str, datetime], powered: Mapping[str, datetime], gone: Set[str]
    ) -> None:
        """Fill the tallies of the devices above dark usage points."""
        home, group = self.forest.home, self.forest.group
        for point, since in dark.items():
            if (device := home.get(point)) is not None:
                tally, g = self._tally(device), group[point]
                tally.dark[g] += 1
                tally.own[g].append(point)
                tally.newest_dark[g] = max(tally.newest_dark[g], since)
        for point, at in powered.items():
            if point not in dark and (device := home.get(point)) is not None:
                tally, g = self._tally(device), group[point]
                tally.newest_on[g] = max(tally.newest_on[g], at)
        for point in gone:
            if (device := home.get(point)) is not None:
                self._tally(device).gone[group[point]] += 1
        for device in self._from_the_leaves():
            if (upper := self.forest.parent[device]) is not None:
                self.tallies[upper].merge(self.tallies[device])

    def _tally(self, device: str) -> Tally:
        """That of the device; there are then those of all above it, too."""
        if (tally := self.tallies.get(device)) is not None:
            return tally
        found = self.tallies[device] = Tally()
        above = self.forest.parent[device]
        while above is not None and above not in self.tallies:
            self.tallies[above] = Tally()
            above = self.forest.parent[above]
        return found

    def _from_the_leaves(self) -> list[str]:
        """The devices with a tally, every one before the one above it."""
        return sorted(self.tallies, key=self.forest.place.__getitem__, reverse=True)

    def weigh(self) -> None:
        """The cheapest explanation at and below each device, from the leaves up."""
        for device in self._from_the_leaves():
            tally, upper = self.tallies[device], self.forest.parent[device]
            if any(tally.dark):
                self._weigh_one(device, tally)
                if upper is not None:
                    above = self.tallies[upper]
                    above.split = [a + b for a, b in zip(above.split, tally.best, strict=True)]
                    above.split_whole += self._best_whole(device, tally)

    def _weigh_one(self, device: str, tally: Tally) -> None:
        services = [len(own) * (self.service_cost + self.dark_cost) for own in tally.own]
        tally.split = [a + b for a, b in zip(tally.split, services, strict=True)]
        tally.split_whole += sum(services)
        tally.open_groups = tuple(
            g for g in _PHASES if self._open_cost(device, (g,)) < tally.split[g]
        )
        tally.best = [
            self._open_cost(device, (g,)) if g in tally.open_groups else tally.split[g]
            for g in Group
        ]
        whole = self._open_cost(device, tuple(Group))
        costs = {"split": tally.split_whole, "whole": whole, "poles": sum(tally.best)}
        tally.choice = min(costs, key=costs.__getitem__)  # of equals the first

    def _best_whole(self, device: str, tally: Tally) -> int:
        return {
            "split": tally.split_whole,
            "whole": self._open_cost(device, tuple(Group)),
            "poles": sum(tally.best),
        }[tally.choice]

    def _open_cost(self, device: str, groups: tuple[Group, ...]) -> int:
        """The cost of the poles of `groups` being open together, on one cause."""
        tally = self.tallies[device]
        dark = sum(tally.dark[g] for g in groups)
        below = sum(self.forest.below[device][g] - tally.gone[g] for g in groups)
        share = self.rules.device_share
        if not self.forest.children[device]:
            share = self.rules.transformer_share
        had_power = max(tally.newest_on[g] for g in groups)
        if device in self.closed or not dark or dark < share * below:
            return IMPOSSIBLE
        if had_power > max(tally.newest_dark[g] for g in groups):
            return IMPOSSIBLE
        return self.device_cost + dark * self.dark_cost + (below - dark) * self.silent_cost

    def answer(self) -> Iterator[Prediction]:
        """Read the choices from the roots down."""
        stack: list[tuple[str, tuple[Group, ...]]] = [
            (device, tuple(Group))
            for device in reversed(self._from_the_leaves())
            if self.forest.parent[device] is None
        ]
        while stack:
            device, groups = stack.pop()
            tally = self.tallies[device]
            whole = len(groups) > 1
            if whole and tally.choice == "poles":
                stack += [(device, (g,)) for g in Group]
            elif tally.choice == "whole" if whole else groups[0] in tally.open_groups:
                yield Prediction(device, self._name(device, groups), self._dark(device, groups))
            else:
                yield from self._services(tally, groups)
                stack += self._darkened(device, groups)

    def _services(self, tally: Tally, groups: tuple[Group, ...]) -> Iterator[Prediction]:
        for g in groups:
            for point in tally.own[g]:
                yield Prediction(None, Group.ALL, frozenset({point}))

    def _darkened(
        self, device: str, groups: tuple[Group, ...]
    ) -> Iterator[tuple[str, tuple[Group, ...]]]:
        for child in self.forest.children[device]:
            tally = self.tallies.get(child)
            if tally and any(tally.dark[g] for g in groups):
                yield child, groups

    def _name(self, device: str, groups: tuple[Group, ...]) -> Group:
        """The pole; ALL when the device has no usage point on another one."""
        below = self.forest.below[device]
        return groups[0] if any(below[g] for g in Group if g not in groups) else Group.ALL

    def _dark(self, device: str, groups: tuple[Group, ...]) -> frozenset[str]:
        found: list[str] = []
        stack = [(device, groups)]
        while stack:
            here, _ = stack.pop()
            for g in groups:
                found += self.tallies[here].own[g]
            stack += self._darkened(here, groups)
        return frozenset(found)


def cost(probability: float) -> int:
    """-ln p in thousandths."""
    return round(-1000 * ln(probability))


def ln(probability: float) -> float:
    """Of a rule; certainty and impossibility are kept finite."""
    return math.log(min(max(probability, 1e-6), 1 - 1e-6))
